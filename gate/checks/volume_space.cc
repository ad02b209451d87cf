#include "gate/checks/volume_space.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace patchgate::gate::checks {

const VolumeSpace* FindVolume(const Snapshot& snapshot, absl::string_view name,
                              FindingBuilder* finding) {
  for (const VolumeSpace& volume : snapshot.space().volumes()) {
    if (volume.volume() != name) continue;
    // That it cannot be measured is the rule for a copy, and for the check to say.
    if (volume.collection().status() != Collection::STATUS_UNSPECIFIED) return &volume;
  }
  Collection nobody_looked;
  nobody_looked.set_source(absl::StrCat("volume ", name));
  finding->Needs(nobody_looked);
  return nullptr;
}

std::string SizeText(uint64_t bytes) {
  const uint64_t unit = bytes < kGigabyte ? kMegabyte : kGigabyte;
  const uint64_t rest = bytes % unit;
  return absl::StrFormat("%d.%d %s", bytes / unit, rest * 10 / unit,
                         unit == kMegabyte ? "MB" : "GB");
}

std::string FreeText(const VolumeSpace& volume) {
  return absl::StrCat(SizeText(volume.free_bytes()), " of ", SizeText(volume.total_bytes()),
                      " are free");
}

}  // namespace patchgate::gate::checks
