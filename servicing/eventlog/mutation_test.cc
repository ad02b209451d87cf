// Every byte of a small event log changed, and every length of it. Whatever comes of it: no crash,
// no read outside the file, and what a checksum covers never changes without a word.

#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "gtest/gtest.h"
#include "servicing/base/filetime.h"
#include "servicing/base/little_endian.h"
#include "servicing/eventlog/event_fixtures.h"
#include "servicing/eventlog/event_reader.h"
#include "servicing/eventlog/evtx_builder.h"
#include "servicing/eventlog/format.h"

namespace patchgate::eventlog {
namespace {

constexpr FileTime kTime = 134000000000000000;
constexpr unsigned char kMasks[] = {0x04, 0xFF};

struct Facts {
  std::string text;     // Of the lists.
  size_t entries = 0;   // In them.
  bool silent = false;  // Nothing was said about damage.
  bool readable = false;
};

Facts Read(absl::string_view bytes) {
  EventLogs logs;
  ReadEventLogFile("System.evtx", bytes, &logs);
  const Collection collection = logs.files(0).collection();
  Facts facts;
  facts.readable = collection.status() == Collection::COLLECTED;
  facts.silent = facts.readable && collection.gaps_size() == 0;
  EXPECT_TRUE(facts.readable || !collection.reason().empty());
  logs.clear_files();
  facts.entries = static_cast<size_t>(logs.servicing_size() + logs.update_client_size() +
                                      logs.boots_size() + logs.volumes_size());
  facts.text = logs.SerializeAsString();
  return facts;
}

// Two chunks of every kind of event.
struct SmallLog {
  SmallLog() {
    EvtxBuilder::Options options;
    options.max_records_per_chunk = 6;
    EvtxBuilder builder(options);
    AddBoot(kTime, &builder);
    AddUpdateClientEvent(kTime + 1, 20, "KB5072033", 0x80248007, &builder);
    AddVolumeState(kTime + 2, "C:", 0, &builder);
    AddServicingEvent(kTime + 3, 1, "KB5072033", 0, 112, 0, "UpdateAgentLCU", &builder);
    AddServicingEvent(kTime + 4, 3, "KB5072033", 0, 112, 0x800f0984, "UpdateAgentLCU", &builder);
    AddUnexpectedShutdown(kTime + 5, 0xED, &builder);
    bytes = builder.Build();
    facts = Read(bytes);
    for (size_t i = 0; i < builder.chunks(); ++i) {
      used.push_back(ChunkOffset(i) + LoadLe32(&bytes[ChunkOffset(i) + chunk::kFreeSpace]));
    }
  }

  bool IsCovered(size_t at) const {
    if (at < file_header::kSize) {
      return at < file_header::kFlags || (at >= file_header::kChecksum && at < 128);
    }
    const size_t i = (at - file_header::kSize) / chunk::kSize;
    const size_t inside = at - ChunkOffset(i);
    return at < used[i] && (inside < chunk::kFlags || inside >= chunk::kChecksum);
  }

  // Calls `visit` for every offset but the bulk of the unused ones.
  template <typename Visitor>
  void ForEachOffset(Visitor visit) const {
    for (size_t at = 0; at < bytes.size(); ++at) {
      const bool near = at < 256 || IsCovered(at) || (at > 64 && IsCovered(at - 64));
      if (near || at % 977 == 0) visit(at);
    }
  }

  std::string bytes;
  Facts facts;
  std::vector<size_t> used;  // File offsets of the chunks' free space.
};

TEST(MutationTest, EveryByte) {
  const SmallLog log;
  ASSERT_EQ(log.used.size(), 2u);
  ASSERT_EQ(log.facts.entries, 10u);
  ASSERT_TRUE(log.facts.silent);
  std::string bytes = log.bytes;
  size_t tried = 0, lost = 0;
  log.ForEachOffset([&](size_t at) {
    for (const unsigned char mask : kMasks) {
      ++tried;
      bytes[at] = static_cast<char>(bytes[at] ^ mask);
      const Facts facts = Read(bytes);
      EXPECT_TRUE(facts.readable) << "byte " << at;
      EXPECT_EQ(facts.silent, !log.IsCovered(at)) << "byte " << at << " ^ " << int{mask};
      if (facts.silent) {
        EXPECT_EQ(facts.text, log.facts.text) << "byte " << at;
      }
      if (facts.entries < log.facts.entries) ++lost;
      EXPECT_LE(facts.entries, log.facts.entries) << "byte " << at;
      EXPECT_GE(facts.entries + 6, log.facts.entries) << "byte " << at << " cost a sound chunk";
      bytes[at] = log.bytes[at];
    }
  });
  EXPECT_GT(tried, 10'000u);
  EXPECT_GT(lost, 500u);
}

// With the checksums made right again, as somebody who forges a log would.
TEST(MutationTest, EveryByteWithRightChecksums) {
  const SmallLog log;
  std::string bytes = log.bytes;
  size_t revealed = 0;
  log.ForEachOffset([&](size_t at) {
    if (!log.IsCovered(at)) return;
    bytes[at] = static_cast<char>(~bytes[at]);
    FixChecksums(&bytes);
    const Facts facts = Read(bytes);
    EXPECT_TRUE(facts.readable) << "byte " << at;
    EXPECT_LE(facts.entries, log.facts.entries) << "byte " << at;
    if (!facts.silent) ++revealed;
    bytes = log.bytes;
  });
  EXPECT_GT(revealed, 1'500u);
}

TEST(MutationTest, EveryLength) {
  const SmallLog log;
  size_t most = 0, tried = 0;
  log.ForEachOffset([&](size_t size) {
    ++tried;
    // Exact copies, so that a read beyond the end is one beyond the allocation.
    const std::string bytes = log.bytes.substr(0, size);
    const Facts facts = Read(bytes);
    EXPECT_EQ(facts.readable, size >= file_header::kSignature.size()) << "cut at " << size;
    EXPECT_FALSE(facts.silent) << "cut at " << size;
    EXPECT_GE(facts.entries, most) << "cut at " << size;
    most = facts.entries;
  });
  EXPECT_EQ(most, log.facts.entries);
  EXPECT_GT(tried, 5'000u);
}

}  // namespace
}  // namespace patchgate::eventlog
