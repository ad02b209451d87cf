#include "testdata/scenarios.h"

#include <cstdlib>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "servicing/boot/bcd_builder.h"
#include "servicing/boot/bcd_format.h"
#include "servicing/eventlog/event_fixtures.h"
#include "servicing/regf/log_builder.h"
#include "testdata/fake_images.h"
#include "testdata/fake_volume.h"
#include "testdata/healthy_store.h"
#include "testdata/store_builder.h"

namespace patchgate::testdata {

using evidence::MemorySource;

namespace {

constexpr FileTime kMinute = 60 * kFileTimeTicksPerSecond;
constexpr char kSetupEvents[] = "Windows/System32/winevt/Logs/Setup.evtx";
constexpr char kSystemEvents[] = "Windows/System32/winevt/Logs/System.evtx";

// When the December update was begun, and the restart that was to finish it.
FileTime Begun() { return Time("2025-12-10T09:00:00Z"); }
FileTime Restarted() { return Time("2025-12-10T09:35:00Z"); }
FileTime LastBoot() { return Time("2025-12-15T06:20:00Z"); }

// August's update is installed; December's was rolled back at its restart.
FakeVolume RolledBack() {
  FakeVolume volume(FakeVolume::LastUpdate::kAugust);
  volume.Pend(December(), Begun());
  volume.RollBack(December(), Restarted());
  return volume;
}

// The leftovers were never cleaned up.
MemorySource FailedRollback() {
  FakeVolume volume = RolledBack();
  volume.Boot(LastBoot());
  const FileTime failed = Time("2025-12-10T09:41:05Z");
  volume.AddSession(Time("2025-12-10T09:00:19Z"), 0)->set_last_written(failed);
  volume.cbs()->AddKey("TiRunning")->set_last_written(failed);
  volume.SetPendingXmlIdentifier(FakeVolume::kIdentifier);
  volume.components()->SetDword("ExecutionState", 1)->set_last_written(failed);
  volume.files()->AddFile("Windows/WinSxS/pending.xml.bad", "<PendingTransaction/>", failed);
  return volume.Build();
}

// Neither the registry nor the store shows anything: only the logs remember.
MemorySource CleanRollback() {
  FakeVolume volume = RolledBack();
  volume.cbs()->AddKey("Packages")->RemoveKey(December().package);
  volume.Boot(LastBoot());
  return volume.Build();
}

MemorySource RolledBackThenUpdated() {
  FakeVolume volume = RolledBack();
  volume.Pend(December(), Time("2025-12-12T09:00:00Z"));
  volume.Finish(December(), Time("2025-12-12T09:10:00Z"));
  volume.AddPackage(December().package, 112, Time("2025-12-12T09:12:30Z"))
      ->RemoveValue("LastError");
  volume.Boot(LastBoot());
  return volume.Build();
}

// pending.xml, its identifier and poqexec's registration, all in order.
void AddTransaction(FileTime written, FakeVolume* volume) {
  volume->AddPendingXml(FakeVolume::kIdentifier, written);
  volume->SetPendingXmlIdentifier(FakeVolume::kIdentifier);
  volume->side_by_side()->SetMultiString("PoqexecCmdline", {FakeVolume::kPoqexec});
  volume->service("TrustedInstaller")->SetDword("Start", 2);
  volume->ti_notification()->SetString("Events", "CreateSession");
}

FakeVolume RebootPendingVolume() {
  FakeVolume volume(FakeVolume::LastUpdate::kAugust);
  volume.Boot(LastBoot());
  const FileTime t = Time("2025-12-15T07:00:00Z");
  volume.Pend(December(), t);
  AddTransaction(t + 2 * kMinute, &volume);
  volume.AddSession(t + 19 * kFileTimeTicksPerSecond, 0);
  return volume;
}

MemorySource RebootPending() { return RebootPendingVolume().Build(); }

// The restart came and went, and nothing in the logs says what became of the update.
MemorySource PendedNeverFinished() {
  FakeVolume volume(FakeVolume::LastUpdate::kAugust);
  volume.Pend(December(), Begun());
  volume.AddSession(Time("2025-12-10T09:00:19Z"), 0);
  volume.Boot(Restarted());
  volume.Boot(LastBoot());
  return volume.Build();
}

// The same, and its transaction is still armed.
MemorySource StuckTransaction() {
  FakeVolume volume(FakeVolume::LastUpdate::kAugust);
  volume.Pend(December(), Begun());
  volume.AddSession(Time("2025-12-10T09:00:19Z"), 0);
  AddTransaction(Begun() + 2 * kMinute, &volume);
  volume.Boot(LastBoot());
  return volume.Build();
}

// Power was lost in the middle of start-up servicing.
MemorySource StartupInterrupted() {
  FakeVolume volume(FakeVolume::LastUpdate::kAugust);
  volume.Pend(December(), Begun());
  volume.AddSession(Time("2025-12-10T09:00:19Z"), 0);
  AddTransaction(Begun() + 2 * kMinute, &volume);
  volume.logs()->cbs()->Shutdown(Restarted() - kMinute);
  volume.Boot(Restarted());
  volume.logs()->cbs()->StartUp(Restarted() + kMinute, cbs::CbsLogBuilder::Startup::kInterrupted,
                                December().package);
  const FileTime again = Restarted() + 10 * kMinute;
  eventlog::AddUnexpectedShutdown(again, 0, volume.logs()->system());
  eventlog::AddBootAfterFailure(again, false, false, volume.logs()->system());
  volume.cbs()->AddKey("TiRunning")->set_last_written(Restarted() + kMinute);
  return volume.Build();
}

// poqexec failed at start-up and was handed over to smss.
MemorySource StartupFailed() {
  FakeVolume volume(FakeVolume::LastUpdate::kAugust);
  volume.Pend(December(), Begun());
  volume.AddSession(Time("2025-12-10T09:00:19Z"), 0);
  volume.AddPendingXml(FakeVolume::kIdentifier, Begun() + 2 * kMinute);
  volume.SetPendingXmlIdentifier(FakeVolume::kIdentifier);
  volume.session_manager()->SetMultiString("SETUPEXECUTE", {FakeVolume::kPoqexec});
  volume.service("TrustedInstaller")->SetDword("Start", 2);
  volume.Boot(Restarted());
  volume.logs()->cbs()->FailedStartup(Restarted() + kMinute, December().package);
  return volume.Build();
}

// One row of the consistency matrix (DOMAIN §3.2) on an otherwise healthy host.
struct Torn {
  bool file = false;
  const char* identifier = nullptr;
  const char* poqexec_cmdline = nullptr;
  const char* setup_execute = nullptr;
  uint32_t trusted_installer_start = 3;
};
MemorySource BuildTorn(const Torn& torn) {
  FakeVolume volume;
  if (torn.file) volume.AddPendingXml(FakeVolume::kIdentifier, Time("2025-12-15T07:00:00Z"));
  if (torn.identifier != nullptr) volume.SetPendingXmlIdentifier(torn.identifier);
  if (torn.poqexec_cmdline != nullptr) {
    volume.side_by_side()->SetMultiString("PoqexecCmdline", {torn.poqexec_cmdline});
  }
  if (torn.setup_execute != nullptr) {
    volume.session_manager()->SetMultiString("SETUPEXECUTE", {torn.setup_execute});
  }
  volume.service("TrustedInstaller")->SetDword("Start", torn.trusted_installer_start);
  return volume.Build();
}
constexpr char kId[] = "916ae75edb30da0146730000dc1be027";
constexpr char kOtherId[] = "00000000000000000000000000000001";
constexpr char kForeign[] = "C:\\Windows\\System32\\poqexec.exe \\??\\C:\\Temp\\pending.xml";

// The same update failed on three days.
MemorySource UpdateLoop() {
  FakeVolume volume(FakeVolume::LastUpdate::kAugust);
  for (const char* t : {"2025-12-10T09:00:00Z", "2025-12-11T09:00:00Z", "2025-12-12T09:00:00Z"}) {
    volume.logs()->Fail(December(), Time(t), 0x800F0984, "PSFX_E_MATCHING_BINARY_MISSING");
  }
  volume.Boot(LastBoot());
  return volume.Build();
}

MemorySource StoreCorruption() {
  FakeVolume volume;
  const FileTime checked = Time("2025-12-15T07:00:00Z");
  volume.logs()->cbs()->StoreCheck(
      checked, "Detect and Repair", 0,
      {{"CBS MUM Missing",
        "servicing\\Packages\\Package_1_for_KB5072033~31bf3856ad364e35~amd64~~"
        "26100.7462.1.9.mum"},
       {"CSI Payload Corrupt",
        "amd64_microsoft-windows-notepad_31bf3856ad364e35_10.0.26100.7462_"
        "none_0123456789abcdef\\notepad.exe"},
       {"CSI Payload Corrupt",
        "amd64_microsoft-windows-notepad_31bf3856ad364e35_10.0.26100.7462_"
        "none_0123456789abcdef\\r\\notepad.exe"},
       {"CSI Payload Corrupt",
        "amd64_microsoft-windows-shell_31bf3856ad364e35_10.0.26100.7462_"
        "none_fedcba9876543210\\shell32.dll",
        'w'}});
  eventlog::AddStoreRepairStart(checked - kMinute, false, true, volume.logs()->setup());
  eventlog::AddStoreRepairFinish(checked, 0, 1, 4, volume.logs()->setup());
  volume.components()->SetDword("CorruptionDetectedDuringAcr", 1)->set_last_written(checked);
  return volume.Build();
}

MemorySource TransactionRefused() {
  FakeVolume volume;
  volume.logs()->cbs()->BlockedUpdate(Time("2025-12-15T07:00:00Z"), January().package,
                                      January().kb);
  return volume.Build();
}

MemorySource FeatureUpdateRollback() {
  FakeVolume volume;
  const FileTime failed = Time("2025-12-12T20:00:00Z");
  volume.setup()
      ->AddKey("FailedInstallations")
      ->SetDword("10.0.26200.6584 (ge_release_svc_prod1.250908-1200)", 2)
      ->set_last_written(failed);
  volume.setup()
      ->AddKey("MoSetup\\Tracking")
      ->SetDword("InstallAttempts", 2)
      ->SetDword("FailureCount", 2)
      ->set_last_written(failed);
  volume.setup()
      ->AddKey("setupdiag\\results")
      ->SetString("ProfileName", "FindRollbackFailure")
      ->SetString("FailureDetails", "ErrorCode = 0xc1900101, ExCode = 0x40017, Oper = Boot")
      ->set_last_written(failed);
  volume.files()->AddFile("$WINDOWS.~BT/Sources/Rollback/setupact.log", "rollback", failed);
  volume.files()->AddFile("$WINDOWS.~BT/Sources/Rollback/setuperr.log", "rollback", failed);
  return volume.Build();
}

// Somebody cleared the event logs, and CBS.log was rotated away.
MemorySource LogsRotatedAway() {
  FakeVolume volume;
  FakeLogs late;
  late.Boot(LastBoot());
  MemorySource built = volume.Build();
  built.Remove("Windows/Logs/CBS");
  built.Remove(kSystemEvents);
  late.WriteTo(&built, LastBoot());
  built.Remove(kSetupEvents);
  return built;
}

MemorySource WithoutComponents() {
  MemorySource volume = FakeVolume().Build();
  volume.Remove(kComponentsHive);
  return volume;
}

// Nothing of a hive is left but its length.
MemorySource UnreadableComponents() {
  FakeVolume healthy;
  MemorySource volume = healthy.Build();
  volume.AddFile(kComponentsHive, std::string(healthy.BuildComponents().size(), '\xFF'),
                 volume.Stat(kComponentsHive)->modified);
  return volume;
}

// A bit of the kernel's payload is flipped, the projection being a copy of what it was, and a
// package has lost its catalog. Nothing else tells of either.
MemorySource DamagedStore() {
  MemorySource volume = FakeVolume().Build();
  for (const PreparedComponent& component :
       HealthyStoreOf(December().revision, December().package).components) {
    if (component.spec.files.empty() || component.spec.files[0].name != "ntoskrnl.exe") continue;
    std::string bytes = component.spec.files[0].bytes;
    bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 4);
    volume.AddFile(PayloadPath(component.key, "ntoskrnl.exe"), std::move(bytes));
  }
  volume.Remove(PackageCatalogPath(kStackPackage));
  return volume;
}

// Other files in the place of some, as a rollback that was not finished leaves them: of the
// revision `revision`.
MemorySource WithImages(const std::vector<const char*>& paths, uint32_t revision) {
  FakeVolume volume;
  for (const char* path : paths) {
    const std::string name = std::string(path).substr(std::string(path).rfind('/') + 1);
    volume.files()->AddFile(path, ImageBytes({name, absl::StrCat("10.0.26100.", revision)}),
                            Restarted());
  }
  return volume.Build();
}

// January's update was rolled back: the registry and the store are those of December, the kernel is
// not.
MemorySource KernelAhead() {
  return WithImages({"Windows/System32/ntoskrnl.exe", "Windows/System32/ntdll.dll"}, 7623);
}

// The registry and the store say December, half of the files are August's.
MemorySource HalfPatched() {
  return WithImages({"Windows/System32/hal.dll", "Windows/System32/ci.dll",
                     "Windows/System32/ntdll.dll", "Windows/System32/win32kfull.sys",
                     "Windows/System32/win32kbase.sys", "Windows/System32/drivers/tcpip.sys",
                     "Windows/System32/drivers/ntfs.sys", "Windows/System32/KernelBase.dll"},
                    August().revision);
}

MemorySource OldLoader() { return WithImages({"Windows/System32/winload.efi"}, 4946); }

// A rollback took the driver away and left its service.
MemorySource BootDriverMissing() {
  FakeVolume volume;
  volume.AddDriver({"acmeraid", 0, true});
  return volume.Build();
}

MemorySource WrongMachineDriver() {
  FakeVolume volume;
  volume.AddDriver({"acmeraid", 0, true});
  volume.files()->AddFile(
      DriverPath("acmeraid"),
      ImageBytes({"acmeraid.sys", "4.2.0.17", pe::kMachineArm64, "Acme Storage"}), Restarted());
  return volume.Build();
}

MemorySource DefaultLoaderMissing() {
  FakeVolume volume;
  volume.bcd()->RemoveObject(boot::kWindowsLoader);
  return volume.Build();
}

// Somebody looked for the cause of a failed update in safe mode, and left it on.
MemorySource SafeMode() {
  FakeVolume volume;
  volume.bcd()->AddObject(boot::kWindowsLoader)->SetInteger(boot::element::kSafeBoot, 0);
  return volume.Build();
}

// December's hotpatch (KB5072014) on a 25H2 whose files are those of the quarter's baseline
// (DOMAIN §1.6, 8.0).
MemorySource Hotpatched() {
  FakeVolume volume(FakeVolume::LastUpdate::kAugust);
  volume.Boot(LastBoot());
  volume.current_version()
      ->SetString("CurrentBuild", "26200")
      ->SetString("CurrentBuildNumber", "26200")
      ->SetString("DisplayVersion", "25H2")
      ->SetDword("UBR", 7392);
  return volume.Build();
}

MemorySource VirtualMachine() {
  FakeVolume volume;
  volume.system()
      ->AddKey(absl::StrCat("HardwareConfig\\", FakeVolume::kHardwareConfig))
      ->SetString("SystemManufacturer", "Microsoft Corporation")
      ->SetString("SystemProductName", "Virtual Machine");
  for (const char* name : {"vmbus", "storvsc"}) {
    volume.service(name)->AddKey("StartOverride")->SetDword("0", 0);
  }
  return volume.Build();
}

// The marks of the pended transaction are only in SOFTWARE's and COMPONENTS' logs.
MemorySource DirtyPending() {
  FakeVolume before(FakeVolume::LastUpdate::kAugust);
  before.Boot(LastBoot());
  FakeVolume after = RebootPendingVolume();
  MemorySource volume = after.Build();
  const auto dirty = [&](const char* path, const std::string& old_state,
                         const std::string& new_state) {
    const FileTime written = volume.Stat(path)->modified;
    volume.AddFile(path, regf::Dirty(old_state, 42, 41), written);
    volume.AddFile(absl::StrCat(path, ".LOG1"),
                   regf::NewLog(new_state, 42, regf::DiffStates({old_state, new_state}, 42)),
                   written);
    volume.AddFile(absl::StrCat(path, ".LOG2"), "", written);
  };
  dirty(kSoftwareHive, before.BuildSoftware(), after.BuildSoftware());
  dirty(kComponentsHive, before.BuildComponents(), after.BuildComponents());
  return volume;
}

MemorySource DirtyWithoutLogs() {
  FakeVolume healthy;
  MemorySource volume = healthy.Build();
  volume.AddFile(kSoftwareHive, regf::Dirty(healthy.BuildSoftware(), 42, 41),
                 volume.Stat(kSoftwareHive)->modified);
  return volume;
}

}  // namespace

const std::vector<Scenario>& Scenarios() {
  static const auto& scenarios = *new std::vector<Scenario>{
      {"healthy", "Windows 11 24H2, last month's update installed", "GO",
       [] { return FakeVolume().Build(); }},
      {"failed-rollback", "last month's update failed and was rolled back; leftovers remain",
       "NO_GO", FailedRollback},
      {"clean-rollback", "last month's update was rolled back, and only the logs know", "NO_GO",
       CleanRollback},
      {"rolled-back-then-updated", "an update was rolled back, and a later try succeeded", "GO",
       RolledBackThenUpdated},
      {"no-components", "healthy, but the COMPONENTS hive is missing", "INDETERMINATE",
       WithoutComponents},
      {"unreadable-components", "healthy, but the COMPONENTS hive is overwritten", "INDETERMINATE",
       UnreadableComponents},
      {"damaged-store", "the kernel's payload and a package's catalog are damaged", "NO_GO",
       DamagedStore},
      {"reboot-pending", "an update is staged and waits for its restart", "NO_GO", RebootPending},
      {"pended-never-finished", "the restart came, and the update has no end", "NO_GO",
       PendedNeverFinished},
      {"stuck-transaction", "the restart came, and the transaction is still armed", "NO_GO",
       StuckTransaction},
      {"startup-interrupted", "power was lost during start-up servicing", "NO_GO",
       StartupInterrupted},
      {"startup-failed", "poqexec failed at start-up and was left to smss", "NO_GO", StartupFailed},
      {"torn-no-runner", "pending.xml is armed, nothing runs it", "NO_GO",
       [] {
         return BuildTorn({true, kId});
       }},
      {"torn-no-identifier", "pending.xml is there, COMPONENTS names none", "NO_GO",
       [] {
         return BuildTorn({true, nullptr, FakeVolume::kPoqexec, nullptr, 2});
       }},
      {"torn-other-identifier", "pending.xml is not the one that COMPONENTS names", "NO_GO",
       [] {
         return BuildTorn({true, kOtherId, FakeVolume::kPoqexec, nullptr, 2});
       }},
      {"torn-not-automatic", "a transaction is armed, TrustedInstaller will not finish it", "NO_GO",
       [] {
         return BuildTorn({true, kId, FakeVolume::kPoqexec});
       }},
      {"torn-file-gone", "poqexec is registered, pending.xml is gone, COMPONENTS names it", "NO_GO",
       [] {
         return BuildTorn({false, kId, FakeVolume::kPoqexec, nullptr, 2});
       }},
      {"torn-cleanup", "pending.xml was deleted, COMPONENTS names it", "NO_GO",
       [] {
         return BuildTorn({false, kId});
       }},
      {"boot-stopper", "SetupExecute names a pending.xml that is gone", "NO_GO",
       [] {
         return BuildTorn({false, nullptr, nullptr,
                           "poqexec.exe /display_progress \\SystemRoot\\WinSxS\\pending.xml"});
       }},
      {"leftover-registration", "PoqexecCmdline is left, nothing else", "NO_GO",
       [] {
         return BuildTorn({false, nullptr, FakeVolume::kPoqexec});
       }},
      {"leftover-automatic", "TrustedInstaller starts by itself and has nothing to do", "GO",
       [] {
         return BuildTorn({false, nullptr, nullptr, nullptr, 2});
       }},
      {"foreign-pending-xml", "poqexec is to run a file outside WinSxS", "NO_GO",
       [] {
         return BuildTorn({true, kId, kForeign, nullptr, 2});
       }},
      {"update-loop", "one update failed on three days", "NO_GO", UpdateLoop},
      {"store-corruption", "a store check left damage unrepaired", "NO_GO", StoreCorruption},
      {"transaction-refused", "an earlier transaction blocks servicing", "NO_GO",
       TransactionRefused},
      {"feature-update-rollback", "a feature update was rolled back twice", "GO",
       FeatureUpdateRollback},
      {"logs-rotated-away", "healthy as far as it can be seen, the logs are gone", "GO",
       LogsRotatedAway},
      {"dirty-pending", "a restart is due, known only from the hives' transaction logs", "NO_GO",
       DirtyPending},
      {"dirty-without-logs", "healthy, but SOFTWARE is dirty and its logs are lost",
       "INDETERMINATE", DirtyWithoutLogs},
      {"kernel-ahead", "ntoskrnl.exe is newer than any update that the host claims", "NO_GO",
       KernelAhead},
      {"half-patched", "half of the files are older than the update that the host claims", "NO_GO",
       HalfPatched},
      {"old-loader", "winload.efi is older than its copy in the component store", "NO_GO",
       OldLoader},
      {"boot-driver-missing", "a boot driver is registered, its file is gone", "NO_GO",
       BootDriverMissing},
      {"wrong-machine-driver", "a boot driver is for another processor", "NO_GO",
       WrongMachineDriver},
      {"default-loader-missing", "the boot store's default names no loader", "NO_GO",
       DefaultLoaderMissing},
      {"safe-mode", "the host is left to start in safe mode", "NO_GO", SafeMode},
      {"hotpatched", "a hotpatch raised the revision, the files are the baseline's", "GO",
       Hotpatched},
      {"virtual-machine", "a Hyper-V guest, healthy", "GO", VirtualMachine},
  };
  return scenarios;
}

const Scenario& FindScenario(absl::string_view name) {
  for (const Scenario& scenario : Scenarios()) {
    if (scenario.name == name) return scenario;
  }
  std::abort();
}

}  // namespace patchgate::testdata
