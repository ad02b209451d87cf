#include <string>

#include "absl/strings/str_cat.h"
#include "gate/checks/checks.h"
#include "gate/checks/live_activity.h"
#include "gate/checks/presence.h"

namespace patchgate::gate::checks {

// Set while servicing runs, by older builds. Where nothing of servicing runs it was left behind.
Finding ServicingInProgress(const CheckInput& input) {
  const CbsRoot& facts = input.snapshot.cbs_root();
  FindingBuilder finding;
  NeedsPresent(facts.collection(), "Interface", &finding);
  if (facts.servicing_in_progress() != 0) {
    const std::string where = CbsKey("Interface\\ServicingInProgress");
    const std::string what = absl::StrCat("is ", facts.servicing_in_progress());
    if (ServicingIsAtWork(input.snapshot)) {
      finding.Info("servicing says that it is at work, and it is", where, what);
    } else if (input.snapshot.live()) {
      finding.Warn("servicing says that it is at work, but nothing of it runs", where, what);
      finding.Needs(input.snapshot.live_host().collection());
    } else {
      finding.Warn("servicing says that it is at work, on a host that does not run", where, what);
    }
  }
  return finding.Done("servicing does not say that it is at work");
}

}  // namespace patchgate::gate::checks
