#include "testdata/fake_volume.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "servicing/base/guid.h"
#include "servicing/base/utf16.h"
#include "servicing/regf/log_builder.h"
#include "servicing/regf/types.h"
#include "testdata/directory_sink.h"
#include "testdata/fake_images.h"
#include "testdata/healthy_store.h"
#include "testdata/store_builder.h"

namespace patchgate::testdata {

using evidence::MemorySource;
using regf::HiveBuilder;

namespace {

constexpr char kCbs[] = "Microsoft\\Windows\\CurrentVersion\\Component Based Servicing";
// States of a package as CBS stores them.
constexpr uint32_t kStaged = 64, kSuperseded = 80, kInstallPending = 96, kInstalled = 112;

HiveBuilder::Options HiveOptions(absl::string_view name) {
  HiveBuilder::Options options;
  options.file_name = absl::StrCat("\\SystemRoot\\System32\\Config\\", name);
  options.primary_sequence = options.secondary_sequence = 41;
  return options;
}

// What reagentc writes: 1 is enabled.
std::string ReAgentXml(int state) {
  return absl::StrCat(
      "\xEF\xBB\xBF<?xml version='1.0' encoding='utf-8'?>\r\n\r\n<WindowsRE version=\"2.0\">\r\n"
      "  <WinreBCD id=\"",
      boot::kRecoveryLoader,
      "\"/>\r\n"
      "  <WinreLocation path=\"\\Recovery\\WindowsRE\" id=\"0\" offset=\"511101108224\" guid=\"",
      boot::kRecoveryPartition, "\"/>\r\n  <InstallState state=\"", state,
      "\"/>\r\n  <IsAutoRepairOn state=\"1\"/>\r\n</WindowsRE>\r\n");
}

// When the December update was installed: what the host came with is as old.
FileTime InstallTime() { return Time("2025-12-10T09:12:30Z"); }

}  // namespace

FileTime Time(absl::string_view rfc3339) { return *ParseRfc3339(rfc3339); }

const Update& August() {
  static constexpr Update kUpdate = {
      "KB5063878", "Package_for_RollupFix~31bf3856ad364e35~amd64~~26100.4946.1.12", 4946};
  return kUpdate;
}
const Update& December() {
  static constexpr Update kUpdate = {
      "KB5072033", "Package_for_RollupFix~31bf3856ad364e35~amd64~~26100.7462.1.9", 7462};
  return kUpdate;
}
const Update& January() {
  static constexpr Update kUpdate = {
      "KB5074109", "Package_for_RollupFix~31bf3856ad364e35~amd64~~26100.7623.1.10", 7623};
  return kUpdate;
}

FakeVolume::FakeVolume(LastUpdate last)
    : system_(HiveOptions("SYSTEM")),
      software_(HiveOptions("SOFTWARE")),
      components_(HiveOptions("COMPONENTS")),
      drivers_(HiveOptions("DRIVERS")) {
  // DRIVERS
  for (const char* key : {"DeviceIds", "DriverInfFiles", "DriverPackages"}) {
    drivers()->AddKey("DriverDatabase")->AddKey(key);
  }
  // SYSTEM
  system()
      ->AddKey("Select")
      ->SetDword("Current", 1)
      ->SetDword("Default", 1)
      ->SetDword("Failed", 0)
      ->SetDword("LastKnownGood", 1);
  session_manager()
      ->SetMultiString("BootExecute", {"autocheck autochk *"})
      ->SetMultiString("SETUPEXECUTE", {})
      ->SetValue("PendingFileRenameOperations", regf::kRegMultiSz,
                 Utf8ToUtf16Le(absl::string_view("\\??\\C:\\Windows\\Temp\\a1.tmp\0\0\0", 29)));
  service("TrustedInstaller")
      ->SetDword("Start", 3)
      ->SetDword("Type", 0x10)
      ->SetExpandString("ImagePath", "%SystemRoot%\\servicing\\TrustedInstaller.exe");
  ti_notification()->SetString("Events", "");
  const std::pair<const char*, uint32_t> kServices[] = {{"wuauserv", 3},  {"UsoSvc", 2},
                                                        {"BITS", 3},      {"CryptSvc", 2},
                                                        {"msiserver", 3}, {"AppXSvc", 3}};
  for (const auto& [name, start] : kServices) service(name)->SetDword("Start", start);
  service(kBootDriver.service)
      ->SetDword("Type", 1)
      ->SetDword("Start", 0)
      ->SetDword("ErrorControl", 3)
      ->SetExpandString("ImagePath", kBootDriver.image_path);
  for (size_t i = 0; i < kSystemDriverCount; ++i) AddDriver(kSystemDrivers[i]);
  // The loader takes the file system of the boot volume whatever its Start is.
  service("Ntfs")->SetDword("Type", 2)->SetDword("Start", 3)->SetDword("ErrorControl", 1);
  AddClassFilters("{4d36e967-e325-11ce-bfc1-08002be10318}", "DiskDrive", {"partmgr"},
                  {"EhStorClass"});
  AddClassFilters("{71a27cdd-812a-11d0-bec7-08002be2092f}", "Volume", {"volsnap"},
                  {"fvevol", "iorate", "rdyboost"});
  setup()
      ->SetDword("SetupType", 0)
      ->SetDword("SystemSetupInProgress", 0)
      ->SetDword("SetupPhase", 0)
      ->SetDword("OOBEInProgress", 0)
      ->SetDword("RestartSetup", 0)
      ->SetDword("Upgrade", 0)
      ->SetDword("RollbackActive", 0)
      ->SetString("CmdLine", "")
      ->SetString("SystemPartition", "\\Device\\HarddiskVolume1");
  // The partition that the boot loader's osdevice names.
  system()
      ->AddKey("MountedDevices")
      ->SetBinary("\\DosDevices\\C:",
                  absl::StrCat("DMIO:ID:", *ParseGuid(boot::kWindowsPartition)));
  system()->AddKey("HardwareConfig")->SetString("LastConfig", kHardwareConfig);
  system()
      ->AddKey(absl::StrCat("HardwareConfig\\", kHardwareConfig))
      ->SetString("SystemManufacturer", "Dell Inc.")
      ->SetString("SystemProductName", "Latitude 7440")
      ->SetString("BIOSVendor", "Dell Inc.")
      ->SetString("BIOSVersion", "1.20.0")
      ->SetString("BIOSReleaseDate", "09/11/2025")
      ->SetMultiString("SystemBiosVersion", {"DELL   - 20170001", "1.20.0"});
  control("SecureBoot")->SetDword("AvailableUpdates", 0);
  control("DeviceGuard")
      ->SetDword("EnableVirtualizationBasedSecurity", 1)
      ->SetDword("RequirePlatformSecurityFeatures", 1);
  control("DeviceGuard\\Scenarios\\HypervisorEnforcedCodeIntegrity")->SetDword("Enabled", 1);

  // SOFTWARE
  current_version()
      ->SetString("CurrentBuild", "26100")
      ->SetString("CurrentBuildNumber", "26100")
      ->SetString("DisplayVersion", "24H2")
      ->SetString("EditionID", "Enterprise")
      ->SetString("InstallationType", "Client")
      ->SetString("ProductName", "Windows 10 Enterprise")
      ->SetString("SystemRoot", "C:\\Windows")
      ->SetString("BuildLabEx", "26100.1.amd64fre.ge_release.240331-1435");
  cbs()->AddKey("SessionsPending")->SetDword("Exclusive", 0)->SetDword("TotalSessionPhases", 0);
  AddPackage(kStackPackage, kInstalled, InstallTime());
  AddPackage(kFeaturesPackage, kInstalled, InstallTime());
  AddPackage(kOcrPackage, kStaged, InstallTime());
  cbs()
      ->AddKey("ComponentDetect\\amd64_microsoft-windows-notepad_31bf3856ad364e35_0.0.0.0")
      ->SetDword("Microsoft-Windows-Client-Features-Package~31bf3856ad364e35~amd64~~0.0.0.0", 0x70);
  cbs()->AddKey("DriverOperations")->SetDword("Current", 0);
  cbs()->AddKey("Version")->SetExpandString(kStackVersion,
                                            absl::StrCat("%SystemRoot%\\WinSxS\\", StackFolder()));
  side_by_side();

  // COMPONENTS
  components()->SetDword("NextQueueEntryIndex", 0);
  components()
      ->AddKey("ServicingStackVersions")
      ->SetString("LastWCPVersionToAccessStore",
                  absl::StrCat(kStackVersion, " (WinBuild.160101.0800)"));

  // Files
  files_.AddDirectory("Windows/WinSxS/Temp", InstallTime());
  files_.AddDirectory("Windows/servicing/Sessions", InstallTime());
  files_.AddFile(kReAgentXml, ReAgentXml(1), InstallTime());

  // The component store, in hives and files.
  BringFiles(last == LastUpdate::kDecember ? December() : August());

  // History
  Pend(August(), Time("2025-08-13T07:50:00Z"));
  Finish(August(), Time("2025-08-13T07:57:30Z"));
  logs_.RotateCbsLog(Time("2025-08-20T06:00:00Z"));
  Boot(Time("2025-11-02T06:40:00Z"));
  if (last == LastUpdate::kDecember) {
    Pend(December(), Time("2025-12-10T09:00:00Z"));
    Finish(December(), Time("2025-12-10T09:10:00Z"));
    Boot(Time("2025-12-15T06:20:00Z"));
  }
}

void FakeVolume::Pend(const Update& update, FileTime t) {
  logs_.Pend(update, t);
  begun_ = t;
  AddPackage(update.package, kInstallPending, t + 120 * kFileTimeTicksPerSecond);
}

void FakeVolume::BringFiles(const Update& update) {
  files_revision_ = update.revision;
  AddSystemImages(update.revision, InstallTime(), &files_);
  MemorySink sink(&files_);
  StoreBuilder builder(components(), software(), &sink, {InstallTime(), kStackVersion});
  AddHealthyStore(HealthyStoreOf(update.revision, update.package), &builder);
}

void FakeVolume::AddDriver(const SystemDriver& driver) {
  HiveBuilder::Key* key = service(driver.service)
                              ->SetDword("Type", 1)
                              ->SetDword("Start", driver.start)
                              ->SetDword("ErrorControl", driver.start == 0 ? 3 : 1);
  if (driver.has_image_path) {
    key->SetExpandString("ImagePath", absl::StrCat("System32\\drivers\\", driver.service, ".sys"));
  }
  if (driver.overridden) key->AddKey("StartOverride")->SetDword("0", 3);
}

void FakeVolume::AddClassFilters(absl::string_view guid, absl::string_view name,
                                 const std::vector<std::string>& upper,
                                 const std::vector<std::string>& lower) {
  system()
      ->AddKey(absl::StrCat("ControlSet001\\Control\\Class\\", guid))
      ->SetString("Class", name)
      ->SetMultiString("UpperFilters", upper)
      ->SetMultiString("LowerFilters", lower);
}

void FakeVolume::Finish(const Update& update, FileTime boot) {
  if (update.revision > files_revision_) BringFiles(update);
  logs_.Finish(update, begun_, boot);
  const FileTime installed = boot + 150 * kFileTimeTicksPerSecond;
  if (installed_ != nullptr) {
    AddPackage(installed_->package, kSuperseded, installed_time_)->set_last_written(installed);
  }
  AddPackage(update.package, kInstalled, installed);
  AddSession(begun_ + 19 * kFileTimeTicksPerSecond, 1)->set_last_written(installed);
  current_version()->SetDword("UBR", update.revision);
  installed_ = &update;
  installed_time_ = installed;
}

void FakeVolume::RollBack(const Update& update, FileTime boot) {
  logs_.RollBack(update, begun_, boot);
  AddPackage(update.package, kStaged, boot + 365 * kFileTimeTicksPerSecond)
      ->SetDword("LastError", 0x800F0922);
}

void FakeVolume::Boot(FileTime t) { logs_.Boot(t); }

HiveBuilder::Key* FakeVolume::cbs() { return software()->AddKey(kCbs); }
HiveBuilder::Key* FakeVolume::side_by_side() {
  return software()->AddKey("Microsoft\\Windows\\CurrentVersion\\SideBySide\\Configuration");
}
HiveBuilder::Key* FakeVolume::current_version() {
  return software()->AddKey("Microsoft\\Windows NT\\CurrentVersion");
}
HiveBuilder::Key* FakeVolume::session_manager() {
  return system()->AddKey("ControlSet001\\Control\\Session Manager");
}
HiveBuilder::Key* FakeVolume::service(absl::string_view name) {
  return system()->AddKey(absl::StrCat("ControlSet001\\Services\\", name));
}
HiveBuilder::Key* FakeVolume::control(absl::string_view name) {
  return system()->AddKey(absl::StrCat("ControlSet001\\Control\\", name));
}
HiveBuilder::Key* FakeVolume::setup() { return system()->AddKey("Setup"); }
HiveBuilder::Key* FakeVolume::ti_notification() {
  return system()->AddKey(
      "ControlSet001\\Control\\Winlogon\\Notifications\\Components\\TrustedInstaller");
}

HiveBuilder::Key* FakeVolume::AddPackage(absl::string_view identity, uint32_t state,
                                         FileTime installed) {
  // Negative ones are invalid.
  if (static_cast<int32_t>(state) >= static_cast<int32_t>(kStaged)) {
    packages_.emplace(identity, installed);
  }
  return cbs()
      ->AddKey(absl::StrCat("Packages\\", identity))
      ->SetDword("CurrentState", state)
      ->SetDword("InstallTimeHigh", static_cast<uint32_t>(installed >> 32))
      ->SetDword("InstallTimeLow", static_cast<uint32_t>(installed))
      ->SetString("InstallClient", "UpdateAgentLCU")
      ->SetString("InstallName", absl::StrCat(identity, ".mum"))
      ->SetDword("Visibility", 2)
      ->set_last_written(installed);
}

HiveBuilder::Key* FakeVolume::AddSession(FileTime created, uint32_t complete) {
  return cbs()
      ->AddKey(absl::StrFormat("SessionsPending\\%u_%u", created >> 32, created & 0xFFFFFFFF))
      ->SetDword("Complete", complete)
      ->SetDword("LastCommittedPhase", 1)
      ->set_last_written(created + 60 * kFileTimeTicksPerSecond);
}

void FakeVolume::AddPendingXml(absl::string_view identifier, FileTime modified) {
  files_.AddFile(
      "Windows/WinSxS/pending.xml",
      absl::StrCat("\xEF\xBB\xBF<?xml version='1.0' encoding='utf-8'?>\r\n"
                   "<PendingTransaction Version=\"3.1\" WcpVersion=\"10.0.26100.7295 "
                   "(WinBuild.160101.0800)\" Identifier=\"",
                   identifier,
                   "\">\r\n  <Transactions></Transactions>\r\n  <ChangeList></ChangeList>\r\n"
                   "  <POQ postAction=\"reboot\"></POQ>\r\n  <POQ></POQ>\r\n"
                   "  <InstallerQueue Length=\"0x00000000\"></InstallerQueue>\r\n"
                   "</PendingTransaction>\r\n"),
      modified);
}

void FakeVolume::SetPendingXmlIdentifier(absl::string_view identifier) {
  components()->SetBinary("PendingXmlIdentifier", Utf8ToUtf16Le(identifier));
}

MemorySource FakeVolume::Build() {
  MemorySource volume = files_;
  const FileTime written = Time("2025-12-15T07:30:00Z");
  volume.AddFile(kSystemHive, BuildSystem(), written);
  volume.AddFile(kSoftwareHive, BuildSoftware(), written);
  volume.AddFile(kComponentsHive, BuildComponents(), written);
  volume.AddFile(kDriversHive, BuildDrivers(), written);
  volume.AddFile(kBcdHive, bcd_.Build(), written);
  logs_.WriteTo(&volume, written);
  MemorySink sink(&volume);
  for (const auto& [package, installed] : packages_) {
    if (software()->FindKey(absl::StrCat(kCbs, "\\Packages\\", package)) != nullptr) {
      StoreBuilder::AddPackageFiles(package, installed, &sink);
    }
  }
  return volume;
}

absl::Status WriteVolume(const MemorySource& volume, const std::string& root) {
  DirectorySink sink(root);
  CopyVolume(volume, &sink);
  return sink.status();
}

}  // namespace patchgate::testdata
