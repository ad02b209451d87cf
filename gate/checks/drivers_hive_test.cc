#include <string>

#include "absl/strings/str_cat.h"
#include "gate/checks/check_testing.h"
#include "gate/checks/hives.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "servicing/regf/log_builder.h"
#include "testdata/fake_volume.h"

namespace patchgate::gate::checks {
namespace {

constexpr char kId[] = "registry.drivers-hive";
using testdata::kDriversHive;

TEST(DriversHive, Cases) {
  RunCases(kId, {{"healthy", Unchanged, Finding::PASS, "is clean and shows no damage"},
                 {"missing",
                  [](FakeVolume& volume) {
                    evidence::MemorySource built = volume.Build();
                    built.Remove(kDriversHive);
                    return built;
                  },
                  Finding::WARN, "is missing"},
                 {"unreadable",
                  [](FakeVolume& volume) {
                    evidence::MemorySource built = volume.Build();
                    built.AddError(kDriversHive, absl::PermissionDeniedError("access denied"));
                    return built;
                  },
                  Finding::WARN, "cannot be read: "},
                 {"no hive",
                  [](FakeVolume& volume) {
                    evidence::MemorySource built = volume.Build();
                    built.AddFile(kDriversHive, std::string(8192, 'x'));
                    return built;
                  },
                  Finding::WARN, "cannot be read: "},
                 {"damaged",
                  [](FakeVolume& volume) {
                    evidence::MemorySource built = volume.Build();
                    BreakSubkeys(kDriversHive, *volume.drivers()->FindKey("DriverDatabase"),
                                 &built);
                    return built;
                  },
                  Finding::WARN,
                  "is damaged in 1 place",
                  {{"DRIVERS at 0x", "in key DriverDatabase"}}},
                 {"no logs",
                  [](FakeVolume& volume) {
                    evidence::MemorySource built = volume.Build();
                    built.AddFile(kDriversHive, regf::Dirty(volume.BuildDrivers(), 42, 41));
                    return built;
                  },
                  Finding::WARN,
                  "is dirty and its logs",
                  {{kDriversHive, "42 and 41"}}},
                 {"replayed",
                  [](FakeVolume& volume) {
                    const std::string before = volume.BuildDrivers();
                    volume.drivers()->AddKey("DriverDatabase")->SetDword("Version", 1);
                    const std::string after = volume.BuildDrivers();
                    evidence::MemorySource built = volume.Build();
                    built.AddFile(kDriversHive, regf::Dirty(before, 42, 41));
                    built.AddFile(absl::StrCat(kDriversHive, ".LOG1"),
                                  regf::NewLog(after, 42, regf::DiffStates({before, after}, 42)));
                    return built;
                  },
                  Finding::PASS, "brought up to date in memory from its logs (1 entries"}});
}

TEST(DriversHive, States) {
  Snapshot snapshot = CollectFrom(FakeVolume().Build());
  HiveFacts* hive = nullptr;
  for (HiveFacts& facts : *snapshot.mutable_hives()) {
    if (facts.name() == "DRIVERS") hive = &facts;
  }
  ASSERT_NE(hive, nullptr);
  hive->set_state(HiveFacts::LOADED);
  EXPECT_THAT(RunCheck(kId, snapshot), ResultIs(Finding::INDETERMINATE)) << "on a dead host";
  EXPECT_THAT(RunCheck(kId, Live(snapshot)), ResultIs(Finding::PASS));
  EXPECT_THAT(RunCheck(kId, Live(snapshot)), SummaryHas("DRIVERS is loaded by the running"));
  hive->clear_state();
  EXPECT_THAT(RunCheck(kId, snapshot), ResultIs(Finding::INDETERMINATE));
  hive->set_state(HiveFacts::CLEAN);
  hive->set_damage_total(5000);
  EXPECT_THAT(RunCheck(kId, snapshot), SummaryHas("damaged in 5,000 places"));
  hive->mutable_collection()->clear_status();
  EXPECT_THAT(RunCheck(kId, snapshot), ResultIs(Finding::INDETERMINATE));
  snapshot.clear_hives();
  EXPECT_THAT(RunCheck(kId, snapshot), ResultIs(Finding::INDETERMINATE));
}

}  // namespace
}  // namespace patchgate::gate::checks
