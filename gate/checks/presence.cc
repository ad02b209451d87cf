#include "gate/checks/presence.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace patchgate::gate::checks {
namespace {

// Whether `where` lies below `key`, but not at or below its child `name`.
bool IsElsewhereBelow(absl::string_view where, absl::string_view key, absl::string_view name) {
  const std::string below = absl::StrCat(key, "\\");
  if (!absl::StartsWithIgnoreCase(where, below)) return false;
  where.remove_prefix(below.size());
  return !absl::EqualsIgnoreCase(where.substr(0, where.find('\\')), name);
}

}  // namespace

void NeedsPresent(const Collection& section, FindingBuilder* finding) {
  finding->Needs(section);
  if (section.status() == Collection::ABSENT) {
    finding->Indeterminate(absl::StrCat("could not be measured: ", section.source(),
                                        " is missing, every Windows has it"),
                           section.source(), section.reason());
  }
}

void NeedsPresent(const Collection& section, absl::string_view name, FindingBuilder* finding) {
  Collection part = section;
  part.clear_gaps();
  for (const Gap& gap : section.gaps()) {
    if (!IsElsewhereBelow(gap.where(), section.source(), name)) *part.add_gaps() = gap;
  }
  NeedsPresent(part, finding);
}

void NeedsExistence(const Collection& section, FindingBuilder* finding) {
  Collection existence = section;
  existence.clear_gaps();
  finding->Needs(existence);
}

bool IsThere(const Collection& section) { return section.status() == Collection::COLLECTED; }

std::string Below(const Collection& section, absl::string_view name) {
  return absl::StrCat(section.source(), "\\", name);
}

}  // namespace patchgate::gate::checks
