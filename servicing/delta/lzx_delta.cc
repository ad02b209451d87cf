#include "servicing/delta/lzx_delta.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <utility>

#include "absl/strings/str_format.h"
#include "servicing/base/status_macros.h"
#include "servicing/delta/bit_reader.h"

namespace patchgate::delta {
namespace {

constexpr unsigned kLiterals = 256;
constexpr int kMostBitsOfSymbol = 16;

// Kinds of a match, by the upper bits of its symbol.
enum Slot : unsigned {
  kNear = 0,  // Offsets from the place that the rift table expects.
  kFar = 1,
  kFarther = 2,
  kInPlace = 3,   // That place itself, piece by piece.
  kRepeated = 4,  // One of the last three distances.
  kDistance = 7,  // Distances; 7 itself is an escape to the greatest.
};

// Everything that changes while a target is made.
struct Output {
  absl::string_view base;
  char* target;
  uint64_t position;  // Counts through base and target.
  uint64_t end;
};

template <size_t kStep>
void CopySteps(char* to, const char* from, size_t length) {
  for (size_t i = 0; i < length; i += kStep) std::memcpy(to + i, from + i, kStep);
}

// Copies from the target itself; source and destination may overlap. May write up to 15 bytes more.
inline void CopyWithin(char* to, uint64_t distance, size_t length) {
  const char* from = to - distance;
  if (distance >= 16) {
    CopySteps<16>(to, from, length);
  } else if (distance >= 8) {
    CopySteps<8>(to, from, length);
  } else if (distance == 1) {
    std::memset(to, *from, length);
  } else {
    for (size_t i = 0; i < length; ++i) to[i] = from[i];
  }
}

// `distance` is at most the position, `length` at most what the target lacks.
inline void Copy(uint64_t distance, size_t length, Output* out) {
  const uint64_t base_size = out->base.size();
  const uint64_t source = out->position - distance;
  char* to = out->target + (out->position - base_size);
  out->position += length;
  if (source >= base_size) {
    CopyWithin(to, distance, length);
    return;
  }
  const char* from = out->base.data() + source;
  const uint64_t in_base = base_size - source;
  if (length <= 16 && in_base >= 16) {
    std::memcpy(to, from, 16);
  } else if (length <= in_base) {
    std::memcpy(to, from, length);
  } else {
    // It runs on into the target, where the distance is the same.
    std::memcpy(to, from, in_base);
    CopyWithin(to + in_base, distance, length - in_base);
  }
}

class RepeatedDistances {
 public:
  uint64_t operator[](unsigned i) const { return last_[i]; }
  void Push(uint64_t distance) {
    if (last_[0] == distance) return;
    if (last_[1] != distance) last_[2] = last_[1];
    last_[1] = last_[0];
    last_[0] = distance;
  }

 private:
  uint64_t last_[3] = {0, 0, 0};
};

class Run {
 public:
  Run(BitReader reader, CompositeFormat* format, RiftTable* rift, Output out)
      : reader_(reader), format_(*format), rift_(*rift), out_(out) {}

  absl::Status Decode() {
    while (out_.position < out_.end) {
      PG_RETURN_IF_ERROR(format_.Find(out_.position));
      PG_RETURN_IF_ERROR(DecodeUpTo(std::min(out_.end, format_.end())));
    }
    return reader_.buffered() < 0 ? Truncated() : absl::OkStatus();
  }

 private:
  absl::Status DecodeUpTo(uint64_t end) {
    const FormatTables& tables = format_.tables();
    const uint64_t base_size = out_.base.size();
    while (out_.position < end) {
      if (reader_.buffered() < kMostBitsOfSymbol && !reader_.Refill()) return Truncated();
      const PrefixTable::Entry entry = tables.main.Find(reader_.Peek());
      if (entry.length == 0) return Damaged("the main code has no symbols");
      reader_.Consume(entry.length);
      if (entry.symbol < kLiterals) {
        out_.target[out_.position++ - base_size] = static_cast<char>(entry.symbol);
        continue;
      }
      PG_RETURN_IF_ERROR(DecodeMatch(tables, entry.symbol - kLiterals));
    }
    return absl::OkStatus();
  }

  absl::Status DecodeMatch(const FormatTables& tables, unsigned symbol) {
    if (!reader_.Refill()) return Truncated();
    const unsigned slot = symbol >> 3;
    uint64_t distance;
    if (slot >= kDistance) {
      if (!ReadDistance(tables, slot - kDistance, &distance)) {
        return Damaged("the code of aligned offsets has no symbols");
      }
    } else if (slot >= kRepeated) {
      distance = last_[slot - kRepeated];
    } else {
      distance = rift_.DistanceAt(out_.position) + ReadOffset(slot);
    }

    uint64_t length = (symbol & 7) + 1;
    if (length == 1 && !ReadLength(tables, &length)) return Damaged("no length of a match");
    if (reader_.buffered() < 0) return Truncated();
    if (length > out_.end - out_.position) {
      return Damaged(
          absl::StrFormat("match of %u bytes, %u are missing", length, out_.end - out_.position));
    }
    if (!IsWithin(distance)) return DamagedAt(distance, "");
    last_.Push(distance);
    if (slot == kInPlace) return CopyInPlace(length);
    Copy(distance, length, &out_);
    return absl::OkStatus();
  }

  // Neither 0 nor before the base.
  bool IsWithin(uint64_t distance) const { return distance - 1 < out_.position; }

  // A copy from where the rift table says, which changes from piece to piece.
  absl::Status CopyInPlace(uint64_t length) {
    while (length > 0) {
      const uint64_t distance = rift_.DistanceAt(out_.position);
      if (!IsWithin(distance)) {
        return DamagedAt(distance, ", by the rift table");
      }
      const uint64_t part = std::min(length, rift_.end() - out_.position);
      Copy(distance, part, &out_);
      length -= part;
    }
    return absl::OkStatus();
  }

  // Offset from the expected place, modulo 2^64: 14, 16 or 18 bits; each range starts where the
  // last one ends.
  uint64_t ReadOffset(unsigned slot) {
    if (slot == kInPlace) return 0;
    constexpr int64_t kBefore[] = {0, 0x2000, 0xA000};
    const unsigned bits = 14 + 2 * slot;
    const int64_t half = int64_t{1} << (bits - 1);
    const int64_t value = int64_t{reader_.Take(bits)} - half;
    return static_cast<uint64_t>(value < 0 ? value - kBefore[slot] : value + kBefore[slot]);
  }

  // A distance of class `number`: two leading bits, then the rest, of which the lowest four have
  // their own code. Takes up to 48 bits of the buffer. False if that code is empty.
  bool ReadDistance(const FormatTables& tables, unsigned number, uint64_t* distance) {
    if (number == 0) {
      if (reader_.Take(1) == 0) {
        number = 36 + reader_.Take(2);
      } else if (reader_.Take(1) == 0) {
        number = 40 + reader_.Take(3);
      } else {
        number = 48 + reader_.Take(4);
      }
    }
    if (number < 4) {
      *distance = number;
      return true;
    }
    const unsigned bits = (number >> 1) - 1;
    uint64_t value = 2 | (number & 1);
    if (bits < 4) {
      *distance = value << bits | reader_.Take(bits);
      return true;
    }
    value = value << (bits - 4) | reader_.Take(bits - 4);
    const PrefixTable::Entry entry = tables.aligned.Find(reader_.Peek());
    if (entry.length == 0) return false;
    reader_.Consume(entry.length);
    *distance = value << 4 | entry.symbol;
    return true;
  }

  // Lengths of 9 and more.
  bool ReadLength(const FormatTables& tables, uint64_t* length) {
    if (!reader_.Refill()) return false;
    const PrefixTable::Entry entry = tables.length.Find(reader_.Peek());
    if (entry.length == 0) return false;
    reader_.Consume(entry.length);
    *length = uint64_t{entry.symbol} + 8;
    if (entry.symbol != 0) return true;
    uint32_t number;
    if (!reader_.ReadLongNumber(&number)) return false;
    *length = uint64_t{number} + 8;
    return true;
  }

  absl::Status Damaged(absl::string_view what) const {
    return absl::DataLossError(absl::StrFormat("LZX-delta: bit %u, target offset 0x%x: %s",
                                               reader_.position(), out_.position - out_.base.size(),
                                               what));
  }
  absl::Status DamagedAt(uint64_t distance, absl::string_view why) const {
    return Damaged(absl::StrFormat("match at distance %d%s", static_cast<int64_t>(distance), why));
  }
  absl::Status Truncated() const { return Damaged("the patch is cut off"); }

  BitReader reader_;
  CompositeFormat& format_;
  RiftTable& rift_;
  Output out_;
  RepeatedDistances last_;
};

}  // namespace

absl::Status LzxDeltaDecoder::Decode(absl::string_view patch, absl::string_view base, char* target,
                                     size_t target_size) {
  BitReader reader;
  if (!BitReader::Open(patch, &reader)) {
    if (patch.empty() && target_size == 0) return absl::OkStatus();
    return absl::DataLossError(absl::StrFormat("LZX-delta: patch of %u bytes for a target of %u",
                                               patch.size(), target_size));
  }
  PG_RETURN_IF_ERROR(rift_.Read(base.size(), target_size, &reader));
  PG_RETURN_IF_ERROR(format_.Read(&reader));
  const Output out = {base, target, base.size(), uint64_t{base.size()} + target_size};
  return Run(reader, &format_, &rift_, out).Decode();
}

}  // namespace patchgate::delta
