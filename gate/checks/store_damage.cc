#include "gate/checks/store_damage.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "gate/checks/presence.h"
#include "gate/numbers.h"
#include "servicing/store/damage_log.h"

namespace patchgate::gate::checks {
namespace {

constexpr size_t kShown = 10;  // Evidence lines of one kind of thing.

// The damage of one kind, and the first of it.
struct Found {
  const DamageRule* rule;
  uint64_t total;
  uint64_t graver;  // Of these, with any role.
  std::vector<const StoreDamage*> listed;

  Finding::Result result() const { return graver > 0 ? rule->graver : rule->plain; }
};

StoreLevel LevelOf(StoreReads reads) {
  if (reads == StoreReads::kIndex) return STORE_LEVEL_INDEX;
  return reads < StoreReads::kPayload ? STORE_LEVEL_MANIFESTS : STORE_LEVEL_PAYLOAD;
}

// What was looked at for damage that takes `reads` to see.
StoreScope ScopeOf(const StoreVerification& store, StoreReads reads) {
  const bool of_all = reads == StoreReads::kIndex || reads == StoreReads::kCatalogs;
  return of_all && store.index_of_all() ? STORE_SCOPE_ALL : store.scope();
}

enum class Place { kElsewhere, kFile, kWinSxS, kManifests, kCatalogs };

// Where a path, or the key of a hive, is.
Place PlaceOf(absl::string_view where) {
  const std::string path =
      absl::StrCat(absl::StrReplaceAll(absl::AsciiStrToLower(where), {{"\\", "/"}}), "/");
  if (absl::StartsWith(path, "windows/winsxs/catalogs/")) return Place::kCatalogs;
  if (absl::StartsWith(path, "windows/winsxs/manifests/")) return Place::kManifests;
  if (absl::StartsWith(path, "windows/winsxs/")) return Place::kWinSxS;
  // Keys are written with backslashes, files of the volume are not.
  return absl::StrContains(where, "/") ? Place::kFile : Place::kElsewhere;
}

// Whether damage that takes `reads` to see may hide in what could not be verified. A manifest hides
// what it names, a payload file what should be projected from it.
bool Hides(const StoreUnverified& item, StoreReads reads) {
  switch (PlaceOf(item.path())) {
    case Place::kCatalogs:
      return reads == StoreReads::kCatalogs;
    case Place::kManifests:
      return reads >= StoreReads::kManifests;
    case Place::kWinSxS:
      return reads >= StoreReads::kPayloadNames;
    case Place::kFile:
      return reads == StoreReads::kProjections;
    case Place::kElsewhere:
      return true;
  }
  return true;
}

// Likewise, in a gap. In WinSxS itself lie the folders of components, among them the servicing
// stack with what manifests are decoded with.
bool Hides(const Gap& gap, StoreReads reads) {
  return PlaceOf(gap.where()) != Place::kWinSxS || reads >= StoreReads::kManifests;
}

uint64_t UnlistedUnverified(const StoreVerification& store) {
  return UnverifiedTotal(store) - static_cast<uint64_t>(store.unverified_size());
}

// The list has the first of each kind and the counts have all; where they contradict each other,
// the larger number holds.
Found FindDamage(const StoreVerification& store, const DamageRule& rule) {
  Found found = {&rule, 0, 0, {}};
  for (const StoreDamage& damage : store.damage()) {
    if (damage.kind() != rule.kind) continue;
    found.listed.push_back(&damage);
    found.graver += store::IsGraver(damage.roles());
  }
  found.total = found.listed.size();
  for (const StoreDamageCount& count : store.damage_counts()) {
    if (count.kind() != rule.kind) continue;
    found.total = std::max({found.total, count.total(), count.graver()});
    found.graver = std::max(found.graver, count.graver());
  }
  return found;
}

// The gravest first.
std::vector<Found> FindDamage(const StoreVerification& store, absl::Span<const DamageRule> rules) {
  std::vector<Found> all;
  for (const DamageRule& rule : rules) {
    Found found = FindDamage(store, rule);
    if (found.total > 0) all.push_back(std::move(found));
  }
  std::stable_sort(all.begin(), all.end(),
                   [](const Found& a, const Found& b) { return a.result() > b.result(); });
  return all;
}

// Manifests in scope that nobody could read the list of files from. Of those outside it, only the
// index is known to be looked at.
uint64_t LostManifests(const StoreVerification& store) {
  uint64_t lost = 0;
  for (const StoreDamageKind kind : {MANIFEST_MISSING, MANIFEST_UNDECODABLE, MANIFEST_HASH_MISMATCH,
                                     MANIFEST_IDENTITY_MISMATCH}) {
    const DamageRule rule = {kind, Finding::INFO, Finding::INFO, "", ""};
    const Found found = FindDamage(store, rule);
    lost = SaturatingSum(lost, kind == MANIFEST_MISSING && store.scope() != STORE_SCOPE_ALL
                                   ? found.graver
                                   : found.total);
  }
  return lost;
}

// Makes `finding` INDETERMINATE for everything that damage may hide in that takes `reads` to see.
void TellHoles(const Snapshot& snapshot, StoreReads reads, FindingBuilder* finding) {
  const StoreVerification& store = snapshot.store_verification();
  Collection section = StoreEvidence(snapshot);
  section.clear_gaps();
  for (const Gap& gap : store.collection().gaps()) {
    if (Hides(gap, reads)) *section.add_gaps() = gap;
  }
  NeedsPresent(section, finding);
  if (!IsThere(section)) return;
  const auto open = [&](absl::string_view what) {
    finding->Indeterminate(absl::StrCat("could not be measured in full: ", what), section.source(),
                           what);
  };
  if (store.cancelled()) open("the verification was ended early");
  if (ScopeOf(store, reads) == STORE_SCOPE_LCU && store.lcu_build().empty()) {
    open("the current cumulative update is not known, and so neither is what it brought");
  }
  const auto hides = [&](const StoreUnverified& item) { return Hides(item, reads); };
  // The index does not depend on any file, so what is only counted does not concern it.
  if ((UnlistedUnverified(store) > 0 && reads != StoreReads::kIndex) ||
      std::any_of(store.unverified().begin(), store.unverified().end(), hides)) {
    finding->Judge(Finding::INDETERMINATE,
                   absl::StrCat("could not be measured in full: ", StoreShortfall(snapshot)));
    ShowUnverified(snapshot, hides, finding);
  }
  const uint64_t lost = LostManifests(store);
  if (reads >= StoreReads::kPayloadNames && lost > 0) {
    open(absl::StrCat(Amount(lost, "manifest is", "manifests are"),
                      " missing or damaged, and the files of ",
                      lost == 1 ? "its component" : "their components", " are not known"));
  }
}

// "12 payload files are missing, 2 of them of the boot path"
std::string KindText(const Found& found) {
  std::string text = Amount(found.total, found.rule->one, found.rule->many);
  if (found.graver == 0) return text;
  StoreRoles roles;
  uint64_t listed = 0;
  for (const StoreDamage* damage : found.listed) {
    roles.MergeFrom(damage->roles());
    listed += store::IsGraver(damage->roles());
  }
  if (listed < found.graver) {  // Nothing tells which roles the others have.
    roles.set_servicing_stack(true);
    roles.set_boot(true);
    roles.set_lcu(true);
  }
  absl::StrAppend(&text, ", ");
  if (found.graver < found.total) {
    absl::StrAppend(&text, Grouped(found.graver), " of them ");
  } else if (found.total > 1) {
    absl::StrAppend(&text, "all ");
  }
  absl::StrAppend(&text, "of the ", absl::StrReplaceAll(RolesText(roles), {{", ", " or the "}}));
  return text;
}

std::string ExampleText(const DamageRule& rule, const StoreDamage& damage) {
  std::string text = rule.one;
  if (!damage.expected().empty()) absl::StrAppend(&text, ", expected ", damage.expected());
  if (!damage.found().empty()) absl::StrAppend(&text, ", found ", damage.found());
  const bool named = absl::StrContains(absl::AsciiStrToLower(damage.path()),
                                       absl::AsciiStrToLower(damage.component()));
  if (!damage.path().empty() && !named) {
    absl::StrAppend(&text, ", component ", damage.component());
  }
  if (store::IsGraver(damage.roles()))
    absl::StrAppend(&text, ", of the ", RolesText(damage.roles()));
  return text;
}

// The gravest examples, then how many more there are of each kind: in lines of their own, so that
// no waiver of what is shown covers the rest.
void ShowDamage(const std::vector<Found>& all, absl::string_view source, FindingBuilder* finding) {
  std::vector<std::pair<const Found*, const StoreDamage*>> examples;
  for (const Found& found : all) {
    for (const StoreDamage* damage : found.listed) examples.emplace_back(&found, damage);
  }
  std::stable_sort(examples.begin(), examples.end(), [](const auto& a, const auto& b) {
    const auto result = [](const auto& example) {
      const DamageRule& rule = *example.first->rule;
      return store::IsGraver(example.second->roles()) ? rule.graver : rule.plain;
    };
    if (result(a) != result(b)) return result(a) > result(b);
    return store::IsGraver(a.second->roles()) && !store::IsGraver(b.second->roles());
  });
  if (examples.size() > kShown) examples.resize(kShown);
  for (const auto& [found, damage] : examples) {
    const std::string& where = damage->path().empty() ? damage->component() : damage->path();
    finding->Evidence(where.empty() ? source : absl::string_view(where),
                      ExampleText(*found->rule, *damage));
  }
  for (const Found& found : all) {
    const uint64_t shown = static_cast<uint64_t>(
        std::count_if(examples.begin(), examples.end(),
                      [&](const auto& example) { return example.first == &found; }));
    if (found.total == shown) continue;
    finding->Evidence(source, shown == 0 ? Amount(found.total, found.rule->one, found.rule->many)
                                         : absl::StrCat("and ", Grouped(found.total - shown),
                                                        " more: ", found.rule->one));
  }
}

}  // namespace

Finding JudgeDamage(const Snapshot& snapshot, StoreReads reads, absl::Span<const DamageRule> rules,
                    absl::string_view pass) {
  const StoreVerification& store = snapshot.store_verification();
  const Collection section = StoreEvidence(snapshot);
  const bool asked = !IsThere(section) || store.level() >= LevelOf(reads);
  const std::string scope = ScopeOf(store, reads) == STORE_SCOPE_ALL
                                ? ""
                                : absl::StrCat("; looked at: ", ScopeText(ScopeOf(store, reads)));
  FindingBuilder finding;
  const std::vector<Found> damage = FindDamage(store, rules);
  if (!damage.empty()) {
    std::vector<std::string> texts;
    bool graver_matters = false;
    for (const Found& found : damage) {
      texts.push_back(KindText(found));
      graver_matters = graver_matters || found.rule->graver > found.result();
    }
    std::string summary = absl::StrCat(absl::StrJoin(texts, "; "), scope);
    FindingBuilder holes;
    if (asked) TellHoles(snapshot, reads, &holes);
    if (holes.Done("").result() == Finding::INDETERMINATE) {
      absl::StrAppend(&summary, "; not all of it could be looked at");
    }
    if (graver_matters && store.lcu_build().empty()) {
      absl::StrAppend(&summary, "; what belongs to the current cumulative update is not known");
    }
    finding.Judge(damage.front().result(), summary);
    ShowDamage(damage, section.source(), &finding);
    // What is only told does not stand for what could not be looked at.
    if (damage.front().result() >= Finding::WARN) return finding.Done("");
  }
  if (!asked) {
    return finding.NotApplicable(
        absl::StrCat("not looked at: only the index ",
                     store.level() == STORE_LEVEL_INDEX ? "was" : "and the manifests were",
                     " verified; use --profile full"));
  }
  TellHoles(snapshot, reads, &finding);
  return finding.Done(absl::StrCat(pass, scope));
}

uint64_t SaturatingSum(uint64_t a, uint64_t b) { return a + std::min(b, ~a); }

std::string StoreShortfall(const Snapshot& snapshot) {
  const StoreVerification& store = snapshot.store_verification();
  if (!IsThere(StoreEvidence(snapshot))) return "";
  if (store.cancelled()) return "the verification was ended early";
  if (!store.collection().gaps().empty()) {
    const Gap& gap = store.collection().gaps(0);
    return absl::StrCat(gap.where(), ": ", gap.what());
  }
  const uint64_t total = UnverifiedTotal(store);
  if (total == 0) return "";
  std::string text = absl::StrCat(Amount(total, "file or component", "files or components"),
                                  " could not be verified");
  if (!store.unverified().empty()) {
    const StoreUnverified& first = store.unverified(0);
    absl::StrAppend(&text, total == 1 ? ": " : ", the first ",
                    first.path().empty() ? first.component() : first.path(), ": ", first.reason());
  }
  return text;
}

uint64_t UnverifiedTotal(const StoreVerification& store) {
  return std::max({store.unverified_total(), store.unverified_graver(),
                   static_cast<uint64_t>(store.unverified_size())});
}

void ShowUnverified(const Snapshot& snapshot,
                    absl::FunctionRef<bool(const StoreUnverified& item)> matters,
                    FindingBuilder* finding) {
  const StoreVerification& store = snapshot.store_verification();
  const std::string source = StoreEvidence(snapshot).source();
  uint64_t matching = 0;
  for (const StoreUnverified& item : store.unverified()) {
    if (!matters(item) || ++matching > kShown) continue;
    const std::string& where = item.path().empty() ? item.component() : item.path();
    std::string what = absl::StrCat("not verified: ", item.reason());
    if (store::IsGraver(item.roles())) absl::StrAppend(&what, ", of the ", RolesText(item.roles()));
    finding->Evidence(where.empty() ? source : where, what);
  }
  const uint64_t more = UnlistedUnverified(store) + matching - std::min<uint64_t>(matching, kShown);
  if (more > 0) finding->Evidence(source, absl::StrCat("and ", Grouped(more), " more"));
}

const char* ScopeText(StoreScope scope) {
  switch (scope) {
    case STORE_SCOPE_BOOT:
      return "the boot path and the servicing stack";
    case STORE_SCOPE_LCU:
      return "the boot path, the servicing stack and the current cumulative update";
    case STORE_SCOPE_ALL:
      return "everything";
    default:
      return "an unknown part";
  }
}

std::string RolesText(const StoreRoles& roles) {
  std::vector<const char*> names;
  if (roles.servicing_stack()) names.push_back("servicing stack");
  if (roles.boot()) names.push_back("boot path");
  if (roles.lcu()) names.push_back("current cumulative update");
  return absl::StrJoin(names, ", ");
}

}  // namespace patchgate::gate::checks
