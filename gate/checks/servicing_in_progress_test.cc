#include "gate/checks/check_testing.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "testdata/fake_volume.h"

namespace patchgate::gate::checks {
namespace {

constexpr char kId[] = "cbs.servicing-in-progress";

evidence::MemorySource InProgress(FakeVolume& volume) {
  volume.cbs()->AddKey("Interface")->SetDword("ServicingInProgress", 1);
  return volume.Build();
}

TEST(ServicingInProgress, Cases) {
  RunCases(kId, {{"healthy", Unchanged, Finding::PASS, "does not say"},
                 {"left behind",
                  InProgress,
                  Finding::WARN,
                  "on a host that does not run",
                  {{"Interface\\ServicingInProgress", "is 1"}}},
                 {"zero",
                  [](FakeVolume& volume) {
                    volume.cbs()->AddKey("Interface")->SetDword("ServicingInProgress", 0);
                    return volume.Build();
                  },
                  Finding::PASS, "does not say"},
                 {"wrong type",
                  [](FakeVolume& volume) {
                    volume.cbs()->AddKey("Interface")->SetString("ServicingInProgress", "1");
                    return volume.Build();
                  },
                  Finding::INDETERMINATE, "expected REG_DWORD"}});
}

TEST(ServicingInProgress, LiveItCanBeAsked) {
  FakeVolume volume;
  const Snapshot snapshot = CollectFrom(InProgress(volume));
  EXPECT_THAT(RunCheck(kId, Busy(snapshot)), ResultIs(Finding::INFO));
  EXPECT_THAT(RunCheck(kId, Live(snapshot)), ResultIs(Finding::WARN));
  EXPECT_THAT(RunCheck(kId, Live(snapshot)), SummaryHas("nothing of it runs"));
  EXPECT_THAT(RunCheck(kId, Busy(snapshot, LiveActivity::INSTALLER)), ResultIs(Finding::WARN));
  Snapshot unknown = Live(snapshot);
  unknown.mutable_live_host()->mutable_collection()->add_gaps()->set_where("processes");
  EXPECT_THAT(RunCheck(kId, unknown), ResultIs(Finding::INDETERMINATE));
}

TEST(ServicingInProgress, NeedsItsEvidence) { ExpectNeeds(kId, {kSoftwareHive}); }

}  // namespace
}  // namespace patchgate::gate::checks
