#include "servicing/regf/log_builder.h"

#include <algorithm>
#include <utility>

#include "servicing/base/little_endian.h"
#include "servicing/regf/format.h"
#include "servicing/regf/hive_builder.h"
#include "servicing/regf/marvin32.h"

namespace patchgate::regf {
namespace {

using absl::string_view;

constexpr size_t kBlock = bin::kAlignment;  // Windows tracks changes in blocks of this size.

string_view BinsOf(string_view file) {
  return file.substr(base_block::kSize, LoadLe32(file.data() + base_block::kHiveBinsSize));
}

void PadTo(size_t alignment, std::string* out) {
  out->resize((out->size() + alignment - 1) / alignment * alignment);
}

// Offsets in the hive bins data of the blocks of `after` that are not the same in `before`.
std::vector<size_t> DirtyBlocks(string_view before, string_view after) {
  std::vector<size_t> blocks;
  for (size_t at = 0; at < after.size(); at += kBlock) {
    if (at >= before.size() || before.substr(at, kBlock) != after.substr(at, kBlock)) {
      blocks.push_back(at);
    }
  }
  return blocks;
}

std::string LogBaseBlock(string_view state, uint32_t file_type, uint32_t primary_sequence,
                         uint32_t secondary_sequence) {
  std::string block(base_block::kSectorSize, '\0');
  state.copy(&block[0], block.size());
  StoreLe32(&block[base_block::kFileType], file_type);
  return Dirty(std::move(block), primary_sequence, secondary_sequence);
}

void SetHashes(char* entry, size_t size) {
  const string_view bytes(entry, size);
  StoreLe64(entry + log::kEntryHash1, Marvin32(kLogSeed, bytes.substr(log::kEntryHeaderSize)));
  StoreLe64(entry + log::kEntryHash2, Marvin32(kLogSeed, bytes.substr(0, log::kEntryHash2)));
}

std::string FlipByte(std::string file, size_t at) {
  file.replace(at, 1, 1, static_cast<char>(file[at] ^ 0xFF));
  return file;
}

}  // namespace

std::vector<LogEntry> DiffStates(const std::vector<std::string>& states, uint32_t first_sequence) {
  std::vector<LogEntry> entries;
  for (size_t i = 1; i < states.size(); ++i) {
    const string_view after = BinsOf(states[i]);
    LogEntry entry;
    entry.sequence = first_sequence + static_cast<uint32_t>(i - 1);
    entry.hive_bins_size = static_cast<uint32_t>(after.size());
    for (const size_t at : DirtyBlocks(BinsOf(states[i - 1]), after)) {
      entry.pages.push_back({static_cast<uint32_t>(at), std::string(after.substr(at, kBlock))});
    }
    entries.push_back(std::move(entry));
  }
  return entries;
}

std::string EncodeEntry(const LogEntry& entry) {
  std::string out(log::kEntryHeaderSize + log::kPageReferenceSize * entry.pages.size(), '\0');
  std::copy_n(log::kEntrySignature, 4, out.begin());
  StoreLe32(&out[log::kEntryFlags], entry.flags);
  StoreLe32(&out[log::kEntrySequence], entry.sequence);
  StoreLe32(&out[log::kEntryHiveBinsSize], entry.hive_bins_size);
  StoreLe32(&out[log::kEntryPageCount], static_cast<uint32_t>(entry.pages.size()));
  for (size_t i = 0; i < entry.pages.size(); ++i) {
    char* reference = &out[log::kEntryHeaderSize + log::kPageReferenceSize * i];
    StoreLe32(reference, entry.pages[i].offset);
    StoreLe32(reference + 4, static_cast<uint32_t>(entry.pages[i].bytes.size()));
  }
  for (const LogEntry::Page& page : entry.pages) out += page.bytes;
  PadTo(log::kStart, &out);
  StoreLe32(&out[log::kEntrySize], static_cast<uint32_t>(out.size()));
  SetHashes(&out[0], out.size());
  return out;
}

std::string NewLog(string_view state, uint32_t sequence, const std::vector<LogEntry>& entries) {
  std::string out = LogBaseBlock(state, kNewLog, sequence, sequence);
  for (const LogEntry& entry : entries) out += EncodeEntry(entry);
  return out;
}

std::string OldLog(string_view before, string_view after, const OldLogOptions& options) {
  std::string out =
      LogBaseBlock(after, options.file_type, options.primary_sequence, options.secondary_sequence);
  StoreLe64(&out[base_block::kLastWritten], options.last_written);
  FixChecksum(&out);
  const string_view bins = BinsOf(after);
  const std::vector<size_t> blocks = DirtyBlocks(BinsOf(before), bins);
  std::string bitmap(bins.size() / log::kOldPageSize / 8, '\0');
  for (const size_t at : blocks) bitmap[at / kBlock] = '\xFF';  // Eight pages of 512 bytes.
  out += log::kDirtyVectorSignature + bitmap;
  PadTo(log::kOldPageSize, &out);
  for (const size_t at : blocks) out += std::string(bins.substr(at, kBlock));
  return out;
}

std::string Dirty(std::string file, uint32_t primary_sequence, uint32_t secondary_sequence) {
  StoreLe32(&file[base_block::kPrimarySequence], primary_sequence);
  StoreLe32(&file[base_block::kSecondarySequence], secondary_sequence);
  FixChecksum(&file);
  return file;
}

std::string WithBaseBlockField(std::string file, size_t field, uint32_t value) {
  StoreLe32(&file[field], value);
  FixChecksum(&file);
  return file;
}

std::string BreakChecksum(std::string file) {
  return FlipByte(std::move(file), base_block::kChecksum);
}

std::string BreakSignature(std::string file) { return FlipByte(std::move(file), 0); }

size_t EntryOffset(string_view log, size_t entry) {
  size_t at = log::kStart;
  while (entry-- > 0) at += LoadLe32(log.data() + at + log::kEntrySize);
  return at;
}

void FixEntryHashes(std::string* log) {
  for (size_t at = log::kStart; at < log->size() && log->size() - at >= log::kEntryHeaderSize;) {
    const size_t size = LoadLe32(&(*log)[at + log::kEntrySize]);
    if (size < log::kEntryHeaderSize || size > log->size() - at) return;
    SetHashes(&(*log)[at], size);
    at += size;
  }
}

std::string BreakHash1(std::string log, size_t entry) {
  const size_t at = EntryOffset(log, entry);
  log = FlipByte(std::move(log), at + log::kEntryHash1);
  // Hash-2 covers Hash-1; made right again, only Hash-1 is wrong.
  StoreLe64(&log[at + log::kEntryHash2],
            Marvin32(kLogSeed, string_view(log).substr(at, log::kEntryHash2)));
  return log;
}

std::string WithEntryField(std::string log, size_t entry, size_t field, uint32_t value) {
  const size_t at = EntryOffset(log, entry);
  const size_t size = LoadLe32(&log[at + log::kEntrySize]);
  StoreLe32(&log[at + field], value);
  SetHashes(&log[at], size);
  return log;
}

std::string BreakHash2(std::string log, size_t entry) {
  const size_t at = EntryOffset(log, entry);
  return FlipByte(std::move(log), at + log::kEntryHash2);
}

std::string BreakPage(std::string log, size_t entry) {
  const size_t at = EntryOffset(log, entry);
  const uint32_t pages = LoadLe32(&log[at + log::kEntryPageCount]);
  return FlipByte(std::move(log), at + log::kEntryHeaderSize + log::kPageReferenceSize * pages);
}

std::string TearEntry(std::string log, size_t entry) {
  const size_t at = EntryOffset(log, entry);
  log.resize(at + LoadLe32(&log[at + log::kEntrySize]) / 2);
  return log;
}

}  // namespace patchgate::regf
