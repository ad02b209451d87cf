// Local times of CBS.log as UTC. A log says how far its clock is from UTC only now and then, in
// "Universal Time is" lines, and often behind the lines that need it.
#ifndef SERVICING_CBS_LOG_LOG_CLOCK_H_
#define SERVICING_CBS_LOG_LOG_CLOCK_H_

#include <cstdint>

#include "absl/types/optional.h"
#include "servicing/base/filetime.h"
#include "servicing/cbs/cbs_log.pb.h"

namespace patchgate::cbs {

// Stamps made before a file's first "Universal Time is" wait for it; they hold the local time and
// a mark until then. EndFile gives those still waiting the offset of the file before, or leaves
// them local where no file before had one.
class LogClock {
 public:
  void BeginFile() { has_own_offset_ = false; }

  // A local time as a stamp, perhaps a waiting one.
  Stamp At(FileTime local);
  // The same as a bare FILETIME, which has no way to say "local": 0 in the end if no offset comes.
  FileTime BareAt(FileTime local);

  // The log's clock showed `local` at `utc`: both count from here on, and for what waits in `log`.
  // False, and nothing happens, if no place on earth has such an offset (it is rounded to the
  // nearest 15 minutes and at most 14 hours). Cost of the first call in a file: a walk of `log`.
  bool SetUniversalTime(FileTime local, FileTime utc, CbsLog* log);

  void EndFile(CbsLog* log);

  // Local minus UTC, by the last SetUniversalTime in this file.
  absl::optional<int> offset_minutes() const {
    return has_own_offset_ ? offset_minutes_ : absl::nullopt;
  }

 private:
  FileTime ToUtc(FileTime local) const;
  void Settle(CbsLog* log);

  absl::optional<int> offset_minutes_;  // Of the last file that had one.
  bool has_own_offset_ = false;
  bool has_waiting_ = false;
};

}  // namespace patchgate::cbs

#endif  // SERVICING_CBS_LOG_LOG_CLOCK_H_
