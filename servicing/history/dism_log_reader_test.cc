#include "servicing/history/dism_log_reader.h"

#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "servicing/base/filetime.h"
#include "servicing/evidence/memory_source.h"
#include "servicing/text/mutations.h"

namespace patchgate::history {
namespace {

using testing::IsEmpty;

// A line as DOMAIN §4.8 gives it.
std::string Line(absl::string_view level, absl::string_view text,
                 absl::string_view time = "2023-05-17 08:32:31") {
  return absl::StrCat(time, ", ", level,
                      "                  DISM   DISM Package Manager: PID=1504 TID=1508 ", text,
                      "\r\n");
}

constexpr char kFinalize[] =
    "Failed finalizing changes. - CDISMPackageManager::Internal_Finalize(hr:0x800f081f)";

DismLog Read(absl::string_view bytes) {
  DismLog facts;
  ReadDismLogBytes(bytes, &facts);
  return facts;
}

TEST(DismLog, ReadsAnOutcome) {
  const std::string log = absl::StrCat(
      "\xEF\xBB\xBF", Line("Info", "Initialized.", "2023-05-17 08:00:00"), Line("Error", kFinalize),
      "a line that goes on\r\n", Line("Info", "Done.", "2023-05-17 09:00:00"));
  const DismLog facts = Read(log);
  EXPECT_EQ(facts.size(), log.size());
  EXPECT_EQ(facts.lines(), 4u);
  EXPECT_EQ(FormatFileTime(facts.first().filetime()), "2023-05-17T08:00:00Z");
  EXPECT_EQ(FormatFileTime(facts.last().filetime()), "2023-05-17T09:00:00Z");
  EXPECT_TRUE(facts.last().local());
  EXPECT_THAT(facts.collection().gaps(), IsEmpty());
  ASSERT_EQ(facts.outcomes_size(), 1);
  const DismOutcome& outcome = facts.outcomes(0);
  EXPECT_EQ(FormatFileTime(outcome.time().filetime()), "2023-05-17T08:32:31Z");
  EXPECT_TRUE(outcome.time().local());
  EXPECT_EQ(outcome.hresult(), 0x800F081Fu);
  EXPECT_EQ(outcome.method(), "CDISMPackageManager::Internal_Finalize");
  EXPECT_EQ(outcome.text(), "Failed finalizing changes.");
}

TEST(DismLog, WhatCountsAsAnOutcome) {
  const struct {
    const char *level, *text;
    bool kept;
    uint32_t result = 0;
    const char* message = "";
  } cases[] = {
      {"Error", kFinalize, true, 0x800F081F, "Failed finalizing changes."},
      {"Info", kFinalize, true, 0x800F081F, "Failed finalizing changes."},
      {"Error", "Failed to restore the image health.", true, 0,
       "Failed to restore the image health."},
      {"Error", "It - failed - CManager::Open(hr:0x80070002)", true, 0x80070002, "It - failed"},
      {"Error", "(hr:0x80070002)", true, 0x80070002, ""},
      {"Error", "Nothing to do. - CManager::Open(hr:0x0)", false},
      {"Error", "A word about (hr:unknown)", false},
      {"Error", "A word", false},
      {"Warning", "Failed to load. - CDISMProviderStore::Find(hr:0x80004005)", false},
      {"Info", "Not there. - CDISMProviderStore::Get(hr:0x80004005)", false},
      {"Warning", "It failed. - CTransactionImage::Commit(hr:0x80070005)", true, 0x80070005,
       "It failed."},
      {"Info", "Went well. - CManager::RestoreHealth(hr:0x0)", false},
      {"Info", "Committing the Error", false},
  };
  for (const auto& c : cases) {
    const DismLog facts = Read(Line(c.level, c.text));
    ASSERT_EQ(facts.outcomes_size(), c.kept ? 1 : 0) << c.level << ": " << c.text;
    if (!c.kept) continue;
    EXPECT_EQ(facts.outcomes(0).hresult(), c.result) << c.text;
    EXPECT_EQ(facts.outcomes(0).text(), c.message);
  }
}

TEST(DismLog, BrokenLines) {
  const struct {
    const char* name;
    std::string bytes;
    int outcomes, gaps;
  } cases[] = {
      {"nothing", "", 0, 0},
      {"no date", "hello\n", 0, 1},
      {"zeros", std::string(5'000, '\0'), 0, 1},
      {"cut off in the result", "2023-05-17 08:32:31, Error DISM TID=1 x - C::M(hr:0x8", 0, 0},
      {"cut off before the bracket", "2023-05-17 08:32:31, Error DISM TID=1 x - C::M(hr:0x80004005",
       1, 0},
      {"only a date", "2023-05-17 08:32:31", 0, 0},
      {"no level", "2023-05-17 08:32:31, ", 0, 0},
      {"short date", "2023-5-7 8:32:31, Error  TID=1", 0, 0},
      {"nothing behind the thread", "2023-05-17 08:32:31, Error TID=1(hr:0x80004005)", 1, 0},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(Read(c.bytes).outcomes_size(), c.outcomes) << c.name;
    EXPECT_EQ(Read(c.bytes).collection().gaps_size(), c.gaps) << c.name;
  }
}

TEST(DismLog, ALongLogGivesAShortList) {
  std::string log;
  for (int i = 0; i < 1'000'000; ++i) log += "2023-05-17 08:32:31, Info\n";
  for (int i = 0; i < 1'000; ++i) log += Line("Error", kFinalize);
  log += Line("Error", absl::StrCat(std::string(9'000, '\xFF'), " - ", std::string(9'000, 'M'),
                                    "(hr:0x80000001)"));
  log += std::string(1'000'000, 'x');
  const DismLog facts = Read(log);
  EXPECT_EQ(facts.lines(), 1'001'002u);
  ASSERT_EQ(facts.outcomes_size(), 300);
  EXPECT_EQ(facts.outcomes(299).hresult(), 0x80000001u);
  EXPECT_LT(facts.ByteSizeLong(), 50'000u);
}

TEST(DismLog, Mutations) {
  const std::string seed = Line("Error", kFinalize) + Line("Info", "Done. - C::M(hr:0x0)");
  text::ForEachMutation(seed, [](absl::string_view bytes) {
    const DismLog facts = Read(bytes);
    EXPECT_LE(static_cast<uint64_t>(facts.outcomes_size()), facts.lines());
    DismLog again;
    EXPECT_TRUE(again.ParseFromString(facts.SerializeAsString())) << bytes;
  });
}

TEST(ReadDismLog, OpensTheFile) {
  evidence::MemorySource source;
  EXPECT_EQ(ReadDismLog(source).collection().status(), Collection::ABSENT);
  source.AddFile("Windows/Logs/DISM/dism.log", Line("Error", kFinalize), 9);
  EXPECT_EQ(ReadDismLog(source).collection().status(), Collection::COLLECTED);
  EXPECT_EQ(ReadDismLog(source).outcomes_size(), 1);
  source.AddError("Windows/Logs/DISM", absl::PermissionDeniedError("no"));
  source.AddError("Windows/Logs/DISM/dism.log", absl::PermissionDeniedError("no"));
  EXPECT_EQ(ReadDismLog(source).collection().status(), Collection::UNREADABLE);
}

}  // namespace
}  // namespace patchgate::history
