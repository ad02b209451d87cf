#include <algorithm>

#include "absl/strings/str_cat.h"
#include "gate/checks/boot_store.h"
#include "gate/checks/checks.h"
#include "servicing/boot/bcd_format.h"

namespace patchgate::gate::checks {

namespace element = boot::element;

// The menu of the boot manager shows what displayorder lists; a default that is not in it was taken
// out, or put in, by somebody who did half of the work (DOMAIN 7.2, rule 5).
Finding BcdDisplayOrder(const CheckInput& input) {
  FindingBuilder finding;
  if (!HasBootStore(input.snapshot, &finding)) return finding.NotApplicable(kNoBootStore);
  const BcdStore& store = input.snapshot.bcd();
  const FileTime written = store.collection().modified_filetime();
  const BcdObject* chosen = FindDefault(store);
  if (chosen == nullptr) return finding.NotApplicable("the boot store has no default");
  const BcdObject& manager = *FindBootManager(store);
  const BcdElement* order = FindElement(manager, element::kDisplayOrder);
  const std::string where = PlaceOf(store, manager, element::kDisplayOrder);
  if (order == nullptr || !order->problem().empty()) {
    finding.Warn("the boot menu is empty", where, order == nullptr ? "missing" : order->problem(),
                 written);
    return finding.Done("");
  }
  const auto& listed = order->objects().guids();
  if (std::find(listed.begin(), listed.end(), chosen->guid()) == listed.end()) {
    finding.Warn("the default loader is not in the boot menu", where,
                 absl::StrCat("does not list ", Title(*chosen)), written);
  }
  const ObjectIndex objects(store);
  for (int i = 0; i < std::min(listed.size(), kMostEntries); ++i) {
    const std::string& guid = listed[i];
    if (objects.Find(guid) == nullptr) {
      finding.Info("the boot menu lists what does not exist", where,
                   absl::StrCat("lists ", guid, ", which the store does not have"), written);
    }
  }
  return finding.Done("the default is in the boot menu");
}

}  // namespace patchgate::gate::checks
