#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gate/checks/checks.h"
#include "gate/checks/dated_reports.h"
#include "gate/checks/dating.h"
#include "gate/checks/presence.h"

namespace patchgate::gate::checks {

// Whether the logs can be believed, and since when they can speak. A log that was rotated away or
// cleared is not a host without failures.
Finding Logs(const CheckInput& input) {
  const Snapshot& snapshot = input.snapshot;
  FindingBuilder finding;
  NeedsCbsLog(snapshot, &finding);
  NeedsEventLog(snapshot, "Setup.evtx", &finding);
  NeedsEventLog(snapshot, "System.evtx", &finding);
  // Not every host has these; but what is there and cannot be read is no host without failures.
  finding.Needs(snapshot.session_journal().journal());
  finding.Needs(snapshot.reporting_events().collection());
  const history::When success = LastCumulativeSuccess(input.timeline);
  std::vector<std::string> late;
  for (const Coverage& coverage : input.timeline.coverage()) {
    const bool counts = coverage.source() == "CBS.log" || coverage.source() == "Setup.evtx" ||
                        coverage.source() == "System.evtx";
    const history::When first{coverage.first_filetime(), coverage.local()};
    if (!counts || coverage.status() != "collected" || success.time == 0) continue;
    if (first.time != 0 && !history::DefinitelyAfter(first, success)) continue;
    late.push_back(first.time == 0
                       ? absl::StrCat(coverage.source(), " (nothing in it is dated)")
                       : absl::StrCat(coverage.source(), " (from ", WhenText(first), ")"));
    finding.Evidence(coverage.source(),
                     absl::StrCat("the last cumulative update was installed ", WhenText(success)),
                     Written(first));
  }
  if (!late.empty()) {
    finding.Judge(Finding::INFO,
                  absl::StrCat("begins after the last cumulative update: ",
                               absl::StrJoin(late, ", "), "; what happened before is not in it"));
  }
  return finding.Done("the logs can be read and reach back to the last cumulative update");
}

}  // namespace patchgate::gate::checks
