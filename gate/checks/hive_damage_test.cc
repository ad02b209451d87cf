#include <string>

#include "absl/strings/str_cat.h"
#include "gate/checks/check_testing.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "servicing/regf/format.h"
#include "testdata/fake_volume.h"

namespace patchgate::gate::checks {
namespace {

constexpr char kId[] = "registry.hive-damage";

TEST(HiveDamage, Cases) {
  RunCases(kId, {{"healthy", Unchanged, Finding::PASS, "no damage"},
                 {"no COMPONENTS",
                  [](FakeVolume& volume) {
                    evidence::MemorySource built = volume.Build();
                    built.Remove(kComponentsHive);
                    return built;
                  },
                  Finding::INDETERMINATE,
                  "hive COMPONENTS is missing",
                  {{kComponentsHive, "not found"}}},
                 {"a value list deep in the tree",
                  [](FakeVolume& volume) {
                    evidence::MemorySource built = volume.Build();
                    BreakValues(kSystemHive,
                                *volume.system()->FindKey("ControlSet001\\Services\\BITS"), &built);
                    return built;
                  },
                  Finding::INDETERMINATE,
                  "hive SYSTEM is damaged in 1 place(s)",
                  {{kSystemHive, "in key ControlSet001\\Services\\BITS"}}},
                 {"empty file",
                  [](FakeVolume& volume) {
                    evidence::MemorySource built = volume.Build();
                    built.AddFile(kSystemHive, "");
                    return built;
                  },
                  Finding::INDETERMINATE, "hive SYSTEM cannot be read: "},
                 {"no hive",
                  [](FakeVolume& volume) {
                    evidence::MemorySource built = volume.Build();
                    built.AddFile(kSoftwareHive, std::string(8192, 'x'));
                    return built;
                  },
                  Finding::INDETERMINATE, "hive SOFTWARE cannot be read: "},
                 {"truncated",
                  [](FakeVolume& volume) {
                    // Wide enough that its root is in the part that remains.
                    for (int i = 0; i < 200; ++i) {
                      volume.AddPackage(absl::StrCat("Package_", i), 112, 1);
                    }
                    evidence::MemorySource built = volume.Build();
                    std::string hive = volume.BuildSoftware();
                    hive.resize(hive.size() - regf::bin::kAlignment);
                    built.AddFile(kSoftwareHive, hive);
                    return built;
                  },
                  Finding::INDETERMINATE,
                  "hive SOFTWARE is damaged",
                  {{kSoftwareHive, "truncated"}}},
                 {"unknown version",
                  [](FakeVolume& volume) {
                    evidence::MemorySource built = volume.Build();
                    std::string hive = volume.BuildSoftware();
                    hive[regf::base_block::kMinorVersion] = 9;
                    regf::FixChecksum(&hive);
                    built.AddFile(kSoftwareHive, hive);
                    return built;
                  },
                  Finding::INDETERMINATE,
                  "in 1 place(s)",
                  {{"at 0x", "version 1.9"}}}});
}

TEST(HiveDamage, HasABoundedList) {
  FakeVolume volume;
  Snapshot snapshot = CollectFrom(volume.Build());
  HiveFacts* hive = snapshot.mutable_hives(1);
  for (uint64_t i = 0; i < 200; ++i) {
    patchgate::HiveDamage* damage = hive->add_damage();
    damage->set_file_offset(0x1000 * i);
    damage->set_what("bin: no signature");
    damage->set_key_path("ROOT\\A");
  }
  hive->set_damage_total(5000);
  const Finding finding = RunCheck(kId, snapshot);
  EXPECT_THAT(finding, ResultIs(Finding::INDETERMINATE));
  EXPECT_THAT(finding, SummaryHas("hive SOFTWARE is damaged in 5000 place(s)"));
  EXPECT_THAT(finding, HasEvidence("at 0x1000", "no signature, in key ROOT\\A"));
  EXPECT_THAT(finding, HasEvidence("SOFTWARE", "4980 more"));
  EXPECT_EQ(finding.evidence_size(), 21);
}

TEST(HiveDamage, OfLoadedHivesNoFileIsSound) {
  Snapshot snapshot = Live(CollectFrom(FakeVolume().Build()));
  snapshot.mutable_hives(0)->set_state(HiveFacts::LOADED);
  snapshot.mutable_hives(1)->set_state(HiveFacts::LOADED);
  EXPECT_THAT(RunCheck(kId, snapshot), ResultIs(Finding::PASS));
  EXPECT_EQ(RunCheck(kId, snapshot).summary(),
            "SYSTEM and SOFTWARE are loaded by the running Windows: whether their files are "
            "damaged was not looked at; COMPONENTS shows no damage");
  snapshot.mutable_hives(2)->set_state(HiveFacts::LOADED);
  EXPECT_THAT(RunCheck(kId, snapshot), testing::Not(SummaryHas("no damage")));
  snapshot.mutable_hives(2)->set_damage_total(1);
  EXPECT_THAT(RunCheck(kId, snapshot), ResultIs(Finding::INDETERMINATE));
}

TEST(HiveDamage, AHiveThatIsNotInTheSnapshot) {
  FakeVolume volume;
  Snapshot snapshot = CollectFrom(volume.Build());
  snapshot.mutable_hives()->DeleteSubrange(2, 1);
  EXPECT_THAT(RunCheck(kId, snapshot), ResultIs(Finding::INDETERMINATE));
  EXPECT_THAT(RunCheck(kId, snapshot), SummaryHas("hive COMPONENTS is not in the snapshot"));
}

TEST(HiveDamage, IsDated) {
  FakeVolume volume;
  evidence::MemorySource built = volume.Build();
  std::string hive = volume.BuildSoftware();
  hive[regf::base_block::kMinorVersion] = 9;
  regf::FixChecksum(&hive);
  built.AddFile(kSoftwareHive, hive, testdata::Time("2025-12-10T09:41:05Z"));
  EXPECT_THAT(RunCheck(kId, built), HasEvidenceWritten("SOFTWARE", "2025-12-10T09:41:05Z"));
}

}  // namespace
}  // namespace patchgate::gate::checks
