// The memory for one file that is not to be had, file after file: always an error, never the end of
// the process. (Small pieces are another matter: neither Abseil's hash tables nor protobuf survive
// their want.)
#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <new>
#include <set>
#include <string>

#include "gate/capi/patchgate.h"
#include "gate/volume_folder.h"
#include "gtest/gtest.h"
#include "servicing/evidence/memory_source.h"
#include "testdata/fake_volume.h"

namespace {

std::atomic<size_t> refused_size{0};  // Bytes that cannot be allocated in one piece; 0 for none.
std::atomic<int> refused{0};

// Not inlined: GCC would take it for the wrong end of the `new` that it is the right one of.
__attribute__((noinline)) void Free(void* memory) { std::free(memory); }

}  // namespace

void* operator new(size_t size) {
  void* memory = nullptr;
  if (size == refused_size.load(std::memory_order_relaxed) && size > 0) {
    ++refused;
  } else {
    memory = std::malloc(size == 0 ? 1 : size);
  }
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}
void* operator new[](size_t size) { return operator new(size); }
void operator delete(void* memory) noexcept { Free(memory); }
void operator delete(void* memory, size_t) noexcept { Free(memory); }
void operator delete[](void* memory) noexcept { Free(memory); }
void operator delete[](void* memory, size_t) noexcept { Free(memory); }

namespace patchgate {
namespace {

TEST(OutOfMemoryTest, WithoutTheMemoryForAFileThereIsNoVerdict) {
  const evidence::MemorySource volume = testdata::FakeVolume().Build();
  const gate::VolumeFolder folder("starve", volume);
  const std::string root = folder.root();
  std::set<size_t> sizes;
  volume.ForEach([&](const std::string&, const evidence::FileInfo&, const std::string& bytes) {
    if (bytes.size() > 1024) sizes.insert(bytes.size());
  });
  int starved = 0;
  for (const uint32_t jobs : {1u, 3u}) {
    patchgate_options options;
    ASSERT_EQ(patchgate_options_init(&options, sizeof(options)), PATCHGATE_OK);
    options.jobs = jobs;
    for (const size_t size : sizes) {
      patchgate_verdict* verdict = nullptr;
      char why[64];
      refused = 0;
      refused_size = size + 1;  // A string ends with a NUL.
      const int32_t error = patchgate_evaluate_directory(root.data(), root.size(), &options,
                                                         &verdict, why, sizeof(why));
      refused_size = 0;
      // Some files are not looked at, some are read in pieces.
      ASSERT_EQ(error, refused > 0 ? PATCHGATE_OUT_OF_MEMORY : PATCHGATE_OK) << size << ": " << why;
      ASSERT_EQ(verdict == nullptr, refused > 0);
      if (refused > 0) {
        EXPECT_STREQ(why, "out of memory");
        ++starved;
      }
      patchgate_verdict_free(verdict);
    }
  }
  EXPECT_GT(starved, 5);
}

}  // namespace
}  // namespace patchgate
