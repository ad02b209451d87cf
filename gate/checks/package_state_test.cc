#include "absl/strings/str_cat.h"
#include "gate/checks/check_testing.h"
#include "gate/checks/package_states.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "testdata/fake_volume.h"

namespace patchgate::gate::checks {
namespace {

constexpr char kId[] = "cbs.package-state";
constexpr char kRollup[] = "Package_for_RollupFix~31bf3856ad364e35~amd64~~26100.7623.1.10";
constexpr char kOldRollup[] = "Package_for_RollupFix~31bf3856ad364e35~amd64~~26100.7462.1.9";
constexpr char kFeature[] =
    "Microsoft-Windows-Telnet-Client-Package~31bf3856ad364e35~amd64~~10.0.26100.1";

FileTime Failed() { return testdata::Time("2026-01-14T03:00:00Z"); }

TEST(PackageState, Cases) {
  RunCases(kId, {{"healthy", Unchanged, Finding::PASS, "none of 5 packages"},
                 {"rollup only staged",
                  [](FakeVolume& volume) {
                    volume.AddPackage(kRollup, 64, Failed())->SetDword("LastError", 0x800F0922);
                    return volume.Build();
                  },
                  Finding::BLOCK,
                  "26100.7623.1.10 is Staged (64), last error 0x800f0922 (CBS_E_INSTALLERS_FAILED)",
                  {{kRollup, "last error 0x800f0922 (CBS_E_INSTALLERS_FAILED)"}}},
                 {"error without a known name",
                  [](FakeVolume& volume) {
                    volume.AddPackage(kRollup, 64, Failed())->SetDword("LastError", 0x8000FFFF);
                    return volume.Build();
                  },
                  Finding::BLOCK,
                  "Staged (64), last error 0x8000ffff",
                  {{kRollup, "is Staged (64), last error 0x8000ffff"}}},
                 {"rollup installed, with an error of before",
                  [](FakeVolume& volume) {
                    volume.AddPackage(kRollup, 112, Failed())->SetDword("LastError", 0x80073712);
                    return volume.Build();
                  },
                  Finding::INFO,
                  "Installed (112), last error 0x80073712 (ERROR_SXS_COMPONENT_STORE_CORRUPT)"},
                 {"single KB waits",
                  [](FakeVolume& volume) {
                    volume.AddPackage("Package_for_KB5020683~31bf3856ad364e35~amd64~~10.0.1.0", 96,
                                      Failed());
                    return volume.Build();
                  },
                  Finding::BLOCK, "InstallPending (96)"},
                 {"rollup broken",
                  [](FakeVolume& volume) {
                    volume.AddPackage(kRollup, 0xFFFFFF90, Failed());
                    return volume.Build();
                  },
                  Finding::BLOCK, "InstalledInvalid (-112)"},
                 {"rollup in a state that nobody knows",
                  [](FakeVolume& volume) {
                    volume.AddPackage(kRollup, 7, Failed());
                    return volume.Build();
                  },
                  Finding::BLOCK, "is unknown state 7"},
                 {"two rollups caught half way",
                  [](FakeVolume& volume) {
                    volume.AddPackage("A-ServicingStack~1", 64, Failed());
                    volume.AddPackage(kRollup, 96, Failed());
                    volume.AddPackage(kOldRollup, 5, Failed());
                    return volume.Build();
                  },
                  Finding::BLOCK,
                  "two cumulative updates are caught half way",
                  {{kRollup, "InstallPending (96)"}, {kOldRollup, "UninstallPending (5)"}}},
                 {"the worst comes first",
                  [](FakeVolume& volume) {
                    volume.AddPackage("A-Feature~1", 101, Failed());
                    volume.AddPackage(kRollup, 48, Failed());
                    return volume.Build();
                  },
                  Finding::BLOCK,
                  "is Staging (48); 1 more to look at",
                  {{"A-Feature~1", "(101)"}}},
                 {"feature staged",
                  [](FakeVolume& volume) {
                    volume.AddPackage(kFeature, 64, Failed());
                    return volume.Build();
                  },
                  Finding::PASS, "none of 6 packages"},
                 {"feature waits for a restart",
                  [](FakeVolume& volume) {
                    volume.AddPackage(kFeature, 96, Failed());
                    return volume.Build();
                  },
                  Finding::WARN, "InstallPending (96)"},
                 {"feature broken",
                  [](FakeVolume& volume) {
                    volume.AddPackage(kFeature, 0xFFFFFFC0, Failed());
                    return volume.Build();
                  },
                  Finding::BLOCK, "StagedInvalid (-64)"},
                 {"no state",
                  [](FakeVolume& volume) {
                    volume.AddPackage(kRollup, 112, Failed())->RemoveValue("CurrentState");
                    return volume.Build();
                  },
                  Finding::INDETERMINATE, "has no readable CurrentState"},
                 {"state of a wrong type",
                  [](FakeVolume& volume) {
                    volume.AddPackage(kRollup, 112, Failed())->SetString("CurrentState", "112");
                    return volume.Build();
                  },
                  Finding::INDETERMINATE, "expected REG_DWORD"},
                 {"no package at all",
                  [](FakeVolume& volume) {
                    volume.cbs()->RemoveKey("Packages");
                    volume.cbs()->AddKey("Packages");
                    return volume.Build();
                  },
                  Finding::INDETERMINATE, "not one package"},
                 {"no key of packages",
                  [](FakeVolume& volume) {
                    volume.cbs()->RemoveKey("Packages");
                    return volume.Build();
                  },
                  Finding::INDETERMINATE, "Packages is missing"},
                 {"broken list of packages",
                  [](FakeVolume& volume) {
                    evidence::MemorySource built = volume.Build();
                    BreakSubkeys(kSoftwareHive, *volume.cbs()->FindKey("Packages"), &built);
                    return built;
                  },
                  Finding::INDETERMINATE, "could not be measured in full"},
                 {"broken values of a package",
                  [](FakeVolume& volume) {
                    const auto* package = volume.AddPackage(kRollup, 112, Failed());
                    evidence::MemorySource built = volume.Build();
                    BreakValues(kSoftwareHive, *package, &built);
                    return built;
                  },
                  Finding::INDETERMINATE, "could not be measured in full"}});
}

TEST(PackageState, EvidenceIsDatedAndBounded) {
  FakeVolume volume;
  for (int i = 0; i < 60; ++i) volume.AddPackage(absl::StrCat("ServicingStack~", i), 16, Failed());
  const Finding finding = RunCheck(kId, volume.Build());
  EXPECT_THAT(finding, HasEvidenceWritten("ServicingStack~0", "2026-01-14T03:00:00Z"));
  EXPECT_EQ(finding.evidence_size(), 51);
  EXPECT_THAT(finding, HasEvidence("Packages", "and 10 more"));
}

TEST(PackageState, NeedsItsEvidence) { ExpectNeeds(kId, {kSoftwareHive}); }

TEST(PackageStates, TableIsSortedAndCoversWhatIsKnown) {
  for (size_t i = 1; i < PackageStates().size(); ++i) {
    EXPECT_LT(PackageStates()[i - 1].state, PackageStates()[i].state);
  }
  for (const PackageStateInfo& info : PackageStates()) {
    EXPECT_EQ(FindPackageState(info.state), &info);
    // What is wrong with any package is wrong with an update.
    EXPECT_GE(info.update, info.other) << info.name;
  }
  EXPECT_EQ(FindPackageState(1), nullptr);
}

TEST(PackageStates, WhichPackagesAreUpdates) {
  for (const char* update :
       {kRollup, "Package_for_DotNetRollup_481~31bf3856ad364e35~amd64~~10.0.9320.1",
        "Package_for_ServicingStack_7295~31bf3856ad364e35~amd64~~26100.7295.1.0",
        "package_for_kb5020683~31bf3856ad364e35~amd64~~1",
        "Package_for_KB976932~31bf3856ad364e35~amd64~~6.1.1.17514"}) {
    EXPECT_TRUE(IsUpdatePackage(update)) << update;
  }
  for (const char* other :
       {kFeature, "Package_for_KB50206834~31bf3856ad364e35~amd64~~1",
        "Package_for_KB50206~31bf3856ad364e35~amd64~~1", "Package_for_KB5020683",
        "Package_12_for_KB5020683~31bf3856ad364e35~amd64~~1"}) {
    EXPECT_FALSE(IsUpdatePackage(other)) << other;
  }
}

}  // namespace
}  // namespace patchgate::gate::checks
