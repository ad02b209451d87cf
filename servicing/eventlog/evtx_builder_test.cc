// What the builder writes, looked at byte by byte: the reader must not be the only witness.
#include "servicing/eventlog/evtx_builder.h"

#include <set>
#include <string>

#include "gtest/gtest.h"
#include "servicing/base/little_endian.h"
#include "servicing/base/utf16.h"
#include "servicing/eventlog/crc32.h"
#include "servicing/eventlog/event_fixtures.h"
#include "servicing/eventlog/format.h"

namespace patchgate::eventlog {
namespace {

constexpr FileTime kTime = 134000000000000000;

TEST(EvtxBuilderTest, FileHeader) {
  EvtxBuilder log;
  for (int i = 0; i < 1'000; ++i) AddOtherEvent(kTime, &log);
  const std::string bytes = log.Build();
  ASSERT_GT(log.chunks(), 2u);
  ASSERT_EQ(bytes.size(), ChunkOffset(log.chunks()));
  EXPECT_EQ(bytes.substr(0, 8), std::string("ElfFile\0", 8));
  EXPECT_EQ(LoadLe64(&bytes[8]), 0u);
  EXPECT_EQ(LoadLe64(&bytes[16]), log.chunks() - 1);
  EXPECT_EQ(LoadLe64(&bytes[24]), 1'001u);
  EXPECT_EQ(LoadLe32(&bytes[32]), 128u);
  EXPECT_EQ(LoadLe32(&bytes[36]), 0x30001u);
  EXPECT_EQ(LoadLe16(&bytes[40]), 4096u);
  EXPECT_EQ(LoadLe16(&bytes[42]), log.chunks());
  EXPECT_EQ(LoadLe32(&bytes[124]), Crc32(bytes.substr(0, 120)));
}

TEST(EvtxBuilderTest, ChunksAndRecords) {
  EvtxBuilder log;
  for (int i = 0; i < 1'000; ++i) AddOtherEvent(kTime + static_cast<FileTime>(i), &log);
  const std::string bytes = log.Build();
  uint64_t id = 1;
  for (size_t i = 0; i < log.chunks(); ++i) {
    const std::string chunk = bytes.substr(ChunkOffset(i), 65536);
    EXPECT_EQ(chunk.substr(0, 8), std::string("ElfChnk\0", 8));
    EXPECT_EQ(LoadLe64(&chunk[8]), id);
    EXPECT_EQ(LoadLe64(&chunk[24]), id);
    const size_t free_space = LoadLe32(&chunk[48]);
    size_t at = 512, last = 0;
    while (at < free_space) {
      ASSERT_EQ(LoadLe32(&chunk[at]), 0x2a2au);
      const uint32_t size = LoadLe32(&chunk[at + 4]);
      ASSERT_EQ(size % 8, 0u);
      EXPECT_EQ(LoadLe64(&chunk[at + 8]), id);
      EXPECT_EQ(LoadLe64(&chunk[at + 16]), kTime + id - 1);
      EXPECT_EQ(LoadLe32(&chunk[at + size - 4]), size);
      EXPECT_EQ(log.record_offset(id - 1), ChunkOffset(i) + at);
      last = at;
      at += size;
      ++id;
    }
    EXPECT_EQ(at, free_space);
    EXPECT_EQ(LoadLe64(&chunk[16]), id - 1);
    EXPECT_EQ(LoadLe64(&chunk[32]), id - 1);
    EXPECT_EQ(LoadLe32(&chunk[40]), 128u);
    EXPECT_EQ(LoadLe32(&chunk[44]), last);
    EXPECT_EQ(LoadLe32(&chunk[52]), Crc32(chunk.substr(512, free_space - 512)));
    EXPECT_EQ(LoadLe32(&chunk[124]), Crc32(chunk.substr(128, 384), Crc32(chunk.substr(0, 120))));
  }
  EXPECT_EQ(id, 1'001u);
}

// The tables lead to every name and template, each in the bucket that its hash says.
TEST(EvtxBuilderTest, Tables) {
  EvtxBuilder log;
  AddBoot(kTime, &log);
  AddVolumeState(kTime, "C:", 0, &log);
  AddVolumeState(kTime, "D:", 0, &log);
  const std::string bytes = log.Build();
  const std::string chunk = bytes.substr(ChunkOffset(0), 65536);
  std::set<std::string> names;
  for (uint32_t bucket = 0; bucket < 64; ++bucket) {
    for (uint32_t at = LoadLe32(&chunk[128 + 4 * bucket]); at != 0; at = LoadLe32(&chunk[at])) {
      EXPECT_EQ(LoadLe16(&chunk[at + 4]) % 64, bucket);
      const size_t size = 2 * size_t{LoadLe16(&chunk[at + 6])};
      EXPECT_EQ(LoadLe16(&chunk[at + 8 + size]), 0);
      EXPECT_TRUE(names.insert(Utf16LeToUtf8(chunk.substr(at + 8, size))).second);
    }
  }
  EXPECT_EQ(names,
            (std::set<std::string>{"Event", "xmlns", "System", "Provider", "Name", "Guid",
                                   "EventID", "Qualifiers", "TimeCreated", "SystemTime",
                                   "EventRecordID", "Channel", "Computer", "EventData", "Data"}));
  std::set<uint32_t> templates;
  for (uint32_t bucket = 0; bucket < 32; ++bucket) {
    for (uint32_t at = LoadLe32(&chunk[384 + 4 * bucket]); at != 0; at = LoadLe32(&chunk[at])) {
      EXPECT_TRUE(templates.insert(LoadLe32(&chunk[at + 4])).second);
    }
  }
  // System, and the data of Kernel-General 12, Kernel-Boot 20 and 27, EventLog 6005 and Ntfs 98.
  EXPECT_EQ(templates.size(), 6u);
}

TEST(EvtxBuilderTest, KnownHashOfAName) {
  EvtxBuilder log;
  AddVolumeState(kTime, "C:", 0, &log);
  const std::string bytes = log.Build();
  const size_t text = bytes.find(Utf8ToUtf16Le("Event"));
  EXPECT_EQ(LoadLe16(&bytes[text - 4]), 0x0cba) << "as in every real log";
}

TEST(EvtxBuilderTest, ALogMayGrow) {
  EvtxBuilder log;
  AddOtherEvent(kTime, &log);
  const std::string before = log.Build();
  AddOtherEvent(kTime, &log);
  const std::string after = log.Build();
  EXPECT_EQ(log.events(), 2u);
  EXPECT_EQ(before.substr(log.record_offset(0), 100), after.substr(log.record_offset(0), 100));
  EXPECT_NE(before, after);
}

TEST(EvtxBuilderTest, WithoutChecksums) {
  EvtxBuilder::Options options;
  options.checksums = false;
  options.dirty = true;
  EvtxBuilder log(options);
  AddOtherEvent(kTime, &log);
  const std::string bytes = log.Build();
  EXPECT_EQ(LoadLe32(&bytes[120]), 5u);
  EXPECT_EQ(LoadLe32(&bytes[124]), 0u);
  EXPECT_EQ(LoadLe32(&bytes[ChunkOffset(0) + 52]), 0u);
  EXPECT_EQ(LoadLe32(&bytes[ChunkOffset(0) + 120]), 5u);
  EXPECT_EQ(LoadLe32(&bytes[ChunkOffset(0) + 124]), 0u);
}

}  // namespace
}  // namespace patchgate::eventlog
