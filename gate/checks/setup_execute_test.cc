#include "gate/checks/check_testing.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "testdata/fake_volume.h"

namespace patchgate::gate::checks {
namespace {

constexpr char kId[] = "pending.setup-execute";

TEST(SetupExecuteCommands, Cases) {
  RunCases(kId,
           {{"healthy", Unchanged, Finding::PASS, "no set-up program"},
            {"poqexec, which pending.transaction judges",
             [](FakeVolume& volume) {
               volume.session_manager()->SetMultiString("SetupExecute", {FakeVolume::kPoqexec});
               return volume.Build();
             },
             Finding::INFO,
             "poqexec is registered",
             {{"SetupExecute", "poqexec.exe"}}},
            {"another program",
             [](FakeVolume& volume) {
               volume.session_manager()->SetMultiString("SetupExecute",
                                                        {FakeVolume::kPoqexec, "tool.exe /x"});
               return volume.Build();
             },
             Finding::WARN,
             "an unexpected program runs at boot: tool.exe /x",
             {{"SetupExecute", "tool.exe"}}},
            {"no value",
             [](FakeVolume& volume) {
               volume.session_manager()->RemoveValue("SETUPEXECUTE");
               return volume.Build();
             },
             Finding::INFO,
             "is missing",
             {{"SetupExecute", "not there"}}},
            {"poqexec is kept from running",
             [](FakeVolume& volume) {
               volume.side_by_side()->SetDword("DontRunPoqexecInSmss", 1);
               return volume.Build();
             },
             Finding::WARN,
             "kept from running",
             {{"DontRunPoqexecInSmss", "present"}}},
            {"no side-by-side configuration",
             [](FakeVolume& volume) {
               volume.software()
                   ->AddKey("Microsoft\\Windows\\CurrentVersion\\SideBySide")
                   ->RemoveKey("Configuration");
               return volume.Build();
             },
             Finding::PASS, "no set-up program"},
            {"wrong type",
             [](FakeVolume& volume) {
               volume.session_manager()->SetDword("SETUPEXECUTE", 1);
               return volume.Build();
             },
             Finding::INDETERMINATE, "expected REG_MULTI_SZ"},
            {"no key",
             [](FakeVolume& volume) {
               volume.system()->AddKey("ControlSet001")->RemoveKey("Control");
               return volume.Build();
             },
             Finding::INDETERMINATE, "Session Manager is missing"},
            {"broken value list",
             [](FakeVolume& volume) {
               volume.session_manager()->RemoveValue("BootExecute");  // SetupExecute comes first.
               evidence::MemorySource built = volume.Build();
               BreakValues(kSystemHive, *volume.session_manager(), &built);
               return built;
             },
             Finding::INDETERMINATE, "could not be measured in full"}});
}

TEST(SetupExecuteCommands, IsDated) {
  FakeVolume volume;
  volume.session_manager()
      ->SetMultiString("SETUPEXECUTE", {"x"})
      ->set_last_written(testdata::Time("2025-12-10T09:41:05Z"));
  EXPECT_THAT(RunCheck(kId, volume.Build()),
              HasEvidenceWritten("SetupExecute", "2025-12-10T09:41:05Z"));
}

TEST(SetupExecuteCommands, NeedsItsEvidence) { ExpectNeeds(kId, {kSystemHive, kSoftwareHive}); }

}  // namespace
}  // namespace patchgate::gate::checks
