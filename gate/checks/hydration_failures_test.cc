#include "gate/checks/log_testing.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace patchgate::gate::checks {
namespace {

constexpr char kId[] = "store.hydration-failures";
constexpr char kText[] = "Hydration failed for component amd64_x, Delta Type: Reverse Delta";

void Fail(const char* time, Snapshot* snapshot) {
  AddMark(CbsMark::HYDRATION_FAILED, time, kText, snapshot);
}

TEST(HydrationFailures, Cases) {
  RunCases(kId,
           std::vector<SnapshotCase>{
               {"healthy", [](Snapshot*) {}, Finding::PASS, "no broken delta"},
               {"since the last update",
                [](Snapshot* s) { Fail(kAfter, s); },
                Finding::WARN,
                "could not be applied, last seen 2025-12-12T10:00:00Z",
                {{"CBS.log", "Reverse Delta"}}},
               {"before the last update",
                [](Snapshot* s) { Fail(kBefore, s); },
                Finding::INFO,
                "a cumulative update was installed since, 2025-12-10T09:12:30Z",
                {{"CBS.log", "Reverse Delta"}}},
               {"at the same time: nobody can say which was first",
                [](Snapshot* s) { Fail(kSuccess, s); }, Finding::WARN, "last seen"},
               {"no success known",
                [](Snapshot* s) {
                  Fail(kLongBefore, s);
                  ForgetSuccess(s);
                },
                Finding::WARN, "last seen 2025-11-01"},
               {"no time",
                [](Snapshot* s) {
                  Fail(kBefore, s);
                  s->mutable_cbs_log()->mutable_marks(0)->clear_last();
                },
                Finding::WARN, "an unknown time"},
               {"local time, less than 14 hours before the update",
                [](Snapshot* s) {
                  Fail("2025-12-10T01:00:00Z", s);
                  s->mutable_cbs_log()->mutable_marks(0)->mutable_last()->set_local(true);
                },
                Finding::WARN,
                "2025-12-10T01:00:00 local time",
                {{"CBS.log", "2025-12-10T01:00:00 local time"}}},
               {"local time, days before the update",
                [](Snapshot* s) {
                  Fail(kLongBefore, s);
                  s->mutable_cbs_log()->mutable_marks(0)->mutable_last()->set_local(true);
                },
                Finding::INFO, "installed since"},
               {"the newest of several counts",
                [](Snapshot* s) {
                  Fail(kAfter, s);
                  Fail(kBefore, s);
                  s->mutable_cbs_log()->mutable_marks(0)->set_count(9);
                  s->mutable_cbs_log()->mutable_marks(0)->set_hresult(0x800F0984);
                },
                Finding::WARN,
                "0x800f0984",
                {{"CBS.log", "(9 times)"}}},
               {"another phrase", [](Snapshot* s) { AddMark(CbsMark::LOG_FULL, kAfter, "x", s); },
                Finding::PASS, "no broken delta"},
           });
}

TEST(HydrationFailures, IsDated) {
  Snapshot snapshot = HealthyWithLogs();
  Fail(kAfter, &snapshot);
  EXPECT_THAT(RunCheck(kId, snapshot), HasEvidenceWritten("CBS.log", kAfter));
  // A local time is no UTC time.
  snapshot.mutable_cbs_log()->mutable_marks(0)->mutable_last()->set_local(true);
  EXPECT_THAT(RunCheck(kId, snapshot), HasEvidenceWritten("CBS.log", ""));
}

TEST(HydrationFailures, ShowsTheNewestAndCountsTheRest) {
  Snapshot snapshot = HealthyWithLogs();
  for (int i = 0; i < 30; ++i) Fail(kBefore, &snapshot);
  Fail(kAfter, &snapshot);
  const Finding finding = RunCheck(kId, snapshot);
  EXPECT_THAT(finding, ResultIs(Finding::WARN));
  ASSERT_EQ(finding.evidence_size(), 21);
  EXPECT_EQ(finding.evidence(0).written(), kAfter);
  EXPECT_THAT(finding, HasEvidence("CBS.log", "and 11 more"));
}

TEST(HydrationFailures, NeedsItsEvidence) { ExpectNeedsCbsLog(kId); }

}  // namespace
}  // namespace patchgate::gate::checks
