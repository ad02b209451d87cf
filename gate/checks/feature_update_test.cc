#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "gate/checks/check_testing.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "testdata/fake_volume.h"

namespace patchgate::gate::checks {
namespace {

using testing::Not;

constexpr char kId[] = "host.feature-update";
constexpr char kBuild[] = "10.0.19041.207 (vb_release_svc_prod1.200408-1800)";
constexpr char kRollback[] = "$WINDOWS.~BT/Sources/Rollback";

FileTime Failed() { return testdata::Time("2025-11-02T03:00:00Z"); }

// What the measured host has, of one failed feature update.
void Fail(FakeVolume& volume) {
  volume.setup()->AddKey("FailedInstallations")->SetDword(kBuild, 4)->set_last_written(Failed());
  volume.setup()
      ->AddKey("MoSetup\\Tracking")
      ->SetDword("InstallAttempts", 5)
      ->SetDword("FailureCount", 4)
      ->set_last_written(Failed());
  volume.setup()
      ->AddKey("setupdiag\\results")
      ->SetString("ProfileName", "FindAbruptDownlevelFailure")
      ->SetString("FailureDetails", "ErrorCode = 0x80070032, ExCode = 0x50015, Oper = Finalize")
      ->SetString("LastSetupPhase", "Downlevel")
      ->set_last_written(Failed());
  volume.files()->AddFile(absl::StrCat(kRollback, "/setupact.log"), "x", Failed());
}

void Upgrade(FakeVolume& volume, absl::string_view when) {
  volume.setup()
      ->AddKey("Source OS (Updated on 11/20/2025 03:00:00)")
      ->SetString("CurrentBuild", "19045")
      ->set_last_written(testdata::Time(when));
}

TEST(FeatureUpdate, Cases) {
  RunCases(
      kId,
      {{"healthy", Unchanged, Finding::PASS, "no feature update has failed"},
       {"all the traces of a failure",
        [](FakeVolume& volume) {
          Fail(volume);
          volume.setup()->AddKey("MoSetup\\Volatile")->SetDword("BoxResult", 0x80070032);
          return volume.Build();
        },
        Finding::WARN,
        "a feature update failed, says SetupDiag: FindAbruptDownlevelFailure",
        {{"Setup\\setupdiag\\results", "0x50015, Oper = Finalize; last phase Downlevel"},
         {"Setup\\FailedInstallations", "200408-1800) is 4"},
         {"Setup\\MoSetup\\Tracking", "FailureCount is 4, InstallAttempts is 5"},
         {"Setup\\MoSetup\\Volatile\\BoxResult", "is 0x80070032"},
         {"Sources/Rollback", "present, with 1 file"}}},
       {"failed installations",
        [](FakeVolume& volume) {
          volume.setup()->AddKey("FailedInstallations")->SetDword(kBuild, 1)->SetDword("x", 0);
          return volume.Build();
        },
        Finding::WARN, "200408-1800) failed 1 time"},
       {"none failed",
        [](FakeVolume& volume) {
          volume.setup()->AddKey("FailedInstallations")->SetDword(kBuild, 0);
          volume.setup()
              ->AddKey("MoSetup\\Tracking")
              ->SetDword("InstallAttempts", 3)
              ->SetDword("FailureCount", 0);
          volume.setup()->AddKey("MoSetup\\Volatile")->SetDword("BoxResult", 0);
          return volume.Build();
        },
        Finding::PASS, "no feature update has failed"},
       {"failures counted",
        [](FakeVolume& volume) {
          volume.setup()->AddKey("MoSetup\\Tracking")->SetDword("FailureCount", 2);
          return volume.Build();
        },
        Finding::WARN,
        "feature updates failed 2 times",
        {{"MoSetup\\Tracking", "FailureCount is 2"}}},
       {"diagnosis of nothing",
        [](FakeVolume& volume) {
          volume.setup()->AddKey("setupdiag\\results");
          return volume.Build();
        },
        Finding::WARN,
        "for no named reason",
        {{"setupdiag\\results", "without a word"}}},
       {"diagnosis of a success",
        [](FakeVolume& volume) {
          volume.setup()
              ->AddKey("setupdiag\\results")
              ->SetString("ProfileName", "FindSuccessfulUpgrade");
          return volume.Build();
        },
        Finding::PASS, "no feature update has failed"},
       {"last result only",
        [](FakeVolume& volume) {
          volume.setup()->AddKey("MoSetup\\Volatile")->SetDword("BoxResult", 0x8007000D);
          return volume.Build();
        },
        Finding::INFO,
        "ended with 0x8007000d (ERROR_INVALID_DATA)",
        {{"BoxResult", "is 0x8007000d"}}},
       {"rolled back",
        [](FakeVolume& volume) {
          volume.files()->AddFile(absl::StrCat(kRollback, "/setupact.log"), "x", Failed());
          volume.files()->AddFile(absl::StrCat(kRollback, "/setupmem.dmp"), "x", Failed());
          return volume.Build();
        },
        Finding::WARN,
        "rolled a feature update back",
        {{"Sources/Rollback", "present, with 2 files"}}},
       {"a feature update is being prepared",
        [](FakeVolume& volume) {
          volume.files()->AddFile("$WINDOWS.~BT/Sources/Panther/setupact.log", "x", Failed());
          return volume.Build();
        },
        Finding::PASS, "no feature update has failed"},
       {"unreadable rollback folder",
        [](FakeVolume& volume) {
          evidence::MemorySource built = volume.Build();
          built.AddError(kRollback, absl::PermissionDeniedError("access denied"));
          return built;
        },
        Finding::WARN,
        "rolled a feature update back is not known",
        {{"Sources/Rollback", "access denied"}}},
       {"upgraded since",
        [](FakeVolume& volume) {
          Fail(volume);
          Upgrade(volume, "2025-11-20T03:00:00Z");
          return volume.Build();
        },
        Finding::INFO,
        "FindAbruptDownlevelFailure; a later feature update succeeded",
        {{"setupdiag\\results", "later, 2025-11-20T03:00:00Z: Source OS (Updated on 11/20/2025"},
         {"FailedInstallations", "later, 2025-11-20T03:00:00Z"},
         {"MoSetup\\Tracking", "later, 2025-11-20T03:00:00Z"},
         {"Sources/Rollback", "later, 2025-11-20T03:00:00Z"}}},
       {"upgraded at that moment",
        [](FakeVolume& volume) {
          Fail(volume);
          Upgrade(volume, "2025-11-02T03:00:00Z");
          return volume.Build();
        },
        Finding::WARN, "says SetupDiag"},
       {"upgraded before",
        [](FakeVolume& volume) {
          Fail(volume);
          Upgrade(volume, "2025-10-01T03:00:00Z");
          return volume.Build();
        },
        Finding::WARN, "says SetupDiag"},
       {"upgraded in the future",
        [](FakeVolume& volume) {
          Fail(volume);
          Upgrade(volume, "2026-10-01T03:00:00Z");
          return volume.Build();
        },
        Finding::WARN, "says SetupDiag"},
       {"an older upgrade beside a newer one",
        [](FakeVolume& volume) {
          Fail(volume);
          Upgrade(volume, "2025-11-20T03:00:00Z");
          volume.setup()
              ->AddKey("Source OS (Updated on 1/2/2024 03:00:00)")
              ->set_last_written(testdata::Time("2024-01-02T03:00:00Z"));
          return volume.Build();
        },
        Finding::INFO, "a later feature update succeeded"},
       {"a failure without a date",
        [](FakeVolume& volume) {
          volume.setup()->AddKey("FailedInstallations")->SetDword(kBuild, 4);
          Upgrade(volume, "2025-11-20T03:00:00Z");
          return volume.Build();
        },
        Finding::WARN, "failed 4 times"},
       {"only an upgrade",
        [](FakeVolume& volume) {
          Upgrade(volume, "2025-11-20T03:00:00Z");
          return volume.Build();
        },
        Finding::PASS, "no feature update has failed"},
       {"wrong type",
        [](FakeVolume& volume) {
          volume.setup()->AddKey("MoSetup\\Tracking")->SetString("FailureCount", "0");
          return volume.Build();
        },
        Finding::INDETERMINATE, "could not be measured in full"},
       {"no key",
        [](FakeVolume& volume) {
          volume.system()->RemoveKey("Setup");
          return volume.Build();
        },
        Finding::INDETERMINATE, "SYSTEM\\Setup is missing"},
       {"broken list of subkeys",
        [](FakeVolume& volume) {
          Fail(volume);
          evidence::MemorySource built = volume.Build();
          BreakSubkeys(kSystemHive, *volume.setup(), &built);
          return built;
        },
        Finding::INDETERMINATE, "could not be measured in full"},
       {"broken value list",
        [](FakeVolume& volume) {
          Fail(volume);
          evidence::MemorySource built = volume.Build();
          BreakValues(kSystemHive, *volume.setup()->FindKey("FailedInstallations"), &built);
          return built;
        },
        Finding::INDETERMINATE, "could not be measured in full"}});
}

// Setup's last result speaks of what it keeps in the registry; a rollback comes after it.
TEST(FeatureUpdate, ASuccessfulRunExcusesTheRegistryOnly) {
  FakeVolume volume;
  Fail(volume);
  volume.setup()->AddKey("MoSetup\\Volatile")->SetDword("BoxResult", 0);
  evidence::MemorySource built = volume.Build();
  EXPECT_THAT(RunCheck(kId, built), ResultIs(Finding::WARN));
  EXPECT_THAT(RunCheck(kId, built), SummaryHas("rolled a feature update back"));
  EXPECT_THAT(RunCheck(kId, built), HasEvidence("MoSetup\\Tracking", "BoxResult is 0"));
  built.Remove("$WINDOWS.~BT");
  EXPECT_THAT(RunCheck(kId, built), ResultIs(Finding::INFO));
  EXPECT_THAT(RunCheck(kId, built), SummaryHas("the last run of Windows Setup succeeded"));
}

TEST(FeatureUpdate, IsDated) {
  FakeVolume volume;
  Fail(volume);
  const Finding finding = RunCheck(kId, volume.Build());
  for (const char* place :
       {"setupdiag\\results", "FailedInstallations", "MoSetup\\Tracking", "Sources/Rollback"}) {
    EXPECT_THAT(finding, HasEvidenceWritten(place, "2025-11-02T03:00:00Z"));
  }
  EXPECT_THAT(finding, Not(HasEvidence("BoxResult", "is")));
}

// Nobody looked at the folder: not a reason to pass.
TEST(FeatureUpdate, FoldersThatWereNotLookedAt) {
  FakeVolume volume;
  Snapshot snapshot = CollectFrom(volume.Build());
  snapshot.mutable_feature_updates()->clear_folders();
  EXPECT_THAT(RunCheck(kId, snapshot), ResultIs(Finding::WARN));
  EXPECT_THAT(RunCheck(kId, snapshot), HasEvidence("Sources/Rollback", "not collected"));
}

TEST(FeatureUpdate, NeedsItsEvidence) { ExpectNeeds(kId, {kSystemHive}); }

}  // namespace
}  // namespace patchgate::gate::checks
