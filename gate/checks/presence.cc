#include "gate/checks/presence.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "servicing/base/utf16.h"

namespace patchgate::gate::checks {
namespace {

// Whether `where` lies below `key`, but not at or below its child `name`.
bool IsElsewhereBelow(absl::string_view where, absl::string_view key, absl::string_view name) {
  const std::string below = absl::StrCat(key, "\\");
  if (!absl::StartsWithIgnoreCase(where, below)) return false;
  where.remove_prefix(below.size());
  return !absl::EqualsIgnoreCase(where.substr(0, where.find('\\')), name);
}

// `section` without the gaps that do not concern its value or subkey `name`.
Collection PartOf(const Collection& section, absl::string_view name) {
  Collection part = section;
  part.clear_gaps();
  for (const Gap& gap : section.gaps()) {
    if (!IsElsewhereBelow(gap.where(), section.source(), name)) *part.add_gaps() = gap;
  }
  return part;
}

}  // namespace

void NeedsPart(const Collection& section, absl::string_view name, FindingBuilder* finding) {
  finding->Needs(PartOf(section, name));
}

void NeedsPresent(const Collection& section, FindingBuilder* finding) {
  finding->Needs(section);
  if (section.status() == Collection::ABSENT) {
    finding->Indeterminate(absl::StrCat("could not be measured: ", section.source(),
                                        " is missing, every Windows has it"),
                           section.source(), section.reason());
  }
}

void NeedsPresent(const Collection& section, absl::string_view name, FindingBuilder* finding) {
  NeedsPresent(PartOf(section, name), finding);
}

void NeedsExistence(const Collection& section, FindingBuilder* finding) {
  Collection existence = section;
  existence.clear_gaps();
  finding->Needs(existence);
}

Collection CbsLogEvidence(const Snapshot& snapshot) {
  Collection section = snapshot.cbs_log().collection();
  if (section.status() == Collection::COLLECTED && snapshot.cbs_log().files().empty()) {
    section.set_status(Collection::ABSENT);
    section.set_reason("no CBS.log in the folder");
  }
  const auto& files = snapshot.cbs_log().files();
  if (section.status() == Collection::COLLECTED &&
      std::none_of(files.begin(), files.end(),
                   [](const CbsLogFile& file) { return file.lines() > 0; })) {
    section.set_status(Collection::UNREADABLE);
    section.set_reason("not one line that has a date");
  }
  return section;
}

Collection EventLogEvidence(const Snapshot& snapshot, absl::string_view name) {
  for (const EventLogFile& file : snapshot.event_logs().files()) {
    if (NamesEqual(file.name(), name)) return file.collection();
  }
  Collection section = snapshot.event_logs().collection();
  if (section.status() == Collection::COLLECTED) section.clear_status();
  return section;
}

Collection StoreEvidence(const Snapshot& snapshot) {
  const StoreVerification& store = snapshot.store_verification();
  Collection section = store.collection();
  if (section.source().empty()) section.set_source("Windows/WinSxS");
  const bool known = StoreLevel_IsValid(store.level()) && StoreScope_IsValid(store.scope());
  if (section.status() == Collection::COLLECTED &&
      (!known || store.level() == STORE_LEVEL_UNSPECIFIED ||
       store.scope() == STORE_SCOPE_UNSPECIFIED)) {
    section.clear_status();  // Nobody said what was looked at.
  }
  return section;
}

void NeedsCbsLog(const Snapshot& snapshot, FindingBuilder* finding) {
  const Collection section = CbsLogEvidence(snapshot);
  NeedsPresent(section, finding);
  if (!IsThere(section)) return;
  for (const CbsLogFile& file : snapshot.cbs_log().files()) finding->Needs(file.collection());
  if (snapshot.cbs_log().dropped() == 0) return;
  finding->Indeterminate("could not be measured in full: the logs hold more than is kept",
                         section.source(),
                         absl::StrCat(snapshot.cbs_log().dropped(), " facts were passed over"));
}

void NeedsEventLog(const Snapshot& snapshot, absl::string_view name, FindingBuilder* finding) {
  NeedsPresent(EventLogEvidence(snapshot, name), finding);
  if (snapshot.event_logs().dropped() == 0) return;
  finding->Indeterminate("could not be measured in full: the event logs hold more than is kept",
                         snapshot.event_logs().collection().source(),
                         absl::StrCat(snapshot.event_logs().dropped(), " events were passed over"));
}

bool IsThere(const Collection& section) { return section.status() == Collection::COLLECTED; }

std::string Below(const Collection& section, absl::string_view name) {
  return absl::StrCat(section.source(), "\\", name);
}

}  // namespace patchgate::gate::checks
