#include "gate/checks/check_testing.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "testdata/fake_volume.h"

namespace patchgate::gate::checks {
namespace {

constexpr char kId[] = "store.corruption-flag";

TEST(StoreCorruptionFlag, Cases) {
  RunCases(kId, {{"healthy", Unchanged, Finding::PASS, "not marked as corrupt"},
                 {"corrupt",
                  [](FakeVolume& volume) {
                    volume.components()->SetDword("CorruptionDetectedDuringAcr", 1);
                    return volume.Build();
                  },
                  Finding::WARN,
                  "could not repair all of it",
                  {{"COMPONENTS\\CorruptionDetectedDuringAcr", "is 0x1"}}},
                 {"corrupt, as a key",
                  [](FakeVolume& volume) {
                    volume.components()->AddKey("CorruptionDetectedDuringAcr");
                    return volume.Build();
                  },
                  Finding::WARN,
                  "could not repair all of it",
                  {{"CorruptionDetectedDuringAcr", "key is present"}}},
                 {"cleared",
                  [](FakeVolume& volume) {
                    volume.components()->SetDword("CorruptionDetectedDuringAcr", 0);
                    return volume.Build();
                  },
                  Finding::PASS, "not marked as corrupt"},
                 {"not serviceable",
                  [](FakeVolume& volume) {
                    volume.components()->SetDword("Unserviceable", 1);
                    return volume.Build();
                  },
                  Finding::WARN,
                  "not serviceable",
                  {{"COMPONENTS\\Unserviceable", "is 0x1"}}},
                 {"marks of a transaction",
                  [](FakeVolume& volume) {
                    volume.components()->SetDword("StoreDirty", 1);
                    return volume.Build();
                  },
                  Finding::PASS, "not marked as corrupt"},
                 {"broken value list",
                  [](FakeVolume& volume) {
                    evidence::MemorySource built = volume.Build();
                    BreakValues(kComponentsHive, *volume.components(), &built);
                    return built;
                  },
                  Finding::INDETERMINATE, "could not be measured in full"}});
}

TEST(StoreCorruptionFlag, IsDated) {
  FakeVolume volume;
  volume.components()
      ->SetDword("Unserviceable", 1)
      ->set_last_written(testdata::Time("2025-12-10T09:41:05Z"));
  EXPECT_THAT(RunCheck(kId, volume.Build()),
              HasEvidenceWritten("Unserviceable", "2025-12-10T09:41:05Z"));
}

TEST(StoreCorruptionFlag, NeedsItsEvidence) { ExpectNeeds(kId, {kComponentsHive}); }

}  // namespace
}  // namespace patchgate::gate::checks
