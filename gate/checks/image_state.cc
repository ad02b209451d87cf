#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gate/checks/checks.h"
#include "gate/checks/presence.h"

namespace patchgate::gate::checks {

// What the state says is known from experience only: it never blocks, and a Windows that does not
// say anything is none the worse (DOMAIN 1.7).
Finding ImageState(const CheckInput& input) {
  constexpr char kValue[] = "ImageState";
  constexpr char kComplete[] = "IMAGE_STATE_COMPLETE";
  const Collection& section = input.snapshot.restart_marks().image();
  const std::string& state = input.snapshot.restart_marks().image_state();
  FindingBuilder finding;
  NeedsPart(section, kValue, &finding);
  if (state.empty()) return finding.NotApplicable("this Windows does not say how complete it is");
  if (!absl::EqualsIgnoreCase(state, kComplete)) {
    finding.Warn(absl::StrCat("the installation of Windows is not complete: ", state),
                 Below(section, kValue), absl::StrCat("is ", state), section.modified_filetime());
  }
  return finding.Done("the installation of Windows is complete");
}

}  // namespace patchgate::gate::checks
