#include "absl/strings/str_cat.h"
#include "gate/checks/checks.h"
#include "gate/checks/presence.h"

namespace patchgate::gate::checks {

// CBS reads every value below ComponentDetect as a number; at one that is not, the installation
// fails with 0x8007000D (DOMAIN 1.1).
Finding ComponentDetect(const CheckInput& input) {
  const CbsComponentDetect& facts = input.snapshot.cbs_component_detect();
  FindingBuilder finding;
  if (facts.collection().status() == Collection::ABSENT) {
    NeedsPresent(input.snapshot.cbs_root().collection(), "ComponentDetect", &finding);
    return finding.NotApplicable("this installation keeps no ComponentDetect key");
  }
  finding.Needs(facts.collection());
  for (const CbsWrongType& wrong : facts.wrong_types()) {
    finding.Block(
        absl::StrCat(facts.wrong_types_total(),
                     " value(s) below ComponentDetect are not REG_DWORD: the next update fails "
                     "with 0x8007000D"),
        CbsKey(absl::StrCat("ComponentDetect\\", wrong.key(), "\\", wrong.value())),
        absl::StrCat("is ", wrong.type(), ", must be REG_DWORD"));
  }
  const uint32_t shown = static_cast<uint32_t>(facts.wrong_types_size());
  if (facts.wrong_types_total() > shown) {
    finding.Evidence(CbsKey("ComponentDetect"),
                     absl::StrCat("and ", facts.wrong_types_total() - shown, " more"));
  }
  return finding.Done(
      absl::StrCat("all values of ", facts.families(), " component families are REG_DWORD"));
}

}  // namespace patchgate::gate::checks
