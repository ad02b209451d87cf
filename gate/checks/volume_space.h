// Free space of the volumes of a snapshot.
#ifndef GATE_CHECKS_VOLUME_SPACE_H_
#define GATE_CHECKS_VOLUME_SPACE_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "gate/check.h"
#include "servicing/host/platform.pb.h"

namespace patchgate::gate::checks {

inline constexpr uint64_t kMegabyte = 1 << 20;
inline constexpr uint64_t kGigabyte = 1 << 30;

// The volume `name` of HostSpace; null, and said so in `finding`, if nobody looked for it.
const VolumeSpace* FindVolume(const Snapshot& snapshot, absl::string_view name,
                              FindingBuilder* finding);

// "8.0 MB", "41.3 GB", in powers of 1,024 as Windows counts; rounded down, so that what is printed
// is there.
std::string SizeText(uint64_t bytes);

// "8.0 MB of 96.0 MB are free"
std::string FreeText(const VolumeSpace& volume);

}  // namespace patchgate::gate::checks

#endif  // GATE_CHECKS_VOLUME_SPACE_H_
