// Who is at work on a running host.
#ifndef GATE_CHECKS_LIVE_ACTIVITY_H_
#define GATE_CHECKS_LIVE_ACTIVITY_H_

#include "servicing/snapshot.pb.h"

namespace patchgate::gate::checks {

// Something installs or services on the host that the snapshot is of.
bool IsBusy(const Snapshot& snapshot);

// Servicing itself is at work, and what it makes and clears again may look like a leftover. Windows
// Installer alone makes no such marks. An activity of a kind that is not known here counts.
bool ServicingIsAtWork(const Snapshot& snapshot);

}  // namespace patchgate::gate::checks

#endif  // GATE_CHECKS_LIVE_ACTIVITY_H_
