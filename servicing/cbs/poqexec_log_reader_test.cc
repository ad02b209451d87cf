#include "servicing/cbs/poqexec_log_reader.h"

#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "servicing/base/filetime.h"
#include "servicing/evidence/memory_source.h"
#include "servicing/text/mutations.h"

namespace patchgate::cbs {
namespace {

using namespace std::string_literals;
using testing::HasSubstr;
using testing::IsEmpty;

// As printf("%llx: %lx, %lx, %Ix, %lx, %s ;") with a path and CR LF writes it (DOMAIN §4.3).
constexpr char kLine[] =
    "1da30db5ee76a91: 832, 1a2b, 0, c0000265, MoveFile ;\\SystemRoot\\WinSxS\\a;b\\\u00E9.dll\r\n";

PoqexecLog Read(absl::string_view bytes) {
  PoqexecLog facts;
  ReadPoqexecLogBytes(bytes, &facts);
  return facts;
}

TEST(PoqexecLog, ReadsALine) {
  const PoqexecLog facts = Read(kLine);
  EXPECT_EQ(facts.lines(), 1u);
  EXPECT_EQ(facts.failures_total(), 1u);
  EXPECT_EQ(facts.unknown_lines(), 0u);
  EXPECT_THAT(facts.collection().gaps(), IsEmpty());
  ASSERT_EQ(facts.failures_size(), 1);
  const PoqexecFailure& failure = facts.failures(0);
  EXPECT_EQ(FormatFileTime(failure.started_filetime()), "2023-12-17T11:22:50Z");
  EXPECT_EQ(failure.operation_index(), 0x1A2Bu);
  EXPECT_EQ(failure.status(), 0xC0000265u);
  EXPECT_EQ(failure.operation(), "MoveFile");
  EXPECT_EQ(failure.path(), "\\SystemRoot\\WinSxS\\a;b\\\u00E9.dll");
}

TEST(PoqexecLog, Lines) {
  const std::string line = kLine;
  const struct {
    const char* name;
    std::string bytes;
    uint64_t known, unknown;
  } cases[] = {
      {"nothing", "", 0, 0},
      {"blank lines", "\r\n \r\n", 0, 0},
      {"two", line + line, 2, 0},
      {"without the last line end", line + line.substr(0, line.size() - 2), 2, 0},
      {"without a path", "1: 2, 3, 4, 5, DeleteFile ;\r\n", 1, 0},
      {"a wide qword", "1: 2, 3, ffffffffffffffff, 5, X ;p", 1, 0},
      {"cut off before the path", line + line.substr(0, 40), 1, 1},
      {"a text", line + "hello", 1, 1},
      {"zeros", line + std::string(512, '\0'), 1, 1},
      {"too few fields", "1: 2, 3, 4, MoveFile ;p", 0, 1},
      {"too many fields", "1: 2, 3, 4, 5, 6, MoveFile ;p", 0, 1},
      {"no operation", "1: 2, 3, 4, 5,  ;p", 0, 1},
      {"no number", "x: 2, 3, 4, 5, MoveFile ;p", 0, 1},
      {"a status of 33 bits", "1: 2, 3, 4, 1c0000265, MoveFile ;p", 0, 1},
      {"a sign", "1: 2, 3, 4, -5, MoveFile ;p", 0, 1},
  };
  for (const auto& c : cases) {
    const PoqexecLog facts = Read(c.bytes);
    EXPECT_EQ(facts.failures_total(), c.known) << c.name;
    EXPECT_EQ(facts.unknown_lines(), c.unknown) << c.name;
    EXPECT_EQ(facts.collection().gaps_size(), c.unknown > 0 ? 1 : 0) << c.name;
  }
  EXPECT_THAT(Read(line + "hello\nworld").collection().gaps(0).where(), HasSubstr("line 2"));
}

TEST(PoqexecLog, ALongLogGivesAShortList) {
  std::string log;
  for (int i = 0; i < 1'000'000; ++i) absl::StrAppend(&log, "1: 2, ", i % 10, ", 4, 5, X ;\n");
  for (int i = 0; i < 100'000; ++i) log += "?\n";
  absl::StrAppend(&log, "1: 2, 77, 4, 5, ", std::string(50'000, 'O'), " ;",
                  std::string(1'000'000, '\xFF'));
  const PoqexecLog facts = Read(log);
  EXPECT_EQ(facts.lines(), 1'100'001u);
  EXPECT_EQ(facts.failures_total(), 1'000'001u);
  EXPECT_EQ(facts.unknown_lines(), 100'000u);
  ASSERT_EQ(facts.failures_size(), 300);
  EXPECT_EQ(facts.failures(299).operation_index(), 0x77u);
  EXPECT_LT(facts.ByteSizeLong(), 20'000u);
}

TEST(PoqexecLog, Mutations) {
  text::ForEachMutation(absl::StrCat(kLine, kLine), [](absl::string_view bytes) {
    const PoqexecLog facts = Read(bytes);
    EXPECT_LE(facts.failures_total() + facts.unknown_lines(), facts.lines());
    EXPECT_EQ(facts.unknown_lines() > 0, facts.collection().gaps_size() > 0);
    PoqexecLog again;
    EXPECT_TRUE(again.ParseFromString(facts.SerializeAsString())) << bytes;
  });
}

TEST(ReadPoqexecLog, OpensTheFile) {
  evidence::MemorySource source;
  EXPECT_EQ(ReadPoqexecLog(source).collection().status(), Collection::ABSENT);
  source.AddFile("Windows/WinSxS/poqexec.log", kLine, 9);
  EXPECT_EQ(ReadPoqexecLog(source).collection().status(), Collection::COLLECTED);
  EXPECT_EQ(ReadPoqexecLog(source).collection().modified_filetime(), 9u);
  EXPECT_EQ(ReadPoqexecLog(source).failures_total(), 1u);
  source.AddError("Windows/WinSxS/poqexec.log", absl::DataLossError("read error"));
  EXPECT_EQ(ReadPoqexecLog(source).collection().status(), Collection::UNREADABLE);
}

}  // namespace
}  // namespace patchgate::cbs
