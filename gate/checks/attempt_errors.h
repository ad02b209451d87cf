// What the error codes of an update's attempt say about it, all of them taken together: one grave
// code is not excused by a mild one.
#ifndef GATE_CHECKS_ATTEMPT_ERRORS_H_
#define GATE_CHECKS_ATTEMPT_ERRORS_H_

#include "servicing/history/timeline.pb.h"

namespace patchgate::gate::checks {

// Whether every failure has a cause that goes away by itself: busy, cancelled, no space.
bool MaySucceedNextTime(const Attempt& attempt);

// Whether every code says that there was nothing to do: not applicable, already there.
bool WasNotNeeded(const Attempt& attempt);

}  // namespace patchgate::gate::checks

#endif  // GATE_CHECKS_ATTEMPT_ERRORS_H_
