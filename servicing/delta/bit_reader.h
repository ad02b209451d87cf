// Bits of a PA30 delta: least significant first, with numbers and byte-aligned buffers among them
// (format.md).
#ifndef SERVICING_DELTA_BIT_READER_H_
#define SERVICING_DELTA_BIT_READER_H_

#include <cstddef>
#include <cstdint>

#include "absl/strings/string_view.h"
#include "servicing/base/little_endian.h"

namespace patchgate::delta {

// Reads one stream. Trivially copyable: a copy is a second position in the same bytes. Nothing is
// read outside of them, whatever is asked for.
class BitReader {
 public:
  static constexpr int kRefilled = 56;

  BitReader() = default;

  // Starts at the first bit behind the three that say how many bits of the last byte are padding.
  // False if `bytes` is empty or holds less than that padding.
  static bool Open(absl::string_view bytes, BitReader* reader);

  // The three calls of the inner loop. `Refill` tops the buffer up to kRefilled bits, or to all
  // that are left; it is false if more bits were consumed than the stream has. Bits that are peeked
  // at beyond the end have no meaning, and consuming them makes the next `Refill` fail.
  bool Refill() {
    if (count_ < 0) return false;
    if (end_ - next_ < 8) return RefillFromTail();
    buffer_ |= LoadLe64(next_) << count_;
    next_ += (63 - count_) >> 3;
    count_ |= 56;
    return true;
  }
  uint64_t Peek() const { return buffer_; }
  void Consume(unsigned bits) {
    buffer_ >>= bits;
    count_ -= static_cast<int>(bits);
  }

  // The next `bits` (up to 32) of a buffer that has been refilled.
  uint32_t Take(unsigned bits) {
    const auto value = static_cast<uint32_t>(buffer_ & ((uint64_t{1} << bits) - 1));
    Consume(bits);
    return value;
  }

  // Bits in the buffer; negative once too many were consumed.
  int buffered() const { return count_; }

  // The careful calls: false if the stream ends or does not hold what is asked for.
  bool ReadBits(unsigned bits, uint32_t* value);  // Up to 32.
  bool ReadNumber(uint64_t* value);               // Of 4 to 64 bits, in steps of 4.
  bool ReadLongNumber(uint32_t* value);           // Of 9 to 32 bits: 256 and more.
  bool ReadBuffer(absl::string_view* buffer);     // A number, then as many bytes; not copied.

  uint64_t bits_left() const;
  uint64_t position() const { return total_bits_ - bits_left(); }  // In bits from the start.

 private:
  bool RefillFromTail();

  const char* begin_ = nullptr;
  const char* next_ = nullptr;  // The first byte that is not counted in count_.
  const char* end_ = nullptr;
  uint64_t buffer_ = 0;  // Bits from count_ on are undefined.
  int count_ = 0;
  int padding_ = 0;
  uint64_t total_bits_ = 0;
};

}  // namespace patchgate::delta

#endif  // SERVICING_DELTA_BIT_READER_H_
