#include "servicing/collect_host.h"

#include <chrono>
#include <filesystem>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "testdata/fake_volume.h"

#ifdef _WIN32
#include "servicing/registry/registry_writer.h"
#endif

namespace patchgate {
namespace {

using testing::HasSubstr;

class CollectHostTest : public testing::Test {
 protected:
  void SetUp() override {
    root_ = std::filesystem::u8path(testing::TempDir()) /
            absl::StrCat("host_", testing::UnitTest::GetInstance()->current_test_info()->name());
    std::filesystem::create_directories(root_ / "empty");
    std::filesystem::create_directories(root_ / "volume");
    const absl::Status status =
        testdata::WriteVolume(testdata::FakeVolume().Build(), Path("volume"));
    ASSERT_TRUE(status.ok()) << status;
  }
  std::string Path(const char* name) const { return (root_ / name).u8string(); }

  std::filesystem::path root_;
};

TEST_F(CollectHostTest, Directory) {
  const auto snapshot = CollectDirectory(Path("volume"), Path("volume"), 1);
  ASSERT_TRUE(snapshot.ok()) << snapshot.status();
  EXPECT_FALSE(snapshot->live());
  EXPECT_EQ(snapshot->collected_filetime(), 1u);
  EXPECT_EQ(snapshot->os().current_build(), "26100");
  EXPECT_EQ(snapshot->bcd().collection().source(), "ESP:/EFI/Microsoft/Boot/BCD");
}

TEST_F(CollectHostTest, WhatIsNoHost) {
  EXPECT_TRUE(absl::IsNotFound(OpenDirectoryHost(Path("none"), "").status()));
  const absl::Status no_volume = OpenDirectoryHost(Path("empty"), "").status();
  EXPECT_TRUE(absl::IsFailedPrecondition(no_volume));
  EXPECT_THAT(std::string(no_volume.message()), HasSubstr("holds no Windows volume"));
  const absl::Status no_esp = OpenDirectoryHost(Path("volume"), Path("empty")).status();
  EXPECT_TRUE(absl::IsFailedPrecondition(no_esp));
  EXPECT_THAT(std::string(no_esp.message()), HasSubstr("is not the root of a system partition"));
}

TEST_F(CollectHostTest, EndsEarly) {
  Stop cancelled;
  cancelled.Cancel();
  CollectOptions options;
  options.stop = &cancelled;
  EXPECT_TRUE(absl::IsCancelled(CollectDirectory(Path("volume"), "", 1, options).status()));

  Stop late;
  late.SetTimeLimit(std::chrono::milliseconds(1));
  while (!late.requested()) {
  }
  options.stop = &late;
  EXPECT_TRUE(absl::IsDeadlineExceeded(CollectDirectory(Path("volume"), "", 1, options).status()));

  // Half of it was read when it is asked for.
  Stop half;
  options.stop = &half;
  options.progress = [&half](const store::Progress&) { half.Cancel(); };
  EXPECT_TRUE(absl::IsCancelled(CollectDirectory(Path("volume"), "", 1, options).status()));
}

#ifdef _WIN32
// Writes to the registry: made for Wine, where every test has one of its own.
TEST_F(CollectHostTest, WindowsPeIsNoHost) {
  constexpr char kMark[] = "SYSTEM\\ControlSet001\\Control\\MiniNT";
  constexpr uint32_t kDword = 4;
  ASSERT_TRUE(registry::WriteValue("SYSTEM\\Select", "Current", kDword, {"\1\0\0", 4}));
  EXPECT_TRUE(OpenLiveHost("").ok()) << OpenLiveHost("").status();
  ASSERT_TRUE(registry::WriteKey(kMark));
  const absl::Status status = OpenLiveHost("").status();
  EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("this is Windows PE"));
  EXPECT_TRUE(registry::DeleteTree(kMark));
  EXPECT_TRUE(OpenLiveHost("").ok()) << OpenLiveHost("").status();
}
#else
TEST_F(CollectHostTest, NoLiveHostHere) {
  const absl::Status status = OpenLiveHost("").status();
  EXPECT_TRUE(absl::IsUnimplemented(status));
  EXPECT_THAT(std::string(status.message()), HasSubstr("--root DIR"));
}
#endif

}  // namespace
}  // namespace patchgate
