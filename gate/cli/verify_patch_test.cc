// `patchgate verify-patch` and `import-update` end to end.
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gate/cli/cli_testing.h"
#include "gate/patch_state_testing.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "servicing/collector.h"

namespace patchgate::cli {
namespace {

using gate::PatchHostBuilder;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class VerifyPatchTest : public CliTest {
 protected:
  std::string Write(const std::string& name, const PatchHostBuilder& host) {
    Snapshot snapshot = host.Build();
    snapshot.set_format_version(kSnapshotFormatVersion);
    return File(name, SerializeSnapshot(snapshot));
  }
  static std::string LastLine(const std::string& text) {
    const std::vector<std::string> lines = absl::StrSplit(text, '\n', absl::SkipEmpty());
    return lines.empty() ? "" : lines.back();
  }
  static void ExpectReport(const std::string& text) {
    for (const absl::string_view line : absl::StrSplit(text, '\n')) {
      if (line == LastLine(text)) continue;
      EXPECT_LE(line.size(), 100u) << line;
    }
    for (const unsigned char c : LastLine(text)) EXPECT_LT(c, 0x7F);
  }
};

TEST_F(VerifyPatchTest, Confirmed) {
  const std::string file = Write("host", PatchHostBuilder("26100", 7462));
  const Result result = Call({"verify-patch", "--snapshot", file, "--target", "KB5072033"});
  EXPECT_EQ(result.code, kOk) << result.out << result.err;
  EXPECT_THAT(result.out, StartsWith("CONFIRMED  patch level\n"));
  for (const char* part :
       {"CONFIRMED: Target, 26100.7462 (KB5072033)", "CONFIRMED: Revision of Windows (UBR)",
        "CurrentVersion\\UBR", "Windows/System32/ntoskrnl.exe: matches", "SHA-256 "}) {
    EXPECT_THAT(result.out, HasSubstr(part));
  }
  EXPECT_THAT(LastLine(result.out),
              StartsWith("CONFIRMED target=KB5072033 build=26100.7462 newest=26100.7462 "
                         "measured=6/6 store=0/0 confirmed=3 contradicted=0 "));
  EXPECT_THAT(result.out, HasSubstr("For it: the 3 files that speak for Target, 26100.7462\n"));
  EXPECT_THAT(result.out, Not(HasSubstr("PROBLEMS")));
  ExpectReport(result.out);
}

TEST_F(VerifyPatchTest, HalfContradicted) {
  const std::string file = Write("host", PatchHostBuilder("26100", 7462)
                                             .Set("ntoskrnl.exe", "10.0.26100.4946")
                                             .Set("ci.dll", "10.0.26100.4946")
                                             .Store("ntoskrnl.exe", "10.0.26100.7462")
                                             .Store("ci.dll", "10.0.26100.7462"));
  const Result result = Call({"verify-patch", "--snapshot", file});
  EXPECT_EQ(result.code, kNoGo);
  EXPECT_THAT(result.out, HasSubstr("Against it:"));
  EXPECT_THAT(result.out, HasSubstr("Windows/System32/ci.dll: older"));
  EXPECT_THAT(result.out, HasSubstr("expected 10.0.26100.7462 (component store), found "
                                    "10.0.26100.4946"));
  EXPECT_THAT(result.out, HasSubstr("expected SHA-256 "));
  const std::string problems = result.out.substr(result.out.find("\nPROBLEMS\n"));
  EXPECT_THAT(problems, HasSubstr("BLOCK: 2 files that the host boots from are older"));
  EXPECT_THAT(problems, HasSubstr("- Windows/System32/ntoskrnl.exe: older\n"));
  EXPECT_THAT(LastLine(result.out), HasSubstr(" against=ci.dll,ntoskrnl.exe"));
  ExpectReport(result.out);

  const Result json = Call({"verify-patch", "--snapshot", file, "-o", "json"});
  EXPECT_EQ(json.code, kNoGo);
  const auto parsed = ParseJson(json.out);
  EXPECT_EQ(parsed.fields().at("outcome").string_value(), "CONTRADICTED");
  const auto& claim = parsed.fields().at("claims").list_value().values(0).struct_value();
  EXPECT_EQ(claim.fields().at("verdict").string_value(), "CONTRADICTED");
  EXPECT_EQ(claim.fields().at("level").string_value(), "26100.7462");
  const auto& row = claim.fields().at("evidence").list_value().values(0).struct_value();
  for (const char* key : {"path", "expected_version", "expected_sha256", "found_version",
                          "found_sha256", "basis", "relation"}) {
    EXPECT_NE(row.fields().at(key).string_value(), "") << key;
  }
}

TEST_F(VerifyPatchTest, HotpatchCannotBeMeasured) {
  const std::string file = Write(
      "host", PatchHostBuilder("26200", 7392).Rollup("26100.6899").AllFiles("10.0.26100.6899"));
  const Result result = Call({"verify-patch", "--snapshot", file});
  EXPECT_EQ(result.code, kIndeterminate);
  EXPECT_THAT(result.out, HasSubstr("it is a hotpatch"));
  EXPECT_THAT(result.out, HasSubstr("KB5072014"));
  EXPECT_THAT(result.out, Not(HasSubstr("\n  CONTRADICTED")));
  ExpectReport(result.out);
}

TEST_F(VerifyPatchTest, WhatNeitherSupportsNorContradictsIsShown) {
  const std::string file = Write("host", PatchHostBuilder("26200", 7392)
                                             .Rollup("26100.6899")
                                             .AllFiles("10.0.26100.6899")
                                             .Store("ntoskrnl.exe", "10.0.26100.7392"));
  const Result result = Call({"verify-patch", "--snapshot", file});
  EXPECT_EQ(result.code, kIndeterminate);
  EXPECT_THAT(result.out,
              HasSubstr("Neither for nor against it:\n    - Windows/System32/ntoskrnl.exe: older\n"
                        "      expected 10.0.26100.7392 (component store), found "
                        "10.0.26100.6899\n      expected SHA-256 "));
  ExpectReport(result.out);
}

TEST_F(VerifyPatchTest, ProblemsAreShownWhateverTheyAreOf) {
  const std::string file = Write("host", PatchHostBuilder("26100", 7462)
                                             .Set("ntoskrnl.exe", "10.0.26100.7623")
                                             .Unreadable("ci.dll", "I/O error")
                                             .LcuVer("10.0.26100.4946"));
  const Result result = Call({"verify-patch", "--snapshot", file});
  EXPECT_EQ(result.code, kNoGo);
  const std::string problems = result.out.substr(result.out.find("\nPROBLEMS\n"));
  for (const char* part :
       {"BLOCK: 1 file is newer than every claim: ", "expected 10.0.26100.7462 (revision",
        "INDETERMINATE: the version of Windows/System32/ci.dll could not be read: I/O error\n",
        "ci.dll: unreadable\n      found no version\n", "WARN: LCUVer says 26100.4946",
        "LCUVer: is 10.0.26100.4946"}) {
    EXPECT_THAT(problems, HasSubstr(part));
  }
  ExpectReport(result.out);
}

TEST_F(VerifyPatchTest, TargetNotReached) {
  const std::string file = Write("host", PatchHostBuilder("26100", 7462));
  const Result result =
      Call({"verify-patch", "--snapshot", file, "--target", "26100.7623", "-o", "one-line"});
  EXPECT_EQ(result.code, kNoGo);
  EXPECT_THAT(result.out, StartsWith("CONTRADICTED target=26100.7623 "));
}

TEST_F(VerifyPatchTest, FileListOfTheVendor) {
  const std::string file = Write("host", PatchHostBuilder("26100", 7462));
  const std::string list = File("list.csv",
                                "Windows 11, version 24H2 LCU x64-based\n"
                                "File name,File version,Date,Time,File size\n"
                                "ntdll.dll,10.0.26100.7462,04-Dec-2025,10:00,\"2,000\"\n"
                                "readme.txt,Not versioned,04-Dec-2025,10:00,5\n");
  const std::string out = Path("update.textproto");
  const Result imported = Call({"import-update", "--kb", "KB5072033", "--csv", list, "-o", out});
  EXPECT_EQ(imported.code, kOk) << imported.err;
  EXPECT_THAT(imported.out, HasSubstr("1 file to compare, 1 left out"));
  EXPECT_THAT(Read(out), HasSubstr("10.0.26100.7462"));
  const std::string first = Read(out);
  ASSERT_EQ(Call({"import-update", "--kb", "5072033", "--csv", list, "-o", out}).code, kOk);
  EXPECT_EQ(Read(out), first);

  const Result result =
      Call({"verify-patch", "--snapshot", file, "--target", "KB5072033", "--updates", out});
  EXPECT_EQ(result.code, kNoGo);
  EXPECT_THAT(result.out, HasSubstr("Windows/System32/ntdll.dll: older"));
  EXPECT_THAT(result.out, HasSubstr("KB5072033 file list"));
}

TEST_F(VerifyPatchTest, AnUpdateThatNobodyKnew) {
  const std::string file = Write("host", PatchHostBuilder("26100", 9999));
  const std::string list =
      File("list.csv", "File name,File version\nntoskrnl.exe,10.0.26100.9999\n");
  const std::string out = Path("new.textproto");
  ASSERT_EQ(Call({"import-update", "--kb", "KB9000001", "--build", "26100.9999", "--kind",
                  "preview", "--released", "2026-11-10", "--csv", list, "-o", out})
                .code,
            kOk);
  const Result result =
      Call({"verify-patch", "--snapshot", file, "--target", "KB9000001", "--updates", out});
  EXPECT_EQ(result.code, kOk) << result.out;
  EXPECT_THAT(result.out, HasSubstr("KB9000001 file list"));
}

TEST_F(VerifyPatchTest, Errors) {
  const std::string file = Write("host", PatchHostBuilder("26100", 7462));
  ExpectHostIsMissing({"verify-patch"});
  ExpectFailure({"verify-patch", "--snapshot", file, "--target", "7462"},
                {"\"7462\"", "KB5072033"});
  ExpectFailure({"verify-patch", "--snapshot", file, "-o", "jsom"}, {"did you mean json?"});
  ExpectFailure({"verify-patch", "--snapshot", file, "--updates", Path("none")}, {"none"});
  const std::string bad = File("bad", "updates { kb: \"KB9000001\" tilte: \"x\" }");
  ExpectFailure({"verify-patch", "--snapshot", file, "--updates", bad},
                {bad, "line 1", "did you mean title?"});
  ExpectFailure({"verify-patch", "--snapshot", file, "-o", absl::StrCat("json=", file)}, {file});

  const std::string out = Path("out");
  ExpectFailure({"import-update", "--kb", "x", "--csv", file, "-o", out}, {"\"x\""});
  ExpectFailure({"import-update", "--kb", "KB9000001", "-o", out}, {"--csv"});
  ExpectFailure({"import-update", "--kb", "KB9000001", "--csv", file, "-o", out}, {file});
  ExpectFailure({"import-update", "--kb", "KB9000001", "--csv", Path("none"), "-o", out}, {"none"});
  const std::string list = File("list.csv", "File name,File version\na.dll,1.2.3.4\n");
  ExpectFailure(
      {"import-update", "--kb", "KB9000001", "--kind", "hotpach", "--csv", list, "-o", out},
      {"kind \"HOTPACH\"", "did you mean HOTPATCH?"});
  ExpectFailure({"import-update", "--kb", "KB9000001", "--build", "7462", "--csv", list, "-o", out},
                {"build \"7462\""});
  ExpectFailure({"import-update", "--kb", "KB9000001", "--csv", list, "-o", list}, {list});
  const std::string odd = File("odd.csv", "File name,File version\na.dll,7.1.2\nb.txt,none\n");
  ExpectFailure({"import-update", "--kb", "KB9000001", "--csv", odd, "-o", Path("none.textproto")},
                {odd, "no file to compare", "line 2: file version \"7.1.2\""});
  EXPECT_EQ(Read(Path("none.textproto")), "");
  EXPECT_THAT(Read(list), StartsWith("File name")) << "an input stays as it was";
}

TEST_F(VerifyPatchTest, HelpSaysExitCodes) {
  const Result help = Call({"verify-patch", "--help"});
  EXPECT_EQ(help.code, kOk);
  for (const char* part : {"--target", "--updates", "--esp", "Exit codes", "hotpatch"}) {
    EXPECT_THAT(help.out, HasSubstr(part));
  }
}

}  // namespace
}  // namespace patchgate::cli
