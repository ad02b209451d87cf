#include "absl/strings/str_cat.h"
#include "gate/checks/checks.h"
#include "gate/checks/volume_space.h"

namespace patchgate::gate::checks {

// How much an update needs depends on the update; nobody publishes a number for all of them. Less
// than 1 GB is too little for any, by experience.
Finding DiskSpace(const CheckInput& input) {
  FindingBuilder finding;
  const VolumeSpace* volume = FindVolume(input.snapshot, "Windows", &finding);
  if (volume == nullptr) return finding.Done("");
  const Collection& section = volume->collection();
  if (section.status() != Collection::COLLECTED) {
    return finding.NotApplicable(
        absl::StrCat("free space of the Windows volume is not known: ", section.reason()));
  }
  const std::string free = SizeText(volume->free_bytes());
  if (volume->free_bytes() < kGigabyte) {
    finding.Warn(absl::StrCat("the Windows volume has only ", free, " free"), section.source(),
                 FreeText(*volume));
  } else {
    finding.Info(absl::StrCat("the Windows volume has ", free, " free"), section.source(),
                 FreeText(*volume));
  }
  return finding.Done("");
}

}  // namespace patchgate::gate::checks
