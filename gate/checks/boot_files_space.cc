#include "gate/checks/checks.h"
#include "gate/checks/log_marks.h"

namespace patchgate::gate::checks {

// Servicing copies boot files to the system partition; when it cannot, the update is taken back.
// That the partition of a converted disk has the wrong type is known from one source (DOMAIN §4.6),
// so it only warns.
Finding BootFilesSpace(const CheckInput& input) {
  constexpr MarkRule kRules[] = {
      {CbsMark::SPACE_INSUFFICIENT, Finding::BLOCK,
       "servicing could not write the boot files: too little space on the system partition"},
      {CbsMark::BOOT_CONFIGURATION, Finding::WARN,
       "servicing could not reach the boot configuration: the system partition may have the wrong "
       "type"}};
  FindingBuilder finding;
  JudgeMarks(input, kRules, &finding);
  return finding.Done("the logs tell of no boot files that could not be written");
}

}  // namespace patchgate::gate::checks
