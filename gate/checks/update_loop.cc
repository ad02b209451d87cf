#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "gate/checks/attempt_errors.h"
#include "gate/checks/checks.h"
#include "gate/checks/dated_reports.h"
#include "gate/checks/dating.h"
#include "gate/checks/presence.h"
#include "manifests/hresults.h"

namespace patchgate::gate::checks {
namespace {

// Twice can be chance.
constexpr uint32_t kLoop = 3;

}  // namespace

// One update that fails again and again. If servicing itself fails, another update on top does not
// end the loop; if only the update agent does, the component store was never touched.
Finding UpdateLoop(const CheckInput& input) {
  FindingBuilder finding;
  NeedsEventLog(input.snapshot, "Setup.evtx", &finding);
  NeedsEventLog(input.snapshot, "System.evtx", &finding);
  std::set<std::string> judged;
  const auto& attempts = input.timeline.attempts();
  for (auto it = attempts.rbegin(); it != attempts.rend(); ++it) {
    const std::string name = AttemptName(*it);
    if (it->outcome() == Attempt::UNKNOWN || !judged.insert(name).second) continue;
    if (it->consecutive_failures() < kLoop || it->has_superseded_by()) continue;
    if (WasNotNeeded(*it)) continue;
    const Phase& last = LastPhase(*it);
    finding.Report(
        IsServicedUpdate(*it) ? Finding::BLOCK : Finding::WARN,
        absl::StrCat(
            name, " failed ", it->consecutive_failures(), " times in a row",
            it->has_hresult() ? absl::StrCat(", last with ", HresultText(it->hresult())) : ""),
        last.source(), absl::StrCat(name, ": ", last.name()),
        Written({last.filetime(), last.local()}));
  }
  return finding.Done("no update fails again and again");
}

}  // namespace patchgate::gate::checks
