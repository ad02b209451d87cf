#include <string>
#include <vector>

#include "gate/checks/check_testing.h"
#include "gate/checks/commands.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "testdata/fake_volume.h"

namespace patchgate::gate::checks {
namespace {

constexpr char kId[] = "pending.boot-execute";

CheckCase Commands(const char* name, std::vector<std::string> commands, Finding::Result result,
                   const char* summary) {
  const std::string last = commands.empty() ? "is empty" : commands.back();
  return {name,
          [commands](FakeVolume& volume) {
            volume.session_manager()->SetMultiString("BootExecute", commands);
            return volume.Build();
          },
          result,
          summary,
          {{"Session Manager\\BootExecute", last}}};
}

TEST(BootExecuteCommands, Cases) {
  RunCases(
      kId,
      {{"healthy", Unchanged, Finding::PASS, "only the usual file system check"},
       {"healthy, spelled otherwise",
        [](FakeVolume& volume) {
          volume.session_manager()->SetMultiString("BootExecute", {"autocheck  AutoChk * "});
          return volume.Build();
        },
        Finding::PASS, "only the usual file system check"},
       Commands("repair of a volume", {"autocheck autochk *", R"(autocheck autochk /p \??\C:)"},
                Finding::WARN, "a file system repair is due"),
       Commands("repair of a marked volume", {R"(autocheck autochk /m \Device\HarddiskVolume3)"},
                Finding::WARN, "a file system repair is due"),
       Commands("surface scan", {"autocheck autochk /R *"}, Finding::WARN,
                "a file system repair is due"),
       Commands("volume named outright", {R"(autocheck autochk \??\D:)"}, Finding::WARN,
                "a file system repair is due"),
       Commands("volume left out", {"autocheck autochk /k:D *"}, Finding::INFO,
                "options of its own"),
       Commands("a program beside it", {"autocheck autochk *", "pgdfgsvc C /1"}, Finding::WARN,
                "a program other than autochk runs at boot: pgdfgsvc C /1"),
       Commands("a program started by autocheck", {"autocheck lsdelete"}, Finding::WARN,
                "a program other than autochk"),
       Commands("empty", {}, Finding::WARN, "file systems are not checked at boot"),
       {"no value",
        [](FakeVolume& volume) {
          volume.session_manager()->RemoveValue("BootExecute");
          return volume.Build();
        },
        Finding::WARN,
        "file systems are not checked at boot",
        {{"BootExecute", "not there"}}},
       {"no key",
        [](FakeVolume& volume) {
          volume.system()->AddKey("ControlSet001")->RemoveKey("Control");
          return volume.Build();
        },
        Finding::INDETERMINATE, "Session Manager is missing"},
       {"wrong type",
        [](FakeVolume& volume) {
          volume.session_manager()->SetDword("BootExecute", 1);
          return volume.Build();
        },
        Finding::INDETERMINATE, "expected REG_MULTI_SZ"},
       {"broken value list",
        [](FakeVolume& volume) {
          evidence::MemorySource built = volume.Build();
          BreakValues(kSystemHive, *volume.session_manager(), &built);
          return built;
        },
        Finding::INDETERMINATE, "could not be measured in full"}});
}

TEST(BootExecuteCommands, IsDated) {
  FakeVolume volume;
  volume.session_manager()
      ->SetMultiString("BootExecute", {"x"})
      ->set_last_written(testdata::Time("2025-12-10T09:41:05Z"));
  EXPECT_THAT(RunCheck(kId, volume.Build()),
              HasEvidenceWritten("BootExecute", "2025-12-10T09:41:05Z"));
}

TEST(BootExecuteCommands, NeedsItsEvidence) { ExpectNeeds(kId, {kSystemHive}); }

TEST(Commands, ProgramName) {
  EXPECT_EQ(ProgramName(FakeVolume::kPoqexec), "poqexec");
  EXPECT_EQ(ProgramName("POQEXEC.EXE /x"), "poqexec");
  EXPECT_EQ(ProgramName("autocheck autochk *"), "autochk");
  EXPECT_EQ(ProgramName("autocheck"), "autocheck");
  EXPECT_EQ(ProgramName(R"(\SystemRoot\System32\smss\tool)"), "tool");
  EXPECT_EQ(ProgramName(" \t"), "");
  EXPECT_EQ(ProgramName(""), "");
}

}  // namespace
}  // namespace patchgate::gate::checks
