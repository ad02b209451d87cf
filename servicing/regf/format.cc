#include "servicing/regf/format.h"

#include "servicing/base/little_endian.h"
#include "servicing/base/utf16.h"

namespace patchgate::regf {

uint32_t BaseBlockChecksum(absl::string_view sector) {
  uint32_t sum = 0;
  for (size_t i = 0; i < base_block::kChecksum; i += 4) sum ^= LoadLe32(sector.data() + i);
  if (sum == 0) return 1;
  if (sum == 0xFFFFFFFF) return 0xFFFFFFFE;
  return sum;
}

uint32_t HashLeafHash(absl::string_view name) {
  uint32_t hash = 0;
  const std::string units = Utf8ToUtf16Le(name);
  for (size_t i = 0; i < units.size(); i += 2) {
    hash = hash * 37 + UpcaseUtf16(static_cast<char16_t>(LoadLe16(units.data() + i)));
  }
  return hash;
}

}  // namespace patchgate::regf
