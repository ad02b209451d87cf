// The marks of a CbsLog: phrases that stand for themselves, the same one about the same thing once.
#ifndef SERVICING_CBS_LOG_MARK_LIST_H_
#define SERVICING_CBS_LOG_MARK_LIST_H_

#include <cstdint>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "servicing/cbs/cbs_log.pb.h"

namespace patchgate::cbs {

class MarkList {
 public:
  // At most so many marks stay; those seen last.
  static constexpr int kMaxMarks = 2000;

  explicit MarkList(CbsLog* log) : log_(log) {}

  // Counts the phrase at `time`. `text` is the message.
  CbsMark* Add(CbsMark::Kind kind, absl::string_view subject, absl::optional<uint32_t> hresult,
               const Stamp& time, absl::string_view text);

  void Finish() { Trim(kMaxMarks); }

 private:
  struct Entry {
    CbsMark* mark;
    uint64_t last_seen;  // Number of the call.
  };
  // Drops the marks seen longest ago, beyond `keep`.
  void Trim(size_t keep);

  CbsLog* log_;
  uint64_t calls_ = 0;
  absl::flat_hash_map<std::string, Entry> entries_;
};

}  // namespace patchgate::cbs

#endif  // SERVICING_CBS_LOG_MARK_LIST_H_
