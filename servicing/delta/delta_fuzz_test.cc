// Runs the fuzz target over a corpus that it makes itself, so that every test run replays it.

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>

#include "gtest/gtest.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace patchgate::delta {
namespace {

void Feed(const std::string& input) {
  EXPECT_EQ(LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(input.data()), input.size()),
            0);
}

TEST(DeltaFuzzTest, TrivialInputs) {
  Feed("");
  for (char kind : {'\xFF', '\xFE', '\xFD'}) {
    Feed(std::string(1, kind));
    Feed(std::string(1, kind) + "<");
    Feed(std::string(1, kind) + "DCM\x01PA30");
    Feed(std::string(1, kind) + "PA30" + std::string(50, '\0'));
    Feed(std::string(1, kind) + "PA30" + std::string(50, '\xFF'));
    Feed(std::string(60'000, kind));
  }
  for (int choice = 0; choice < 8; ++choice) Feed(std::string(1, static_cast<char>(choice)));
  Feed(std::string(100'000, '\0'));
}

TEST(DeltaFuzzTest, RandomEdits) {
  std::mt19937 random(20260113);
  for (int i = 0; i < 20'000; ++i) {
    std::string input(1 + 3 * (1 + random() % 6), '\0');
    for (char& c : input) c = static_cast<char>(random());
    input[0] = static_cast<char>(random() % 8);
    Feed(input);
  }
}

// Patches of random bits: with the default codes they go far, and the rest tries the tables.
TEST(DeltaFuzzTest, RandomPatches) {
  std::mt19937 random(7);
  for (int i = 0; i < 20'000; ++i) {
    std::string patch(1 + random() % 300, '\0');
    for (char& c : patch) c = static_cast<char>(random());
    // Padding, no rift table, and often the default codes.
    if (i % 4 != 0) patch[0] = static_cast<char>(patch[0] & ~0x0F);
    if (i % 4 > 1) patch[0] = static_cast<char>(patch[0] | 0x10);
    Feed("\xFD" + patch);
  }
}

}  // namespace
}  // namespace patchgate::delta
