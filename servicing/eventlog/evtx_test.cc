#include "servicing/eventlog/evtx.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "servicing/base/little_endian.h"
#include "servicing/eventlog/event_fixtures.h"
#include "servicing/eventlog/evtx_builder.h"
#include "servicing/eventlog/format.h"

namespace patchgate::eventlog {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr FileTime kTime = 134000000000000000;

// A log of so many events, three to a chunk.
struct Log {
  explicit Log(size_t events, EvtxBuilder::Options options = {}) : builder(Limit(options)) {
    for (size_t i = 0; i < events; ++i) AddOtherEvent(kTime + i, &builder);
    bytes = builder.Build();
  }
  static EvtxBuilder::Options Limit(EvtxBuilder::Options options) {
    options.max_records_per_chunk = 3;
    return options;
  }
  // Offset of the record of the i-th event.
  size_t At(size_t i) const { return builder.record_offset(i); }

  EvtxBuilder builder;
  std::string bytes;
};

struct Visited {
  std::vector<uint64_t> ids;
  LogSummary summary;
  std::vector<std::string> damage;  // "0x1000 chunk: …"
};

Visited Visit(absl::string_view bytes) {
  Visited visited;
  DamageLog damage;
  const auto summary = VisitRecords(
      bytes,
      [&](const Record& record) {
        visited.ids.push_back(record.id);
        return absl::OkStatus();
      },
      &damage);
  EXPECT_TRUE(summary.ok()) << summary.status();
  if (summary.ok()) visited.summary = *summary;
  for (const Damage& entry : damage.kept()) {
    visited.damage.push_back(absl::StrCat("0x", absl::Hex(entry.offset), " ", entry.what));
  }
  return visited;
}

TEST(EvtxTest, ASoundLog) {
  const Log log(7);
  const Visited visited = Visit(log.bytes);
  EXPECT_THAT(visited.ids, ElementsAre(1, 2, 3, 4, 5, 6, 7));
  EXPECT_THAT(visited.damage, ElementsAre());
  EXPECT_FALSE(visited.summary.dirty);
  EXPECT_EQ(visited.summary.chunks, 3u);
  EXPECT_EQ(visited.summary.bad_chunks, 0u);
  EXPECT_EQ(visited.summary.records, 7u);
  EXPECT_EQ(visited.summary.first_id, 1u);
  EXPECT_EQ(visited.summary.last_id, 7u);
  EXPECT_EQ(visited.summary.first_written, kTime);
  EXPECT_EQ(visited.summary.last_written, kTime + 6);
}

TEST(EvtxTest, RecordsKnowWhereTheyLie) {
  const Log log(4);
  std::vector<size_t> offsets;
  DamageLog damage;
  ASSERT_TRUE(VisitRecords(
                  log.bytes,
                  [&](const Record& record) {
                    offsets.push_back(record.offset);
                    EXPECT_EQ(record.chunk.size(), chunk::kSize);
                    EXPECT_EQ(record.xml_begin % record::kAlignment, 0u);
                    EXPECT_EQ(record.chunk[record.xml_begin], token::kFragment);
                    EXPECT_LT(record.xml_begin, record.xml_end);
                    return absl::OkStatus();
                  },
                  &damage)
                  .ok());
  EXPECT_THAT(offsets, ElementsAre(log.At(0), log.At(1), log.At(2), log.At(3)));
}

TEST(EvtxTest, AnEmptyLog) {
  const Log log(0);
  const Visited visited = Visit(log.bytes);
  EXPECT_THAT(visited.damage, ElementsAre());
  EXPECT_EQ(visited.summary.chunks, 1u);
  EXPECT_EQ(visited.summary.first_id, 0u);
}

// Windows updates the file header when it closes the log.
TEST(EvtxTest, ADirtyLogIsReadToItsLastChunk) {
  EvtxBuilder::Options options;
  options.dirty = true;
  options.unused_chunks = 2;
  const Log log(7, options);
  EXPECT_EQ(LoadLe16(&log.bytes[file_header::kChunkCount]), 1);
  const Visited visited = Visit(log.bytes);
  EXPECT_TRUE(visited.summary.dirty);
  EXPECT_EQ(visited.summary.chunks, 3u);
  EXPECT_EQ(visited.ids.size(), 7u);
  EXPECT_THAT(visited.damage, ElementsAre());
}

TEST(EvtxTest, TheRingMayBeginAnywhere) {
  EvtxBuilder::Options options;
  options.oldest_chunk = 2;
  options.first_record_id = 1000;
  const Log log(7, options);
  const Visited visited = Visit(log.bytes);
  EXPECT_THAT(visited.ids, ElementsAre(1003, 1004, 1005, 1006, 1000, 1001, 1002));
  EXPECT_THAT(visited.damage, ElementsAre());
  EXPECT_EQ(visited.summary.first_id, 1000u);
}

TEST(EvtxTest, ALogWithoutChecksums) {
  EvtxBuilder::Options options;
  options.checksums = false;
  Log log(4, options);
  const Visited visited = Visit(log.bytes);
  EXPECT_EQ(visited.ids.size(), 4u);
  EXPECT_THAT(visited.damage, ElementsAre());

  // The flag alone does not switch off a checksum that is stored.
  Log flagged(4);
  flagged.bytes[ChunkOffset(0) + chunk::kFlags] = kFlagNoChecksum;
  flagged.bytes[flagged.At(1) + record::kXml] ^= 1;
  EXPECT_THAT(Visit(flagged.bytes).damage.at(0), HasSubstr("chunk: records' checksum"));
}

// A log that was copied after a record was written, but before its chunk's header.
TEST(EvtxTest, RecordsBehindTheFreeSpaceThatContinueTheChunk) {
  Log log(3);
  char* chunk = &log.bytes[ChunkOffset(0)];
  StoreLe32(chunk + chunk::kFreeSpace, static_cast<uint32_t>(log.At(1) - ChunkOffset(0)));
  StoreLe64(chunk + chunk::kLastId, 1);
  StoreLe64(&log.bytes[file_header::kNextRecordId], 2);
  FixChecksums(&log.bytes);
  const Visited visited = Visit(log.bytes);
  EXPECT_THAT(visited.ids, ElementsAre(1, 2, 3));
  EXPECT_THAT(visited.damage, ElementsAre());

  StoreLe64(&log.bytes[log.At(1) + record::kId], 7);
  EXPECT_THAT(Visit(log.bytes).ids, ElementsAre(1)) << "a stale copy";
}

struct DamageCase {
  const char* name;
  void (*spoil)(Log* log);
  std::vector<uint64_t> ids;
  std::vector<const char*> damage;  // Parts of the reports.
  uint32_t bad_chunks, bad_records;
};

TEST(EvtxTest, Damage) {
  const DamageCase cases[] = {
      {"file header checksum",
       [](Log* log) { log->bytes[file_header::kNextRecordId] ^= 1; },
       {1, 2, 3, 4, 5, 6, 7},
       {"0x7c file header: checksum 0x"},
       0,
       0},
      {"file header signature",
       [](Log* log) { log->bytes[0] = 'X'; },
       {1, 2, 3, 4, 5, 6, 7},
       {"0x0 file header: signature 586c6646696c6500, expected ElfFile"},
       0,
       0},
      {"version",
       [](Log* log) {
         log->bytes[file_header::kMajorVersion] = 4;
         FixChecksums(&log->bytes);
       },
       {1, 2, 3, 4, 5, 6, 7},
       {"0x26 file header: version 4.1, expected 3.x"},
       0,
       0},
      {"chunk signature",
       [](Log* log) { log->bytes[ChunkOffset(1)] = 0; },
       {1, 2, 3, 4, 5, 6, 7},
       {"0x11000 chunk: signature 006c6643686e6b00, expected ElfChnk"},
       1,
       0},
      {"chunk header checksum",
       [](Log* log) { log->bytes[ChunkOffset(1) + chunk::kStrings] ^= 1; },
       {1, 2, 3, 4, 5, 6, 7},
       {"0x1107c chunk: header checksum 0x"},
       1,
       0},
      {"records' checksum",
       [](Log* log) { log->bytes[log->At(4) + record::kWritten] ^= 1; },
       {1, 2, 3, 4, 5, 6, 7},
       {"0x11034 chunk: records' checksum 0x"},
       1,
       0},
      {"free space",
       [](Log* log) {
         StoreLe32(&log->bytes[ChunkOffset(1) + chunk::kFreeSpace], 7);
         FixChecksums(&log->bytes);
       },
       {1, 2, 3, 4, 5, 6, 7},
       {"0x11030 chunk: free space at 0x7 of 0x10000"},
       1,
       0},
      {"free space behind the records",
       [](Log* log) {
         StoreLe32(&log->bytes[ChunkOffset(2) + chunk::kFreeSpace], 0xFF00);
         FixChecksums(&log->bytes);
       },
       {1, 2, 3, 4, 5, 6, 7},
       {"record: signature 00000000, expected 2a2a0000, nor is one behind it"},
       0,
       1},
      {"record signature",
       [](Log* log) {
         log->bytes[log->At(4)] = 0;
         FixChecksums(&log->bytes);
       },
       {1, 2, 3, 4, 6, 7},
       {"record: signature 002a0000, expected 2a2a0000"},
       0,
       1},
      {"record size",
       [](Log* log) {
         StoreLe32(&log->bytes[log->At(4) + record::kSizeField], 0);
         FixChecksums(&log->bytes);
       },
       {1, 2, 3, 4, 6, 7},
       {"record: size 0x0 of 0x"},
       0,
       1},
      {"copy of the record size",
       [](Log* log) {
         StoreLe32(&log->bytes[log->At(5) - 4], 7);
         FixChecksums(&log->bytes);
       },
       {1, 2, 3, 4, 6, 7},
       {", its copy behind it 0x7"},
       0,
       1},
      {"last record of a chunk",
       [](Log* log) {
         log->bytes[log->At(5)] = 0;
         FixChecksums(&log->bytes);
       },
       {1, 2, 3, 4, 5, 7},
       {"nor is one behind it", "records 6 to 6 are in no chunk"},
       0,
       1},
      {"record id",
       [](Log* log) {
         StoreLe64(&log->bytes[log->At(4) + record::kId], 77);
         FixChecksums(&log->bytes);
       },
       {1, 2, 3, 4, 6, 7},
       {"record: id 77, the chunk holds 4 to 6 in order"},
       0,
       1},
      {"records that the chunk's header does not know",
       [](Log* log) {
         StoreLe64(&log->bytes[ChunkOffset(1) + chunk::kFirstId], 3);
         FixChecksums(&log->bytes);
       },
       {1, 2, 3, 4, 5, 6, 7},
       {"0x11000 chunk: holds records 4 to 6, its header says 3 to 6"},
       1,
       0},
      {"a chunk of zeros between others",
       [](Log* log) { log->bytes.replace(ChunkOffset(1), chunk::kSize, chunk::kSize, '\0'); },
       {1, 2, 3, 7},
       {"0x21000 records 4 to 6 are in no chunk"},
       0,
       0},
      {"a chunk copied over another one",
       [](Log* log) {
         log->bytes.replace(ChunkOffset(1), chunk::kSize,
                            log->bytes.substr(ChunkOffset(0), chunk::kSize));
       },
       {1, 2, 3, 1, 2, 3, 7},
       {"0x11000 records 1 to 3 are in another chunk, too", "records 4 to 6 are in no chunk"},
       0,
       0},
      {"cut in a chunk",
       [](Log* log) { log->bytes.resize(ChunkOffset(2) + chunk::kRecords + 40); },
       {1, 2, 3, 4, 5, 6},
       {"0x21000 chunk: cut at 0x21228, 552 of 65536 bytes", "nor is one behind it",
        "file header: the next record is 8, the last in a chunk 6"},
       1,
       1},
      {"cut between chunks",
       [](Log* log) { log->bytes.resize(ChunkOffset(2)); },
       {1, 2, 3, 4, 5, 6},
       {"0x2a file header: 3 chunks, the file ends after 2", "the next record is 8"},
       0,
       0},
      {"cut behind the file header",
       [](Log* log) { log->bytes.resize(file_header::kSize); },
       {},
       {"file header: 3 chunks, the file ends after 0"},
       0,
       0},
      {"cut in the file header",
       [](Log* log) { log->bytes.resize(100); },
       {},
       {"file header: cut at 100 of 4096 bytes"},
       0,
       0},
  };
  for (const DamageCase& c : cases) {
    Log log(7);
    c.spoil(&log);
    const Visited visited = Visit(log.bytes);
    EXPECT_EQ(visited.ids, c.ids) << c.name;
    EXPECT_EQ(visited.summary.bad_chunks, c.bad_chunks) << c.name;
    EXPECT_EQ(visited.summary.bad_records, c.bad_records) << c.name;
    ASSERT_EQ(visited.damage.size(), c.damage.size())
        << c.name << testing::PrintToString(visited.damage);
    for (size_t i = 0; i < c.damage.size(); ++i) {
      EXPECT_THAT(visited.damage[i], HasSubstr(c.damage[i])) << c.name;
    }
  }
}

// Without a header, only record ids tell a chunk's own records from stale copies of others.
TEST(EvtxTest, AChunkWithoutAHeaderDoesNotRepeatTheRecordsOfOthers) {
  Log log(7);
  const size_t size = log.At(6) - ChunkOffset(2);
  // The third chunk once held a copy of the first, and its header is lost.
  log.bytes.replace(log.At(6), chunk::kSize - size,
                    log.bytes.substr(log.At(0), chunk::kSize - size));
  log.bytes[ChunkOffset(2)] = 0;
  EXPECT_THAT(Visit(log.bytes).ids, ElementsAre(1, 2, 3, 4, 5, 6));
}

TEST(EvtxTest, WhatTheVisitorRefusesIsABadRecord) {
  const Log log(3);
  DamageLog damage;
  const auto summary = VisitRecords(
      log.bytes,
      [](const Record& record) {
        return record.id == 2 ? absl::DataLossError("no use") : absl::OkStatus();
      },
      &damage);
  ASSERT_TRUE(summary.ok());
  EXPECT_EQ(summary->records, 2u);
  EXPECT_EQ(summary->bad_records, 1u);
  EXPECT_EQ(damage.kept().at(0).offset, log.At(1));
  EXPECT_EQ(damage.kept().at(0).what, "record: id 2: no use");
}

TEST(EvtxTest, NoEventLog) {
  const std::string cases[] = {"", "ElfFil", std::string(70'000, '\0'), std::string(70'000, 'x')};
  for (const std::string& bytes : cases) {
    DamageLog damage;
    const auto summary = VisitRecords(
        bytes, [](const Record&) { return absl::OkStatus(); }, &damage);
    EXPECT_EQ(summary.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(summary.status().message()), HasSubstr("not an event log"));
  }
}

}  // namespace
}  // namespace patchgate::eventlog
