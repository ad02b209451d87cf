// Transaction-log recovery of a hive, in memory (DOMAIN §3.9; regf specification, "Format of
// transaction log files"). Windows may delay writing a hive's primary file by up to an hour after
// it reported a flush as done, so what a primary file lacks may well be in its logs.
#ifndef SERVICING_REGF_RECOVERY_H_
#define SERVICING_REGF_RECOVERY_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace patchgate::regf {

// One file of a hive. `bytes` must outlive whatever is opened from it.
struct HiveFile {
  std::string name;  // For messages: "SYSTEM.LOG1".
  absl::string_view bytes;
};

// A hive as it lies on disk.
struct HiveFiles {
  HiveFile primary;
  std::vector<HiveFile> logs;  // LOG1, LOG2 and LOG, those that exist, in this order.

  // Gives a writable image of the primary file's bytes, `size` bytes long, zero-filled beyond the
  // file's end; the file itself stays as it is. Called only when a log has to be applied. Left
  // empty, the image is an ordinary copy on the heap; a mapped file offers copy-on-write pages.
  std::function<absl::StatusOr<absl::Span<char>>(size_t size)> writable_image;
};

enum class HiveState {
  kClean,     // Sequence numbers agree and the checksum is right; logs are not needed.
  kReplayed,  // Dirty, and brought up to date from its logs, to their ordinary end.
  // Dirty, and its logs could not bring it up to date: there are none, or one is unreadable, of
  // another hive, torn, damaged or has a gap. What could be applied is applied, as Windows does;
  // "absent" cannot be believed.
  kPossiblyStale,
};

// What became of one log file.
struct LogOutcome {
  enum class Kind { kUnreadable, kEmpty, kOld, kNew };
  std::string name;
  Kind kind = Kind::kUnreadable;
  uint32_t entries_applied = 0;  // New logs: entries. Old logs: 1 when applied.
  uint32_t pages_applied = 0;    // New logs: page references. Old logs: 512-byte pages.
  uint32_t first_sequence = 0;   // Of the applied entries; 0 if none.
  uint32_t last_sequence = 0;
  std::string note;  // Why it, or its rest, was not applied: "entry at 0x4200: Hash-1 is wrong".
};

struct RecoveryReport {
  HiveState state = HiveState::kClean;
  bool dirty = false;  // As stored: sequence numbers differ or the base block is invalid.
  bool checksum_valid = true;
  bool base_block_recovered = false;  // Taken from a log.
  uint32_t primary_sequence = 0;      // As stored.
  uint32_t secondary_sequence = 0;
  uint32_t entries_applied = 0;
  uint32_t pages_applied = 0;
  std::vector<LogOutcome> logs;  // In the order of HiveFiles::logs.
};

// "clean", "replayed", "possibly-stale".
const char* HiveStateName(HiveState state);
// "unreadable", "empty", "old" (DIRT), "new" (HvLE).
const char* LogKindName(LogOutcome::Kind kind);

// A hive's bytes after recovery.
struct RecoveredImage {
  absl::string_view bytes;  // Base block and hive bins data.
  std::string owned;        // Backs `bytes` when the image had to live on the heap.
  RecoveryReport report;
};

// Brings `files` up to date. With `replay` false the logs are only described, not applied.
//
// Cost: a clean hive, one sector; a dirty one, every byte of its logs once (hashing) and one write
// for each page that they hold.
//
// Errors: kDataLoss when the base block is unusable (too short, no `regf` signature) and no log can
// replace it; kInvalidArgument when the primary file is itself a log.
absl::StatusOr<RecoveredImage> Recover(const HiveFiles& files, bool replay);

// What one log file holds, without a hive: its kind, its chain of good entries (as if all of them
// were applied), and in `note` why the chain ends or why the file cannot be read.
LogOutcome DescribeLog(const HiveFile& file);

}  // namespace patchgate::regf

#endif  // SERVICING_REGF_RECOVERY_H_
