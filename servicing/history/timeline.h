// One time line of update attempts and boots, made from a snapshot.
#ifndef SERVICING_HISTORY_TIMELINE_H_
#define SERVICING_HISTORY_TIMELINE_H_

#include "servicing/history/timeline.pb.h"
#include "servicing/snapshot.pb.h"

namespace patchgate::history {

// Pure: no I/O, no clock. What each source saw of an update is put together by its KB number or its
// package's name. The log of servicing and the journal say which belong to each other; where they
// do not, a cumulative update that the registry dates within half an hour of the installation of
// one KB, and of no other, by a client that installs only such updates, is taken for that one.
//
// An attempt begins where servicing or the update agent begins, and ends with its last result. The
// order of Setup.evtx is that of its records; elsewhere times count, and a local clock orders
// nothing within 14 hours of a UTC one.
//
// The last boot is that of the running Windows where the snapshot is of one, whatever the logs say:
// what they tell of later resumed it, by a fast start-up, or they were written by another clock.
//
// A later success supersedes a failure if it is definitely later, final (not only staged), and of
// the same update, or of a cumulative update that is not older. A cumulative update counts as
// installed if its own package is named, and still registered where the registry could be read; an
// update agent's word, its servicing stack or a part of it do not count. An upgrade of Windows as a
// whole supersedes everything before it. Cost: n log n in the dated facts.
Timeline BuildTimeline(const Snapshot& snapshot);

}  // namespace patchgate::history

#endif  // SERVICING_HISTORY_TIMELINE_H_
