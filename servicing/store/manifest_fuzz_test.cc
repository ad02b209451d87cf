// Runs the fuzz target over a corpus that it makes itself, so that every test run replays it.

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>

#include "gtest/gtest.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace patchgate::store {
namespace {

void Feed(const std::string& input) {
  EXPECT_EQ(LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(input.data()), input.size()),
            0);
}

TEST(ManifestFuzzTest, TrivialInputs) {
  Feed("");
  Feed(std::string(1, '\0'));
  Feed(std::string(1, '\1'));
  Feed("\xFF");
  Feed("\xFE");
  Feed("\xFF<assembly><assemblyIdentity name='a' version='1'/><file name='b'/></assembly>");
  Feed(std::string("\xFE$(runtime.system32)\\\0..\\a", 26));
  Feed(std::string(100'000, '\0'));
}

// The target aborts where the reader contradicts itself, and sanitizers watch the rest.
TEST(ManifestFuzzTest, RandomEdits) {
  std::mt19937 random(20261122);
  for (int i = 0; i < 20'000; ++i) {
    std::string input(1, static_cast<char>(random() % 2));
    for (unsigned edits = 1 + random() % 4; edits > 0; --edits) {
      for (int byte = 0; byte < 4; ++byte) input.push_back(static_cast<char>(random()));
      // Both manifests are shorter than 1,200 bytes.
      input[input.size() - 3] = static_cast<char>(random() % 5);
    }
    Feed(input);
  }
}

TEST(ManifestFuzzTest, RandomDestinations) {
  constexpr const char* kParts[] = {"$(runtime.system32)",
                                    "$(runtime.bootDrive)",
                                    "\\",
                                    "/",
                                    "..",
                                    ".",
                                    "a",
                                    " ",
                                    ":",
                                    "%",
                                    ")",
                                    "$(",
                                    "drivers"};
  std::mt19937 random(20261123);
  for (int i = 0; i < 20'000; ++i) {
    std::string input = "\xFE";
    if (random() % 4 != 0) input += kParts[random() % 2];
    for (int side = 0; side < 2; ++side) {
      for (unsigned parts = random() % 6; parts > 0; --parts) input += kParts[random() % 13];
      if (side == 0) input.push_back('\0');
    }
    Feed(input);
  }
}

}  // namespace
}  // namespace patchgate::store
