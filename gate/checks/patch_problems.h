// Problems of a patch state as findings of checks.
#ifndef GATE_CHECKS_PATCH_PROBLEMS_H_
#define GATE_CHECKS_PATCH_PROBLEMS_H_

#include "gate/check.h"
#include "gate/patch_state.pb.h"

namespace patchgate::gate::checks {

// Reports those that are among claims, or those that files are part of.
void ReportProblems(const PatchState& state, bool among_claims, FindingBuilder* finding);

}  // namespace patchgate::gate::checks

#endif  // GATE_CHECKS_PATCH_PROBLEMS_H_
