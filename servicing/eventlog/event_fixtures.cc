#include "servicing/eventlog/event_fixtures.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace patchgate::eventlog {
namespace {

using Field = EvtxBuilder::Field;

constexpr char kUpdateGuid[] = "{25acae93-40d4-4e62-814c-efb2f29f1bca}";
constexpr char kWindowsUpdate[] = "{9482f4b4-e343-43b6-b170-9a65bc822c77}";
constexpr char kStore[] = "{855e8a7c-ecb4-4ca3-b045-1dfa50104289}";

std::string StateName(uint32_t state) {
  switch (state) {
    case 0:
      return "Absent";
    case 32:
      return "Resolved";
    case 64:
      return "Staged";
    case 80:
      return "Superseded";
    case 96:
      return "InstallPending";
    case 112:
      return "Installed";
    default:
      return absl::StrCat(5000 + state);
  }
}

std::string Hex(uint32_t code) { return absl::StrFormat("0x%x", code); }

void AddSetup(FileTime time, uint32_t id, std::string element, std::vector<Field> fields,
              EvtxBuilder* log) {
  log->Add({"Microsoft-Windows-Servicing", "{bd12f3b8-fc40-4a61-a307-b7a013a069c1}", id, time,
            "Setup", std::move(fields), std::move(element)});
}

void AddUpdate(FileTime time, uint32_t id, std::string title, const char* service,
               uint32_t error_code, EvtxBuilder* log) {
  std::vector<Field> fields;
  if (id == 20) fields.push_back({"errorCode", HexInt32(error_code)});
  fields.push_back({"updateTitle", title});
  fields.push_back({"updateGuid", Guid(kUpdateGuid)});
  fields.push_back({"updateRevisionNumber", Uint32(200)});
  if (id < 43) fields.push_back({"serviceGuid", Guid(service)});
  log->Add({"Microsoft-Windows-WindowsUpdateClient", "{945a8954-c147-4acd-923f-40c45405a658}", id,
            time, "System", std::move(fields)});
}

void AddKernelGeneral(FileTime time, uint32_t id, std::vector<Field> fields, EvtxBuilder* log) {
  log->Add({"Microsoft-Windows-Kernel-General", "{a68ca8b7-004f-d7b6-a698-07e2de0f1f5d}", id, time,
            "System", std::move(fields)});
}

void AddKernelBoot(FileTime time, uint32_t id, std::vector<Field> fields, EvtxBuilder* log) {
  log->Add({"Microsoft-Windows-Kernel-Boot", "{15ca44ff-4d7a-4baa-bba5-0998955e531e}", id, time,
            "System", std::move(fields)});
}

void AddClassic(FileTime time, const char* provider, uint32_t id, uint16_t qualifiers,
                std::vector<Field> fields, EvtxBuilder* log) {
  log->Add({provider, "", id, time, "System", std::move(fields), "", qualifiers});
}

void AddBootEvents(FileTime time, bool last_boot_good, bool last_shutdown_good, uint32_t type,
                   EvtxBuilder* log) {
  AddKernelGeneral(time, 12,
                   {{"MajorVersion", Uint32(10)},
                    {"MinorVersion", Uint32(0)},
                    {"BuildVersion", Uint32(26100)},
                    {"QfeVersion", Uint32(7462)},
                    {"ServiceVersion", Uint16(0)},
                    {"BootMode", Uint32(0)},
                    {"StartTime", Time(time)}},
                   log);
  AddKernelBoot(time, 20,
                {{"LastShutdownGood", Boolean(last_shutdown_good)},
                 {"LastBootGood", Boolean(last_boot_good)},
                 {"LastBootId", Uint32(7)},
                 {"BootStatusPolicy", Uint32(1)}},
                log);
  AddKernelBoot(time, 27, {{"BootType", Uint32(type)}, {"LoadOptions", " NOEXECUTE=OPTIN"}}, log);
  AddClassic(time, "EventLog", 6005, 0x8000, {}, log);
}

void AddNtfs(FileTime time, uint32_t id, std::vector<Field> fields, EvtxBuilder* log) {
  log->Add({"Microsoft-Windows-Ntfs", "{3ff37a1c-a68d-4d6e-8c9b-f79e8b16c482}", id, time, "System",
            std::move(fields)});
}

}  // namespace

void AddServicingEvent(FileTime time, uint32_t id, absl::string_view package,
                       uint32_t initial_state, uint32_t intended_state, uint32_t error_code,
                       absl::string_view client, EvtxBuilder* setup) {
  std::vector<Field> fields = {{"PackageIdentifier", package}};
  if (id == 1) {
    fields.push_back({"InitialPackageState", Uint32(5000 + initial_state)});
    fields.push_back({"InitialPackageStateTextized", StateName(initial_state)});
  }
  fields.push_back({"IntendedPackageState", Uint32(5000 + intended_state)});
  fields.push_back({"IntendedPackageStateTextized", StateName(intended_state)});
  if (id != 1) fields.push_back({"ErrorCode", Hex(error_code)});
  fields.push_back({"Client", client});
  AddSetup(time, id, id == 1 ? "CbsPackageInitiateChanges" : "CbsPackageChangeState",
           std::move(fields), setup);
}

void AddStoreRepairStart(FileTime time, bool detection_only, bool auto_triggered,
                         EvtxBuilder* setup) {
  AddSetup(time, 1013, "CbsStoreCorruptionRepairStart",
           {{"DetectionOnly", Boolean(detection_only)}, {"AutoTriggered", Boolean(auto_triggered)}},
           setup);
}

void AddStoreRepairFinish(FileTime time, uint32_t error_code, uint32_t repaired,
                          uint32_t total_corruption, EvtxBuilder* setup) {
  AddSetup(time, 1014, "CbsStoreCorruptionRepairFinish",
           {{"ErrorCode", Hex(error_code)},
            {"Repaired", Uint32(repaired)},
            {"TotalCorruption", Uint32(total_corruption)}},
           setup);
}

void AddUpdateClientEvent(FileTime time, uint32_t id, absl::string_view kb, uint32_t error_code,
                          EvtxBuilder* system) {
  AddUpdate(time, id,
            absl::StrCat("x64 tabanl\u0131 Sistemler i\u00e7in Toplu G\u00fcncelle\u015ftirme (",
                         kb, ")"),
            kWindowsUpdate, error_code, system);
}

void AddStoreAppEvent(FileTime time, uint32_t id, uint32_t error_code, EvtxBuilder* system) {
  AddUpdate(time, id, "9WZDNCRFJBMP-Microsoft.WindowsStore", kStore, error_code, system);
}

void AddBoot(FileTime time, EvtxBuilder* system) { AddBootEvents(time, true, true, 0, system); }

void AddFastStartup(FileTime time, EvtxBuilder* system) {
  AddBootEvents(time, true, true, 1, system);
}

void AddBootAfterFailure(FileTime time, bool last_boot_good, bool last_shutdown_good,
                         EvtxBuilder* system) {
  AddBootEvents(time, last_boot_good, last_shutdown_good, 0, system);
}

void AddShutdown(FileTime time, EvtxBuilder* system) {
  AddClassic(time, "EventLog", 6006, 0x8000, {}, system);
  AddKernelGeneral(time, 13, {{"StopTime", Time(time)}}, system);
}

void AddUnexpectedShutdown(FileTime time, uint32_t bugcheck, EvtxBuilder* system) {
  system->Add({"Microsoft-Windows-Kernel-Power",
               "{331c3b3a-2005-44c2-ac5e-77220c37d6b4}",
               41,
               time,
               "System",
               {{"BugcheckCode", Uint32(bugcheck)},
                {"BugcheckParameter1", Uint64(0)},
                {"SleepInProgress", Uint32(0)},
                {"PowerButtonTimestamp", Uint64(0)}}});
  AddClassic(time, "EventLog", 6008, 0x8000,
             {{"", StringArray({"09:00:19", "12/10/2025", "", "", "3600", "", ""})}}, system);
}

void AddBugcheck(FileTime time, uint32_t code, EvtxBuilder* system) {
  system->Add({"Microsoft-Windows-WER-SystemErrorReporting",
               "{abce23e7-de45-4366-8631-84fa6c525952}",
               1001,
               time,
               "System",
               {{"param1", absl::StrFormat("0x%08x (0xffffc30e4b2ca010, 0x00000000c0000001, "
                                           "0x0000000000000000, 0x0000000000000000)",
                                           code)},
                {"param2", "C:\\Windows\\MEMORY.DMP"}},
               "",
               0x4000});
}

void AddRestartRequest(FileTime time, absl::string_view program, EvtxBuilder* system) {
  system->Add({"User32",
               "{b0aa8734-56f7-41cc-b2f4-de228e98b946}",
               1074,
               time,
               "System",
               {{"param1", absl::StrCat(program, " (HOST)")},
                {"param2", "HOST"},
                {"param3", "Operating System: Upgrade (Planned)"},
                {"param4", "0x80020003"},
                {"param5", "restart"},
                {"param6", ""},
                {"param7", "NT AUTHORITY\\SYSTEM"}},
               "",
               0x8000});
}

void AddVolumeState(FileTime time, absl::string_view drive, uint32_t state, EvtxBuilder* system) {
  AddNtfs(time, 98,
          {{"DriveName", drive},
           {"DeviceName", "\\Device\\HarddiskVolume3"},
           {"CorruptionActionState", Uint32(state)}},
          system);
}

void AddVolumeCorruption(FileTime time, absl::string_view drive, EvtxBuilder* system) {
  AddNtfs(time, 55, {{"DriveName", drive}, {"DeviceName", "\\Device\\HarddiskVolume3"}}, system);
}

void AddDiskError(FileTime time, uint32_t id, EvtxBuilder* system) {
  AddClassic(time, "disk", id, 0xC004, {{"", StringArray({"\\Device\\Harddisk0\\DR0"})}}, system);
}

void AddOtherEvent(FileTime time, EvtxBuilder* system) {
  system->Add({"Service Control Manager",
               "{555908d1-a6d7-4695-8e1e-26931d2012f4}",
               7036,
               time,
               "System",
               {{"param1", "Windows Update"}, {"param2", "running"}},
               "",
               0x4000});
}

}  // namespace patchgate::eventlog
