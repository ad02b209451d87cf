// Runs the fuzz target over a corpus that it makes itself, so that every test run replays it.

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>

#include "gtest/gtest.h"
#include "servicing/cab/cab_builder.h"
#include "servicing/cbs/log/cbs_log_fixtures.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace patchgate::cbs {
namespace {

void Feed(const std::string& input) {
  EXPECT_EQ(LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(input.data()), input.size()),
            0);
}

TEST(CbsLogFuzzTest, TrivialInputs) {
  Feed("");
  Feed(std::string(1, '\0'));
  Feed("MSCF");
  Feed("\xFF\xFE");
  Feed(std::string(100'000, '\0'));
  Feed(std::string(100'000, '\n'));
}

// Sequences of real phrases in any order.
TEST(CbsLogFuzzTest, RandomSequences) {
  std::mt19937 random(20260113);
  for (int i = 0; i < 2'000; ++i) {
    std::string input(1, '\0');
    for (unsigned size = random() % 120; size > 0; --size) {
      input.push_back(static_cast<char>(random()));
    }
    Feed(input);
  }
}

TEST(CbsLogFuzzTest, RandomEditsOfALogAndACabinet) {
  CbsLogBuilder b(60);
  b.Boot(134'127'720'000'000'000).Rollback(134'127'720'000'000'000, "P");
  const std::string seeds[] = {
      b.Text(), cab::CabBuilder(cab::CabBuilder::Method::kMsZip).Add("CBS.log", b.Text()).Build()};
  std::mt19937 random(20260113);
  for (int i = 0; i < 2'000; ++i) {
    std::string input = seeds[i % 2];
    for (unsigned edits = 1 + random() % 6; edits > 0; --edits) {
      input[random() % input.size()] = static_cast<char>(random());
    }
    Feed(input);
  }
}

}  // namespace
}  // namespace patchgate::cbs
