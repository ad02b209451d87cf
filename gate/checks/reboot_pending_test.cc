#include "gate/checks/check_testing.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "testdata/fake_volume.h"

namespace patchgate::gate::checks {
namespace {

constexpr char kId[] = "cbs.reboot-pending";

evidence::MemorySource Marked(FakeVolume& volume) {
  volume.cbs()->AddKey("RebootPending")->set_last_written(testdata::Time("2025-12-10T09:41:05Z"));
  return volume.Build();
}

TEST(RebootPending, Cases) {
  RunCases(
      kId,
      {{"healthy", Unchanged, Finding::NOT_APPLICABLE, "cannot be seen offline"},
       {"present", Marked, Finding::BLOCK, "waits for a restart", {{"RebootPending", "present"}}},
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
        Finding::NOT_APPLICABLE, "cannot be seen offline"},
       {"broken list of subkeys",
        [](FakeVolume& volume) {
          evidence::MemorySource built = volume.Build();
          BreakSubkeys(kSoftwareHive, *volume.cbs(), &built);
          return built;
        },
        Finding::INDETERMINATE, "could not be measured in full"}});
}

TEST(RebootPending, Live) {
  FakeVolume volume;
  EXPECT_THAT(RunCheckLive(kId, volume.Build()), ResultIs(Finding::PASS));
  EXPECT_THAT(RunCheckLive(kId, volume.Build()), SummaryHas("does not wait for a restart"));
  EXPECT_THAT(RunCheckLive(kId, Marked(volume)), ResultIs(Finding::BLOCK));
}

TEST(RebootPending, IsDated) {
  FakeVolume volume;
  EXPECT_THAT(RunCheck(kId, Marked(volume)),
              HasEvidenceWritten("RebootPending", "2025-12-10T09:41:05Z"));
}

TEST(RebootPending, NeedsItsEvidence) { ExpectNeeds(kId, {kSoftwareHive}); }

}  // namespace
}  // namespace patchgate::gate::checks
