#include "gate/checks/check_testing.h"
#include "gtest/gtest.h"
#include "testdata/fake_volume.h"

namespace patchgate::gate::checks {
namespace {

constexpr char kId[] = "host.os-identity";

TEST(OsIdentityKnown, Cases) {
  RunCases(kId, {{"healthy",
                  Unchanged,
                  Finding::PASS,
                  "26100.7462 24H2 Enterprise",
                  {{"Windows NT\\CurrentVersion", "26100.7462 24H2 Enterprise"}}},
                 {"no build",
                  [](FakeVolume& volume) {
                    volume.current_version()->RemoveValue("CurrentBuild");
                    volume.current_version()->RemoveValue("CurrentBuildNumber");
                    return volume.Build();
                  },
                  Finding::INDETERMINATE,
                  "build of Windows is not known",
                  {{"CurrentBuild", "not there"}}},
                 {"build is no number",
                  [](FakeVolume& volume) {
                    volume.current_version()->SetString("CurrentBuild", "26100x");
                    return volume.Build();
                  },
                  Finding::INDETERMINATE,
                  "build of Windows is not known",
                  {{"CurrentBuild", "26100x"}}},
                 {"no revision",
                  [](FakeVolume& volume) {
                    volume.current_version()->RemoveValue("UBR");
                    return volume.Build();
                  },
                  Finding::INFO,
                  "build 26100, of unknown revision",
                  {{"UBR", "not there"}}},
                 {"revision of a wrong type",
                  [](FakeVolume& volume) {
                    volume.current_version()->SetString("UBR", "7462");
                    return volume.Build();
                  },
                  Finding::INDETERMINATE, "expected REG_DWORD"},
                 {"no key",
                  [](FakeVolume& volume) {
                    volume.software()->AddKey("Microsoft")->RemoveKey("Windows NT");
                    return volume.Build();
                  },
                  Finding::INDETERMINATE, "is missing"}});
}

TEST(OsIdentityKnown, NeedsItsEvidence) { ExpectNeeds(kId, {kSoftwareHive}); }

}  // namespace
}  // namespace patchgate::gate::checks
