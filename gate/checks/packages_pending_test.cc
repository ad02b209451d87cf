#include "absl/strings/str_cat.h"
#include "gate/checks/check_testing.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "testdata/fake_volume.h"

namespace patchgate::gate::checks {
namespace {

constexpr char kId[] = "cbs.packages-pending";

TEST(PackagesPending, Cases) {
  RunCases(kId, {{"healthy", Unchanged, Finding::PASS, "PackagesPending names no package"},
                 {"one package",
                  [](FakeVolume& volume) {
                    volume.cbs()->AddKey("PackagesPending\\Package_for_KB5020683~1");
                    return volume.Build();
                  },
                  Finding::BLOCK,
                  "1 package(s) wait",
                  {{"PackagesPending\\Package_for_KB5020683~1", "not completed"}}},
                 {"more than are kept",
                  [](FakeVolume& volume) {
                    for (int i = 0; i < 30; ++i) {
                      volume.cbs()->AddKey(absl::StrCat("PackagesPending\\Package_", i));
                    }
                    return volume.Build();
                  },
                  Finding::BLOCK,
                  "30 package(s) wait",
                  {{"PackagesPending", "and 10 more"}}},
                 {"empty key",
                  [](FakeVolume& volume) {
                    volume.cbs()->AddKey("PackagesPending");
                    return volume.Build();
                  },
                  Finding::WARN,
                  "is empty",
                  {{"PackagesPending", "without subkeys"}}},
                 {"broken subkey list",
                  [](FakeVolume& volume) {
                    const auto* key = volume.cbs()->AddKey("PackagesPending");
                    volume.cbs()->AddKey("PackagesPending\\Package_for_KB5020683~1");
                    evidence::MemorySource built = volume.Build();
                    BreakSubkeys(kSoftwareHive, *key, &built);
                    return built;
                  },
                  Finding::INDETERMINATE, "could not be measured in full"}});
}

TEST(PackagesPending, IsDated) {
  FakeVolume volume;
  volume.cbs()->AddKey("PackagesPending")->set_last_written(testdata::Time("2025-12-10T09:41:05Z"));
  EXPECT_THAT(RunCheck(kId, volume.Build()),
              HasEvidenceWritten("PackagesPending", "2025-12-10T09:41:05Z"));
}

TEST(PackagesPending, NeedsItsEvidence) { ExpectNeeds(kId, {kSoftwareHive}); }

}  // namespace
}  // namespace patchgate::gate::checks
