#include "gate/checks/check_testing.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "testdata/fake_volume.h"

namespace patchgate::gate::checks {
namespace {

constexpr char kId[] = "host.update-services";

TEST(UpdateServicesDisabled, Cases) {
  RunCases(kId, {{"healthy", Unchanged, Finding::PASS, "no service"},
                 {"two disabled",
                  [](FakeVolume& volume) {
                    volume.service("wuauserv")
                        ->SetDword("Start", 4)
                        ->set_last_written(testdata::Time("2025-12-10T09:41:05Z"));
                    volume.service("BITS")->SetDword("Start", 4);
                    return volume.Build();
                  },
                  Finding::WARN,
                  "disabled: wuauserv, BITS",
                  {{"Services\\wuauserv\\Start", "is 4"}, {"Services\\BITS\\Start", "is 4"}}},
                 {"not installed",
                  [](FakeVolume& volume) {
                    volume.system()->AddKey("ControlSet001\\Services")->RemoveKey("AppXSvc");
                    return volume.Build();
                  },
                  Finding::INFO,
                  "AppXSvc is not installed",
                  {{"Services\\AppXSvc", "not there"}}},
                 {"no start type",
                  [](FakeVolume& volume) {
                    volume.service("BITS")->RemoveValue("Start");
                    return volume.Build();
                  },
                  Finding::INFO,
                  "BITS is not installed",
                  {{"Services\\BITS", "no value Start"}}},
                 {"wrong type",
                  [](FakeVolume& volume) {
                    volume.service("BITS")->SetString("Start", "4");
                    return volume.Build();
                  },
                  Finding::INDETERMINATE, "expected REG_DWORD"},
                 {"no services",
                  [](FakeVolume& volume) {
                    volume.system()->AddKey("ControlSet001")->RemoveKey("Services");
                    return volume.Build();
                  },
                  Finding::INDETERMINATE, "Services is missing"}});
}

TEST(UpdateServicesDisabled, IsDated) {
  FakeVolume volume;
  volume.service("wuauserv")
      ->SetDword("Start", 4)
      ->set_last_written(testdata::Time("2025-12-10T09:41:05Z"));
  EXPECT_THAT(RunCheck(kId, volume.Build()),
              HasEvidenceWritten("wuauserv", "2025-12-10T09:41:05Z"));
}

TEST(UpdateServicesDisabled, NeedsItsEvidence) { ExpectNeeds(kId, {kSystemHive}); }

}  // namespace
}  // namespace patchgate::gate::checks
