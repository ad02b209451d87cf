#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "gate/checks/checks.h"
#include "gate/checks/patch_problems.h"
#include "gate/checks/presence.h"
#include "gate/patch_state.h"
#include "manifests/updates.h"

namespace patchgate::gate::checks {

// UBR, LCUVer, the packages of servicing and the update history should say one thing.
Finding ClaimsAgree(const CheckInput& input) {
  FindingBuilder finding;
  NeedsPresent(input.snapshot.os().collection(), "UBR", &finding);
  NeedsPresent(input.snapshot.cbs_packages().collection(), &finding);
  const PatchState state = JudgePatchState(input.snapshot, input.timeline, BuiltInUpdates());
  ReportProblems(state, /*among_claims=*/true, &finding);
  std::string level;
  size_t claims = 0;
  bool has_package = false;
  for (const PatchClaim& claim : state.claims()) {
    // Older packages may stay installed beside the newest.
    if (claim.kind() == PatchClaim::ROLLUP_PACKAGE && std::exchange(has_package, true)) continue;
    if (claim.level().empty() || claim.kind() == PatchClaim::STACK_PACKAGE ||
        claim.kind() == PatchClaim::STACK_REGISTRATION) {
      continue;
    }
    if (claims++ == 0) level = claim.level();
  }
  if (claims < 2) {
    return finding.NotApplicable(claims == 0 ? "nothing is claimed about the patch level"
                                             : absl::StrCat("only one claim, ", level));
  }
  return finding.Done(absl::StrCat(claims, " claims, none disagrees with ", level,
                                   state.host().hotpatch() ? ", a hotpatch" : ""));
}

}  // namespace patchgate::gate::checks
