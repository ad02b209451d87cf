#include "servicing/evidence/source.h"

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "servicing/evidence/directory_source.h"
#include "servicing/evidence/memory_source.h"

namespace patchgate::evidence {
namespace {

namespace fs = std::filesystem;

constexpr char kSystem[] = "Windows/System32/config/SYSTEM";

// Both kinds of source must behave alike; each test runs over both.
class SourceTest : public testing::TestWithParam<bool> {
 protected:
  void SetUp() override {
    root_ = fs::u8path(testing::TempDir()) /
            absl::StrCat("source_", testing::UnitTest::GetInstance()->random_seed(), "_",
                         reinterpret_cast<uintptr_t>(this));
    Put(kSystem, "regf bytes");
    Put("Windows/System32/config/empty", "");
    Put("Windows/WinSxS/b.txt", "b");
    Put("Windows/WinSxS/A.txt", "aa");
    if (GetParam()) {
      absl::StatusOr<std::unique_ptr<Source>> opened = OpenDirectory(root_.u8string());
      ASSERT_TRUE(opened.ok()) << opened.status();
      source_ = *std::move(opened);
    } else {
      auto memory = std::make_unique<MemorySource>();
      for (const auto& [path, bytes] : files_) memory->AddFile(path, bytes);
      source_ = std::move(memory);
    }
  }
  void TearDown() override { fs::remove_all(root_); }

  void Put(const std::string& path, const std::string& bytes) {
    files_.emplace_back(path, bytes);
    fs::create_directories((root_ / path).parent_path());
    std::ofstream(root_ / path, std::ios::binary) << bytes;
  }

  fs::path root_;
  std::vector<std::pair<std::string, std::string>> files_;
  std::unique_ptr<Source> source_;
};

TEST_P(SourceTest, StreamsAFileInPieces) {
  const absl::StatusOr<std::unique_ptr<Stream>> stream =
      source_->OpenStream("windows/system32/CONFIG/system");
  ASSERT_TRUE(stream.ok()) << stream.status();
  char buffer[8];
  absl::StatusOr<size_t> size = (*stream)->Read(absl::MakeSpan(buffer));
  ASSERT_TRUE(size.ok());
  EXPECT_EQ(absl::string_view(buffer, *size), "regf byt");
  size = (*stream)->Read(absl::MakeSpan(buffer));
  ASSERT_TRUE(size.ok());
  EXPECT_EQ(absl::string_view(buffer, *size), "es");
  EXPECT_EQ(*(*stream)->Read(absl::MakeSpan(buffer)), 0u);
  EXPECT_EQ((*stream)->info().size, 10u);
  EXPECT_EQ((*stream)->Now()->size, 10u);
  EXPECT_TRUE(absl::IsNotFound(source_->OpenStream("Windows/none").status()));
  EXPECT_TRUE(absl::IsFailedPrecondition(source_->OpenStream("Windows/WinSxS").status()));
}

TEST_P(SourceTest, SpaceOfACopiedTreeIsNotTheHosts) {
  const absl::Status status = source_->Space().status();
  if (GetParam()) {
    EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
    EXPECT_TRUE(absl::StrContains(status.message(), "is not the root of a")) << status;
  } else {
    EXPECT_TRUE(absl::IsUnimplemented(status)) << status;
  }
  const absl::StatusOr<std::unique_ptr<Source>> folder = source_->Enter("Windows");
  ASSERT_TRUE(folder.ok());
  EXPECT_FALSE((*folder)->Space().ok());
}

TEST(MemorySource, SpaceIsWhatWasSet) {
  MemorySource source;
  EXPECT_TRUE(absl::IsUnimplemented(source.Space().status()));
  source.SetSpace(100, 8);
  const absl::StatusOr<VolumeSpace> space = source.Space();
  ASSERT_TRUE(space.ok()) << space.status();
  EXPECT_EQ(space->total, 100u);
  EXPECT_EQ(space->free, 8u);
}

#ifndef _WIN32
// Roots of file systems that no Windows host has.
TEST(DirectorySource, SpaceOfAForeignFileSystemIsNotTheHosts) {
  for (const char* root : {"/", "/proc", "/sys"}) {
    SCOPED_TRACE(root);
    const absl::StatusOr<std::unique_ptr<Source>> source = OpenDirectory(root);
    if (!source.ok()) continue;
    const absl::Status status = (*source)->Space().status();
    EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
    EXPECT_TRUE(absl::StrContains(status.message(), "free space here is not the host's")) << status;
  }
}
#else
TEST(DirectorySource, SpaceOfADrive) {
  const absl::StatusOr<std::unique_ptr<Source>> source = OpenDirectory("C:\\");
  ASSERT_TRUE(source.ok()) << source.status();
  const absl::StatusOr<VolumeSpace> space = (*source)->Space();
  ASSERT_TRUE(space.ok()) << space.status();
  EXPECT_GT(space->total, 0u);
  EXPECT_LE(space->free, space->total);
}
#endif

TEST_P(SourceTest, EntersAFolder) {
  const absl::StatusOr<std::unique_ptr<Source>> folder = source_->Enter("windows/WINSXS");
  ASSERT_TRUE(folder.ok()) << folder.status();
  const absl::StatusOr<std::vector<FileInfo>> listing = (*folder)->List("");
  ASSERT_TRUE(listing.ok()) << listing.status();
  ASSERT_EQ(listing->size(), 2u);
  EXPECT_EQ((*listing)[0].name, "A.txt");
  EXPECT_EQ((*(*folder)->Open("a.TXT"))->bytes(), "aa");
  EXPECT_EQ((*folder)->Stat("b.txt")->size, 1u);
  EXPECT_EQ((*(*folder)->OpenStream("b.txt"))->info().name, "b.txt");
  EXPECT_TRUE(absl::IsNotFound(source_->Enter("Windows/none").status()));
  EXPECT_TRUE(absl::IsFailedPrecondition(source_->Enter(kSystem).status()));
  EXPECT_TRUE(absl::IsInvalidArgument((*folder)->Open("../System32/config/SYSTEM").status()));
}

TEST_P(SourceTest, OpensWithoutRegardToCase) {
  for (const char* path :
       {kSystem, "windows/system32/CONFIG/system", "WINDOWS\\System32\\config\\SYSTEM",
        "/Windows//System32/./config/SYSTEM"}) {
    const auto file = source_->Open(path);
    ASSERT_TRUE(file.ok()) << path << ": " << file.status();
    EXPECT_EQ((*file)->bytes(), "regf bytes");
    EXPECT_EQ((*file)->info().name, "SYSTEM");
    EXPECT_EQ((*file)->info().size, 10u);
  }
}

TEST_P(SourceTest, EmptyFile) {
  const auto file = source_->Open("Windows/System32/config/empty");
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_EQ((*file)->bytes(), "");
  const auto image = (*file)->WritableImage(4096);
  ASSERT_TRUE(image.ok()) << image.status();
  EXPECT_EQ(std::string(image->data(), image->size()), std::string(4096, '\0'));
}

TEST_P(SourceTest, WritableImageLeavesTheFileAlone) {
  for (const size_t size : {size_t{10}, size_t{5000}, size_t{100'000}}) {
    const auto file = source_->Open(kSystem);
    ASSERT_TRUE(file.ok());
    const auto image = (*file)->WritableImage(size);
    ASSERT_TRUE(image.ok()) << image.status();
    ASSERT_EQ(image->size(), size);
    EXPECT_EQ(std::string(image->data(), 10), "regf bytes");
    for (size_t i = 10; i < size; ++i) ASSERT_EQ((*image)[i], 0) << i;
    (*image)[0] = 'X';
    (*image)[size - 1] = 'Y';
    EXPECT_EQ((*file)->bytes(), "regf bytes");
    const auto again = source_->Open(kSystem);
    EXPECT_EQ((*again)->bytes(), "regf bytes");
  }
}

TEST_P(SourceTest, ReleaseChangesNoByte) {
  const auto file = source_->Open(kSystem);
  ASSERT_TRUE(file.ok());
  for (const size_t offset : {size_t{0}, size_t{3}, size_t{10}, size_t{5000}, SIZE_MAX}) {
    for (const size_t size : {size_t{0}, size_t{7}, size_t{1} << 20, SIZE_MAX}) {
      (*file)->Release(offset, size);
      EXPECT_EQ((*file)->bytes(), "regf bytes");
    }
  }
}

TEST_P(SourceTest, StatAndList) {
  const auto folder = source_->Stat("windows/winsxs");
  ASSERT_TRUE(folder.ok()) << folder.status();
  EXPECT_TRUE(folder->is_directory);
  const auto file = source_->Stat("windows/winsxs/a.TXT");
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_EQ(file->name, "A.txt");
  EXPECT_EQ(file->size, 2u);
  const auto listing = source_->List("windows/winsxs");
  ASSERT_TRUE(listing.ok()) << listing.status();
  ASSERT_EQ(listing->size(), 2u);
  EXPECT_EQ((*listing)[0].name, "A.txt");
  EXPECT_EQ((*listing)[1].name, "b.txt");
  const auto root = source_->List("");
  ASSERT_TRUE(root.ok()) << root.status();
  ASSERT_EQ(root->size(), 1u);
  EXPECT_EQ((*root)[0].name, "Windows");
}

TEST_P(SourceTest, Errors) {
  EXPECT_TRUE(absl::IsNotFound(source_->Open("Windows/nothing").status()));
  EXPECT_TRUE(absl::IsNotFound(source_->Open("nothing/SYSTEM").status()));
  EXPECT_TRUE(absl::IsNotFound(source_->Open(absl::StrCat(kSystem, "/below")).status()));
  EXPECT_TRUE(absl::IsNotFound(source_->List("nothing").status()));
  EXPECT_TRUE(absl::IsFailedPrecondition(source_->Open("Windows").status()));
  EXPECT_TRUE(absl::IsFailedPrecondition(source_->List(kSystem).status()));
  for (const char* path : {"../x", "Windows/../../x", "Windows\\..\\x", "C:\\Windows",
                           "Windows/System32/config/SYSTEM:stream"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(source_->Open(path).status())) << path;
    EXPECT_TRUE(absl::IsInvalidArgument(source_->Stat(path).status())) << path;
    EXPECT_TRUE(absl::IsInvalidArgument(source_->List(path).status())) << path;
  }
  EXPECT_TRUE(absl::IsInvalidArgument(source_->Open(absl::string_view("Windows\0x", 9)).status()));
}

INSTANTIATE_TEST_SUITE_P(Kinds, SourceTest, testing::Bool(), [](const auto& info) {
  return info.param ? std::string("Directory") : std::string("Memory");
});

class DirectoryTest : public SourceTest {};

// Links, as an attached disk of an unknown host may hold them.
TEST_P(DirectoryTest, LinksAreNotFollowed) {
  const fs::path outside =
      root_.parent_path() / absl::StrCat(root_.filename().u8string(), "_outside");
  fs::create_directories(outside / "config");
  std::ofstream(outside / "config" / "SYSTEM") << "secret";
  std::ofstream(outside / "SOFTWARE") << "secret";
  std::error_code error;
  fs::create_directory_symlink(outside, root_ / "Windows/System32/linked", error);
  if (error) GTEST_SKIP() << "this system makes no symbolic links: " << error.message();
  fs::create_symlink(outside / "SOFTWARE", root_ / "Windows/System32/config/SOFTWARE", error);
  ASSERT_FALSE(error) << error.message();
  // A link that stays inside is not followed either: one rule, and no race about where it leads.
  fs::create_directory_symlink(root_ / "Windows/WinSxS", root_ / "Windows/inside", error);
  ASSERT_FALSE(error) << error.message();

  for (const char* path :
       {"Windows/System32/linked/config/SYSTEM", "Windows/System32/config/SOFTWARE",
        "Windows/inside/b.txt", "windows/SYSTEM32/LINKED/config/SYSTEM"}) {
    const absl::Status status = source_->Open(path).status();
    EXPECT_TRUE(absl::IsPermissionDenied(status)) << path << ": " << status;
    EXPECT_TRUE(absl::StrContains(status.message(), "not followed")) << status;
  }
  EXPECT_TRUE(absl::IsPermissionDenied(source_->List("Windows/System32/linked").status()));
  EXPECT_TRUE(absl::IsPermissionDenied(source_->Stat("Windows/System32/config/SOFTWARE").status()));
  const auto listing = source_->List("Windows/System32/config");
  ASSERT_TRUE(listing.ok());
  for (const FileInfo& info : *listing) EXPECT_EQ(info.is_link, info.name == "SOFTWARE");
  fs::remove_all(outside);
}

TEST_P(DirectoryTest, HardLinksHaveOneId) {
  fs::create_hard_link(root_ / "Windows/WinSxS/b.txt", root_ / "Windows/linked.txt");
  const auto id = [&](absl::string_view path) { return (*source_->OpenStream(path))->info().id; };
  EXPECT_TRUE(id("Windows/linked.txt").known());
  EXPECT_EQ(id("Windows/linked.txt"), id("Windows/WinSxS/b.txt"));
  EXPECT_FALSE(id("Windows/linked.txt") == id("Windows/WinSxS/A.txt"));
  EXPECT_EQ((*source_->Open("Windows/linked.txt"))->info().id, id("Windows/WinSxS/b.txt"));
}

TEST_P(DirectoryTest, AStreamTellsThatItsFileChanged) {
  const auto stream = source_->OpenStream("Windows/WinSxS/b.txt");
  ASSERT_TRUE(stream.ok());
  std::ofstream(root_ / "Windows/WinSxS/b.txt", std::ios::app) << "more";
  EXPECT_EQ((*stream)->info().size, 1u);
  EXPECT_EQ((*stream)->Now()->size, 5u);
}

TEST_P(DirectoryTest, RootMustBeADirectory) {
  EXPECT_TRUE(absl::IsNotFound(OpenDirectory((root_ / "nothing").u8string()).status()));
  EXPECT_TRUE(absl::IsFailedPrecondition(
      OpenDirectory((root_ / "Windows/WinSxS/b.txt").u8string()).status()));
}

INSTANTIATE_TEST_SUITE_P(Kinds, DirectoryTest, testing::Values(true));

TEST(MemorySource, InjectedErrorsAndRemoval) {
  MemorySource source;
  source.AddFile("a/b/c", "1");
  source.AddFile("a/bc", "2");
  source.AddError("a/b/c", absl::PermissionDeniedError("denied"));
  EXPECT_TRUE(absl::IsPermissionDenied(source.Open("A/B/C").status()));
  source.Remove("A/b");
  EXPECT_TRUE(absl::IsNotFound(source.Stat("a/b").status()));
  EXPECT_TRUE(source.Open("a/bc").ok());
}

TEST(MemorySource, HardLinksHaveOneIdUntilReplaced) {
  MemorySource source;
  source.AddFile("a/one", "1");
  source.AddFile("a/two", "1");
  source.AddLink("b/link", "a/one");
  EXPECT_EQ(source.Stat("b/link")->id, source.Stat("a/one")->id);
  EXPECT_FALSE(source.Stat("a/two")->id == source.Stat("a/one")->id);
  EXPECT_EQ(source.Stat("b/link")->name, "link");
  EXPECT_EQ((*source.Open("b/link"))->bytes(), "1");
  source.AddFile("b/link", "2");
  EXPECT_FALSE(source.Stat("b/link")->id == source.Stat("a/one")->id);
  EXPECT_EQ((*source.Open("a/one"))->bytes(), "1");
}

}  // namespace
}  // namespace patchgate::evidence
