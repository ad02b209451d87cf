#include <string>

#include "absl/strings/str_cat.h"
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
  for (const Coverage& coverage : input.timeline.coverage()) {
    const history::When first{coverage.first_filetime(), coverage.local()};
    const bool counts = coverage.source() == "CBS.log" || coverage.source() == "Setup.evtx" ||
                        coverage.source() == "System.evtx";
    if (!counts || coverage.status() != "collected") continue;
    const bool late = first.time == 0 || history::DefinitelyAfter(first, success);
    if (success.time == 0 || !late) continue;
    finding.Info(absl::StrCat(coverage.source(),
                              first.time == 0 ? " holds nothing that is dated"
                                              : absl::StrCat(" begins ", WhenText(first)),
                              ": what happened before it cannot be known from it"),
                 coverage.source(),
                 absl::StrCat("the last cumulative update was installed ", WhenText(success)),
                 Written(first));
  }
  return finding.Done("the logs can be read and reach back to the last cumulative update");
}

}  // namespace patchgate::gate::checks
