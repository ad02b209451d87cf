#include "gate/checks/check_testing.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "testdata/fake_volume.h"

namespace patchgate::gate::checks {
namespace {

constexpr char kId[] = "cbs.postponed-online-actions";

TEST(PostponedOnlineActions, Cases) {
  RunCases(kId, {{"healthy", Unchanged, Finding::PASS, "no part of an update"},
                 {"leftover",
                  [](FakeVolume& volume) {
                    volume.cbs()->SetDword("PostponeOnlineActions", 2);
                    return volume.Build();
                  },
                  Finding::BLOCK,
                  "has never run",
                  {{"PostponeOnlineActions", "is 2"}}},
                 {"another value",
                  [](FakeVolume& volume) {
                    volume.cbs()->SetDword("PostponeOnlineActions", 1);
                    return volume.Build();
                  },
                  Finding::WARN,
                  "unknown meaning",
                  {{"PostponeOnlineActions", "is 1"}}},
                 {"zero",
                  [](FakeVolume& volume) {
                    volume.cbs()->SetDword("PostponeOnlineActions", 0);
                    return volume.Build();
                  },
                  Finding::PASS, "no part of an update"},
                 {"wrong type",
                  [](FakeVolume& volume) {
                    volume.cbs()->SetString("PostponeOnlineActions", "2");
                    return volume.Build();
                  },
                  Finding::INDETERMINATE, "expected REG_DWORD"},
                 {"broken value list",
                  [](FakeVolume& volume) {
                    volume.cbs()->SetDword("PostponeOnlineActions", 0);
                    evidence::MemorySource built = volume.Build();
                    BreakValues(kSoftwareHive, *volume.cbs(), &built);
                    return built;
                  },
                  Finding::INDETERMINATE, "could not be measured in full"}});
}

TEST(PostponedOnlineActions, IsDated) {
  FakeVolume volume;
  volume.cbs()
      ->SetDword("PostponeOnlineActions", 2)
      ->set_last_written(testdata::Time("2025-12-10T09:41:05Z"));
  EXPECT_THAT(RunCheck(kId, volume.Build()),
              HasEvidenceWritten("PostponeOnlineActions", "2025-12-10T09:41:05Z"));
}

TEST(PostponedOnlineActions, NeedsItsEvidence) { ExpectNeeds(kId, {kSoftwareHive}); }

}  // namespace
}  // namespace patchgate::gate::checks
