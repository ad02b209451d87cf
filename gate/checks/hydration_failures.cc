#include "gate/checks/checks.h"
#include "gate/checks/log_marks.h"

namespace patchgate::gate::checks {

// Payload of an update is kept as deltas; hydration makes files of them. Where it fails, a delta or
// the file that it applies to is broken. On one measured host the set of broken files changed from
// scan to scan, which speaks for memory or disk and not for the store (DOMAIN §4.6).
Finding HydrationFailures(const CheckInput& input) {
  constexpr MarkRule kRules[] = {{CbsMark::HYDRATION_FAILED, Finding::WARN,
                                  "a delta in the component store could not be applied"}};
  FindingBuilder finding;
  JudgeMarks(input, kRules, &finding);
  return finding.Done("the logs tell of no broken delta in the component store");
}

}  // namespace patchgate::gate::checks
