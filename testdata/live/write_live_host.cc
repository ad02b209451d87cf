// Writes scenarios as what live hosts are staged from: write_live_host DIR SCENARIO...
//
//   DIR/SCENARIO/volume/…             every file of the volume, as make_volumes writes it
//   DIR/SCENARIO/SYSTEM.reg, …        the hives that a running Windows has loaded, with the keys
//                                     that only a running one has; for run_as_live_host
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "servicing/base/status_macros.h"
#include "servicing/regf/hive.h"
#include "servicing/regf/hive_builder.h"
#include "servicing/registry/hive_file.h"
#include "testdata/fake_volume.h"
#include "testdata/live/wine_registry.h"
#include "testdata/scenarios.h"

namespace patchgate::testdata {
namespace {

struct LoadedHive {
  const char* key;  // Of HKEY_LOCAL_MACHINE.
  const char* path;
};
constexpr LoadedHive kLoadedHives[] = {
    {"SYSTEM", kSystemHive}, {"SOFTWARE", kSoftwareHive}, {"BCD00000000", kBcdHive}};

// Adds keys that Windows makes at every start, and servicing until the next one. No hive file has
// them.
void AddVolatileKeys(absl::string_view scenario, absl::string_view hive,
                     regf::HiveBuilder::Key* root) {
  if (hive == "SYSTEM") {
    root->AddKey("CurrentControlSet")
        ->set_symbolic_link("\\Registry\\Machine\\SYSTEM\\ControlSet001");
    regf::HiveBuilder::Key* control = root->AddKey("ControlSet001\\Control");
    const std::string folder = "\\Device\\HarddiskVolume3\\Windows\\System32\\config\\";
    control->AddKey("hivelist")
        ->SetString("\\REGISTRY\\MACHINE\\SOFTWARE", folder + "SOFTWARE")
        ->SetString("\\REGISTRY\\MACHINE\\SYSTEM", folder + "SYSTEM");
    if (scenario != "healthy") return;
    control->AddKey("SecureBoot\\State")->SetDword("UEFISecureBootEnabled", 1);
    control->AddKey("SystemInformation")
        ->SetString("BIOSReleaseDate", "09/11/2025")
        ->SetString("BIOSVersion", "1.20.0")
        ->SetString("SystemManufacturer", "Dell Inc.")
        ->SetString("SystemProductName", "Latitude 7440");
  } else if (hive == "SOFTWARE") {
    // Windows has it, too; without, every program that Wine starts would make it, and so change the
    // time of the key above it.
    root->AddKey("Microsoft\\Windows NT\\CurrentVersion\\Time Zones");
    if (scenario != "reboot-pending") return;
    root->AddKey("Microsoft\\Windows\\CurrentVersion\\Component Based Servicing\\RebootPending")
        ->set_last_written(Time("2025-12-15T07:02:00Z"));
  }
}

absl::Status WriteText(const std::filesystem::path& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary);
  file << text;
  file.close();
  return file.good() ? absl::OkStatus()
                     : absl::UnknownError(absl::StrCat(path.u8string(), ": cannot be written"));
}

absl::Status WriteLiveHost(const Scenario& scenario, const std::filesystem::path& dir) {
  const evidence::MemorySource volume = scenario.build();
  std::filesystem::create_directories(dir / "volume");
  PG_RETURN_IF_ERROR(WriteVolume(volume, (dir / "volume").u8string()));
  for (const LoadedHive& loaded : kLoadedHives) {
    PG_ASSIGN_OR_RETURN(const registry::OpenHive open, registry::OpenHiveFile(volume, loaded.path));
    PG_ASSIGN_OR_RETURN(const std::string text, WineRegistryText(open.hive->Root(), loaded.key));
    regf::HiveBuilder keys;
    AddVolatileKeys(scenario.name, loaded.key, keys.root());
    const std::string bytes = keys.Build();
    regf::HiveFiles files;
    files.primary = {loaded.key, bytes};
    PG_ASSIGN_OR_RETURN(const std::unique_ptr<regf::Hive> added, regf::Hive::Open(files));
    PG_ASSIGN_OR_RETURN(const std::string more, WineRegistryText(added->Root(), loaded.key));
    PG_RETURN_IF_ERROR(WriteText(dir / absl::StrCat(loaded.key, ".reg"),
                                 absl::StrCat(kWineRegistryHeader, text, more)));
  }
  return absl::OkStatus();
}

}  // namespace
}  // namespace patchgate::testdata

int main(int argc, char** argv) {
  if (argc < 3) {
    std::cerr << "usage: write_live_host DIR SCENARIO...\n";
    return 1;
  }
  for (int i = 2; i < argc; ++i) {
    const absl::Status status = patchgate::testdata::WriteLiveHost(
        patchgate::testdata::FindScenario(argv[i]), std::filesystem::u8path(argv[1]) / argv[i]);
    if (!status.ok()) {
      std::cerr << "write_live_host: " << argv[i] << ": " << status.message() << "\n";
      return 1;
    }
  }
}
