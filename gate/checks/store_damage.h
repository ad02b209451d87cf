// Judges kinds of damage that a verification of the component store may have found.
#ifndef GATE_CHECKS_STORE_DAMAGE_H_
#define GATE_CHECKS_STORE_DAMAGE_H_

#include <cstdint>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "gate/check.h"
#include "servicing/store/store.pb.h"

namespace patchgate::gate::checks {

struct DamageRule {
  StoreDamageKind kind;
  Finding::Result plain;
  Finding::Result graver;  // Of the servicing stack, the boot path or the current update.
  // What is said of one thing, and of several: "payload file is missing".
  const char* one;
  const char* many;
};

// What must have been read to see a kind of damage; from kManifests on, each builds on those
// before.
enum class StoreReads {
  kIndex,     // The hives, and the names in the folders.
  kCatalogs,  // WinSxS\Catalogs.
  kManifests,
  kPayloadNames,  // Which files lie in the folders of components.
  kPayload,
  kProjections,
};

// The finding of a check of these kinds. Damage decides wherever there is any. Else it is
// INDETERMINATE if nobody looked or if what had to be read could not be, NOT_APPLICABLE if nobody
// was asked to look that deep, and PASS with `pass` otherwise. Whoever looked at less than
// everything says so.
Finding JudgeDamage(const Snapshot& snapshot, StoreReads reads, absl::Span<const DamageRule> rules,
                    absl::string_view pass);

// What could not be verified; of the numbers that tell of it, the largest.
uint64_t UnverifiedTotal(const StoreVerification& store);

// Why the verification is not all that was asked for, "2 files or components could not be verified,
// the first …"; empty if it is, or if there is none.
std::string StoreShortfall(const Snapshot& snapshot);

// Evidence of what could not be verified and `matters`: the first ten, then how many more there may
// be.
void ShowUnverified(const Snapshot& snapshot,
                    absl::FunctionRef<bool(const StoreUnverified& item)> matters,
                    FindingBuilder* finding);

// "the boot path and the servicing stack"; "everything".
const char* ScopeText(StoreScope scope);

// "servicing stack, boot path"; empty without a role.
std::string RolesText(const StoreRoles& roles);

// Counts in a snapshot may be anything: a sum of them is never less than each.
uint64_t SaturatingSum(uint64_t a, uint64_t b);

}  // namespace patchgate::gate::checks

#endif  // GATE_CHECKS_STORE_DAMAGE_H_
