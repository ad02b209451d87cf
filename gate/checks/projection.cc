#include "gate/checks/checks.h"
#include "gate/checks/store_damage.h"

namespace patchgate::gate::checks {

// That files of the system are hard links to the store is sure (DOMAIN §3.8); which version is to
// be there, and which files programs may change, is known at second hand. So this never blocks.
Finding ProjectedFiles(const CheckInput& input) {
  constexpr DamageRule kRules[] = {
      {PROJECTION_MISSING, Finding::WARN, Finding::WARN, "file of the system is missing",
       "files of the system are missing"},
      {PROJECTION_MISMATCH, Finding::WARN, Finding::WARN,
       "file of the system is none of the component store",
       "files of the system are none of the component store"},
  };
  return JudgeDamage(
      input.snapshot, StoreReads::kProjections, kRules,
      "every file of the system that was compared is the one of the component store");
}

}  // namespace patchgate::gate::checks
