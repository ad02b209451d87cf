// `patchgate verify` end to end, on volumes in folders.
#include <atomic>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gate/cli/cli.h"
#include "gate/cli/cli_testing.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "servicing/evidence/memory_source.h"
#include "testdata/fake_volume.h"

namespace patchgate::cli {
namespace {

using testdata::FakeVolume;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

std::string LastLine(const std::string& text) {
  const std::vector<std::string> lines = absl::StrSplit(text, '\n', absl::SkipEmpty());
  return lines.empty() ? "" : lines.back();
}

class VerifyTest : public CliTest {
 protected:
  // The path of the only file of the volume that ends so and lies in a component's folder.
  static std::string PayloadPath(const evidence::MemorySource& volume, absl::string_view end) {
    std::string found;
    volume.ForEach([&](const std::string& path, const evidence::FileInfo&, const std::string&) {
      if (absl::StrContains(path, "WinSxS") && absl::EndsWith(path, end)) found = path;
    });
    EXPECT_NE(found, "") << end;
    return found;
  }
  // A volume whose kernel in the store is not what its manifest says.
  std::string Damaged() {
    evidence::MemorySource volume = FakeVolume().Build();
    volume.AddFile(PayloadPath(volume, "/ntoskrnl.exe"), "not a kernel");
    return Volume("damaged", volume);
  }
};

TEST_F(VerifyTest, CleanStoreOfEveryLevelAndScope) {
  const std::string root = Healthy();
  for (const char* level : {"index", "manifests", "payload"}) {
    for (const char* scope : {"boot", "lcu", "all"}) {
      const Result result = Call({"verify", "--root", root, "--level", level, "--scope", scope});
      EXPECT_EQ(result.code, kOk) << result.out;
      EXPECT_EQ(result.err, "");
      EXPECT_THAT(result.out, StartsWith("CLEAN  component store\n"));
      EXPECT_THAT(LastLine(result.out),
                  StartsWith(absl::StrCat("CLEAN level=", level, " scope=", scope, " damage=0 ")));
    }
  }
  const Result whole = Call({"verify", "--root", root});
  EXPECT_THAT(LastLine(whole.out), StartsWith("CLEAN level=payload scope=all "));
}

TEST_F(VerifyTest, DamageIsFoundAtItsLevel) {
  const std::string root = Damaged();
  const Result result = Call({"verify", "--root", root, "--scope", "boot"});
  EXPECT_EQ(result.code, kNoGo) << result.out;
  EXPECT_THAT(result.out, HasSubstr("ntoskrnl.exe (boot path, current cumulative update)"));
  EXPECT_THAT(LastLine(result.out), StartsWith("DAMAGED level=payload scope=boot "));
  EXPECT_THAT(LastLine(result.out), HasSubstr("payload-hash-mismatch:1"));
  EXPECT_EQ(Call({"verify", "--root", root, "--level", "manifests"}).code, kOk);
}

TEST_F(VerifyTest, TheResultIsTheSameForAnyNumberOfJobs) {
  const std::string root = Damaged();
  const Result one = Call({"verify", "--root", root, "--jobs", "1", "-o", "json"});
  EXPECT_EQ(one.code, kNoGo);
  EXPECT_EQ(Call({"verify", "--root", root, "--jobs", "7", "-o", "json"}).out, one.out);
  EXPECT_EQ(Call({"verify", "--root", root, "-o", "json"}).out, one.out);
}

TEST_F(VerifyTest, WhatCannotBeReadIsNotClean) {
  evidence::MemorySource volume = FakeVolume().Build();
  volume.AddFile(testdata::kComponentsHive, "");
  const Result result = Call({"verify", "--root", Volume("empty hive", volume)});
  EXPECT_EQ(result.code, kIndeterminate) << result.out;
  EXPECT_THAT(result.out, StartsWith("UNVERIFIED  component store\n"));
  EXPECT_THAT(result.out, HasSubstr("COULD NOT BE VERIFIED"));
  EXPECT_THAT(result.out, HasSubstr("the file is empty"));
}

TEST_F(VerifyTest, Json) {
  const Result result = Call({"verify", "--root", Damaged(), "-o", "json"});
  const auto json = ParseJson(result.out);
  EXPECT_EQ(json.fields().at("outcome").string_value(), "DAMAGED");
  EXPECT_THAT(json.fields().at("source").string_value(), StartsWith("directory "));
  const auto& verification = json.fields().at("verification").struct_value().fields();
  EXPECT_EQ(verification.at("level").string_value(), "STORE_LEVEL_PAYLOAD");
  const auto& damage = verification.at("damage").list_value();
  ASSERT_GE(damage.values_size(), 1);
  const auto& first = damage.values(0).struct_value().fields();
  EXPECT_EQ(first.at("kind").string_value(), "PAYLOAD_HASH_MISMATCH");
  EXPECT_TRUE(first.at("roles").struct_value().fields().at("boot").bool_value());
  EXPECT_NE(first.at("expected").string_value(), first.at("found").string_value());
}

TEST_F(VerifyTest, NamesThatAreNoUtf8DoNotSpoilTheJson) {
  const std::string root = Healthy();
  std::ofstream(root + "/Windows/WinSxS/Manifests/a\xff.manifest") << "x";
  const Result result = Call({"verify", "--root", root, "-o", "json", "--level", "index"});
  EXPECT_EQ(result.code, kOk);
  EXPECT_EQ(ParseJson(result.out).fields().at("outcome").string_value(), "CLEAN");
}

TEST_F(VerifyTest, SeveralOutputs) {
  const std::string root = Damaged();
  const Result result = Call({"verify", "--root", root, "-o", "json=" + Path("v.json"), "-o",
                              "one-line", "-o", "text=" + Path("v.txt")});
  EXPECT_EQ(result.code, kNoGo) << result.err;
  EXPECT_EQ(result.out, LastLine(Read(Path("v.txt"))) + "\n");
  EXPECT_EQ(ParseJson(Read(Path("v.json"))).fields().at("outcome").string_value(), "DAMAGED");
  ExpectFailure({"verify", "--root", root, "-o", "json=" + root + "/v.json"},
                {"lies in the volume that is read"});
  ExpectFailure({"verify", "--root", root, "-o", "json=" + Path("no/such/folder/v")},
                {"cannot be written"});
}

TEST_F(VerifyTest, BadInputGetsOneLineAndCodeOne) {
  const std::string root = Healthy();
  std::filesystem::create_directories(std::filesystem::u8path(Path("empty")));
  ExpectHostIsMissing({"verify"});
  const struct {
    std::vector<std::string> args;
    std::vector<std::string> parts;
  } cases[] = {
      {{"--root", Path("nothing")}, {"nothing"}},
      {{"--root", Path("empty")}, {"holds no Windows volume"}},
      {{"--root", root, "--level", "paylod"},
       {"unknown level \"paylod\", did you mean payload?", "index, manifests, payload"}},
      {{"--root", root, "--scope", "lcd"}, {"unknown scope \"lcd\", did you mean lcu?"}},
      {{"--root", root, "--jobs", "0"}, {"--jobs", "0"}},
      {{"--root", root, "--jobs", "many"}, {"--jobs", "many"}},
      {{"--root", root, "-o", "xml"}, {"unknown format \"xml\"", "text, json, one-line"}},
      {{"--root", root, "-o", "text", "-o", "json"}, {"only one output"}},
      {{"--root", root, "--levl", "index"}, {"unknown flag --levl", "did you mean --level?"}},
      {{"--root", root, "more"}, {"unexpected argument more"}},
  };
  for (const auto& c : cases) {
    std::vector<std::string> args = {"verify"};
    args.insert(args.end(), c.args.begin(), c.args.end());
    ExpectFailure(args, c.parts);
  }
}

TEST_F(VerifyTest, CtrlCEndsTheRunWithWhatIsKnown) {
  const std::string root = Healthy();
  std::ostringstream out, err;
  Streams streams{out, err};
  streams.cancel_on_interrupt = []() -> const std::atomic<bool>* {
    static const std::atomic<bool> pressed{true};
    return &pressed;
  };
  EXPECT_EQ(cli::Run({"verify", "--root", root}, streams), kIndeterminate);
  EXPECT_THAT(out.str(), StartsWith("UNVERIFIED "));
  EXPECT_THAT(LastLine(out.str()), HasSubstr(" cancelled "));
  EXPECT_EQ(err.str(), "");
}

TEST_F(VerifyTest, ProgressOnlyOnATerminal) {
  const std::string root = Healthy();
  const auto progress = [&](bool terminal, const std::vector<std::string>& more) {
    std::ostringstream out, err;
    Streams streams{out, err};
    streams.err_is_terminal = terminal;
    std::vector<std::string> args = {"verify", "--root", root};
    args.insert(args.end(), more.begin(), more.end());
    EXPECT_EQ(cli::Run(args, streams), kOk);
    EXPECT_EQ(out.str().find('\r'), std::string::npos);
    return err.str();
  };
  EXPECT_THAT(progress(false, {}), IsEmpty());
  EXPECT_THAT(progress(true, {"--quiet"}), IsEmpty());
  const std::string shown = progress(true, {});
  EXPECT_THAT(shown, HasSubstr("index"));
  EXPECT_EQ(shown.find('\n'), std::string::npos);
  EXPECT_EQ(shown.back(), '\r') << "the line is cleared";
}

TEST_F(VerifyTest, HelpSaysLevelsScopesAndExitCodes) {
  const Result help = Call({"verify", "--help"});
  EXPECT_EQ(help.code, kOk);
  for (const char* part : {"index", "manifests", "payload (default)", "boot, then lcu, then all",
                           "Exit codes", "Ctrl-C"}) {
    EXPECT_THAT(help.out, HasSubstr(part));
  }
}

}  // namespace
}  // namespace patchgate::cli
