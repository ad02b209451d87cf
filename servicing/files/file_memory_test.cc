#include "servicing/files/file_memory.h"

#include <atomic>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "gtest/gtest.h"

namespace patchgate::files {
namespace {

evidence::FileInfo Info(uint64_t index, uint64_t size = 5, FileTime modified = 7) {
  evidence::FileInfo info;
  info.id = {1, index};
  info.size = size;
  info.modified = modified;
  return info;
}

FileFacts OfSize(uint64_t size) {
  FileFacts facts;
  facts.digest.size = size;
  return facts;
}

FileFacts Keeping(size_t size) {
  FileFacts facts;
  facts.kept = absl::StatusOr<std::string>(std::string(size, 'x'));
  return facts;
}

TEST(FileMemoryTest, KnowsAFileAsLongAsItIsTheSame) {
  FileMemory memory;
  {
    FileMemory::Turn turn = memory.Take(Info(1));
    EXPECT_EQ(turn.known(), nullptr);
    turn.Remember(OfSize(5));
    ASSERT_NE(turn.known(), nullptr);
  }
  evidence::FileInfo elsewhere = Info(1);
  elsewhere.id.volume = 2;
  const struct {
    const char* name;
    evidence::FileInfo info;
    bool known;
  } kCases[] = {
      {"the same", Info(1), true},          {"another file", Info(2), false},
      {"another volume", elsewhere, false}, {"grown", Info(1, 6), false},
      {"written to", Info(1, 5, 8), false},
  };
  for (const auto& c : kCases) {
    EXPECT_EQ(memory.Take(c.info).known() != nullptr, c.known) << c.name;
  }
}

TEST(FileMemoryTest, KnowsTheFileAsItWasReadLast) {
  FileMemory memory;
  memory.Take(Info(1)).Remember(OfSize(5));
  memory.Take(Info(1, 6)).Remember(OfSize(6));
  EXPECT_EQ(memory.Take(Info(1)).known(), nullptr);
  EXPECT_EQ(memory.Take(Info(1, 6)).known()->digest.size, 6u);
}

TEST(FileMemoryTest, RemembersNothingOfAFileWithoutAnId) {
  FileMemory memory;
  FileMemory::Turn first = memory.Take(Info(0));
  first.Remember(OfSize(5));
  EXPECT_EQ(first.known(), nullptr);
  EXPECT_EQ(memory.Take(Info(0)).known(), nullptr);  // And does not wait for the first.
}

TEST(FileMemoryTest, KeepsSoManyBytesAndNoMore) {
  FileMemory memory;
  for (uint64_t i = 1; i <= 9; ++i) memory.Take(Info(i)).Remember(Keeping(10 << 20));
  for (uint64_t i = 1; i <= 9; ++i) {
    EXPECT_EQ(memory.Take(Info(i)).known()->kept.has_value(), i <= 6) << i;
  }
  memory.Take(Info(10)).Remember(Keeping(1 << 20));
  EXPECT_TRUE(memory.Take(Info(10)).known()->kept.has_value());
}

TEST(FileMemoryTest, OneThreadReadsAndTheOthersWait) {
  FileMemory memory;
  std::atomic<int> reads{0}, reading{0}, at_once{0};
  const auto look = [&] {
    for (uint64_t i = 1; i <= 500; ++i) {
      FileMemory::Turn turn = memory.Take(Info(i));
      if (turn.known() != nullptr) continue;
      if (++reading > 4) ++at_once;
      ++reads;
      std::this_thread::yield();
      turn.Remember(OfSize(i));
      --reading;
    }
  };
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) threads.emplace_back(look);
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(reads, 500);
  EXPECT_EQ(at_once, 0);
}

TEST(FileMemoryTest, ATurnThatFailedLeavesTheFileToTheNext) {
  FileMemory memory;
  { const FileMemory::Turn turn = memory.Take(Info(1)); }
  FileMemory::Turn next = memory.Take(Info(1));
  EXPECT_EQ(next.known(), nullptr);
  const FileMemory::Turn moved = std::move(next);
  EXPECT_EQ(moved.known(), nullptr);
}

}  // namespace
}  // namespace patchgate::files
