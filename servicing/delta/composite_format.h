// The prefix codes of an LZX-delta stream: either the default ones, or a list of formats, each for
// the target from one position on (format.md).
#ifndef SERVICING_DELTA_COMPOSITE_FORMAT_H_
#define SERVICING_DELTA_COMPOSITE_FORMAT_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "servicing/delta/bit_reader.h"
#include "servicing/delta/prefix_code.h"

namespace patchgate::delta {

inline constexpr size_t kMainSymbols = 600;
inline constexpr size_t kLengthSymbols = 256;
inline constexpr size_t kAlignedSymbols = 16;
inline constexpr size_t kFormatLengths = kMainSymbols + kLengthSymbols + kAlignedSymbols;
inline constexpr size_t kPretreeSymbols = 39;

using FormatLengths = std::array<uint8_t, kFormatLengths>;

// The lengths of the default format: as equal as a complete code allows, shorter ones first.
FormatLengths DefaultLengths();

struct FormatTables {
  absl::Status Build(const FormatLengths& lengths);
  PrefixTable main, length, aligned;
};

class CompositeFormat {
 public:
  CompositeFormat();

  // Reads the formats and leaves `reader` at the first symbol. Keeps 8 bytes per format, which
  // takes 54 bits at least; their codes are read again when their part of the target is reached.
  absl::Status Read(BitReader* reader);

  // The codes for the symbol at `position`, which counts through base and target and may only grow.
  // They hold up to `end()`. Builds tables where the format is another one.
  absl::Status Find(uint64_t position);
  const FormatTables& tables() const { return *tables_; }
  uint64_t end() const { return end_; }

 private:
  absl::Status ReadLengths(BitReader* reader);

  FormatTables default_, custom_;
  const FormatTables* tables_ = &default_;
  PrefixTable pretree_;
  std::vector<uint64_t> starts_;
  BitReader lengths_reader_;  // At the lengths of the format after the current one.
  FormatLengths lengths_ = {};
  FormatLengths first_ = {};
  size_t current_ = 0;
  uint64_t end_ = 0;
};

}  // namespace patchgate::delta

#endif  // SERVICING_DELTA_COMPOSITE_FORMAT_H_
