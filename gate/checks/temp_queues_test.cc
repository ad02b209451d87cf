#include "gate/checks/log_testing.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace patchgate::gate::checks {
namespace {

constexpr char kId[] = "store.temp-queues";

void Fill(const char* name, uint64_t entries, const char* newest, Snapshot* snapshot) {
  for (StoreQueue& queue : *snapshot->mutable_store_folders()->mutable_queues()) {
    if (queue.name() != name) continue;
    queue.set_entries(entries);
    queue.set_newest_filetime(testdata::Time(newest));
  }
}

TEST(TempQueues, Cases) {
  RunCases(
      kId,
      std::vector<SnapshotCase>{
          {"empty", [](Snapshot*) {}, Finding::PASS, "queues are short"},
          {"a thousand deletions", [](Snapshot* s) { Fill("PendingDeletes", 1000, kAfter, s); },
           Finding::PASS, "queues are short"},
          {"more deletions",
           [](Snapshot* s) { Fill("PendingDeletes", 1001, kAfter, s); },
           Finding::WARN,
           "PendingDeletes has grown to 1001 entries",
           {{"WinSxS/Temp/PendingDeletes", "1001 entries"}}},
          {"more renames", [](Snapshot* s) { Fill("PendingRenames", 5000, kAfter, s); },
           Finding::WARN, "PendingRenames has grown to 5000"},
          {"in flight since the boot",
           [](Snapshot* s) {
             AddBoot(kLastBoot, s);
             Fill("InFlight", 3, kAfterBoot, s);
           },
           Finding::INFO,
           "has 3 entries in InFlight",
           {{"WinSxS/Temp/InFlight", "3 entries"}}},
          {"left in flight",
           [](Snapshot* s) {
             AddBoot(kLastBoot, s);
             Fill("InFlight", 1, kAfter, s);
           },
           Finding::WARN, "left 1 entry in InFlight, all from before the boot of 2025-12-14"},
          {"in flight, no boot known", [](Snapshot* s) { Fill("InFlight", 1, kAfter, s); },
           Finding::INFO, "has 1 entry in InFlight"},
      });
}

TEST(TempQueues, IsDated) {
  Snapshot snapshot = HealthyWithLogs();
  Fill("PendingDeletes", 2000, kAfter, &snapshot);
  EXPECT_THAT(RunCheck(kId, snapshot), HasEvidenceWritten("PendingDeletes", kAfter));
}

TEST(TempQueues, NeedsItsEvidence) {
  ExpectNeedsSection(kId, [](Snapshot* s) { return s->mutable_store_folders()->mutable_winsxs(); });
  for (int i = 0; i < 3; ++i) {
    ExpectNeedsSection(
        kId,
        [i](Snapshot* s) {
          return s->mutable_store_folders()->mutable_queues(i)->mutable_collection();
        },
        Finding::PASS);
  }
  Snapshot snapshot = HealthyWithLogs();
  snapshot.mutable_store_folders()->clear_queues();
  EXPECT_THAT(RunCheck(kId, snapshot), ResultIs(Finding::INDETERMINATE));
}

}  // namespace
}  // namespace patchgate::gate::checks
