#include "gate/checks/check_testing.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "testdata/fake_volume.h"

namespace patchgate::gate::checks {
namespace {

constexpr char kId[] = "cbs.reserves-reboot-pending";

evidence::MemorySource Marked(FakeVolume& volume) {
  volume.cbs()
      ->AddKey("ReservesRebootPending")
      ->set_last_written(testdata::Time("2025-12-10T09:41:05Z"));
  return volume.Build();
}

TEST(ReservesRebootPending, Cases) {
  RunCases(kId, {{"healthy", Unchanged, Finding::PASS, "no change of reserved storage"},
                 {"present",
                  Marked,
                  Finding::WARN,
                  "reserved storage waits",
                  {{"ReservesRebootPending", "present"}}},
                 {"no CBS at all",
                  [](FakeVolume& volume) {
                    volume.software()->RemoveKey("Microsoft");
                    return volume.Build();
                  },
                  Finding::INDETERMINATE, "is missing"},
                 {"unreadable elsewhere",
                  [](FakeVolume& volume) {
                    volume.cbs()->SetString("PostponeOnlineActions", "2");
                    return volume.Build();
                  },
                  Finding::PASS, "no change of reserved storage"},
                 {"broken list of subkeys",
                  [](FakeVolume& volume) {
                    evidence::MemorySource built = volume.Build();
                    BreakSubkeys(kSoftwareHive, *volume.cbs(), &built);
                    return built;
                  },
                  Finding::INDETERMINATE, "could not be measured in full"}});
}

TEST(ReservesRebootPending, Live) {
  FakeVolume volume;
  EXPECT_THAT(RunCheckLive(kId, volume.Build()), ResultIs(Finding::PASS));
  EXPECT_THAT(RunCheckLive(kId, volume.Build()), SummaryHas("no change of reserved storage"));
  EXPECT_THAT(RunCheckLive(kId, Marked(volume)), ResultIs(Finding::WARN));
}

TEST(ReservesRebootPending, IsDated) {
  FakeVolume volume;
  EXPECT_THAT(RunCheck(kId, Marked(volume)),
              HasEvidenceWritten("ReservesRebootPending", "2025-12-10T09:41:05Z"));
}

TEST(ReservesRebootPending, NeedsItsEvidence) { ExpectNeeds(kId, {kSoftwareHive}); }

}  // namespace
}  // namespace patchgate::gate::checks
