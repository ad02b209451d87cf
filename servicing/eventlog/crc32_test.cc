#include "servicing/eventlog/crc32.h"

#include <string>

#include "gtest/gtest.h"

namespace patchgate::eventlog {
namespace {

struct Crc32Case {
  const char* name;
  std::string bytes;
  uint32_t crc;
};

TEST(Crc32Test, KnownValues) {
  const Crc32Case cases[] = {
      {"nothing", "", 0},
      {"check value of the algorithm", "123456789", 0xCBF43926},
      {"one byte", "a", 0xE8B7BE43},
      {"32 zeros", std::string(32, '\0'), 0x190A55AD},
      {"32 ones", std::string(32, '\xFF'), 0xFF6CAB0B},
  };
  for (const Crc32Case& c : cases) EXPECT_EQ(Crc32(c.bytes), c.crc) << c.name;
}

TEST(Crc32Test, InPartsAsInOnePiece) {
  std::string bytes;
  for (int i = 0; i < 100; ++i) bytes.push_back(static_cast<char>(i * 37));
  for (size_t cut = 0; cut <= bytes.size(); ++cut) {
    EXPECT_EQ(Crc32(bytes.substr(cut), Crc32(bytes.substr(0, cut))), Crc32(bytes)) << cut;
  }
}

}  // namespace
}  // namespace patchgate::eventlog
