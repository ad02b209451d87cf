// The command line end to end, on folders: each test writes a volume, runs commands, reads output.
#include "gate/cli/cli.h"

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "gate/cli/cli_testing.h"
#include "gmock/gmock.h"
#include "google/protobuf/struct.pb.h"
#include "gtest/gtest.h"
#include "servicing/collector.h"
#include "servicing/regf/log_builder.h"
#include "testdata/fake_volume.h"
#include "testdata/scenarios.h"

namespace patchgate::cli {
namespace {

namespace fs = std::filesystem;
using testdata::FakeVolume;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

TEST_F(CliTest, ExitCodeAndLastLineAreTheVerdict) {
  for (const testdata::Scenario& scenario : testdata::Scenarios()) {
    const std::string root = Volume(scenario.name, scenario.build());
    const Result result = Call({"check", "--root", root});
    const std::string outcome = scenario.outcome;
    EXPECT_EQ(result.code, outcome == "GO"      ? kGo
                           : outcome == "NO_GO" ? kNoGo
                                                : kIndeterminate)
        << scenario.name << "\n"
        << result.err;
    EXPECT_EQ(result.err, "");
    EXPECT_THAT(result.out, StartsWith(outcome + " "));
    std::vector<std::string> lines = absl::StrSplit(result.out, '\n');
    ASSERT_GE(lines.size(), 2u);
    EXPECT_EQ(lines.back(), "");
    EXPECT_THAT(lines[lines.size() - 2], StartsWith(outcome + " build="));
  }
}

TEST_F(CliTest, CheckRootEqualsCollectThenCheckSnapshot) {
  for (const testdata::Scenario& scenario : testdata::Scenarios()) {
    const std::string root = Volume(scenario.name, scenario.build());
    const std::string snapshot = Path(absl::StrCat(scenario.name, ".pgsnap"));
    ASSERT_EQ(Call({"collect", "--root", root, "-o", snapshot}).code, kOk);
    for (const char* format : {"text", "json", "one-line"}) {
      const Result direct = Call({"check", "--root", root, "-o", format});
      const Result later = Call({"check", "--snapshot", snapshot, "-o", format});
      EXPECT_EQ(direct.out, later.out) << scenario.name;
      EXPECT_EQ(direct.code, later.code);
    }
  }
}

TEST_F(CliTest, SeveralOutputsAtOnce) {
  const Result result = Call({"check", "--root", Healthy(), "-o", "json=" + Path("v.json"), "-o",
                              "one-line", "-o", "text=" + Path("v.txt")});
  EXPECT_EQ(result.code, kGo) << result.err;
  EXPECT_THAT(result.out, StartsWith("GO build=26100.7462 "));
  EXPECT_EQ(ParseJson(Read(Path("v.json"))).fields().at("outcome").string_value(), "GO");
  EXPECT_THAT(Read(Path("v.txt")), StartsWith("GO  Windows 26100.7462 24H2 Enterprise\n"));
  // Nothing half-written stays behind.
  for (const auto& entry : fs::directory_iterator(dir_)) {
    EXPECT_FALSE(absl::EndsWith(entry.path().u8string(), ".tmp")) << entry.path();
  }
}

TEST_F(CliTest, OutputFilesAreReplacedWhole) {
  const std::string path = File("v.txt", "old");
  EXPECT_EQ(Call({"check", "--root", Healthy(), "-o", "one-line=" + path}).code, kGo);
  EXPECT_THAT(Read(path), StartsWith("GO "));
  ExpectFailure({"check", "--root", Healthy(), "-o", "json=" + Path("no/such/folder/v.json")},
                {"cannot be written"});
  fs::create_directories(dir_ / "folder");
  ExpectFailure({"check", "--root", Healthy(), "-o", "json=" + Path("folder")}, {"is a directory"});
}

// patchgate runs as SYSTEM: what it writes must not destroy anything.
TEST_F(CliTest, OutputsDestroyNothing) {
  const std::string root = Healthy();
  const std::string hive = root + "/" + testdata::kSystemHive;
  const std::string before = Read(hive);
  ExpectFailure({"collect", "--root", root, "-o", hive}, {"lies in the volume that is read"});
  ExpectFailure({"check", "--root", root, "-o", "json=" + root + "/new.json"},
                {"lies in the volume that is read"});
  EXPECT_EQ(Read(hive), before);
  EXPECT_FALSE(fs::exists(fs::u8path(root + "/new.json")));

  const std::string snapshot = Path("s");
  ASSERT_EQ(Call({"collect", "--root", root, "-o", snapshot}).code, kOk);
  const std::string bytes = Read(snapshot);
  ExpectFailure({"check", "--snapshot", snapshot, "-o", "json=" + Path("./s")},
                {"would replace an input"});
  EXPECT_EQ(Read(snapshot), bytes);
  ExpectFailure({"check", "--root", root, "-o", "json=" + Path("v"), "-o", "text=" + Path("./v")},
                {"two outputs go to one file"});
  EXPECT_FALSE(fs::exists(fs::u8path(Path("v"))));

  std::error_code error;
  fs::create_symlink(fs::u8path(snapshot), dir_ / "link", error);
  if (error) return;  // Windows, as this library has it, makes no links.
  ExpectFailure({"check", "--root", root, "-o", "json=" + Path("link")}, {"is no regular file"});
  EXPECT_EQ(Read(snapshot), bytes);
}

TEST_F(CliTest, TwoSpellingsOfOneNameAreRefused) {
  const std::string root = Healthy();
  fs::create_directories(dir_ / "healthy" / "windows" / "System32" / "config");
  if (fs::equivalent(dir_ / "healthy" / "windows", dir_ / "healthy" / "Windows")) {
    GTEST_SKIP() << "this file system ignores case";
  }
  ExpectFailure({"check", "--root", root}, {"holds both", "Windows", "windows"});
}

TEST_F(CliTest, NamesThatAreNoUtf8DoNotSpoilASnapshot) {
  evidence::MemorySource volume = FakeVolume().Build();
  const std::string root = Volume("v", volume);
  std::ofstream(root + "/Windows/WinSxS/pending.xml.\xff") << "x";
  ASSERT_EQ(Call({"collect", "--root", root, "-o", Path("s")}).code, kOk);
  const Result later = Call({"check", "--snapshot", Path("s"), "-o", "json"});
  EXPECT_EQ(later.code, kGo) << later.err;
  EXPECT_EQ(later.out, Call({"check", "--root", root, "-o", "json"}).out);
}

TEST_F(CliTest, UnwritableStandardOutputIsAFailure) {
  for (const std::vector<std::string>& args : {std::vector<std::string>{"list"},
                                               {"version"},
                                               {"explain", "cbs.sessions-pending"},
                                               {"--help"},
                                               {"check", "--root", Healthy()}}) {
    std::ostringstream out, err;
    out.setstate(std::ios::badbit);
    EXPECT_EQ(cli::Run(args, Streams{out, err}), kFailed) << args[0];
    EXPECT_THAT(err.str(), HasSubstr("standard output"));
  }
}

TEST_F(CliTest, NowIsShownOnlyWhenChosen) {
  const Result chosen =
      Call({"check", "--root", Healthy(), "--now", "2026-01-10T00:00:00Z", "-o", "json"});
  EXPECT_EQ(ParseJson(chosen.out).fields().at("judged_at").string_value(), "2026-01-10T00:00:00Z");
  const Result present = Call({"check", "--root", Healthy(), "-o", "json"});
  EXPECT_EQ(ParseJson(present.out).fields().at("judged_at").string_value(), "");
  ExpectFailure({"check", "--root", Healthy(), "--now", "yesterday"}, {"--now yesterday"});
}

TEST_F(CliTest, PolicyWithWaiver) {
  FakeVolume volume;
  volume.AddSession(testdata::Time("2025-12-11T09:00:19Z"), 0);
  const std::string root = Volume("session", volume.Build());
  const std::string policy =
      File("policy.textproto",
           "waivers { check: 'cbs.sessions-pending' evidence: 'Complete is 0' reason: 'lab image' "
           "owner: 'ops' expires: '2026-02-01T00:00:00Z' }");
  EXPECT_EQ(Call({"check", "--root", root}).code, kNoGo);
  const Result waived =
      Call({"check", "--root", root, "--policy", policy, "--now", "2026-01-10T00:00:00Z"});
  EXPECT_EQ(waived.code, kGo) << waived.out;
  EXPECT_THAT(waived.out, HasSubstr("WAIVED"));
  EXPECT_THAT(waived.out, HasSubstr("Waived until 2026-02-01T00:00:00Z by ops: lab image"));
  EXPECT_EQ(
      Call({"check", "--root", root, "--policy", policy, "--now", "2026-02-02T00:00:00Z"}).code,
      kNoGo);
  EXPECT_THAT(
      Call({"check", "--root", root, "--policy", policy, "--now", "2026-02-02T00:00:00Z"}).out,
      HasSubstr("expired 2026-02-01T00:00:00Z: not applied"));
  ExpectFailure({"check", "--root", root, "--policy", File("bad", "waiver {}")},
                {"bad: policy: line 1", "did you mean waivers?"});
  ExpectFailure({"check", "--root", root, "--policy", Path("none")}, {"none"});
}

TEST_F(CliTest, BadInputGetsOneLineAndCodeOne) {
  const std::string root = Healthy();
  fs::create_directories(dir_ / "empty");
  ExpectHostIsMissing({"check"});
  ExpectHostIsMissing({"collect", "-o", Path("s")});
  ExpectFailure({"check", "--root", Path("nothing")}, {"nothing"});
  ExpectFailure({"check", "--root", File("file", "x")}, {"not a directory"});
  ExpectFailure({"check", "--root", Path("empty")}, {"holds no Windows volume"});
  ExpectFailure({"collect", "--root", Path("empty"), "-o", Path("s")}, {"holds no Windows volume"});
  ExpectFailure({"collect", "--root", root}, {"--output"});
  ExpectFailure({"check", "--rot", root}, {"check: unknown flag --rot", "did you mean --root?"});
  ExpectFailure({"check", "--root", root, "--jsn"}, {"unknown flag --jsn"});
  ExpectFailure({"check", "--root"}, {"--root"});
  ExpectFailure({"check", "--root", root, "--snapshot", Path("s")}, {"--root", "--snapshot"});
  ExpectFailure({"check", "--root", root, "extra"}, {"unexpected argument extra"});
  ExpectFailure({"chek"}, {"unknown command chek", "did you mean check?"});
  ExpectFailure({"--hlep"}, {"unknown flag --hlep", "did you mean --help?"});
  ExpectFailure({"check", "--root", root, "-o", "jsom"}, {"unknown format \"jsom\"", "json?"});
  ExpectFailure({"check", "--root", root, "-o", "json="}, {"names no file"});
  ExpectFailure({"check", "--root", root, "-o", "json", "-o", "text"}, {"only one output"});
  ExpectFailure({"explain", "cbs.session-pending"}, {"did you mean cbs.sessions-pending?"});
  ExpectFailure({"explain"}, {"ID"});
  ExpectFailure({"inspect"}, {"FILE"});
  EXPECT_EQ(Call({}).code, kFailed);
}

TEST_F(CliTest, DamagedSnapshots) {
  const std::string path = Path("s");
  ASSERT_EQ(Call({"collect", "--root", Healthy(), "-o", path}).code, kOk);
  const std::string bytes = Read(path);
  ExpectFailure({"check", "--snapshot", Path("none")}, {"none"});
  ExpectFailure({"check", "--snapshot", File("empty", "")}, {"empty: not a snapshot"});
  // What a script passes whose variable is not set.
  for (const char* option :
       {"--root", "--esp", "--snapshot", "--policy", "--now", "--profile", "-o"}) {
    ExpectFailure({"check", option, ""}, {option, "no value is given"});
  }
  ExpectFailure({"check", "--snapshot", File("other", "hello")}, {"not a snapshot", "0x0"});
  ExpectFailure({"check", "--snapshot", File("cut", bytes.substr(0, bytes.size() / 2))},
                {"cut: snapshot is damaged", "0x8"});
  std::string flipped = bytes;
  flipped[100] ^= 1;
  ExpectFailure({"check", "--snapshot", File("flipped", flipped)}, {"checksum", "0x10"});
  Snapshot newer = *ParseSnapshot(bytes);
  newer.set_format_version(7);
  ExpectFailure({"check", "--snapshot", File("newer", SerializeSnapshot(newer))},
                {"format version 7", absl::StrCat("reads up to ", kSnapshotFormatVersion)});
}

// An evidence file that cannot be used never fails the run: the verdict says what is missing.
TEST_F(CliTest, DamagedHivesAreInTheVerdict) {
  const struct {
    const char* name;
    const char* path;
    std::string bytes;
    const char* message;
  } cases[] = {
      {"empty", testdata::kSoftwareHive, "", "hive SOFTWARE: the file is empty"},
      {"truncated", testdata::kSystemHive, FakeVolume().BuildSystem().substr(0, 5000), "truncated"},
      {"short", testdata::kSystemHive, "regf", "too short for a base block"},
      {"signature", testdata::kComponentsHive, std::string(8192, 'x'), "is not \"regf\""},
      {"checksum", testdata::kComponentsHive, regf::BreakChecksum(FakeVolume().BuildComponents()),
       "checksum"},
  };
  for (const auto& c : cases) {
    evidence::MemorySource volume = FakeVolume().Build();
    volume.AddFile(c.path, c.bytes);
    const Result result = Call({"check", "--root", Volume(c.name, volume)});
    EXPECT_EQ(result.code, kIndeterminate) << c.name << "\n" << result.out;
    std::string flat = result.out;  // Undo the line breaks of the report.
    for (size_t at; (at = flat.find("\n ")) != std::string::npos;) {
      flat.replace(at, flat.find_first_not_of(' ', at + 1) - at, " ");
    }
    EXPECT_THAT(flat, HasSubstr(c.message)) << c.name;
  }
}

TEST_F(CliTest, InspectHive) {
  const std::string hive = File("SYSTEM", FakeVolume().BuildSystem());
  const auto json =
      ParseJson(Call({"inspect", hive, "ControlSet001\\Control\\Session Manager"}).out);
  EXPECT_EQ(json.fields().at("type").string_value(), "hive");
  EXPECT_FALSE(json.fields().at("dirty").bool_value());
  EXPECT_EQ(json.fields().at("recovery").struct_value().fields().at("state").string_value(),
            "clean");
  EXPECT_GT(json.fields().at("keys").number_value(), 15);
  EXPECT_EQ(json.fields().at("damage").list_value().values_size(), 0);
  const auto& key = json.fields().at("key").struct_value().fields();
  EXPECT_EQ(key.at("name").string_value(), "Session Manager");
  const auto& values = key.at("values").list_value();
  ASSERT_EQ(values.values_size(), 3);
  const auto& boot_execute = values.values(0).struct_value().fields();
  EXPECT_EQ(boot_execute.at("name").string_value(), "BootExecute");
  EXPECT_EQ(boot_execute.at("type").string_value(), "REG_MULTI_SZ");
  EXPECT_EQ(boot_execute.at("decoded").list_value().values(0).string_value(),
            "autocheck autochk *");
  ExpectFailure({"inspect", hive, "No\\Such"}, {"SYSTEM", "no subkey No"});
}

TEST_F(CliTest, InspectReplaysUnlessToldNotTo) {
  FakeVolume volume;
  const std::string before = volume.BuildSystem();
  volume.system()->AddKey("Added")->SetDword("x", 1);
  const std::string after = volume.BuildSystem();
  const std::string hive = File("SYSTEM", regf::Dirty(before, 8, 7));
  File("system.log1", regf::NewLog(after, 8, regf::DiffStates({before, after}, 8)));
  const auto replayed = ParseJson(Call({"inspect", hive}).out);
  const auto stored = ParseJson(Call({"inspect", hive, "--no-replay"}).out);
  EXPECT_TRUE(replayed.fields().at("dirty").bool_value());
  EXPECT_EQ(replayed.fields().at("keys").number_value(),
            stored.fields().at("keys").number_value() + 1);
  const auto state = [](const google::protobuf::Struct& json) {
    return json.fields().at("recovery").struct_value().fields().at("state").string_value();
  };
  EXPECT_EQ(state(replayed), "replayed");
  EXPECT_EQ(state(stored), "possibly-stale");

  const auto log = ParseJson(Call({"inspect", Path("system.log1")}).out);
  EXPECT_EQ(log.fields().at("type").string_value(), "hive-log");
  EXPECT_EQ(log.fields().at("log").struct_value().fields().at("kind").string_value(), "new");
}

TEST_F(CliTest, InspectOtherFiles) {
  FakeVolume volume;
  volume.AddPendingXml(FakeVolume::kIdentifier, 0);
  const std::string root = Volume("v", volume.Build());
  const auto pending = ParseJson(Call({"inspect", root + "/Windows/WinSxS/pending.xml"}).out);
  EXPECT_EQ(pending.fields().at("type").string_value(), "pending-xml");
  EXPECT_EQ(pending.fields().at("identifier").string_value(), FakeVolume::kIdentifier);
  ASSERT_EQ(Call({"collect", "--root", root, "-o", Path("s")}).code, kOk);
  EXPECT_EQ(ParseJson(Call({"inspect", Path("s")}).out).fields().at("type").string_value(),
            "snapshot");
  ExpectFailure({"inspect", File("empty", "")}, {"the file is empty"});
  ExpectFailure({"inspect", File("other", "hello")},
                {"no format that patchgate reads", "68656c6c6f"});
  ExpectFailure({"inspect", File("stub", "regf")}, {"stub", "too short"});
  ExpectFailure({"inspect", Path("none")}, {"none"});
  ExpectFailure({"inspect", Path("s"), "KEY"}, {"a KEY needs a hive"});
}

TEST_F(CliTest, InspectLogs) {
  const std::string root = Volume("v", testdata::FindScenario("failed-rollback").build());
  const struct {
    const char* path;
    const char* type;
    const char* list;  // Whose first entry there must be.
    const char* text;  // Somewhere in the output.
  } kFiles[] = {
      {"Windows/Logs/CBS/CBS.log", "cbs-log", "startups", "\"begun\": {"},
      {"Windows/Logs/DISM/dism.log", "dism-log", "", "\"lines\": \"1\""},
      {"Windows/System32/winevt/Logs/Setup.evtx", "event-log", "servicing", "2025-12-10T09:00:19Z"},
      {"Windows/System32/winevt/Logs/System.evtx", "event-log", "update_client", "KB5072033"},
      {"Windows/servicing/Sessions/Sessions.xml", "session-journal", "sessions", "StartupFinish"},
      {"Windows/SoftwareDistribution/ReportingEvents.log", "reporting-events", "events",
       "AGENT_INSTALLING_FAILED"},
  };
  for (const auto& file : kFiles) {
    const Result result = Call({"inspect", absl::StrCat(root, "/", file.path)});
    ASSERT_EQ(result.code, kOk) << file.path << result.err;
    const auto json = ParseJson(result.out);
    EXPECT_EQ(json.fields().at("type").string_value(), file.type);
    EXPECT_THAT(json.fields().at("file").string_value(), EndsWith(file.path));
    EXPECT_THAT(result.out, HasSubstr(file.text)) << file.path;
    if (*file.list == '\0') continue;
    EXPECT_GT(json.fields().at(file.list).list_value().values_size(), 0) << file.path;
  }
  const Result poqexec =
      Call({"inspect",
            File("poqexec.log", "1dc69b5a2f3c4d5: 832, 1f, 0, c0000265, MoveFile ;C:\\a\r\n")});
  EXPECT_THAT(poqexec.out, HasSubstr("\"type\": \"poqexec-log\""));
  EXPECT_THAT(poqexec.out, HasSubstr("MoveFile"));
}

TEST_F(CliTest, Timeline) {
  const std::string root = Volume("v", testdata::FindScenario("failed-rollback").build());
  const Result text = Call({"timeline", "--root", root});
  EXPECT_EQ(text.code, kOk) << text.err;
  EXPECT_THAT(text.out, HasSubstr("KB5072033 (26100.7462), cumulative: rolled back, 0x800f0922"));
  ASSERT_EQ(Call({"collect", "--root", root, "-o", Path("s")}).code, kOk);
  const Result json = Call({"timeline", "--snapshot", Path("s"), "-o", "json"});
  EXPECT_EQ(json.code, kOk) << json.err;
  const auto parsed = ParseJson(json.out);
  const auto& attempts = parsed.fields().at("attempts").list_value();
  ASSERT_EQ(attempts.values_size(), 3);  // August, December, the servicing stack.
  const auto& december = attempts.values(1).struct_value().fields();
  EXPECT_EQ(december.at("kb").string_value(), "KB5072033");
  EXPECT_EQ(december.at("outcome").string_value(), "ROLLED_BACK");
  EXPECT_EQ(december.at("begun_filetime").string_value(), "2025-12-10T08:55:00Z");
  ExpectHostIsMissing({"timeline"});
  ExpectFailure({"timeline", "--root", root, "-o", "xml"}, {"unknown format \"xml\""});
  ExpectFailure({"timeline", "--root", Path("none")}, {"none"});
}

TEST_F(CliTest, ExplainListVersionHelp) {
  const Result list = Call({"list"});
  EXPECT_EQ(list.code, kOk);
  for (const absl::string_view line : absl::StrSplit(list.out, '\n', absl::SkipEmpty())) {
    const std::string id(line.substr(0, line.find(' ')));
    const Result explained = Call({"explain", id});
    EXPECT_EQ(explained.code, kOk) << id;
    EXPECT_THAT(explained.out, StartsWith(id + ": "));
    EXPECT_THAT(explained.out, HasSubstr("What to do"));
    for (const absl::string_view text : absl::StrSplit(explained.out, '\n')) {
      EXPECT_LE(text.size(), 100u) << text;
    }
  }
  EXPECT_THAT(list.out, HasSubstr("cbs.sessions-pending"));
  EXPECT_EQ(Call({"version"}).out, Call({"--version"}).out);
  EXPECT_THAT(Call({"version"}).out, StartsWith("patchgate "));
  for (const char* command :
       {"check", "collect", "verify", "timeline", "inspect", "explain", "list", "version"}) {
    const Result help = Call({command, "--help"});
    EXPECT_EQ(help.code, kOk);
    EXPECT_THAT(help.out, HasSubstr(command));
    EXPECT_THAT(Call({"--help"}).out, HasSubstr(command));
  }
}

// Nothing was judged then, and 0 would pass for GO.
TEST_F(CliTest, HelpAndVersionBesideACommandAreFailures) {
  const std::string root = Healthy();
  for (const std::vector<std::string>& args :
       {std::vector<std::string>{"check", "--root", root, "--help"},
        {"check", "--root", root, "-h"},
        {"check", "-host", "X"},
        {"check", "-host"},
        {"check", "--no-such-flag", "--help", "--exit-style", "nagios"},
        {"--version", "check", "--root", root},
        {"check", "--root", root, "--version"}}) {
    EXPECT_NE(Call(args).code, kOk) << absl::StrJoin(args, " ");
  }
}

TEST_F(CliTest, OneCommandOnly) {
  const std::string root = Healthy();
  ExpectFailure({"verify", "--root", root, "collect"}, {"verify: unexpected argument collect"});
  ExpectFailure({"check", "--root", root, "version"}, {"check: unexpected argument version"});
}

// Windows' way to write flags is not understood anywhere: the code of a failed run depends on them.
TEST_F(CliTest, SlashBeginsNoFlag) {
  ExpectFailure({"check", "/root", Healthy()}, {"check: unexpected argument /root"});
}

TEST_F(CliTest, Profile) {
  const std::string root = Healthy();
  for (const char* profile : {"quick", "full"}) {
    EXPECT_EQ(Call({"check", "--root", root, "--profile", profile}).code, kGo) << profile;
    ASSERT_EQ(Call({"collect", "--root", root, "--profile", profile, "-o", Path(profile)}).code,
              kOk);
  }
  const absl::StatusOr<Snapshot> quick = ParseSnapshot(Read(Path("quick")));
  const absl::StatusOr<Snapshot> full = ParseSnapshot(Read(Path("full")));
  ASSERT_TRUE(quick.ok() && full.ok());
  EXPECT_EQ(quick->store_verification().scope(), STORE_SCOPE_BOOT);
  EXPECT_EQ(full->store_verification().scope(), STORE_SCOPE_ALL);
  ExpectFailure({"check", "--root", root, "--profile", "ful"},
                {"unknown profile \"ful\", did you mean full?", "profiles: quick, full"});
  ExpectFailure({"collect", "--root", root, "-o", Path("s"), "--profile", "deep"},
                {"unknown profile \"deep\"", "quick, full"});
  ExpectFailure({"check", "--snapshot", Path("quick"), "--profile", "full"},
                {"--profile", "a snapshot holds what was read when it was collected"});
}

TEST_F(CliTest, PathsMayHoldAnyCharacter) {
  const std::string root = Volume("Ünïcødé 卷", FakeVolume().Build());
  EXPECT_EQ(Call({"check", "--root", root}).code, kGo);
  EXPECT_EQ(Call({"collect", "--root", root, "-o", Path("ß.snap")}).code, kOk);
  EXPECT_EQ(Call({"check", "--snapshot", Path("ß.snap")}).code, kGo);
}

}  // namespace
}  // namespace patchgate::cli
