#include "gate/checks/checks.h"
#include "gate/checks/store_damage.h"

namespace patchgate::gate::checks {

// Each package that is staged or further has its .mum and .cat (DOMAIN §1.3, 4.5); without them the
// next update fails with 0x800f0831, whatever the package. A .mum that nobody names is left over.
Finding PackageFiles(const CheckInput& input) {
  constexpr DamageRule kRules[] = {
      {PACKAGE_MANIFEST_MISSING, Finding::BLOCK, Finding::BLOCK, "package has no .mum",
       "packages have no .mum"},
      {PACKAGE_CATALOG_MISSING, Finding::BLOCK, Finding::BLOCK, "package has no .cat",
       "packages have no .cat"},
      {PACKAGE_UNINDEXED, Finding::INFO, Finding::INFO, ".mum belongs to no package",
       ".mum files belong to no package"},
  };
  return JudgeDamage(input.snapshot, StoreReads::kIndex, kRules,
                     "every package has its .mum and .cat");
}

}  // namespace patchgate::gate::checks
