// Real boot stores. They are not ours to publish: the folder is named by the environment variable
// PATCHGATE_TEST_DATA; without it the tests say that they were skipped.

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "servicing/boot/bcd.pb.h"
#include "servicing/boot/bcd_format.h"
#include "servicing/boot/bcd_reader.h"
#include "servicing/evidence/memory_source.h"

namespace patchgate::boot {
namespace {

using testing::IsEmpty;

std::string ReadReal(absl::string_view name) {
  const char* folder = std::getenv("PATCHGATE_TEST_DATA");
  if (folder == nullptr) return "";
  std::ifstream file(absl::StrCat(folder, "/hives/", name), std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

BcdStore StoreOf(const std::string& bytes) {
  evidence::MemorySource volume;
  volume.AddFile("EFI/Microsoft/Boot/BCD", bytes);
  return ReadBcd(volume, nullptr);
}

const BcdObject& Object(const BcdStore& store, absl::string_view guid) {
  for (const BcdObject& object : store.objects()) {
    if (object.guid() == guid) return object;
  }
  ADD_FAILURE() << "no object " << guid;
  return BcdObject::default_instance();
}

const BcdElement& Element(const BcdObject& object, uint32_t id) {
  for (const BcdElement& element : object.elements()) {
    if (element.id() == id) return element;
  }
  ADD_FAILURE() << absl::StrFormat("no element 0x%08x in %s", id, object.guid());
  return BcdElement::default_instance();
}

// What has no name or no known type, or could not be read as its format says.
std::vector<std::string> Unknown(const BcdStore& store) {
  std::vector<std::string> unknown;
  for (const BcdObject& object : store.objects()) {
    if (object.type_name().empty()) unknown.push_back(object.guid());
    for (const BcdElement& element : object.elements()) {
      if (!element.name().empty() && element.problem().empty()) continue;
      unknown.push_back(
          absl::StrFormat("%s %08x %s", object.guid(), element.id(), element.problem()));
    }
  }
  return unknown;
}

TEST(RealBcd, InstalledHost) {
  const std::string bytes = ReadReal("BCD");
  if (bytes.empty()) GTEST_SKIP() << "no real hives: PATCHGATE_TEST_DATA is not set";
  const BcdStore store = StoreOf(bytes);
  ASSERT_EQ(store.collection().status(), Collection::COLLECTED) << store.collection().reason();
  EXPECT_EQ(store.collection().gaps_size(), 0);
  EXPECT_EQ(store.hive().state(), HiveFacts::CLEAN);
  EXPECT_EQ(store.hive().damage_total(), 0u);
  EXPECT_EQ(store.root_name(), "NewStoreRoot");
  EXPECT_EQ(store.key_name(), "BCD00000000");
  EXPECT_EQ(store.system(), 1u);
  EXPECT_EQ(store.objects_size(), 17);
  EXPECT_THAT(Unknown(store), IsEmpty());

  const BcdObject& manager = Object(store, guid::kBootManager);
  EXPECT_EQ(manager.well_known(), "bootmgr");
  EXPECT_EQ(manager.firmware_variable(), 1u);
  EXPECT_EQ(Element(manager, element::kTimeout).integer(), 30u);
  ASSERT_EQ(Element(manager, element::kDefault).objects().guids_size(), 1);
  const BcdObject& loader = Object(store, Element(manager, element::kDefault).objects().guids(0));
  EXPECT_EQ(loader.type(), object_type::kOsLoader);
  const BcdDevice& windows = Element(loader, element::kOsDevice).device();
  EXPECT_EQ(windows.kind(), BcdDevice::PARTITION);
  EXPECT_EQ(windows.partition_guid(), "{8e0f2c38-e4ea-47ba-b7fc-9d8c74dccf0b}");
  EXPECT_EQ(windows.disk_guid(), "{0b2394a9-095e-487d-8d48-719ecd4d78ca}");
  EXPECT_THAT(Element(loader, element::kAllowedInMemorySettings).integers().values(),
              testing::ElementsAre(0x15000075));

  const BcdObject& recovery =
      Object(store, Element(loader, element::kRecoverySequence).objects().guids(0));
  EXPECT_TRUE(Element(recovery, element::kWinPe).boolean());
  const BcdDevice& ramdisk = Element(recovery, element::kOsDevice).device();
  EXPECT_EQ(ramdisk.kind(), BcdDevice::RAMDISK);
  EXPECT_EQ(ramdisk.path(), "\\Recovery\\WindowsRE\\Winre.wim");
  EXPECT_EQ(ramdisk.parent().kind(), BcdDevice::PARTITION);
  EXPECT_EQ(ramdisk.parent().partition_guid(), "{6cdfcd69-de75-4490-8f99-5a84bf264917}");
  EXPECT_EQ(Object(store, ramdisk.options()).type(), object_type::kDeviceOptions);
}

TEST(RealBcd, InstallationMedia) {
  const std::string bytes = ReadReal("BCD_setup_media");
  if (bytes.empty()) GTEST_SKIP() << "no real hives: PATCHGATE_TEST_DATA is not set";
  const BcdStore store = StoreOf(bytes);
  ASSERT_EQ(store.collection().status(), Collection::COLLECTED) << store.collection().reason();
  EXPECT_EQ(store.collection().gaps_size(), 0);
  EXPECT_EQ(store.root_name(), "System");
  EXPECT_EQ(store.objects_size(), 9);
  EXPECT_THAT(Unknown(store), IsEmpty());
  // Integers of one and three bytes.
  EXPECT_EQ(Element(Object(store, guid::kBootManager), element::kTimeout).integer(), 30u);
  EXPECT_EQ(Element(Object(store, guid::kDebuggerSettings), 0x15000014).integer(), 115200u);
  const BcdDevice& device =
      Element(Object(store, "{7619dcc9-fafe-11d9-b411-000476eba25f}"), element::kDevice).device();
  EXPECT_EQ(device.kind(), BcdDevice::RAMDISK);
  EXPECT_EQ(device.parent().kind(), BcdDevice::BOOT);
  EXPECT_EQ(device.path(), "\\sources\\boot.wim");
}

}  // namespace
}  // namespace patchgate::boot
