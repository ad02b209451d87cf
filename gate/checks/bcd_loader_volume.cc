#include <string>

#include "absl/strings/str_cat.h"
#include "gate/checks/boot_store.h"
#include "gate/checks/checks.h"
#include "gate/checks/presence.h"
#include "servicing/boot/bcd_format.h"
#include "servicing/host/system_drive.h"

namespace patchgate::gate::checks {
namespace {

namespace element = boot::element;

// A loader that boots this Windows; null if there is none.
const BcdObject* LoaderOfThisWindows(const Snapshot& snapshot) {
  for (const BcdObject& object : snapshot.bcd().objects()) {
    if (!IsLoader(object)) continue;
    const BcdElement* device = FindElement(object, element::kOsDevice);
    if (device != nullptr && VolumeOf(snapshot, device->device()) == Volume::kThisWindows) {
      return &object;
    }
  }
  return nullptr;
}

}  // namespace

// The loader names the partition of Windows by its GUID, or on an MBR disk by disk signature and
// offset; SYSTEM\MountedDevices names that of the system drive in the same way. Clones and restored
// backups are where the two part (DOMAIN 7.2, rule 4).
Finding BcdLoaderVolume(const CheckInput& input) {
  FindingBuilder finding;
  if (!HasBootStore(input.snapshot, &finding)) return finding.NotApplicable(kNoBootStore);
  const BcdStore& store = input.snapshot.bcd();
  const BcdObject* loader = FindDefaultLoader(store);
  const BcdElement* device = loader == nullptr ? nullptr : FindElement(*loader, element::kOsDevice);
  if (device == nullptr || !device->has_device()) {
    return finding.NotApplicable("the boot store has no default loader that names a device");
  }
  const std::string named = Describe(device->device());
  if (device->device().kind() != BcdDevice::PARTITION) {
    return finding.NotApplicable(
        absl::StrCat("the default loader boots no partition, but ", named));
  }
  if (IsThere(input.snapshot.mounted_devices().collection())) {
    finding.Needs(input.snapshot.mounted_devices().collection());
  }
  const Volume volume = VolumeOf(input.snapshot, device->device());
  const std::string drive = host::SystemDriveLetter(input.snapshot.os());
  if (volume == Volume::kUnknown) {
    return finding.NotApplicable(absl::StrCat("the partition of ", drive, " is not known"));
  }
  if (volume == Volume::kThisWindows) {
    return finding.Done("the default loader boots the partition of this Windows");
  }
  const FileTime written = store.collection().modified_filetime();
  const std::string where = PlaceOf(store, *loader, element::kOsDevice);
  const std::string what = absl::StrCat("is ", named, ", which is not the one of ", drive);
  if (const BcdObject* other = LoaderOfThisWindows(input.snapshot)) {
    finding.Info("the default loader boots another Windows than this one", where, what, written);
    finding.Evidence(PlaceOf(store, *other), absl::StrCat("boots this one: ", Title(*other)));
  } else {
    finding.Warn("no loader of the boot store boots the partition of this Windows", where, what,
                 written);
  }
  return finding.Done("");
}

}  // namespace patchgate::gate::checks
