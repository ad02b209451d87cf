#include "absl/strings/str_cat.h"
#include "gate/checks/checks.h"
#include "gate/checks/dated_reports.h"
#include "gate/checks/dating.h"
#include "gate/checks/presence.h"
#include "manifests/hresults.h"

namespace patchgate::gate::checks {
namespace {

using history::When;

// When start-up servicing last ended with success, or a cumulative update was last installed:
// either needs that no transaction stood in the way.
When LastWayThrough(const CheckInput& input) {
  When last = LastCumulativeSuccess(input.timeline);
  for (const CbsStartup& startup : input.snapshot.cbs_log().startups()) {
    if (startup.shutdown() || !startup.has_result() || startup.result() != 0) continue;
    const When end = StampWhen(input.snapshot, startup.finished());
    if (end.time > last.time) last = end;
  }
  return last;
}

}  // namespace

// 0x80070bc9: servicing refuses to begin, because an earlier transaction was never brought to its
// end. Microsoft calls it a stuck pending servicing state and asks for an in-place upgrade.
Finding TransactionRefused(const CheckInput& input) {
  const CbsLog& log = input.snapshot.cbs_log();
  FindingBuilder finding;
  NeedsCbsLog(input.snapshot, &finding);
  const When through = LastWayThrough(input);
  for (const CbsMark& mark : log.marks()) {
    if (mark.kind() != CbsMark::TRANSACTION_PENDING) continue;
    const When last = StampWhen(input.snapshot, mark.last());
    const bool stale = history::DefinitelyAfter(through, last);
    finding.Report(stale ? Finding::INFO : Finding::BLOCK,
                   stale
                       ? absl::StrCat("a transaction stood in the way until ", WhenText(through))
                       : absl::StrCat("servicing was refused ", WhenText(last), ": ",
                                      HresultText(mark.has_hresult() ? mark.hresult() : 0x80070BC9),
                                      ", an earlier transaction is not resolved"),
                   kCbsLogPath, mark.text(), Written(last));
  }
  return finding.Done("the logs tell of no transaction that was refused");
}

}  // namespace patchgate::gate::checks
