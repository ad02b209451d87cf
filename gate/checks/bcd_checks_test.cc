// The checks of the boot store, on stores that are built for each case.

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gate/checks/check_testing.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "servicing/boot/bcd_builder.h"
#include "servicing/boot/bcd_format.h"
#include "servicing/boot/bcd_reader.h"
#include "servicing/evidence/memory_source.h"
#include "servicing/regf/hive_builder.h"
#include "servicing/regf/log_builder.h"
#include "servicing/regf/types.h"

namespace patchgate::gate::checks {
namespace {

using boot::BcdBuilder;
using boot::Firmware;
using boot::HealthyBcd;
using boot::kRecoveryLoader;
using boot::kRecoveryOptions;
using boot::kWindowsLoader;
using boot::kWindowsPartition;
using boot::kWindowsResume;
using evidence::MemorySource;
namespace element = boot::element;
namespace guid = boot::guid;
namespace object_type = boot::object_type;

constexpr char kPath[] = "EFI/Microsoft/Boot/BCD";
constexpr char kOther[] = "{99999999-0b7d-11ef-9c41-806e6f6e6963}";
constexpr char kOtherPartition[] = "{aaaaaaaa-6ab3-49f4-9e57-2f8a1b3c4d02}";

// A host whose C: is the partition of the healthy loader, and which has its files.
Snapshot HostOf(const MemorySource& volume) {
  Snapshot snapshot;
  *snapshot.mutable_bcd() = boot::ReadBcd(volume, nullptr);
  snapshot.mutable_mounted_devices()->mutable_collection()->set_status(Collection::COLLECTED);
  MountedDevice* drive = snapshot.mutable_mounted_devices()->add_devices();
  drive->set_name("\\DosDevices\\C:");
  drive->set_partition_guid(kWindowsPartition);
  for (const char* path : {"Windows/System32/ntoskrnl.exe", "Windows/System32/winload.efi",
                           "Windows/System32/winload.exe"}) {
    Collection* image = snapshot.add_images()->mutable_collection();
    image->set_source(path);
    image->set_status(Collection::COLLECTED);
  }
  return snapshot;
}

Snapshot HostWith(const std::string& store, const std::string& path = kPath) {
  MemorySource volume;
  volume.AddFile(path, store);
  return HostOf(volume);
}

struct Case {
  std::string name;
  std::function<void(BcdBuilder&)> change;
  Finding::Result result;
  std::string summary;
  std::string where = "", what = "";          // Of one line of evidence.
  std::function<void(Snapshot&)> after = {};  // Changes what was read.
  Firmware firmware = Firmware::kEfi;
};

void Unchanged(BcdBuilder&) {}

void Judge(absl::string_view id, const std::vector<Case>& cases) {
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    BcdBuilder bcd = HealthyBcd(c.firmware);
    c.change(bcd);
    Snapshot snapshot = HostWith(bcd.Build(), c.firmware == Firmware::kEfi ? kPath : "Boot/BCD");
    if (c.after) c.after(snapshot);
    const Finding finding = RunCheck(id, snapshot);
    EXPECT_THAT(finding, ResultIs(c.result));
    EXPECT_THAT(finding, SummaryHas(c.summary));
    if (!c.what.empty()) {
      EXPECT_THAT(finding, HasEvidence(c.where, c.what));
    }
  }
}

// What all but boot.bcd-store say of stores that nobody could read, and of stale and damaged ones.
class WithoutStore : public testing::TestWithParam<const char*> {};

TEST_P(WithoutStore, IsNotApplicableOrNotKnown) {
  MemorySource volume;
  EXPECT_THAT(RunCheck(GetParam(), HostOf(volume)), ResultIs(Finding::NOT_APPLICABLE));
  EXPECT_THAT(RunCheck(GetParam(), HostOf(volume)), SummaryHas("no boot store was read"));
  EXPECT_THAT(RunCheck(GetParam(), Snapshot()), ResultIs(Finding::INDETERMINATE));
  volume.AddFile(kPath, "no hive");
  EXPECT_THAT(RunCheck(GetParam(), HostOf(volume)), ResultIs(Finding::INDETERMINATE));
  volume.AddError(kPath, absl::PermissionDeniedError("in use"));
  EXPECT_THAT(RunCheck(GetParam(), HostOf(volume)), ResultIs(Finding::INDETERMINATE));
}

TEST_P(WithoutStore, StaleIsIndeterminate) {
  const Snapshot snapshot = HostWith(regf::Dirty(HealthyBcd().Build(), 42, 41));
  EXPECT_THAT(RunCheck(GetParam(), snapshot), ResultIs(Finding::INDETERMINATE));
}

TEST_P(WithoutStore, DamagedIsIndeterminate) {
  BcdBuilder bcd = HealthyBcd();
  bcd.root()->AddKey("Objects\\junk");
  Snapshot snapshot = HostWith(bcd.Build());
  ASSERT_EQ(snapshot.bcd().collection().gaps_size(), 1);
  EXPECT_THAT(RunCheck(GetParam(), snapshot), ResultIs(Finding::INDETERMINATE));
}

// Two systems on one host, the other one by default; and a disk that is booted as a file.
TEST_P(WithoutStore, HealthyHostsRaiseNoAlarm) {
  EXPECT_THAT(RunCheck(GetParam(), HostWith(HealthyBcd().Build())), ResultIs(Finding::PASS));
  const std::string bios = HealthyBcd(Firmware::kBios).Build();
  Snapshot snapshot = HostWith(bios, "Boot/BCD");
  MountedDevice* drive = snapshot.mutable_mounted_devices()->mutable_devices(0);
  drive->clear_partition_guid();
  drive->set_disk_signature(boot::kDiskSignature);
  drive->set_partition_offset(boot::kWindowsOffset);
  EXPECT_THAT(RunCheck(GetParam(), snapshot), ResultIs(Finding::PASS));

  BcdBuilder bcd = HealthyBcd();
  bcd.AddObject("{11111111-0b7d-11ef-9c41-806e6f6e6963}", object_type::kFirmwareApplication)
      ->SetDevice(element::kDevice, boot::GptPartition(boot::kSystemPartition, boot::kDiskGuid))
      ->SetString(element::kPath, "\\EFI\\ubuntu\\shimx64.efi")
      ->SetString(element::kDescription, "ubuntu");
  bcd.AddObject(guid::kBootManager)->SetString(element::kPath, "\\EFI\\ubuntu\\shimx64.efi");
  bcd.AddObject(kWindowsLoader)->SetString(element::kPath, "\\WINDOWS\\SYSTEM32\\WINLOAD.EFI");
  EXPECT_THAT(RunCheck(GetParam(), HostWith(bcd.Build())), ResultIs(Finding::PASS));

  const std::string vhd = boot::VirtualDiskPartition(kWindowsPartition);
  bcd.AddObject(kWindowsLoader)
      ->SetDevice(element::kDevice, vhd)
      ->SetDevice(element::kOsDevice, vhd);
  EXPECT_THAT(RunCheck(GetParam(), HostWith(bcd.Build())),
              testing::AnyOf(ResultIs(Finding::PASS), ResultIs(Finding::NOT_APPLICABLE)));
}

INSTANTIATE_TEST_SUITE_P(BcdChecks, WithoutStore,
                         testing::Values("boot.bcd-boot-manager", "boot.bcd-default-loader",
                                         "boot.bcd-loader-volume", "boot.bcd-display-order",
                                         "boot.bcd-recovery-sequence", "boot.bcd-safe-mode",
                                         "boot.bcd-test-signing", "boot.bcd-one-time-boot",
                                         "boot.bcd-setup-loaders"),
                         [](const testing::TestParamInfo<const char*>& info) {
                           std::string name = info.param;
                           for (char& c : name) c = c == '.' || c == '-' ? '_' : c;
                           return name;
                         });

TEST(BcdStoreSound, Cases) {
  Judge("boot.bcd-store",
        {{"healthy", Unchanged, Finding::PASS, "sound: 14 objects"},
         {"no Description", [](BcdBuilder& bcd) { bcd.root()->RemoveKey("Description"); },
          Finding::BLOCK, "has no Description", kPath, "no key Description"},
         {"no Objects", [](BcdBuilder& bcd) { bcd.root()->RemoveKey("Objects"); }, Finding::BLOCK,
          "has no Objects", kPath, "no key Objects"},
         {"no object",
          [](BcdBuilder& bcd) {
            bcd.root()->RemoveKey("Objects");
            bcd.root()->AddKey("Objects");
          },
          Finding::BLOCK, "has no objects"},
         {"an object of unknown name", [](BcdBuilder& bcd) { bcd.root()->AddKey("Objects\\junk"); },
          Finding::INDETERMINATE, "not be measured in full", "Objects\\junk", "not a GUID"}});
}

TEST(BcdStoreSound, Files) {
  const auto run = [](const MemorySource& volume) {
    return RunCheck("boot.bcd-store", HostOf(volume));
  };
  MemorySource volume;
  EXPECT_THAT(run(volume), ResultIs(Finding::INDETERMINATE));
  EXPECT_THAT(run(volume), SummaryHas("not within reach: give --esp DIR"));
  EXPECT_THAT(RunCheck("boot.bcd-store", Snapshot()), ResultIs(Finding::INDETERMINATE));
  volume.AddError(kPath, absl::PermissionDeniedError("in use"));
  EXPECT_THAT(run(volume), ResultIs(Finding::INDETERMINATE));
  EXPECT_THAT(run(volume), SummaryHas("in use"));

  BcdBuilder bcd = HealthyBcd();
  const std::string sound = bcd.Build();
  volume = MemorySource();
  volume.AddFile(kPath, "");
  EXPECT_THAT(run(volume), ResultIs(Finding::BLOCK));
  EXPECT_THAT(run(volume), SummaryHas("not a readable hive"));
  EXPECT_THAT(run(volume), HasEvidence(kPath, "the file is empty"));
  volume.AddFile(kPath, sound.substr(0, sound.size() / 2));
  EXPECT_THAT(run(volume), ResultIs(Finding::BLOCK));
  EXPECT_THAT(run(volume), SummaryHas("damaged in"));
  volume.AddFile(kPath, sound);
  BreakSubkeys(kPath, *bcd.root()->FindKey("Objects"), &volume);
  EXPECT_THAT(run(volume), ResultIs(Finding::BLOCK));

  // Half of a write: what looks damaged may be whole in the log, where there is one.
  volume.AddFile(kPath, regf::Dirty(sound, 8, 7));
  EXPECT_THAT(run(volume), ResultIs(Finding::INDETERMINATE));
  EXPECT_THAT(run(volume), SummaryHas("may be stale"));
  bcd.root()->SetDword("Added", 1);
  const std::string after = bcd.Build();
  volume.AddFile(absl::StrCat(kPath, ".LOG1"),
                 regf::NewLog(after, 8, regf::DiffStates({sound, after}, 8)));
  EXPECT_THAT(run(volume), ResultIs(Finding::PASS));
  EXPECT_THAT(run(volume), HasEvidence(kPath, "brought up to date"));
}

// A system partition with these programs, and no store on it.
Snapshot WithoutStoreBut(const std::vector<std::string>& programs, bool separate) {
  Snapshot snapshot;
  *snapshot.mutable_bcd() = boot::ReadBcd(MemorySource(), nullptr);
  BootFiles* boot = snapshot.mutable_boot_files();
  boot->set_separate_partition(separate);
  boot->mutable_system_partition()->set_status(Collection::COLLECTED);
  for (const std::string& path : programs) {
    BootFile* file = boot->add_files();
    file->set_path(path);
    file->set_role(BootFile::BOOT_MANAGER);
    Collection* image = snapshot.add_images()->mutable_collection();
    image->set_source(path);
    image->set_status(Collection::COLLECTED);
  }
  return snapshot;
}

TEST(BcdStoreSound, MissingBesideABootManager) {
  for (const char* path : {"ESP:/EFI/Microsoft/Boot/bootmgfw.efi", "ESP:/bootmgr"}) {
    const Finding finding = RunCheck("boot.bcd-store", WithoutStoreBut({path}, true));
    EXPECT_THAT(finding, ResultIs(Finding::BLOCK));
    EXPECT_THAT(finding, SummaryHas("the boot store is missing"));
    EXPECT_THAT(finding, HasEvidence(kPath, "beside a boot manager"));
  }
  // Part of a partition, and the copy that is in Windows itself.
  for (const std::vector<std::string>& programs :
       {std::vector<std::string>(), {"Windows/Boot/EFI/bootmgfw.efi"}}) {
    const Finding finding = RunCheck("boot.bcd-store", WithoutStoreBut(programs, true));
    EXPECT_THAT(finding, ResultIs(Finding::INDETERMINATE));
    EXPECT_THAT(finding, SummaryHas("was copied in part"));
  }
  Snapshot another = WithoutStoreBut({}, true);
  another.mutable_boot_files()->mutable_system_partition()->set_status(Collection::ABSENT);
  EXPECT_THAT(RunCheck("boot.bcd-store", another), ResultIs(Finding::INDETERMINATE));
  EXPECT_THAT(RunCheck("boot.bcd-store", another), SummaryHas("that was given"));
}

TEST(BcdStoreSound, LeftoverOfBiosIsNotJudged) {
  MemorySource volume;
  volume.AddFile("Boot/BCD", "no hive");
  Snapshot snapshot;
  *snapshot.mutable_bcd() = boot::ReadBcd(volume, nullptr, true);
  const Finding finding = RunCheck("boot.bcd-store", snapshot);
  EXPECT_THAT(finding, ResultIs(Finding::INDETERMINATE));
  EXPECT_THAT(finding, HasEvidence(kPath, "this host boots by UEFI"));
}

TEST(BcdStoreSound, SecondStore) {
  MemorySource volume;
  volume.AddFile(kPath, HealthyBcd().Build());
  volume.AddFile("Boot/BCD", "no hive");
  const Finding finding = RunCheck("boot.bcd-store", HostOf(volume));
  EXPECT_THAT(finding, ResultIs(Finding::INFO));
  EXPECT_THAT(finding, SummaryHas("second boot store"));
  EXPECT_THAT(finding, HasEvidence("Boot/BCD", kPath));
}

TEST(BcdBootManager, Cases) {
  Judge(
      "boot.bcd-boot-manager",
      {{"none", [](BcdBuilder& bcd) { bcd.RemoveObject(guid::kBootManager); }, Finding::BLOCK,
        "no Windows boot manager", kPath, "no object {9dea862c"},
       {"of another type",
        [](BcdBuilder& bcd) { bcd.AddObject(guid::kBootManager)->SetType(object_type::kOsLoader); },
        Finding::WARN, "of another type", guid::kBootManager, "operating system loader"},
       {"no device",
        [](BcdBuilder& bcd) { bcd.AddObject(guid::kBootManager)->Remove(element::kDevice); },
        Finding::WARN, "on which device", "\\device", "only on installation media"},
       {"damaged device",
        [](BcdBuilder& bcd) {
          bcd.AddObject(guid::kBootManager)->SetDevice(element::kDevice, "x");
        },
        Finding::WARN, "on which device", "\\device", "device element of 1 bytes"},
       {"no path",
        [](BcdBuilder& bcd) { bcd.AddObject(guid::kBootManager)->Remove(element::kPath); },
        Finding::WARN, "which EFI application", "\\path", "missing"},
       {"EFI path in a store for BIOS",
        [](BcdBuilder& bcd) {
          bcd.AddObject(guid::kBootManager)->SetString(element::kPath, "\\EFI\\bootmgfw.efi");
        },
        Finding::WARN,
        "is an EFI application",
        "\\path",
        "bootmgfw.efi",
        {},
        Firmware::kBios},
       {"BIOS path in a store for BIOS",
        [](BcdBuilder& bcd) {
          bcd.AddObject(guid::kBootManager)->SetString(element::kPath, "\\bootmgr");
        },
        Finding::PASS,
        "is in the boot store",
        "",
        "",
        {},
        Firmware::kBios}});
}

TEST(BcdDefaultLoader, Cases) {
  const auto to = [](const char* target, uint32_t type) {
    return [=](BcdBuilder& bcd) {
      bcd.AddObject(guid::kBootManager)->SetObject(element::kDefault, target);
      if (type != 0) bcd.AddObject(target, type)->SetString(element::kDescription, "Other");
    };
  };
  const auto without = [](uint32_t id) {
    return [=](BcdBuilder& bcd) { bcd.AddObject(kWindowsLoader)->Remove(id); };
  };
  const auto path = [](const char* text) {
    return [=](BcdBuilder& bcd) { bcd.AddObject(kWindowsLoader)->SetString(element::kPath, text); };
  };
  const auto no_file = [](Snapshot& snapshot) {
    for (ImageFacts& image : *snapshot.mutable_images()) {
      if (absl::EndsWith(image.collection().source(), "ntoskrnl.exe")) continue;
      image.mutable_collection()->set_status(Collection::ABSENT);
    }
  };
  const auto nowhere = [](Snapshot& snapshot) { snapshot.clear_mounted_devices(); };
  Judge(
      "boot.bcd-default-loader",
      {{"no default",
        [](BcdBuilder& bcd) { bcd.AddObject(guid::kBootManager)->Remove(element::kDefault); },
        Finding::WARN, "has no default", "\\default", "missing; the menu begins with Windows 11"},
       {"no default, a loader without path first in the menu",
        [&](BcdBuilder& bcd) {
          bcd.AddObject(guid::kBootManager)->Remove(element::kDefault);
          without(element::kPath)(bcd);
        },
        Finding::BLOCK, "has no default", "\\default", "no whole loader"},
       {"no default, no menu",
        [](BcdBuilder& bcd) {
          bcd.AddObject(guid::kBootManager)
              ->Remove(element::kDefault)
              ->Remove(element::kDisplayOrder);
        },
        Finding::BLOCK, "has no default", "\\default", "no whole loader"},
       {"to the recovery environment", to(kRecoveryLoader, 0), Finding::WARN,
        "starts a recovery or set-up environment", "\\winpe", "is on"},
       {"Windows PE that is no RAM disk",
        [](BcdBuilder& bcd) { bcd.AddObject(kWindowsLoader)->SetBool(element::kWinPe, true); },
        Finding::WARN, "starts a recovery or set-up environment", "\\winpe", "is on"},
       {"RAM disk that does not say that it is Windows PE",
        [&](BcdBuilder& bcd) {
          to(kRecoveryLoader, 0)(bcd);
          bcd.AddObject(kRecoveryLoader)->Remove(element::kWinPe);
        },
        Finding::WARN, "starts a recovery or set-up environment", "\\osdevice", "RAM disk"},
       {"to nowhere", to(kOther, 0), Finding::BLOCK, "does not exist", "\\default", kOther},
       {"default loader removed", [](BcdBuilder& bcd) { bcd.RemoveObject(kWindowsLoader); },
        Finding::BLOCK, "does not exist", "\\default", kWindowsLoader},
       {"to a resume loader", to(kWindowsResume, 0), Finding::BLOCK, "is no loader", "\\default",
        "resume loader"},
       {"to settings", to(guid::kGlobalSettings, 0), Finding::BLOCK, "is no loader"},
       {"to an object of no type", to(kOther, 0x10FFFFFF), Finding::BLOCK, "is no loader",
        "\\default", "unknown type"},
       {"to the boot sector of Linux", to(kOther, 0x10300008), Finding::WARN, "another system",
        "\\default", "boot sector"},
       {"to Windows XP", to(kOther, 0x10300006), Finding::WARN, "another system"},
       {"to a boot application", to(kOther, 0x1040000A), Finding::WARN, "another system"},
       {"default that cannot be read",
        [](BcdBuilder& bcd) {
          bcd.AddObject(guid::kBootManager)->SetString(element::kDefault, "Windows");
        },
        Finding::INDETERMINATE, "cannot be read", "\\default", "not a GUID"},
       {"no device", without(element::kDevice), Finding::BLOCK, "incomplete", "\\device",
        "missing"},
       {"no path", without(element::kPath), Finding::BLOCK, "incomplete", "\\path", "missing"},
       {"no osdevice", without(element::kOsDevice), Finding::BLOCK, "incomplete", "\\osdevice",
        "missing"},
       {"no systemroot", without(element::kSystemRoot), Finding::BLOCK, "incomplete",
        "\\systemroot", "missing"},
       {"osdevice that cannot be read",
        [](BcdBuilder& bcd) { bcd.AddObject(kWindowsLoader)->SetString(element::kOsDevice, "C:"); },
        Finding::INDETERMINATE, "cannot be read in full", "\\osdevice", "REG_SZ"},
       {"BIOS loader on EFI", path("\\Windows\\system32\\winload.exe"), Finding::BLOCK,
        "is for BIOS, the boot store for EFI", "\\path", "winload.exe"},
       {"EFI loader on BIOS",
        path("\\Windows\\system32\\winload.efi"),
        Finding::BLOCK,
        "is for EFI, the boot store for BIOS",
        "\\path",
        "winload.efi",
        {},
        Firmware::kBios},
       {"no loader of Windows", path("\\Windows\\system32\\evil.efi"), Finding::BLOCK,
        "is not the loader of Windows", "\\path", "evil.efi"},
       {"no loader of Windows, and nobody knows where C: is", path("\\grub\\grubx64.efi"),
        Finding::WARN, "is not the loader of Windows", "\\path", "grubx64.efi", nowhere},
       {"only its end is like one", path("\\Windows\\xwinload.efi"), Finding::BLOCK,
        "is not the loader of Windows"},
       {"another loader on another volume",
        [&](BcdBuilder& bcd) {
          path("\\grub\\grubx64.efi")(bcd);
          bcd.AddObject(kWindowsLoader)
              ->SetDevice(element::kDevice, boot::GptPartition(kOtherPartition, boot::kDiskGuid));
        },
        Finding::WARN, "is not the loader of Windows"},
       {"loader in a folder of its own", path("\\Windows\\system32\\boot\\winload.efi"),
        Finding::PASS, "is a whole loader"},
       {"its file does not exist", Unchanged, Finding::BLOCK, "file of the default loader",
        "\\path", "not on this volume", no_file},
       {"its file does not exist, but it lies elsewhere",
        [](BcdBuilder& bcd) {
          bcd.AddObject(kWindowsLoader)
              ->SetDevice(element::kDevice, boot::GptPartition(kOtherPartition, boot::kDiskGuid));
        },
        Finding::PASS, "is a whole loader", "", "", no_file},
       {"its file does not exist, but nobody knows where C: is", Unchanged, Finding::PASS,
        "is a whole loader", "", "",
        [&](Snapshot& snapshot) {
          no_file(snapshot);
          snapshot.clear_mounted_devices();
        }},
       {"hives and logs only", Unchanged, Finding::PASS, "is a whole loader", "", "",
        [](Snapshot& snapshot) {
          for (ImageFacts& image : *snapshot.mutable_images()) {
            image.mutable_collection()->set_status(Collection::ABSENT);
          }
        }},
       {"nobody looked for its file", Unchanged, Finding::PASS, "is a whole loader", "", "",
        [](Snapshot& snapshot) { snapshot.clear_images(); }},
       {"no boot manager", [](BcdBuilder& bcd) { bcd.RemoveObject(guid::kBootManager); },
        Finding::NOT_APPLICABLE, "no boot manager"}});
}

TEST(BcdLoaderVolume, Cases) {
  const auto elsewhere = [](BcdBuilder& bcd) {
    bcd.AddObject(kWindowsLoader)
        ->SetDevice(element::kOsDevice, boot::GptPartition(kOtherPartition, boot::kDiskGuid));
  };
  Judge("boot.bcd-loader-volume",
        {{"another partition", elsewhere, Finding::WARN, "no loader of the boot store",
          "\\osdevice", kOtherPartition},
         {"another Windows by default",
          [&](BcdBuilder& bcd) {
            elsewhere(bcd);
            bcd.AddObject(kOther, object_type::kOsLoader)
                ->SetDevice(element::kOsDevice,
                            boot::GptPartition(kWindowsPartition, boot::kDiskGuid));
          },
          Finding::INFO, "boots another Windows", kOther, "boots this one"},
         {"MBR partition, C: on GPT",
          [](BcdBuilder& bcd) {
            bcd.AddObject(kWindowsLoader)
                ->SetDevice(element::kOsDevice, boot::MbrPartition(0x100000, 1));
          },
          Finding::WARN, "no loader of the boot store", "\\osdevice",
          "MBR partition at byte 1048576 of disk 0x00000001"},
         {"MBR partition at another place", Unchanged, Finding::WARN, "no loader", "", "",
          [](Snapshot& snapshot) {
            MountedDevice* drive = snapshot.mutable_mounted_devices()->mutable_devices(0);
            drive->clear_partition_guid();
            drive->set_disk_signature(boot::kDiskSignature);
            drive->set_partition_offset(1);
          },
          Firmware::kBios},
         {"this Windows is on D:", Unchanged, Finding::PASS, "of this Windows", "", "",
          [](Snapshot& snapshot) {
            snapshot.mutable_os()->set_system_root("D:\\Windows");
            MountedDevice* drive = snapshot.mutable_mounted_devices()->mutable_devices(0);
            drive->set_name("\\DosDevices\\D:");
            MountedDevice* other = snapshot.mutable_mounted_devices()->add_devices();
            other->set_name("\\DosDevices\\C:");
            other->set_partition_guid(kOtherPartition);
          }},
         {"C: is another partition than that of D:", Unchanged, Finding::NOT_APPLICABLE,
          "partition of D: is not known", "", "",
          [](Snapshot& snapshot) { snapshot.mutable_os()->set_system_root("D:\\Windows"); }},
         {"C: is not known", Unchanged, Finding::NOT_APPLICABLE, "is not known", "", "",
          [](Snapshot& snapshot) { snapshot.mutable_mounted_devices()->clear_devices(); }},
         {"nobody read MountedDevices", Unchanged, Finding::NOT_APPLICABLE, "is not known", "", "",
          [](Snapshot& snapshot) { snapshot.clear_mounted_devices(); }},
         {"MountedDevices unreadable", Unchanged, Finding::NOT_APPLICABLE, "is not known", "", "",
          [](Snapshot& snapshot) {
            Collection* section = snapshot.mutable_mounted_devices()->mutable_collection();
            section->set_status(Collection::UNREADABLE);
            section->set_reason("broken");
            snapshot.mutable_mounted_devices()->clear_devices();
          }},
         {"what was booted from",
          [](BcdBuilder& bcd) {
            bcd.AddObject(kWindowsLoader)->SetDevice(element::kOsDevice, boot::BootDevice());
          },
          Finding::NOT_APPLICABLE, "the device that was booted from"},
         {"virtual disk",
          [](BcdBuilder& bcd) {
            bcd.AddObject(kWindowsLoader)
                ->SetDevice(element::kOsDevice, boot::VirtualDiskPartition(kWindowsPartition));
          },
          Finding::NOT_APPLICABLE, "virtual disk"},
         {"no default", [](BcdBuilder& bcd) { bcd.RemoveObject(kWindowsLoader); },
          Finding::NOT_APPLICABLE, "no default loader"}});
}

TEST(BcdDisplayOrder, Cases) {
  const auto order = [](const std::vector<std::string>& guids) {
    return [=](BcdBuilder& bcd) {
      bcd.AddObject(guid::kBootManager)->SetObjects(element::kDisplayOrder, guids);
    };
  };
  Judge(
      "boot.bcd-display-order",
      {{"default is the second", order({kRecoveryLoader, kWindowsLoader}), Finding::PASS,
        "in the boot menu"},
       {"default is not in it", order({kRecoveryLoader}), Finding::WARN, "not in the boot menu",
        "\\displayorder", kWindowsLoader},
       {"empty", order({}), Finding::WARN, "not in the boot menu"},
       {"missing",
        [](BcdBuilder& bcd) { bcd.AddObject(guid::kBootManager)->Remove(element::kDisplayOrder); },
        Finding::WARN, "the boot menu is empty"},
       {"lists what is gone", order({kWindowsLoader, kOther}), Finding::INFO,
        "lists what does not exist", "\\displayorder", kOther},
       {"no default", [](BcdBuilder& bcd) { bcd.RemoveObject(kWindowsLoader); },
        Finding::NOT_APPLICABLE, "no default"}});
}

TEST(BcdRecoverySequence, Cases) {
  Judge(
      "boot.bcd-recovery-sequence",
      {{"none",
        [](BcdBuilder& bcd) { bcd.AddObject(kWindowsLoader)->Remove(element::kRecoverySequence); },
        Finding::INFO, "no recovery environment", "\\recoverysequence", "missing"},
       {"switched off, and gone",
        [](BcdBuilder& bcd) {
          bcd.RemoveObject(kRecoveryLoader);
          bcd.AddObject(kWindowsLoader)->SetBool(element::kRecoveryEnabled, false);
        },
        Finding::INFO, "no recovery environment", "\\recoverysequence", "recoveryenabled"},
       {"gone", [](BcdBuilder& bcd) { bcd.RemoveObject(kRecoveryLoader); }, Finding::WARN,
        "does not exist", "\\recoverysequence", kRecoveryLoader},
       {"no winpe",
        [](BcdBuilder& bcd) { bcd.AddObject(kRecoveryLoader)->Remove(element::kWinPe); },
        Finding::WARN, "no recovery environment", "\\winpe", "Windows Recovery Environment"},
       {"RAM disk without options", [](BcdBuilder& bcd) { bcd.RemoveObject(kRecoveryOptions); },
        Finding::WARN, "has no options", "\\device", kRecoveryOptions},
       {"no device",
        [](BcdBuilder& bcd) { bcd.AddObject(kRecoveryLoader)->Remove(element::kDevice); },
        Finding::WARN, "has no device", "\\device", "missing"},
       {"no default", [](BcdBuilder& bcd) { bcd.RemoveObject(kWindowsLoader); },
        Finding::NOT_APPLICABLE, "no default loader"}});
}

TEST(BcdSafeMode, Cases) {
  const auto safe = [](const char* object, uint64_t mode) {
    return [=](BcdBuilder& bcd) { bcd.AddObject(object)->SetInteger(element::kSafeBoot, mode); };
  };
  Judge("boot.bcd-safe-mode",
        {{"minimal", safe(kWindowsLoader, 0), Finding::BLOCK, "goes to safe mode", "\\safeboot",
          "safe mode minimal, in Windows 11"},
         {"network", safe(kWindowsLoader, 1), Finding::BLOCK, "goes to safe mode", "\\safeboot",
          "network"},
         {"directory services repair", safe(kWindowsLoader, 2), Finding::BLOCK, "goes to safe mode",
          "\\safeboot", "directory services repair"},
         {"inherited", safe(guid::kGlobalSettings, 0), Finding::BLOCK, "goes to safe mode",
          kWindowsLoader, "minimal"},
         {"no default, first of the menu",
          [&](BcdBuilder& bcd) {
            bcd.AddObject(guid::kBootManager)->Remove(element::kDefault);
            safe(kWindowsLoader, 0)(bcd);
          },
          Finding::BLOCK, "goes to safe mode", "\\safeboot", "minimal"},
         {"settings that inherit each other",
          [](BcdBuilder& bcd) {
            bcd.AddObject(guid::kGlobalSettings)
                ->SetObjects(element::kInherit, {guid::kLoaderSettings, kWindowsLoader, kOther});
          },
          Finding::PASS, "no loader starts in safe mode"},
         {"another loader",
          [&](BcdBuilder& bcd) {
            bcd.AddObject(kOther, object_type::kOsLoader);
            safe(kOther, 0)(bcd);
          },
          Finding::WARN, "not the default starts in safe mode", kOther, "minimal"},
         {"damaged",
          [](BcdBuilder& bcd) {
            bcd.AddObject(kWindowsLoader)->SetRaw(element::kSafeBoot, regf::kRegDword, "1234");
          },
          Finding::BLOCK, "goes to safe mode", "\\safeboot", "REG_DWORD"},
         {"another element of this number, of a resume loader", safe(kWindowsResume, 0),
          Finding::PASS, "no loader"}});
}

TEST(BcdTestSigning, Cases) {
  Judge("boot.bcd-test-signing",
        {{"on",
          [](BcdBuilder& bcd) {
            bcd.AddObject(kWindowsLoader)->SetBool(element::kTestSigning, true);
          },
          Finding::WARN, "default loader takes drivers", "\\testsigning", "is on"},
         {"off",
          [](BcdBuilder& bcd) {
            bcd.AddObject(kWindowsLoader)->SetBool(element::kTestSigning, false);
          },
          Finding::PASS, "no loader"},
         {"off, inherited on",
          [](BcdBuilder& bcd) {
            bcd.AddObject(kWindowsLoader)->SetBool(element::kTestSigning, false);
            bcd.AddObject(kRecoveryLoader)->SetBool(element::kTestSigning, false);
            bcd.AddObject(guid::kGlobalSettings)->SetBool(element::kTestSigning, true);
          },
          Finding::PASS, "no loader"},
         {"integrity checks off",
          [](BcdBuilder& bcd) {
            bcd.AddObject(guid::kLoaderSettings)->SetBool(element::kNoIntegrityChecks, true);
          },
          Finding::WARN, "default loader takes drivers", "\\nointegritychecks", "is on"},
         {"in another loader",
          [](BcdBuilder& bcd) {
            bcd.AddObject(kOther, object_type::kOsLoader)->SetBool(element::kTestSigning, true);
          },
          Finding::INFO, "not the default takes drivers", kOther, "is on"}});
}

TEST(BcdOneTimeBoot, Cases) {
  const auto once = [](const char* manager, const std::vector<std::string>& guids) {
    return
        [=](BcdBuilder& bcd) { bcd.AddObject(manager)->SetObjects(element::kBootSequence, guids); };
  };
  Judge("boot.bcd-one-time-boot",
        {{"recovery environment", once(guid::kBootManager, {kRecoveryLoader}), Finding::WARN,
          "somewhere else, once", "\\bootsequence", "Windows Recovery Environment"},
         {"what is gone", once(guid::kBootManager, {kOther}), Finding::WARN, "somewhere else",
          "\\bootsequence", "does not have"},
         {"of the firmware", once(guid::kFirmwareBootManager, {kOther}), Finding::WARN,
          "somewhere else", guid::kFirmwareBootManager, kOther},
         {"empty", once(guid::kBootManager, {}), Finding::PASS, "no start is set"},
         {"damaged",
          [](BcdBuilder& bcd) {
            bcd.AddObject(guid::kBootManager)->SetBool(element::kBootSequence, true);
          },
          Finding::WARN, "somewhere else", "\\bootsequence", "REG_BINARY"}});
}

TEST(BcdSetupLoaders, Cases) {
  const auto named = [](const char* description) {
    return [=](BcdBuilder& bcd) {
      bcd.AddObject(kOther, object_type::kOsLoader)->SetString(element::kDescription, description);
    };
  };
  const auto with = [](uint32_t id, const char* text) {
    return [=](BcdBuilder& bcd) {
      bcd.AddObject(kOther, object_type::kOsLoader)->SetString(id, text);
    };
  };
  Judge(
      "boot.bcd-setup-loaders",
      {{"Windows Setup", named("Windows Setup"), Finding::WARN, "a loader of Windows Setup",
        "\\description", "Windows Setup"},
       {"Windows Rollback", named("Windows Rollback"), Finding::WARN, "a loader of Windows Setup"},
       {"other names", named("Windows 11 (set up by hand)"), Finding::PASS, "is left"},
       {"path", with(element::kPath, "\\$Windows.~BT\\NewOS\\winload.efi"), Finding::WARN,
        "a loader of Windows Setup", "\\path", kOther},
       {"folder", with(element::kSystemRoot, "\\$WINDOWS.~BT\\x"), Finding::WARN,
        "a loader of Windows Setup", "\\systemroot", kOther},
       {"RAM disk",
        [](BcdBuilder& bcd) {
          bcd.AddObject(kOther, object_type::kOsLoader)
              ->SetDevice(element::kOsDevice,
                          boot::Ramdisk("\\$WINDOWS.~BT\\Sources\\SafeOS\\winre.wim",
                                        boot::GptPartition(kWindowsPartition, boot::kDiskGuid),
                                        kRecoveryOptions));
        },
        Finding::WARN, "a loader of Windows Setup", "\\osdevice", kOther},
       {"a resume loader of that name",
        [](BcdBuilder& bcd) {
          bcd.AddObject(kWindowsResume)->SetString(element::kDescription, "Windows Setup");
        },
        Finding::PASS, "is left"}});
}

}  // namespace
}  // namespace patchgate::gate::checks
