#include "servicing/regf/format.h"

#include <string>

#include "gtest/gtest.h"
#include "servicing/base/little_endian.h"

namespace patchgate::regf {
namespace {

struct ChecksumCase {
  const char* name;
  // Two of the 32-bit words of a sector of zeros.
  uint32_t word0, word126;
  uint32_t checksum;
};

class BaseBlockChecksumTest : public testing::TestWithParam<ChecksumCase> {};

TEST_P(BaseBlockChecksumTest, Computes) {
  std::string sector(base_block::kSectorSize, '\0');
  StoreLe32(&sector[0], GetParam().word0);
  StoreLe32(&sector[126 * 4], GetParam().word126);
  StoreLe32(&sector[base_block::kChecksum], 0xDEADBEEF);  // Not part of the sum.
  EXPECT_EQ(BaseBlockChecksum(sector), GetParam().checksum);
}

INSTANTIATE_TEST_SUITE_P(
    All, BaseBlockChecksumTest,
    testing::Values(ChecksumCase{"XorsFirstAndLastWord", 0x01020304, 0x10203040, 0x11223344},
                    ChecksumCase{"ZeroBecomesOne", 0x66676572, 0x66676572, 1},
                    ChecksumCase{"OneStaysOne", 1, 0, 1},
                    ChecksumCase{"MinusOneBecomesMinusTwo", 0xFFFF0000, 0x0000FFFF, 0xFFFFFFFE},
                    ChecksumCase{"MinusTwoStays", 0xFFFFFFFE, 0, 0xFFFFFFFE}),
    [](const auto& info) { return info.param.name; });

struct HashCase {
  const char* name;
  const char* key_name;
  uint32_t hash;
};

class HashLeafHashTest : public testing::TestWithParam<HashCase> {};

TEST_P(HashLeafHashTest, Hashes) { EXPECT_EQ(HashLeafHash(GetParam().key_name), GetParam().hash); }

INSTANTIATE_TEST_SUITE_P(
    All, HashLeafHashTest,
    testing::Values(HashCase{"Empty", "", 0}, HashCase{"One", "A", 65},
                    HashCase{"Upcases", "ab", 65 * 37 + 66},
                    HashCase{"UpcasesLatin1", "\u00e9", 0xC9},
                    HashCase{"UpcasesCyrillic", "\u0436", 0x0416},
                    HashCase{"HashesSurrogatesOneByOne", "\U0001F600", 0xD83Du * 37 + 0xDE00},
                    // From the hash leaves of real hives; they wrap around 2^32.
                    HashCase{"RealSelect", "Select", 0x5F0024A0},
                    HashCase{"RealControlSet001", "ControlSet001", 0x8F3BA9A2}),
    [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace patchgate::regf
