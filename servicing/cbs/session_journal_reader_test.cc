#include "servicing/cbs/session_journal_reader.h"

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "servicing/base/filetime.h"
#include "servicing/evidence/memory_source.h"
#include "servicing/text/mutations.h"

namespace patchgate::cbs {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

// The element of DOMAIN §4.5.
constexpr char kSession[] =
    "<Session version=\"1.0\" id=\"30018265_436341867\" client=\"WindowsUpdateAgent\" "
    "options=\"816\" currentPhase=\"1\" lastSuccessfulState=\"Complete\" pendingFollower=\"false\" "
    "retry=\"true\" Queued=\"2009/07/22/10:31:29\" Started=\"2009/07/22/10:31:29\" "
    "Complete=\"2009/07/22/10:31:45\" status=\"0x0\"><Tasks><Phase seq=\"1\"><package "
    "id=\"p\" name=\"KB972636\" targetState=\"Installed\" options=\"4\"/></Phase></Tasks><Actions>"
    "<Phase seq=\"1\" rebootRequired=\"false\"/></Actions></Session>";

SessionJournal Read(absl::string_view bytes) {
  SessionJournal facts;
  ReadSessionJournalBytes(bytes, &facts);
  return facts;
}

SessionJournal ReadSessions(absl::string_view sessions) {
  return Read(
      absl::StrCat("<?xml version=\"1.0\"?><Sessions version=\"1.0\">", sessions, "</Sessions>"));
}

TEST(SessionJournal, ReadsASession) {
  const SessionJournal facts = ReadSessions(kSession);
  EXPECT_EQ(facts.sessions_total(), 1u);
  EXPECT_THAT(facts.journal().gaps(), IsEmpty());
  ASSERT_EQ(facts.sessions_size(), 1);
  const JournalSession& session = facts.sessions(0);
  EXPECT_EQ(session.id(), "30018265_436341867");
  EXPECT_EQ(FormatFileTime(session.created_filetime()), "2009-07-22T14:31:29Z");
  EXPECT_EQ(session.client(), "WindowsUpdateAgent");
  EXPECT_EQ(session.last_successful_state(), "Complete");
  EXPECT_FALSE(session.pending_follower());
  ASSERT_TRUE(session.has_status());
  EXPECT_EQ(session.status(), 0u);
  EXPECT_EQ(FormatFileTime(session.complete().filetime()), "2009-07-22T10:31:45Z");
  EXPECT_TRUE(session.complete().local());
  EXPECT_TRUE(session.queued().local());
  EXPECT_TRUE(session.started().local());
  EXPECT_EQ(session.packages_total(), 1u);
  ASSERT_EQ(session.packages_size(), 1);
  EXPECT_EQ(session.packages(0).id(), "p");
  EXPECT_EQ(session.packages(0).name(), "KB972636");
  EXPECT_EQ(session.packages(0).target_state(), "Installed");
}

TEST(SessionJournal, Attributes) {
  const auto session = [](absl::string_view attributes) {
    return ReadSessions(absl::StrCat("<Session id=\"1_2\" ", attributes, "/>"));
  };
  EXPECT_EQ(session("status=\"0x800f0922\"").sessions(0).status(), 0x800F0922u);
  EXPECT_TRUE(session("pendingFollower=\"true\"").sessions(0).pending_follower());
  const SessionJournal unfinished = session("");
  EXPECT_FALSE(unfinished.sessions(0).has_complete());
  EXPECT_FALSE(unfinished.sessions(0).has_status());
  EXPECT_THAT(unfinished.journal().gaps(), IsEmpty());
  EXPECT_FALSE(session("Complete=\"\"").sessions(0).has_complete()) << "no time is no end";
  // An end that cannot be read is an end, but nobody knows when.
  const SessionJournal strange = session("Complete=\"soon\" status=\"none\"");
  EXPECT_TRUE(strange.sessions(0).has_complete());
  EXPECT_EQ(strange.sessions(0).complete().filetime(), 0u);
  EXPECT_FALSE(strange.sessions(0).has_status());
  EXPECT_EQ(strange.journal().gaps_size(), 2);
}

TEST(SessionJournal, DamageKeepsTheSessionsBefore) {
  const std::string two = absl::StrCat("<Sessions>", kSession, kSession);
  const std::string deep =
      absl::StrCat(two, absl::StrJoin(std::vector<std::string>(1'000, "<a>"), ""));
  const struct {
    const char* name;
    std::string bytes;
    const char* gap;
  } cases[] = {
      {"cut off", two, "no element found"},
      {"cut off in a tag", two + "<Session id=\"3", "unclosed token"},
      {"zeros", two + std::string(4096, '\0'), "not well-formed"},
      {"huge attribute", two + "<Session id=\"" + std::string(2 << 20, 'x') + "\"/>",
       "single token"},
      {"too deep", deep, "nested deeper"},
      {"other text behind", two + "</Sessions>{}", "line 1"},
  };
  for (const auto& c : cases) {
    const SessionJournal facts = Read(c.bytes);
    EXPECT_EQ(facts.sessions_total(), 2u) << c.name;
    ASSERT_EQ(facts.journal().gaps_size(), 1) << c.name;
    EXPECT_THAT(facts.journal().gaps(0).what(), HasSubstr(c.gap)) << c.name;
  }
  // Of a session that breaks off the start tag counts.
  EXPECT_EQ(Read("<Sessions><Session id=\"1_2\" status=\"0x1\"><Tas").sessions(0).status(), 1u);
}

TEST(SessionJournal, Roots) {
  EXPECT_THAT(Read("<Sessions/>").journal().gaps(), IsEmpty()) << "a new installation";
  EXPECT_EQ(Read(kSession).sessions_total(), 1u) << "the file of one session";
  EXPECT_EQ(Read("<Other/>").journal().gaps_size(), 1);
  EXPECT_EQ(Read("").journal().gaps_size(), 1);
  EXPECT_EQ(Read("<package/>").journal().gaps_size(), 1);
  EXPECT_EQ(Read("<!DOCTYPE a><Sessions/>").journal().gaps_size(), 1);
}

TEST(SessionJournal, KeepsTheLastSessionsAndStaysSmall) {
  const std::string junk(5'000, 'x');
  std::string sessions;
  for (int i = 0; i < 1'000; ++i) {
    absl::StrAppend(&sessions, "<Session id=\"", i, "\" client=\"", junk, "\" status=\"", junk,
                    "\">");
    for (int k = 0; k < 30; ++k) absl::StrAppend(&sessions, "<package name=\"", junk, "\"/>");
    sessions += "</Session>";
  }
  const SessionJournal facts = ReadSessions(sessions);
  EXPECT_EQ(facts.sessions_total(), 1'000u);
  ASSERT_EQ(facts.sessions_size(), 300);
  EXPECT_EQ(facts.sessions(0).id(), "700");
  EXPECT_EQ(facts.sessions(299).id(), "999");
  EXPECT_EQ(facts.sessions(0).packages_total(), 30u);
  EXPECT_EQ(facts.sessions(0).packages_size(), 10);
  EXPECT_LT(facts.ByteSizeLong(), 1u << 20);
}

TEST(SessionJournal, Mutations) {
  const std::string seed = absl::StrCat("<Sessions>", kSession, "</Sessions>");
  text::ForEachMutation(seed, [&](absl::string_view bytes) {
    const SessionJournal facts = Read(bytes);
    EXPECT_EQ(static_cast<uint64_t>(facts.sessions_size()), facts.sessions_total());
    if (bytes.size() < seed.size()) {
      EXPECT_TRUE(facts.sessions_total() == 1 || facts.journal().gaps_size() > 0) << bytes;
    }
    SessionJournal again;
    EXPECT_TRUE(again.ParseFromString(facts.SerializeAsString())) << bytes;
  });
}

TEST(ReadSessionJournal, ListsTheFiles) {
  evidence::MemorySource source;
  const std::string folder = "Windows/servicing/Sessions/";
  source.AddFile(folder + "Sessions.xml", absl::StrCat("<Sessions>", kSession, "</Sessions>"), 5);
  source.AddFile(folder + "31034770_648112869.xml", "abc", 6);
  source.AddFile(folder + "31034770_648112869_1.XML", "");
  source.AddFile(folder + "note.txt", "");
  source.AddDirectory(folder + "folder.xml");
  const SessionJournal facts = ReadSessionJournal(source);
  EXPECT_EQ(facts.collection().status(), Collection::COLLECTED);
  EXPECT_EQ(facts.journal().status(), Collection::COLLECTED);
  EXPECT_EQ(facts.journal().source(), folder + "Sessions.xml");
  EXPECT_EQ(facts.journal().modified_filetime(), 5u);
  EXPECT_EQ(facts.journal_size(), sizeof(kSession) - 1 + 21);
  EXPECT_EQ(facts.sessions_total(), 1u);
  ASSERT_EQ(facts.files_size(), 2);
  EXPECT_EQ(facts.files(0).name(), "31034770_648112869.xml");
  EXPECT_EQ(FormatFileTime(facts.files(0).created_filetime()), "2023-05-23T16:18:03Z");
  EXPECT_EQ(facts.files(0).size(), 3u);
  EXPECT_EQ(facts.files(0).modified_filetime(), 6u);
  EXPECT_EQ(facts.files(1).created_filetime(), 0u);
}

TEST(ReadSessionJournal, MissingAndUnreadable) {
  evidence::MemorySource empty;
  EXPECT_EQ(ReadSessionJournal(empty).collection().status(), Collection::ABSENT);
  EXPECT_EQ(ReadSessionJournal(empty).journal().status(), Collection::ABSENT);

  evidence::MemorySource denied;
  denied.AddFile("Windows/servicing/Sessions/Sessions.xml", "<Sessions/>");
  denied.AddError("Windows/servicing/Sessions/Sessions.xml", absl::PermissionDeniedError("no"));
  EXPECT_EQ(ReadSessionJournal(denied).collection().status(), Collection::COLLECTED);
  EXPECT_EQ(ReadSessionJournal(denied).journal().status(), Collection::UNREADABLE);

  evidence::MemorySource many;
  for (int i = 0; i < 1'200; ++i) {
    many.AddFile(absl::StrCat("Windows/servicing/Sessions/31034770_", i, ".xml"), "");
  }
  EXPECT_EQ(ReadSessionJournal(many).files_size(), 1'000);
  EXPECT_EQ(ReadSessionJournal(many).collection().gaps_size(), 1);
}

}  // namespace
}  // namespace patchgate::cbs
