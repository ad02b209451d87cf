// The events that patchgate reads, as Windows writes them, for tests and fake volumes: names, types
// and providers of the fields are those of real logs (DOMAIN §5.1, 5.2).
//
//   EvtxBuilder setup, system;
//   AddServicingEvent(time, 1, "KB5072033", 0, 112, 0, "UpdateAgentLCU", &setup);
//   AddBoot(later, &system);
#ifndef SERVICING_EVENTLOG_EVENT_FIXTURES_H_
#define SERVICING_EVENTLOG_EVENT_FIXTURES_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "servicing/base/filetime.h"
#include "servicing/eventlog/evtx_builder.h"

namespace patchgate::eventlog {

// Setup log, Microsoft-Windows-Servicing 1 (initiated), 2 (succeeded), 3 (failed), 4 (reboot
// necessary). States are CBS states (0 Absent, 64 Staged, 112 Installed), written as 5000 + state
// with their text beside; `initial_state` is written by event 1 only, `error_code` by the others.
void AddServicingEvent(FileTime time, uint32_t id, absl::string_view package,
                       uint32_t initial_state, uint32_t intended_state, uint32_t error_code,
                       absl::string_view client, EvtxBuilder* setup);

// Setup log, Microsoft-Windows-Servicing 1013 and 1014.
void AddStoreRepairStart(FileTime time, bool detection_only, bool auto_triggered,
                         EvtxBuilder* setup);
void AddStoreRepairFinish(FileTime time, uint32_t error_code, uint32_t repaired,
                          uint32_t total_corruption, EvtxBuilder* setup);

// System log, Microsoft-Windows-WindowsUpdateClient 19, 20, 43, 44 and the like. The title is
// localised text around `kb`; `error_code` is written by event 20 only.
void AddUpdateClientEvent(FileTime time, uint32_t id, absl::string_view kb, uint32_t error_code,
                          EvtxBuilder* system);
// The same for an app of the store.
void AddStoreAppEvent(FileTime time, uint32_t id, uint32_t error_code, EvtxBuilder* system);

// System log: a cold boot after a good shutdown (Kernel-General 12, Kernel-Boot 20 and 27, EventLog
// 6005), the same with `type` 1 for a fast start-up, and one that says that the last one failed.
void AddBoot(FileTime time, EvtxBuilder* system);
void AddFastStartup(FileTime time, EvtxBuilder* system);
void AddBootAfterFailure(FileTime time, bool last_boot_good, bool last_shutdown_good,
                         EvtxBuilder* system);

// System log: EventLog 6006 and Kernel-General 13.
void AddShutdown(FileTime time, EvtxBuilder* system);
// Kernel-Power 41 and EventLog 6008, as the boot after a power loss or a crash logs them.
void AddUnexpectedShutdown(FileTime time, uint32_t bugcheck, EvtxBuilder* system);
// WER-SystemErrorReporting 1001: "0x000000ed (0x…, …)".
void AddBugcheck(FileTime time, uint32_t code, EvtxBuilder* system);
// User32 1074: `program` is a path, "C:\Windows\servicing\TrustedInstaller.exe".
void AddRestartRequest(FileTime time, absl::string_view program, EvtxBuilder* system);

// System log, Ntfs 98: 0 healthy, 1 spot fix, 2 offline spot fix, 3 full chkdsk.
void AddVolumeState(FileTime time, absl::string_view drive, uint32_t state, EvtxBuilder* system);
// System log, Ntfs 55.
void AddVolumeCorruption(FileTime time, absl::string_view drive, EvtxBuilder* system);
// System log, disk 7, 11, 51, 153 or 157.
void AddDiskError(FileTime time, uint32_t id, EvtxBuilder* system);
// System log: Service Control Manager 7036, which patchgate has no use for.
void AddOtherEvent(FileTime time, EvtxBuilder* system);

}  // namespace patchgate::eventlog

#endif  // SERVICING_EVENTLOG_EVENT_FIXTURES_H_
