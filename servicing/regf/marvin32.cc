#include "servicing/regf/marvin32.h"

#include "servicing/base/little_endian.h"

namespace patchgate::regf {
namespace {

uint32_t Rotl(uint32_t v, int bits) { return v << bits | v >> (32 - bits); }

struct State {
  uint32_t lo, hi;
  void Mix(uint32_t v) {
    lo += v;
    hi ^= lo;
    lo = Rotl(lo, 20) + hi;
    hi = Rotl(hi, 9) ^ lo;
    lo = Rotl(lo, 27) + hi;
    hi = Rotl(hi, 19);
  }
};

}  // namespace

uint64_t Marvin32(uint64_t seed, absl::string_view data) {
  State s{static_cast<uint32_t>(seed), static_cast<uint32_t>(seed >> 32)};
  for (; data.size() >= 4; data.remove_prefix(4)) s.Mix(LoadLe32(data.data()));
  uint32_t last = 0x80;
  for (size_t i = data.size(); i-- > 0;) last = last << 8 | static_cast<unsigned char>(data[i]);
  s.Mix(last);
  s.Mix(0);
  return static_cast<uint64_t>(s.hi) << 32 | s.lo;
}

}  // namespace patchgate::regf
