#include "absl/strings/str_cat.h"
#include "gate/checks/checks.h"
#include "gate/checks/presence.h"

namespace patchgate::gate::checks {

// Set while servicing runs, by older builds. On a host that does not run, it was left behind.
Finding ServicingInProgress(const CheckInput& input) {
  const CbsRoot& facts = input.snapshot.cbs_root();
  FindingBuilder finding;
  NeedsPresent(facts.collection(), "Interface", &finding);
  if (facts.servicing_in_progress() != 0) {
    finding.Report(input.snapshot.live() ? Finding::INFO : Finding::WARN,
                   input.snapshot.live()
                       ? "servicing says that it is at work"
                       : "servicing says that it is at work, on a host that does not run",
                   CbsKey("Interface\\ServicingInProgress"),
                   absl::StrCat("is ", facts.servicing_in_progress()), 0);
  }
  return finding.Done("servicing does not say that it is at work");
}

}  // namespace patchgate::gate::checks
