#include "absl/strings/str_cat.h"
#include "gate/checks/check_testing.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "testdata/fake_volume.h"

namespace patchgate::gate::checks {
namespace {

constexpr char kId[] = "host.setup-in-progress";

CheckCase Set(const char* value, Finding::Result result, const char* summary) {
  return {value,
          [value](FakeVolume& volume) {
            volume.setup()->SetDword(value, 1)->SetString("CmdLine", "setup.exe");
            return volume.Build();
          },
          result,
          summary,
          {{absl::StrCat("SYSTEM\\Setup\\", value), "is 1"}}};
}

TEST(SetupInProgress, Cases) {
  RunCases(
      kId,
      {{"healthy", Unchanged, Finding::PASS, "Setup is not at work"},
       Set("SystemSetupInProgress", Finding::BLOCK, "not finished on this host"),
       Set("SetupType", Finding::BLOCK, "the next boot goes to Windows Setup"),
       Set("RollbackActive", Finding::BLOCK, "rolling back a feature update"),
       Set("Upgrade", Finding::BLOCK, "a feature update is not finished"),
       Set("SetupPhase", Finding::BLOCK, "in the middle of a phase"),
       Set("OOBEInProgress", Finding::BLOCK, "first-start dialogs"),
       Set("RestartSetup", Finding::WARN, "started again"),
       {"command line of a set-up",
        [](FakeVolume& volume) {
          volume.setup()->SetDword("SetupType", 2)->SetString("CmdLine", "oobe\\windeploy.exe");
          return volume.Build();
        },
        Finding::BLOCK,
        "the next boot",
        {{"SYSTEM\\Setup\\CmdLine", "windeploy.exe"}}},
       {"command line without a set-up",
        [](FakeVolume& volume) {
          volume.setup()->SetString("CmdLine", "oobe\\windeploy.exe");
          return volume.Build();
        },
        Finding::PASS, "Setup is not at work"},
       {"values of feature updates were never written",
        [](FakeVolume& volume) {
          for (const char* value : {"Upgrade", "RollbackActive", "OOBEInProgress"}) {
            volume.setup()->RemoveValue(value);
          }
          return volume.Build();
        },
        Finding::PASS, "Setup is not at work"},
       {"a value that is always there is not",
        [](FakeVolume& volume) {
          volume.setup()->RemoveValue("SystemSetupInProgress");
          return volume.Build();
        },
        Finding::INDETERMINATE, "no SystemSetupInProgress"},
       {"no key",
        [](FakeVolume& volume) {
          volume.system()->RemoveKey("Setup");
          return volume.Build();
        },
        Finding::INDETERMINATE, "SYSTEM\\Setup is missing"},
       {"wrong type",
        [](FakeVolume& volume) {
          volume.setup()->SetString("Upgrade", "1");
          return volume.Build();
        },
        Finding::INDETERMINATE, "expected REG_DWORD"},
       {"broken value list",
        [](FakeVolume& volume) {
          evidence::MemorySource built = volume.Build();
          BreakValues(kSystemHive, *volume.setup(), &built);
          return built;
        },
        Finding::INDETERMINATE, "could not be measured in full"}});
}

TEST(SetupInProgress, IsDated) {
  FakeVolume volume;
  volume.setup()->SetDword("Upgrade", 1)->set_last_written(testdata::Time("2025-12-10T09:41:05Z"));
  EXPECT_THAT(RunCheck(kId, volume.Build()), HasEvidenceWritten("Upgrade", "2025-12-10T09:41:05Z"));
}

TEST(SetupInProgress, NeedsItsEvidence) { ExpectNeeds(kId, {kSystemHive}); }

}  // namespace
}  // namespace patchgate::gate::checks
