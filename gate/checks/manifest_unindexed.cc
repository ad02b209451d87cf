#include "gate/checks/checks.h"
#include "gate/checks/store_damage.h"

namespace patchgate::gate::checks {

// On a clean image there is a component for each manifest. An interrupted installation leaves some
// over, which nobody reads; but of the current update, COMPONENTS has lost what is installed.
Finding ManifestUnindexed(const CheckInput& input) {
  constexpr DamageRule kRules[] = {
      {MANIFEST_UNINDEXED, Finding::INFO, Finding::WARN, "manifest belongs to no component",
       "manifests belong to no component"},
  };
  return JudgeDamage(input.snapshot, StoreReads::kIndex, kRules,
                     "every manifest belongs to a component");
}

}  // namespace patchgate::gate::checks
