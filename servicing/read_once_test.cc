// No reader reads what another one has read: every file of a volume is read once at most, whoever
// asks, under whichever of its names, with any number of threads.
#include <filesystem>
#include <string>

#include "absl/strings/str_join.h"
#include "gtest/gtest.h"
#include "servicing/collector.h"
#include "servicing/evidence/directory_source.h"
#include "testdata/fake_volume.h"
#include "testdata/healthy_store.h"
#include "testdata/scenarios.h"

namespace patchgate {
namespace {

namespace fs = std::filesystem;
using Profile = CollectOptions::Profile;

ReadStatistics Reads(const evidence::Source& source, Profile profile, int jobs) {
  CollectOptions options;
  options.profile = profile;
  options.jobs = jobs;
  options.extra_probes = {"Windows/WinSxS/" + testdata::StackFolder() + "/wcp.dll",
                          "Windows/System32/notepad.exe", "Windows/System32/poqexec.exe"};
  return Collect(source, testdata::Time("2025-12-16T00:00:00Z"), options).reads();
}

TEST(ReadOnceTest, OfEveryScenario) {
  for (const testdata::Scenario& scenario : testdata::Scenarios()) {
    const evidence::MemorySource volume = scenario.build();
    for (const Profile profile : {Profile::kNone, Profile::kQuick, Profile::kFull}) {
      const ReadStatistics one = Reads(volume, profile, 1);
      EXPECT_EQ(absl::StrJoin(one.read_again(), "\n"), "") << scenario.name;
      EXPECT_EQ(one.reads(), one.files()) << scenario.name;
      EXPECT_GT(one.files(), 3u) << scenario.name;
      EXPECT_EQ(Reads(volume, profile, 4).SerializeAsString(), one.SerializeAsString())
          << scenario.name;
    }
  }
}

TEST(ReadOnceTest, OfADirectory) {
  const fs::path root = fs::path(testing::TempDir()) / "read_once_test";
  fs::create_directories(root);
  const evidence::MemorySource volume = testdata::FakeVolume().Build();
  ASSERT_TRUE(testdata::WriteVolume(volume, root.string()).ok());
  const auto directory = evidence::OpenDirectory(root.string());
  ASSERT_TRUE(directory.ok()) << directory.status();
  for (const Profile profile : {Profile::kQuick, Profile::kFull}) {
    const ReadStatistics reads = Reads(**directory, profile, 4);
    EXPECT_EQ(absl::StrJoin(reads.read_again(), "\n"), "");
    EXPECT_EQ(reads.SerializeAsString(), Reads(volume, profile, 1).SerializeAsString());
  }
}

}  // namespace
}  // namespace patchgate
