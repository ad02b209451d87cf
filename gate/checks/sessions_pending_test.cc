#include "gate/checks/check_testing.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "testdata/fake_volume.h"

namespace patchgate::gate::checks {
namespace {

constexpr char kId[] = "cbs.sessions-pending";
const FileTime kBegun = testdata::Time("2025-12-10T09:00:19Z");

TEST(SessionsPending, Cases) {
  RunCases(kId, {{"healthy", Unchanged, Finding::PASS, "2 completed"},
                 {"never finished",
                  [](FakeVolume& volume) {
                    volume.AddSession(kBegun, 0);
                    return volume.Build();
                  },
                  Finding::BLOCK,
                  "session begun 2025-12-10T09:00:19Z never finished",
                  {{"SessionsPending\\31222195_1755665280", "Complete is 0"}}},
                 {"Complete is neither 0 nor 1",
                  [](FakeVolume& volume) {
                    volume.AddSession(kBegun, 2);
                    return volume.Build();
                  },
                  Finding::BLOCK,
                  "never finished",
                  {{"31222195", "Complete is 2"}}},
                 {"no Complete",
                  [](FakeVolume& volume) {
                    volume.AddSession(kBegun, 1)->RemoveValue("Complete");
                    return volume.Build();
                  },
                  Finding::BLOCK,
                  "never finished",
                  {{"31222195", "no value Complete"}}},
                 {"id that is no time",
                  [](FakeVolume& volume) {
                    volume.cbs()->AddKey("SessionsPending\\leftover")->SetDword("Complete", 0);
                    return volume.Build();
                  },
                  Finding::BLOCK,
                  "begun at an unknown time",
                  {{"leftover", "Complete is 0"}}},
                 {"one of several",
                  [](FakeVolume& volume) {
                    for (int i = 1; i < 50; ++i)
                      volume.AddSession(kBegun + i * kFileTimeTicksPerSecond, i != 7);
                    return volume.Build();
                  },
                  Finding::BLOCK, "session begun 2025-12-10T09:00:26Z never finished"},
                 {"no SessionsPending key",
                  [](FakeVolume& volume) {
                    volume.cbs()->RemoveKey("SessionsPending");
                    return volume.Build();
                  },
                  Finding::PASS, "no unfinished session"},
                 {"no CBS at all",
                  [](FakeVolume& volume) {
                    volume.software()->RemoveKey("Microsoft");
                    return volume.Build();
                  },
                  Finding::INDETERMINATE, ""},
                 {"wrong type",
                  [](FakeVolume& volume) {
                    volume.AddSession(kBegun, 1)->SetString("Complete", "1");
                    return volume.Build();
                  },
                  Finding::INDETERMINATE, "expected REG_DWORD"},
                 {"wrong type hides no unfinished session",
                  [](FakeVolume& volume) {
                    volume.AddSession(kBegun, 1)->SetString("Complete", "1");
                    volume.AddSession(kBegun + kFileTimeTicksPerSecond, 0);
                    return volume.Build();
                  },
                  Finding::BLOCK, "never finished"},
                 {"broken list of sessions",
                  [](FakeVolume& volume) {
                    evidence::MemorySource built = volume.Build();
                    BreakSubkeys(testdata::kSoftwareHive, *volume.cbs()->FindKey("SessionsPending"),
                                 &built);
                    return built;
                  },
                  Finding::INDETERMINATE, "could not be measured in full"}});
}

TEST(SessionsPending, NeedsSoftware) { ExpectNeeds(kId, {testdata::kSoftwareHive}); }

TEST(SessionsPending, EvidenceIsDated) {
  FakeVolume volume;
  volume.AddSession(kBegun, 0);
  EXPECT_THAT(RunCheck(kId, volume.Build()),
              HasEvidenceWritten("31222195", "2025-12-10T09:01:19Z"));
}

}  // namespace
}  // namespace patchgate::gate::checks
