#include "gate/checks/checks.h"
#include "gate/checks/store_damage.h"

namespace patchgate::gate::checks {

// Components whose payload was removed by Windows, or that never had any, are no damage and not in
// these facts.
Finding PayloadMissing(const CheckInput& input) {
  constexpr DamageRule kRules[] = {
      {PAYLOAD_MISSING, Finding::WARN, Finding::BLOCK, "payload file is missing",
       "payload files are missing"},
  };
  return JudgeDamage(input.snapshot, StoreReads::kPayloadNames, kRules,
                     "every payload file is there");
}

}  // namespace patchgate::gate::checks
