#include "gate/checks/check_testing.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "testdata/fake_volume.h"

namespace patchgate::gate::checks {
namespace {

constexpr char kId[] = "cbs.exclusive-session";

TEST(ExclusiveSession, Cases) {
  RunCases(
      kId,
      {{"healthy", Unchanged, Finding::PASS, "no session"},
       {"claimed",
        [](FakeVolume& volume) {
          volume.cbs()->AddKey("SessionsPending")->SetDword("Exclusive", 3);
          return volume.Build();
        },
        Finding::BLOCK,
        "claims the servicing stack",
        {{"SessionsPending\\Exclusive", "is 3"}}},
       {"no value",
        [](FakeVolume& volume) {
          volume.cbs()->AddKey("SessionsPending")->RemoveValue("Exclusive");
          return volume.Build();
        },
        Finding::PASS, "no session"},
       {"no SessionsPending key",
        [](FakeVolume& volume) {
          volume.cbs()->RemoveKey("SessionsPending");
          return volume.Build();
        },
        Finding::PASS, "no session"},
       {"no CBS at all",
        [](FakeVolume& volume) {
          volume.software()->RemoveKey("Microsoft");
          return volume.Build();
        },
        Finding::INDETERMINATE, "is missing"},
       {"wrong type",
        [](FakeVolume& volume) {
          volume.cbs()->AddKey("SessionsPending")->SetString("Exclusive", "1");
          return volume.Build();
        },
        Finding::INDETERMINATE, "expected REG_DWORD"},
       {"a session's value has a wrong type",
        [](FakeVolume& volume) {
          volume.AddSession(testdata::Time("2025-12-10T09:00:19Z"), 1)->SetString("Complete", "1");
          return volume.Build();
        },
        Finding::PASS, "no session"},
       {"broken value list",
        [](FakeVolume& volume) {
          evidence::MemorySource built = volume.Build();
          BreakValues(kSoftwareHive, *volume.cbs()->FindKey("SessionsPending"), &built);
          return built;
        },
        Finding::INDETERMINATE, "could not be measured in full"}});
}

TEST(ExclusiveSession, IsDated) {
  FakeVolume volume;
  volume.cbs()
      ->AddKey("SessionsPending")
      ->SetDword("Exclusive", 1)
      ->set_last_written(testdata::Time("2025-12-10T09:41:05Z"));
  EXPECT_THAT(RunCheck(kId, volume.Build()),
              HasEvidenceWritten("Exclusive", "2025-12-10T09:41:05Z"));
}

TEST(ExclusiveSession, NeedsItsEvidence) { ExpectNeeds(kId, {kSoftwareHive}); }

}  // namespace
}  // namespace patchgate::gate::checks
