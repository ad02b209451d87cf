#include "gate/checks/checks.h"
#include "gate/checks/store_damage.h"

namespace patchgate::gate::checks {

// That S256H is the hash of the decoded manifest is the community's reading (DOMAIN §3.5). What
// others measured on a clean image agrees with it.
Finding ManifestDamaged(const CheckInput& input) {
  constexpr DamageRule kRules[] = {
      {MANIFEST_UNDECODABLE, Finding::WARN, Finding::BLOCK, "manifest cannot be decoded",
       "manifests cannot be decoded"},
      {MANIFEST_HASH_MISMATCH, Finding::WARN, Finding::BLOCK,
       "manifest is not the one that COMPONENTS names",
       "manifests are not the ones that COMPONENTS names"},
      {MANIFEST_IDENTITY_MISMATCH, Finding::WARN, Finding::BLOCK,
       "manifest describes another component", "manifests describe other components"},
  };
  return JudgeDamage(input.snapshot, StoreReads::kManifests, kRules,
                     "every manifest is the one that COMPONENTS names");
}

}  // namespace patchgate::gate::checks
