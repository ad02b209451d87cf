#include "absl/strings/str_cat.h"
#include "gate/checks/boot_store.h"
#include "gate/checks/checks.h"
#include "servicing/boot/bcd_format.h"

namespace patchgate::gate::checks {

// BcdLibraryBoolean_AllowPrereleaseSignatures and BcdLibraryBoolean_DisableIntegrityChecks of
// Microsoft's BCD reference: drivers with test signatures, or none, are loaded. On a developer's
// host that is meant so.
Finding BcdTestSigning(const CheckInput& input) {
  FindingBuilder finding;
  if (!HasBootStore(input.snapshot, &finding)) return finding.NotApplicable(kNoBootStore);
  const BcdStore& store = input.snapshot.bcd();
  const FileTime written = store.collection().modified_filetime();
  const BcdObject* chosen = FindDefaultLoader(store);
  const ObjectIndex objects(store);
  for (const BcdObject& object : store.objects()) {
    if (!IsLoader(object)) continue;
    for (const uint32_t id : {boot::element::kTestSigning, boot::element::kNoIntegrityChecks}) {
      if (!IsTrue(FindInherited(objects, object, id))) continue;
      const std::string where = PlaceOf(store, object, id);
      const std::string what = absl::StrCat("is on, in ", Title(object));
      if (&object == chosen) {
        finding.Warn("the default loader takes drivers that nobody signed for release", where, what,
                     written);
      } else {
        finding.Info(
            "a loader that is not the default takes drivers that nobody signed for release", where,
            what, written);
      }
    }
  }
  return finding.Done("no loader takes drivers that nobody signed for release");
}

}  // namespace patchgate::gate::checks
