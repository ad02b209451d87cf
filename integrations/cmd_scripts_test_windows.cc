// Runs the .cmd files by cmd.exe, with a fake patchgate.exe beside them and a fake installer behind
// them.
//
// Nothing here knows of Wine, whose cmd.exe is not the one of Windows. Differences met, none of
// which these cases need:
//   - !name:~0,3! gives "~0,3", and "for /f" splits its text before it expands !name!; the scripts
//   use neither
//   - what !name! gave is parsed once more: !a! in it is expanded, and a quotation mark in a
//   comparison is a syntax error
//     (which denies); Windows takes it as it is
//   - "=" and "," in the command of "for /f" stay; Windows makes blanks of them, so the scripts use
//   none there
#include <windows.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace {

using ::testing::AllOf;
using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

using Variables = std::map<std::string, std::string>;

struct Ended {
  bool in_time = true;
  uint32_t code = 0;
  std::string out;
};

std::string Slashes(std::string path) {
  for (char& c : path) {
    if (c == '/') c = '\\';
  }
  return path;
}

std::string Runfile(const std::string& name) {
  return Slashes(std::getenv("TEST_SRCDIR")) + "\\patchgate\\" + name;
}

std::string ReadAll(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

bool Exists(const std::string& path) {
  return GetFileAttributesA(path.c_str()) != INVALID_FILE_ATTRIBUTES;
}

std::string WithoutCarriageReturns(std::string text) {
  text.erase(std::remove(text.begin(), text.end(), '\r'), text.end());
  return text;
}

// Runs a command line to its end, or until `milliseconds` have passed; then it and all its children
// are ended.
Ended RunCommandLine(std::string command_line, const Variables& variables,
                     DWORD milliseconds = 60000) {
  Ended ended;
  for (const auto& variable : variables) {
    SetEnvironmentVariableA(variable.first.c_str(), variable.second.c_str());
  }
  SECURITY_ATTRIBUTES inherited = {sizeof(inherited), nullptr, TRUE};
  const std::string path = Slashes(std::getenv("TEST_TMPDIR")) + "\\out.txt";
  const HANDLE out = CreateFileA(path.c_str(), GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE,
                                 &inherited, CREATE_ALWAYS, 0, nullptr);
  EXPECT_NE(out, INVALID_HANDLE_VALUE) << path;
  STARTUPINFOA startup = {};
  startup.cb = sizeof(startup);
  startup.dwFlags = STARTF_USESTDHANDLES;
  startup.hStdOutput = out;
  startup.hStdError = GetStdHandle(STD_ERROR_HANDLE);
  PROCESS_INFORMATION process = {};
  const HANDLE job = CreateJobObjectA(nullptr, nullptr);
  if (CreateProcessA(nullptr, command_line.data(), nullptr, nullptr, TRUE, CREATE_SUSPENDED,
                     nullptr, nullptr, &startup, &process)) {
    AssignProcessToJobObject(job, process.hProcess);
    ResumeThread(process.hThread);
    ended.in_time = WaitForSingleObject(process.hProcess, milliseconds) == WAIT_OBJECT_0;
    if (!ended.in_time) TerminateJobObject(job, 1);
    DWORD code = 0;
    GetExitCodeProcess(process.hProcess, &code);
    ended.code = code;
    CloseHandle(process.hThread);
    CloseHandle(process.hProcess);
  } else {
    ADD_FAILURE() << command_line << ": error " << GetLastError();
  }
  CloseHandle(job);
  CloseHandle(out);
  for (const auto& variable : variables) {
    SetEnvironmentVariableA(variable.first.c_str(), nullptr);
  }
  ended.out = WithoutCarriageReturns(ReadAll(path));
  return ended;
}

// A folder as on a host: the scripts and patchgate.exe side by side, an installer, ProgramData.
class CmdScripts : public ::testing::Test {
 protected:
  void SetUp() override { Install("Program Files (x86) & more"); }

  void Install(const std::string& folder) {
    const std::string test = ::testing::UnitTest::GetInstance()->current_test_info()->name();
    root_ = Slashes(std::getenv("TEST_TMPDIR")) + "\\" + test;
    CreateDirectoryA(root_.c_str(), nullptr);
    home_ = root_ + "\\" + folder;
    CreateDirectoryA(home_.c_str(), nullptr);
    data_ = root_ + "\\Program Data";
    CreateDirectoryA(data_.c_str(), nullptr);
    CreateDirectoryA(State("").c_str(), nullptr);
    for (const char* script :
         {"gate.cmd", "configmgr_task_sequence.cmd", "wsus_scheduled_check.cmd"}) {
      Copy(std::string("integrations\\") + script, home_ + "\\" + script);
    }
    Copy("integrations\\fake_patchgate.exe", home_ + "\\patchgate.exe");
    Copy("integrations\\fake_installer.exe", home_ + "\\installer.exe");
  }

  static void Copy(const std::string& runfile, const std::string& to) {
    const std::string from = Runfile(runfile);
    ASSERT_TRUE(CopyFileA(from.c_str(), to.c_str(), FALSE))
        << from << " to " << to << ": error " << GetLastError();
    // Bazel's outputs are read-only.
    ASSERT_TRUE(SetFileAttributesA(to.c_str(), FILE_ATTRIBUTE_NORMAL)) << to;
  }

  std::string State(const std::string& name) const {
    return data_ + "\\patchgate" + (name.empty() ? "" : "\\" + name);
  }
  std::string GateLog() const { return root_ + "\\gate.log"; }
  std::string InstallerLog() const { return root_ + "\\installer.log"; }
  std::string Quoted(const std::string& program) const {
    return "\"" + home_ + "\\" + program + "\"";
  }

  // As deployment tools start a script: cmd.exe takes off the outer quotation marks.
  Ended Script(const std::string& name, const std::string& arguments, Variables variables,
               DWORD milliseconds = 60000) {
    DeleteFileA(GateLog().c_str());
    DeleteFileA(InstallerLog().c_str());
    variables["ProgramData"] = data_;
    variables["FAKE_PATCHGATE_LOG"] = GateLog();
    variables["FAKE_INSTALLER_LOG"] = InstallerLog();
    std::string line = "cmd.exe /d /c \"" + Quoted(name);
    if (!arguments.empty()) line += " " + arguments;
    return RunCommandLine(line + "\"", variables, milliseconds);
  }

  std::string root_;
  std::string home_;
  std::string data_;
};

struct AnswerCase {
  const char* name;
  const char* text;
  const char* code;
  uint32_t want;
  // How the one line that is printed begins.
  const char* want_line;
};

constexpr uint32_t kRefused = 1603;
constexpr uint32_t kBusy = 1618;

// The only one that lets an installer run is the first.
const AnswerCase kAnswers[] = {
    {"go", "GO build=26100.7462 block=0 patchgate=0.1.0\\n", "0", 0, "GO build=26100.7462 "},
    {"no-go", "NO_GO build=26100.7462 block=1\\n", "1603", kRefused, "NO_GO build="},
    {"indeterminate", "INDETERMINATE build=26100.7462\\n", "1603", kRefused, "INDETERMINATE b"},
    {"failed", "FAILED patchgate=0.1.0 error=no such root\\n", "1603", kRefused, "FAILED patch"},
    {"busy", "INDETERMINATE build=26100.7462 busy=1\\n", "1618", kBusy, "INDETERMINATE b"},
    {"busy-no-go", "NO_GO build=26100.7462 busy=1\\n", "1618", kBusy, "NO_GO build="},

    // Text and exit code do not agree.
    {"go-with-1", "GO build=26100.7462\\n", "1", kRefused, "FAILED gate.cmd: "},
    {"go-with-2", "GO build=26100.7462\\n", "2", kRefused, "FAILED gate.cmd: "},
    {"go-with-3", "GO build=26100.7462\\n", "3", kRefused, "FAILED gate.cmd: "},
    {"go-with-255", "GO build=26100.7462\\n", "255", kRefused, "FAILED gate.cmd: "},
    {"go-with-256", "GO build=26100.7462\\n", "256", kRefused, "FAILED gate.cmd: "},
    {"go-with-1603", "GO build=26100.7462\\n", "1603", kRefused, "FAILED gate.cmd: "},
    {"go-with-1618", "GO build=26100.7462\\n", "1618", kRefused, "FAILED gate.cmd: "},
    {"go-with-1641", "GO build=26100.7462\\n", "1641", kRefused, "FAILED gate.cmd: "},
    {"go-with-3010", "GO build=26100.7462\\n", "3010", kRefused, "FAILED gate.cmd: "},
    {"go-with-65536", "GO build=26100.7462\\n", "65536", kRefused, "FAILED gate.cmd: "},
    {"go-with-minus-1", "GO build=26100.7462\\n", "-1", kRefused, "FAILED gate.cmd: "},
    {"go-with-access-violation", "GO build=26100.7462\\n", "0xC0000005", kRefused,
     "FAILED gate.cmd: "},
    {"go-with-control-c", "GO build=26100.7462\\n", "0xC000013A", kRefused, "FAILED gate.cmd: "},
    {"no-go-with-0", "NO_GO build=26100.7462\\n", "0", kRefused, "FAILED gate.cmd: "},
    {"indeterminate-with-0", "INDETERMINATE build=26100.7462\\n", "0", kRefused,
     "FAILED gate.cmd: "},
    {"failed-with-0", "FAILED patchgate=0.1.0\\n", "0", kRefused, "FAILED gate.cmd: "},

    // Exit codes that mean success elsewhere are not handed on.
    {"no-go-with-3010", "NO_GO build=26100.7462\\n", "3010", kRefused, "NO_GO build="},
    {"no-go-with-1641", "NO_GO build=26100.7462\\n", "1641", kRefused, "NO_GO build="},
    {"no-go-with-2", "NO_GO build=26100.7462\\n", "2", kRefused, "NO_GO build="},
    {"indeterminate-with-3", "INDETERMINATE build=0\\n", "3", kRefused, "INDETERMINATE b"},

    // No answer, or none that is one.
    {"nothing-0", "", "0", kRefused, "FAILED gate.cmd: "},
    {"nothing-1618", "", "1618", kRefused, "FAILED gate.cmd: "},
    {"nothing-3010", "", "3010", kRefused, "FAILED gate.cmd: "},
    {"blank-lines", "\\n  \\n\\n", "0", kRefused, "FAILED gate.cmd: "},
    {"go-alone", "GO\\n", "0", kRefused, "FAILED gate.cmd: "},
    {"go-as-part-of-a-word", "GOING build=26100.7462\\n", "0", kRefused, "FAILED gate.cmd: "},
    {"go-in-lower-case", "go build=26100.7462\\n", "0", kRefused, "FAILED gate.cmd: "},
    {"go-behind-something", "verdict GO build=26100.7462\\n", "0", kRefused, "FAILED gate.cmd: "},
    {"go-cut-off-before-the-end-of-the-line", "GO build=261", "0", kRefused, "FAILED gate.cmd: "},
    {"go-before-no-go", "GO build=26100.7462\\nNO_GO build=26100.7462\\n", "0", kRefused,
     "FAILED gate.cmd: "},
    {"no-go-before-go", "NO_GO build=26100.7462\\nGO build=26100.7462\\n", "0", kRefused,
     "FAILED gate.cmd: "},
    {"go-and-an-exit-line", "GO build=26100.7462\\nexit:0\\n", "1", kRefused, "FAILED gate.cmd: "},
    {"garbage", "MZ@%%~%PATH%|<>^&()!x!\\n", "0", kRefused, "FAILED gate.cmd: "},
    {"garbage-with-1618", "MZ@%%~%PATH%|<>^&()!x!\\n", "1618", kRefused, "FAILED gate.cmd: "},

    // What cmd.exe would take for more than text is text.
    {"special-characters-no-go", "NO_GO error=a & b | c > d < e ^ f %PATH% \"g h\" ) (\\n", "1603",
     kRefused, "NO_GO error=a & b | c > d < e ^ f %PATH% \"g h\" ) (\n"},
    {"special-characters-go", "GO a & b | c > d < e ^ f %PATH% \"g h\" ) (\\n", "0", 0,
     "GO a & b | c > d < e ^ f %PATH% \"g h\" ) (\n"},
};

// The verdicts, and some that do not fit: enough where gate.cmd is asked by another.
std::vector<AnswerCase> FirstAnswers() { return {std::begin(kAnswers), std::begin(kAnswers) + 10}; }

TEST_F(CmdScripts, InstallerRunsOnGoOnly) {
  for (const AnswerCase& c : kAnswers) {
    SCOPED_TRACE(c.name);
    const Ended ended = Script("gate.cmd", Quoted("installer.exe") + " /quiet",
                               {{"FAKE_PATCHGATE_TEXT", c.text}, {"FAKE_PATCHGATE_CODE", c.code}});
    EXPECT_EQ(ended.code, c.want) << ended.out;
    EXPECT_THAT(ended.out, StartsWith(c.want_line));
    EXPECT_EQ(std::count(ended.out.begin(), ended.out.end(), '\n'), 1) << ended.out;
    EXPECT_EQ(Exists(InstallerLog()), c.want == 0);
  }
}

TEST_F(CmdScripts, WithoutInstallerTheSameAnswers) {
  for (const AnswerCase& c : FirstAnswers()) {
    SCOPED_TRACE(c.name);
    const Ended ended =
        Script("gate.cmd", "", {{"FAKE_PATCHGATE_TEXT", c.text}, {"FAKE_PATCHGATE_CODE", c.code}});
    EXPECT_EQ(ended.code, c.want) << ended.out;
    EXPECT_THAT(ended.out, StartsWith(c.want_line));
  }
}

const char kGo[] = "GO build=26100.7462 block=0\\n";

TEST_F(CmdScripts, ALineOfFullLengthIsWhole) {
  std::string text = "NO_GO findings=";
  text.resize(2048, 'x');
  const Ended ended = Script(
      "gate.cmd", "", {{"FAKE_PATCHGATE_TEXT", text + "\\n"}, {"FAKE_PATCHGATE_CODE", "1603"}});
  EXPECT_EQ(ended.code, kRefused);
  EXPECT_EQ(ended.out, text + "\n");
}

TEST_F(CmdScripts, AsksForWhatItUnderstands) {
  Script("gate.cmd", "", {{"FAKE_PATCHGATE_TEXT", kGo}});
  EXPECT_THAT(
      ReadAll(GateLog()),
      HasSubstr(
          "patchgate.exe\" check --exit-style msi --event-log --timeout \"300\" -o one-line"));
  Script("gate.cmd", "", {{"FAKE_PATCHGATE_TEXT", kGo}, {"PATCHGATE_TIMEOUT", "45"}});
  EXPECT_THAT(ReadAll(GateLog()), HasSubstr(" --timeout \"45\" "));
}

TEST_F(CmdScripts, BlankTimeoutIsAsNone) {
  for (const char* value : {"", " ", "   ", "\"\"", "\" \"", "\""}) {
    SCOPED_TRACE(value);
    Script("gate.cmd", "", {{"FAKE_PATCHGATE_TEXT", kGo}, {"PATCHGATE_TIMEOUT", value}});
    EXPECT_THAT(ReadAll(GateLog()), HasSubstr(" --timeout \"300\" "));
  }
}

TEST_F(CmdScripts, PolicyBesideTheGateIsUsed) {
  for (const char* folder : {"Program Files (x86) & more", "a^b", "a=b,c;d"}) {
    SCOPED_TRACE(folder);
    Install(folder);
    const Variables variables = {{"FAKE_PATCHGATE_TEXT", kGo}, {"policy", "--now 0"}};
    EXPECT_EQ(Script("gate.cmd", "", variables).code, 0u);
    EXPECT_THAT(ReadAll(GateLog()), AllOf(Not(HasSubstr("--policy")), Not(HasSubstr("--now"))));
    const std::string policy = home_ + "\\patchgate-policy.textproto";
    std::ofstream(policy, std::ios::binary) << "";
    EXPECT_EQ(Script("gate.cmd", "", variables).code, 0u);
    EXPECT_THAT(ReadAll(GateLog()), HasSubstr(" --policy \"" + policy + "\" -o one-line"));
  }
}

TEST_F(CmdScripts, VariablesAreNoCommands) {
  for (const char* value : {"1 >nul & echo GO a=1 & echo exit:0& exit", "1\" & echo GO & \"", "\"",
                            "%PATH%", "!PATH!", "1 -o text"}) {
    SCOPED_TRACE(value);
    const Variables variables = {{"FAKE_PATCHGATE_TEXT", "INDETERMINATE busy=1\\n"},
                                 {"FAKE_PATCHGATE_CODE", "1618"},
                                 {"PATCHGATE_TIMEOUT", value},
                                 {"PATCHGATE_BUSY_WAIT", "1 & exit /b 0"}};
    const Ended ended = Script("gate.cmd", Quoted("installer.exe"), variables);
    EXPECT_EQ(ended.code, kBusy) << ended.out;
    EXPECT_FALSE(Exists(InstallerLog()));
    EXPECT_EQ(Script("configmgr_task_sequence.cmd", "", variables).code, kBusy);
  }
}

TEST_F(CmdScripts, InstallerWithoutANameIsRefused) {
  for (const char* arguments : {"\"\"", "\"\" /quiet", "\"\" \"\""}) {
    SCOPED_TRACE(arguments);
    const Ended ended = Script("gate.cmd", arguments, {{"FAKE_PATCHGATE_TEXT", kGo}});
    EXPECT_EQ(ended.code, kRefused);
    EXPECT_THAT(ended.out, StartsWith("FAILED gate.cmd: "));
  }
}

TEST_F(CmdScripts, MissingProgramIsRefused) {
  ASSERT_TRUE(DeleteFileA((home_ + "\\patchgate.exe").c_str()));
  const Ended ended = Script("gate.cmd", Quoted("installer.exe"), {});
  EXPECT_EQ(ended.code, kRefused);
  EXPECT_THAT(ended.out, StartsWith("FAILED gate.cmd: patchgate.exe is not beside it\n"));
  EXPECT_FALSE(Exists(InstallerLog()));
}

TEST_F(CmdScripts, ProgramThatIsNoneIsRefused) {
  for (const char* content : {"", "MZ", "GO build=26100.7462\n"}) {
    SCOPED_TRACE(content);
    const std::string program = home_ + "\\patchgate.exe";
    std::ofstream(program, std::ios::binary) << content;
    ASSERT_EQ(ReadAll(program), content);
    const Ended ended = Script("gate.cmd", Quoted("installer.exe"), {});
    EXPECT_EQ(ended.code, kRefused);
    EXPECT_THAT(ended.out, StartsWith("FAILED gate.cmd: "));
    EXPECT_FALSE(Exists(InstallerLog()));
  }
}

TEST_F(CmdScripts, CrashIsRefused) {
  const Ended ended = Script("gate.cmd", Quoted("installer.exe"),
                             {{"FAKE_PATCHGATE_CRASH", "1"}, {"FAKE_PATCHGATE_TEXT", kGo}});
  EXPECT_EQ(ended.code, kRefused);
  EXPECT_THAT(ended.out, HasSubstr("exit:-1073741819"));
  EXPECT_FALSE(Exists(InstallerLog()));
}

TEST_F(CmdScripts, NothingIsInstalledBeforeTheAnswer) {
  const Ended ended =
      Script("gate.cmd", Quoted("installer.exe"),
             {{"FAKE_PATCHGATE_SLEEP", "30000"}, {"FAKE_PATCHGATE_TEXT", kGo}}, 2000);
  EXPECT_FALSE(ended.in_time);
  EXPECT_EQ(ended.out, "");
  EXPECT_TRUE(Exists(GateLog()));
  EXPECT_FALSE(Exists(InstallerLog()));
}

TEST_F(CmdScripts, ExitCodeOfTheInstallerIsHandedOn) {
  for (const char* code : {"0", "1", "1602", "1603", "1618", "1641", "3010", "2359302",
                           "0x80240017", "0x800F081F", "-1"}) {
    SCOPED_TRACE(code);
    const Ended ended = Script("gate.cmd", Quoted("installer.exe"),
                               {{"FAKE_PATCHGATE_TEXT", kGo}, {"FAKE_INSTALLER_CODE", code}});
    EXPECT_EQ(ended.code, static_cast<uint32_t>(std::strtoll(code, nullptr, 0)));
    EXPECT_TRUE(Exists(InstallerLog()));
  }
}

TEST_F(CmdScripts, MissingInstallerIsNoSuccess) {
  const Ended ended =
      Script("gate.cmd", Quoted("not there.exe") + " /quiet", {{"FAKE_PATCHGATE_TEXT", kGo}});
  EXPECT_NE(ended.code, 0u);
  EXPECT_NE(ended.code, 3010u);
  EXPECT_NE(ended.code, 1641u);
}

TEST_F(CmdScripts, ArgumentsOfTheInstallerStayAsTheyAre) {
  for (const char* arguments : {
           "C:\\update.msu /quiet /norestart",
           "\"C:\\a folder\\update (x64) & more.msu\" /quiet",
           "/log=\"C:\\a b\\c.log\" PROPERTY=\"\"",
           "a,b;c=d !x! \"<>|&^\" 'y'",
           "1 2 3 4 5 6 7 8 9 10 11 12",
       }) {
    SCOPED_TRACE(arguments);
    const Ended ended = Script("gate.cmd", Quoted("installer.exe") + " " + arguments,
                               {{"FAKE_PATCHGATE_TEXT", kGo}});
    EXPECT_EQ(ended.code, 0u);
    EXPECT_THAT(ReadAll(InstallerLog()), HasSubstr(arguments));
  }
}

TEST_F(CmdScripts, AnyFolder) {
  for (const char* folder : {"patchgate", "with blank", "a&b", "(x)", "a^b", "it's", "a=b,c;d"}) {
    SCOPED_TRACE(folder);
    Install(folder);
    const Ended ended = Script("gate.cmd", Quoted("installer.exe") + " /quiet",
                               {{"FAKE_PATCHGATE_TEXT", kGo}, {"FAKE_INSTALLER_CODE", "3010"}});
    EXPECT_EQ(ended.code, 3010u) << ended.out;
    EXPECT_THAT(ended.out, StartsWith("GO build="));
  }
}

TEST_F(CmdScripts, VariablesOfTheCallerChangeNothing) {
  const Variables hostile = {{"ERRORLEVEL", "0"}, {"word", "GO"},  {"code", "exit:0"},
                             {"rest", "build=1"}, {"answer", "0"}, {"last", "exit:0"},
                             {"surplus", ""},     {"waited", "9"}};
  Variables refused = hostile;
  refused["FAKE_PATCHGATE_TEXT"] = "NO_GO build=26100.7462\\n";
  refused["FAKE_PATCHGATE_CODE"] = "1603";
  EXPECT_EQ(Script("gate.cmd", Quoted("installer.exe"), refused).code, kRefused);
  EXPECT_FALSE(Exists(InstallerLog()));
  Variables silent = hostile;
  silent["FAKE_PATCHGATE_CODE"] = "0xC0000005";
  EXPECT_EQ(Script("gate.cmd", Quoted("installer.exe"), silent).code, kRefused);
  Variables installed = hostile;
  installed["FAKE_PATCHGATE_TEXT"] = kGo;
  installed["FAKE_INSTALLER_CODE"] = "1603";
  EXPECT_EQ(Script("gate.cmd", Quoted("installer.exe"), installed).code, 1603u);
  EXPECT_EQ(Script("configmgr_task_sequence.cmd", "", refused).code, kRefused);
  EXPECT_NE(Script("wsus_scheduled_check.cmd", "", refused).code, 0u);
  EXPECT_FALSE(Exists(State("go.txt")));
}

// How often patchgate.exe was asked.
int Asked(const std::string& log) {
  const std::string text = ReadAll(log);
  return static_cast<int>(std::count(text.begin(), text.end(), '\n'));
}

TEST_F(CmdScripts, TaskSequenceStep) {
  struct {
    const char* name;
    const char* text;
    const char* code;
    uint32_t want;
    int asked;
  } const cases[] = {
      {"go", kGo, "0", 0, 1},
      {"no-go", "NO_GO build=26100.7462\\n", "1603", kRefused, 1},
      {"busy-to-the-end", "INDETERMINATE busy=1\\n", "1618", kBusy, 6},
      {"crash", "", "0xC0000005", kRefused, 1},
      {"go-with-3010", kGo, "3010", kRefused, 1},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    const Ended ended = Script("configmgr_task_sequence.cmd", "",
                               {{"FAKE_PATCHGATE_TEXT", c.text},
                                {"FAKE_PATCHGATE_CODE", c.code},
                                {"PATCHGATE_BUSY_WAIT", "1"}});
    EXPECT_EQ(ended.code, c.want) << ended.out;
    EXPECT_EQ(Asked(GateLog()), c.asked);
  }
}

TEST_F(CmdScripts, ScriptsWithoutGateRefuse) {
  ASSERT_TRUE(DeleteFileA((home_ + "\\gate.cmd").c_str()));
  EXPECT_NE(Script("configmgr_task_sequence.cmd", "", {}).code, 0u);
  EXPECT_NE(Script("wsus_scheduled_check.cmd", "", {}).code, 0u);
  EXPECT_FALSE(Exists(State("go.txt")));
}

TEST_F(CmdScripts, ScheduledCheckMarksGoOnly) {
  for (const AnswerCase& c : FirstAnswers()) {
    SCOPED_TRACE(c.name);
    // The GO of yesterday.
    std::ofstream(State("go.txt"), std::ios::binary) << "GO build=26100.4946\n";
    const Ended ended = Script("wsus_scheduled_check.cmd", "",
                               {{"FAKE_PATCHGATE_TEXT", c.text}, {"FAKE_PATCHGATE_CODE", c.code}});
    EXPECT_EQ(ended.code, c.want) << ended.out;
    const char* const written = c.want == 0 ? "go.txt" : "check.txt";
    const char* const absent = c.want == 0 ? "check.txt" : "go.txt";
    EXPECT_THAT(WithoutCarriageReturns(ReadAll(State(written))), StartsWith(c.want_line));
    EXPECT_FALSE(Exists(State(absent)));
  }
}

TEST_F(CmdScripts, ScheduledCheckMakesNoFolder) {
  ASSERT_TRUE(RemoveDirectoryA(State("").c_str()));
  const Ended ended = Script("wsus_scheduled_check.cmd", "", {{"FAKE_PATCHGATE_TEXT", kGo}});
  EXPECT_EQ(ended.code, kRefused);
  EXPECT_THAT(ended.out, StartsWith("FAILED wsus_scheduled_check.cmd: there is no folder"));
  EXPECT_FALSE(Exists(State("")));
}

TEST_F(CmdScripts, ScheduledCheckThatCannotClearIsRefused) {
  for (const char* name : {"check.txt", "go.txt"}) {
    SCOPED_TRACE(name);
    // A folder of that name, with something in it.
    const std::string path = State(name);
    ASSERT_TRUE(CreateDirectoryA(path.c_str(), nullptr));
    std::ofstream(path + "\\x") << "x";
    const Ended ended = Script("wsus_scheduled_check.cmd", "", {{"FAKE_PATCHGATE_TEXT", kGo}});
    EXPECT_EQ(ended.code, kRefused);
    EXPECT_THAT(ended.out, HasSubstr("cannot be deleted"));
    DeleteFileA((path + "\\x").c_str());
    RemoveDirectoryA(path.c_str());
  }
}

// The program itself, on whatever host this is: its answers are of the form that gate.cmd asks for.
TEST_F(CmdScripts, AnswersOfTheProgramItselfFit) {
  Copy("gate\\cli\\patchgate.exe", home_ + "\\patchgate.exe");
  Ended ended = Script("gate.cmd", "", {});
  EXPECT_THAT(ended.code, AnyOf(0u, kRefused, kBusy));
  EXPECT_THAT(ended.out, AnyOf(StartsWith("GO build="), StartsWith("NO_GO build="),
                               StartsWith("INDETERMINATE build=")));
  EXPECT_EQ(ended.code == 0, ended.out.compare(0, 3, "GO ") == 0);

  ended = Script("gate.cmd", Quoted("installer.exe"), {{"PATCHGATE_TIMEOUT", "0.001"}});
  EXPECT_EQ(ended.code, kRefused);
  EXPECT_THAT(ended.out, StartsWith("FAILED patchgate="));
  EXPECT_FALSE(Exists(InstallerLog()));

  ended = Script("gate.cmd", Quoted("installer.exe"), {{"PATCHGATE_TIMEOUT", "soon"}});
  EXPECT_EQ(ended.code, kRefused);
  EXPECT_THAT(ended.out, StartsWith("FAILED patchgate="));
  EXPECT_FALSE(Exists(InstallerLog()));

  const std::string policy = home_ + "\\patchgate-policy.textproto";
  std::ofstream(policy, std::ios::binary) << "# Nothing in it.\n";
  ended = Script("gate.cmd", "", {});
  EXPECT_THAT(ended.out, AnyOf(StartsWith("GO build="), StartsWith("NO_GO build="),
                               StartsWith("INDETERMINATE build=")));
  std::ofstream(policy, std::ios::binary) << "required_evidence {";
  ended = Script("gate.cmd", Quoted("installer.exe"), {});
  EXPECT_EQ(ended.code, kRefused);
  EXPECT_THAT(ended.out, AllOf(StartsWith("FAILED patchgate="), HasSubstr("policy")));
  EXPECT_FALSE(Exists(InstallerLog()));
  // A folder of that name cannot be read.
  ASSERT_TRUE(DeleteFileA(policy.c_str()));
  ASSERT_TRUE(CreateDirectoryA(policy.c_str(), nullptr));
  ended = Script("gate.cmd", Quoted("installer.exe"), {});
  EXPECT_EQ(ended.code, kRefused);
  EXPECT_FALSE(Exists(InstallerLog()));
}

}  // namespace
