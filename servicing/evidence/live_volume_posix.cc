#include "servicing/evidence/live_volume.h"

namespace patchgate::evidence {

absl::StatusOr<std::unique_ptr<Source>> OpenLiveVolume() {
  return absl::UnimplementedError("no Windows runs here");
}

}  // namespace patchgate::evidence
