#include "gate/checks/check_testing.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "testdata/fake_volume.h"

namespace patchgate::gate::checks {
namespace {

constexpr char kId[] = "cbs.driver-operations";

void QueueOperation(FakeVolume& volume) {
  volume.cbs()
      ->AddKey("DriverOperations")
      ->set_last_written(testdata::Time("2025-12-10T09:41:05Z"));
  volume.cbs()->AddKey("DriverOperations\\oem7.inf");
}

TEST(DriverOperations, Cases) {
  RunCases(kId, {{"healthy", Unchanged, Finding::PASS, "no driver operation"},
                 {"no such key",
                  [](FakeVolume& volume) {
                    volume.cbs()->RemoveKey("DriverOperations");
                    return volume.Build();
                  },
                  Finding::PASS, "no driver operation"},
                 {"left behind",
                  [](FakeVolume& volume) {
                    QueueOperation(volume);
                    return volume.Build();
                  },
                  Finding::WARN,
                  "no transaction is pending",
                  {{"DriverOperations\\oem7.inf", "queued"}}},
                 {"of a pending transaction",
                  [](FakeVolume& volume) {
                    QueueOperation(volume);
                    volume.AddPendingXml(FakeVolume::kIdentifier, 0);
                    return volume.Build();
                  },
                  Finding::INFO, "together with a pending transaction"},
                 {"WinSxS unknown",
                  [](FakeVolume& volume) {
                    QueueOperation(volume);
                    evidence::MemorySource built = volume.Build();
                    built.Remove("Windows/WinSxS");
                    return built;
                  },
                  Finding::INDETERMINATE, "could not be measured"},
                 {"broken subkey list",
                  [](FakeVolume& volume) {
                    QueueOperation(volume);
                    evidence::MemorySource built = volume.Build();
                    BreakSubkeys(kSoftwareHive, *volume.cbs()->FindKey("DriverOperations"), &built);
                    return built;
                  },
                  Finding::INDETERMINATE, "could not be measured in full"}});
}

TEST(DriverOperations, IsDated) {
  FakeVolume volume;
  QueueOperation(volume);
  EXPECT_THAT(RunCheck(kId, volume.Build()),
              HasEvidenceWritten("oem7.inf", "2025-12-10T09:41:05Z"));
}

TEST(DriverOperations, NeedsItsEvidence) { ExpectNeeds(kId, {kSoftwareHive}); }

}  // namespace
}  // namespace patchgate::gate::checks
