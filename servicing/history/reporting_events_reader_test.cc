#include "servicing/history/reporting_events_reader.h"

#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "servicing/base/filetime.h"
#include "servicing/base/utf16.h"
#include "servicing/evidence/memory_source.h"
#include "servicing/text/mutations.h"

namespace patchgate::history {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

constexpr char kGuid[] = "{0A0B0C0D-0000-0000-0000-000000000001}";

// A line as DOMAIN §4.8 gives it.
std::string Line(absl::string_view event, absl::string_view result = "80070643",
                 absl::string_view time = "2017-12-12 19:46:19:636+0900") {
  return absl::StrCat(
      "{11111111-2222-3333-4444-555555555555}\t", time, "\t1\t", event, "\t101\t", kGuid, "\t201\t",
      result,
      "\tUpdateOrchestrator\tFailure\tContent Install\tInstallation Failure: Windows "
      "failed to install 2025-12 Cumulative Update (KB5072033)\tsession\r\n");
}

constexpr char kFailed[] = "182 [AGENT_INSTALLING_FAILED]";

ReportingEvents Read(absl::string_view bytes) {
  ReportingEvents facts;
  ReadReportingEventsBytes(bytes, &facts);
  return facts;
}

TEST(ReportingEvents, ReadsALineInEveryEncoding) {
  const struct {
    const char* encoding;
    std::string bytes;
  } cases[] = {
      {"UTF-8", Line(kFailed)},
      {"UTF-8", "\xEF\xBB\xBF" + Line(kFailed)},
      {"UTF-16LE", Utf8ToUtf16Le(Line(kFailed))},
      {"UTF-16LE", "\xFF\xFE" + Utf8ToUtf16Le(Line(kFailed))},
  };
  for (const auto& c : cases) {
    const ReportingEvents facts = Read(c.bytes);
    EXPECT_EQ(facts.encoding(), c.encoding);
    EXPECT_EQ(facts.lines(), 1u);
    EXPECT_EQ(facts.unknown_lines(), 0u);
    EXPECT_THAT(facts.collection().gaps(), IsEmpty());
    ASSERT_EQ(facts.events_size(), 1);
    const ReportingEvent& event = facts.events(0);
    EXPECT_EQ(FormatFileTime(event.filetime()), "2017-12-12T10:46:19Z");
    EXPECT_EQ(event.id(), 182u);
    EXPECT_EQ(event.name(), "AGENT_INSTALLING_FAILED");
    EXPECT_EQ(event.update_guid(), kGuid);
    EXPECT_EQ(event.revision(), 201u);
    EXPECT_EQ(event.result(), 0x80070643u);
    EXPECT_EQ(event.client(), "UpdateOrchestrator");
    EXPECT_EQ(event.kb(), "KB5072033");
  }
}

TEST(ReportingEvents, Zones) {
  const struct {
    const char *text, *utc;
  } cases[] = {
      {"2017-12-12 19:46:19:636+0900", "2017-12-12T10:46:19Z"},
      {"2017-12-12 19:46:19:636-0500", "2017-12-13T00:46:19Z"},
      {"2017-12-12 19:46:19:636+0000", "2017-12-12T19:46:19Z"},
      {"2017-12-12 19:46:19:636+0530", "2017-12-12T14:16:19Z"},
      {"2017-12-12 19:46:19:636-0330", "2017-12-12T23:16:19Z"},
      {"2017-12-12 19:46:19+1400", "2017-12-12T05:46:19Z"},
  };
  for (const auto& c : cases) {
    const ReportingEvents facts = Read(Line(kFailed, "0", c.text));
    ASSERT_EQ(facts.events_size(), 1) << c.text;
    EXPECT_EQ(FormatFileTime(facts.events(0).filetime()), c.utc) << c.text;
  }
  // Without a zone nobody knows when it was.
  for (const char* time : {"2017-12-12 19:46:19:636", "2017-12-12 19:46:19:636+1500",
                           "2017-12-12 19:46:19:636+0960", "2017-12-12 19:46:19:636+09x0",
                           "2017-13-12 19:46:19:636+0900", "", "1601-01-01 00:00:00:000+0900"}) {
    const ReportingEvents facts = Read(Line(kFailed, "0", time));
    EXPECT_EQ(facts.events_size(), 0) << time;
    EXPECT_EQ(facts.unknown_lines(), 1u) << time;
    EXPECT_GE(facts.collection().gaps_size(), 1) << time;
  }
}

TEST(ReportingEvents, OnlyInstallationsCount) {
  const struct {
    const char* event;
    bool kept;
  } cases[] = {
      {"181 [AGENT_INSTALLING_STARTED]", true},
      {"182 [AGENT_INSTALLING_FAILED]", true},
      {"183 [AGENT_INSTALLING_SUCCEEDED]", true},
      {"184 [AGENT_INSTALLING_PENDING]", true},
      {"200 [AGENT_INSTALL_COMPLETE_WITH_REBOOT]", true},
      {"182 []", true},
      {"147 [AGENT_DETECTION_FINISHED]", false},
      {"162 [AGENT_DOWNLOAD_SUCCEEDED]", false},
      {"0 []", false},
  };
  for (const auto& c : cases) {
    const ReportingEvents facts = Read(Line(c.event));
    EXPECT_EQ(facts.events_size(), c.kept ? 1 : 0) << c.event;
    EXPECT_EQ(facts.unknown_lines(), 0u) << c.event;
    EXPECT_THAT(facts.collection().gaps(), IsEmpty()) << c.event;
  }
  // Another event may be as it likes.
  EXPECT_EQ(Read("{a}\t\t\t147 [AGENT_DETECTION_FINISHED]").unknown_lines(), 0u);
}

TEST(ReportingEvents, UnknownLines) {
  const std::string good = Line(kFailed);
  const struct {
    const char* name;
    std::string bytes;
    int events, unknown, gaps;
  } cases[] = {
      {"nothing", "", 0, 0, 0},
      {"blank", "\r\n\r\n", 0, 0, 0},
      {"cut off", good + good.substr(0, 60), 1, 1, 0},
      {"cut off behind the event", good + good.substr(0, 130), 1, 1, 1},
      {"a line of its own in the message", absl::StrReplaceAll(good, {{"Windows ", "\r\n"}}), 1, 1,
       0},
      {"zeros", good + std::string(1'000, '\0'), 1, 1, 0},
      {"another file", "hello\nworld\n", 0, 2, 1},
      {"UTF-16BE", std::string("\xFE\xFF\0{\0a", 6), 0, 1, 1},
      {"no hexadecimal result", Line(kFailed, "S_OK"), 0, 1, 1},
      {"event without a number", Line("[AGENT_INSTALLING_FAILED]"), 0, 1, 1},
      {"event with a large number", Line("99999999999 [AGENT_INSTALLING_FAILED]"), 0, 1, 1},
  };
  for (const auto& c : cases) {
    const ReportingEvents facts = Read(c.bytes);
    EXPECT_EQ(facts.events_size(), c.events) << c.name;
    EXPECT_EQ(facts.unknown_lines(), static_cast<uint64_t>(c.unknown)) << c.name;
    EXPECT_EQ(facts.collection().gaps_size(), c.gaps) << c.name;
  }
}

TEST(ReportingEvents, ALongLogGivesAShortList) {
  std::string log;
  for (int i = 0; i < 6'000; ++i) log += Line(kFailed, absl::StrCat(i % 10));
  log += Line("183 [AGENT_INSTALLING_SUCCEEDED]", "0");
  for (int i = 0; i < 1'000'000; ++i) log += "x\n";
  const ReportingEvents facts = Read(log);
  EXPECT_EQ(facts.lines(), 1'006'001u);
  EXPECT_EQ(facts.unknown_lines(), 1'000'000u);
  EXPECT_EQ(facts.events_total(), 6'001u);
  ASSERT_EQ(facts.events_size(), 4'000);
  EXPECT_EQ(facts.events(3'999).id(), 183u) << "the last are kept, in the order of the file";
  EXPECT_LT(facts.ByteSizeLong(), 1u << 20);
}

TEST(ReportingEvents, HostileLinesStaySmall) {
  const std::string huge(5'000'000, '\xFF');
  std::string line = Line(kFailed);
  EXPECT_LT(Read(huge + line).ByteSizeLong(), 5'000u);
  EXPECT_LT(Read(std::string(5'000'000, '\t')).ByteSizeLong(), 5'000u);
  EXPECT_LT(Read(absl::StrReplaceAll(line, {{kGuid, huge}})).ByteSizeLong(), 5'000u);
  for (int i = 0; i < 1'000; ++i) line += Line(kFailed, "?");
  EXPECT_EQ(Read(line).collection().gaps_size(), 20);
}

TEST(ReportingEvents, Mutations) {
  for (const std::string& seed : {Line(kFailed), Utf8ToUtf16Le(Line(kFailed))}) {
    text::ForEachMutation(seed, [](absl::string_view bytes) {
      const ReportingEvents facts = Read(bytes);
      EXPECT_LE(facts.events_total() + facts.unknown_lines(), facts.lines());
      ReportingEvents again;
      EXPECT_TRUE(again.ParseFromString(facts.SerializeAsString())) << bytes;
    });
  }
}

TEST(ReadReportingEvents, OpensTheFile) {
  constexpr char kPath[] = "Windows/SoftwareDistribution/ReportingEvents.log";
  evidence::MemorySource source;
  EXPECT_EQ(ReadReportingEvents(source).collection().status(), Collection::ABSENT);
  source.AddFile(kPath, Line(kFailed), 9);
  EXPECT_EQ(ReadReportingEvents(source).collection().status(), Collection::COLLECTED);
  EXPECT_EQ(ReadReportingEvents(source).collection().modified_filetime(), 9u);
  EXPECT_EQ(ReadReportingEvents(source).events_size(), 1);
  source.AddError(kPath, absl::DataLossError("read error"));
  EXPECT_EQ(ReadReportingEvents(source).collection().status(), Collection::UNREADABLE);
}

}  // namespace
}  // namespace patchgate::history
