#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "gate/checks/boot_store.h"
#include "gate/checks/checks.h"
#include "servicing/boot/bcd_format.h"

namespace patchgate::gate::checks {

// "bcdedit /bootsequence" is for the next start only, and the boot manager takes it away when it
// goes there. While it is set, the restart of an update goes somewhere else (DOMAIN 7.2, rule 7).
Finding BcdOneTimeBoot(const CheckInput& input) {
  FindingBuilder finding;
  if (!HasBootStore(input.snapshot, &finding)) return finding.NotApplicable(kNoBootStore);
  const BcdStore& store = input.snapshot.bcd();
  for (const char* guid : {boot::guid::kBootManager, boot::guid::kFirmwareBootManager}) {
    const BcdObject* manager = FindObject(store, guid);
    const BcdElement* sequence =
        manager == nullptr ? nullptr : FindElement(*manager, boot::element::kBootSequence);
    if (sequence == nullptr) continue;
    const std::string where = PlaceOf(store, *manager, boot::element::kBootSequence);
    const FileTime written = store.collection().modified_filetime();
    constexpr char kSummary[] = "the next start is set to go somewhere else, once";
    if (!sequence->problem().empty()) finding.Warn(kSummary, where, sequence->problem(), written);
    const auto& targets = sequence->objects().guids();
    for (int i = 0; i < std::min(targets.size(), kMostEntries); ++i) {
      const std::string& target = targets[i];
      const BcdObject* object = FindObject(store, target);
      finding.Warn(kSummary, where,
                   object == nullptr
                       ? absl::StrCat("is ", target, ", which the store does not have")
                       : absl::StrCat("is ", Title(*object)),
                   written);
    }
  }
  return finding.Done("no start is set to go somewhere else");
}

}  // namespace patchgate::gate::checks
