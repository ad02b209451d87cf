#include "servicing/delta/rift_table.h"

#include <algorithm>
#include <array>
#include <limits>

#include "absl/strings/str_format.h"
#include "servicing/base/status_macros.h"

namespace patchgate::delta {
namespace {

constexpr unsigned kTableBits = 8;

absl::Status Truncated(const char* what) {
  return absl::DataLossError(absl::StrFormat("rift table: %s is cut off", what));
}

// Explicit lengths of the first positive and of the first negative symbols; the rest, in order,
// have one length as often as `longer` says, and one bit less from there on.
absl::Status ReadCode(BitReader* reader, PrefixTable* table) {
  uint32_t positive, negative, longer;
  if (!reader->ReadBits(8, &positive) || !reader->ReadBits(8, &negative) ||
      !reader->ReadBits(8, &longer)) {
    return Truncated("code");
  }
  if (positive > kRiftPositiveSymbols || negative > kRiftPositiveSymbols ||
      longer > kRiftSymbols - positive - negative) {
    return absl::DataLossError(
        absl::StrFormat("rift table: code of %u positive, %u negative and %u more symbols",
                        positive, negative, longer));
  }
  std::array<uint8_t, kRiftSymbols> lengths;
  uint32_t bits;
  for (uint32_t i = 0; i < positive + negative; ++i) {
    if (!reader->ReadBits(4, &bits)) return Truncated("code");
    lengths[i < positive ? i : kRiftPositiveSymbols + i - positive] =
        static_cast<uint8_t>(bits + 1);
  }
  if (!reader->ReadBits(4, &bits)) return Truncated("code");
  const auto rest = [&](size_t from, size_t to) {
    for (size_t i = from; i < to; ++i) {
      lengths[i] = static_cast<uint8_t>(longer > 0 ? bits + 1 : bits);
      if (longer > 0) --longer;
    }
  };
  rest(positive, kRiftPositiveSymbols);
  rest(kRiftPositiveSymbols + negative, kRiftSymbols);
  return table->Build(lengths.data(), lengths.size(), kTableBits);
}

bool ReadSigned(const PrefixTable& code, BitReader* reader, uint64_t* value) {
  if (!reader->Refill()) return false;
  const PrefixTable::Entry entry = code.Find(reader->Peek());
  if (entry.length == 0 || entry.length > reader->buffered()) return false;
  reader->Consume(entry.length);
  const bool negative = entry.symbol >= kRiftPositiveSymbols;
  uint64_t v = negative ? entry.symbol - kRiftPositiveSymbols : entry.symbol;
  if (v > 3) {
    const auto bits = static_cast<unsigned>(v >> 1) - 1;
    uint32_t low, high = 0;
    if (!reader->ReadBits(std::min(bits, 32u), &low)) return false;
    if (bits > 32 && !reader->ReadBits(bits - 32, &high)) return false;
    v = ((v & 1) + 2) << bits | uint64_t{high} << 32 | low;
  }
  *value = negative ? ~v : v;
  return true;
}

}  // namespace

absl::Status RiftTable::Read(uint64_t base_size, uint64_t target_size, BitReader* reader) {
  pieces_.clear();
  next_ = 0;
  end_ = 0;
  distance_ = 0;
  uint32_t present;
  if (!reader->ReadBits(1, &present)) return Truncated("first bit");
  pieces_.push_back({0, base_size});
  if (present == 0) return absl::OkStatus();
  return ReadPieces(base_size, target_size, reader);
}

absl::Status RiftTable::ReadPieces(uint64_t base_size, uint64_t target_size, BitReader* reader) {
  PG_RETURN_IF_ERROR(ReadCode(reader, &source_code_));
  PG_RETURN_IF_ERROR(ReadCode(reader, &offset_code_));
  uint64_t count;
  if (!reader->ReadNumber(&count)) return Truncated("count");
  constexpr uint64_t kFewestBits = 2;  // Of an entry.
  if (count > reader->bits_left() / kFewestBits) {
    return absl::DataLossError(
        absl::StrFormat("rift table: %u entries in %u bits", count, reader->bits_left()));
  }
  // Sums of hostile numbers wrap around; such entries lie outside of the target.
  uint64_t source = 0, offset = 0;
  bool sorted = true;
  for (uint64_t i = 0; i < count; ++i) {
    uint64_t more_source, more_offset;
    if (!ReadSigned(source_code_, reader, &more_source) ||
        !ReadSigned(offset_code_, reader, &more_offset)) {
      return absl::DataLossError(
          absl::StrFormat("rift table: entry %u of %u is cut off or has no code", i, count));
    }
    source += more_source;
    offset += more_offset;
    if (source < base_size || source - base_size >= target_size) continue;
    if (source < pieces_.back().start) sorted = false;
    pieces_.push_back({source, -offset});
  }
  if (!sorted) {
    std::stable_sort(pieces_.begin(), pieces_.end(),
                     [](const Piece& a, const Piece& b) { return a.start < b.start; });
  }
  return absl::OkStatus();
}

void RiftTable::Advance() {
  distance_ = pieces_[next_++].distance;
  end_ = next_ < pieces_.size() ? pieces_[next_].start : std::numeric_limits<uint64_t>::max();
}

}  // namespace patchgate::delta
