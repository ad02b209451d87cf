#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gate/checks/boot_store.h"
#include "gate/checks/checks.h"
#include "servicing/boot/bcd_format.h"

namespace patchgate::gate::checks {

namespace element = boot::element;

// The boot manager is an object of its own in the store, from which it reads what to boot. Where it
// lies itself, firmware knows: device and path are for tools that put it into firmware's list. On
// BIOS hosts there is often no path (DOMAIN 7.2, rule 2).
Finding BcdBootManager(const CheckInput& input) {
  FindingBuilder finding;
  if (!HasBootStore(input.snapshot, &finding)) return finding.NotApplicable(kNoBootStore);
  const BcdStore& store = input.snapshot.bcd();
  const FileTime written = store.collection().modified_filetime();
  const BcdObject* manager = FindBootManager(store);
  if (manager == nullptr) {
    finding.Block("the boot store has no Windows boot manager", store.collection().source(),
                  absl::StrCat("no object ", boot::guid::kBootManager), written);
    return finding.Done("");
  }
  if (manager->type() != boot::object_type::kBootManager) {
    finding.Warn("the object of the boot manager is of another type", PlaceOf(store, *manager),
                 manager->type_name().empty() ? "is of unknown type"
                                              : absl::StrCat("is a ", manager->type_name()),
                 written);
  }
  const BcdElement* device = FindElement(*manager, element::kDevice);
  if (device == nullptr || !device->problem().empty()) {
    finding.Warn(
        "the boot manager does not say on which device it is",
        PlaceOf(store, *manager, element::kDevice),
        device == nullptr ? "missing; normal only on installation media" : device->problem(),
        written);
  }
  const BcdElement* path = FindElement(*manager, element::kPath);
  const std::string text = TextOf(path);
  const bool is_efi_path = absl::EndsWithIgnoreCase(text, ".efi");
  if (store.is_efi() && !is_efi_path) {
    finding.Warn("the boot manager does not say which EFI application it is",
                 PlaceOf(store, *manager, element::kPath),
                 text.empty() ? "missing" : absl::StrCat("is ", text), written);
  } else if (!store.is_efi() && is_efi_path) {
    finding.Warn("the boot manager of a BIOS store is an EFI application",
                 PlaceOf(store, *manager, element::kPath), absl::StrCat("is ", text), written);
  }
  return finding.Done("the boot manager is in the boot store");
}

}  // namespace patchgate::gate::checks
