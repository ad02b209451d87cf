#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "servicing/base/status_macros.h"
#include "servicing/evidence/directory_source.h"
#include "servicing/evidence/live_volume.h"

namespace patchgate::evidence {

absl::StatusOr<std::unique_ptr<Source>> OpenLivePartition(absl::string_view device) {
  // The name comes from the registry, and what it names is opened with all rights: no way into
  // another namespace, nor down into a folder.
  constexpr absl::string_view kDevice = "\\Device\\";
  const absl::string_view name = device.substr(std::min(device.size(), kDevice.size()));
  if (!absl::StartsWithIgnoreCase(device, kDevice) || name.empty() || name.size() > 64 ||
      !std::all_of(name.begin(), name.end(), absl::ascii_isalnum)) {
    return absl::InvalidArgumentError(absl::StrCat("\"", device, "\" is no volume device"));
  }
  // The system's own names, seen through its root. Untried: Wine does not have GLOBALROOT.
  PG_ASSIGN_OR_RETURN(std::unique_ptr<Source> volume,
                      OpenVolume(absl::StrCat("\\\\?\\GLOBALROOT", device)));
  return ReadNotMapped(std::move(volume), absl::StrCat("partition ", device));
}

}  // namespace patchgate::evidence
