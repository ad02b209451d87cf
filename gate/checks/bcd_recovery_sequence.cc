#include "absl/strings/str_cat.h"
#include "gate/checks/boot_store.h"
#include "gate/checks/checks.h"
#include "servicing/boot/bcd_format.h"

namespace patchgate::gate::checks {

namespace element = boot::element;

// When Windows fails to start, the boot manager goes on with the recovery sequence of its loader:
// that is how a failed update rolls back or is repaired. Servers and virtual machines often have
// none, on purpose (DOMAIN 7.2, rule 6).
Finding BcdRecoverySequence(const CheckInput& input) {
  FindingBuilder finding;
  if (!HasBootStore(input.snapshot, &finding)) return finding.NotApplicable(kNoBootStore);
  const BcdStore& store = input.snapshot.bcd();
  const FileTime written = store.collection().modified_filetime();
  const BcdObject* loader = FindDefaultLoader(store);
  if (loader == nullptr) return finding.NotApplicable("the boot store has no default loader");
  const std::string where = PlaceOf(store, *loader, element::kRecoverySequence);
  const BcdElement* sequence = FindElement(*loader, element::kRecoverySequence);
  const BcdElement* enabled = FindInherited(ObjectIndex(store), *loader, element::kRecoveryEnabled);
  if (sequence == nullptr || (enabled != nullptr && enabled->value_case() == BcdElement::kBoolean &&
                              !enabled->boolean())) {
    finding.Info("the default loader has no recovery environment", where,
                 sequence == nullptr ? "missing" : "recoveryenabled is off", written);
    return finding.Done("");
  }
  if (!sequence->problem().empty()) {
    finding.Warn("the recovery sequence of the default loader cannot be read", where,
                 sequence->problem(), written);
    return finding.Done("");
  }
  const BcdObject* recovery = FindObject(store, FirstObject(sequence));
  if (recovery == nullptr) {
    finding.Warn("the recovery environment of the default loader does not exist", where,
                 absl::StrCat("is ", FirstObject(sequence), ", which the store does not have"),
                 written);
    return finding.Done("");
  }
  if (!IsTrue(FindElement(*recovery, element::kWinPe))) {
    finding.Warn("what the default loader recovers with is no recovery environment",
                 PlaceOf(store, *recovery, element::kWinPe),
                 absl::StrCat("not set in ", Title(*recovery)), written);
  }
  const BcdElement* device = FindElement(*recovery, element::kDevice);
  if (device == nullptr || !device->problem().empty()) {
    finding.Warn("the recovery environment has no device",
                 PlaceOf(store, *recovery, element::kDevice),
                 device == nullptr ? "missing" : device->problem(), written);
  } else if (device->device().kind() == BcdDevice::RAMDISK &&
             FindObject(store, device->device().options()) == nullptr) {
    finding.Warn(
        "the RAM disk of the recovery environment has no options",
        PlaceOf(store, *recovery, element::kDevice),
        absl::StrCat("names ",
                     device->device().options().empty() ? "no object" : device->device().options(),
                     ", which the store does not have"),
        written);
  }
  return finding.Done("the default loader has a recovery environment");
}

}  // namespace patchgate::gate::checks
