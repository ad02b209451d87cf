#include "servicing/evidence/live_volume.h"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "servicing/evidence/memory_source.h"

#ifdef _WIN32
#include <windows.h>
#endif

namespace patchgate::evidence {
namespace {

using testing::HasSubstr;

// What one opening of a file finds.
struct Pass {
  std::string bytes;                      // What can be read.
  uint64_t opened = 0;                    // Size when it is opened.
  uint64_t size_then = 0;                 // When it was read.
  FileTime time_then = 7;                 // When it was opened it is 7.
  absl::Status error = absl::OkStatus();  // Of reading.
};

class PassStream : public Stream {
 public:
  explicit PassStream(const Pass& pass) : pass_(pass) {
    info_.name = "log";
    info_.size = pass.opened;
    info_.modified = 7;
  }
  const FileInfo& info() const override { return info_; }
  absl::StatusOr<size_t> Read(absl::Span<char> buffer) override {
    if (!pass_.error.ok()) return pass_.error;
    const size_t size = std::min(buffer.size(), pass_.bytes.size());
    std::copy_n(pass_.bytes.begin(), size, buffer.begin());
    return size;
  }
  absl::StatusOr<FileInfo> Now() const override {
    FileInfo now = info_;
    now.size = pass_.size_then;
    now.modified = pass_.time_then;
    return now;
  }

 private:
  Pass pass_;
  FileInfo info_;
};

// A file that is another one each time. Nothing of it can be mapped.
class ChangingSource : public Source {
 public:
  explicit ChangingSource(std::vector<Pass> passes) : passes_(std::move(passes)) {}

  std::string description() const override { return "changing"; }
  absl::StatusOr<std::unique_ptr<File>> Open(absl::string_view) const override {
    return absl::InternalError("mapped");
  }
  absl::StatusOr<FileInfo> Stat(absl::string_view) const override {
    FileInfo info;
    info.is_directory = true;
    return info;
  }
  absl::StatusOr<std::vector<FileInfo>> List(absl::string_view) const override {
    return absl::DataLossError("list");
  }
  absl::StatusOr<std::unique_ptr<Stream>> OpenStream(absl::string_view) const override {
    const size_t pass = std::min<size_t>(opened_++, passes_.size() - 1);
    return std::unique_ptr<Stream>(new PassStream(passes_[pass]));
  }
  int opened() const { return opened_; }

 private:
  std::vector<Pass> passes_;
  mutable int opened_ = 0;
};

TEST(ReadNotMapped, FilesThatChangeMeanwhile) {
  const Pass whole{"abc", 3, 3};
  const Pass cut_short{"ab", 3, 2};
  const Pass end_lost{"ab", 3, 3};
  const Pass grew{"abcdef", 3, 6, 8};
  const Pass written_over{"abd", 3, 3, 8};
  Pass broken{"", 3, 3};
  broken.error = absl::DataLossError("read error");
  const struct {
    const char* name;
    std::vector<Pass> passes;
    int opened;
    std::string bytes;
    absl::StatusCode code;
  } cases[] = {
      {"stays", {whole}, 1, "abc", absl::StatusCode::kOk},
      {"empty", {{"", 0, 0}}, 1, "", absl::StatusCode::kOk},
      {"grew once", {grew, {"abcdef", 6, 6}}, 2, "abcdef", absl::StatusCode::kOk},
      {"grows each time", {grew}, 3, "abc", absl::StatusCode::kOk},
      {"cut short once", {cut_short, {"ab", 2, 2}}, 2, "ab", absl::StatusCode::kOk},
      {"cut short each time", {cut_short}, 3, "", absl::StatusCode::kDataLoss},
      {"ends early each time", {end_lost}, 3, "", absl::StatusCode::kDataLoss},
      {"written over once", {written_over, whole}, 2, "abc", absl::StatusCode::kOk},
      {"written over each time", {written_over}, 3, "", absl::StatusCode::kDataLoss},
      {"written over, then grew",
       {written_over, written_over, grew},
       3,
       "abc",
       absl::StatusCode::kOk},
      {"read error", {broken}, 1, "", absl::StatusCode::kDataLoss},
      {"2 GiB and a byte",
       {{"", (uint64_t{2} << 30) + 1, 0}},
       1,
       "",
       absl::StatusCode::kResourceExhausted},
  };
  for (const auto& c : cases) {
    const ChangingSource source(c.passes);
    const auto file = ReadNotMapped(source, "live host")->Open("log");
    EXPECT_EQ(file.status().code(), c.code) << c.name << file.status();
    EXPECT_EQ(source.opened(), c.opened) << c.name;
    if (!file.ok()) {
      EXPECT_TRUE(absl::StrContains(file.status().message(), "log") ||
                  file.status().message() == "read error")
          << file.status();
      continue;
    }
    EXPECT_EQ((*file)->bytes(), c.bytes) << c.name;
    EXPECT_EQ((*file)->info().size, c.bytes.size()) << c.name;
  }
}

TEST(ReadNotMapped, EnteredFoldersAreNotMappedEither) {
  const ChangingSource source({{"abc", 3, 3}});
  const auto volume = ReadNotMapped(source, "live host");
  const auto folder = volume->Enter("Windows/WinSxS");
  ASSERT_TRUE(folder.ok()) << folder.status();
  EXPECT_EQ((*folder)->description(), "live host/Windows/WinSxS");
  const auto file = (*folder)->Open("x");
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_EQ((*file)->bytes(), "abc");
}

TEST(ReadNotMapped, TheRestIsAsBefore) {
  auto memory = std::make_unique<MemorySource>();
  memory->AddFile("Windows/a.txt", "abc", 77);
  memory->SetSpace(100, 30);
  const std::unique_ptr<Source> source = ReadNotMapped(std::move(memory), "live host");
  EXPECT_EQ(source->description(), "live host");
  EXPECT_EQ(source->Stat("windows/A.TXT")->name, "a.txt");
  EXPECT_EQ(source->List("Windows")->size(), 1u);
  EXPECT_EQ(source->Space()->free, 30u);
  EXPECT_TRUE(absl::IsNotFound(source->Open("Windows/b.txt").status()));
  EXPECT_TRUE(absl::IsFailedPrecondition(source->Open("Windows").status()));
  std::string buffer(10, 'x');
  EXPECT_EQ(*(*source->OpenStream("Windows/a.txt"))->Read(absl::MakeSpan(&buffer[0], 10)), 3u);

  const std::unique_ptr<File> file = *source->Open("Windows/a.txt");
  EXPECT_EQ(file->info().modified, 77u);
  EXPECT_TRUE(file->info().id.known());
  EXPECT_TRUE(absl::IsInvalidArgument(file->WritableImage(2).status()));
  const absl::StatusOr<absl::Span<char>> image = file->WritableImage(5);
  ASSERT_TRUE(image.ok()) << image.status();
  EXPECT_EQ(std::string(image->begin(), image->end()), std::string("abc\0\0", 5));
  (*image)[0] = 'x';
  EXPECT_EQ(file->bytes(), "abc");
  EXPECT_TRUE(absl::IsFailedPrecondition(file->WritableImage(5).status()));
}

TEST(LivePartition, OnlyDevicesOfVolumes) {
  for (const char* name :
       {"", "\\", "\\Device", "\\Device\\", "C:", "HarddiskVolume1", "\\Device\\HarddiskVolume1\\",
        "\\Device\\Harddisk0\\Partition1", "\\Device\\..", "\\Device\\Harddisk Volume1",
        "\\Device\\HarddiskVolume1/x", "\\\\?\\GLOBALROOT\\Device\\HarddiskVolume1",
        "\\DosDevices\\C", "\\Device\\C:", "\\Device\\Gr\xc3\xbc", "/Device/HarddiskVolume1"}) {
    const absl::Status status = OpenLivePartition(name).status();
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << name << status;
  }
  EXPECT_TRUE(
      absl::IsInvalidArgument(OpenLivePartition(absl::string_view("\\Device\\a\0b", 11)).status()));
  EXPECT_TRUE(
      absl::IsInvalidArgument(OpenLivePartition("\\Device\\" + std::string(1000, 'x')).status()));
  // Of the right form: whether it is there is for the system to say.
  for (const char* name : {"\\Device\\HarddiskVolume999", "\\DEVICE\\harddiskvolume999"}) {
    const absl::Status status = OpenLivePartition(name).status();
    EXPECT_FALSE(status.ok() || absl::IsInvalidArgument(status)) << name << status;
  }
}

#ifdef _WIN32

std::wstring TestFile() {
  wchar_t folder[MAX_PATH];
  GetSystemWindowsDirectoryW(folder, MAX_PATH);
  return std::wstring(folder) + L"\\patchgate_test.bin";
}

// `share` as in CreateFileW.
HANDLE Create(DWORD share) {
  const HANDLE file = CreateFileW(TestFile().c_str(), GENERIC_READ | GENERIC_WRITE, share, nullptr,
                                  CREATE_ALWAYS, 0, nullptr);
  DWORD written = 0;
  WriteFile(file, "abc", 3, &written, nullptr);
  return file;
}

TEST(LiveVolume, IsTheDriveOfTheSystemFolder) {
  const auto volume = OpenLiveVolume();
  ASSERT_TRUE(volume.ok()) << volume.status();
  EXPECT_EQ((*volume)->description(), "live host");
  EXPECT_TRUE((*volume)->Stat("Windows/System32")->is_directory);
  EXPECT_FALSE((*volume)->List("")->empty());
  const absl::StatusOr<VolumeSpace> space = (*volume)->Space();
  ASSERT_TRUE(space.ok()) << space.status();
  EXPECT_GT(space->total, 0u);
}

TEST(LiveVolume, TheEnvironmentHasNoSay) {
  SetEnvironmentVariableW(L"SystemRoot", L"Z:\\elsewhere");
  SetEnvironmentVariableW(L"SystemDrive", L"Z:");
  const auto volume = OpenLiveVolume();
  ASSERT_TRUE(volume.ok()) << volume.status();
  EXPECT_TRUE((*volume)->Stat("Windows/System32")->is_directory);
}

TEST(LiveVolume, NoHandleOutlivesTheReading) {
  CloseHandle(Create(0));
  const std::unique_ptr<Source> volume = *OpenLiveVolume();
  const absl::StatusOr<std::unique_ptr<File>> file = volume->Open("Windows/patchgate_test.bin");
  ASSERT_TRUE(file.ok()) << file.status();
  // As Windows opens a hive that it loads: alone.
  const HANDLE alone = Create(0);
  EXPECT_NE(alone, INVALID_HANDLE_VALUE) << GetLastError();
  EXPECT_EQ((*file)->bytes(), "abc");

  const absl::Status status = volume->Open("Windows/patchgate_test.bin").status();
  EXPECT_TRUE(absl::IsPermissionDenied(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("in use by another program"));
  CloseHandle(alone);
  EXPECT_TRUE(DeleteFileW(TestFile().c_str()));
  EXPECT_EQ((*file)->bytes(), "abc");
}

#else

TEST(LiveVolume, IsOnWindowsOnly) {
  EXPECT_TRUE(absl::IsUnimplemented(OpenLiveVolume().status()));
  EXPECT_TRUE(absl::IsUnimplemented(OpenLivePartition("\\Device\\HarddiskVolume1").status()));
}

#endif

}  // namespace
}  // namespace patchgate::evidence
