// Runs the fuzz target over a corpus that it makes itself, so that every test run replays it.

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>

#include "gtest/gtest.h"
#include "servicing/boot/bcd_builder.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace patchgate::boot {
namespace {

void Feed(const std::string& input) {
  EXPECT_EQ(LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(input.data()), input.size()),
            0);
}

TEST(BcdFuzzTest, Devices) {
  const std::string windows = GptPartition(kWindowsPartition, kDiskGuid);
  std::mt19937 random(20261122);
  for (const std::string& device :
       {windows, MbrPartition(1, 2), BootDevice(), Ramdisk("\\a\\b.wim", windows, kDiskGuid),
        Ramdisk("\\a", Ramdisk("\\b", windows, ""), "")}) {
    for (size_t size = 0; size <= device.size(); ++size) Feed("\1" + device.substr(0, size));
    for (int i = 0; i < 3'000; ++i) {
      std::string damaged = device;
      for (unsigned edits = 1 + random() % 4; edits > 0; --edits) {
        damaged[random() % damaged.size()] = static_cast<char>(random() % 3 == 0 ? 0xFF : random());
      }
      Feed("\1" + damaged);
    }
  }
}

TEST(BcdFuzzTest, Stores) {
  std::mt19937 random(20261122);
  for (int i = 0; i < 2'000; ++i) {
    std::string input(1, '\0');
    for (unsigned edits = 1 + random() % 8; edits > 0; --edits) {
      const uint32_t offset = random() % 4 == 0 ? random() : 4096 + random() % 12'000;
      for (int shift = 0; shift < 24; shift += 8) {
        input.push_back(static_cast<char>(offset >> shift));
      }
      input.push_back(static_cast<char>(random() % 3 == 0 ? 0 : random()));
    }
    Feed(input);
  }
}

}  // namespace
}  // namespace patchgate::boot
