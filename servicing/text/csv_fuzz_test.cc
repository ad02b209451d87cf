// Runs the fuzz target over a corpus that it makes itself, so that every test run replays it.

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>

#include "gtest/gtest.h"
#include "servicing/text/mutations.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace patchgate::text {
namespace {

void Feed(absl::string_view input) {
  EXPECT_EQ(LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(input.data()), input.size()),
            0);
}

TEST(CsvFuzzTest, Mutations) {
  ForEachMutation(
      "\xEF\xBB\xBF"
      "File name,\"File, version\"\r\n\"a \"\"b\"\"\",1.2\r\n\n,\"d\ne\"",
      Feed);
  Feed(std::string(100'000, '"'));
}

TEST(CsvFuzzTest, RandomText) {
  std::mt19937 random(20261122);
  constexpr absl::string_view kCharacters("a,\"\n\r\0\xFF\xFE ", 9);
  for (int i = 0; i < 50'000; ++i) {
    std::string input(random() % 24, '\0');
    for (char& c : input) c = kCharacters[random() % kCharacters.size()];
    Feed(input);
  }
}

}  // namespace
}  // namespace patchgate::text
