#include "gate/checks/hives.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "gate/checks/presence.h"

namespace patchgate::gate::checks {

void ForEachHive(const Snapshot& snapshot, FindingBuilder* finding,
                 absl::FunctionRef<void(const HiveFacts&)> visit) {
  for (const char* name : {"SYSTEM", "SOFTWARE", "COMPONENTS"}) {
    const auto hive = std::find_if(snapshot.hives().begin(), snapshot.hives().end(),
                                   [&](const HiveFacts& facts) { return facts.name() == name; });
    if (hive == snapshot.hives().end()) {
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

}  // namespace patchgate::gate::checks
