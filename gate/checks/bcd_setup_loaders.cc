#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gate/checks/boot_store.h"
#include "gate/checks/checks.h"
#include "servicing/boot/bcd_format.h"

namespace patchgate::gate::checks {
namespace {

namespace element = boot::element;

bool NamesSetupFolder(absl::string_view path) {
  return absl::StrContains(absl::AsciiStrToLower(path), "\\$windows.~bt");
}

// The element by which the object is one of Setup's; 0 if it is none.
uint32_t SignOfSetup(const BcdObject& object) {
  const std::string description = TextOf(FindElement(object, element::kDescription));
  if (absl::EqualsIgnoreCase(description, "Windows Setup") ||
      absl::EqualsIgnoreCase(description, "Windows Rollback")) {
    return element::kDescription;
  }
  for (const uint32_t id : {element::kPath, element::kSystemRoot}) {
    if (NamesSetupFolder(TextOf(FindElement(object, id)))) return id;
  }
  for (const uint32_t id : {element::kDevice, element::kOsDevice}) {
    const BcdElement* device = FindElement(object, id);
    if (device != nullptr && NamesSetupFolder(device->device().path())) return id;
  }
  return 0;
}

}  // namespace

// A feature update boots its own loaders between its phases, and one for the way back. On a host
// where none is at work they are left over from one that failed (DOMAIN 7.2, rule 7).
Finding BcdSetupLoaders(const CheckInput& input) {
  FindingBuilder finding;
  if (!HasBootStore(input.snapshot, &finding)) return finding.NotApplicable(kNoBootStore);
  const BcdStore& store = input.snapshot.bcd();
  for (const BcdObject& object : store.objects()) {
    if (!IsLoader(object)) continue;
    const uint32_t sign = SignOfSetup(object);
    if (sign == 0) continue;
    finding.Warn("the boot store has a loader of Windows Setup", PlaceOf(store, object, sign),
                 absl::StrCat("marks ", Title(object), " as one of Setup's"),
                 store.collection().modified_filetime());
  }
  return finding.Done("no loader of Windows Setup is left");
}

}  // namespace patchgate::gate::checks
