#include "servicing/host/system_drive.h"

#include "gtest/gtest.h"

namespace patchgate::host {
namespace {

TEST(SystemDriveLetter, IsThatOfSystemRoot) {
  OsIdentity os;
  EXPECT_EQ(SystemDriveLetter(os), "C:");
  const struct {
    const char *root, *letter;
  } kCases[] = {{"C:\\Windows", "C:"}, {"d:\\Windows", "D:"}, {"E:", "E:"}, {"D", "C:"},
                {"\\Windows", "C:"},   {"1:\\x", "C:"},       {"", "C:"}};
  for (const auto& c : kCases) {
    os.set_system_root(c.root);
    EXPECT_EQ(SystemDriveLetter(os), c.letter) << c.root;
  }
}

TEST(FindSystemDrive, ByLetter) {
  OsIdentity os;
  MountedDevices mounted;
  EXPECT_EQ(FindSystemDrive(os, mounted), nullptr);
  EXPECT_FALSE(BootsByUefi(os, mounted));
  MountedDevice* c = mounted.add_devices();
  c->set_name("\\DosDevices\\c:");
  c->set_partition_guid("{7c2e8d15-6ab3-49f4-9e57-2f8a1b3c4d02}");
  MountedDevice* d = mounted.add_devices();
  d->set_name("\\DosDevices\\D:");
  d->set_disk_signature(1);
  EXPECT_EQ(FindSystemDrive(os, mounted), c);
  EXPECT_TRUE(BootsByUefi(os, mounted));
  os.set_system_root("D:\\Windows");
  EXPECT_EQ(FindSystemDrive(os, mounted), d);
  EXPECT_FALSE(BootsByUefi(os, mounted));
  os.set_system_root("X:\\Windows");
  EXPECT_EQ(FindSystemDrive(os, mounted), nullptr);
}

}  // namespace
}  // namespace patchgate::host
