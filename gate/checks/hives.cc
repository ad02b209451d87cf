#include "gate/checks/hives.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "gate/checks/presence.h"

namespace patchgate::gate::checks {

void ForEachHive(const Snapshot& snapshot, FindingBuilder* finding,
                 absl::FunctionRef<void(const HiveFacts&)> visit) {
  for (const char* name : {"SYSTEM", "SOFTWARE", "COMPONENTS"}) {
    const HiveFacts* hive = FindHive(snapshot, name);
    if (hive == nullptr) {
      finding->Indeterminate(absl::StrCat("hive ", name, " is not in the snapshot"),
                             absl::StrCat("hive ", name), "not collected");
      continue;
    }
    const Collection& section = hive->collection();
    switch (section.status()) {
      case Collection::COLLECTED:
        finding->Needs(section);
        visit(*hive);
        break;
      case Collection::ABSENT:
        finding->Indeterminate(absl::StrCat("hive ", name, " is missing"), section.source(),
                               section.reason());
        break;
      default:
        finding->Indeterminate(absl::StrCat("hive ", name, " cannot be read: ", section.reason()),
                               section.source(), section.reason());
        break;
    }
  }
}

const HiveFacts* FindHive(const Snapshot& snapshot, absl::string_view name) {
  const auto hive = std::find_if(snapshot.hives().begin(), snapshot.hives().end(),
                                 [&](const HiveFacts& facts) { return facts.name() == name; });
  return hive == snapshot.hives().end() ? nullptr : &*hive;
}

std::string ListText(const std::vector<std::string>& names) {
  std::string text;
  for (size_t i = 0; i < names.size(); ++i) {
    absl::StrAppend(&text, i == 0 ? "" : i + 1 == names.size() ? " and " : ", ", names[i]);
  }
  return text;
}

std::string LoadedText(const std::vector<std::string>& names) {
  return absl::StrCat(ListText(names), names.size() == 1 ? " is" : " are",
                      " loaded by the running Windows");
}

}  // namespace patchgate::gate::checks
