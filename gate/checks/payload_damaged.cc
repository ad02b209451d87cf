#include "gate/checks/checks.h"
#include "gate/checks/store_damage.h"

namespace patchgate::gate::checks {

// The manifest names the SHA-256 of each file as it should be (DOMAIN §4.4).
Finding PayloadDamaged(const CheckInput& input) {
  constexpr DamageRule kRules[] = {
      {PAYLOAD_HASH_MISMATCH, Finding::WARN, Finding::BLOCK,
       "payload file is not what its manifest names",
       "payload files are not what their manifests name"},
  };
  return JudgeDamage(input.snapshot, StoreReads::kPayload, kRules,
                     "every payload file that was compared is what its manifest names");
}

}  // namespace patchgate::gate::checks
