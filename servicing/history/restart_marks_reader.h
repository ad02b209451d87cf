// Reads the registry marks of Windows Update and of other installers that wait for a restart, and
// the state of the image (DOMAIN §1.5, 1.7).
#ifndef SERVICING_HISTORY_RESTART_MARKS_READER_H_
#define SERVICING_HISTORY_RESTART_MARKS_READER_H_

#include "servicing/history/history.pb.h"
#include "servicing/registry/registry.h"

namespace patchgate::history {

// Values of unexpected types are gaps where their data counts; a mark is there whatever its type.
// Cost: nine keys.
RestartMarks ReadRestartMarks(const registry::Registry& registry);

}  // namespace patchgate::history

#endif  // SERVICING_HISTORY_RESTART_MARKS_READER_H_
