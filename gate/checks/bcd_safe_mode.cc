#include "absl/strings/str_cat.h"
#include "gate/checks/boot_store.h"
#include "gate/checks/checks.h"
#include "servicing/boot/bcd_format.h"

namespace patchgate::gate::checks {
namespace {

// BcdLibrary_SafeBoot of Microsoft's BCD reference.
const char* ModeName(uint64_t value) {
  switch (value) {
    case 0:
      return "minimal";
    case 1:
      return "network";
    case 2:
      return "directory services repair";
    default:
      return "of an unknown kind";
  }
}

}  // namespace

// BcdOSLoaderInteger_SafeBoot (0x25000080) makes a loader start Windows in safe mode, until it is
// taken away; documented in Microsoft's reference of the BCD WMI provider. In safe mode most
// services do not start and an update is not finished.
Finding BcdSafeMode(const CheckInput& input) {
  FindingBuilder finding;
  if (!HasBootStore(input.snapshot, &finding)) return finding.NotApplicable(kNoBootStore);
  const BcdStore& store = input.snapshot.bcd();
  const FileTime written = store.collection().modified_filetime();
  const BcdObject* chosen = FindDefaultLoader(store);
  const ObjectIndex objects(store);
  for (const BcdObject& object : store.objects()) {
    if (!IsLoader(object)) continue;
    const BcdElement* mode = FindInherited(objects, object, boot::element::kSafeBoot);
    if (mode == nullptr) continue;
    const std::string where = PlaceOf(store, object, boot::element::kSafeBoot);
    const std::string what = absl::StrCat(
        "safe mode ",
        mode->problem().empty() ? ModeName(mode->integer())
                                : absl::StrCat("of an unreadable kind (", mode->problem(), ")"),
        ", in ", Title(object));
    if (&object == chosen) {
      finding.Block("the next start goes to safe mode", where, what, written);
    } else {
      finding.Warn("a loader that is not the default starts in safe mode", where, what, written);
    }
  }
  return finding.Done("no loader starts in safe mode");
}

}  // namespace patchgate::gate::checks
