#include <string>

#include "absl/strings/str_cat.h"
#include "gate/checks/check_testing.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "testdata/fake_images.h"
#include "testdata/fake_volume.h"

namespace patchgate::gate::checks {
namespace {

using evidence::MemorySource;

constexpr char kId[] = "boot.mixed-versions";
constexpr char kOlder[] = "10.0.26100.4946", kNewer[] = "10.0.26100.7623";
constexpr char kLoader[] = "Windows/System32/winload.efi";
constexpr char kManager[] = "EFI/Microsoft/Boot/bootmgfw.efi";

std::string Name(absl::string_view path) {
  return std::string(path.substr(path.find_last_of('/') + 1));
}

// Replaces files of a healthy volume of 26100.7462 by the same of another version.
std::function<MemorySource(FakeVolume&)> Versions(
    const std::vector<std::pair<const char*, const char*>>& files) {
  return [=](FakeVolume& volume) {
    MemorySource built = volume.Build();
    for (const auto& [path, version] : files) {
      built.AddFile(path, testdata::ImageBytes({Name(path), version}));
    }
    return built;
  };
}

TEST(MixedBootVersions, Cases) {
  RunCases(
      kId,
      {{"healthy", Unchanged, Finding::PASS, "have the same version"},
       {"a loader is older than its copy",
        Versions({{kLoader, kOlder}}),
        Finding::WARN,
        "winload.efi is there in two versions",
        {{kLoader, "is 10.0.26100.4946, Windows/System32/Boot"}}},
       {"a loader without version",
        [](FakeVolume& volume) {
          MemorySource built = volume.Build();
          built.AddFile(kLoader, "no image");
          return built;
        },
        Finding::PASS, "have the same version"},
       {"a copy in System32 is older",
        Versions({{"Windows/System32/Boot/winload.efi", kOlder}}),
        Finding::WARN,
        "winload.efi is there in two versions",
        {{"System32/Boot/winload.efi", "is 10.0.26100.4946, Windows/System32/winload.efi is "}}},
       {"boot manager older than Windows'",
        Versions({{kManager, kOlder}}),
        Finding::WARN,
        "bootmgfw.efi on the system partition is older than what Windows has",
        {{kManager, "is 10.0.26100.4946"}}},
       {"boot manager newer than Windows'", Versions({{kManager, kNewer}}), Finding::INFO,
        "bootmgfw.efi on the system partition is newer"},
       {"boot manager signed in 2023",
        Versions({{kManager, kNewer}, {"Windows/Boot/EFI_EX/bootmgfw_EX.efi", kNewer}}),
        Finding::PASS, "have the same version"},
       {"boot manager between the two of Windows",
        Versions({{kManager, "10.0.26100.7500"}, {"Windows/Boot/EFI_EX/bootmgfw_EX.efi", kNewer}}),
        Finding::INFO, "is neither of what Windows has"},
       {"an old fallback", Versions({{"EFI/Boot/bootx64.efi", kOlder}}), Finding::INFO,
        "bootx64.efi on the system partition is older"},
       {"a foreign fallback",
        [](FakeVolume& volume) {
          MemorySource built = volume.Build();
          built.AddFile("EFI/Boot/bootx64.efi", "shim");
          return built;
        },
        Finding::PASS, "have the same version"},
       {"no system partition",
        [](FakeVolume& volume) {
          MemorySource built = volume.Build();
          built.Remove("EFI");
          return built;
        },
        Finding::PASS, "have the same version"},
       {"unreadable copy",
        [](FakeVolume& volume) {
          MemorySource built = volume.Build();
          built.AddError("Windows/System32/Boot/winload.efi",
                         absl::DataLossError("Input/output error"));
          return built;
        },
        Finding::INDETERMINATE, "winload.efi could not be read"}});
}

TEST(MixedBootVersions, NothingToCompare) {
  Snapshot snapshot = CollectFrom(FakeVolume().Build());
  snapshot.clear_images();
  EXPECT_THAT(RunCheck(kId, snapshot), ResultIs(Finding::NOT_APPLICABLE));
  snapshot.clear_boot_files();
  EXPECT_THAT(RunCheck(kId, snapshot), ResultIs(Finding::INDETERMINATE));
}

}  // namespace
}  // namespace patchgate::gate::checks
