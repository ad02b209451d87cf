// Reads what the host is and what guards its boot (DOMAIN §1.7, 2.6, 2.7, 4.9).
#ifndef SERVICING_HOST_PLATFORM_READER_H_
#define SERVICING_HOST_PLATFORM_READER_H_

#include "servicing/evidence/source.h"
#include "servicing/host/platform.pb.h"
#include "servicing/registry/registry.h"

namespace patchgate::host {

// Names of volumes in HostSpace.
inline constexpr char kWindowsVolume[] = "Windows";
inline constexpr char kSystemPartition[] = "ESP";

// SYSTEM\HardwareConfig: the offline way to tell a virtual machine. The configuration that
// LastConfig names; where it names none the one that was used last. Whatever is named and is of no
// hypervisor known here is physical. Windows 7 and older have no such key. A running Windows tells
// its machine in Control\SystemInformation, which is volatile: if that is there it counts, and
// `config` is empty.
Platform ReadPlatform(const registry::Registry& registry);

// Secure Boot, virtualization-based security, BitLocker's policy, TPM. Where policy and Control
// disagree both are given.
BootSecurity ReadBootSecurity(const registry::Registry& registry);

// Windows/System32/Recovery/ReAgent.xml; UNREADABLE also if it is not well-formed, over 1 MiB, or
// something else. Cost: the file.
RecoveryEnvironment ReadRecoveryEnvironment(const evidence::Source& source);

// Free space of the Windows volume and of the system partition `esp`, which may be null: always
// these two, kWindowsVolume first. Reads no file.
HostSpace ReadSpace(const registry::Registry& registry, const evidence::Source& source,
                    const evidence::Source* esp);

// SYSTEM\MountedDevices: drive letters of partitions. Letters of other devices are left out.
MountedDevices ReadMountedDevices(const registry::Registry& registry);

}  // namespace patchgate::host

#endif  // SERVICING_HOST_PLATFORM_READER_H_
