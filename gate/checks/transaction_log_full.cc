#include "gate/checks/checks.h"
#include "gate/checks/log_marks.h"

namespace patchgate::gate::checks {

// Servicing changes files and registry in kernel transactions; without room in their log nothing
// can be committed (DOMAIN §4.3, 6.2).
Finding TransactionLogFull(const CheckInput& input) {
  constexpr MarkRule kRules[] = {
      {CbsMark::LOG_FULL, Finding::WARN, "a servicing transaction found its log full"}};
  FindingBuilder finding;
  JudgeMarks(input, kRules, &finding);
  return finding.Done("the logs tell of no transaction whose log was full");
}

}  // namespace patchgate::gate::checks
