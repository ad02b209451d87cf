#include <algorithm>

#include "absl/strings/str_cat.h"
#include "gate/checks/checks.h"
#include "gate/checks/dated_reports.h"
#include "gate/checks/dating.h"
#include "gate/checks/presence.h"

namespace patchgate::gate::checks {

using history::When;

// What servicing says of itself: that its state needed repair, or that it was cut off.
Finding StackState(const CheckInput& input) {
  const CbsLog& log = input.snapshot.cbs_log();
  FindingBuilder finding;
  NeedsCbsLog(input.snapshot, &finding);
  const When success = LastCumulativeSuccess(input.timeline);
  const When session = LastSession(input.timeline);
  for (const CbsMark& mark : log.marks()) {
    const When last = StampWhen(input.snapshot, mark.last());
    Finding::Result result = Finding::WARN;
    const char* what = nullptr;
    When since = session;
    switch (mark.kind()) {
      case CbsMark::STACK_NEEDS_REPAIR:
        what = "the servicing stack's state needed repair and could not go on";
        result = Finding::BLOCK;
        since = success;
        break;
      case CbsMark::TI_INTERRUPTED:
        what = "TrustedInstaller was interrupted";
        break;
      case CbsMark::TI_ENDED_PENDING:
        what = "TrustedInstaller ended with operations pending";
        break;
      default:
        continue;
    }
    const bool stale = history::DefinitelyAfter(since, last);
    finding.Report(
        stale ? Finding::INFO : result,
        stale ? absl::StrCat(what, " ", WhenText(last), "; servicing succeeded ", WhenText(since))
              : absl::StrCat(what, " ", WhenText(last)),
        kCbsLogPath, mark.text(), Written(last));
  }
  return finding.Done("the logs tell of no trouble of the servicing stack with itself");
}

}  // namespace patchgate::gate::checks
