#include "servicing/regf/recovery.h"

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "servicing/base/little_endian.h"
#include "servicing/regf/format.h"
#include "servicing/regf/hive_builder.h"
#include "servicing/regf/hive_dump.h"
#include "servicing/regf/log_builder.h"

namespace patchgate::regf {
namespace {

using absl::string_view;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr FileTime kWritten = 134'000'000'000'000'000;

// Four states of one hive, one flush apart. The primary file holds the first; its last whole write
// has sequence number 7, so log entries count from 8. The third state is larger, the fourth
// smaller.
const std::vector<std::string>& States() {
  static const auto* const states = [] {
    auto* result = new std::vector<std::string>;
    HiveBuilder::Options options;
    options.primary_sequence = options.secondary_sequence = 7;
    options.last_written = kWritten;
    HiveBuilder builder(options);
    HiveBuilder::Key* key = builder.root()->AddKey("State");
    key->SetBinary("Ballast", std::string(12'000, 'a'));
    result->push_back(builder.Build());
    key->SetDword("Step", 1);
    result->push_back(builder.Build());
    key->SetDword("Step", 2)->SetBinary("Ballast", std::string(30'000, 'b'));
    result->push_back(builder.Build());
    key->SetDword("Step", 3)->SetBinary("Ballast", std::string(9'000, 'c'));
    result->push_back(builder.Build());
    return result;
  }();
  return *states;
}

std::string DirtyPrimary() { return Dirty(States()[0], 8, 7); }

// The entries of states `from`+1 to `to`, numbered 8, 9, 10 as the states are.
std::vector<LogEntry> Entries(int from, int to) {
  return DiffStates({States().begin() + from, States().begin() + to + 1},
                    static_cast<uint32_t>(8 + from));
}

// A log with those entries, whose base block starts with the first of them.
std::string Log(int from, int to) {
  return NewLog(States()[from + 1], static_cast<uint32_t>(8 + from), Entries(from, to));
}

std::vector<LogEntry> Concat(std::vector<LogEntry> a, const std::vector<LogEntry>& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

// One entry whose page is placed at `offset` of a hive of `hive_bins_size` bytes.
std::string LogWithPage(uint32_t offset, size_t page_size, uint32_t hive_bins_size) {
  LogEntry entry;
  entry.sequence = 8;
  entry.hive_bins_size = hive_bins_size;
  entry.pages.push_back({offset, std::string(page_size, 'x')});
  return NewLog(States()[0], 8, {entry});
}

uint32_t BinsSize(string_view file) { return LoadLe32(file.data() + base_block::kHiveBinsSize); }

string_view Bins(string_view file) { return file.substr(base_block::kSize, BinsSize(file)); }

struct RecoveryCase {
  const char* name;
  std::string primary;
  std::vector<std::string> logs;
  HiveState state;
  int equals;  // The state whose hive bins data results.
  uint32_t entries_applied;
  std::vector<const char*> notes;  // A part of each log's note; "" for none.
  bool base_block_recovered;
};

RecoveryCase Case(const char* name, std::string primary, std::vector<std::string> logs,
                  HiveState state, int equals, uint32_t entries_applied = 0,
                  std::vector<const char*> notes = {}, bool base_block_recovered = false) {
  return {name,   std::move(primary), std::move(logs),  state,
          equals, entries_applied,    std::move(notes), base_block_recovered};
}

void PrintTo(const RecoveryCase& c, std::ostream* os) { *os << c.name; }

class RecoveryTest : public testing::TestWithParam<RecoveryCase> {};

TEST_P(RecoveryTest, Recovers) {
  const RecoveryCase& c = GetParam();
  const absl::StatusOr<RecoveredImage> image = Recover(FilesOf(c.primary, c.logs), true);
  ASSERT_TRUE(image.ok()) << image.status();
  const RecoveryReport& report = image->report;
  EXPECT_STREQ(HiveStateName(report.state), HiveStateName(c.state));
  EXPECT_EQ(report.dirty, c.state != HiveState::kClean);
  EXPECT_EQ(report.entries_applied, c.entries_applied);
  EXPECT_EQ(report.base_block_recovered, c.base_block_recovered);

  const std::string& expected = States()[c.equals];
  ASSERT_EQ(BinsSize(image->bytes), BinsSize(expected));
  EXPECT_TRUE(Bins(image->bytes) == Bins(expected)) << "hive bins data differ";
  if (c.state == HiveState::kReplayed) {
    EXPECT_EQ(LoadLe32(image->bytes.data() + base_block::kChecksum),
              BaseBlockChecksum(image->bytes));
    EXPECT_EQ(LoadLe32(image->bytes.data() + base_block::kFileType), kPrimaryFile);
  }

  ASSERT_EQ(report.logs.size(), c.logs.size());
  ASSERT_EQ(c.notes.size(), c.logs.size()) << "the case must say a note for each log";
  uint32_t entries = 0, pages = 0;
  for (size_t i = 0; i < c.logs.size(); ++i) {
    EXPECT_EQ(report.logs[i].name, absl::StrCat("HIVE.LOG", i + 1));
    if (*c.notes[i] == '\0') {
      EXPECT_THAT(report.logs[i].note, IsEmpty());
    } else {
      EXPECT_THAT(report.logs[i].note, HasSubstr(c.notes[i]));
    }
    entries += report.logs[i].entries_applied;
    pages += report.logs[i].pages_applied;
  }
  EXPECT_EQ(report.entries_applied, entries);
  EXPECT_EQ(report.pages_applied, pages);
  EXPECT_EQ(pages > 0, c.entries_applied > 0);
}

std::string CaseName(const testing::TestParamInfo<RecoveryCase>& info) { return info.param.name; }

constexpr HiveState kClean = HiveState::kClean;
constexpr HiveState kReplayed = HiveState::kReplayed;
constexpr HiveState kStale = HiveState::kPossiblyStale;

INSTANTIATE_TEST_SUITE_P(
    WhichLogs, RecoveryTest,
    testing::Values(
        Case("CleanHiveWithoutLogs", States()[0], {}, kClean, 0),
        Case("CleanHiveIgnoresNewerEntries", States()[0], {Log(0, 3)}, kClean, 0, 0, {""}),
        Case("DirtyWithoutLogs", DirtyPrimary(), {}, kStale, 0),
        Case("DirtyWithEmptyLogs", DirtyPrimary(), {"", std::string(8192, '\0')}, kStale, 0, 0,
             {"", ""}),
        Case("OneEntry", DirtyPrimary(), {Log(0, 1)}, kReplayed, 1, 1, {""}),
        Case("HiveGrows", DirtyPrimary(), {Log(0, 2)}, kReplayed, 2, 2, {""}),
        Case("HiveGrowsAndShrinks", DirtyPrimary(), {Log(0, 3)}, kReplayed, 3, 3, {""}),
        Case("SecondLogOnly", DirtyPrimary(), {"", Log(0, 3)}, kReplayed, 3, 3, {"", ""}),
        Case("BothLogsInOrder", DirtyPrimary(), {Log(0, 1), Log(1, 3)}, kReplayed, 3, 3, {"", ""}),
        Case("SecondLogIsEarlier", DirtyPrimary(), {Log(2, 3), Log(0, 2)}, kReplayed, 3, 3,
             {"", ""}),
        Case("GapBetweenLogs", DirtyPrimary(), {Log(0, 1), Log(2, 3)}, kStale, 1, 1,
             {"", "first sequence number 10 does not follow 8"}),
        Case("GapWithinLog", DirtyPrimary(),
             {NewLog(States()[1], 8, Concat(Entries(0, 1), Entries(2, 3)))}, kStale, 1, 1,
             {"sequence number 10, expected 9"}),
        Case("FirstEntryIsNotTheBaseBlocks", DirtyPrimary(),
             {NewLog(States()[1], 8, Entries(1, 3))}, kStale, 0, 0,
             {"sequence number 9, expected 8"}),
        // An older round's entries lie behind the current ones in a reused file: no fault.
        Case("RemnantsOfAnOlderRound", DirtyPrimary(),
             {NewLog(States()[1], 8,
                     Concat(Entries(0, 2), DiffStates({States()[3], States()[0]}, 3)))},
             kReplayed, 2, 2, {""}),
        Case("StaleLog", DirtyPrimary(),
             {NewLog(States()[1], 6, DiffStates({States()[2], States()[3]}, 6))}, kStale, 0, 0,
             {"stale: first sequence number 6 is below the hive's 7"}),
        Case("StaleLogBesideAGoodOne", DirtyPrimary(),
             {NewLog(States()[1], 5, DiffStates({States()[2], States()[3]}, 5)), Log(0, 2)},
             kReplayed, 2, 2, {"stale", ""}),
        // The chain goes on in the other log where this one breaks off.
        Case("BrokenLogIsContinuedByTheOther", DirtyPrimary(), {BreakPage(Log(0, 2), 1), Log(1, 3)},
             kReplayed, 3, 3, {"Hash-1 is wrong", ""}),
        Case("BrokenLogLeavesAGap", DirtyPrimary(), {BreakPage(Log(0, 2), 1), Log(2, 3)}, kStale, 1,
             1, {"Hash-1 is wrong", "does not follow 8"}),
        // Only sequence numbers tie a new log to its hive, so these keep the wrong log out.
        Case("LogOfAnotherHiveBelowOurSequence", Dirty(States()[0], 1000, 999), {Log(0, 3)}, kStale,
             0, 0, {"stale: first sequence number 8 is below the hive's 999"})),
    CaseName);

INSTANTIATE_TEST_SUITE_P(
    BrokenNewLogs, RecoveryTest,
    testing::Values(
        Case("TornLastEntry", DirtyPrimary(), {TearEntry(Log(0, 3), 2)}, kStale, 2, 2,
             {"torn write"}),
        Case("TornEntryHeader", DirtyPrimary(),
             {Log(0, 3).substr(0, EntryOffset(Log(0, 3), 2) + 20)}, kStale, 2, 2,
             {"truncated header"}),
        Case("EndsBetweenEntries", DirtyPrimary(), {Log(0, 3).substr(0, EntryOffset(Log(0, 3), 2))},
             kReplayed, 2, 2, {""}),
        Case("BaseBlockOnly", DirtyPrimary(), {Log(0, 3).substr(0, log::kStart)}, kStale, 0, 0,
             {""}),
        Case("ShorterThanItsBaseBlock", DirtyPrimary(), {Log(0, 3).substr(0, 511)}, kStale, 0, 0,
             {"no base block at 0x0"}),
        Case("Hash1", DirtyPrimary(), {BreakHash1(Log(0, 3), 1)}, kStale, 1, 1,
             {"Hash-1 is wrong"}),
        Case("Hash2", DirtyPrimary(), {BreakHash2(Log(0, 3), 1)}, kStale, 1, 1,
             {"Hash-2 is wrong"}),
        Case("PageBytes", DirtyPrimary(), {BreakPage(Log(0, 3), 2)}, kStale, 2, 2,
             {"Hash-1 is wrong"}),
        Case("FirstEntry", DirtyPrimary(), {BreakHash1(Log(0, 3), 0)}, kStale, 0, 0,
             {"entry at 0x200: Hash-1 is wrong"}),
        Case("BaseBlockChecksum", DirtyPrimary(), {BreakChecksum(Log(0, 3))}, kStale, 0, 0,
             {"base-block checksum at 0x1fc is wrong"}),
        Case("BaseBlockSignature", DirtyPrimary(), {BreakSignature(Log(0, 3))}, kStale, 0, 0,
             {"no base block at 0x0"}),
        Case("FileType", DirtyPrimary(), {WithBaseBlockField(Log(0, 3), base_block::kFileType, 0)},
             kStale, 0, 0, {"file type 0 at 0x1c is not a log"}),
        Case("EntrySizeZero", DirtyPrimary(), {WithEntryField(Log(0, 3), 1, log::kEntrySize, 0)},
             kStale, 1, 1, {"size 0x0 is not a multiple of 512"}),
        Case("EntrySizeUneven", DirtyPrimary(),
             {WithEntryField(Log(0, 3), 1, log::kEntrySize, 0x1001)}, kStale, 1, 1,
             {"size 0x1001 is not a multiple of 512"}),
        Case("EntrySizeHuge", DirtyPrimary(),
             {WithEntryField(Log(0, 3), 1, log::kEntrySize, 0xFFFFFE00)}, kStale, 1, 1,
             {"ends behind the file"}),
        Case("PageCountHuge", DirtyPrimary(),
             {WithEntryField(Log(0, 3), 1, log::kEntryPageCount, 0xFFFFFFFF)}, kStale, 1, 1,
             {"dirty page count 4294967295 exceeds the entry"}),
        Case("HiveBinsSizeUneven", DirtyPrimary(),
             {WithEntryField(Log(0, 3), 1, log::kEntryHiveBinsSize, 4097)}, kStale, 1, 1,
             {"0x1001 is not a multiple of 4096"}),
        Case("HiveBinsSizeHuge", DirtyPrimary(), {LogWithPage(0, 4096, 0xFFFFF000)}, kStale, 0, 0,
             {"hive bins data size 0xfffff000 exceeds"}),
        Case("PageBehindTheHive", DirtyPrimary(), {LogWithPage(0x2000, 4096, 0x2000)}, kStale, 0, 0,
             {"page 0 at 0x2000, 0x1000 bytes, lies behind the hive bins data"}),
        Case("PageOffsetWrapsAround", DirtyPrimary(), {LogWithPage(0xFFFFF000, 0x2000, 0x2000)},
             kStale, 0, 0, {"lies behind the hive bins data"}),
        Case("PageLongerThanItsEntry", DirtyPrimary(),
             {WithEntryField(LogWithPage(0, 512, 0x4000), 0, log::kEntryHeaderSize + 4, 0x4000)},
             kStale, 0, 0, {"page 0 ends behind the entry"})),
    CaseName);

INSTANTIATE_TEST_SUITE_P(
    BrokenBaseBlocks, RecoveryTest,
    testing::Values(
        Case("ChecksumWithoutLogs", BreakChecksum(States()[0]), {}, kStale, 0),
        Case("ChecksumWithLog", BreakChecksum(States()[0]), {Log(0, 2)}, kReplayed, 2, 2, {""},
             true),
        // Nothing says what the primary file holds already: only the latest log is used.
        Case("ChecksumWithTwoLogs", BreakChecksum(States()[1]), {Log(1, 3), Log(0, 1)}, kReplayed,
             3, 2, {"", "older than the log that replaces the base block"}, true),
        Case("SignatureWithLog", BreakSignature(States()[0]), {Log(0, 2)}, kReplayed, 2, 2, {""},
             true),
        Case("ZeroedPageWithLog",
             std::string(base_block::kSize, '\0') + States()[0].substr(base_block::kSize),
             {Log(0, 2)}, kReplayed, 2, 2, {""}, true),
        Case("ChecksumWithBadLog", BreakChecksum(States()[0]), {BreakHash2(Log(0, 2), 0)}, kStale,
             0, 0, {"Hash-2 is wrong"})),
    CaseName);

OldLogOptions Old(uint32_t primary_sequence, uint32_t secondary_sequence,
                  FileTime last_written = kWritten, uint32_t file_type = kOldLog) {
  OldLogOptions options;
  options.primary_sequence = primary_sequence;
  options.secondary_sequence = secondary_sequence;
  options.last_written = last_written;
  options.file_type = file_type;
  return options;
}

std::string DirtLog(int to, const OldLogOptions& options) {
  return OldLog(States()[0], States()[to], options);
}

INSTANTIATE_TEST_SUITE_P(
    OldLogs, RecoveryTest,
    testing::Values(
        Case("Applied", DirtyPrimary(), {DirtLog(1, Old(8, 8))}, kReplayed, 1, 1, {""}),
        Case("Grows", DirtyPrimary(), {DirtLog(2, Old(8, 8))}, kReplayed, 2, 1, {""}),
        Case("OneBehindAsUpToServer2003", DirtyPrimary(), {DirtLog(1, Old(7, 7))}, kReplayed, 1, 1,
             {""}),
        Case("OfWindows2000", DirtyPrimary(), {DirtLog(1, Old(8, 8, kWritten, kVeryOldLog))},
             kReplayed, 1, 1, {""}),
        Case("CleanHiveIgnoresIt", States()[0], {DirtLog(1, Old(8, 8))}, kClean, 0, 0, {""}),
        Case("OfAnotherHive", DirtyPrimary(), {DirtLog(1, Old(8, 8, kWritten + 1))}, kStale, 0, 0,
             {"last-written time"}),
        Case("OfAnotherWrite", DirtyPrimary(), {DirtLog(1, Old(5, 5))}, kStale, 0, 0,
             {"sequence number 5 is not that of the hive's last write, 8"}),
        Case("SequenceNumbersDiffer", DirtyPrimary(), {DirtLog(1, Old(8, 7))}, kStale, 0, 0,
             {"sequence numbers 8 and 7 differ"}),
        Case("UnfitBesideAFitOne", DirtyPrimary(), {DirtLog(2, Old(5, 5)), DirtLog(1, Old(8, 8))},
             kReplayed, 1, 1, {"sequence number 5", ""}),
        Case("TornPages", DirtyPrimary(),
             {DirtLog(1, Old(8, 8)).substr(0, DirtLog(1, Old(8, 8)).size() - 1)}, kStale, 0, 0,
             {"dirty pages end at"}),
        Case("TornDirtyVector", DirtyPrimary(), {DirtLog(1, Old(8, 8)).substr(0, log::kStart + 4)},
             kStale, 0, 0, {"dirty vector of 4 bytes ends behind the file"}),
        Case("NoDirtyVector", DirtyPrimary(),
             {DirtLog(1, Old(8, 8)).substr(0, log::kStart) + std::string(8192, '\0')}, kStale, 0, 0,
             {"no DIRT signature at 0x200"}),
        Case("HiveBinsSizeHuge", DirtyPrimary(),
             {WithBaseBlockField(DirtLog(1, Old(8, 8)), base_block::kHiveBinsSize, 0xFFFFF000)},
             kStale, 0, 0, {"ends behind the file"}),
        // The first bin's copy of the last-written time stands in for the base block's.
        Case("InvalidBaseBlock", BreakChecksum(DirtyPrimary()), {DirtLog(1, Old(8, 8))}, kReplayed,
             1, 1, {""}, true),
        Case("InvalidBaseBlockOfAnotherHive", BreakChecksum(DirtyPrimary()),
             {DirtLog(1, Old(8, 8, kWritten + 1))}, kStale, 0, 0, {"last-written time"}),
        Case("NewLogComesFirst", DirtyPrimary(), {DirtLog(1, Old(8, 8)), Log(0, 2)}, kReplayed, 2,
             2, {"", ""})),
    CaseName);

struct ErrorCase {
  const char* name;
  std::string primary;
  absl::StatusCode code;
  const char* message;
};

void PrintTo(const ErrorCase& c, std::ostream* os) { *os << c.name; }

class RecoveryErrorTest : public testing::TestWithParam<ErrorCase> {};

TEST_P(RecoveryErrorTest, Refuses) {
  const absl::StatusOr<RecoveredImage> image = Recover(FilesOf(GetParam().primary), true);
  EXPECT_EQ(image.status().code(), GetParam().code);
  EXPECT_THAT(std::string(image.status().message()), HasSubstr(GetParam().message));
  EXPECT_THAT(std::string(image.status().message()), HasSubstr("hive HIVE"));
}

INSTANTIATE_TEST_SUITE_P(
    All, RecoveryErrorTest,
    testing::Values(ErrorCase{"Empty", "", absl::StatusCode::kDataLoss, "the file is empty"},
                    ErrorCase{"TooShort", States()[0].substr(0, 511), absl::StatusCode::kDataLoss,
                              "511 bytes are too short"},
                    ErrorCase{"NoHive", "PK" + States()[0].substr(2), absl::StatusCode::kDataLoss,
                              "signature 0x66674b50 at 0x0 is not \"regf\""},
                    ErrorCase{"NewLog", Log(0, 1), absl::StatusCode::kInvalidArgument,
                              "file type 6 at 0x1c is a transaction log"},
                    ErrorCase{"OldLog", DirtLog(1, Old(8, 8)), absl::StatusCode::kInvalidArgument,
                              "file type 1 at 0x1c is a transaction log"}),
    [](const auto& info) { return info.param.name; });

TEST(RecoveryReportTest, SaysWhatWasStoredAndApplied) {
  const std::string primary = DirtyPrimary();
  const std::vector<std::string> logs = {Log(1, 3), Log(0, 1)};
  const absl::StatusOr<RecoveredImage> image = Recover(FilesOf(primary, logs), true);
  ASSERT_TRUE(image.ok()) << image.status();
  const RecoveryReport& report = image->report;
  EXPECT_EQ(report.primary_sequence, 8u);
  EXPECT_EQ(report.secondary_sequence, 7u);
  EXPECT_TRUE(report.checksum_valid);
  ASSERT_EQ(report.logs.size(), 2u);
  EXPECT_STREQ(LogKindName(report.logs[0].kind), "new");
  EXPECT_EQ(report.logs[0].first_sequence, 9u);
  EXPECT_EQ(report.logs[0].last_sequence, 10u);
  EXPECT_EQ(report.logs[0].entries_applied, 2u);
  EXPECT_EQ(report.logs[1].first_sequence, 8u);
  EXPECT_EQ(report.logs[1].last_sequence, 8u);
  EXPECT_EQ(report.logs[1].pages_applied, Entries(0, 1)[0].pages.size());
  // Windows writes the sequence numbers only when it writes the recovered hive.
  EXPECT_EQ(LoadLe32(image->bytes.data() + base_block::kPrimarySequence), 8u);
  EXPECT_EQ(LoadLe32(image->bytes.data() + base_block::kSecondarySequence), 7u);
}

TEST(RecoveryReportTest, NamesLogKinds) {
  const std::string primary = DirtyPrimary();
  const std::vector<std::string> logs = {Log(0, 1), DirtLog(1, Old(8, 8)), "", "junk"};
  const absl::StatusOr<RecoveredImage> image = Recover(FilesOf(primary, logs), true);
  ASSERT_TRUE(image.ok()) << image.status();
  std::vector<std::string> kinds;
  for (const LogOutcome& log : image->report.logs) kinds.push_back(LogKindName(log.kind));
  EXPECT_THAT(kinds, testing::ElementsAre("new", "old", "empty", "unreadable"));
}

TEST(RecoveryTest, WithoutReplayDescribesTheLogsAndLeavesTheHiveAsStored) {
  const std::string primary = DirtyPrimary();
  const std::vector<std::string> logs = {Log(0, 1), DirtLog(1, Old(8, 8))};
  const absl::StatusOr<RecoveredImage> image = Recover(FilesOf(primary, logs), false);
  ASSERT_TRUE(image.ok()) << image.status();
  EXPECT_EQ(image->bytes.data(), primary.data());
  EXPECT_STREQ(HiveStateName(image->report.state), "possibly-stale");
  EXPECT_EQ(image->report.entries_applied, 0u);
  EXPECT_STREQ(LogKindName(image->report.logs[0].kind), "new");
  EXPECT_STREQ(LogKindName(image->report.logs[1].kind), "old");
}

// Nothing in a new log names its hive. One whose sequence numbers fit is applied, by Windows too.
TEST(RecoveryTest, NewLogOfAnotherHiveIsAppliedWhenItsSequenceNumbersFit) {
  HiveBuilder other;
  const std::string before = other.Build();
  other.root()->SetBinary("Foreign", std::string(3000, 'f'));
  const std::string after = other.Build();
  const std::string primary = DirtyPrimary();
  const std::vector<std::string> logs = {NewLog(after, 8, DiffStates({before, after}, 8))};
  const absl::StatusOr<RecoveredImage> image = Recover(FilesOf(primary, logs), true);
  ASSERT_TRUE(image.ok()) << image.status();
  EXPECT_STREQ(HiveStateName(image->report.state), "replayed");
  EXPECT_EQ(Bins(image->bytes), Bins(after));
}

TEST(RecoveryTest, EmptyPrimaryFileIsRebuiltFromALogThatHoldsAllOfIt) {
  const std::string& state = States()[0];
  const std::string nothing =
      state.substr(0, base_block::kSize) + std::string(state.size() - base_block::kSize, '\0');
  const std::vector<std::string> logs = {NewLog(state, 8, DiffStates({nothing, state}, 8))};
  const absl::StatusOr<RecoveredImage> image = Recover(FilesOf("", logs), true);
  ASSERT_TRUE(image.ok()) << image.status();
  EXPECT_TRUE(image->report.base_block_recovered);
  EXPECT_EQ(Bins(image->bytes), Bins(state));
}

TEST(WritableImageTest, IsAskedForOnceAndBacksTheResult) {
  const std::string primary = DirtyPrimary();
  const std::vector<std::string> logs = {Log(0, 3)};
  HiveFiles files = FilesOf(primary, logs);
  std::vector<size_t> asked;
  std::string storage;
  files.writable_image = [&](size_t size) -> absl::StatusOr<absl::Span<char>> {
    asked.push_back(size);
    storage = primary;
    storage.resize(size, '\0');
    return absl::MakeSpan(&storage[0], storage.size());
  };
  const absl::StatusOr<RecoveredImage> image = Recover(files, true);
  ASSERT_TRUE(image.ok()) << image.status();
  // The largest state that replay goes through.
  EXPECT_THAT(asked, testing::ElementsAre(States()[2].size()));
  EXPECT_EQ(image->bytes.data(), storage.data());
  EXPECT_TRUE(image->owned.empty());
  EXPECT_EQ(Bins(image->bytes), Bins(States()[3]));
  EXPECT_EQ(primary, DirtyPrimary()) << "the file itself was written";
}

TEST(WritableImageTest, IsNotAskedForWhereNoLogApplies) {
  const std::vector<std::string> logs = {Log(0, 3)};
  const std::vector<std::string> broken = {BreakHash1(Log(0, 3), 0)};
  const std::string dirty = DirtyPrimary();
  for (HiveFiles files : {FilesOf(States()[0], logs), FilesOf(dirty, broken), FilesOf(dirty)}) {
    files.writable_image = [](size_t) -> absl::StatusOr<absl::Span<char>> {
      ADD_FAILURE() << "asked for a writable image";
      return absl::InternalError("");
    };
    EXPECT_TRUE(Recover(files, true).ok());
  }
}

TEST(WritableImageTest, WithoutMemoryTheHiveIsPossiblyStale) {
  const std::string primary = DirtyPrimary();
  const std::vector<std::string> logs = {Log(0, 3)};
  HiveFiles files = FilesOf(primary, logs);
  files.writable_image = [](size_t) -> absl::StatusOr<absl::Span<char>> {
    return absl::ResourceExhaustedError("no memory");
  };
  const absl::StatusOr<RecoveredImage> image = Recover(files, true);
  ASSERT_TRUE(image.ok()) << image.status();
  EXPECT_STREQ(HiveStateName(image->report.state), "possibly-stale");
  EXPECT_THAT(image->report.logs[0].note, HasSubstr("no memory"));
  EXPECT_EQ(image->bytes, primary);
}

}  // namespace
}  // namespace patchgate::regf
