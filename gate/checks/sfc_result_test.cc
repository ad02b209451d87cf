#include "gate/checks/log_testing.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace patchgate::gate::checks {
namespace {

constexpr char kId[] = "store.sfc-result";

CbsSfcRun* AddRun(const char* time, uint32_t cannot_repair, Snapshot* snapshot) {
  CbsSfcRun* run = snapshot->mutable_cbs_log()->add_sfc_runs();
  run->mutable_time()->set_filetime(testdata::Time(time));
  run->set_cannot_repair(cannot_repair);
  run->set_complete(true);
  if (cannot_repair > 0) run->add_unrepaired_files("ntdll.dll of amd64_ntdll");
  return run;
}

TEST(SfcResult, Cases) {
  RunCases(kId, std::vector<SnapshotCase>{
                    {"never ran", [](Snapshot*) {}, Finding::NOT_APPLICABLE, "sfc did not run"},
                    {"all well", [](Snapshot* s) { AddRun(kAfter, 0, s); }, Finding::PASS,
                     "sfc, last run 2025-12-12T10:00:00Z, left nothing unrepaired"},
                    {"cannot repair",
                     [](Snapshot* s) { AddRun(kAfter, 2, s); },
                     Finding::WARN,
                     "could not repair 2 files, 2025-12-12T10:00:00Z",
                     {{"CBS.log", "cannot repair ntdll.dll"}}},
                    {"mended by a later run",
                     [](Snapshot* s) {
                       AddRun(kAfter, 1, s);
                       AddRun(kAfterBoot, 0, s);
                     },
                     Finding::PASS, "left nothing unrepaired"},
                    {"broken since an earlier run",
                     [](Snapshot* s) {
                       AddRun(kAfter, 0, s);
                       AddRun(kAfterBoot, 1, s);
                     },
                     Finding::WARN, "could not repair 1 file, "},
                    {"an update since", [](Snapshot* s) { AddRun(kBefore, 2, s); }, Finding::INFO,
                     "a cumulative update was installed since"},
                    {"no success known",
                     [](Snapshot* s) {
                       AddRun(kLongBefore, 2, s);
                       ForgetSuccess(s);
                     },
                     Finding::WARN, "could not repair 2 files"},
                    {"broken off",
                     [](Snapshot* s) { AddRun(kAfter, 0, s)->set_complete(false); },
                     Finding::INFO,
                     "did not come to its end",
                     {{"CBS.log", "neither"}}},
                });
}

TEST(SfcResult, ListsTheFirstFilesOnly) {
  Snapshot snapshot = HealthyWithLogs();
  CbsSfcRun* run = AddRun(kAfter, 1000, &snapshot);
  for (int i = 0; i < 999; ++i) run->add_unrepaired_files("x.dll");
  EXPECT_EQ(RunCheck(kId, snapshot).evidence_size(), 21);
}

TEST(SfcResult, NeedsItsEvidence) { ExpectNeedsCbsLog(kId); }

}  // namespace
}  // namespace patchgate::gate::checks
