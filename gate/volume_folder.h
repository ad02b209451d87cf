// A fake volume as a folder of the machine, gone with its test.
#ifndef GATE_VOLUME_FOLDER_H_
#define GATE_VOLUME_FOLDER_H_

#include <filesystem>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "gtest/gtest.h"
#include "servicing/evidence/memory_source.h"
#include "testdata/fake_volume.h"

namespace patchgate::gate {

class VolumeFolder {
 public:
  // An empty folder. No two of a test suite that live at once have the same `name`.
  explicit VolumeFolder(absl::string_view name)
      : path_(std::filesystem::u8path(testing::TempDir()) /
              std::filesystem::u8path(absl::StrCat(
                  testing::UnitTest::GetInstance()->current_test_info()->test_suite_name(), "_",
                  name))) {
    std::filesystem::remove_all(path_);
    std::filesystem::create_directories(path_);
  }
  VolumeFolder(absl::string_view name, const evidence::MemorySource& volume) : VolumeFolder(name) {
    const absl::Status status = testdata::WriteVolume(volume, root());
    EXPECT_TRUE(status.ok()) << status;
  }
  VolumeFolder(VolumeFolder&&) = default;
  ~VolumeFolder() {
    std::error_code ignored;  // Paths that are too long for this library are left to Bazel.
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
  }

  std::string root() const { return path_.u8string(); }
  // A path below it.
  std::string Path(absl::string_view relative) const {
    return (path_ / std::filesystem::u8path(std::string(relative))).u8string();
  }

 private:
  std::filesystem::path path_;
};

}  // namespace patchgate::gate

#endif  // GATE_VOLUME_FOLDER_H_
