#include "servicing/regf/marvin32.h"

#include <string>

#include "absl/strings/escaping.h"
#include "gtest/gtest.h"

namespace patchgate::regf {
namespace {

struct Marvin32Case {
  const char* name;
  uint64_t seed;
  const char* hex;
  uint64_t hash;
};

class Marvin32Test : public testing::TestWithParam<Marvin32Case> {};

TEST_P(Marvin32Test, Hashes) {
  EXPECT_EQ(Marvin32(GetParam().seed, absl::HexStringToBytes(GetParam().hex)), GetParam().hash);
}

constexpr uint64_t kPublicSeed = 0x004FB61A001BDBCC;

INSTANTIATE_TEST_SUITE_P(
    All, Marvin32Test,
    testing::Values(
        // The public vectors of the algorithm: every length of the tail, with and without a word.
        Marvin32Case{"Empty", kPublicSeed, "", 0x30ed35c100cd3c7d},
        Marvin32Case{"TailOf1", kPublicSeed, "AF", 0x48e73fc77d75ddc1},
        Marvin32Case{"TailOf2", kPublicSeed, "E70F", 0xb5f6e1fc485dbff8},
        Marvin32Case{"TailOf3", kPublicSeed, "37F495", 0xf0b07c789b8cf7e8},
        Marvin32Case{"OneWord", kPublicSeed, "8642DC59", 0x7008f2e87e9cf556},
        Marvin32Case{"WordAndTailOf1", kPublicSeed, "153FB79826", 0xe6c08c6da2afa997},
        Marvin32Case{"WordAndTailOf2", kPublicSeed, "0932E6246C47", 0x6f04bf1a5ea24060},
        Marvin32Case{"WordAndTailOf3", kPublicSeed, "AB427EA8D10FC7", 0xe11847e4f0678c41},
        // Hash-2 of a real log entry, over its header (DOMAIN §3.9).
        Marvin32Case{"RealLogEntry", kLogSeed,
                     "48764c45003e0000010000003b0800000030bd0003000000c4812cbea1b6704b",
                     0xdd88c5d7df48f30a}),
    [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace patchgate::regf
