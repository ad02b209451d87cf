#include "absl/strings/str_cat.h"
#include "gate/checks/check_testing.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "testdata/fake_volume.h"

namespace patchgate::gate::checks {
namespace {

using testing::Not;

constexpr char kId[] = "host.restart-marks";
constexpr char kWindows[] = "Microsoft\\Windows\\CurrentVersion\\";

// After the last boot.
FileTime Written() { return testdata::Time("2025-12-15T12:00:00Z"); }

regf::HiveBuilder::Key* AddMark(FakeVolume& volume, absl::string_view below_windows) {
  return volume.software()
      ->AddKey(absl::StrCat(kWindows, below_windows))
      ->set_last_written(Written());
}

TEST(RestartMarks, Cases) {
  RunCases(kId,
           {{"healthy", Unchanged, Finding::PASS, "no other installer waits"},
            {"results to report",
             [](FakeVolume& volume) {
               AddMark(volume, "WindowsUpdate\\Auto Update\\PostRebootReporting");
               return volume.Build();
             },
             Finding::INFO,
             "results to report",
             {{"Auto Update\\PostRebootReporting", "present"}}},
            {"one service pending",
             [](FakeVolume& volume) {
               AddMark(volume, "WindowsUpdate\\Services\\Pending\\{7971f918}");
               return volume.Build();
             },
             Finding::WARN,
             "registration is pending",
             {{"WindowsUpdate\\Services\\Pending", "holds 1 subkey"}}},
            {"two services pending",
             [](FakeVolume& volume) {
               AddMark(volume, "WindowsUpdate\\Services\\Pending\\{7971f918}");
               AddMark(volume, "WindowsUpdate\\Services\\Pending\\{9482f4b4}");
               return volume.Build();
             },
             Finding::WARN,
             "registration is pending",
             {{"WindowsUpdate\\Services\\Pending", "holds 2 subkeys"}}},
            {"no service pending",
             [](FakeVolume& volume) {
               AddMark(volume, "WindowsUpdate\\Services\\Pending");
               return volume.Build();
             },
             Finding::PASS, "no other installer waits"},
            {"update.exe",
             [](FakeVolume& volume) {
               volume.software()->AddKey("Microsoft\\Updates")->SetDword("UpdateExeVolatile", 2);
               return volume.Build();
             },
             Finding::WARN,
             "update.exe kind",
             {{"SOFTWARE\\Microsoft\\Updates\\UpdateExeVolatile", "is 2"}}},
            {"no update.exe",
             [](FakeVolume& volume) {
               volume.software()->AddKey("Microsoft\\Updates")->SetDword("UpdateExeVolatile", 0);
               return volume.Build();
             },
             Finding::PASS, "no other installer waits"},
            {"role or feature",
             [](FakeVolume& volume) {
               AddMark(volume, "RunOnce")->SetString("DVDRebootSignal", "x");
               return volume.Build();
             },
             Finding::WARN,
             "a role or feature waits",
             {{"CurrentVersion\\RunOnce\\DVDRebootSignal", "present"}}},
            {"another program in RunOnce",
             [](FakeVolume& volume) {
               AddMark(volume, "RunOnce")->SetString("Cleanup", "x.exe");
               return volume.Build();
             },
             Finding::PASS, "no other installer waits"},
            {"Server Manager",
             [](FakeVolume& volume) {
               volume.software()->AddKey("Microsoft\\ServerManager\\CurrentRebootAttempts");
               return volume.Build();
             },
             Finding::WARN,
             "Server Manager waits",
             {{"ServerManager\\CurrentRebootAttempts", "present"}}},
            {"Windows Installer",
             [](FakeVolume& volume) {
               AddMark(volume, "Installer\\InProgress");
               return volume.Build();
             },
             Finding::WARN,
             "Windows Installer is at work",
             {{"Installer\\InProgress", "present"}}},
            {"the update agent's own mark",
             [](FakeVolume& volume) {
               AddMark(volume, "WindowsUpdate\\Auto Update\\RebootRequired");
               return volume.Build();
             },
             Finding::PASS, "no other installer waits"},
            {"wrong type",
             [](FakeVolume& volume) {
               volume.software()->AddKey("Microsoft\\Updates")->SetString("UpdateExeVolatile", "0");
               return volume.Build();
             },
             Finding::INDETERMINATE, "expected REG_DWORD"},
            {"no key",
             [](FakeVolume& volume) {
               volume.software()->RemoveKey("Microsoft");
               return volume.Build();
             },
             Finding::INDETERMINATE, "is missing"},
            {"broken list of subkeys",
             [](FakeVolume& volume) {
               AddMark(volume, "WindowsUpdate\\Auto Update\\PostRebootReporting");
               evidence::MemorySource built = volume.Build();
               BreakSubkeys(kSoftwareHive,
                            *volume.software()->FindKey(
                                absl::StrCat(kWindows, "WindowsUpdate\\Auto Update")),
                            &built);
               return built;
             },
             Finding::INDETERMINATE, "could not be measured in full"}});
}

TEST(RestartMarks, EveryMarkIsShown) {
  FakeVolume volume;
  AddMark(volume, "Installer\\InProgress");
  AddMark(volume, "WindowsUpdate\\Auto Update\\PostRebootReporting");
  volume.software()->AddKey("Microsoft\\Updates")->SetDword("UpdateExeVolatile", 1);
  const Finding finding = RunCheck(kId, volume.Build());
  EXPECT_THAT(finding, ResultIs(Finding::WARN));
  EXPECT_EQ(finding.evidence_size(), 3);
}

TEST(RestartMarks, AreDated) {
  constexpr char kMarks[][24] = {"InProgress", "PostRebootReporting", "CurrentRebootAttempts"};
  FakeVolume volume;
  AddMark(volume, "Installer\\InProgress");
  AddMark(volume, "WindowsUpdate\\Auto Update\\PostRebootReporting");
  volume.software()
      ->AddKey("Microsoft\\ServerManager\\CurrentRebootAttempts")
      ->set_last_written(Written());
  Finding finding = RunCheck(kId, volume.Build());
  for (const char* mark : kMarks) {
    EXPECT_THAT(finding, HasEvidenceWritten(mark, "2025-12-15T12:00:00Z"));
    EXPECT_THAT(finding, Not(HasEvidence(mark, "older than")));
  }
  volume.Boot(testdata::Time("2025-12-15T15:00:00Z"));
  finding = RunCheck(kId, volume.Build());
  for (const char* mark : kMarks) {
    EXPECT_THAT(finding,
                HasEvidence(mark, "present, older than the last boot (2025-12-15T15:00:00Z"));
  }
}

TEST(RestartMarks, NeedsItsEvidence) { ExpectNeeds(kId, {kSoftwareHive}); }

}  // namespace
}  // namespace patchgate::gate::checks
