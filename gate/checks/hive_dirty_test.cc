#include <string>

#include "absl/strings/str_cat.h"
#include "gate/checks/check_testing.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "servicing/regf/log_builder.h"
#include "testdata/fake_volume.h"

namespace patchgate::gate::checks {
namespace {

constexpr char kId[] = "registry.hive-dirty";

// SOFTWARE as before a change, with the change in its log.
evidence::MemorySource WithLog(FakeVolume& volume) {
  const std::string before = volume.BuildSoftware();
  volume.cbs()->SetDword("PostponeOnlineActions", 2);
  const std::string after = volume.BuildSoftware();
  evidence::MemorySource built = volume.Build();
  built.AddFile(kSoftwareHive, regf::Dirty(before, 42, 41), testdata::Time("2025-12-15T07:30:00Z"));
  built.AddFile(absl::StrCat(kSoftwareHive, ".LOG1"),
                regf::NewLog(after, 42, regf::DiffStates({before, after}, 42)));
  return built;
}

TEST(HiveDirty, Cases) {
  RunCases(kId, {{"healthy", Unchanged, Finding::PASS, "is dirty"},
                 {"replayed",
                  WithLog,
                  Finding::PASS,
                  "from transaction logs: SOFTWARE (1 entries, ",
                  {{kSoftwareHive, "sequence numbers 42 and 41; brought up to date"},
                   {"SOFTWARE.LOG1", "1 entries"}}},
                 {"no logs",
                  [](FakeVolume& volume) {
                    evidence::MemorySource built = volume.Build();
                    built.AddFile(kSystemHive, regf::Dirty(volume.BuildSystem(), 42, 41));
                    return built;
                  },
                  Finding::INDETERMINATE,
                  "hive SYSTEM is dirty and its logs",
                  {{kSystemHive, "42 and 41"}}},
                 {"a log of no use",
                  [](FakeVolume& volume) {
                    evidence::MemorySource built = WithLog(volume);
                    built.AddFile(absl::StrCat(kSoftwareHive, ".LOG1"), "regf");
                    return built;
                  },
                  Finding::INDETERMINATE,
                  "hive SOFTWARE is dirty and its logs",
                  {{"SOFTWARE.LOG1", "0 entries"}}},
                 {"base block from the log",
                  [](FakeVolume& volume) {
                    evidence::MemorySource built = WithLog(volume);
                    volume.cbs()->RemoveValue("PostponeOnlineActions");
                    built.AddFile(kSoftwareHive, regf::BreakChecksum(volume.BuildSoftware()));
                    return built;
                  },
                  Finding::PASS,
                  "from transaction logs: SOFTWARE",
                  {{kSoftwareHive, "base block taken"}}},
                 {"no COMPONENTS",
                  [](FakeVolume& volume) {
                    evidence::MemorySource built = volume.Build();
                    built.Remove(kComponentsHive);
                    return built;
                  },
                  Finding::INDETERMINATE, "hive COMPONENTS is missing"}});
}

TEST(HiveDirty, WhatWasReplayedIsJudged) {
  FakeVolume volume;
  EXPECT_THAT(RunCheck("cbs.postponed-online-actions", WithLog(volume)), ResultIs(Finding::BLOCK));
}

TEST(HiveDirty, AStateThatNobodyRecorded) {
  FakeVolume volume;
  Snapshot snapshot = CollectFrom(volume.Build());
  snapshot.mutable_hives(0)->clear_state();
  EXPECT_THAT(RunCheck(kId, snapshot), ResultIs(Finding::INDETERMINATE));
}

TEST(HiveDirty, LoadedHivesAreConsistentByThemselves) {
  FakeVolume volume;
  Snapshot snapshot = Live(CollectFrom(WithLog(volume)));
  snapshot.mutable_hives(0)->set_state(HiveFacts::LOADED);
  EXPECT_THAT(RunCheck(kId, snapshot), ResultIs(Finding::PASS));
  EXPECT_THAT(RunCheck(kId, snapshot),
              SummaryHas("SYSTEM is loaded by the running Windows; brought up to date in memory"));
  EXPECT_THAT(RunCheck(kId, snapshot), SummaryHas("; COMPONENTS is not dirty"));
  snapshot.mutable_hives(1)->set_state(HiveFacts::LOADED);
  EXPECT_EQ(RunCheck(kId, snapshot).summary(),
            "SYSTEM and SOFTWARE are loaded by the running Windows; COMPONENTS is not dirty");
  snapshot.mutable_hives(2)->set_state(HiveFacts::POSSIBLY_STALE);
  EXPECT_THAT(RunCheck(kId, snapshot), ResultIs(Finding::INDETERMINATE));
}

TEST(HiveDirty, NoHiveIsLoadedOnAHostThatDoesNotRun) {
  Snapshot snapshot = CollectFrom(FakeVolume().Build());
  snapshot.mutable_hives(0)->set_state(HiveFacts::LOADED);
  EXPECT_THAT(RunCheck(kId, snapshot), ResultIs(Finding::INDETERMINATE));
  EXPECT_THAT(RunCheck(kId, snapshot), SummaryHas("on a host that does not run"));
}

TEST(HiveDirty, IsDated) {
  FakeVolume volume;
  EXPECT_THAT(RunCheck(kId, WithLog(volume)),
              HasEvidenceWritten("SOFTWARE", "2025-12-15T07:30:00Z"));
}

TEST(HiveDirty, NeedsItsEvidence) {
  ExpectNeeds(kId, {kSystemHive, kSoftwareHive, kComponentsHive});
}

}  // namespace
}  // namespace patchgate::gate::checks
