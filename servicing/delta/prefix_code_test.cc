#include "servicing/delta/prefix_code.h"

#include <algorithm>
#include <cstdint>
#include <random>
#include <vector>

#include "absl/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace patchgate::delta {
namespace {

using testing::HasSubstr;

// A complete code of `symbols` symbols: leaves of a tree are split at random.
std::vector<uint8_t> RandomLengths(size_t symbols, std::mt19937* random) {
  std::vector<uint8_t> lengths = {1, 1};
  while (lengths.size() < symbols) {
    // Splitting the deepest that may be split, at times, makes long codes.
    size_t at = (*random)() % lengths.size();
    if ((*random)() % 2 == 0) {
      for (size_t i = 0; i < lengths.size(); ++i) {
        if (lengths[i] < kLongestCode && lengths[i] > lengths[at]) at = i;
      }
    }
    if (lengths[at] >= kLongestCode) continue;
    lengths.push_back(++lengths[at]);
  }
  const size_t unused = (*random)() % 8;
  for (size_t i = 0; i < unused && lengths.size() < kMostSymbols; ++i) lengths.push_back(0);
  std::shuffle(lengths.begin(), lengths.end(), *random);
  return lengths;
}

TEST(PrefixTableTest, FindsEverySymbolByItsCode) {
  std::mt19937 random(1);
  PrefixTable table;
  for (int round = 0; round < 300; ++round) {
    const std::vector<uint8_t> lengths = RandomLengths(2 + random() % (kMostSymbols - 10), &random);
    std::vector<uint16_t> codes(lengths.size());
    ASSERT_EQ(AssignCodes(lengths.data(), lengths.size(), codes.data()), absl::OkStatus());
    for (unsigned bits : {1u, 4u, 8u, 11u, 16u}) {
      ASSERT_EQ(table.Build(lengths.data(), lengths.size(), bits), absl::OkStatus());
      for (size_t i = 0; i < lengths.size(); ++i) {
        if (lengths[i] == 0) continue;
        const uint64_t noise = uint64_t{random()} << 32 | random();
        const PrefixTable::Entry entry = table.Find(noise << lengths[i] | codes[i]);
        ASSERT_EQ(entry.symbol, i) << "round " << round << ", table of " << bits << " bits";
        ASSERT_EQ(entry.length, lengths[i]);
      }
    }
  }
}

// The longest codes are the smallest numbers, and of one length the first symbol has the first.
TEST(PrefixTableTest, LongCodesComeFirst) {
  const std::vector<uint8_t> lengths = {2, 1, 3, 3};
  std::vector<uint16_t> codes(lengths.size());
  ASSERT_EQ(AssignCodes(lengths.data(), lengths.size(), codes.data()), absl::OkStatus());
  // 01, 1, 000, 001; the first bit is the lowest.
  EXPECT_EQ(codes, (std::vector<uint16_t>{0b10, 0b1, 0b000, 0b100}));
}

TEST(PrefixTableTest, ASymbolThatIsAloneStandsForBothBits) {
  const std::vector<uint8_t> lengths = {0, 0, 1, 0};
  PrefixTable table;
  ASSERT_EQ(table.Build(lengths.data(), lengths.size(), 8), absl::OkStatus());
  for (uint64_t bits : {0, 1, 2, 3}) {
    EXPECT_EQ(table.Find(bits).symbol, 2);
    EXPECT_EQ(table.Find(bits).length, 1);
  }
}

TEST(PrefixTableTest, ACodeWithoutSymbolsFindsNothing) {
  const std::vector<uint8_t> full = {1, 1}, none(600, 0);
  PrefixTable table;
  for (int i = 0; i < 2; ++i) {
    ASSERT_EQ(table.Build(none.data(), none.size(), 8), absl::OkStatus());
    EXPECT_EQ(table.Find(~uint64_t{0}).length, 0);
    ASSERT_EQ(table.Build(full.data(), full.size(), 8), absl::OkStatus());
    EXPECT_EQ(table.Find(0).length, 1);
  }
}

TEST(PrefixTableTest, RefusesOtherLengths) {
  const struct {
    const char* name;
    std::vector<uint8_t> lengths;
    const char* message;
  } kCases[] = {
      {"too many", {1, 1, 1}, "3 codes take 98304/65536"},
      {"too few", {2, 2, 2}, "3 codes take 49152/65536"},
      {"one of two bits", {0, 2}, "1 codes take 16384/65536"},
      {"too long", {1, 17}, "symbol 1 has a code of 17 bits"},
      {"far too many", std::vector<uint8_t>(600, 1), "600 codes"},
  };
  PrefixTable table;
  for (const auto& c : kCases) {
    const absl::Status status = table.Build(c.lengths.data(), c.lengths.size(), 8);
    EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss) << c.name;
    EXPECT_THAT(status.message(), HasSubstr(c.message)) << c.name;
  }
}

}  // namespace
}  // namespace patchgate::delta
