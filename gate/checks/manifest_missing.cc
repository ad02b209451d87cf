#include "gate/checks/checks.h"
#include "gate/checks/store_damage.h"

namespace patchgate::gate::checks {

// Each component has its manifest (DOMAIN §3.8). One without cannot be serviced; but most
// components are not touched by the next update, so one that belongs to nothing graver warns.
Finding ManifestMissing(const CheckInput& input) {
  constexpr DamageRule kRules[] = {
      {MANIFEST_MISSING, Finding::WARN, Finding::BLOCK, "component has no manifest",
       "components have no manifest"},
  };
  return JudgeDamage(input.snapshot, StoreReads::kIndex, kRules,
                     "every component has its manifest");
}

}  // namespace patchgate::gate::checks
