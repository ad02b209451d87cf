#include "absl/strings/str_cat.h"
#include "gate/checks/check_testing.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "testdata/fake_volume.h"

namespace patchgate::gate::checks {
namespace {

constexpr char kId[] = "registry.control-set";

CheckCase Select(const char* name, const char* value, uint32_t data, Finding::Result result,
                 const char* summary) {
  return {name,
          [value, data](FakeVolume& volume) {
            volume.system()->AddKey("Select")->SetDword(value, data);
            return volume.Build();
          },
          result,
          summary,
          {{absl::StrCat("SYSTEM\\Select\\", value), absl::StrCat("is ", data)}}};
}

TEST(ControlSet, Cases) {
  RunCases(kId,
           {{"healthy", Unchanged, Finding::PASS, "ControlSet001 is current"},
            {"no default",
             [](FakeVolume& volume) {
               volume.system()->AddKey("Select")->RemoveValue("Default");
               return volume.Build();
             },
             Finding::INDETERMINATE, "control set of the next start is not known"},
            Select("next start takes another", "Default", 2, Finding::WARN, "takes ControlSet002"),
            Select("a start failed", "Failed", 1, Finding::WARN, "ControlSet001 once failed"),
            Select("last known good is gone", "LastKnownGood", 2, Finding::INFO,
                   "ControlSet002 is not in the SYSTEM hive"),
            Select("current is gone", "Current", 7, Finding::INDETERMINATE,
                   "current control set ControlSet007 is not in the SYSTEM hive"),
            {"current unknown",
             [](FakeVolume& volume) {
               volume.system()->AddKey("Select")->RemoveValue("Current");
               return volume.Build();
             },
             Finding::INDETERMINATE, "current control set is not known"},
            {"no Select",
             [](FakeVolume& volume) {
               volume.system()->RemoveKey("Select");
               return volume.Build();
             },
             Finding::INDETERMINATE, "SYSTEM\\Select is missing"},
            {"wrong type",
             [](FakeVolume& volume) {
               volume.system()->AddKey("Select")->SetString("Failed", "0");
               return volume.Build();
             },
             Finding::INDETERMINATE, "expected REG_DWORD"},
            {"broken root",
             [](FakeVolume& volume) {
               evidence::MemorySource built = volume.Build();
               BreakSubkeys(kSystemHive, *volume.system(), &built);
               return built;
             },
             Finding::INDETERMINATE, "could not be measured"}});
}

TEST(ControlSet, IsDated) {
  FakeVolume volume;
  volume.system()
      ->AddKey("Select")
      ->SetDword("Failed", 1)
      ->set_last_written(testdata::Time("2025-12-10T09:41:05Z"));
  EXPECT_THAT(RunCheck(kId, volume.Build()),
              HasEvidenceWritten("Select\\Failed", "2025-12-10T09:41:05Z"));
}

TEST(ControlSet, NeedsItsEvidence) { ExpectNeeds(kId, {kSystemHive}); }

}  // namespace
}  // namespace patchgate::gate::checks
