// The structure of Windows event logs (EVTX): file header, chunks of 64 KiB, records. What lies in
// a record is for event.h.
//
// A log is read as a copy of a live one would be: the header's chunk count is stale as long as
// Windows has the log open, so every chunk that the file has room for is looked at. Checksums are
// checked where they are stored; damage costs the record or the chunk it lies in, and is named.
#ifndef SERVICING_EVENTLOG_EVTX_H_
#define SERVICING_EVENTLOG_EVTX_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "servicing/base/filetime.h"

namespace patchgate::eventlog {

// One event record, not yet decoded.
struct Record {
  uint64_t offset = 0;  // Bytes from the start of the file.
  uint64_t id = 0;
  FileTime written = 0;
  // Its chunk, which names and templates are looked up in, and its binary XML in there.
  absl::string_view chunk;
  size_t xml_begin = 0, xml_end = 0;
};

// One damaged structure.
struct Damage {
  uint64_t offset = 0;  // Bytes from the start of the file.
  std::string what;     // "chunk: signature 00 00 00 00 00 00 00 00, expected ElfChnk"
};

// Keeps the first kKept reports and counts all: a hostile file can hold millions of bad records.
class DamageLog {
 public:
  static constexpr size_t kKept = 100;

  void Add(uint64_t offset, std::string what) {
    ++total_;
    if (kept_.size() < kKept) kept_.push_back({offset, std::move(what)});
  }
  const std::vector<Damage>& kept() const { return kept_; }
  uint64_t total() const { return total_; }
  bool empty() const { return total_ == 0; }

 private:
  std::vector<Damage> kept_;
  uint64_t total_ = 0;
};

// What a log turned out to hold.
struct LogSummary {
  bool dirty = false;       // The header says that Windows had the log open.
  uint32_t chunks = 0;      // That hold anything.
  uint32_t bad_chunks = 0;  // With damage to their header, checksum or length.
  uint64_t records = 0;     // Visited, and the visitor could use them.
  uint64_t bad_records = 0;
  // Of the records visited. Times of 0 do not count.
  uint64_t first_id = 0, last_id = 0;
  FileTime first_written = 0, last_written = 0;
};

// An error means that the record is damaged; its message goes into the damage log.
using RecordVisitor = absl::FunctionRef<absl::Status(const Record&)>;

// Visits every record of the log `bytes`, chunk by chunk as they lie in the file (the log is a
// ring: not in order of time), in each chunk in order.
//
// - A chunk whose signature, header or checksum is wrong is read as far as its records are whole.
// So
//   is what is left of the last chunk of a file that was cut. Chunks of zeros are unused.
// - Chunks keep stale copies of older records behind their free space. What lies there counts only
//   where it continues the chunk's record ids, which it does where the log was copied between the
//   writing of a record and that of the chunk's header.
// - A damaged record is skipped up to the next whole one of its chunk.
// - Checksums are taken as not stored where the flag says so and the field is 0. Both hold for the
//   file header, the chunk headers and the records of logs that newer Windows versions write so
//   (measured: file flags 4, chunk flags 5, all three fields 0).
// - Record ids that no chunk holds, although chunks hold earlier and later ones, are damage too,
// and
//   so are chunks or records that the header speaks of beyond those that are there.
//
// Error: kInvalidArgument if neither the file header nor any chunk has its signature.
// Cost: one pass over the used chunks for their checksums and one over their records; memory for
// the damage log and 40 bytes a chunk.
absl::StatusOr<LogSummary> VisitRecords(absl::string_view bytes, RecordVisitor visit,
                                        DamageLog* damage);

}  // namespace patchgate::eventlog

#endif  // SERVICING_EVENTLOG_EVTX_H_
