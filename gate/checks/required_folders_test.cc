#include "gate/checks/check_testing.h"
#include "gtest/gtest.h"
#include "testdata/fake_volume.h"

namespace patchgate::gate::checks {
namespace {

constexpr char kId[] = "store.required-folders";

TEST(RequiredFolders, Cases) {
  RunCases(kId, {{"healthy", Unchanged, Finding::PASS, "can be read"},
                 {"no store",
                  [](FakeVolume& volume) {
                    volume.files()->Remove("Windows/WinSxS");
                    return volume.Build();
                  },
                  Finding::INDETERMINATE,
                  "Windows/WinSxS is not on this volume",
                  {{"Windows/WinSxS", "not found"}}},
                 {"a file in the place of the store",
                  [](FakeVolume& volume) {
                    volume.files()->Remove("Windows/WinSxS");
                    volume.files()->AddFile("Windows/WinSxS", "");
                    return volume.Build();
                  },
                  Finding::INDETERMINATE, "could not be measured"}});
}

TEST(RequiredFolders, NeedsItsEvidence) {
  ExpectNeeds(kId, {"Windows/WinSxS", "Windows/servicing"});
}

}  // namespace
}  // namespace patchgate::gate::checks
