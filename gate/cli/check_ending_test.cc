// How `check` ends: exit styles, the last line, the time limit, the event log; on folders.
#include <atomic>
#include <limits>
#include <ostream>
#include <sstream>
#include <streambuf>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gate/cli/cli.h"
#include "gate/cli/cli_testing.h"
#include "gate/cli/event_log.h"
#include "gate/cli/exit_style.h"
#include "gate/report/report.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "testdata/fake_volume.h"
#include "testdata/scenarios.h"

namespace patchgate::cli {
namespace {

namespace fs = std::filesystem;
using testdata::FakeVolume;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

using Args = std::vector<std::string>;

Args Join(Args a, const Args& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

struct EventResult {
  Result result;
  std::vector<Event> events;
};

// As Call, with an event log that takes events, or refuses them.
EventResult CallWithEvents(const Args& args, absl::Status answer = absl::OkStatus()) {
  std::ostringstream out, err;
  EventResult r;
  Streams streams{out, err};
  streams.write_event = [&](const Event& event) {
    r.events.push_back(event);
    return answer;
  };
  const int code = cli::Run(args, streams);
  r.result = {code, out.str(), err.str()};
  return r;
}

class CheckEndingTest : public CliTest {
 protected:
  // GO, NO_GO, INDETERMINATE.
  std::string VolumeOf(const std::string& outcome) {
    const char* name = outcome == "GO"      ? "healthy"
                       : outcome == "NO_GO" ? "failed-rollback"
                                            : "no-components";
    if (fs::exists(dir_ / name)) return Path(name);
    return Volume(name, testdata::FindScenario(name).build());
  }
};

// The last line of standard output, which is what Intune keeps.
void ExpectLastLine(const std::string& out, const std::string& word) {
  ASSERT_FALSE(out.empty());
  ASSERT_EQ(out.back(), '\n');
  const size_t begin = out.size() < 2 ? 0 : out.rfind('\n', out.size() - 2) + 1;
  const std::string line = out.substr(begin);
  EXPECT_LE(line.size(), gate::kOneLineMaxBytes);
  EXPECT_THAT(line, StartsWith(word + " "));
  for (const char c : line.substr(0, line.size() - 1)) {
    EXPECT_TRUE(c >= ' ' && c <= '~') << static_cast<int>(c) << " in " << line;
  }
}

TEST_F(CheckEndingTest, VerdictsInEachStyle) {
  const struct {
    const char* outcome;
    int native, intune, msi, nagios;
  } kCases[] = {
      {"GO", 0, 0, 0, 0},
      {"NO_GO", 2, 1, 1603, 2},
      {"INDETERMINATE", 3, 1, 1603, 3},
  };
  for (const auto& c : kCases) {
    const Args args = {"check", "--root", VolumeOf(c.outcome)};
    const std::string plain = Call(args).out;
    const auto expect = [&](const Args& style, int code) {
      for (const Args& format : {Args{}, Args{"-o", "text"}, Args{"-o", "one-line"}}) {
        const Result result = Call(Join(Join(args, style), format));
        EXPECT_EQ(result.code, code) << c.outcome << " " << absl::StrJoin(style, " ");
        EXPECT_EQ(result.err, "");
        ExpectLastLine(result.out, c.outcome);
      }
      EXPECT_EQ(Call(Join(args, style)).out, plain) << "the style changes the code alone";
    };
    expect({}, c.native);
    expect({"--exit-style", "native"}, c.native);
    expect({"--exit-style", "intune"}, c.intune);
    expect({"--exit-style=msi"}, c.msi);
    expect({"--exit-style", "nagios"}, c.nagios);
  }
}

TEST_F(CheckEndingTest, NagiosTellsWarningsFromGo) {
  bool seen[2] = {false, false};
  for (const testdata::Scenario& scenario : testdata::Scenarios()) {
    if (std::string(scenario.outcome) != "GO") continue;
    const std::string root = Volume(scenario.name, scenario.build());
    const Result result = Call({"check", "--root", root, "-o", "one-line", "--exit-style=nagios"});
    const bool warned = result.out.find(" warn=0 ") == std::string::npos;
    EXPECT_EQ(result.code, warned ? 1 : 0) << result.out;
    seen[warned] = true;
  }
  EXPECT_TRUE(seen[false]);
  EXPECT_TRUE(seen[true]) << "no scenario is GO with a warning";
}

// No failure is ever taken for GO, in any style; and its caller is told in the way that it hears.
TEST_F(CheckEndingTest, FailuresInEachStyle) {
  const std::string root = VolumeOf("GO");
  ASSERT_EQ(Call({"collect", "--root", root, "-o", Path("s")}).code, kOk);
  const std::string snapshot = Read(Path("s"));
  const struct {
    const char* name;
    Args args;
    const char* error;
  } kCases[] = {
      {"no such root", {"check", "--root", Path("none")}, "none"},
      {"no volume", {"check", "--root", File("plain", "x")}, "not a directory"},
      {"unknown flag", {"check", "--root", root, "--no-such"}, "unknown flag --no-such"},
      {"flag without a value", {"check", "--root"}, ""},  // Takes the next one for it.
      {"unknown command", {"chek", "--root", root}, "unknown command chek"},
      {"another command", {"verify", "--root", root}, "--exit-style"},
      {"no command", {}, "--exit-style"},
      {"unknown format", {"check", "--root", root, "-o", "jsom"}, "jsom"},
      {"damaged snapshot",
       {"check", "--snapshot", File("cut", snapshot.substr(0, snapshot.size() / 2))},
       "snapshot is damaged"},
      {"empty snapshot", {"check", "--snapshot", File("empty", "")}, "not a snapshot"},
      {"no such policy", {"check", "--root", root, "--policy", Path("none")}, "none"},
      {"output not writable",
       {"check", "--root", root, "-o", "json=" + Path("no/folder")},
       "cannot be written"},
      {"bad time limit", {"check", "--root", root, "--timeout", "soon"}, "--timeout soon"},
      {"no Event Log", {"check", "--root", root, "--event-log"}, "Event Log of Windows"},
  };
  const struct {
    const char* style;
    int code;
  } kStyles[] = {{"native", 1}, {"intune", 1}, {"msi", 1603}, {"nagios", 3}};
  for (const auto& c : kCases) {
    for (const auto& style : kStyles) {
      for (const Args& flag :
           {Args{"--exit-style", style.style}, Args{absl::StrCat("--exit-style=", style.style)}}) {
        const Result result = Call(Join(c.args, flag));
        EXPECT_EQ(result.code, style.code) << c.name << " " << style.style;
        EXPECT_THAT(result.err, StartsWith("patchgate: ")) << c.name;
        EXPECT_THAT(result.err, HasSubstr(c.error)) << c.name;
        const bool native = std::string(style.style) == "native";
        if (native) {
          EXPECT_EQ(result.out, "") << c.name;
          continue;
        }
        ExpectLastLine(result.out, "FAILED");
        EXPECT_EQ(std::count(result.out.begin(), result.out.end(), '\n'), 1) << c.name;
      }
    }
  }
  const Result exact = Call({"check", "--snapshot", File("x", "x"), "--exit-style", "intune"});
  EXPECT_THAT(exact.out,
              testing::MatchesRegex("FAILED patchgate=0\\.1\\.0 error=.*x: not a sn.*\n"));
  // Nothing but JSON goes where a program reads JSON.
  EXPECT_EQ(Call({"check", "--root", Path("none"), "--exit-style", "intune", "-o", "json"}).out,
            "");
}

TEST_F(CheckEndingTest, UnknownStyles) {
  const std::string root = VolumeOf("GO");
  for (const Args& flag :
       {Args{"--exit-style", "nagio"}, Args{"--exit-style="}, Args{"--exit-style", ""},
        Args{"--exit-style"}, Args{"--exit-style", "native", "--exit-style", "msi"}}) {
    const Result result = Call(Join({"check", "--root", root}, flag));
    EXPECT_EQ(result.code, kFailedInUnknownStyle) << absl::StrJoin(flag, " ");
    ExpectLastLine(result.out, "FAILED");
  }
  EXPECT_THAT(Call({"check", "--root", root, "--exit-style", "nagio"}).err,
              HasSubstr("unknown exit style \"nagio\", did you mean nagios?"));
  EXPECT_THAT(Call({"check", "--root", root, "--exit-stile", "msi"}).err,
              HasSubstr("unknown flag --exit-stile, did you mean --exit-style?"));
}

// A stream whose other end is gone.
class Broken : public std::streambuf {};

TEST_F(CheckEndingTest, StandardOutputThatIsGone) {
  const struct {
    const char* style;
    int code;
  } kStyles[] = {{"native", 1}, {"intune", 1}, {"msi", 1603}, {"nagios", 3}};
  for (const char* outcome : {"GO", "NO_GO", "INDETERMINATE"}) {
    for (const auto& style : kStyles) {
      Broken broken;
      std::ostream out(&broken);
      std::ostringstream err;
      const int code =
          cli::Run({"check", "--root", VolumeOf(outcome), "--exit-style", style.style}, {out, err});
      EXPECT_EQ(code, style.code) << outcome << " " << style.style;
      EXPECT_EQ(err.str(), "patchgate: the result could not be written to standard output\n");
    }
  }
}

// What the evidence says is none of the line's words.
TEST_F(CheckEndingTest, LastLineOfAHostileVolume) {
  FakeVolume volume;
  const std::string odd = "1\n2\x1b[2J|%1 \xc3\x9c\xe2\x80\xae\xe5\x8d\xb7\xf0\x9f\x98\x80";
  volume.current_version()->SetString("CurrentBuild", odd);
  volume.current_version()->SetString("CurrentBuildNumber", std::string(5000, 'B'));
  volume.current_version()->SetString("EditionID", odd);
  volume.cbs()->AddKey("PackagesPending\\" + odd);
  volume.AddPendingXml(odd, 0);
  evidence::MemorySource files = volume.Build();
  files.AddFile("Windows/WinSxS/pending.xml.\xc3\x9c \xe5\x8d\xb7", "x");
  const std::string root = Volume("odd \xc3\x9c \xe5\x8d\xb7", files);
  for (const char* format : {"text", "one-line"}) {
    const Result result = Call({"check", "--root", root, "--exit-style", "intune", "-o", format});
    EXPECT_EQ(result.code, 1);
    ExpectLastLine(result.out, result.out.substr(0, result.out.find(' ')));
  }
  // The name of a folder that is not there.
  ExpectLastLine(Call({"check", "--root", Path("\xe5\x8d\xb7\n\nGO " + std::string(200, 'x')),
                       "--exit-style=intune"})
                     .out,
                 "FAILED");
}

TEST_F(CheckEndingTest, TimeLimit) {
  const std::string root = VolumeOf("GO");
  EXPECT_EQ(Call({"check", "--root", root, "--timeout", "600"}).code, kGo);
  EXPECT_EQ(Call({"check", "--root", root, "--timeout", "1e9"}).code, kGo);
  ExpectFailure({"check", "--root", root, "--timeout", "0.0001"}, {"not done within 1 ms"});
  EXPECT_EQ(Call({"check", "--root", root, "--timeout=0.0001", "--exit-style=msi"}).code, 1603);
  for (const char* bad : {"0", "-1", "x", "1s", "nan", "inf", "1e10", "-0.0"}) {
    ExpectFailure({"check", "--root", root, absl::StrCat("--timeout=", bad)},
                  {absl::StrCat("--timeout ", bad, " is no number of seconds above 0")});
  }
  ExpectFailure({"check", "--root", root, "--timeout", ""}, {"no value is given"});
}

const std::atomic<bool>* Interrupted() {
  static const std::atomic<bool> pressed{true};
  return &pressed;
}

TEST_F(CheckEndingTest, Interrupt) {
  std::ostringstream out, err;
  Streams streams{out, err};
  streams.cancel_on_interrupt = Interrupted;
  EXPECT_EQ(cli::Run({"check", "--root", VolumeOf("GO"), "--exit-style=nagios"}, streams), 3);
  EXPECT_THAT(err.str(), HasSubstr("cancelled"));
  ExpectLastLine(out.str(), "FAILED");
}

TEST_F(CheckEndingTest, Events) {
  const struct {
    const char* outcome;
    uint32_t id;
    Event::Type type;
  } kCases[] = {
      {"GO", 1000, Event::Type::kInformation},
      {"NO_GO", 1002, Event::Type::kError},
      {"INDETERMINATE", 1003, Event::Type::kWarning},
  };
  for (const auto& c : kCases) {
    const Args args = {"check", "--root", VolumeOf(c.outcome), "-o", "one-line"};
    const Result plain = Call(args);
    EXPECT_THAT(CallWithEvents(args).events, IsEmpty()) << "only when asked";
    const EventResult with = CallWithEvents(Join(args, {"--event-log"}));
    EXPECT_EQ(with.result.code, plain.code);
    EXPECT_EQ(with.result.out, plain.out);
    ASSERT_EQ(with.events.size(), 1u);
    EXPECT_EQ(with.events[0].id, c.id);
    EXPECT_EQ(with.events[0].type, c.type);
    EXPECT_THAT(with.events[0].text, StartsWith(plain.out.substr(0, plain.out.size() - 1)));
  }
  // A run that fails, at whatever it fails.
  for (const Args& args : {Args{"check", "--root", Path("none"), "--event-log"},
                           Args{"check", "--root", Path("none"), "--event-log", "--no-such"},
                           Args{"check", "--event-log", "--exit-style", "nagio"}}) {
    const EventResult failed = CallWithEvents(args);
    ASSERT_EQ(failed.events.size(), 1u);
    EXPECT_EQ(failed.events[0].id, 1001u);
    EXPECT_EQ(failed.events[0].type, Event::Type::kError);
    EXPECT_THAT(failed.events[0].text, StartsWith("FAILED patchgate="));
  }
}

TEST_F(CheckEndingTest, AnEventThatCannotBeWrittenIsAFailure) {
  const EventResult refused =
      CallWithEvents({"check", "--root", VolumeOf("GO"), "--event-log", "--exit-style", "msi"},
                     absl::UnavailableError("event 1000 cannot be written"));
  EXPECT_EQ(refused.result.code, 1603);
  EXPECT_EQ(refused.result.out, "FAILED patchgate=0.1.0 error=event 1000 cannot be written\n");
  EXPECT_THAT(refused.result.err, HasSubstr("event 1000 cannot be written"));
  EXPECT_EQ(refused.events.size(), 2u) << "the verdict, then that the run failed";
  // The verdict is in the file by then, and the screen says nothing.
  const EventResult file = CallWithEvents({"check", "--root", VolumeOf("GO"), "--event-log", "-o",
                                           "one-line=" + Path("v"), "-o", "text"},
                                          absl::UnavailableError("full"));
  EXPECT_EQ(file.result.code, 1);
  EXPECT_EQ(file.result.out, "");
  EXPECT_THAT(Read(Path("v")), StartsWith("GO "));
}

}  // namespace
}  // namespace patchgate::cli
