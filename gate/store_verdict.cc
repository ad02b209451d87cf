#include "gate/store_verdict.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "servicing/base/clean_strings.h"
#include "servicing/base/version.h"

namespace patchgate::gate {
namespace {

// Why not all in scope is known, beyond single files.
void AddOpenQuestions(const StoreVerification& verification, StoreVerdict* verdict) {
  if (verification.cancelled()) verdict->add_open("cancelled before everything was looked at");
  if (verification.level() == STORE_LEVEL_UNSPECIFIED ||
      verification.scope() == STORE_SCOPE_UNSPECIFIED) {
    verdict->add_open("nobody looked");
  }
  const Collection& collection = verification.collection();
  if (collection.status() != Collection::COLLECTED) {
    const std::string where = collection.source().empty() ? "COMPONENTS" : collection.source();
    const std::string why = collection.reason().empty() ? "could not be read" : collection.reason();
    verdict->add_open(absl::StrCat(where, ": ", why));
  }
  for (const Gap& gap : collection.gaps()) {
    verdict->add_open(absl::StrCat(gap.where(), ": ", gap.what()));
  }
  // Without the build nobody can say which components the scope has.
  if (verification.scope() == STORE_SCOPE_LCU && verification.lcu_build().empty()) {
    verdict->add_open("the current cumulative update is not known, and so neither what it brought");
  }
}

bool IsLeftover(StoreDamageKind kind) {
  return kind == MANIFEST_UNINDEXED || kind == CATALOG_UNINDEXED || kind == PACKAGE_UNINDEXED;
}

}  // namespace

StoreVerdict JudgeStore(StoreVerification verification, absl::string_view source) {
  CleanStrings(&verification);
  StoreVerdict verdict;
  verdict.set_patchgate_version(kPatchgateVersion);
  verdict.set_source(std::string(source));
  AddOpenQuestions(verification, &verdict);
  for (const StoreDamageCount& count : verification.damage_counts()) {
    if (IsLeftover(count.kind())) {
      verdict.set_leftovers(verdict.leftovers() + count.total());
      continue;
    }
    verdict.set_damage_total(verdict.damage_total() + count.total());
    verdict.set_damage_graver(verdict.damage_graver() + count.graver());
  }
  const bool listed =
      std::any_of(verification.damage().begin(), verification.damage().end(),
                  [](const StoreDamage& damage) { return !IsLeftover(damage.kind()); });
  if (verdict.damage_total() > 0 || listed) {
    verdict.set_outcome(StoreVerdict::DAMAGED);
  } else if (!verdict.open().empty() || verification.unverified_total() > 0 ||
             !verification.unverified().empty()) {
    verdict.set_outcome(StoreVerdict::UNVERIFIED);
  } else {
    verdict.set_outcome(StoreVerdict::CLEAN);
  }
  *verdict.mutable_verification() = std::move(verification);
  return verdict;
}

}  // namespace patchgate::gate
