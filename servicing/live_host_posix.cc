#include "servicing/collect_host.h"

namespace patchgate {

absl::StatusOr<Host> OpenLiveHost(const std::string&) {
  return absl::UnimplementedError(
      "only on Windows can the running host be read; elsewhere name a Windows volume with --root "
      "DIR");
}

}  // namespace patchgate
