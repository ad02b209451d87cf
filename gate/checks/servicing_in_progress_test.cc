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

TEST(ServicingInProgress, LiveIsOnlyWork) {
  FakeVolume volume;
  EXPECT_THAT(RunCheckLive(kId, InProgress(volume)), ResultIs(Finding::INFO));
}

TEST(ServicingInProgress, NeedsItsEvidence) { ExpectNeeds(kId, {kSoftwareHive}); }

}  // namespace
}  // namespace patchgate::gate::checks
