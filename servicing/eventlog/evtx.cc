#include "servicing/eventlog/evtx.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "servicing/base/little_endian.h"
#include "servicing/eventlog/crc32.h"
#include "servicing/eventlog/format.h"

namespace patchgate::eventlog {
namespace {

using IdRange = std::pair<uint64_t, uint64_t>;  // First and last, both included.

bool IsZero(absl::string_view bytes) {
  return bytes.find_first_not_of('\0') == absl::string_view::npos;
}

// Whether the checksum at `at` must be right; see VisitRecords.
bool HasChecksum(uint32_t stored, uint32_t flags) {
  return stored != 0 || (flags & kFlagNoChecksum) == 0;
}

std::string WrongChecksum(absl::string_view what, uint32_t stored, uint32_t computed) {
  return absl::StrFormat("%s checksum 0x%08x, computed 0x%08x", what, stored, computed);
}

uint32_t ChunkHeaderChecksum(absl::string_view chunk) {
  return Crc32(chunk.substr(chunk::kStrings, chunk::kRecords - chunk::kStrings),
               Crc32(chunk.substr(0, chunk::kFlags)));
}

bool HasSoundHeader(absl::string_view chunk) {
  if (chunk.size() < chunk::kRecords || !absl::StartsWith(chunk, chunk::kSignature)) return false;
  const uint32_t stored = LoadLe32(&chunk[chunk::kChecksum]);
  const uint32_t flags = LoadLe32(&chunk[chunk::kFlags]);
  const uint32_t free_space = LoadLe32(&chunk[chunk::kFreeSpace]);
  return free_space >= chunk::kRecords && free_space <= chunk::kSize &&
         (!HasChecksum(stored, flags) || stored == ChunkHeaderChecksum(chunk));
}

class LogReader {
 public:
  LogReader(absl::string_view bytes, RecordVisitor visit, DamageLog* damage)
      : bytes_(bytes), visit_(visit), damage_(damage) {}

  absl::StatusOr<LogSummary> Read() {
    const bool is_log = absl::StartsWith(bytes_, file_header::kSignature);
    for (size_t at = file_header::kSize; at < bytes_.size(); at += chunk::kSize) {
      const absl::string_view chunk = bytes_.substr(at, chunk::kSize);
      if (absl::StartsWith(chunk, chunk::kSignature)) has_chunk_ = true;
      if (HasSoundHeader(chunk) && LoadLe32(&chunk[chunk::kFreeSpace]) > chunk::kRecords) {
        sound_.emplace_back(LoadLe64(&chunk[chunk::kFirstId]), LoadLe64(&chunk[chunk::kLastId]));
      }
    }
    if (!is_log && !has_chunk_) {
      return absl::InvalidArgumentError(absl::StrCat("not an event log: signature at 0x0 is ",
                                                     Hex(bytes_.substr(0, 8)),
                                                     ", expected ElfFile"));
    }
    std::sort(sound_.begin(), sound_.end());
    ReadHeader();
    for (size_t at = file_header::kSize; at < bytes_.size(); at += chunk::kSize) ReadChunk(at);
    CheckWhole();
    return summary_;
  }

 private:
  static std::string Hex(absl::string_view bytes) {
    return bytes.empty() ? "missing" : absl::BytesToHexString(bytes);
  }

  void ReadHeader() {
    if (!absl::StartsWith(bytes_, file_header::kSignature)) {
      damage_->Add(0, absl::StrCat("file header: signature ", Hex(bytes_.substr(0, 8)),
                                   ", expected ElfFile"));
      return;
    }
    if (bytes_.size() < file_header::kSize) {
      damage_->Add(0, absl::StrFormat("file header: cut at %d of %d bytes", bytes_.size(),
                                      file_header::kSize));
    }
    if (bytes_.size() < file_header::kChecksum + 4) return;
    const uint32_t flags = LoadLe32(&bytes_[file_header::kFlags]);
    summary_.dirty = (flags & kFlagDirty) != 0;
    const uint32_t stored = LoadLe32(&bytes_[file_header::kChecksum]);
    const uint32_t computed = Crc32(bytes_.substr(0, file_header::kFlags));
    if (HasChecksum(stored, flags) && stored != computed) {
      damage_->Add(file_header::kChecksum, WrongChecksum("file header:", stored, computed));
      return;
    }
    has_sound_header_ = true;
    if (const uint16_t major = LoadLe16(&bytes_[file_header::kMajorVersion]); major != 3) {
      damage_->Add(file_header::kMajorVersion,
                   absl::StrFormat("file header: version %d.%d, expected 3.x", major,
                                   LoadLe16(&bytes_[file_header::kMinorVersion])));
    }
    if (const uint16_t size = LoadLe16(&bytes_[file_header::kBlockSize]);
        size != file_header::kSize) {
      damage_->Add(file_header::kBlockSize,
                   absl::StrFormat("file header: size %d, expected %d", size, file_header::kSize));
    }
  }

  struct Chunk {
    uint64_t offset = 0;
    absl::string_view bytes;
    bool sound_header = false;
    // With a sound header: ids that its records have, and where they end.
    uint64_t first_id = 0, last_id = 0;
    size_t free_space = 0;
    // What was found.
    uint64_t seen = 0, first_seen = 0, last_seen = 0;
    bool bad = false;
  };

  void AddDamage(Chunk* chunk, uint64_t offset, std::string what) {
    chunk->bad = true;
    damage_->Add(offset, absl::StrCat("chunk: ", what));
  }

  void ReadChunk(size_t at) {
    Chunk chunk;
    chunk.offset = at;
    chunk.bytes = bytes_.substr(at, chunk::kSize);
    const bool cut = chunk.bytes.size() < chunk::kSize;
    if (!cut && !absl::StartsWith(chunk.bytes, chunk::kSignature) && IsZero(chunk.bytes)) return;
    ++summary_.chunks;
    if (cut) {
      AddDamage(&chunk, at,
                absl::StrFormat("cut at 0x%x, %d of %d bytes", bytes_.size(), chunk.bytes.size(),
                                chunk::kSize));
    }
    ReadChunkHeader(cut, &chunk);
    if (chunk.bytes.size() > chunk::kRecords) ReadRecords(&chunk);
    if (chunk.bad) ++summary_.bad_chunks;
    if (chunk.seen > 0) ranges_.push_back({{chunk.first_seen, chunk.last_seen}, at});
  }

  void ReadChunkHeader(bool cut, Chunk* chunk) {
    const absl::string_view bytes = chunk->bytes;
    if (!absl::StartsWith(bytes, chunk::kSignature)) {
      if (cut && IsZero(bytes)) return;  // That it is cut has been said.
      AddDamage(chunk, chunk->offset,
                absl::StrCat("signature ", Hex(bytes.substr(0, 8)), ", expected ElfChnk"));
      return;
    }
    if (bytes.size() < chunk::kRecords) return;
    const uint32_t flags = LoadLe32(&bytes[chunk::kFlags]);
    if (const uint32_t stored = LoadLe32(&bytes[chunk::kChecksum]); HasChecksum(stored, flags)) {
      if (const uint32_t computed = ChunkHeaderChecksum(bytes); stored != computed) {
        AddDamage(chunk, chunk->offset + chunk::kChecksum,
                  WrongChecksum("header", stored, computed));
        return;
      }
    }
    const size_t free_space = LoadLe32(&bytes[chunk::kFreeSpace]);
    if (free_space < chunk::kRecords || free_space > chunk::kSize) {
      AddDamage(chunk, chunk->offset + chunk::kFreeSpace,
                absl::StrFormat("free space at 0x%x of 0x%x", free_space, chunk::kSize));
      return;
    }
    chunk->sound_header = true;
    chunk->first_id = LoadLe64(&bytes[chunk::kFirstId]);
    chunk->last_id = LoadLe64(&bytes[chunk::kLastId]);
    chunk->free_space = free_space;
    if (free_space > bytes.size()) return;  // Cut: nothing to compare with.
    const uint32_t stored = LoadLe32(&bytes[chunk::kRecordsChecksum]);
    if (!HasChecksum(stored, flags)) return;
    const uint32_t computed = Crc32(bytes.substr(chunk::kRecords, free_space - chunk::kRecords));
    if (stored != computed) {
      AddDamage(chunk, chunk->offset + chunk::kRecordsChecksum,
                WrongChecksum("records'", stored, computed));
    }
  }

  // What is wrong with the record at `pos`; "" if it is whole. Its id is not looked at.
  static std::string RecordError(const Chunk& chunk, size_t pos) {
    const absl::string_view rest = chunk.bytes.substr(pos);
    if (rest.size() < record::kSmallest) return absl::StrFormat("%d bytes are left", rest.size());
    if (!absl::StartsWith(rest, record::kSignature)) {
      return absl::StrCat("signature ", Hex(rest.substr(0, 4)), ", expected 2a2a0000");
    }
    const size_t size = LoadLe32(&rest[record::kSizeField]);
    if (size < record::kSmallest || size > rest.size()) {
      return absl::StrFormat("size 0x%x of 0x%x bytes left", size, rest.size());
    }
    const uint32_t copy = LoadLe32(&rest[size - record::kTrailer]);
    if (copy != size) return absl::StrFormat("size 0x%x, its copy behind it 0x%x", size, copy);
    return "";
  }

  // The same as a mere answer, for the many candidates of FindRecord.
  static bool IsWhole(const Chunk& chunk, size_t pos) {
    const absl::string_view rest = chunk.bytes.substr(pos);
    if (rest.size() < record::kSmallest || !absl::StartsWith(rest, record::kSignature))
      return false;
    const size_t size = LoadLe32(&rest[record::kSizeField]);
    return size >= record::kSmallest && size <= rest.size() &&
           LoadLe32(&rest[size - record::kTrailer]) == size;
  }

  // Whether the id belongs to a chunk with a sound header.
  bool IsElsewhere(uint64_t id) const {
    const auto next = std::upper_bound(sound_.begin(), sound_.end(), IdRange(id, UINT64_MAX));
    return next != sound_.begin() && std::prev(next)->second >= id;
  }

  // Whether a record of this id can belong to the chunk, behind those already seen.
  bool IdFits(const Chunk& chunk, uint64_t id) const {
    if (chunk.seen > 0 && id <= chunk.last_seen) return false;
    if (chunk.sound_header) return id >= chunk.first_id && id <= chunk.last_id;
    // Nothing says where this chunk's own records end. What another chunk holds is a stale copy.
    return !IsElsewhere(id);
  }

  // Offset of the next whole record of the chunk behind `pos`; npos if there is none.
  size_t FindRecord(const Chunk& chunk, size_t pos, size_t end) const {
    const absl::string_view bytes = chunk.bytes.substr(0, end);
    for (pos = bytes.find(record::kSignature, pos + 1); pos != absl::string_view::npos;
         pos = bytes.find(record::kSignature, pos + 1)) {
      // Records lie at multiples of 8 (measured); text inside the damaged one rarely does all this.
      if (pos % record::kAlignment == 0 && IsWhole(chunk, pos) &&
          IdFits(chunk, LoadLe64(&bytes[pos + record::kId]))) {
        return pos;
      }
    }
    return absl::string_view::npos;
  }

  void AddBadRecord(const Chunk& chunk, size_t pos, absl::string_view what) {
    ++summary_.bad_records;
    damage_->Add(chunk.offset + pos, absl::StrCat("record: ", what));
  }

  void Visit(Chunk* chunk, size_t pos) {
    const char* p = &chunk->bytes[pos];
    Record record;
    record.offset = chunk->offset + pos;
    record.id = LoadLe64(p + record::kId);
    record.written = LoadLe64(p + record::kWritten);
    record.chunk = chunk->bytes;
    record.xml_begin = pos + record::kXml;
    record.xml_end = pos + LoadLe32(p + record::kSizeField) - record::kTrailer;
    if (chunk->seen++ == 0) chunk->first_seen = record.id;
    chunk->last_seen = record.id;
    if (const absl::Status status = visit_(record); !status.ok()) {
      AddBadRecord(*chunk, pos, absl::StrCat("id ", record.id, ": ", status.message()));
      return;
    }
    const bool is_first = summary_.records++ == 0;
    if (is_first || record.id < summary_.first_id) summary_.first_id = record.id;
    summary_.last_id = std::max(summary_.last_id, record.id);
    if (record.written == 0) return;
    if (summary_.first_written == 0 || record.written < summary_.first_written) {
      summary_.first_written = record.written;
    }
    summary_.last_written = std::max(summary_.last_written, record.written);
  }

  void ReadRecords(Chunk* chunk) {
    const size_t size = chunk->bytes.size();
    const size_t end = chunk->sound_header ? std::min(chunk->free_space, size) : size;
    size_t pos = chunk::kRecords;
    uint64_t skipped = 0;
    while (pos < end) {
      const std::string error = RecordError(*chunk, pos);
      if (error.empty()) {
        const uint64_t id = LoadLe64(&chunk->bytes[pos + record::kId]);
        if (IdFits(*chunk, id)) {
          Visit(chunk, pos);
        } else if (chunk->sound_header) {
          ++skipped;
          AddBadRecord(*chunk, pos,
                       absl::StrFormat("id %d, the chunk holds %d to %d in order", id,
                                       chunk->first_id, chunk->last_id));
        }
        pos += LoadLe32(&chunk->bytes[pos + record::kSizeField]);
        continue;
      }
      const size_t next = FindRecord(*chunk, pos, end);
      const bool found = next != absl::string_view::npos;
      // Without a header nobody knows where the records should end.
      if (found || chunk->sound_header) {
        ++skipped;
        AddBadRecord(*chunk, pos, absl::StrCat(error, found ? "" : ", nor is one behind it"));
      }
      if (!found) break;
      pos = next;
    }
    if (!chunk->sound_header) return;
    const bool cut = chunk->free_space > size;
    if (chunk->seen > 0 && skipped == 0 && !cut &&
        (chunk->first_seen != chunk->first_id || chunk->last_seen != chunk->last_id)) {
      AddDamage(
          chunk, chunk->offset,
          absl::StrFormat("holds records %d to %d, its header says %d to %d", chunk->first_seen,
                          chunk->last_seen, chunk->first_id, chunk->last_id));
    }
    // Records written after the header was: see VisitRecords.
    if (pos != end) return;
    while (chunk->seen > 0 && IsWhole(*chunk, pos)) {
      const uint64_t id = LoadLe64(&chunk->bytes[pos + record::kId]);
      if (id != chunk->last_seen + 1 || IsElsewhere(id)) break;
      Visit(chunk, pos);
      pos += LoadLe32(&chunk->bytes[pos + record::kSizeField]);
    }
  }

  // What whole chunks say about those that are not there.
  void CheckWhole() {
    const size_t room =
        bytes_.size() <= file_header::kSize
            ? 0
            : (bytes_.size() - file_header::kSize + chunk::kSize - 1) / chunk::kSize;
    if (has_sound_header_) {
      const uint16_t count = LoadLe16(&bytes_[file_header::kChunkCount]);
      if (count > room) {
        damage_->Add(
            file_header::kChunkCount,
            absl::StrFormat("file header: %d chunks, the file ends after %d", count, room));
      }
    }
    std::sort(ranges_.begin(), ranges_.end());
    uint64_t last = ranges_.empty() ? 0 : ranges_[0].first.second;
    for (size_t i = 1; i < ranges_.size(); ++i) {
      const auto& [range, offset] = ranges_[i];
      if (range.first <= last) {
        damage_->Add(offset, absl::StrFormat("records %d to %d are in another chunk, too",
                                             range.first, std::min(last, range.second)));
      } else if (range.first - last > 1) {
        damage_->Add(
            offset, absl::StrFormat("records %d to %d are in no chunk", last + 1, range.first - 1));
      }
      last = std::max(last, range.second);
    }
    if (!has_sound_header_ || ranges_.empty()) return;
    const uint64_t next = LoadLe64(&bytes_[file_header::kNextRecordId]);
    if (next > last && next - last > 1) {
      damage_->Add(file_header::kNextRecordId,
                   absl::StrFormat("file header: the next record is %d, the last in a chunk %d",
                                   next, last));
    }
  }

  absl::string_view bytes_;
  RecordVisitor visit_;
  DamageLog* damage_;
  LogSummary summary_;
  bool has_chunk_ = false;
  bool has_sound_header_ = false;
  std::vector<IdRange> sound_;                        // Of chunks with a sound header, sorted.
  std::vector<std::pair<IdRange, uint64_t>> ranges_;  // Seen in each chunk, and its offset.
};

}  // namespace

absl::StatusOr<LogSummary> VisitRecords(absl::string_view bytes, RecordVisitor visit,
                                        DamageLog* damage) {
  return LogReader(bytes, visit, damage).Read();
}

}  // namespace patchgate::eventlog
