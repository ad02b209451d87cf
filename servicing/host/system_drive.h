// Which drive letter is the volume of this Windows.
#ifndef SERVICING_HOST_SYSTEM_DRIVE_H_
#define SERVICING_HOST_SYSTEM_DRIVE_H_

#include <string>

#include "servicing/host/host.pb.h"
#include "servicing/host/platform.pb.h"

namespace patchgate::host {

// "C:": the drive of SystemRoot, upper case; C: where that is not known, as Setup calls it.
std::string SystemDriveLetter(const OsIdentity& os);

// What SYSTEM\MountedDevices says of that drive; null if nothing.
const MountedDevice* FindSystemDrive(const OsIdentity& os, const MountedDevices& mounted);

// Whether that drive is a partition of a GPT disk: such a Windows is booted by UEFI, and never with
// bootmgr and Boot\BCD (DOMAIN §7.1). False where it is not known.
bool BootsByUefi(const OsIdentity& os, const MountedDevices& mounted);

}  // namespace patchgate::host

#endif  // SERVICING_HOST_SYSTEM_DRIVE_H_
