// Runs the fuzz target over a corpus that it makes itself, so that every test run replays it.

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "gtest/gtest.h"
#include "servicing/pe/pe_builder.h"
#include "servicing/pe/version_builder.h"
#include "servicing/text/mutations.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace patchgate::pe {
namespace {

void Feed(const std::string& input) {
  EXPECT_EQ(LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(input.data()), input.size()),
            0);
}

TEST(ImageFuzzTest, TrivialInputs) {
  Feed("");
  Feed("\xFF");
  Feed("\xFFMZ");
  Feed("\xFE");
  Feed("\xFE" + BuildVersionResource({"1.2.3.4", "", {{"CompanyName", "x"}}}));
  Feed("\xFF" + PeBuilder().Build());
  Feed("\xFF" + PeBuilder().AddResource(614, 1, 0, "x").Build());
  Feed(std::string(100'000, '\0'));
  for (int choice = 0; choice < 4; ++choice) Feed(std::string(1, static_cast<char>(choice)));
}

TEST(ImageFuzzTest, MutationsOfAVersion) {
  const std::string seed = BuildVersionResource(
      {"1.2.3.4", "5.6.7.8", {{"CompanyName", "x"}, {"FileVersion", "1.2"}, {"Other", ""}}});
  text::ForEachMutation(seed, [](absl::string_view bytes) { Feed(absl::StrCat("\xFE", bytes)); });
}

// The target aborts where the reader contradicts itself, and sanitizers watch the rest.
TEST(ImageFuzzTest, RandomEdits) {
  std::mt19937 random(20261122);
  for (int i = 0; i < 20'000; ++i) {
    std::string input(1, static_cast<char>(random() & 1));
    for (unsigned edits = 1 + random() % 5; edits > 0; --edits) {
      const bool four_bytes = random() % 2 == 0;
      // Headers, or the resource tree; sometimes anywhere.
      const uint32_t at = random() % 8 == 0   ? random()
                          : random() % 2 == 0 ? random() % 0x1D8
                                              : PeBuilder::kResourceOffset + random() % 0x400;
      for (int shift = 0; shift < 24; shift += 8) input.push_back(static_cast<char>(at >> shift));
      input.push_back(four_bytes ? '\x80' : '\0');
      const uint32_t value = random() % 2 == 0 ? random() % 0x3000 : random();
      const uint32_t high = random() % 4 == 0 ? 0x80000000 : 0;
      for (int shift = 0; shift < 32; shift += 8) {
        input.push_back(static_cast<char>((value | high) >> shift));
      }
    }
    Feed(input);
  }
}

}  // namespace
}  // namespace patchgate::pe
