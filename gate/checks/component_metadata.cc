#include "gate/checks/checks.h"
#include "gate/checks/store_damage.h"

namespace patchgate::gate::checks {

// What COMPONENTS says of components and deployments, against itself: the identity, the key's name
// that follows from it, the hash, and who owns what (DOMAIN §3.4, 3.5).
Finding ComponentMetadata(const CheckInput& input) {
  constexpr DamageRule kRules[] = {
      {COMPONENT_IDENTITY_INVALID, Finding::WARN, Finding::BLOCK, "component has no valid identity",
       "components have no valid identity"},
      {COMPONENT_KEY_MISMATCH, Finding::WARN, Finding::BLOCK,
       "component key is not the one of its identity",
       "component keys are not those of their identities"},
      {COMPONENT_HASH_INVALID, Finding::WARN, Finding::BLOCK,
       "component has no valid manifest hash", "components have no valid manifest hash"},
      {COMPONENT_UNOWNED, Finding::WARN, Finding::BLOCK, "component belongs to no deployment",
       "components belong to no deployment"},
      {DEPLOYMENT_MISSING, Finding::WARN, Finding::BLOCK, "deployment is named and is not there",
       "deployments are named and are not there"},
      {DEPLOYMENT_IDENTITY_INVALID, Finding::WARN, Finding::BLOCK,
       "deployment has no valid identity", "deployments have no valid identity"},
      {DEPLOYMENT_KEY_MISMATCH, Finding::WARN, Finding::BLOCK,
       "deployment key is not the one of its identity",
       "deployment keys are not those of their identities"},
  };
  return JudgeDamage(input.snapshot, StoreReads::kIndex, kRules,
                     "components and deployments are what their identities say");
}

}  // namespace patchgate::gate::checks
