#include <algorithm>

#include "absl/strings/str_cat.h"
#include "gate/checks/checks.h"
#include "gate/checks/dated_reports.h"
#include "gate/checks/dating.h"
#include "gate/checks/presence.h"

namespace patchgate::gate::checks {

using history::When;

// TrustedInstaller skips start-up processing while the restart mark is set. The mark is volatile:
// seen on both sides of a boot, the same operation armed it again (DOMAIN §1.1, 4.6).
Finding RestartStuck(const CheckInput& input) {
  const CbsLog& log = input.snapshot.cbs_log();
  FindingBuilder finding;
  NeedsCbsLog(input.snapshot, &finding);
  const When success = LastCumulativeSuccess(input.timeline);
  for (const CbsMark& mark : log.marks()) {
    if (mark.kind() != CbsMark::STARTUP_SKIPPED) continue;
    const When first = StampWhen(input.snapshot, mark.first());
    const When last = StampWhen(input.snapshot, mark.last());
    const auto boots = std::count_if(input.timeline.boots().begin(), input.timeline.boots().end(),
                                     [&](const Boot& boot) {
                                       const When at{boot.filetime(), boot.local()};
                                       return boot.cold() && history::DefinitelyAfter(at, first) &&
                                              history::DefinitelyAfter(last, at);
                                     });
    const bool stuck = boots > 0 && !history::DefinitelyAfter(success, last);
    finding.Report(
        stuck ? Finding::BLOCK : Finding::INFO,
        stuck ? absl::StrCat("the restart mark came back after ", boots,
                             boots == 1 ? " restart" : " restarts", ": servicing does not get done")
              : absl::StrCat("start-up servicing was skipped ", WhenText(last),
                             " because a restart was due"),
        kCbsLogPath, mark.text(), Written(last));
  }
  return finding.Done("the logs tell of no restart mark that outlived a restart");
}

}  // namespace patchgate::gate::checks
