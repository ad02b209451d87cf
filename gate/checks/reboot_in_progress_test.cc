#include "gate/checks/check_testing.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "testdata/fake_volume.h"

namespace patchgate::gate::checks {
namespace {

constexpr char kId[] = "cbs.reboot-in-progress";

evidence::MemorySource Marked(FakeVolume& volume) {
  volume.cbs()
      ->AddKey("RebootInProgress")
      ->set_last_written(testdata::Time("2025-12-10T09:41:05Z"));
  return volume.Build();
}

TEST(RebootInProgress, Cases) {
  RunCases(kId, {{"healthy", Unchanged, Finding::NOT_APPLICABLE, "absence offline proves nothing"},
                 {"present",
                  Marked,
                  Finding::BLOCK,
                  "was restarting the host",
                  {{"RebootInProgress", "present"}}},
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
                  Finding::NOT_APPLICABLE, "absence offline proves nothing"},
                 {"broken list of subkeys",
                  [](FakeVolume& volume) {
                    evidence::MemorySource built = volume.Build();
                    BreakSubkeys(kSoftwareHive, *volume.cbs(), &built);
                    return built;
                  },
                  Finding::INDETERMINATE, "could not be measured in full"}});
}

TEST(RebootInProgress, Live) {
  FakeVolume volume;
  EXPECT_THAT(RunCheckLive(kId, volume.Build()), ResultIs(Finding::PASS));
  EXPECT_THAT(RunCheckLive(kId, volume.Build()), SummaryHas("not in the middle of a restart"));
  EXPECT_THAT(RunCheckLive(kId, Marked(volume)), ResultIs(Finding::BLOCK));
}

TEST(RebootInProgress, IsDated) {
  FakeVolume volume;
  EXPECT_THAT(RunCheck(kId, Marked(volume)),
              HasEvidenceWritten("RebootInProgress", "2025-12-10T09:41:05Z"));
}

TEST(RebootInProgress, NeedsItsEvidence) { ExpectNeeds(kId, {kSoftwareHive}); }

}  // namespace
}  // namespace patchgate::gate::checks
