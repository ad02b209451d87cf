#include "gate/checks/checks.h"
#include "gate/checks/store_damage.h"

namespace patchgate::gate::checks {

// Without its catalog nothing of a deployment can be trusted: 0x80073712 (DOMAIN §3.4). A catalog
// that nobody names is only left over.
Finding CatalogMissing(const CheckInput& input) {
  constexpr DamageRule kRules[] = {
      {CATALOG_KEY_MISSING, Finding::BLOCK, Finding::BLOCK,
       "deployment names a catalog that is not there",
       "deployments name catalogs that are not there"},
      {CATALOG_MISSING, Finding::BLOCK, Finding::BLOCK, "catalog has no file",
       "catalogs have no file"},
      {CATALOG_UNINDEXED, Finding::INFO, Finding::INFO, "catalog file has no key",
       "catalog files have no key"},
  };
  return JudgeDamage(input.snapshot, StoreReads::kIndex, kRules,
                     "every catalog that is named is there");
}

}  // namespace patchgate::gate::checks
