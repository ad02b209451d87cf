#include "absl/strings/str_cat.h"
#include "gate/checks/check_testing.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "testdata/fake_volume.h"

namespace patchgate::gate::checks {
namespace {

constexpr char kId[] = "pending.components-flags";

CheckCase Flag(const char* name, Finding::Result result, const char* summary) {
  return {name,
          [name](FakeVolume& volume) {
            volume.components()->SetDword(name, 1);
            return volume.Build();
          },
          result,
          summary,
          {{absl::StrCat("COMPONENTS\\", name), "is 0x1 (REG_DWORD)"}}};
}

CheckCase FlagWithPendingXml(const char* name, Finding::Result result) {
  return {absl::StrCat(name, " with pending.xml"),
          [name](FakeVolume& volume) {
            volume.components()->SetDword(name, 1);
            volume.AddPendingXml(FakeVolume::kIdentifier, 0);
            return volume.Build();
          },
          result, "not settled"};
}

TEST(ComponentsFlags, Cases) {
  RunCases(kId,
           {{"healthy", Unchanged, Finding::PASS, "is settled"},
            Flag("ExecutionState", Finding::BLOCK, "partly executed"),
            Flag("PoqexecFailure", Finding::BLOCK, "failed at boot"),
            Flag("PoqexecFailures", Finding::BLOCK, "failed at boot"),
            Flag("RepairTransactionPended", Finding::BLOCK, "waits for a restart"),
            Flag("AIFailureInformation", Finding::BLOCK, "advanced installer failed"),
            Flag("AdvancedInstallersNeedResolving", Finding::BLOCK, "advanced installers"),
            Flag("StoreDirty", Finding::BLOCK, "not committed"),
            Flag("NextQueueEntryIndex", Finding::WARN, "installer queue"),
            Flag("NextQueueEntryIndexBCDB", Finding::WARN, "boot store"),
            Flag("ImpactfulTransactionCommitsDisabled", Finding::WARN, "switched off"),
            FlagWithPendingXml("NextQueueEntryIndex", Finding::BLOCK),
            FlagWithPendingXml("NextQueueEntryIndexBCDB", Finding::BLOCK),
            FlagWithPendingXml("ImpactfulTransactionCommitsDisabled", Finding::WARN),
            {"installer queue left behind",
             [](FakeVolume& volume) {
               volume.components()->AddKey("Installers\\RegKeySDTable")->SetBinary("Install", "x");
               return volume.Build();
             },
             Finding::WARN,
             "left behind",
             {{"RegKeySDTable\\Install", "REG_BINARY"}}},
            {"set as text",
             [](FakeVolume& volume) {
               volume.components()->SetString("ExecutionState", "Staged");
               return volume.Build();
             },
             Finding::BLOCK,
             "partly executed",
             {{"ExecutionState", "Staged"}}},
            {"settled values",
             [](FakeVolume& volume) {
               volume.components()
                   ->SetDword("ExecutionState", 0)
                   ->SetString("StoreDirty", " ")
                   ->SetBinary("AIFailureInformation", "");
               return volume.Build();
             },
             Finding::PASS, "is settled"},
            {"marks of other checks",
             [](FakeVolume& volume) {
               volume.components()
                   ->SetDword("CorruptionDetectedDuringAcr", 1)
                   ->SetDword("Unserviceable", 1);
               volume.SetPendingXmlIdentifier(FakeVolume::kIdentifier);
               return volume.Build();
             },
             Finding::PASS, "is settled"},
            {"queue, WinSxS unknown",
             [](FakeVolume& volume) {
               volume.components()->SetDword("NextQueueEntryIndex", 1);
               evidence::MemorySource built = volume.Build();
               built.Remove("Windows/WinSxS");
               return built;
             },
             Finding::INDETERMINATE, "could not be measured"},
            {"broken value list",
             [](FakeVolume& volume) {
               evidence::MemorySource built = volume.Build();
               BreakValues(kComponentsHive, *volume.components(), &built);
               return built;
             },
             Finding::INDETERMINATE, "could not be measured in full"}});
}

TEST(ComponentsFlags, IsDatedWhereTheTimeIsItsOwn) {
  FakeVolume volume;
  volume.components()
      ->SetDword("StoreDirty", 1)
      ->set_last_written(testdata::Time("2025-12-10T09:41:05Z"));
  volume.components()->AddKey("Installers\\RegKeySDTable")->SetDword("Install", 1);
  const Finding finding = RunCheck(kId, volume.Build());
  EXPECT_THAT(finding, HasEvidenceWritten("StoreDirty", "2025-12-10T09:41:05Z"));
  EXPECT_THAT(finding, HasEvidenceWritten("RegKeySDTable", ""));
}

TEST(ComponentsFlags, NeedsItsEvidence) { ExpectNeeds(kId, {kComponentsHive}); }

}  // namespace
}  // namespace patchgate::gate::checks
