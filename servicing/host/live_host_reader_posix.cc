#include "servicing/host/live_host_reader.h"

namespace patchgate::host {

LiveHost ReadLiveHost() { return LiveHost(); }

}  // namespace patchgate::host
