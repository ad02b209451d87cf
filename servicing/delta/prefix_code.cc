#include "servicing/delta/prefix_code.h"

#include <algorithm>
#include <array>

#include "absl/strings/str_format.h"

namespace patchgate::delta {
namespace {

uint16_t Reversed(uint32_t v, unsigned bits) {
  v = (v & 0x5555) << 1 | (v >> 1 & 0x5555);
  v = (v & 0x3333) << 2 | (v >> 2 & 0x3333);
  v = (v & 0x0F0F) << 4 | (v >> 4 & 0x0F0F);
  v = (v & 0x00FF) << 8 | (v >> 8 & 0x00FF);
  return static_cast<uint16_t>(v >> (16 - bits));
}

// How many codes there are of each length, and the first of them.
struct Shape {
  std::array<uint32_t, kLongestCode + 1> count = {};
  std::array<uint32_t, kLongestCode + 1> first = {};
  unsigned longest = 0;
};

absl::Status MakeShape(const uint8_t* lengths, size_t symbols, Shape* shape) {
  // Neighbours often have one length, and counting it in one place would wait for itself each time.
  constexpr size_t kLanes = 4;
  std::array<std::array<uint32_t, kLongestCode + 1>, kLanes> lanes = {};
  for (size_t i = 0; i < symbols; ++i) {
    if (lengths[i] > kLongestCode) {
      return absl::DataLossError(
          absl::StrFormat("prefix code: symbol %u has a code of %u bits", i, lengths[i]));
    }
    ++lanes[i % kLanes][lengths[i]];
  }
  for (const auto& lane : lanes) {
    for (unsigned length = 0; length <= kLongestCode; ++length) {
      shape->count[length] += lane[length];
    }
  }
  shape->count[0] = 0;
  uint32_t code = 0, share = 0, used = 0;
  for (unsigned length = kLongestCode; length > 0; --length) {
    const uint32_t count = shape->count[length];
    if (count != 0 && shape->longest == 0) shape->longest = length;
    shape->first[length] = code;
    code = (code + count) >> 1;
    share += count << (kLongestCode - length);
    used += count;
  }
  const bool alone = used == 1 && shape->longest == 1;
  if (used != 0 && !alone && share != 1u << kLongestCode) {
    return absl::DataLossError(
        absl::StrFormat("prefix code: %u codes take %u/65536 of all bit strings", used, share));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status AssignCodes(const uint8_t* lengths, size_t symbols, uint16_t* codes) {
  Shape shape;
  if (absl::Status status = MakeShape(lengths, symbols, &shape); !status.ok()) return status;
  for (size_t i = 0; i < symbols; ++i) {
    const unsigned length = lengths[i];
    codes[i] = length == 0 ? uint16_t{0} : Reversed(shape.first[length]++, length);
  }
  return absl::OkStatus();
}

absl::Status PrefixTable::Build(const uint8_t* lengths, size_t symbols, unsigned bits) {
  Shape shape;
  if (absl::Status status = MakeShape(lengths, symbols, &shape); !status.ok()) return status;
  bits_ = std::min(bits, shape.longest);
  mask_ = (uint64_t{1} << bits_) - 1;
  const uint32_t width = 1u << bits_;

  // Codes that start with the same `bits_` bits share a second table. The longest codes are the
  // smallest numbers, so the first code with a start decides how wide its table is.
  std::array<Entry, kMostSymbols> starts;
  uint32_t start = 0, size = width;
  for (unsigned length = shape.longest; length > bits_; --length) {
    const unsigned more = length - bits_;
    const uint32_t end = (shape.first[length] + shape.count[length] + (1u << more) - 1) >> more;
    for (; start < end; ++start) {
      starts[start] = {static_cast<uint16_t>(size), 0, static_cast<uint8_t>(more)};
      size += 1u << more;
    }
  }
  if (entries_.size() < size) entries_.resize(size);
  for (uint32_t i = 0; i < start; ++i) entries_[Reversed(i, bits_)] = starts[i];
  if (shape.longest <= 1) std::fill_n(entries_.begin(), width, Entry{0, 0, 0});

  for (size_t symbol = 0; symbol < symbols; ++symbol) {
    const unsigned length = lengths[symbol];
    if (length == 0) continue;
    const uint32_t code = Reversed(shape.first[length]++, length);
    const Entry entry = {static_cast<uint16_t>(symbol), static_cast<uint8_t>(length), 0};
    if (length <= bits_) {
      for (uint32_t i = code; i < width; i += 1u << length) entries_[i] = entry;
      continue;
    }
    const Entry& table = entries_[code & mask_];
    const uint32_t end = table.symbol + (1u << table.sub_bits);
    for (uint32_t i = table.symbol + (code >> bits_); i < end; i += 1u << (length - bits_)) {
      entries_[i] = entry;
    }
  }
  // A code word that is alone stands for both bits.
  if (shape.count[1] == 1 && shape.longest == 1) entries_[1] = entries_[0];
  return absl::OkStatus();
}

}  // namespace patchgate::delta
