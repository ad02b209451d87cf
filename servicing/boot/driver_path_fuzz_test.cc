// Runs the fuzz target over a corpus that it makes itself, so that every test run replays it.

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>

#include "gtest/gtest.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace patchgate::boot {
namespace {

void Feed(const std::string& input) {
  EXPECT_EQ(LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(input.data()), input.size()),
            0);
}

TEST(DriverPathFuzzTest, TrivialInputs) {
  Feed("");
  Feed("C");
  Feed("Cdisk");
  Feed("Cdisk\n");
  Feed("C\n\n");
  Feed(std::string(60'000, 'a'));
  Feed(std::string(60'000, '\x8C'));
  Feed("Cdisk\n" + std::string(60'000, '\x8A'));
  Feed(std::string(100'000, '\0'));
}

// The target aborts where a path could lead out of the volume, and sanitizers watch the rest.
TEST(DriverPathFuzzTest, RandomPaths) {
  std::mt19937 random(20261122);
  for (int i = 0; i < 50'000; ++i) {
    std::string input = random() % 8 == 0 ? "D" : "C";
    input += random() % 8 == 0 ? std::string(1, static_cast<char>(random())) : "disk";
    input.push_back('\n');
    for (unsigned parts = random() % 7; parts > 0; --parts) {
      // Mostly pieces of paths.
      input.push_back(static_cast<char>(random() % 8 == 0 ? random() : 0x80 + random() % 22));
    }
    Feed(input);
  }
}

}  // namespace
}  // namespace patchgate::boot
