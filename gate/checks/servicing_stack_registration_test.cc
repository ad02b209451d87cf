#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "gate/checks/check_testing.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "testdata/fake_volume.h"

namespace patchgate::gate::checks {
namespace {

constexpr char kId[] = "cbs.servicing-stack-registration";
constexpr char kFolder[] =
    "Windows/WinSxS/amd64_microsoft-windows-servicingstack_31bf3856ad364e35_10.0.26100.7295_none_"
    "a53f7c7777395343";

CheckCase Without(const char* name, const char* file, const char* summary) {
  return {name,
          [file](FakeVolume& volume) {
            volume.files()->Remove(absl::StrCat(kFolder, file));
            return volume.Build();
          },
          Finding::BLOCK,
          summary,
          {{"Version\\10.0.26100.7295", "names %SystemRoot%"}}};
}

TEST(ServicingStackRegistration, Cases) {
  RunCases(kId, {{"healthy", Unchanged, Finding::PASS, "servicing stack 10.0.26100.7295"},
                 Without("folder gone", "", "its folder is not on the disk"),
                 Without("no cbscore.dll", "/cbscore.dll", "lacks cbscore.dll"),
                 Without("no wcp.dll", "/wcp.dll", "lacks wcp.dll"),
                 {"two stacks",
                  [](FakeVolume& volume) {
                    volume.cbs()->AddKey("Version")->SetExpandString("10.0.26100.4946",
                                                                     "%SystemRoot%\\x");
                    return volume.Build();
                  },
                  Finding::BLOCK,
                  "2 servicing stacks",
                  {{"10.0.26100.4946", "not found"}}},
                 {"no stack",
                  [](FakeVolume& volume) {
                    volume.cbs()->AddKey("Version")->RemoveValue("10.0.26100.7295");
                    return volume.Build();
                  },
                  Finding::BLOCK,
                  "0 servicing stacks",
                  {{"Version", "has 0 values"}}},
                 {"no key",
                  [](FakeVolume& volume) {
                    volume.cbs()->RemoveKey("Version");
                    return volume.Build();
                  },
                  Finding::INDETERMINATE, "Version is missing"},
                 {"folder unreadable",
                  [](FakeVolume& volume) {
                    evidence::MemorySource built = volume.Build();
                    built.AddError(kFolder, absl::PermissionDeniedError("access denied"));
                    return built;
                  },
                  Finding::INDETERMINATE,
                  "could not be read",
                  {{"10.0.26100.7295", "access denied"}}},
                 {"folder on no known volume",
                  [](FakeVolume& volume) {
                    volume.cbs()->AddKey("Version")->SetString("10.0.26100.7295", "stack");
                    return volume.Build();
                  },
                  Finding::INDETERMINATE, "could not be read"},
                 {"folder of a wrong type",
                  [](FakeVolume& volume) {
                    volume.cbs()->AddKey("Version")->SetDword("10.0.26100.7295", 1);
                    return volume.Build();
                  },
                  Finding::INDETERMINATE, "could not be"},
                 {"broken value list",
                  [](FakeVolume& volume) {
                    evidence::MemorySource built = volume.Build();
                    BreakValues(kSoftwareHive, *volume.cbs()->FindKey("Version"), &built);
                    return built;
                  },
                  Finding::INDETERMINATE, "could not be measured in full"}});
}

TEST(ServicingStackRegistration, IsDated) {
  FakeVolume volume;
  volume.cbs()->AddKey("Version")->set_last_written(testdata::Time("2025-12-10T09:41:05Z"));
  volume.files()->Remove(kFolder);
  EXPECT_THAT(RunCheck(kId, volume.Build()),
              HasEvidenceWritten("10.0.26100.7295", "2025-12-10T09:41:05Z"));
}

TEST(ServicingStackRegistration, NeedsItsEvidence) {
  ExpectNeeds(kId, {kSoftwareHive, "Windows/WinSxS"});
}

}  // namespace
}  // namespace patchgate::gate::checks
