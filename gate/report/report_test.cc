// Golden reports of whole volumes. They hold for every platform: what Linux and Windows print for
// the same evidence must be the same bytes. To renew them after a wanted change:
// tools/update_golden
#include "gate/report/report.h"

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gate/evaluate.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "manifests/policy.h"
#include "servicing/base/utf16.h"
#include "servicing/collector.h"
#include "servicing/history/timeline.h"
#include "testdata/fake_volume.h"
#include "testdata/scenarios.h"

namespace patchgate::gate {
namespace {

using testing::HasSubstr;

Verdict Judge(const Snapshot& snapshot) {
  const FileTime now = testdata::Time("2026-01-10T00:00:00Z");
  return Evaluate(snapshot, *LoadBuiltInCatalog(), DefaultPolicy(), now, /*pinned=*/true);
}

FileTime CollectedAt() { return testdata::Time("2025-12-16T18:00:00Z"); }

size_t Width(absl::string_view line) {
  size_t width = 0;
  for (size_t pos = 0; pos < line.size(); ++width) DecodeUtf8(line, &pos);
  return width;
}

void CompareWithGolden(const std::string& name, const std::string& text) {
  if (const char* out = std::getenv("PATCHGATE_GOLDEN_OUT")) {
    std::ofstream(absl::StrCat(out, "/", name), std::ios::binary) << text;
    return;
  }
  std::ifstream file(absl::StrCat("testdata/golden/", name), std::ios::binary);
  ASSERT_TRUE(file) << "no golden file " << name;
  std::stringstream golden;
  golden << file.rdbuf();
  const std::string expected_text = golden.str();
  if (expected_text == text) return;
  const std::vector<std::string> expected = absl::StrSplit(expected_text, '\n');
  const std::vector<std::string> actual = absl::StrSplit(text, '\n');
  size_t line = 0;
  while (line < expected.size() && line < actual.size() && expected[line] == actual[line]) ++line;
  ADD_FAILURE() << name << " differs from line " << line + 1
                << " on\n  expected: " << (line < expected.size() ? expected[line] : "(end)")
                << "\n  actual:   " << (line < actual.size() ? actual[line] : "(end)")
                << "\nIf it should: tools/update_golden";
}

TEST(Report, MatchesGolden) {
  for (const testdata::Scenario& scenario : testdata::Scenarios()) {
    const Verdict verdict = Judge(Collect(scenario.build(), CollectedAt()));
    CompareWithGolden(absl::StrCat(scenario.name, ".txt"), TextReport(verdict));
  }
  // The fields of the other formats are the same for every host. testdata/live holds real folders
  // and staged live hosts against these.
  for (const char* name : {"healthy", "failed-rollback", "no-components", "reboot-pending",
                           "unreadable-components", "dirty-pending"}) {
    const Snapshot snapshot = Collect(testdata::FindScenario(name).build(), CollectedAt());
    CompareWithGolden(absl::StrCat(name, ".json"), JsonReport(Judge(snapshot)));
  }
}

TEST(Report, TimelineMatchesGolden) {
  for (const char* name : {"healthy", "failed-rollback", "rolled-back-then-updated",
                           "startup-interrupted", "feature-update-rollback", "logs-rotated-away"}) {
    const Snapshot snapshot = Collect(testdata::FindScenario(name).build(), CollectedAt());
    const std::string text = TimelineReport(history::BuildTimeline(snapshot), snapshot.source());
    CompareWithGolden(absl::StrCat(name, ".timeline.txt"), text);
    for (const absl::string_view line : absl::StrSplit(text, '\n')) {
      EXPECT_LE(Width(line), kTextColumns) << line;
    }
  }
}

TEST(Report, TextFitsItsColumnsAndEndsWithTheOneLine) {
  for (const testdata::Scenario& scenario : testdata::Scenarios()) {
    const Verdict verdict = Judge(Collect(scenario.build(), CollectedAt()));
    const std::string text = TextReport(verdict);
    EXPECT_TRUE(absl::StartsWith(text, absl::StrCat(scenario.outcome, "  "))) << scenario.name;
    const std::string last = OneLineReport(verdict);
    ASSERT_TRUE(absl::EndsWith(text, last));
    const std::string body = text.substr(0, text.size() - last.size());
    for (const absl::string_view line : absl::StrSplit(body, '\n')) {
      EXPECT_LE(Width(line), kTextColumns) << line;
      EXPECT_FALSE(absl::EndsWith(line, " ")) << line;
    }
  }
}

TEST(Report, OneLineIsShortAsciiAndStartsWithTheVerdict) {
  Verdict verdict = Judge(Snapshot());
  verdict.mutable_host()->set_build("26100.1\n\xC3\xA4;rm " + std::string(5000, 'x'));
  for (int i = 0; i < 1000; ++i) {
    Finding* finding = verdict.add_findings();
    finding->set_check(absl::StrCat("some.rather-long-check-name-", i));
    finding->set_result(Finding::WARN);
  }
  const std::string line = OneLineReport(verdict);
  EXPECT_LE(line.size(), kOneLineMaxBytes);
  EXPECT_GT(line.size(), kOneLineMaxBytes - 60) << "as many findings as fit";
  EXPECT_TRUE(absl::StartsWith(line, "INDETERMINATE build=26100.1"));
  EXPECT_EQ(line.find('\n'), line.size() - 1);
  for (const char c : line.substr(0, line.size() - 1)) {
    EXPECT_TRUE(absl::ascii_isprint(static_cast<unsigned char>(c)));
  }
  EXPECT_THAT(line, HasSubstr("-more\n"));
}

TEST(Report, ABusyHostIsSaidToBe) {
  Snapshot snapshot = Collect(testdata::FindScenario("healthy").build(), CollectedAt());
  EXPECT_THAT(OneLineReport(Judge(snapshot)), testing::Not(HasSubstr("busy")));
  snapshot.set_live(true);
  LiveHost* host = snapshot.mutable_live_host();
  host->mutable_collection()->set_status(Collection::COLLECTED);
  host->add_activities()->set_where("process TiWorker.exe");
  const Verdict verdict = Judge(snapshot);
  EXPECT_TRUE(
      absl::StartsWith(OneLineReport(verdict), "INDETERMINATE build=26100.7462 busy=1 block=0 "));
  const std::string text = TextReport(verdict);
  EXPECT_THAT(text, HasSubstr("The host is busy: servicing or an installer is at work."));
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    if (absl::StartsWith(line, "INDETERMINATE build=")) continue;
    EXPECT_LE(Width(line), kTextColumns) << line;
  }
}

TEST(Report, UnfilledVerdictIsNotGo) {
  EXPECT_TRUE(absl::StartsWith(OneLineReport(Verdict()), "INDETERMINATE "));
  EXPECT_TRUE(absl::StartsWith(TextReport(Verdict()), "INDETERMINATE "));
}

TEST(Report, EvidenceCannotDriveTheTerminal) {
  EXPECT_EQ(EscapeForTerminal("a\x1b[2J\r\n\tb"), "a\\u{1b}[2J\\u{d}\\u{a}\\u{9}b");
  EXPECT_EQ(EscapeForTerminal("\xE2\x80\xAE"
                              "exe.txt"),
            "\\u{202e}exe.txt");
  EXPECT_EQ(EscapeForTerminal("\xC2\x9B"
                              "31m"),
            "\\u{9b}31m");
  EXPECT_EQ(EscapeForTerminal("Grüße €"), "Grüße €");
  EXPECT_EQ(EscapeForTerminal("\xFF"), "\xEF\xBF\xBD");

  testdata::FakeVolume volume;
  volume.cbs()->AddKey("SessionsPending\\\x1b]0;owned\x07");
  const std::string text = TextReport(Judge(Collect(volume.Build(), CollectedAt())));
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
  EXPECT_EQ(text.find('\x07'), std::string::npos);
  EXPECT_THAT(text, HasSubstr("\\u{1b}]0;owned\\u{7}"));
}

TEST(Report, LongWordsAreBroken) {
  testdata::FakeVolume volume;
  volume.cbs()->AddKey("SessionsPending\\" + std::string(250, 'x'));
  for (const absl::string_view line :
       absl::StrSplit(TextReport(Judge(Collect(volume.Build(), CollectedAt()))), '\n')) {
    if (absl::StartsWith(line, "NO_GO build")) continue;
    EXPECT_LE(Width(line), kTextColumns) << line;
  }
}

TEST(Report, ColourOnlyAddsColour) {
  const Verdict verdict =
      Judge(Collect(testdata::FindScenario("failed-rollback").build(), CollectedAt()));
  TextOptions options;
  options.color = true;
  std::string colored = TextReport(verdict, options);
  EXPECT_NE(colored, TextReport(verdict));
  for (size_t at; (at = colored.find('\x1b')) != std::string::npos;) {
    colored.erase(at, colored.find('m', at) + 1 - at);
  }
  EXPECT_EQ(colored, TextReport(verdict));
}

}  // namespace
}  // namespace patchgate::gate
