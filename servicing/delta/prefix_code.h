// Prefix codes of PA30 deltas: canonical, up to 16 bits, the longest codes first (format.md).
#ifndef SERVICING_DELTA_PREFIX_CODE_H_
#define SERVICING_DELTA_PREFIX_CODE_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/status/status.h"

namespace patchgate::delta {

inline constexpr unsigned kLongestCode = 16;
inline constexpr size_t kMostSymbols = 600;

// The code words of a code, first bit lowest, as a bit stream has them. Symbols of length 0 have
// none. Fails unless the lengths make a complete code (every bit string starts with exactly one
// code word), one code word of length 1, or no code at all.
absl::Status AssignCodes(const uint8_t* lengths, size_t symbols, uint16_t* codes);

// Finds the symbol at the start of a bit string by one table lookup, or two where its code is
// longer than the first table is wide.
class PrefixTable {
 public:
  struct Entry {
    uint16_t symbol;
    uint8_t length;    // Bits of the code; 0 if the code has no symbols.
    uint8_t sub_bits;  // Not 0: `symbol` is where a second table of so many bits starts.
  };

  // The first table is `bits` wide at most. Fails as AssignCodes does. Allocates only where an
  // earlier code of this table needed less. Cost: about the entries of the table.
  absl::Status Build(const uint8_t* lengths, size_t symbols, unsigned bits);

  Entry Find(uint64_t bits) const {
    Entry entry = entries_[bits & mask_];
    if (entry.sub_bits != 0) {
      entry = entries_[entry.symbol + (bits >> bits_ & ((1u << entry.sub_bits) - 1))];
    }
    return entry;
  }

 private:
  std::vector<Entry> entries_ = std::vector<Entry>(1);
  unsigned bits_ = 0;
  uint64_t mask_ = 0;
};

}  // namespace patchgate::delta

#endif  // SERVICING_DELTA_PREFIX_CODE_H_
