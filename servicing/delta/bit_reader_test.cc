#include "servicing/delta/bit_reader.h"

#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "gtest/gtest.h"
#include "servicing/delta/bit_writer.h"

namespace patchgate::delta {
namespace {

constexpr uint64_t kMost = std::numeric_limits<uint64_t>::max();

TEST(BitReaderTest, NumbersComeBack) {
  const std::vector<uint64_t> numbers = {0,      1,          15,          16,          255,   256,
                                         0xFFFF, 0xFFFFFFFF, 0x100000000, 0x800000000, kMost, 14,
                                         17,     kMost >> 4, kMost >> 5,  0x20000};
  BitWriter writer;
  for (uint64_t number : numbers) writer.WriteNumber(number);
  const std::string bytes = std::move(writer).Finish();
  BitReader reader;
  ASSERT_TRUE(BitReader::Open(bytes, &reader));
  for (uint64_t number : numbers) {
    uint64_t read = 0;
    ASSERT_TRUE(reader.ReadNumber(&read)) << number;
    EXPECT_EQ(read, number);
  }
  EXPECT_EQ(reader.bits_left(), 0u);
  uint64_t read;
  EXPECT_FALSE(reader.ReadNumber(&read));
}

// The example of the public description of the format: three bits of padding count, then 14 and 17.
TEST(BitReaderTest, ReadsThePublishedExample) {
  const std::string bytes("\xE8\x46\x00", 3);
  BitReader reader;
  ASSERT_TRUE(BitReader::Open(bytes, &reader));
  uint64_t number;
  ASSERT_TRUE(reader.ReadNumber(&number));
  EXPECT_EQ(number, 14u);
  ASSERT_TRUE(reader.ReadNumber(&number));
  EXPECT_EQ(number, 17u);
}

TEST(BitReaderTest, LongNumbersComeBack) {
  const std::vector<uint32_t> numbers = {
      256, 257, 511, 512, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF & ~0u >> 1};
  BitWriter writer;
  for (uint32_t number : numbers) writer.WriteLongNumber(number);
  const std::string bytes = std::move(writer).Finish();
  BitReader reader;
  ASSERT_TRUE(BitReader::Open(bytes, &reader));
  for (uint32_t number : numbers) {
    uint32_t read = 0;
    ASSERT_TRUE(reader.ReadLongNumber(&read)) << number;
    EXPECT_EQ(read, number);
  }
}

TEST(BitReaderTest, BuffersStartAtABytes) {
  BitWriter writer;
  writer.Write(5, 3);
  writer.WriteBuffer("abc");
  writer.WriteBuffer("");
  writer.WriteNumber(7);
  writer.WriteBuffer(std::string(300, 'x'));
  const std::string bytes = std::move(writer).Finish();
  BitReader reader;
  ASSERT_TRUE(BitReader::Open(bytes, &reader));
  uint32_t bits;
  absl::string_view buffer;
  uint64_t number;
  ASSERT_TRUE(reader.ReadBits(3, &bits));
  EXPECT_EQ(bits, 5u);
  ASSERT_TRUE(reader.ReadBuffer(&buffer));
  EXPECT_EQ(buffer, "abc");
  EXPECT_EQ(reader.position() % 8, 0u);
  ASSERT_TRUE(reader.ReadBuffer(&buffer));
  EXPECT_EQ(buffer, "");
  ASSERT_TRUE(reader.ReadNumber(&number));
  EXPECT_EQ(number, 7u);
  ASSERT_TRUE(reader.ReadBuffer(&buffer));
  EXPECT_EQ(buffer, std::string(300, 'x'));
  EXPECT_EQ(reader.bits_left(), 0u);
}

TEST(BitReaderTest, PaddingIsNoPartOfTheStream) {
  for (unsigned bits = 0; bits <= 70; ++bits) {
    BitWriter writer;
    for (unsigned i = 0; i < bits; ++i) writer.Write(i & 1, 1);
    const std::string bytes = std::move(writer).Finish();
    BitReader reader;
    ASSERT_TRUE(BitReader::Open(bytes, &reader)) << bits;
    EXPECT_EQ(reader.bits_left(), bits);
    uint32_t bit;
    for (unsigned i = 0; i < bits; ++i) {
      ASSERT_TRUE(reader.ReadBits(1, &bit));
      EXPECT_EQ(bit, i & 1);
      EXPECT_EQ(reader.position(), 4 + i);
    }
    EXPECT_FALSE(reader.ReadBits(1, &bit)) << bits;
  }
}

TEST(BitReaderTest, ConsumingTooMuchIsNoticed) {
  const std::string bytes(9, '\0');
  BitReader reader;
  ASSERT_TRUE(BitReader::Open(bytes, &reader));
  ASSERT_TRUE(reader.Refill());
  reader.Consume(56);
  ASSERT_TRUE(reader.Refill());
  EXPECT_EQ(reader.buffered(), 13);
  reader.Consume(14);
  EXPECT_FALSE(reader.Refill());
  uint32_t value;
  uint64_t number;
  absl::string_view buffer;
  EXPECT_FALSE(reader.ReadBits(0, &value));
  EXPECT_FALSE(reader.ReadNumber(&number));
  EXPECT_FALSE(reader.ReadLongNumber(&value));
  EXPECT_FALSE(reader.ReadBuffer(&buffer));
}

TEST(BitReaderTest, RefusesWhatIsNoStream) {
  BitReader reader;
  EXPECT_FALSE(BitReader::Open("", &reader));
  EXPECT_FALSE(BitReader::Open("\x06", &reader));  // Three bits, and six of padding.
  EXPECT_TRUE(BitReader::Open("\x05", &reader));
  EXPECT_EQ(reader.bits_left(), 0u);
}

TEST(BitReaderTest, RefusesWhatIsNoNumber) {
  uint64_t number;
  uint32_t long_number;
  absl::string_view buffer;
  const std::string zeros(16, '\0');
  BitReader reader;
  ASSERT_TRUE(BitReader::Open(zeros, &reader));
  EXPECT_FALSE(BitReader(reader).ReadNumber(&number));
  EXPECT_FALSE(BitReader(reader).ReadLongNumber(&long_number));
  BitWriter writer;
  writer.WriteNumber(5);  // Of a buffer that has four bytes.
  const std::string cut = std::move(writer).Finish() + "1234";
  ASSERT_TRUE(BitReader::Open(cut, &reader));
  EXPECT_FALSE(reader.ReadBuffer(&buffer));
  BitWriter huge;
  huge.WriteNumber(kMost);
  const std::string most = std::move(huge).Finish() + "1234";
  ASSERT_TRUE(BitReader::Open(most, &reader));
  EXPECT_FALSE(reader.ReadBuffer(&buffer));
}

}  // namespace
}  // namespace patchgate::delta
