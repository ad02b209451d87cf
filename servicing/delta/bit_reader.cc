#include "servicing/delta/bit_reader.h"

#include "absl/numeric/bits.h"

namespace patchgate::delta {

bool BitReader::Open(absl::string_view bytes, BitReader* reader) {
  if (bytes.empty()) return false;
  *reader = BitReader();
  reader->begin_ = reader->next_ = bytes.data();
  reader->end_ = bytes.data() + bytes.size();
  reader->padding_ = bytes[0] & 7;
  const uint64_t bits = uint64_t{bytes.size()} * 8;
  if (bits < 3u + static_cast<unsigned>(reader->padding_)) return false;
  reader->total_bits_ = bits - static_cast<unsigned>(reader->padding_);
  uint32_t padding;
  return reader->ReadBits(3, &padding);
}

bool BitReader::RefillFromTail() {
  while (count_ < kRefilled && next_ < end_) {
    const auto byte = static_cast<uint64_t>(static_cast<unsigned char>(*next_++));
    buffer_ |= byte << count_;
    count_ += next_ == end_ ? 8 - padding_ : 8;
  }
  return true;
}

uint64_t BitReader::bits_left() const {
  const auto unread = static_cast<uint64_t>(end_ - next_) * 8;
  const int padding = next_ < end_ ? padding_ : 0;
  return unread + static_cast<uint64_t>(int64_t{count_} - padding);
}

bool BitReader::ReadBits(unsigned bits, uint32_t* value) {
  if (!Refill() || static_cast<unsigned>(count_) < bits) return false;
  *value = Take(bits);
  return true;
}

bool BitReader::ReadNumber(uint64_t* value) {
  if (!Refill()) return false;
  constexpr unsigned kMostZeros = 15;
  const auto zeros = static_cast<unsigned>(absl::countr_zero(buffer_ | 1u << (kMostZeros + 1)));
  if (zeros > kMostZeros || static_cast<int>(zeros) >= count_) return false;
  Consume(zeros + 1);
  const unsigned bits = 4 * (zeros + 1);
  uint32_t low = 0, high = 0;
  if (!ReadBits(bits < 32 ? bits : 32, &low)) return false;
  if (bits > 32 && !ReadBits(bits - 32, &high)) return false;
  *value = uint64_t{high} << 32 | low;
  return true;
}

bool BitReader::ReadLongNumber(uint32_t* value) {
  if (!Refill()) return false;
  constexpr unsigned kMostZeros = 23;
  const auto zeros = static_cast<unsigned>(absl::countr_zero(buffer_ | 1u << (kMostZeros + 1)));
  if (zeros > kMostZeros || static_cast<int>(zeros) >= count_) return false;
  Consume(zeros + 1);
  const unsigned bits = zeros + 8;
  uint32_t low;
  if (!ReadBits(bits, &low)) return false;
  *value = uint32_t{1} << bits | low;
  return true;
}

bool BitReader::ReadBuffer(absl::string_view* buffer) {
  uint64_t size;
  if (!ReadNumber(&size)) return false;
  const uint64_t start = (position() + 7) / 8;
  const uint64_t bytes = total_bits_ / 8;
  if (start > bytes || size > bytes - start) return false;
  *buffer = absl::string_view(begin_ + start, static_cast<size_t>(size));
  next_ = begin_ + start + size;
  buffer_ = 0;
  count_ = 0;
  return true;
}

}  // namespace patchgate::delta
