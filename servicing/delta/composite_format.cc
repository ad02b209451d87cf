#include "servicing/delta/composite_format.h"

#include <algorithm>
#include <cstring>
#include <limits>

#include "absl/strings/str_format.h"
#include "servicing/base/status_macros.h"

namespace patchgate::delta {
namespace {

// Widths of the first tables: the default codes have 9 and 10, 8, and 4 bits.
constexpr unsigned kMainBits = 11;
constexpr unsigned kLengthBits = 8;
constexpr unsigned kAlignedBits = 8;
constexpr unsigned kPretreeBits = 8;

constexpr uint64_t kFewestBitsPerFormat = 5 + 7 * 7;  // Its start; seven runs of at most 127.

absl::Status Truncated(const char* what) {
  return absl::DataLossError(absl::StrFormat("composite format: %s is cut off", what));
}

void Flatten(size_t symbols, uint8_t* lengths) {
  unsigned bits = 0;
  while (size_t{1} << bits < symbols) ++bits;
  const size_t shorter = (size_t{1} << bits) - symbols;
  std::memset(lengths, static_cast<int>(bits) - 1, shorter);
  std::memset(lengths + shorter, static_cast<int>(bits), symbols - shorter);
}

}  // namespace

FormatLengths DefaultLengths() {
  FormatLengths lengths;
  Flatten(kMainSymbols, lengths.data());
  Flatten(kLengthSymbols, lengths.data() + kMainSymbols);
  Flatten(kAlignedSymbols, lengths.data() + kMainSymbols + kLengthSymbols);
  return lengths;
}

absl::Status FormatTables::Build(const FormatLengths& lengths) {
  const uint8_t* at = lengths.data();
  PG_RETURN_IF_ERROR(main.Build(at, kMainSymbols, kMainBits));
  PG_RETURN_IF_ERROR(length.Build(at + kMainSymbols, kLengthSymbols, kLengthBits));
  return aligned.Build(at + kMainSymbols + kLengthSymbols, kAlignedSymbols, kAlignedBits);
}

CompositeFormat::CompositeFormat() { default_.Build(DefaultLengths()).IgnoreError(); }

absl::Status CompositeFormat::Read(BitReader* reader) {
  constexpr uint64_t kNever = std::numeric_limits<uint64_t>::max();
  starts_.clear();
  current_ = 0;
  end_ = kNever;
  tables_ = &default_;
  uint32_t is_default;
  if (!reader->ReadBits(1, &is_default)) return Truncated("first bit");
  if (is_default != 0) return absl::OkStatus();

  uint64_t count;
  if (!reader->ReadNumber(&count)) return Truncated("count");
  if (count == 0 || count > reader->bits_left() / kFewestBitsPerFormat) {
    return absl::DataLossError(
        absl::StrFormat("composite format: %u formats in %u bits", count, reader->bits_left()));
  }
  uint64_t start = 0;
  for (uint64_t i = 0; i < count; ++i) {
    uint64_t more;
    if (!reader->ReadNumber(&more)) return Truncated("start of a format");
    if (more > kNever - start) {
      return absl::DataLossError(
          absl::StrFormat("composite format: start of format %u is %u + %u", i, start, more));
    }
    starts_.push_back(start += more);
  }
  std::array<uint8_t, kPretreeSymbols> pretree;
  for (uint8_t& length : pretree) {
    uint32_t bits;
    if (!reader->ReadBits(4, &bits)) return Truncated("code of the lengths");
    length = static_cast<uint8_t>(bits);
  }
  PG_RETURN_IF_ERROR(pretree_.Build(pretree.data(), pretree.size(), kPretreeBits));

  lengths_.fill(0);
  PG_RETURN_IF_ERROR(ReadLengths(reader));
  lengths_reader_ = *reader;
  first_ = lengths_;
  for (uint64_t i = 1; i < count; ++i) PG_RETURN_IF_ERROR(ReadLengths(reader));
  lengths_ = first_;
  tables_ = &custom_;
  if (count > 1) end_ = starts_[1];
  return custom_.Build(lengths_);
}

absl::Status CompositeFormat::Find(uint64_t position) {
  if (position < end_) return absl::OkStatus();
  while (current_ + 1 < starts_.size() && position >= starts_[current_ + 1]) {
    PG_RETURN_IF_ERROR(ReadLengths(&lengths_reader_));
    ++current_;
  }
  const size_t next = current_ + 1;
  end_ = next < starts_.size() ? starts_[next] : std::numeric_limits<uint64_t>::max();
  return custom_.Build(lengths_);
}

// Turns the lengths of one format, which lengths_ holds, into those of the next.
absl::Status CompositeFormat::ReadLengths(BitReader* reader) {
  for (size_t i = 0; i < kFormatLengths;) {
    if (!reader->Refill()) return Truncated("list of code lengths");
    const PrefixTable::Entry entry = pretree_.Find(reader->Peek());
    if (entry.length == 0) {
      return absl::DataLossError("composite format: the code of the lengths has no symbols");
    }
    reader->Consume(entry.length);
    const unsigned symbol = entry.symbol;
    if (symbol <= kLongestCode) {
      lengths_[i++] = static_cast<uint8_t>(symbol);
      continue;
    }
    if (symbol < 23) {
      const int length = lengths_[i] + (symbol < 20 ? static_cast<int>(symbol) - 16
                                                    : 19 - static_cast<int>(symbol));
      if (length < 0 || length > static_cast<int>(kLongestCode)) {
        return absl::DataLossError(
            absl::StrFormat("composite format: code length %d of symbol %u", length, i));
      }
      lengths_[i++] = static_cast<uint8_t>(length);
      continue;
    }
    const unsigned kind = (symbol - 23) & 7;
    const size_t run = kind < 3 ? kind + 1 : size_t{1} << (kind - 1) | reader->Take(kind - 1);
    const bool repeat = symbol < 31;  // The length before; otherwise those of the last format stay.
    if (run > kFormatLengths - i || (repeat && i == 0)) {
      return absl::DataLossError(
          absl::StrFormat("composite format: run of %u at symbol %u", run, i));
    }
    if (repeat) std::memset(&lengths_[i], lengths_[i - 1], run);
    i += run;
  }
  if (reader->buffered() < 0) return Truncated("list of code lengths");
  return absl::OkStatus();
}

}  // namespace patchgate::delta
