#include "absl/strings/str_cat.h"
#include "gate/checks/checks.h"
#include "gate/checks/presence.h"

namespace patchgate::gate::checks {

// The mark that automatic repair leaves when it could not mend everything, and that DISM
// /CheckHealth reads. Unserviceable is known from one community source (DOMAIN 3.1). Both are words
// about the store, no measurement of it: a warning.
Finding StoreCorruptionFlag(const CheckInput& input) {
  constexpr struct {
    const char* name;
    const char* summary;
  } kFlags[] = {
      {"CorruptionDetectedDuringAcr",
       "Windows found the component store corrupt and could not repair all of it"},
      {"Unserviceable", "Windows marked the component store as not serviceable"},
  };
  const ComponentsRoot& facts = input.snapshot.components_root();
  FindingBuilder finding;
  NeedsPresent(facts.collection(), &finding);
  for (const ComponentsFlag& flag : facts.flags()) {
    for (const auto& [name, summary] : kFlags) {
      if (!flag.set() || flag.name() != name) continue;
      const bool is_key = flag.type() == "key";
      finding.Warn(
          summary, Below(facts.collection(), name),
          is_key ? "key is present" : absl::StrCat("is ", flag.data(), " (", flag.type(), ")"),
          is_key ? 0 : facts.collection().modified_filetime());
    }
  }
  return finding.Done("the component store is not marked as corrupt");
}

}  // namespace patchgate::gate::checks
