// Judges phrases of CBS.log that stand for themselves (DOMAIN §4.6).
#ifndef GATE_CHECKS_LOG_MARKS_H_
#define GATE_CHECKS_LOG_MARKS_H_

#include "absl/types/span.h"
#include "gate/check.h"
#include "servicing/cbs/cbs_log.pb.h"

namespace patchgate::gate::checks {

struct MarkRule {
  CbsMark::Kind kind;
  Finding::Result result;  // Unless a cumulative update was definitely installed since.
  const char* what;        // What it says: "the boot files do not fit on their partition".
};

// Reports every mark that has a rule; one that a later success has overtaken as INFO. Takes note of
// a log that is missing or damaged.
void JudgeMarks(const CheckInput& input, absl::Span<const MarkRule> rules, FindingBuilder* finding);

}  // namespace patchgate::gate::checks

#endif  // GATE_CHECKS_LOG_MARKS_H_
