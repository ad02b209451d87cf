#include "gate/checks/checks.h"
#include "gate/checks/store_damage.h"

namespace patchgate::gate::checks {

// A catalog is named by its SHA-256 (measured by others on a clean image).
Finding CatalogDamaged(const CheckInput& input) {
  constexpr DamageRule kRules[] = {
      {CATALOG_HASH_MISMATCH, Finding::WARN, Finding::BLOCK,
       "catalog is not the one that its name says",
       "catalogs are not the ones that their names say"},
  };
  return JudgeDamage(input.snapshot, StoreReads::kCatalogs, kRules,
                     "every catalog is the one that its name says");
}

}  // namespace patchgate::gate::checks
