#include "servicing/files/file_reader.h"

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "servicing/evidence/counting_source.h"
#include "servicing/evidence/directory_source.h"
#include "servicing/evidence/memory_source.h"
#include "servicing/files/file_memory.h"
#include "servicing/pe/pe_builder.h"

namespace patchgate::files {
namespace {

namespace fs = std::filesystem;
using evidence::MemorySource;
using ::testing::HasSubstr;

std::string Image(absl::string_view salt = "") {
  return pe::PeBuilder().AddResource(10, 1, 0x409, absl::StrCat("some data", salt)).Build();
}

TEST(FileReaderTest, DigestsWhatIsThere) {
  const std::string large(600 << 10, 'x');  // More than two buffers.
  const struct {
    const char* name;
    std::string bytes;
    const char* first_bytes;
  } kCases[] = {
      {"empty", "", ""},
      {"short", "abc", "abc"},
      {"one buffer", large.substr(0, 256 << 10), "xxxxxxxx"},
      {"some buffers", large, "xxxxxxxx"},
  };
  for (const auto& c : kCases) {
    MemorySource source;
    source.AddFile("a/file", c.bytes, 77);
    std::atomic<uint64_t> read{0};
    FileReader reader(nullptr, &read);
    const auto digest = reader.Digest(source, "a/file");
    ASSERT_TRUE(digest.ok()) << c.name << digest.status();
    EXPECT_EQ(digest->sha256, digest::Sha256(c.bytes)) << c.name;
    EXPECT_EQ(digest->size, c.bytes.size()) << c.name;
    EXPECT_EQ(digest->first_bytes, c.first_bytes) << c.name;
    EXPECT_EQ(digest->modified, 77u) << c.name;
    EXPECT_TRUE(digest->id.known()) << c.name;
    EXPECT_EQ(read, c.bytes.size()) << c.name;

    ImageFacts facts;
    const auto examined = reader.Examine(source, "a/file", &facts);
    ASSERT_TRUE(examined.ok()) << c.name << examined.status();
    EXPECT_EQ(examined->sha256, digest->sha256) << c.name;
    EXPECT_EQ(examined->first_bytes, c.first_bytes) << c.name;
    EXPECT_EQ(facts.size(), c.bytes.size()) << c.name;
    EXPECT_EQ(facts.sha256(), digest::ToHex(digest->sha256)) << c.name;
    EXPECT_FALSE(facts.is_image()) << c.name;
    EXPECT_NE(facts.image_error(), "") << c.name;
  }
}

TEST(FileReaderTest, ExaminesAnImage) {
  MemorySource source;
  source.AddFile("a.dll", Image());
  FileReader reader(nullptr, nullptr);
  ImageFacts facts;
  facts.set_image_error("of the file before");
  facts.mutable_collection()->set_source("kept");
  ASSERT_TRUE(reader.Examine(source, "a.dll", &facts).ok());
  EXPECT_TRUE(facts.is_image()) << facts.image_error();
  EXPECT_EQ(facts.image_error(), "");
  EXPECT_EQ(facts.collection().source(), "kept");
}

TEST(FileReaderTest, SaysWhyItCannotRead) {
  MemorySource source;
  source.AddDirectory("folder");
  source.AddFile("denied", "x");
  source.AddError("denied", absl::PermissionDeniedError("denied: access denied"));
  Stop stop;
  stop.Cancel();
  source.AddFile("there", "x");
  FileReader reader(nullptr, nullptr), stopped(&stop, nullptr);
  ImageFacts facts;
  facts.set_size(9);
  EXPECT_EQ(reader.Digest(source, "nowhere").status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(reader.Digest(source, "folder").status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(reader.Examine(source, "denied", &facts).status().code(),
            absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(stopped.Examine(source, "there", &facts).status().code(), absl::StatusCode::kCancelled);
  EXPECT_EQ(stopped.Digest(source, "there").status().code(), absl::StatusCode::kCancelled);
  EXPECT_EQ(facts.size(), 9u);
}

// A file of any size, whose bytes are all 0, in a volume of its own.
class ZeroSource : public evidence::Source {
 public:
  // `end`: where reading ends; `size`: what the file system says, before and after.
  ZeroSource(uint64_t end, uint64_t size, uint64_t size_afterwards)
      : end_(end), size_(size), size_afterwards_(size_afterwards) {}

  std::string description() const override { return "zeros"; }
  absl::StatusOr<std::unique_ptr<evidence::File>> Open(absl::string_view) const override {
    return absl::UnimplementedError("not mapped");
  }
  absl::StatusOr<evidence::FileInfo> Stat(absl::string_view) const override { return Info(size_); }
  absl::StatusOr<std::vector<evidence::FileInfo>> List(absl::string_view) const override {
    return std::vector<evidence::FileInfo>();
  }
  absl::StatusOr<std::unique_ptr<evidence::Stream>> OpenStream(absl::string_view) const override {
    return std::unique_ptr<evidence::Stream>(new Zeros(*this));
  }

 private:
  static evidence::FileInfo Info(uint64_t size) {
    evidence::FileInfo info;
    info.name = "zeros";
    info.size = size;
    info.id.index = 1;
    return info;
  }
  class Zeros : public evidence::Stream {
   public:
    explicit Zeros(const ZeroSource& source)
        : left_(source.end_), info_(Info(source.size_)), now_(Info(source.size_afterwards_)) {}
    const evidence::FileInfo& info() const override { return info_; }
    absl::StatusOr<evidence::FileInfo> Now() const override { return now_; }
    absl::StatusOr<size_t> Read(absl::Span<char> buffer) override {
      const size_t size = static_cast<size_t>(std::min<uint64_t>(buffer.size(), left_));
      std::fill_n(buffer.begin(), size, '\0');
      left_ -= size;
      return size;
    }

   private:
    uint64_t left_;
    const evidence::FileInfo info_, now_;
  };

  const uint64_t end_, size_, size_afterwards_;
};

TEST(FileReaderTest, NoticesThatAFileChanges) {
  constexpr uint64_t kSize = 300 << 10;
  const struct {
    const char* name;
    ZeroSource source;
  } kCases[] = {
      {"grew before it was read", {kSize + 9, kSize, kSize + 9}},
      {"grew afterwards", {kSize, kSize, kSize + 9}},
      {"was cut short", {kSize - 9, kSize, kSize - 9}},
      {"ended early", {kSize - 9, kSize, kSize}},
      {"was emptied", {0, kSize, 0}},
  };
  for (const auto& c : kCases) {
    FileMemory memory;
    FileReader reader(nullptr, nullptr, &memory);
    ImageFacts facts;
    std::string bytes;
    for (const absl::Status& status :
         {reader.Digest(c.source, "x").status(), reader.Examine(c.source, "x", &facts).status(),
          reader.Read(c.source, "x", 1 << 20, &bytes)}) {
      EXPECT_EQ(status.code(), absl::StatusCode::kAborted) << c.name;
      EXPECT_THAT(status.message(), HasSubstr("changed while it was read: 307200 bytes")) << c.name;
    }
  }
}

TEST(FileReaderTest, ReadsNothingOfWhatIsTooLargeToExamine) {
  const uint64_t size = kLargestExamined + 1;
  const ZeroSource source(size, size, size);
  FileMemory memory;
  std::atomic<uint64_t> read{0};
  FileReader reader(nullptr, &read, &memory);
  ImageFacts facts;
  const absl::Status status = reader.Examine(source, "zeros", &facts).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(status.message(), "has 268435457 bytes; no more than 268435456 are examined");
  EXPECT_EQ(read, 0u);
}

// What `read` reads of the same file under two names, through one memory.
TEST(FileReaderTest, ReadsAFileOnce) {
  const std::string bytes = Image();
  const auto keep = [](absl::string_view name, absl::string_view) -> KeptPart {
    return absl::StatusOr<std::string>(absl::StrCat("part of ", name));
  };
  const struct {
    const char* name;
    std::string order;  // d: Digest, e: Examine; of one name and the other, in turn.
    uint64_t reads;
  } kCases[] = {
      {"hashed twice", "dd", 1},
      {"examined twice", "ee", 1},
      {"examined first", "ed", 1},
      {"hashed, then examined", "deed", 2},
  };
  for (const auto& c : kCases) {
    MemorySource files;
    files.AddFile("a.dll", bytes);
    files.AddLink("b.dll", "a.dll");
    evidence::ReadCounter counter;
    const evidence::CountingSource source(files, &counter);
    FileMemory memory(keep);
    FileReader reader(nullptr, nullptr, &memory);
    size_t i = 0;
    for (const char step : c.order) {
      const char* path = i++ % 2 == 0 ? "a.dll" : "b.dll";
      ImageFacts facts;
      KeptPart kept;
      const auto digest =
          step == 'd' ? reader.Digest(source, path) : reader.Examine(source, path, &facts, &kept);
      ASSERT_TRUE(digest.ok()) << c.name;
      EXPECT_EQ(digest->sha256, digest::Sha256(bytes)) << c.name;
      if (step == 'd') continue;
      EXPECT_TRUE(facts.is_image()) << c.name;
      ASSERT_TRUE(kept.has_value() && kept->ok()) << c.name;
      EXPECT_THAT(**kept, HasSubstr("part of ")) << c.name;
    }
    EXPECT_EQ(counter.Statistics().files(), 1u) << c.name;
    EXPECT_EQ(counter.Statistics().reads(), c.reads) << c.name;
    EXPECT_EQ(counter.Statistics().bytes(), c.reads * bytes.size()) << c.name;
  }
}

TEST(FileReaderTest, TwoVolumesInMemoryHaveNoFileInCommon) {
  MemorySource one, other;
  one.AddFile("file", "this");
  other.AddFile("file", "that");
  FileMemory memory;
  FileReader reader(nullptr, nullptr, &memory);
  EXPECT_EQ(reader.Digest(one, "file")->sha256, digest::Sha256("this"));
  EXPECT_EQ(reader.Digest(other, "file")->sha256, digest::Sha256("that"));
}

TEST(FileReaderTest, KnowsHardLinksOfADirectory) {
  const fs::path root = fs::path(testing::TempDir()) / "file_reader_test";
  fs::remove_all(root);
  fs::create_directories(root / "folder");
  std::ofstream(root / "file", std::ios::binary) << "some bytes";
  fs::create_hard_link(root / "file", root / "folder" / "link");
  fs::copy_file(root / "file", root / "copy");
  const auto directory = evidence::OpenDirectory(root.string());
  ASSERT_TRUE(directory.ok()) << directory.status();
  evidence::ReadCounter counter;
  const evidence::CountingSource source(**directory, &counter);
  FileMemory memory;
  FileReader reader(nullptr, nullptr, &memory);
  const auto folder = source.Enter("folder");
  ASSERT_TRUE(folder.ok()) << folder.status();
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(reader.Digest(source, "file")->sha256, digest::Sha256("some bytes"));
    EXPECT_EQ(reader.Digest(**folder, "LINK")->sha256, digest::Sha256("some bytes"));
    EXPECT_EQ(reader.Digest(source, "copy")->sha256, digest::Sha256("some bytes"));
  }
  EXPECT_EQ(counter.Statistics().files(), 2u);
  EXPECT_EQ(counter.Statistics().reads(), 2u);

  // Written to in place: the same id, another size. It is read as it is now.
  std::ofstream(root / "file", std::ios::binary) << "other bytes";
  EXPECT_EQ(reader.Digest(**folder, "link")->sha256, digest::Sha256("other bytes"));
  EXPECT_EQ(counter.Statistics().reads(), 3u);
  fs::remove_all(root);
}

}  // namespace
}  // namespace patchgate::files
