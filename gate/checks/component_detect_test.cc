#include "absl/strings/str_cat.h"
#include "gate/checks/check_testing.h"
#include "gtest/gtest.h"
#include "testdata/fake_volume.h"

namespace patchgate::gate::checks {
namespace {

constexpr char kId[] = "cbs.component-detect";
constexpr char kFamily[] = "ComponentDetect\\amd64_example_31bf3856ad364e35_0.0.0.0";

TEST(ComponentDetect, Cases) {
  RunCases(
      kId,
      {{"healthy", Unchanged, Finding::PASS, "1 component families"},
       {"value of a wrong type",
        [](FakeVolume& volume) {
          volume.cbs()->AddKey(kFamily)->SetDword("Package_1", 0x70)->SetString("Package_2", "x");
          return volume.Build();
        },
        Finding::BLOCK,
        "1 value(s) below ComponentDetect are not REG_DWORD",
        {{"amd64_example_31bf3856ad364e35_0.0.0.0\\Package_2", "is REG_SZ"}}},
       {"more than are kept",
        [](FakeVolume& volume) {
          for (int i = 0; i < 25; ++i) {
            volume.cbs()->AddKey(kFamily)->SetQword(absl::StrCat("Package_", i), 0x70);
          }
          return volume.Build();
        },
        Finding::BLOCK,
        "25 value(s)",
        {{"Package_0", "REG_QWORD"}, {"ComponentDetect", "5 more"}}},
       {"no such key",
        [](FakeVolume& volume) {
          volume.cbs()->RemoveKey("ComponentDetect");
          return volume.Build();
        },
        Finding::NOT_APPLICABLE, "no ComponentDetect key"},
       {"no CBS at all",
        [](FakeVolume& volume) {
          volume.software()
              ->AddKey("Microsoft\\Windows\\CurrentVersion")
              ->RemoveKey("Component Based Servicing");
          return volume.Build();
        },
        Finding::INDETERMINATE, "Component Based Servicing is missing"},
       {"broken value list",
        [](FakeVolume& volume) {
          const auto* family = volume.cbs()->AddKey(kFamily)->SetDword("Package_1", 0x70);
          evidence::MemorySource built = volume.Build();
          BreakValues(kSoftwareHive, *family, &built);
          return built;
        },
        Finding::INDETERMINATE, "could not be measured in full"}});
}

TEST(ComponentDetect, NeedsItsEvidence) { ExpectNeeds(kId, {kSoftwareHive}); }

}  // namespace
}  // namespace patchgate::gate::checks
