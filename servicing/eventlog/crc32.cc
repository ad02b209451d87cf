#include "servicing/eventlog/crc32.h"

#include <array>
#include <cstddef>

#include "servicing/base/little_endian.h"

namespace patchgate::eventlog {
namespace {

constexpr size_t kStep = 8;
using Tables = std::array<std::array<uint32_t, 256>, kStep>;

// tables[k][b]: the CRC of byte b followed by k zero bytes.
constexpr Tables MakeTables() {
  Tables tables{};
  for (uint32_t byte = 0; byte < 256; ++byte) {
    uint32_t crc = byte;
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ ((crc & 1) != 0 ? 0xEDB88320 : 0);
    tables[0][byte] = crc;
  }
  for (size_t k = 1; k < kStep; ++k) {
    for (uint32_t byte = 0; byte < 256; ++byte) {
      const uint32_t crc = tables[k - 1][byte];
      tables[k][byte] = crc >> 8 ^ tables[0][crc & 0xFF];
    }
  }
  return tables;
}

constexpr Tables kTables = MakeTables();

}  // namespace

uint32_t Crc32(absl::string_view bytes, uint32_t before) {
  uint32_t crc = ~before;
  const char* p = bytes.data();
  size_t left = bytes.size();
  for (; left >= kStep; p += kStep, left -= kStep) {
    const uint32_t low = LoadLe32(p) ^ crc;
    const uint32_t high = LoadLe32(p + 4);
    crc = kTables[7][low & 0xFF] ^ kTables[6][low >> 8 & 0xFF] ^ kTables[5][low >> 16 & 0xFF] ^
          kTables[4][low >> 24] ^ kTables[3][high & 0xFF] ^ kTables[2][high >> 8 & 0xFF] ^
          kTables[1][high >> 16 & 0xFF] ^ kTables[0][high >> 24];
  }
  for (; left > 0; ++p, --left) {
    crc = crc >> 8 ^ kTables[0][(crc ^ static_cast<unsigned char>(*p)) & 0xFF];
  }
  return ~crc;
}

}  // namespace patchgate::eventlog
