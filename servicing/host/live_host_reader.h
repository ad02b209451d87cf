// Asks the running Windows what only it knows.
#ifndef SERVICING_HOST_LIVE_HOST_READER_H_
#define SERVICING_HOST_LIVE_HOST_READER_H_

#include "servicing/host/live.pb.h"

namespace patchgate::host {

// Boot time, rights of this process, firmware, bitness of the parent process, and who is servicing
// or installing now (DOMAIN §1.1, 1.5, 10.1). Starts nothing and changes nothing. A place that
// cannot be asked for activities is a gap; what else is not answered has its unknown value, and the
// rights of this process are none. Elsewhere than on Windows an empty message. Cost: one list of
// the processes and a few calls, about a millisecond.
//
// The boot time is the clock's time less the time since the start of the kernel, so that it stands
// on the clock of now even if that was wrong at boot. It is rounded down to 10 seconds, because
// both are read apart and the clock is steered: two runs agree but for one of some hundred. A fast
// start-up resumes a kernel that was saved, and does not move it.
LiveHost ReadLiveHost();

// Adds to `facts` the activities and gaps that it does not have and `later` has. A host that was
// asked both before and after its evidence was collected was not at work in between, unless that
// began and ended meanwhile.
void MergeActivities(const LiveHost& later, LiveHost* facts);

}  // namespace patchgate::host

#endif  // SERVICING_HOST_LIVE_HOST_READER_H_
