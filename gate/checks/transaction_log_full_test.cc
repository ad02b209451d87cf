#include "gate/checks/log_testing.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace patchgate::gate::checks {
namespace {

constexpr char kId[] = "cbs.transaction-log-full";

TEST(TransactionLogFull, Cases) {
  const auto full = [](const char* time, Snapshot* s) {
    AddMark(CbsMark::LOG_FULL, time, "Failed to commit", s)->set_hresult(0xC01A001D);
  };
  RunCases(kId, std::vector<SnapshotCase>{
                    {"healthy", [](Snapshot*) {}, Finding::PASS, "no transaction"},
                    {"since the last update",
                     [&](Snapshot* s) { full(kAfter, s); },
                     Finding::WARN,
                     "found its log full, last seen 2025-12-12T10:00:00Z: 0xc01a001d",
                     {{"CBS.log", "Failed to commit"}}},
                    {"before the last update", [&](Snapshot* s) { full(kBefore, s); },
                     Finding::INFO, "installed since"},
                    {"no success known",
                     [&](Snapshot* s) {
                       full(kLongBefore, s);
                       ForgetSuccess(s);
                     },
                     Finding::WARN, "found its log full"},
                });
}

TEST(TransactionLogFull, NeedsItsEvidence) { ExpectNeedsCbsLog(kId); }

}  // namespace
}  // namespace patchgate::gate::checks
