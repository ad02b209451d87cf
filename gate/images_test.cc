#include "gate/images.h"

#include "gtest/gtest.h"

namespace patchgate::gate {
namespace {

TEST(IsOnSystemPartition, Cases) {
  const struct {
    const char* path;
    bool expected;
  } kCases[] = {
      {"ESP:/EFI/Microsoft/Boot/bootmgfw.efi", true},
      {"esp:/bootmgr", true},
      {"EFI/Boot/bootx64.efi", true},
      {"efi/microsoft/boot/BOOTMGR.EFI", true},
      {"BOOTMGR", true},
      {"Windows/Boot/EFI/bootmgfw.efi", false},
      {"Windows/Boot/PCAT/bootmgr", false},
      {"EFIx/bootmgr", false},
      {"bootmgr2", false},
      {"ESPRESSO/a.dll", false},
      {"", false},
  };
  for (const auto& c : kCases) EXPECT_EQ(IsOnSystemPartition(c.path), c.expected) << c.path;
}

TEST(FindImage, AnyCase) {
  Snapshot snapshot;
  for (const char* path : {"Windows/A.dll", "windows/b.dll", "Windows/C.dll"}) {
    snapshot.add_images()->mutable_collection()->set_source(path);
  }
  EXPECT_EQ(FindImage(snapshot, "WINDOWS/B.DLL"), &snapshot.images(1));
  EXPECT_EQ(FindImage(snapshot, "Windows/b"), nullptr);
  EXPECT_EQ(FindImage(snapshot, "Windows/d.dll"), nullptr);
  EXPECT_EQ(FindImage(Snapshot(), "Windows/b.dll"), nullptr);
  EXPECT_FALSE(WasRead(&snapshot.images(1)));
  EXPECT_FALSE(WasRead(nullptr));
}

}  // namespace
}  // namespace patchgate::gate
