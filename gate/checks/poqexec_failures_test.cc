#include "gate/checks/log_testing.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace patchgate::gate::checks {
namespace {

constexpr char kId[] = "pending.poqexec-failures";
constexpr char kLog[] = "WinSxS/poqexec.log";

void Fail(const char* time, uint32_t status, Snapshot* snapshot) {
  PoqexecLog* log = snapshot->mutable_poqexec_log();
  log->mutable_collection()->set_status(Collection::COLLECTED);
  PoqexecFailure* failure = log->add_failures();
  failure->set_started_filetime(*time == '\0' ? 0 : testdata::Time(time));
  failure->set_operation_index(0x1f);
  failure->set_status(status);
  failure->set_operation("MoveFile");
  failure->set_path("\\SystemRoot\\WinSxS\\Temp\\PendingRenames\\x");
}

TEST(PoqexecFailures, Cases) {
  constexpr uint32_t kNotFound = 0xC0000034;
  RunCases(
      kId,
      std::vector<SnapshotCase>{
          {"no log", [](Snapshot*) {}, Finding::PASS, "no failure on record"},
          {"empty log",
           [](Snapshot* s) {
             s->mutable_poqexec_log()->mutable_collection()->set_status(Collection::COLLECTED);
           },
           Finding::PASS, "no failure on record"},
          {"in the last boot",
           [](Snapshot* s) {
             AddBoot(kLastBoot, s);
             Fail(kAfterBoot, 0xC0000265, s);
           },
           Finding::BLOCK,
           "could not do MoveFile: 0xc0000265 (STATUS_TOO_MANY_LINKS), the file has too many hard "
           "links, in the boot of 2025-12-14T07:20:00Z",
           {{kLog, "operation 31, MoveFile failed with 0xc0000265"}, {kLog, "PendingRenames\\x"}}},
          {"in a boot before, no update since",
           [](Snapshot* s) {
             AddBoot(kLastBoot, s);
             Fail(kAfter, kNotFound, s);
           },
           Finding::WARN, "no cumulative update is known to be installed since"},
          {"an update since",
           [](Snapshot* s) {
             AddBoot(kLastBoot, s);
             Fail(kBefore, kNotFound, s);
           },
           Finding::INFO,
           "a cumulative update was installed since, 2025-12-10T09:12:30Z",
           {{kLog, "not found"}}},
          {"an update since, in the same boot",
           [](Snapshot* s) {
             AddBoot(kLongBefore, s);
             Fail(kBefore, kNotFound, s);
           },
           Finding::INFO, "installed since"},
          {"no boot known", [](Snapshot* s) { Fail(kAfter, kNotFound, s); }, Finding::WARN,
           "no cumulative update is known"},
          {"no boot known, an update since", [](Snapshot* s) { Fail(kBefore, kNotFound, s); },
           Finding::INFO, "installed since"},
          {"nothing known",
           [](Snapshot* s) {
             ForgetSuccess(s);
             Fail(kLongBefore, kNotFound, s);
           },
           Finding::WARN, "no cumulative update is known"},
          {"no time",
           [](Snapshot* s) {
             AddBoot(kLastBoot, s);
             Fail("", kNotFound, s);
           },
           Finding::WARN, "no cumulative update is known"},
          {"the newest counts, wherever it stands",
           [](Snapshot* s) {
             AddBoot(kLastBoot, s);
             Fail(kAfterBoot, 0xC01A001D, s);
             Fail(kBefore, kNotFound, s);
           },
           Finding::BLOCK, "0xc01a001d (STATUS_LOG_FULL), the transaction log or the disk is full"},
          {"unknown status",
           [](Snapshot* s) {
             AddBoot(kLastBoot, s);
             Fail(kAfterBoot, 0xC0000999, s);
           },
           Finding::BLOCK, "MoveFile: 0xc0000999, in the boot"},
      });
}

TEST(PoqexecFailures, IsDated) {
  Snapshot snapshot = HealthyWithLogs();
  Fail(kAfter, 0xC0000022, &snapshot);
  EXPECT_THAT(RunCheck(kId, snapshot), HasEvidenceWritten(kLog, kAfter));
}

TEST(PoqexecFailures, NeedsItsEvidence) {
  ExpectNeedsSection(
      kId, [](Snapshot* s) { return s->mutable_poqexec_log()->mutable_collection(); },
      Finding::PASS);
  ExpectNeedsSection(kId, [](Snapshot* s) { return s->mutable_store_folders()->mutable_winsxs(); });
}

}  // namespace
}  // namespace patchgate::gate::checks
