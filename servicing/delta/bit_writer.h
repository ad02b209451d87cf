// Bits of a PA30 delta, for the encoder: the counterpart of bit_reader.h.
#ifndef SERVICING_DELTA_BIT_WRITER_H_
#define SERVICING_DELTA_BIT_WRITER_H_

#include <cstdint>
#include <string>
#include <utility>

#include "absl/numeric/bits.h"
#include "absl/strings/string_view.h"

namespace patchgate::delta {

class BitWriter {
 public:
  BitWriter() { Write(0, 3); }

  // The low `bits` (up to 64) of `value`, which has no others.
  void Write(uint64_t value, unsigned bits) {
    if (bits > 32) {
      Write(value & 0xFFFFFFFF, 32);
      value >>= 32;
      bits -= 32;
    }
    buffer_ |= value << count_;
    for (count_ += bits; count_ >= 8; count_ -= 8) {
      bytes_.push_back(static_cast<char>(buffer_));
      buffer_ >>= 8;
    }
  }
  void WriteNumber(uint64_t value) {
    const auto top = static_cast<unsigned>(63 - absl::countl_zero(value | 1));
    const unsigned zeros = top / 4;
    Write(uint64_t{1} << zeros, zeros + 1);
    Write(value, 4 * (zeros + 1));
  }
  // `value` is 256 or more.
  void WriteLongNumber(uint32_t value) {
    const auto bits = static_cast<unsigned>(31 - absl::countl_zero(value));
    Write(uint64_t{1} << (bits - 8), bits - 7);
    Write(value - (uint32_t{1} << bits), bits);
  }
  void WriteBuffer(absl::string_view bytes) {
    WriteNumber(bytes.size());
    if (count_ > 0) Write(0, 8 - count_);
    bytes_.append(bytes.data(), bytes.size());
  }

  uint64_t bits() const { return bytes_.size() * 8 + count_; }

  // The stream, whose first three bits say how many of the last byte are unused.
  std::string Finish() && {
    const unsigned padding = (8 - count_) % 8;
    Write(0, padding);
    bytes_[0] = static_cast<char>(bytes_[0] | static_cast<char>(padding));
    return std::move(bytes_);
  }

 private:
  std::string bytes_;
  uint64_t buffer_ = 0;
  unsigned count_ = 0;
};

}  // namespace patchgate::delta

#endif  // SERVICING_DELTA_BIT_WRITER_H_
