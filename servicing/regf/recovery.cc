#include "servicing/regf/recovery.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "servicing/base/little_endian.h"
#include "servicing/base/status_macros.h"
#include "servicing/base/utf16.h"
#include "servicing/regf/format.h"
#include "servicing/regf/marvin32.h"

namespace patchgate::regf {
namespace {

using absl::StartsWith;
using absl::string_view;

// The fields of a base block, of a primary file or of a log, that recovery needs.
struct BaseBlock {
  bool present = false;  // A whole sector with the signature.
  bool checksum_valid = false;
  uint32_t primary_sequence = 0;
  uint32_t secondary_sequence = 0;
  uint64_t last_written = 0;
  uint32_t file_type = 0;
  uint32_t hive_bins_size = 0;
  std::string name;  // Last part of the file name, upper-cased; empty if there is none.

  bool valid() const { return present && checksum_valid; }
};

BaseBlock ParseBaseBlock(string_view file) {
  BaseBlock block;
  if (file.size() < base_block::kSectorSize || !StartsWith(file, base_block::kSignature)) {
    return block;
  }
  const char* p = file.data();
  block.present = true;
  block.checksum_valid = LoadLe32(p + base_block::kChecksum) == BaseBlockChecksum(file);
  block.primary_sequence = LoadLe32(p + base_block::kPrimarySequence);
  block.secondary_sequence = LoadLe32(p + base_block::kSecondarySequence);
  block.last_written = LoadLe64(p + base_block::kLastWritten);
  block.file_type = LoadLe32(p + base_block::kFileType);
  block.hive_bins_size = LoadLe32(p + base_block::kHiveBinsSize);
  block.name = Utf16LeToUtf8(file.substr(base_block::kFileName, base_block::kFileNameSize));
  block.name = UpcaseUtf8(block.name.substr(0, block.name.find('\0')));
  block.name.erase(0, block.name.rfind('\\') + 1);
  return block;
}

// One entry of a new-format log whose hashes and sizes were found right.
struct Entry {
  size_t file_offset = 0;
  uint32_t sequence = 0;
  uint32_t hive_bins_size = 0;
  uint32_t page_count = 0;
  string_view bytes;
};

// Checks the entry at `offset`. On failure returns why.
absl::StatusOr<Entry> ReadEntry(string_view log, size_t offset) {
  const auto bad = [&](string_view what) {
    return absl::DataLossError(absl::StrFormat("entry at 0x%x: %s", offset, what));
  };
  if (log.size() - offset < log::kEntryHeaderSize) return bad("truncated header");
  const char* p = log.data() + offset;
  const uint32_t size = LoadLe32(p + log::kEntrySize);
  if (size % log::kStart != 0 || size < log::kEntryHeaderSize) {
    return bad(absl::StrFormat("size 0x%x is not a multiple of 512", size));
  }
  if (size > log.size() - offset) {
    return bad(absl::StrFormat("size 0x%x ends behind the file (torn write)", size));
  }
  Entry entry;
  entry.file_offset = offset;
  entry.bytes = log.substr(offset, size);
  entry.sequence = LoadLe32(p + log::kEntrySequence);
  entry.hive_bins_size = LoadLe32(p + log::kEntryHiveBinsSize);
  entry.page_count = LoadLe32(p + log::kEntryPageCount);
  if (LoadLe64(p + log::kEntryHash2) !=
      Marvin32(kLogSeed, entry.bytes.substr(0, log::kEntryHash2))) {
    return bad("Hash-2 is wrong");
  }
  if (LoadLe64(p + log::kEntryHash1) !=
      Marvin32(kLogSeed, entry.bytes.substr(log::kEntryHeaderSize))) {
    return bad("Hash-1 is wrong");
  }
  if (entry.hive_bins_size % bin::kAlignment != 0 || entry.hive_bins_size == 0) {
    return bad(absl::StrFormat("hive bins data size 0x%x is not a multiple of 4096",
                               entry.hive_bins_size));
  }
  const uint64_t references = uint64_t{entry.page_count} * log::kPageReferenceSize;
  if (references > size - log::kEntryHeaderSize) {
    return bad(absl::StrFormat("dirty page count %u exceeds the entry", entry.page_count));
  }
  uint64_t end = log::kEntryHeaderSize + references;
  for (uint32_t i = 0; i < entry.page_count; ++i) {
    const char* reference = p + log::kEntryHeaderSize + i * log::kPageReferenceSize;
    const uint64_t page_offset = LoadLe32(reference);
    const uint64_t page_size = LoadLe32(reference + 4);
    end += page_size;
    if (page_offset + page_size > entry.hive_bins_size) {
      return bad(absl::StrFormat("page %u at 0x%x, 0x%x bytes, lies behind the hive bins data", i,
                                 page_offset, page_size));
    }
    if (end > size) return bad(absl::StrFormat("page %u ends behind the entry", i));
  }
  return entry;
}

// The consecutive good entries of one new-format log, from its start.
struct NewLog {
  size_t index = 0;  // In HiveFiles::logs.
  BaseBlock base;
  std::vector<Entry> entries;
  std::string stopped;  // Why the chain ends; empty at its ordinary end.
};

NewLog ReadNewLog(size_t index, string_view bytes, const BaseBlock& base) {
  NewLog result;
  result.index = index;
  result.base = base;
  size_t offset = log::kStart;
  while (bytes.size() > offset && StartsWith(bytes.substr(offset), log::kEntrySignature)) {
    absl::StatusOr<Entry> entry = ReadEntry(bytes, offset);
    if (!entry.ok()) {
      result.stopped = std::string(entry.status().message());
      break;
    }
    const uint32_t expected =
        result.entries.empty() ? base.primary_sequence : result.entries.back().sequence + 1;
    if (entry->sequence != expected) {
      // An older round's entries follow the current ones in a reused log: the ordinary end. Only a
      // first entry out of step, or a jump ahead, says that something is missing.
      if (result.entries.empty() || static_cast<int32_t>(entry->sequence - expected) > 0) {
        result.stopped = absl::StrFormat("entry at 0x%x: sequence number %u, expected %u", offset,
                                         entry->sequence, expected);
      }
      break;
    }
    offset += entry->bytes.size();
    result.entries.push_back(*std::move(entry));
  }
  return result;
}

// One old-format log that may be applied.
struct OldLog {
  size_t index = 0;
  BaseBlock base;
  string_view bitmap;
  size_t pages_offset = 0;
  uint32_t page_count = 0;
};

absl::StatusOr<OldLog> ReadOldLog(size_t index, string_view bytes, const BaseBlock& base) {
  if (!StartsWith(bytes.substr(std::min(bytes.size(), log::kStart)), log::kDirtyVectorSignature)) {
    return absl::DataLossError("no DIRT signature at 0x200");
  }
  const size_t bitmap_offset = log::kStart + 4;
  const size_t bitmap_size = base.hive_bins_size / log::kOldPageSize / 8;
  if (bitmap_size > bytes.size() - bitmap_offset) {
    return absl::DataLossError(
        absl::StrFormat("dirty vector of %u bytes ends behind the file", bitmap_size));
  }
  OldLog result;
  result.index = index;
  result.base = base;
  result.bitmap = bytes.substr(bitmap_offset, bitmap_size);
  for (const char c : result.bitmap) {
    for (auto bits = static_cast<unsigned char>(c); bits != 0; bits &= bits - 1)
      ++result.page_count;
  }
  const size_t vector_end = bitmap_offset + bitmap_size;
  result.pages_offset =
      (vector_end + log::kOldPageSize - 1) / log::kOldPageSize * log::kOldPageSize;
  const uint64_t needed = result.pages_offset + uint64_t{result.page_count} * log::kOldPageSize;
  if (needed > bytes.size()) {
    return absl::DataLossError(
        absl::StrFormat("%u dirty pages end at 0x%x, the file at 0x%x (torn write)",
                        result.page_count, needed, bytes.size()));
  }
  return result;
}

// The kind of a log, or in its note why it has none.
LogOutcome Classify(const HiveFile& file, const BaseBlock& base) {
  LogOutcome outcome;
  outcome.name = file.name;
  // Logs are set up with zeros and may be large: the first sectors tell.
  if (file.bytes.substr(0, base_block::kSize).find_first_not_of('\0') == string_view::npos) {
    outcome.kind = LogOutcome::Kind::kEmpty;
  } else if (!base.present) {
    outcome.note = "no base block at 0x0";
  } else if (!base.checksum_valid) {
    outcome.note = "base-block checksum at 0x1fc is wrong";
  } else if (base.file_type == kNewLog) {
    outcome.kind = LogOutcome::Kind::kNew;
  } else if (base.file_type == kOldLog || base.file_type == kVeryOldLog) {
    outcome.kind = LogOutcome::Kind::kOld;
  } else {
    outcome.note = absl::StrFormat("file type %u at 0x1c is not a log", base.file_type);
  }
  return outcome;
}

// State of one recovery.
class Recovery {
 public:
  Recovery(const HiveFiles& files, bool replay) : files_(files), replay_(replay) {}

  absl::StatusOr<RecoveredImage> Run() {
    const string_view primary = files_.primary.bytes;
    base_ = ParseBaseBlock(primary);
    if (base_.valid() && base_.file_type != kPrimaryFile) {
      return absl::InvalidArgumentError(
          absl::StrFormat("hive %s: file type %u at 0x1c is a transaction log, not a hive",
                          files_.primary.name, base_.file_type));
    }
    report_.primary_sequence = base_.primary_sequence;
    report_.secondary_sequence = base_.secondary_sequence;
    report_.checksum_valid = base_.valid();
    report_.dirty = !base_.valid() || base_.primary_sequence != base_.secondary_sequence;
    ClassifyLogs();

    RecoveredImage image;
    if (report_.dirty && replay_) PG_RETURN_IF_ERROR(Replay(&image));
    if (image.bytes.empty()) {
      if (!base_.present) return NoBaseBlock();
      image.bytes = primary;
      report_.state = report_.dirty ? HiveState::kPossiblyStale : HiveState::kClean;
    }
    image.report = std::move(report_);
    return image;
  }

 private:
  absl::Status NoBaseBlock() const {
    const string_view primary = files_.primary.bytes;
    if (primary.empty()) {
      return absl::DataLossError(absl::StrCat("hive ", files_.primary.name, ": the file is empty"));
    }
    if (primary.size() < base_block::kSectorSize) {
      return absl::DataLossError(
          absl::StrFormat("hive %s: %u bytes are too short for a base block of 4096",
                          files_.primary.name, primary.size()));
    }
    return absl::DataLossError(absl::StrFormat("hive %s: signature 0x%08x at 0x0 is not \"regf\"",
                                               files_.primary.name, LoadLe32(primary.data())));
  }

  void ClassifyLogs() {
    for (const HiveFile& file : files_.logs) {
      bases_.push_back(ParseBaseBlock(file.bytes));
      report_.logs.push_back(Classify(file, bases_.back()));
      LogOutcome& log = report_.logs.back();
      const std::string& name = bases_.back().name;
      if (log.kind == LogOutcome::Kind::kUnreadable || !base_.valid() || base_.name.empty() ||
          name.empty() || name == base_.name) {
        continue;
      }
      log.kind = LogOutcome::Kind::kUnreadable;
      log.note = absl::StrCat("its base block names another hive, ", name);
    }
  }

  // Is something missing that a log may have held? The third log, X.LOG, is an artefact of
  // installation beside LOG1 and LOG2 and may hold anything.
  bool MayLackEntries() const {
    for (const LogOutcome& log : report_.logs) {
      const bool artefact = report_.logs.size() > 1 && absl::EndsWithIgnoreCase(log.name, ".LOG");
      if (log.kind == LogOutcome::Kind::kUnreadable && !artefact) return true;
    }
    // A broken log matters if no other one holds what comes after the break.
    uint32_t last = 0;
    for (const LogOutcome& log : report_.logs) {
      if (log.entries_applied == 0) continue;
      if (last == 0 || static_cast<int32_t>(log.last_sequence - last) > 0) last = log.last_sequence;
    }
    for (const uint32_t sequence : broken_at_) {
      if (static_cast<int32_t>(sequence - last) > 0) return true;
    }
    return report_.pages_applied == 0;
  }

  // Applies what can be applied; leaves `image` empty if nothing can.
  absl::Status Replay(RecoveredImage* image) {
    std::vector<NewLog> chain = ChooseNewLogs();
    if (!chain.empty()) return ApplyNewLogs(chain, image);
    for (size_t i = 0; i < files_.logs.size(); ++i) {
      if (report_.logs[i].kind != LogOutcome::Kind::kOld) continue;
      absl::StatusOr<OldLog> log = ReadOldLog(i, files_.logs[i].bytes, bases_[i]);
      std::string unfit = log.ok() ? WhyOldLogDoesNotFit(log->base) : "";
      if (!log.ok()) unfit = std::string(log.status().message());
      if (unfit.empty() && log->page_count == 0) unfit = "its dirty vector is empty";
      if (unfit.empty()) return ApplyOldLog(*log, image);
      report_.logs[i].note = std::move(unfit);
    }
    return absl::OkStatus();
  }

  // The new-format logs to apply, in order; logs that contribute nothing get their note.
  std::vector<NewLog> ChooseNewLogs() {
    std::vector<NewLog> logs;
    for (size_t i = 0; i < files_.logs.size(); ++i) {
      if (report_.logs[i].kind != LogOutcome::Kind::kNew) continue;
      logs.push_back(ReadNewLog(i, files_.logs[i].bytes, bases_[i]));
      report_.logs[i].note = logs.back().stopped;
      if (!logs.back().stopped.empty()) {
        broken_at_.push_back(logs.back().entries.empty() ? bases_[i].primary_sequence
                                                         : logs.back().entries.back().sequence + 1);
      }
    }
    logs.erase(std::remove_if(logs.begin(), logs.end(),
                              [](const NewLog& log) { return log.entries.empty(); }),
               logs.end());
    std::stable_sort(logs.begin(), logs.end(), [](const NewLog& a, const NewLog& b) {
      return static_cast<int32_t>(a.base.primary_sequence - b.base.primary_sequence) < 0;
    });
    if (!base_.valid()) {
      // Without a base block nothing says what the primary file already holds: only the latest
      // log, which also replaces the base block.
      for (size_t i = 0; i + 1 < logs.size(); ++i) {
        report_.logs[logs[i].index].note = "older than the log that replaces the base block";
      }
      if (logs.size() > 1) logs.erase(logs.begin(), logs.end() - 1);
      return logs;
    }
    std::vector<NewLog> chain;
    for (NewLog& log : logs) {
      std::string& note = report_.logs[log.index].note;
      const uint32_t first = log.entries.front().sequence;
      if (chain.empty()) {
        if (static_cast<int32_t>(first - base_.secondary_sequence) < 0) {
          note = absl::StrFormat("stale: first sequence number %u is below the hive's %u", first,
                                 base_.secondary_sequence);
          continue;
        }
      } else if (first != chain.back().entries.back().sequence + 1) {
        const uint32_t last = chain.back().entries.back().sequence;
        note = absl::StrFormat("first sequence number %u does not follow %u", first, last);
        if (static_cast<int32_t>(first - last) > 0) broken_at_.push_back(last + 1);
        continue;
      }
      chain.push_back(std::move(log));
    }
    return chain;
  }

  // Old logs belong to a hive by its last-written time and the sequence number of the interrupted
  // write: equal since Vista, one behind before.
  std::string WhyOldLogDoesNotFit(const BaseBlock& log) const {
    if (log.primary_sequence != log.secondary_sequence) {
      return absl::StrFormat("sequence numbers %u and %u differ (torn write)", log.primary_sequence,
                             log.secondary_sequence);
    }
    uint64_t last_written = base_.last_written;
    if (!base_.valid()) {
      const string_view primary = files_.primary.bytes;
      const size_t at = base_block::kSize + bin::kTimestamp;
      if (primary.size() < at + 8 ||
          !StartsWith(primary.substr(base_block::kSize), bin::kSignature)) {
        return "neither base block nor first bin give the hive's last-written time";
      }
      last_written = LoadLe64(primary.data() + at);
    }
    if (log.last_written != last_written) {
      return absl::StrFormat("last-written time 0x%x is not the hive's 0x%x", log.last_written,
                             last_written);
    }
    if (base_.valid() && log.primary_sequence != base_.primary_sequence &&
        log.primary_sequence + 1 != base_.primary_sequence) {
      return absl::StrFormat("sequence number %u is not that of the hive's last write, %u",
                             log.primary_sequence, base_.primary_sequence);
    }
    return "";
  }

  // A writable image with room for `hive_bins_size` bytes of bins; kResourceExhausted for sizes
  // that the files cannot account for: a hive grows by pages that its logs hold.
  absl::StatusOr<absl::Span<char>> MakeImage(uint64_t hive_bins_size, RecoveredImage* image) const {
    constexpr uint64_t kSlack = 1 << 20;  // Bins are rounded up, and may be grown ahead.
    uint64_t allowed = files_.primary.bytes.size() + kSlack;
    for (const HiveFile& log : files_.logs) allowed += log.bytes.size();
    const uint64_t size =
        std::max<uint64_t>(base_block::kSize + hive_bins_size, files_.primary.bytes.size());
    if (size > allowed) {
      return absl::ResourceExhaustedError(
          absl::StrFormat("hive %s: hive bins data size 0x%x exceeds what primary file and logs "
                          "can hold",
                          files_.primary.name, hive_bins_size));
    }
    if (files_.writable_image) return files_.writable_image(size);
    image->owned.assign(files_.primary.bytes.data(), files_.primary.bytes.size());
    image->owned.resize(size, '\0');
    return absl::MakeSpan(&image->owned[0], image->owned.size());
  }

  // Puts the log's copy of the base block in place of an invalid one; sets size and checksum.
  void WriteBaseBlock(absl::Span<char> bytes, const HiveFile& log, uint32_t hive_bins_size) {
    if (!base_.valid()) {
      std::memcpy(bytes.data(), log.bytes.data(), base_block::kSectorSize);
      StoreLe32(bytes.data() + base_block::kFileType, kPrimaryFile);
      report_.base_block_recovered = true;
    }
    StoreLe32(bytes.data() + base_block::kHiveBinsSize, hive_bins_size);
    StoreLe32(bytes.data() + base_block::kChecksum,
              BaseBlockChecksum(string_view(bytes.data(), bytes.size())));
  }

  absl::Status ApplyNewLogs(const std::vector<NewLog>& chain, RecoveredImage* image) {
    uint64_t largest = 0;
    for (const NewLog& log : chain) {
      for (const Entry& entry : log.entries) {
        largest = std::max<uint64_t>(largest, entry.hive_bins_size);
      }
    }
    absl::StatusOr<absl::Span<char>> bytes = MakeImage(largest, image);
    if (!bytes.ok()) return Refuse(chain.front().index, bytes.status());
    for (const NewLog& log : chain) {
      LogOutcome& outcome = report_.logs[log.index];
      for (const Entry& entry : log.entries) {
        const char* references = entry.bytes.data() + log::kEntryHeaderSize;
        const char* page = references + entry.page_count * log::kPageReferenceSize;
        for (uint32_t i = 0; i < entry.page_count; ++i) {
          const uint32_t offset = LoadLe32(references + i * log::kPageReferenceSize);
          const uint32_t size = LoadLe32(references + i * log::kPageReferenceSize + 4);
          std::memcpy(bytes->data() + base_block::kSize + offset, page, size);
          page += size;
        }
        ++outcome.entries_applied;
        outcome.pages_applied += entry.page_count;
      }
      outcome.first_sequence = log.entries.front().sequence;
      outcome.last_sequence = log.entries.back().sequence;
      report_.entries_applied += outcome.entries_applied;
      report_.pages_applied += outcome.pages_applied;
    }
    const NewLog& last = chain.back();
    WriteBaseBlock(*bytes, files_.logs[last.index], last.entries.back().hive_bins_size);
    Finish(*bytes, image);
    return absl::OkStatus();
  }

  absl::Status ApplyOldLog(const OldLog& log, RecoveredImage* image) {
    absl::StatusOr<absl::Span<char>> bytes = MakeImage(log.base.hive_bins_size, image);
    if (!bytes.ok()) return Refuse(log.index, bytes.status());
    const char* page = files_.logs[log.index].bytes.data() + log.pages_offset;
    for (size_t bit = 0; bit < log.bitmap.size() * 8; ++bit) {
      if ((static_cast<unsigned char>(log.bitmap[bit / 8]) >> (bit % 8) & 1) == 0) continue;
      std::memcpy(bytes->data() + base_block::kSize + bit * log::kOldPageSize, page,
                  log::kOldPageSize);
      page += log::kOldPageSize;
    }
    LogOutcome& outcome = report_.logs[log.index];
    outcome.entries_applied = 1;
    outcome.pages_applied = log.page_count;
    outcome.first_sequence = outcome.last_sequence = log.base.primary_sequence;
    report_.entries_applied = 1;
    report_.pages_applied = log.page_count;
    WriteBaseBlock(*bytes, files_.logs[log.index], log.base.hive_bins_size);
    Finish(*bytes, image);
    return absl::OkStatus();
  }

  // A log that asks for the impossible is not applied; the primary file is still read.
  absl::Status Refuse(size_t index, const absl::Status& why) {
    report_.logs[index].note = std::string(why.message());
    return absl::OkStatus();
  }

  void Finish(absl::Span<char> bytes, RecoveredImage* image) {
    image->bytes = string_view(bytes.data(), bytes.size());
    report_.state = MayLackEntries() ? HiveState::kPossiblyStale : HiveState::kReplayed;
  }

  const HiveFiles& files_;
  const bool replay_;
  BaseBlock base_;
  std::vector<BaseBlock> bases_;  // One for each log.
  RecoveryReport report_;
  std::vector<uint32_t> broken_at_;  // First sequence number that a chain could not give.
};

}  // namespace

const char* HiveStateName(HiveState state) {
  switch (state) {
    case HiveState::kClean:
      return "clean";
    case HiveState::kReplayed:
      return "replayed";
    case HiveState::kPossiblyStale:
      break;
  }
  return "possibly-stale";
}

const char* LogKindName(LogOutcome::Kind kind) {
  switch (kind) {
    case LogOutcome::Kind::kEmpty:
      return "empty";
    case LogOutcome::Kind::kOld:
      return "old";
    case LogOutcome::Kind::kNew:
      return "new";
    case LogOutcome::Kind::kUnreadable:
      break;
  }
  return "unreadable";
}

LogOutcome DescribeLog(const HiveFile& file) {
  const BaseBlock base = ParseBaseBlock(file.bytes);
  LogOutcome outcome = Classify(file, base);
  if (outcome.kind == LogOutcome::Kind::kNew) {
    const NewLog log = ReadNewLog(0, file.bytes, base);
    outcome.note = log.stopped;
    for (const Entry& entry : log.entries) {
      ++outcome.entries_applied;
      outcome.pages_applied += entry.page_count;
      if (outcome.first_sequence == 0) outcome.first_sequence = entry.sequence;
      outcome.last_sequence = entry.sequence;
    }
  } else if (outcome.kind == LogOutcome::Kind::kOld) {
    const absl::StatusOr<OldLog> log = ReadOldLog(0, file.bytes, base);
    if (log.ok()) {
      outcome.entries_applied = 1;
      outcome.pages_applied = log->page_count;
      outcome.first_sequence = outcome.last_sequence = base.primary_sequence;
    } else {
      outcome.note = std::string(log.status().message());
    }
  }
  return outcome;
}

absl::StatusOr<RecoveredImage> Recover(const HiveFiles& files, bool replay) {
  return Recovery(files, replay).Run();
}

}  // namespace patchgate::regf
