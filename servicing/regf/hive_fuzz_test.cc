// Runs the fuzz target over a corpus that it makes itself, so that every test run replays it.

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>

#include "gtest/gtest.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace patchgate::regf {
namespace {

void Feed(const std::string& input) {
  EXPECT_EQ(LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(input.data()), input.size()),
            0);
}

TEST(HiveFuzzTest, TrivialInputs) {
  Feed("");
  Feed("\xFF");
  Feed(std::string("\xFFregf"));
  Feed(std::string(8193, '\xFF'));
  Feed(std::string(100'000, '\0'));
  for (int choice = 0; choice < 0x40; ++choice) Feed(std::string(1, static_cast<char>(choice)));
}

// The target aborts where the reader contradicts itself, and sanitizers watch the rest.
TEST(HiveFuzzTest, RandomEdits) {
  std::mt19937 random(20260113);
  for (int i = 0; i < 3'000; ++i) {
    std::string input(1, static_cast<char>(random() & 0x33));
    for (unsigned edits = 1 + random() % 6; edits > 0; --edits) {
      input.push_back(static_cast<char>(random()));
      // Most records lie in the first bin; the rest of the offsets fall anywhere.
      const uint32_t offset = random() % 4 == 0 ? random() : 4096 + random() % 4096;
      for (int shift = 0; shift < 24; shift += 8)
        input.push_back(static_cast<char>(offset >> shift));
      for (int byte = 0; byte < 4; ++byte) {
        input.push_back(static_cast<char>(random() % 3 == 0 ? 0 : random()));
      }
    }
    Feed(input);
  }
}

}  // namespace
}  // namespace patchgate::regf
