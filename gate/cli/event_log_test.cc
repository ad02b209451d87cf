#include "gate/cli/event_log.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "servicing/base/utf16.h"

namespace patchgate::cli {
namespace {

using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

void AddFinding(Verdict* verdict, const std::string& check, Finding::Result result,
                const std::string& summary) {
  Finding* finding = verdict->add_findings();
  finding->set_check(check);
  finding->set_result(result);
  finding->set_summary(summary);
}

std::vector<std::string> Lines(const Event& event) { return absl::StrSplit(event.text, "\r\n"); }

TEST(EventLogTest, IdsAndTypesAreFixed) {
  const struct {
    Verdict::Outcome outcome;
    uint32_t id;
    Event::Type type;
    const char* word;
  } kCases[] = {
      {Verdict::GO, 1000, Event::Type::kInformation, "GO "},
      {Verdict::NO_GO, 1002, Event::Type::kError, "NO_GO "},
      {Verdict::INDETERMINATE, 1003, Event::Type::kWarning, "INDETERMINATE "},
      {Verdict::OUTCOME_UNSPECIFIED, 1003, Event::Type::kWarning, "INDETERMINATE "},
  };
  for (const auto& c : kCases) {
    Verdict verdict;
    verdict.set_outcome(c.outcome);
    const Event event = VerdictEvent(verdict);
    EXPECT_EQ(event.id, c.id) << c.word;
    EXPECT_EQ(event.type, c.type) << c.word;
    EXPECT_THAT(event.text, StartsWith(c.word));
    EXPECT_THAT(event.text, Not(HasSubstr("\n"))) << "no finding, one line";
  }
  const Event failed = FailureEvent("no such folder");
  EXPECT_EQ(failed.id, 1001u);
  EXPECT_EQ(failed.type, Event::Type::kError);
  EXPECT_EQ(failed.text, "FAILED patchgate=0.1.0 error=no such folder");
}

TEST(EventLogTest, WorstFindingsOneByLine) {
  Verdict verdict;
  verdict.set_outcome(Verdict::NO_GO);
  AddFinding(&verdict, "a.block", Finding::BLOCK, "First.");
  AddFinding(&verdict, "b.waived", Finding::BLOCK, "Waived.");
  verdict.mutable_findings(1)->mutable_waiver()->set_owner("ops");
  AddFinding(&verdict, "c.indeterminate", Finding::INDETERMINATE, "Second\nline.");
  AddFinding(&verdict, "d.warn", Finding::WARN, "100%, %1 and %%5 in \xe5\x8d\xb7");
  AddFinding(&verdict, "e.info", Finding::INFO, "Info.");
  AddFinding(&verdict, "f.pass", Finding::PASS, "Pass.");
  EXPECT_THAT(Lines(VerdictEvent(verdict)),
              ElementsAre(StartsWith("NO_GO "), "BLOCK a.block: First.",
                          "INDETERMINATE c.indeterminate: Second\\u{a}line.",
                          "WARN d.warn: 100\\u{25}, \\u{25}1 and \\u{25}\\u{25}5 in \xe5\x8d\xb7"));
}

TEST(EventLogTest, LengthIsBounded) {
  Verdict verdict;
  verdict.set_outcome(Verdict::NO_GO);
  for (int i = 0; i < 1000; ++i) {
    std::string summary;
    for (int j = 0; j < i; ++j) absl::StrAppend(&summary, "\xe5\x8d\xb7");
    AddFinding(&verdict, absl::StrCat("check.", i), Finding::BLOCK, summary);
  }
  const Event event = VerdictEvent(verdict);
  EXPECT_LE(event.text.size(), kEventMaxBytes);
  EXPECT_GT(event.text.size(), kEventMaxBytes / 2);
  EXPECT_EQ(CleanUtf8(event.text), event.text) << "no character is cut in two";
  const std::vector<std::string> lines = Lines(event);
  const size_t shown = lines.size() - 2;  // Without the first line and the last.
  EXPECT_EQ(lines.back(), absl::StrCat(1000 - shown, " more"));
  EXPECT_EQ(lines[1], "BLOCK check.0: ");
  EXPECT_LE(FailureEvent(std::string(100000, '%')).text.size(), kEventMaxBytes);
  EXPECT_THAT(FailureEvent(std::string(100000, '%')).text, EndsWith("..."));
}

}  // namespace
}  // namespace patchgate::cli
