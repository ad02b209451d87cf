// Reads Windows\WinSxS\poqexec.log: what poqexec could not do (DOMAIN §4.3; poqexec_log.md).
#ifndef SERVICING_CBS_POQEXEC_LOG_READER_H_
#define SERVICING_CBS_POQEXEC_LOG_READER_H_

#include "absl/strings/string_view.h"
#include "servicing/cbs/pending.pb.h"
#include "servicing/evidence/source.h"

namespace patchgate::cbs {

// The last 300 failures. A line of another form is counted and leaves one gap for all of them:
// every line is a failure, so one that is not understood may be any. Cost: every byte once; under
// 1 MB of memory.
PoqexecLog ReadPoqexecLog(const evidence::Source& source);

// A log held in memory: fills all but status and source of the collection.
void ReadPoqexecLogBytes(absl::string_view bytes, PoqexecLog* facts);

}  // namespace patchgate::cbs

#endif  // SERVICING_CBS_POQEXEC_LOG_READER_H_
