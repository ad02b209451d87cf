#include "servicing/evidence/counting_source.h"

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "servicing/evidence/directory_source.h"
#include "servicing/evidence/memory_source.h"

namespace patchgate::evidence {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

// Reads a file to its end in pieces of 4 bytes.
void ReadStream(const Source& source, absl::string_view path) {
  const auto stream = source.OpenStream(path);
  ASSERT_TRUE(stream.ok()) << stream.status();
  char buffer[4];
  while (*(*stream)->Read(absl::MakeSpan(buffer)) > 0) continue;
}

void Map(const Source& source, absl::string_view path) {
  const auto file = source.Open(path);
  ASSERT_TRUE(file.ok()) << file.status();
  for (int i = 0; i < 2; ++i) EXPECT_EQ((*file)->bytes().size(), (*file)->info().size);
}

TEST(CountingSourceTest, CountsWhatIsRead) {
  MemorySource files;
  files.AddFile("folder/ten", "0123456789");
  files.AddLink("link", "folder/ten");
  files.AddFile("three", "abc");
  files.AddFile("empty", "");
  const struct {
    const char* name;
    void (*read)(const Source&);
    uint64_t files, reads, bytes;
    std::vector<std::string> again;
  } kCases[] = {
      {"nothing", [](const Source&) {}, 0, 0, 0, {}},
      {"looked at only",
       [](const Source& source) {
         EXPECT_TRUE(source.Stat("three").ok());
         EXPECT_TRUE(source.List("folder").ok());
         EXPECT_EQ((*source.Open("three"))->info().size, 3u);
         EXPECT_EQ((*(*source.OpenStream("three"))->Now()).size, 3u);
         EXPECT_FALSE(source.Open("nowhere").ok());
         EXPECT_FALSE(source.OpenStream("nowhere").ok());
         EXPECT_FALSE(source.Enter("nowhere").ok());
       },
       0,
       0,
       0,
       {}},
      {"nothing in it",
       [](const Source& source) {
         ReadStream(source, "empty");
         Map(source, "empty");
       },
       0,
       0,
       0,
       {}},
      {"a stream", [](const Source& source) { ReadStream(source, "folder/ten"); }, 1, 1, 10, {}},
      {"a part of one",
       [](const Source& source) {
         char buffer[4];
         (void)(*source.OpenStream("folder/ten"))->Read(absl::MakeSpan(buffer));
       },
       1,
       1,
       4,
       {}},
      {"a mapped file", [](const Source& source) { Map(source, "three"); }, 1, 1, 3, {}},
      {"a writable image",
       [](const Source& source) { EXPECT_TRUE((*source.Open("three"))->WritableImage(8).ok()); },
       1,
       1,
       3,
       {}},
      {"two files",
       [](const Source& source) {
         Map(source, "three");
         ReadStream(source, "link");
       },
       2,
       2,
       13,
       {}},
      {"one file by two names",
       [](const Source& source) {
         ReadStream(source, "folder/ten");
         ReadStream(source, "link");
       },
       1,
       2,
       20,
       {"ESP:/link"}},
      {"a folder of its own",
       [](const Source& source) {
         const auto folder = source.Enter("folder");
         ReadStream(**folder, "ten");
         Map(**folder, "TEN");
       },
       1,
       2,
       20,
       {"ESP:/folder/TEN"}},
  };
  for (const auto& c : kCases) {
    ReadCounter counter;
    const CountingSource source(files, &counter, "ESP:/");
    EXPECT_EQ(source.description(), "memory");
    c.read(source);
    const ReadStatistics statistics = counter.Statistics();
    EXPECT_EQ(statistics.files(), c.files) << c.name;
    EXPECT_EQ(statistics.reads(), c.reads) << c.name;
    EXPECT_EQ(statistics.bytes(), c.bytes) << c.name;
    EXPECT_THAT(statistics.read_again(), testing::ElementsAreArray(c.again)) << c.name;
  }
}

TEST(CountingSourceTest, NamesTheFirstFew) {
  ReadCounter counter;
  for (int i = 30; i >= 10; --i) {
    for (int j = 0; j < 3; ++j)
      counter.AddRead({1, static_cast<uint64_t>(i)}, absl::StrCat("f", i));
  }
  const ReadStatistics statistics = counter.Statistics();
  EXPECT_EQ(statistics.files(), 21u);
  EXPECT_EQ(statistics.reads(), 63u);
  EXPECT_THAT(statistics.read_again(),
              ElementsAre("f10", "f11", "f12", "f13", "f14", "f15", "f16", "f17", "f18", "f19"));
}

TEST(CountingSourceTest, KnowsFilesWithoutAnIdByTheirPaths) {
  ReadCounter counter;
  counter.AddRead({}, "a/file");
  counter.AddRead({}, "a/other");
  EXPECT_THAT(counter.Statistics().read_again(), IsEmpty());
  counter.AddRead({}, "A/FILE");
  EXPECT_EQ(counter.Statistics().files(), 2u);
  EXPECT_THAT(counter.Statistics().read_again(), ElementsAre("A/FILE"));
}

TEST(CountingSourceTest, CountsSeveralSourcesTogether) {
  MemorySource volume, esp;
  volume.AddFile("file", "one");
  esp.AddFile("file", "other");
  ReadCounter counter;
  const CountingSource counted_volume(volume, &counter), counted_esp(esp, &counter, "ESP:/");
  ReadStream(counted_volume, "file");
  ReadStream(counted_esp, "file");
  EXPECT_EQ(counter.Statistics().files(), 2u);
  EXPECT_EQ(counter.Statistics().bytes(), 8u);
  EXPECT_THAT(counter.Statistics().read_again(), IsEmpty());
}

TEST(CountingSourceTest, CountsForAllThreads) {
  MemorySource files;
  for (int i = 0; i < 200; ++i) files.AddFile(absl::StrCat("f", i), "12345");
  ReadCounter counter;
  const CountingSource source(files, &counter);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 200; ++i) ReadStream(source, absl::StrCat("f", i));
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(counter.Statistics().files(), 200u);
  EXPECT_EQ(counter.Statistics().reads(), 800u);
  EXPECT_EQ(counter.Statistics().bytes(), 4000u);
}

TEST(CountingSourceTest, KnowsTheHardLinksOfADirectory) {
  const fs::path root = fs::path(testing::TempDir()) / "counting_source_test";
  fs::remove_all(root);
  fs::create_directories(root / "folder");
  std::ofstream(root / "folder" / "file", std::ios::binary) << "12345";
  fs::create_hard_link(root / "folder" / "file", root / "link");
  const auto directory = OpenDirectory(root.string());
  ASSERT_TRUE(directory.ok()) << directory.status();
  ReadCounter counter;
  const CountingSource source(**directory, &counter);
  ReadStream(**source.Enter("folder"), "file");
  EXPECT_THAT(counter.Statistics().read_again(), IsEmpty());
  Map(source, "link");
  EXPECT_EQ(counter.Statistics().files(), 1u);
  EXPECT_EQ(counter.Statistics().bytes(), 10u);
  EXPECT_THAT(counter.Statistics().read_again(), ElementsAre("link"));
  fs::remove_all(root);
}

TEST(CountingSourceTest, TellsTheSpaceOfTheSource) {
  MemorySource files;
  files.SetSpace(100, 40);
  ReadCounter counter;
  const auto space = CountingSource(files, &counter).Space();
  ASSERT_TRUE(space.ok()) << space.status();
  EXPECT_EQ(space->free, 40u);
}

}  // namespace
}  // namespace patchgate::evidence
