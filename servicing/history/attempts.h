// Puts observations of updates together to attempts.
#ifndef SERVICING_HISTORY_ATTEMPTS_H_
#define SERVICING_HISTORY_ATTEMPTS_H_

#include <vector>

#include "servicing/history/observations.h"
#include "servicing/history/timeline.pb.h"
#include "servicing/snapshot.pb.h"

namespace patchgate::history {

// When the attempt's update was finally installed; time 0 if it was not, if nothing but the update
// agent's claim says so, or if the time lies in the future of the snapshot: what a wrong clock
// wrote makes nothing a matter of the past.
When InstalledAt(const Attempt& attempt, const Snapshot& snapshot);

// Attempts by their begin, with outcome, supersession and consecutive failures. `boots` are those
// with which pended servicing would have gone on, in time order.
std::vector<Attempt> BuildAttempts(std::vector<Observation> observations,
                                   const std::vector<When>& boots, const Snapshot& snapshot);

}  // namespace patchgate::history

#endif  // SERVICING_HISTORY_ATTEMPTS_H_
