// Rift table of a PA30 delta: where in the base the text that belongs to a place of the target is
// expected, piece by piece (format.md).
#ifndef SERVICING_DELTA_RIFT_TABLE_H_
#define SERVICING_DELTA_RIFT_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "servicing/delta/bit_reader.h"
#include "servicing/delta/prefix_code.h"

namespace patchgate::delta {

inline constexpr size_t kRiftSymbols = 252;
inline constexpr size_t kRiftPositiveSymbols = 126;  // The rest stand for negative numbers.

// Positions count through base and target: the target starts at the size of the base.
class RiftTable {
 public:
  // One bit where there is no table. Reads at most a number of entries that fits the bits left;
  // keeps 16 bytes of each that can matter. Keeps its memory for the next delta.
  absl::Status Read(uint64_t base_size, uint64_t target_size, BitReader* reader);

  // How far before `position` the text that belongs there is expected, modulo 2^64. `position` may
  // only grow between two calls of Read.
  uint64_t DistanceAt(uint64_t position) {
    while (position >= end_) Advance();
    return distance_;
  }
  // The first position behind the piece that the last DistanceAt was in.
  uint64_t end() const { return end_; }

 private:
  struct Piece {
    uint64_t start;
    uint64_t distance;
  };
  absl::Status ReadPieces(uint64_t base_size, uint64_t target_size, BitReader* reader);
  void Advance();

  std::vector<Piece> pieces_;
  PrefixTable source_code_, offset_code_;
  size_t next_ = 0;
  uint64_t end_ = 0;
  uint64_t distance_ = 0;
};

}  // namespace patchgate::delta

#endif  // SERVICING_DELTA_RIFT_TABLE_H_
