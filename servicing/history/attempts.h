// Puts observations of updates together to attempts.
#ifndef SERVICING_HISTORY_ATTEMPTS_H_
#define SERVICING_HISTORY_ATTEMPTS_H_

#include <vector>

#include "servicing/history/observations.h"
#include "servicing/history/timeline.pb.h"
#include "servicing/snapshot.pb.h"

namespace patchgate::history {

// Attempts by their begin, with outcome, supersession and consecutive failures. `boots` are the
// boots after which pended servicing would have been continued.
std::vector<Attempt> BuildAttempts(std::vector<Observation> observations,
                                   const std::vector<When>& boots, const Snapshot& snapshot);

}  // namespace patchgate::history

#endif  // SERVICING_HISTORY_ATTEMPTS_H_
