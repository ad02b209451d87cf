// One time line of update attempts and boots, made from a snapshot.
#ifndef SERVICING_HISTORY_TIMELINE_H_
#define SERVICING_HISTORY_TIMELINE_H_

#include "servicing/history/timeline.pb.h"
#include "servicing/snapshot.pb.h"

namespace patchgate::history {

// Pure: no I/O, no clock. What each source saw of an update is put together by its KB number or its
// package's name; the log of servicing, Setup's events and the journal say which belong to each
// other, and where none of them does, a cumulative update whose installation time in the registry
// falls within half an hour of exactly one update's events is taken for that one.
//
// An attempt begins where servicing or the update agent begins, and ends with its last result. A
// later success supersedes a failure if it is definitely later, final (not only staged), and of the
// same update, or of a cumulative update that is not older. Cost: n log n in the dated facts.
Timeline BuildTimeline(const Snapshot& snapshot);

}  // namespace patchgate::history

#endif  // SERVICING_HISTORY_TIMELINE_H_
