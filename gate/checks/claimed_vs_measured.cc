#include <string>

#include "absl/strings/str_cat.h"
#include "gate/checks/checks.h"
#include "gate/checks/patch_problems.h"
#include "gate/checks/presence.h"
#include "gate/patch_state.h"
#include "manifests/updates.h"

namespace patchgate::gate::checks {

// "Installed" is a claim: the versions and hashes of the files say what is there.
Finding ClaimedVsMeasured(const CheckInput& input) {
  FindingBuilder finding;
  NeedsPresent(input.snapshot.os().collection(), "UBR", &finding);
  const PatchState state = JudgePatchState(input.snapshot, input.timeline, BuiltInUpdates());
  ReportProblems(state, /*among_claims=*/false, &finding);
  const PatchClaim* claim = nullptr;
  for (const PatchClaim& other : state.claims()) {
    if (claim == nullptr || other.main()) claim = &other;
  }
  if (claim == nullptr) {
    return finding.NotApplicable("nothing is claimed: there is no UBR and no installed package");
  }
  finding.Evidence(claim->source(), absl::StrCat(claim->says(), ": ", claim->why()),
                   input.snapshot.os().collection().modified_filetime());
  if (claim->verdict() == PatchClaim::CONFIRMED) {
    return finding.Done(absl::StrCat(claim->level(), " is confirmed: ", claim->why()));
  }
  const char* how = claim->verdict() == PatchClaim::SUPPORTED_IN_PART
                        ? " is confirmed in part: "
                        : " is neither confirmed nor contradicted: ";
  finding.Judge(Finding::INFO, absl::StrCat(claim->level(), how, claim->why()));
  return finding.Done("");
}

}  // namespace patchgate::gate::checks
