#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "servicing/base/utf16.h"
#include "servicing/cbs/cbs_reader.h"
#include "servicing/cbs/pending_reader.h"

namespace patchgate::cbs {
namespace {

using namespace std::string_literals;

TEST(SessionTime, DecodesIds) {
  // Ids and times of real hosts (DOMAIN §1.2).
  const struct {
    const char *id, *time;
  } cases[] = {
      {"31034770_648112869", "2023-05-23T16:18:03Z"},
      {"31176359_247790115", "2025-04-26T12:30:56Z"},
      {"30792643_2984787731", "2020-02-05T01:29:22Z"},
      {"30018265_436341867", "2009-07-22T14:31:29Z"},
      {"31171520_2564643148", "2025-04-02T11:15:53Z"},
  };
  for (const auto& c : cases) {
    const auto time = SessionTime(c.id);
    ASSERT_TRUE(time.has_value()) << c.id;
    EXPECT_EQ(FormatFileTime(*time), c.time);
  }
  for (const char* id : {"", "_", "1", "1_", "1_2_3", "a_b", "4294967296_1", "-1_2"}) {
    EXPECT_FALSE(SessionTime(id).has_value()) << id;
  }
}

TEST(IdentifierTime, DecodesTheRealSample) {
  // The sample of DOMAIN §4.2, written by servicing stack 10.0.22621.2567.
  EXPECT_EQ(FormatFileTime(IdentifierTime("916ae75edb30da0146730000dc1be027")),
            "2023-12-17T11:22:50Z");
  for (const char* id : {"", "916ae75edb30da01", "zz6ae75edb30da0146730000dc1be027",
                         "00000000000000000000000000000000", "ffffffffffffffffffffffffffffffff"}) {
    EXPECT_EQ(IdentifierTime(id), 0u) << id;
  }
}

std::string Show(const std::vector<FileRename>& renames) {
  std::string text;
  for (const FileRename& r : renames) {
    absl::StrAppend(&text, r.source(), " -> ", r.destination(), r.replace_existing() ? " !" : "",
                    "; ");
  }
  return text;
}

TEST(ParseFileRenames, PairsDeletionsAndMarkers) {
  const struct {
    const char* name;
    std::string data;
    const char* expected;
  } cases[] = {
      {"nothing", "", ""},
      {"deletion", "\\??\\C:\\a.tmp\0\0\0"s, "C:\\a.tmp -> ; "},
      {"rename", "\\??\\C:\\a\0\\??\\C:\\b\0\0"s, "C:\\a -> C:\\b; "},
      {"replace", "\\??\\C:\\a\0!\\??\\C:\\b\0\0"s, "C:\\a -> C:\\b !; "},
      {"source marker", "*1\\??\\C:\\a\0\\??\\C:\\b\0\0"s, "C:\\a -> C:\\b; "},
      {"deletion before a rename", "\\??\\C:\\a\0\0\\??\\C:\\b\0\\??\\C:\\c\0\0"s,
       "C:\\a -> ; C:\\b -> C:\\c; "},
      {"two deletions", "\\??\\C:\\a\0\0\\??\\C:\\b\0\0\0"s, "C:\\a -> ; C:\\b -> ; "},
      {"cut off", "\\??\\C:\\a\0\\??\\C:\\b"s, "C:\\a -> C:\\b; "},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(Show(ParseFileRenames(Utf8ToUtf16Le(c.data))), c.expected) << c.name;
  }
}

TEST(ReadPendingXmlBytes, ReadsTheRootElement) {
  PendingXml facts;
  ReadPendingXmlBytes(
      "\xEF\xBB\xBF<?xml version='1.0' encoding='utf-8'?>\n<PendingTransaction Version=\"3.1\" "
      "WcpVersion=\"10.0.22621.2567 (WinBuild.160101.0800)\" "
      "Identifier=\"916ae75edb30da0146730000dc1be027\"><Transactions/>"
      "</PendingTransaction>",
      /*volume=*/nullptr, &facts);
  EXPECT_EQ(facts.version(), "3.1");
  EXPECT_EQ(facts.wcp_version(), "10.0.22621.2567 (WinBuild.160101.0800)");
  EXPECT_EQ(facts.identifier(), "916ae75edb30da0146730000dc1be027");
  EXPECT_EQ(facts.collection().gaps_size(), 0);
}

TEST(ReadPendingXmlBytes, DamageIsAGap) {
  for (const char* bytes :
       {"", "garbage", "<Other/>", "<PendingTransaction Version=", "<!DOCTYPE x><x/>"}) {
    PendingXml facts;
    ReadPendingXmlBytes(bytes, /*volume=*/nullptr, &facts);
    EXPECT_EQ(facts.collection().gaps_size(), 1) << bytes;
    EXPECT_EQ(facts.identifier(), "");
  }
}

}  // namespace
}  // namespace patchgate::cbs
