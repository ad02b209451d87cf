// Numbers that look random and are the same on every machine: what is built from them is, too.
#ifndef TESTDATA_RANDOM_H_
#define TESTDATA_RANDOM_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "servicing/base/little_endian.h"

namespace patchgate::testdata {

// SplitMix64 (Steele, Lea, Flood 2014).
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}
  // The stream of one of many things: streams of one seed do not depend on each other.
  Random(uint64_t seed, uint64_t stream) : state_(Random(seed ^ Random(stream).Next()).Next()) {}

  uint64_t Next() {
    uint64_t z = state_ += 0x9E3779B97F4A7C15;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
    return z ^ (z >> 31);
  }

  // Less than `limit`, which is at most 2^32.
  uint64_t Below(uint64_t limit) { return (Next() >> 32) * limit >> 32; }

  // True in `part` of `whole` cases.
  bool Chance(uint64_t part, uint64_t whole) { return Below(whole) < part; }

  std::string Bytes(size_t size) {
    std::string bytes(size, '\0');
    size_t i = 0;
    for (; i + 8 <= size; i += 8) StoreLe64(&bytes[i], Next());
    for (uint64_t last = Next(); i < size; ++i, last >>= 8) bytes[i] = static_cast<char>(last);
    return bytes;
  }

 private:
  uint64_t state_;
};

// FNV-1a, mixed: a seed from a name.
inline uint64_t SeedOf(absl::string_view text) {
  uint64_t hash = 0xCBF29CE484222325;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3;
  return Random(hash).Next();
}

}  // namespace patchgate::testdata

#endif  // TESTDATA_RANDOM_H_
