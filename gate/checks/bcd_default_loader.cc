#include <algorithm>
#include <iterator>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "gate/checks/boot_store.h"
#include "gate/checks/checks.h"
#include "gate/images.h"
#include "servicing/boot/bcd_format.h"

namespace patchgate::gate::checks {
namespace {

namespace element = boot::element;

// What else a boot manager may start by default: another system, on hosts with several.
bool IsOtherSystem(const BcdObject& object) {
  const uint32_t type = object.type();
  constexpr uint32_t kLegacyLoader = 0x103, kRealMode = 0x104;
  return type == boot::object_type::kFirmwareApplication || type >> 20 == kLegacyLoader ||
         type >> 20 == kRealMode;
}

// The last part of a path.
std::string FileName(const std::string& path) {
  return absl::AsciiStrToLower(path.substr(path.find_last_of("\\/") + 1));
}

void JudgePath(const CheckInput& input, const BcdObject& loader, FindingBuilder* finding) {
  const BcdStore& store = input.snapshot.bcd();
  const FileTime written = store.collection().modified_filetime();
  const BcdElement* path = FindElement(loader, element::kPath);
  const BcdElement* device = FindElement(loader, element::kDevice);
  if (path == nullptr || !path->problem().empty()) return;  // Told already.
  const std::string where = PlaceOf(store, loader, element::kPath);
  const std::string name = FileName(path->text());
  const Volume volume =
      device == nullptr ? Volume::kUnknown : VolumeOf(input.snapshot, device->device());
  if (name == (store.is_efi() ? "winload.exe" : "winload.efi")) {
    finding->Block(absl::StrCat("the default loader is for ", store.is_efi() ? "BIOS" : "EFI",
                                ", the boot store for ", store.is_efi() ? "EFI" : "BIOS"),
                   where, absl::StrCat("is ", path->text()), written);
    return;
  }
  if (name != (store.is_efi() ? "winload.efi" : "winload.exe")) {
    // On another volume it may be another system, which some set up as a loader of Windows.
    const Finding::Result result = volume == Volume::kThisWindows ? Finding::BLOCK : Finding::WARN;
    finding->Report(result, "the default loader is not the loader of Windows", where,
                    absl::StrCat("is ", path->text()), written);
    return;
  }
  // Of a volume without its kernel there is only a part.
  constexpr absl::string_view kKernel = "Windows/System32/ntoskrnl.exe";
  if (volume != Volume::kThisWindows || !WasRead(FindImage(input.snapshot, kKernel))) return;
  const std::string on_volume(
      absl::StripPrefix(absl::StrReplaceAll(path->text(), {{"\\", "/"}}), "/"));
  const ImageFacts* image = FindImage(input.snapshot, on_volume);
  if (image != nullptr && image->collection().status() == Collection::ABSENT) {
    finding->Block("the file of the default loader does not exist", where,
                   absl::StrCat("is ", path->text(), ", which is not on this volume"), written);
  }
}

// What a loader of Windows needs.
constexpr uint32_t kNeeded[] = {element::kDevice, element::kPath, element::kOsDevice,
                                element::kSystemRoot};

bool IsWholeLoader(const BcdObject& object) {
  return IsLoader(object) && std::all_of(std::begin(kNeeded), std::end(kNeeded), [&](uint32_t id) {
           const BcdElement* found = FindElement(object, id);
           return found != nullptr && found->problem().empty();
         });
}

// Windows PE as the default: after the restart nobody finishes the update. A WARN and no BLOCK:
// Setup sets it so between its phases, and so do administrators on purpose; the host starts.
void JudgeEnvironment(const BcdStore& store, const BcdObject& loader, FindingBuilder* finding) {
  constexpr absl::string_view kSummary = "the default starts a recovery or set-up environment";
  const FileTime written = store.collection().modified_filetime();
  for (const uint32_t id : {element::kDevice, element::kOsDevice}) {
    const BcdElement* found = FindElement(loader, id);
    if (found == nullptr || found->device().kind() != BcdDevice::RAMDISK) continue;
    finding->Warn(kSummary, PlaceOf(store, loader, id),
                  absl::StrCat("is ", Describe(found->device()), ", in ", Title(loader)), written);
  }
  if (IsTrue(FindInherited(ObjectIndex(store), loader, element::kWinPe))) {
    finding->Warn(kSummary, PlaceOf(store, loader, element::kWinPe),
                  absl::StrCat("is on, in ", Title(loader)), written);
  }
}

}  // namespace

// After the restart of an update the boot manager starts the default; if that is no whole loader of
// Windows, nothing is started (DOMAIN 7.2, rule 3).
Finding BcdDefaultLoader(const CheckInput& input) {
  FindingBuilder finding;
  if (!HasBootStore(input.snapshot, &finding)) return finding.NotApplicable(kNoBootStore);
  const BcdStore& store = input.snapshot.bcd();
  const FileTime written = store.collection().modified_filetime();
  const BcdObject* manager = FindBootManager(store);
  if (manager == nullptr) return finding.NotApplicable("the boot store has no boot manager");
  const BcdElement* chosen = FindElement(*manager, element::kDefault);
  const std::string where = PlaceOf(store, *manager, element::kDefault);
  const BcdObject* loader = FindDefault(store);
  if (chosen == nullptr) {
    // The first of the menu is started then.
    const bool starts = loader != nullptr && IsWholeLoader(*loader);
    finding.Report(starts ? Finding::WARN : Finding::BLOCK, "the boot manager has no default",
                   where,
                   starts ? absl::StrCat("missing; the menu begins with ", Title(*loader))
                          : "missing, and the menu begins with no whole loader",
                   written);
    if (!starts) return finding.Done("");
  } else if (!chosen->problem().empty()) {
    finding.Indeterminate("the default of the boot manager cannot be read", where,
                          chosen->problem(), written);
    return finding.Done("");
  }
  if (loader == nullptr) {
    finding.Block("the default of the boot manager does not exist", where,
                  absl::StrCat("is ", FirstObject(chosen), ", which the store does not have"),
                  written);
    return finding.Done("");
  }
  if (!IsLoader(*loader)) {
    const std::string type =
        loader->type_name().empty() ? "an object of unknown type" : loader->type_name();
    if (IsOtherSystem(*loader)) {
      finding.Warn("the default of the boot manager is another system than Windows", where,
                   absl::StrCat("is ", Title(*loader), ", ", type), written);
    } else {
      finding.Block("the default of the boot manager is no loader", where,
                    absl::StrCat("is ", Title(*loader), ", ", type), written);
    }
    return finding.Done("");
  }
  for (const uint32_t id : kNeeded) {
    const BcdElement* found = FindElement(*loader, id);
    const std::string place = PlaceOf(store, *loader, id);
    if (found == nullptr) {
      finding.Block("the default loader is incomplete", place, "missing", written);
    } else if (!found->problem().empty()) {
      finding.Indeterminate("the default loader cannot be read in full", place, found->problem(),
                            written);
    }
  }
  JudgePath(input, *loader, &finding);
  JudgeEnvironment(store, *loader, &finding);
  return finding.Done(absl::StrCat("the default is a whole loader: ", Title(*loader)));
}

}  // namespace patchgate::gate::checks
