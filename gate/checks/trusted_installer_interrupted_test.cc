#include "gate/checks/check_testing.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "testdata/fake_volume.h"

namespace patchgate::gate::checks {
namespace {

constexpr char kId[] = "cbs.trustedinstaller-interrupted";

void Interrupt(FakeVolume& volume) {
  volume.cbs()->AddKey("TiRunning")->set_last_written(testdata::Time("2025-12-10T09:41:05Z"));
}

TEST(TrustedInstallerInterrupted, Cases) {
  RunCases(kId, {{"healthy", Unchanged, Finding::PASS, "ended in order"},
                 {"interrupted",
                  [](FakeVolume& volume) {
                    Interrupt(volume);
                    return volume.Build();
                  },
                  Finding::WARN,
                  "nothing that it left unfinished",
                  {{"TiRunning", "present"}}},
                 {"with a session",
                  [](FakeVolume& volume) {
                    Interrupt(volume);
                    volume.AddSession(testdata::Time("2025-12-11T09:00:00Z"), 0);
                    return volume.Build();
                  },
                  Finding::BLOCK, "a session is unfinished"},
                 {"with a transaction",
                  [](FakeVolume& volume) {
                    Interrupt(volume);
                    volume.AddPendingXml(FakeVolume::kIdentifier, 0);
                    return volume.Build();
                  },
                  Finding::BLOCK, "a transaction is pending"},
                 {"sessions unknown",
                  [](FakeVolume& volume) {
                    Interrupt(volume);
                    evidence::MemorySource built = volume.Build();
                    BreakSubkeys(kSoftwareHive, *volume.cbs()->FindKey("SessionsPending"), &built);
                    return built;
                  },
                  Finding::INDETERMINATE, "could not be measured in full"},
                 {"transaction unknown",
                  [](FakeVolume& volume) {
                    Interrupt(volume);
                    evidence::MemorySource built = volume.Build();
                    built.Remove("Windows/WinSxS");
                    return built;
                  },
                  Finding::INDETERMINATE, "could not be measured"}});
}

TEST(TrustedInstallerInterrupted, LiveItCanBeAsked) {
  FakeVolume volume;
  Interrupt(volume);
  const Snapshot left = CollectFrom(volume.Build());
  volume.AddSession(testdata::Time("2025-12-16T17:59:00Z"), 0);
  const Snapshot snapshot = CollectFrom(volume.Build());
  EXPECT_THAT(RunCheck(kId, Busy(snapshot)), ResultIs(Finding::INFO));
  EXPECT_THAT(RunCheck(kId, Live(snapshot)), ResultIs(Finding::BLOCK));
  EXPECT_THAT(RunCheck(kId, Live(left)), ResultIs(Finding::WARN));
  // Windows Installer is not TrustedInstaller.
  EXPECT_THAT(RunCheck(kId, Busy(snapshot, LiveActivity::INSTALLER)), ResultIs(Finding::BLOCK));
  Snapshot unknown = Live(snapshot);
  unknown.mutable_live_host()->mutable_collection()->add_gaps()->set_where("processes");
  EXPECT_THAT(RunCheck(kId, unknown), ResultIs(Finding::INDETERMINATE));
  unknown.clear_live_host();
  EXPECT_THAT(RunCheck(kId, unknown), ResultIs(Finding::INDETERMINATE));
}

TEST(TrustedInstallerInterrupted, IsDated) {
  FakeVolume volume;
  Interrupt(volume);
  EXPECT_THAT(RunCheck(kId, volume.Build()),
              HasEvidenceWritten("TiRunning", "2025-12-10T09:41:05Z"));
}

TEST(TrustedInstallerInterrupted, NeedsItsEvidence) { ExpectNeeds(kId, {kSoftwareHive}); }

}  // namespace
}  // namespace patchgate::gate::checks
