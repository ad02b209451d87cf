// Where two sources of one snapshot cannot both be right.
#ifndef SERVICING_HISTORY_CONTRADICTIONS_H_
#define SERVICING_HISTORY_CONTRADICTIONS_H_

#include <vector>

#include "servicing/history/observations.h"
#include "servicing/history/timeline.pb.h"
#include "servicing/snapshot.pb.h"

namespace patchgate::history {

// Facts, not judgements: `explained` says that a usual order of events could produce both.
std::vector<Contradiction> FindContradictions(const Snapshot& snapshot, const Timeline& timeline,
                                              const HostClock& clock);

}  // namespace patchgate::history

#endif  // SERVICING_HISTORY_CONTRADICTIONS_H_
