// Reads CBS.log and its rotated predecessors (DOMAIN §4.6, §4.7). format.md says what is in them.
#ifndef SERVICING_CBS_LOG_CBS_LOG_READER_H_
#define SERVICING_CBS_LOG_CBS_LOG_READER_H_

#include <cstdint>

#include "absl/strings/string_view.h"
#include "servicing/cbs/cbs_log.pb.h"
#include "servicing/evidence/source.h"

namespace patchgate::cbs {

struct CbsLogOptions {
  // How much rotated text is read, unpacked, newest first; CBS.log itself is read whole. Windows
  // rotates at about 50 MB and keeps a handful, but where packing them fails they can fill a disk.
  uint64_t max_rotated_bytes = uint64_t{512} << 20;
  int max_rotated_files = 200;
};

// Windows\Logs\CBS: CBS.log and CbsPersist_<yyyymmddhhmmss>.log or .cab, oldest first. ABSENT
// where there is no such folder or none of these files in it. A gap names every file, or part of
// one, that was not read, and says when CBS.log itself is missing.
//
// Cost: every byte once, in windows of 1 MiB that are given back after use; memory is bounded by
// the facts' limits, not by the files. A mapped file's resident pages count to the process until
// they are given back.
CbsLog ReadCbsLog(const evidence::Source& source, const CbsLogOptions& options = {});

// One file's text or cabinet, whatever its name, added to `log` as the newest file. `name` is for
// its report. A file named like CheckSUR.log holds reports whose lines have no dates.
void ReadCbsLogText(absl::string_view name, absl::string_view bytes, CbsLog* log);

}  // namespace patchgate::cbs

#endif  // SERVICING_CBS_LOG_CBS_LOG_READER_H_
