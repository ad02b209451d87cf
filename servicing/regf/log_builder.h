// Builds transaction logs in memory, for tests: new (HvLE) and old (DIRT) ones, and broken ones.
//
// A log holds what a hive lacks, so it is made from whole states of one hive:
//
//   const std::string before = builder.Build();
//   builder.root()->SetDword("Added", 1);
//   const std::string after = builder.Build();
//   std::string primary = Dirty(before, 8, 7);
//   std::string log1 = NewLog(after, 8, DiffStates({before, after}, 8));
//   log1 = BreakHash1(log1, 0);
//
// Whatever breaks something takes a sound file and returns the broken one, so a test's table shows
// in one expression what is wrong.
#ifndef SERVICING_REGF_LOG_BUILDER_H_
#define SERVICING_REGF_LOG_BUILDER_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "servicing/base/filetime.h"

namespace patchgate::regf {

// One entry of a new log before it is encoded.
struct LogEntry {
  struct Page {
    uint32_t offset = 0;  // In the hive bins data.
    std::string bytes;
  };
  uint32_t sequence = 0;
  uint32_t hive_bins_size = 0;
  uint32_t flags = 0;
  std::vector<Page> pages;
};

// One entry for each step from a state (whole primary file) to the next, with the 4096-byte pages
// in which the two differ and sequence numbers `first_sequence`, +1, ...
std::vector<LogEntry> DiffStates(const std::vector<std::string>& states, uint32_t first_sequence);

// The bytes of one entry, both hashes right whatever it says.
std::string EncodeEntry(const LogEntry& entry);

// A log of file type 6: the base block of `state` with both sequence numbers set to `sequence`,
// then `entries`. Splitting the entries of one DiffStates over two calls makes LOG1 and LOG2.
std::string NewLog(absl::string_view state, uint32_t sequence,
                   const std::vector<LogEntry>& entries);

struct OldLogOptions {
  uint32_t primary_sequence = 1;
  uint32_t secondary_sequence = 1;
  FileTime last_written = 0;
  uint32_t file_type = 1;  // 2 up to Windows 2000.
};
// A log of file type 1: the base block of `after`, a dirty vector, and the 512-byte pages of each
// 4096-byte block in which the states differ.
std::string OldLog(absl::string_view before, absl::string_view after, const OldLogOptions& options);

// A base block whose sequence numbers say that a write was begun and not ended, checksum right.
std::string Dirty(std::string file, uint32_t primary_sequence, uint32_t secondary_sequence);
// Stores a number in the base block and makes the checksum right again.
std::string WithBaseBlockField(std::string file, size_t field, uint32_t value);

// Base block of a primary file or of a log.
std::string BreakChecksum(std::string file);
std::string BreakSignature(std::string file);

// Entries of a new log, counted from 0.
std::string BreakHash1(std::string log, size_t entry);  // The stored hash itself.
std::string BreakHash2(std::string log, size_t entry);
std::string BreakPage(std::string log, size_t entry);  // A byte of its first page: Hash-1 tells.
std::string TearEntry(std::string log, size_t entry);  // The file ends in the middle of it.
// Stores a number at `field` of the entry, both hashes right for the bytes it had.
std::string WithEntryField(std::string log, size_t entry, size_t field, uint32_t value);
// Makes both hashes of every entry right again, as far as the entries' sizes lead.
void FixEntryHashes(std::string* log);
size_t EntryOffset(absl::string_view log, size_t entry);  // File offset.

}  // namespace patchgate::regf

#endif  // SERVICING_REGF_LOG_BUILDER_H_
