#include "gate/checks/log_testing.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace patchgate::gate::checks {
namespace {

constexpr char kId[] = "store.last-stack";

TEST(LastStack, Cases) {
  const auto last = [](const char* version) {
    return [version](Snapshot* s) { s->mutable_last_stack()->set_last_wcp_version(version); };
  };
  RunCases(
      kId,
      std::vector<SnapshotCase>{
          {"the registered one", [](Snapshot*) {}, Finding::PASS, "not newer"},
          {"an older one", last("10.0.26100.1742 (WinBuild.160101.0800)"), Finding::PASS,
           "not newer"},
          {"older by number, not by text", last("10.0.9600.19999"), Finding::PASS, "not newer"},
          {"a newer one",
           last("10.0.26100.7705 (WinBuild.160101.0800)"),
           Finding::WARN,
           "only the older 10.0.26100.7295 is registered: it was rolled back",
           {{"COMPONENTS\\ServicingStackVersions\\LastWCPVersionToAccessStore",
             "is 10.0.26100.7705"},
            {"Version\\10.0.26100.7295", "registered"}}},
          {"a newer Windows", last("10.0.26200.1"), Finding::WARN, "rolled back"},
          {"no version", last("unknown"), Finding::INFO, "cannot be compared"},
          {"too few numbers", last("10.0.26100"), Finding::INFO, "cannot be compared"},
          {"a number too large", last("10.0.26100.99999999999"), Finding::INFO,
           "cannot be compared"},
          {"no value", last(""), Finding::NOT_APPLICABLE, "does not say"},
          {"two stacks",
           [](Snapshot* s) {
             s->mutable_servicing_stack()->add_versions()->set_version("10.0.26100.1");
           },
           Finding::NOT_APPLICABLE, "no single registered servicing stack"},
          {"no stack", [](Snapshot* s) { s->mutable_servicing_stack()->clear_versions(); },
           Finding::NOT_APPLICABLE, "no single registered servicing stack"},
      });
}

TEST(LastStack, IsDated) {
  Snapshot snapshot = HealthyWithLogs();
  snapshot.mutable_last_stack()->set_last_wcp_version("10.0.26100.7705");
  snapshot.mutable_last_stack()->mutable_collection()->set_modified_filetime(
      testdata::Time(kAfter));
  EXPECT_THAT(RunCheck(kId, snapshot), HasEvidenceWritten("LastWCPVersionToAccessStore", kAfter));
}

TEST(LastStack, NeedsItsEvidence) {
  // Without the key the value is not there either.
  Snapshot snapshot = HealthyWithLogs();
  snapshot.mutable_last_stack()->clear_last_wcp_version();
  snapshot.mutable_last_stack()->mutable_collection()->set_status(Collection::ABSENT);
  EXPECT_THAT(RunCheck(kId, snapshot), ResultIs(Finding::NOT_APPLICABLE));
  ExpectNeedsSection(
      kId, [](Snapshot* s) { return s->mutable_last_stack()->mutable_collection(); },
      Finding::PASS);
  ExpectNeedsSection(
      kId, [](Snapshot* s) { return s->mutable_servicing_stack()->mutable_collection(); },
      Finding::PASS);
}

}  // namespace
}  // namespace patchgate::gate::checks
