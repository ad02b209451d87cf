#include "servicing/boot/bcd_names.h"

#include "gtest/gtest.h"

namespace patchgate::boot {
namespace {

constexpr uint32_t kManager = 0x10100002, kFirmware = 0x10100001, kLoader = 0x10200003,
                   kResume = 0x10200004, kMemory = 0x10200005, kOptions = 0x30000000,
                   kAny = 0x20100000, kLoaderSettings = 0x20200003, kResumeSettings = 0x20200004,
                   kFirmwareEntry = 0x101FFFFF;

struct ElementCase {
  uint32_t element;
  uint32_t object_type;
  const char* name;
};

// The elements of DOMAIN §7.1, each with the object that has it, then what depends on the object.
TEST(BcdNames, Elements) {
  const ElementCase cases[] = {
      {0x11000001, kLoader, "device"},
      {0x12000002, kManager, "path"},
      {0x12000004, kFirmwareEntry, "description"},
      {0x12000005, kLoader, "locale"},
      {0x14000006, kAny, "inherit"},
      {0x14000008, kLoader, "recoverysequence"},
      {0x15000065, kLoader, "displaymessage"},
      {0x15000066, kLoader, "displaymessageoverride"},
      {0x16000009, kResume, "recoveryenabled"},
      {0x16000049, kLoader, "testsigning"},
      {0x16000020, kAny, "bootems"},
      {0x1600007E, kManager, "flightsigning"},
      {0x17000077, kLoader, "allowedinmemorysettings"},
      {0x21000001, kLoader, "osdevice"},
      {0x22000002, kLoader, "systemroot"},
      {0x22000002, kResume, "filepath"},
      {0x23000003, kManager, "default"},
      {0x23000003, kLoader, "resumeobject"},
      {0x23000006, kManager, "resumeobject"},
      {0x24000001, kManager, "displayorder"},
      {0x24000010, kManager, "toolsdisplayorder"},
      {0x24000002, kManager, "bootsequence"},
      {0x25000004, kManager, "timeout"},
      {0x25000020, kLoader, "nx"},
      {0x250000C2, kLoader, "bootmenupolicy"},
      {0x250000E0, kLoader, "bootstatuspolicy"},
      {0x26000010, kLoader, "detecthal"},
      {0x26000022, kLoader, "winpe"},
      {0x46000010, kLoader, "recoveryos"},
      {0x25000080, kLoader, "safeboot"},
      // Microsoft's reference has hypervisorlaunchtype at 0xF0 only.
      {0x250000F0, kLoader, "hypervisorlaunchtype"},
      {0x260000F2, kLoader, "hypervisordebug"},
      {0x25000142, kLoader, "vsmlaunchtype"},
      {0x31000003, kOptions, "ramdisksdidevice"},
      {0x32000004, kOptions, "ramdisksdipath"},

      {0x24000001, kFirmware, "displayorder"},
      {0x21000001, kResume, "filedevice"},
      {0x25000008, kResume, "bootmenupolicy"},
      {0x25000008, kLoader, ""},
      {0x25000001, kMemory, "passcount"},
      {0x25000080, kLoaderSettings, "safeboot"},
      {0x26000006, kResumeSettings, "debugoptionenabled"},
      {0x250000F0, kAny, "hypervisorlaunchtype"},
      {0x22000002, kAny, ""},  // Loaders and resume loaders disagree.
      {0x25000080, kFirmwareEntry, ""},
      {0x25000080, 0, ""},
      {0x11FFFFFF, kLoader, ""},
      {0x51000001, kLoader, ""},
  };
  for (const ElementCase& c : cases) {
    EXPECT_EQ(ElementName(c.element, c.object_type), c.name)
        << std::hex << c.element << " of " << c.object_type;
  }
}

TEST(BcdNames, Objects) {
  EXPECT_EQ(ObjectTypeName(kManager), "Windows boot manager");
  EXPECT_EQ(ObjectTypeName(kFirmware), "firmware boot manager");
  EXPECT_EQ(ObjectTypeName(kFirmwareEntry), "firmware application");
  EXPECT_EQ(ObjectTypeName(kLoader), "operating system loader");
  EXPECT_EQ(ObjectTypeName(kResume), "resume loader");
  EXPECT_EQ(ObjectTypeName(kMemory), "memory tester");
  EXPECT_EQ(ObjectTypeName(kOptions), "device options");
  EXPECT_EQ(ObjectTypeName(kLoaderSettings), "settings of loaders");
  EXPECT_EQ(ObjectTypeName(0), "");
  EXPECT_EQ(ObjectName("{9dea862c-5cdd-4e70-acc1-f32b344d4795}"), "bootmgr");
  EXPECT_EQ(ObjectName("{a5a30fa2-3d06-4e9f-b5f4-a01df9d1fcba}"), "fwbootmgr");
  EXPECT_EQ(ObjectName("{b2721d73-1db4-4c62-bf78-c548a880142d}"), "memdiag");
  EXPECT_EQ(ObjectName("{5189b25c-5558-4bf2-bca4-289b11bd29e2}"), "badmemory");
  EXPECT_EQ(ObjectName("{ae5534e0-a924-466c-b836-758539a3ee3a}"), "ramdiskoptions");
  EXPECT_EQ(ObjectName("{3a6f1e52-0b7d-11ef-9c41-806e6f6e6963}"), "");
}

}  // namespace
}  // namespace patchgate::boot
