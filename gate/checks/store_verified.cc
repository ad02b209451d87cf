#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/types/optional.h"
#include "gate/checks/checks.h"
#include "gate/checks/presence.h"
#include "gate/checks/store_damage.h"
#include "gate/numbers.h"

namespace patchgate::gate::checks {
namespace {

std::string SizeText(uint64_t bytes) {
  constexpr uint64_t kMega = 1'000'000, kGiga = 1'000 * kMega;
  if (bytes < kMega) return absl::StrCat((bytes + 999) / 1'000, " kB");
  if (bytes < kGiga) return absl::StrCat(bytes / kMega, " MB");
  return absl::StrFormat("%.1f GB", static_cast<double>(bytes) / kGiga);
}

// "index of 28,069 components; payload of 131 components of the boot path and the servicing stack:
// 412 files hashed, 180 MB read"
std::string LookedAt(const StoreVerification& store) {
  const StoreCounts& counts = store.counts();
  const bool all = store.scope() == STORE_SCOPE_ALL;
  const std::string part =
      absl::StrCat(Amount(counts.components_in_scope(), "component", "components"),
                   all ? "" : absl::StrCat(" of ", ScopeText(store.scope())));
  std::string text = absl::StrCat(
      "index of ",
      all || store.index_of_all() ? Amount(counts.components(), "component", "components") : part);
  if (store.level() >= STORE_LEVEL_MANIFESTS) {
    absl::StrAppend(&text, "; ", store.level() == STORE_LEVEL_PAYLOAD ? "payload" : "manifests",
                    " of ", part, ": ",
                    Amount(counts.files_hashed(), "file hashed, ", "files hashed, "),
                    SizeText(counts.bytes_read()), " read");
  }
  return text;
}

uint64_t Damages(const StoreVerification& store) {
  uint64_t total = 0;
  for (const StoreDamageCount& count : store.damage_counts()) {
    total = SaturatingSum(total, count.total());
  }
  return std::max(total, static_cast<uint64_t>(store.damage_size()));
}

// Damage that no other check judges.
absl::optional<int> UnknownKind(const StoreVerification& store) {
  const auto known = [](StoreDamageKind kind) {
    return StoreDamageKind_IsValid(kind) && kind != STORE_DAMAGE_UNSPECIFIED;
  };
  for (const StoreDamageCount& count : store.damage_counts()) {
    if (!known(count.kind())) return count.kind();
  }
  for (const StoreDamage& damage : store.damage()) {
    if (!known(damage.kind())) return damage.kind();
  }
  return absl::nullopt;
}

}  // namespace

// Whether what was asked for could be verified. What was found is for the other checks to judge;
// that nothing was found means nothing where nobody could look.
Finding StoreVerified(const CheckInput& input) {
  const StoreVerification& store = input.snapshot.store_verification();
  const Collection section = StoreEvidence(input.snapshot);
  FindingBuilder finding;
  NeedsPresent(section, &finding);
  if (!IsThere(section)) return finding.Done("");
  if (store.cancelled()) {
    finding.Indeterminate("could not be measured in full: the verification was ended early",
                          section.source(), "ended early");
  }
  if (store.scope() == STORE_SCOPE_LCU && store.lcu_build().empty()) {
    finding.Indeterminate(
        "could not be measured in full: the current cumulative update is not known, and so neither "
        "is what it brought",
        section.source(), "no installed cumulative update");
  }
  if (const absl::optional<int> kind = UnknownKind(store)) {
    finding.Indeterminate("damage was found of a kind that this patchgate does not know",
                          section.source(), absl::StrCat("damage of kind ", *kind));
  }
  uint64_t graver = 0;
  for (const StoreUnverified& item : store.unverified()) graver += !RolesText(item.roles()).empty();
  graver = std::max(graver, store.unverified_graver());
  const uint64_t total = UnverifiedTotal(store);
  if (total > 0) {
    std::string summary = absl::StrCat(Amount(total, "file or component", "files or components"),
                                       " could not be verified");
    if (graver > 0) {
      if (graver < total) absl::StrAppend(&summary, ", ", Amount(graver, "of them", "of them"));
      absl::StrAppend(&summary, graver < total ? " " : ", ",
                      "of the servicing stack, the boot path or the current cumulative update");
    }
    finding.Judge(graver > 0 ? Finding::INDETERMINATE : Finding::WARN, summary);
    ShowUnverified(
        input.snapshot, [](const StoreUnverified&) { return true; }, &finding);
  }
  const uint64_t damages = Damages(store);
  std::string summary =
      absl::StrCat(LookedAt(store), "; ",
                   damages == 0 ? "nothing differs"
                                : absl::StrCat(Amount(damages, "thing differs", "things differ"),
                                               ", see the other findings of the store"));
  if (store.lcu_build().empty()) {
    finding.Info(absl::StrCat(summary, "; the current cumulative update is not known"),
                 section.source(), "nothing could be told to belong to it");
  }
  return finding.Done(summary);
}

}  // namespace patchgate::gate::checks
