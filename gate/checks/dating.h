// When things were, for checks that tell a live flag from an old one.
#ifndef GATE_CHECKS_DATING_H_
#define GATE_CHECKS_DATING_H_

#include <string>

#include "servicing/evidence/stamp.pb.h"
#include "servicing/history/observations.h"
#include "servicing/history/timeline.pb.h"
#include "servicing/snapshot.pb.h"

namespace patchgate::gate::checks {

// All of them: time 0 if nothing tells.
history::When LastBoot(const Timeline& timeline);
history::When LastSession(const Timeline& timeline);
// The newest final installation of a cumulative update.
history::When LastCumulativeSuccess(const Timeline& timeline);

// A log's time, in UTC where the snapshot knows the host's clock.
history::When StampWhen(const Snapshot& snapshot, const Stamp& stamp);

// "2025-12-10T09:12:30Z", "2025-12-10T09:12:30 local time", "an unknown time".
std::string WhenText(history::When when);

// What an attempt was for: "KB5072033 (26100.7462)", or the package.
std::string AttemptName(const Attempt& attempt);

// The attempt has at least one phase.
const Phase& LastPhase(const Attempt& attempt);
// The last phase in which this was seen; the last of all if there is none.
const Phase& LastPhase(const Attempt& attempt, history::Seen seen);

// Servicing has seen it, and it is an update: cumulative, servicing stack, or a KB of unknown kind.
bool IsServicedUpdate(const Attempt& attempt);

}  // namespace patchgate::gate::checks

#endif  // GATE_CHECKS_DATING_H_
