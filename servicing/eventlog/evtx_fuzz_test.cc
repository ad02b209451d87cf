// Runs the fuzz target over a corpus that it makes itself, so that every test run replays it.

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>

#include "gtest/gtest.h"
#include "servicing/base/filetime.h"
#include "servicing/eventlog/event_fixtures.h"
#include "servicing/eventlog/evtx.h"
#include "servicing/eventlog/evtx_builder.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace patchgate::eventlog {
namespace {

constexpr FileTime kTime = 134000000000000000;

void Feed(const std::string& input) {
  EXPECT_EQ(LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(input.data()), input.size()),
            0);
}

TEST(EvtxFuzzTest, TrivialInputs) {
  Feed("");
  Feed("\xFF");
  Feed("\xFE");
  Feed(std::string("\xFF") + std::string("ElfFile\0", 8));
  Feed(std::string("\xFF") + std::string(4096, '\0') + std::string("ElfChnk\0", 8));
  Feed(std::string(8193, '\xFF'));
  Feed(std::string(100'000, '\0'));
  for (int choice = 0; choice < 0x20; ++choice) Feed(std::string(1, static_cast<char>(choice)));
}

// The target aborts where the reader contradicts itself, and sanitizers watch the rest.
TEST(EvtxFuzzTest, RandomEdits) {
  std::mt19937 random(20260113);
  for (int i = 0; i < 3'000; ++i) {
    std::string input(1, static_cast<char>(random() & 0x13));
    for (unsigned edits = 1 + random() % 6; edits > 0; --edits) {
      const bool four_bytes = random() % 2 == 0;
      input.push_back(four_bytes ? '\x80' : '\0');
      // Most records lie in the first kilobytes of the chunk.
      const uint32_t offset = random() % 4 == 0 ? random() : 4096 + random() % 6144;
      for (int shift = 0; shift < 24; shift += 8)
        input.push_back(static_cast<char>(offset >> shift));
      for (int byte = 0; byte < 4; ++byte) {
        input.push_back(static_cast<char>(random() % 3 == 0 ? 0 : random()));
      }
    }
    Feed(input);
  }
}

// The binary XML of a real record's shape, with random bytes in it.
TEST(EvtxFuzzTest, RandomXml) {
  EvtxBuilder builder;
  AddServicingEvent(kTime, 1, "KB5072033", 0, 112, 0, "UpdateAgentLCU", &builder);
  const std::string log = builder.Build();
  const size_t at = builder.record_offset(0) + record::kXml;
  const std::string xml = log.substr(at, 4096);
  std::mt19937 random(20260114);
  for (int i = 0; i < 20'000; ++i) {
    std::string input = "\xFE" + xml.substr(0, random() % xml.size());
    for (unsigned edits = random() % 8; edits > 0; --edits) {
      input[random() % input.size()] =
          static_cast<char>(random() % 2 == 0 ? random() % 16 : random());
    }
    input[0] = '\xFE';
    Feed(input);
  }
}

}  // namespace
}  // namespace patchgate::eventlog
