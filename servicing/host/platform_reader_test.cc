#include "servicing/host/platform_reader.h"

#include <cstdlib>
#include <fstream>
#include <functional>
#include <iterator>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "servicing/evidence/memory_source.h"
#include "servicing/host/hypervisors.h"
#include "servicing/regf/hive_builder.h"
#include "servicing/regf/types.h"
#include "servicing/registry/offline_registry.h"

namespace patchgate::host {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr char kConfigFolder[] = "Windows/System32/config/";
constexpr char kReAgent[] = "Windows/System32/Recovery/ReAgent.xml";
constexpr char kConfig[] = "{4c4c4544-0042-3210-804d-c4c04f4e3232}";

// Hives that a test fills.
struct Hives {
  regf::HiveBuilder system, software;

  Hives() {
    system.root()->AddKey("Select")->SetDword("Current", 1);
    system.root()->AddKey("ControlSet001\\Services");
  }
  regf::HiveBuilder::Key* control(absl::string_view below) {
    return system.root()->AddKey(absl::StrCat("ControlSet001\\Control\\", below));
  }
  regf::HiveBuilder::Key* service(absl::string_view name) {
    return system.root()->AddKey(absl::StrCat("ControlSet001\\Services\\", name));
  }
  regf::HiveBuilder::Key* config(absl::string_view guid) {
    return system.root()->AddKey(absl::StrCat("HardwareConfig\\", guid));
  }
  evidence::MemorySource Build() {
    evidence::MemorySource source;
    source.AddFile(absl::StrCat(kConfigFolder, "SYSTEM"), system.Build());
    source.AddFile(absl::StrCat(kConfigFolder, "SOFTWARE"), software.Build());
    return source;
  }
};

template <typename Facts>
Facts Read(Facts (*read)(const registry::Registry&), Hives& hives) {
  const evidence::MemorySource source = hives.Build();
  return read(registry::OfflineRegistry(source));
}

TEST(HypervisorOf, Cases) {
  const struct {
    const char *manufacturer, *product, *bios, *expected;
  } kCases[] = {
      {"VMware, Inc.", "VMware7,1", "", "VMware"},
      {"VMware, Inc.", "VMware Virtual Platform", "INTEL  - 6040000", "VMware"},
      {"Microsoft Corporation", "Virtual Machine", "", "Hyper-V"},
      {"Microsoft Corporation", "Surface Laptop 5", "", ""},
      {"Microsoft Corporation", "", "", ""},
      {"QEMU", "Standard PC (Q35 + ICH9, 2009)", "", "KVM"},
      {"Red Hat", "KVM", "", "KVM"},
      {"Red Hat", "RHEV Hypervisor", "", "KVM"},
      {"oVirt", "oVirt Node", "", "KVM"},
      {"Nutanix", "AHV", "", "KVM"},
      {"Nutanix", "NX-3060-G8", "", ""},
      {"innotek GmbH", "VirtualBox", "", "VirtualBox"},
      {"", "", "VBOX   - 1", "VirtualBox"},
      {"Xen", "HVM domU", "", "Xen"},
      {"Parallels Software International Inc.", "Parallels Virtual Platform", "", "Parallels"},
      {"Parallels International GmbH.", "Parallels ARM Virtual Machine", "", "Parallels"},
      {"Amazon EC2", "t3.large", "", "Amazon EC2"},
      {"Amazon EC2", "c5.metal", "", ""},
      {"Google", "Google Compute Engine", "", "Google Compute Engine"},
      {"Google", "Eve", "", ""},
      {"Dell Inc.", "Latitude E6430", "DELL   - 1072009", ""},
      {"HP", "HP EliteBook 840 G8", "", ""},
      {"To be filled by O.E.M.", "To be filled by O.E.M.", "", ""},
      {"Not VMware", "", "", ""},
      {"", "", "", ""},
  };
  for (const auto& c : kCases) {
    EXPECT_EQ(HypervisorOf(c.manufacturer, c.product, c.bios), c.expected)
        << c.manufacturer << ", " << c.product << ", " << c.bios;
  }
  EXPECT_EQ(HypervisorOf("VMWARE, INC.", "", ""), "VMware");
}

TEST(ReadPlatform, Physical) {
  Hives hives;
  hives.system.root()->AddKey("HardwareConfig")->SetString("LastConfig", kConfig);
  std::string used = absl::HexStringToBytes("39b58df214c6d301");
  hives.config(kConfig)
      ->SetString("SystemManufacturer", "Dell Inc.")
      ->SetString("SystemProductName", "Latitude E6430")
      ->SetString("BIOSVendor", "Dell Inc.")
      ->SetString("BIOSVersion", "A14")
      ->SetString("BIOSReleaseDate", "12/27/2013")
      ->SetMultiString("SystemBiosVersion", {"DELL   - 1072009", "A14"})
      ->SetBinary("LastUse", used);
  const Platform platform = Read(ReadPlatform, hives);
  EXPECT_EQ(platform.collection().status(), Collection::COLLECTED);
  EXPECT_THAT(platform.collection().gaps(), IsEmpty());
  EXPECT_EQ(platform.config(), kConfig);
  EXPECT_EQ(platform.manufacturer(), "Dell Inc.");
  EXPECT_EQ(platform.product(), "Latitude E6430");
  EXPECT_EQ(platform.bios_vendor(), "Dell Inc.");
  EXPECT_EQ(platform.bios_version(), "A14");
  EXPECT_EQ(platform.bios_release_date(), "12/27/2013");
  EXPECT_EQ(platform.last_use_filetime(), 0x01D3C614F28DB539u);
  EXPECT_EQ(platform.kind(), Platform::PHYSICAL);
  EXPECT_EQ(platform.hypervisor(), "");
  EXPECT_EQ(platform.kind_reason(),
            "SystemManufacturer is \"Dell Inc.\", SystemProductName is \"Latitude E6430\"");
}

TEST(ReadPlatform, LastConfigNamesWhichOfSeveral) {
  Hives hives;
  hives.system.root()->AddKey("HardwareConfig")->SetString("LastConfig", "{B}");
  hives.config("{a}")->SetString("SystemManufacturer", "Dell Inc.");
  hives.config("{b}")->SetString("SystemManufacturer", "VMware, Inc.");
  const Platform platform = Read(ReadPlatform, hives);
  EXPECT_EQ(platform.kind(), Platform::VIRTUAL);
  EXPECT_EQ(platform.hypervisor(), "VMware");
}

TEST(ReadPlatform, WithoutLastConfigTheLastUsed) {
  Hives hives;
  const auto used = [](char high) { return std::string(7, '\1') + high; };
  hives.config("{a}")->SetString("SystemManufacturer", "A")->SetBinary("LastUse", used(1));
  hives.config("{b}")->SetString("SystemManufacturer", "B")->SetBinary("LastUse", used(3));
  hives.config("{c}")->SetString("SystemManufacturer", "C")->SetBinary("LastUse", used(2));
  hives.config("{d}")->SetString("SystemManufacturer", "D");
  const Platform platform = Read(ReadPlatform, hives);
  EXPECT_EQ(platform.config(), "{b}");
  EXPECT_EQ(platform.manufacturer(), "B");
}

// Control\\SystemInformation is of this boot, HardwareConfig may be of an earlier one.
TEST(ReadPlatform, TheRunningWindowsKnowsItsMachine) {
  constexpr char kLive[] = "SYSTEM\\CurrentControlSet\\Control\\SystemInformation";
  const struct {
    const char* name;
    const char *manufacturer, *product;  // In HardwareConfig; null: no such key.
    const char *live_manufacturer, *live_product;
    Platform::Kind kind;
    const char *expected_product, *bios_vendor, *bios_version;
    bool from_live;
  } kCases[] = {
      {"the same machine", "Dell Inc.", "Latitude E6430", "Dell Inc.", "Latitude E6430",
       Platform::PHYSICAL, "Latitude E6430", "Old", "2.0", true},
      {"another machine", "Dell Inc.", "Latitude E6430", "VMware, Inc.", "VMware7,1",
       Platform::VIRTUAL, "VMware7,1", "", "2.0", true},
      {"no HardwareConfig", nullptr, nullptr, "Dell Inc.", "Latitude 7440", Platform::PHYSICAL,
       "Latitude 7440", "", "2.0", true},
      {"no machine named", "Dell Inc.", "Latitude E6430", "", "", Platform::PHYSICAL,
       "Latitude E6430", "Old", "1.0", false},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Hives hives;
    if (c.manufacturer != nullptr) {
      hives.system.root()->AddKey("HardwareConfig")->SetString("LastConfig", kConfig);
      hives.config(kConfig)
          ->SetString("SystemManufacturer", c.manufacturer)
          ->SetString("SystemProductName", c.product)
          ->SetString("BIOSVendor", "Old")
          ->SetString("BIOSVersion", "1.0")
          ->SetMultiString("SystemBiosVersion", {"DELL   - 1072009", "A14"});
    }
    hives.control("SystemInformation")
        ->SetString("SystemManufacturer", c.live_manufacturer)
        ->SetString("SystemProductName", c.live_product)
        ->SetString("BIOSVersion", "2.0")
        ->SetString("BIOSReleaseDate", "11/01/2026");
    const Platform platform = Read(ReadPlatform, hives);
    EXPECT_EQ(platform.kind(), c.kind);
    EXPECT_EQ(platform.product(), c.expected_product);
    EXPECT_EQ(platform.bios_vendor(), c.bios_vendor);
    EXPECT_EQ(platform.bios_version(), c.bios_version);
    EXPECT_EQ(platform.bios_release_date(), c.from_live ? "11/01/2026" : "");
    EXPECT_EQ(platform.collection().status(), Collection::COLLECTED);
    EXPECT_EQ(platform.collection().source() == kLive, c.from_live);
    EXPECT_EQ(platform.config().empty(), c.from_live);
    EXPECT_THAT(platform.collection().gaps(), IsEmpty());
  }
}

TEST(ReadPlatform, NothingKnown) {
  const struct {
    const char* name;
    std::function<void(Hives&)> change;
    Collection::Status status;
    const char* gap;
  } kCases[] = {
      {"no key", [](Hives&) {}, Collection::ABSENT, ""},
      {"empty key", [](Hives& h) { h.system.root()->AddKey("HardwareConfig"); },
       Collection::COLLECTED, ""},
      {"LastConfig leads nowhere",
       [](Hives& h) {
         h.system.root()->AddKey("HardwareConfig")->SetString("LastConfig", "{gone}");
         h.config("{a}")->SetString("SystemManufacturer", "Dell Inc.");
       },
       Collection::COLLECTED, "names {gone}, which is not there"},
      {"a configuration without names", [](Hives& h) { h.config("{a}")->SetDword("Id", 0); },
       Collection::COLLECTED, ""},
      {"a manufacturer of another type",
       [](Hives& h) { h.config("{a}")->SetDword("SystemManufacturer", 7); }, Collection::COLLECTED,
       "REG_DWORD of 4 bytes"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Hives hives;
    c.change(hives);
    const Platform platform = Read(ReadPlatform, hives);
    EXPECT_EQ(platform.kind(), Platform::KIND_UNSPECIFIED);
    EXPECT_EQ(platform.kind_reason(), "");
    EXPECT_EQ(platform.collection().status(), c.status);
    if (*c.gap == '\0') {
      EXPECT_THAT(platform.collection().gaps(), IsEmpty());
    } else {
      ASSERT_EQ(platform.collection().gaps_size(), 1);
      EXPECT_THAT(platform.collection().gaps(0).what(), HasSubstr(c.gap));
    }
  }
}

TEST(ReadBootSecurity, Everything) {
  Hives hives;
  hives.control("SecureBoot")->SetDword("AvailableUpdates", 0x4104);
  hives.control("SecureBoot\\State")->SetDword("UEFISecureBootEnabled", 1);
  hives.control("SecureBoot\\Servicing")
      ->SetString("UEFICA2023Status", "InProgress")
      ->SetDword("UEFICA2023Error", 0x800703E6)
      ->SetDword("WindowsUEFICA2023Capable", 2);
  hives.control("DeviceGuard")
      ->SetDword("EnableVirtualizationBasedSecurity", 1)
      ->SetDword("RequirePlatformSecurityFeatures", 3)
      ->SetDword("Locked", 0)
      ->SetDword("Mandatory", 1);
  hives.control("DeviceGuard\\Scenarios\\HypervisorEnforcedCodeIntegrity")->SetDword("Enabled", 1);
  hives.control("DeviceGuard\\Scenarios\\CredentialGuard")->SetDword("Enabled", 0);
  hives.control("Lsa")->SetDword("LsaCfgFlags", 1);
  hives.system.root()->AddKey("ControlSet001\\Enum\\ACPI\\MSFT0101\\1");
  hives.software.root()
      ->AddKey("Policies\\Microsoft\\Windows\\DeviceGuard")
      ->SetDword("EnableVirtualizationBasedSecurity", 0);
  hives.software.root()
      ->AddKey("Policies\\Microsoft\\FVE\\OSPlatformValidation_UEFI")
      ->SetDword("Enabled", 1)
      ->SetDword("0", 0)
      ->SetDword("7", 1)
      ->SetDword("11", 1);
  const BootSecurity facts = Read(ReadBootSecurity, hives);
  for (const Collection* section :
       {&facts.secure_boot(), &facts.device_guard(), &facts.fve_policy(), &facts.tpm()}) {
    EXPECT_EQ(section->status(), Collection::COLLECTED) << section->source();
    EXPECT_THAT(section->gaps(), IsEmpty());
  }
  EXPECT_EQ(facts.available_updates(), 0x4104u);
  EXPECT_EQ(facts.secure_boot_enabled(), 1u);
  EXPECT_EQ(facts.uefi_ca_2023_status(), "InProgress");
  EXPECT_EQ(facts.uefi_ca_2023_error(), 0x800703E6u);
  EXPECT_EQ(facts.windows_uefi_ca_2023_capable(), 2u);
  EXPECT_EQ(facts.vbs_enabled(), 1u);
  EXPECT_EQ(facts.required_features(), 3u);
  EXPECT_EQ(facts.vbs_locked(), 0u);
  EXPECT_EQ(facts.vbs_mandatory(), 1u);
  EXPECT_EQ(facts.hvci_enabled(), 1u);
  EXPECT_EQ(facts.credential_guard_enabled(), 0u);
  EXPECT_EQ(facts.lsa_cfg_flags(), 1u);
  EXPECT_EQ(facts.policy_vbs_enabled(), 0u);
  EXPECT_THAT(facts.pcr_profile(), ElementsAre(7, 11));
  EXPECT_TRUE(facts.tpm_device_present());
}

TEST(ReadBootSecurity, AbsentIsUnknown) {
  Hives hives;
  const BootSecurity facts = Read(ReadBootSecurity, hives);
  for (const Collection* section :
       {&facts.secure_boot(), &facts.device_guard(), &facts.fve_policy(), &facts.tpm()}) {
    EXPECT_EQ(section->status(), Collection::ABSENT) << section->source();
  }
  EXPECT_FALSE(facts.has_secure_boot_enabled());
  EXPECT_FALSE(facts.has_vbs_enabled());
  EXPECT_FALSE(facts.has_lsa_cfg_flags());
  EXPECT_THAT(facts.pcr_profile(), IsEmpty());
  EXPECT_FALSE(facts.tpm_device_present());
}

TEST(ReadBootSecurity, AProfileThatIsNotInForceIsNone) {
  Hives hives;
  hives.software.root()
      ->AddKey("Policies\\Microsoft\\FVE\\OSPlatformValidation_UEFI")
      ->SetDword("Enabled", 0)
      ->SetDword("7", 1);
  EXPECT_THAT(Read(ReadBootSecurity, hives).pcr_profile(), IsEmpty());
}

TEST(ReadBootSecurity, AHiveThatIsMissingIsAGap) {
  Hives hives;
  hives.control("DeviceGuard")->SetDword("EnableVirtualizationBasedSecurity", 1);
  evidence::MemorySource source = hives.Build();
  source.Remove(absl::StrCat(kConfigFolder, "SOFTWARE"));
  const BootSecurity facts = ReadBootSecurity(registry::OfflineRegistry(source));
  EXPECT_EQ(facts.vbs_enabled(), 1u);
  ASSERT_EQ(facts.device_guard().gaps_size(), 1);
  EXPECT_THAT(facts.device_guard().gaps(0).where(), HasSubstr("SOFTWARE\\Policies"));
  EXPECT_EQ(facts.fve_policy().status(), Collection::UNREADABLE);
}

// As `reagentc /enable` writes it, shortened.
constexpr char kEnabled[] =
    "\xEF\xBB\xBF<?xml version='1.0' encoding='utf-8'?>\r\n\r\n<WindowsRE version=\"2.0\">\r\n"
    "  <WinreBCD id=\"{F8D1DE0B-0ced-11e6-abf9-db7ac698ead8}\"/>\r\n"
    "  <WinreLocation path=\"\\Recovery\\WindowsRE\" id=\"0\" offset=\"1048576\" "
    "guid=\"{6d5c9aaa-fea9-471e-bfa8-5160d1d8c3fa}\"/>\r\n"
    "  <ImageLocation path=\"\" id=\"0\" offset=\"0\" "
    "guid=\"{00000000-0000-0000-0000-000000000000}\"/>\r\n"
    "  <InstallState state=\"1\"/>\r\n  <IsAutoRepairOn state=\"1\"/>\r\n</WindowsRE>\r\n";

RecoveryEnvironment ReadReAgent(const std::string& bytes) {
  evidence::MemorySource source;
  source.AddFile(kReAgent, bytes, 5);
  return ReadRecoveryEnvironment(source);
}

TEST(ReadRecoveryEnvironment, Enabled) {
  const RecoveryEnvironment facts = ReadReAgent(kEnabled);
  EXPECT_EQ(facts.collection().status(), Collection::COLLECTED);
  EXPECT_EQ(facts.collection().modified_filetime(), 5u);
  EXPECT_EQ(facts.install_state(), 1u);
  EXPECT_EQ(facts.version(), "2.0");
  EXPECT_EQ(facts.location_path(), "\\Recovery\\WindowsRE");
  EXPECT_EQ(facts.location_partition_guid(), "{6d5c9aaa-fea9-471e-bfa8-5160d1d8c3fa}");
  EXPECT_EQ(facts.bcd_guid(), "{f8d1de0b-0ced-11e6-abf9-db7ac698ead8}");
}

TEST(ReadRecoveryEnvironment, DisabledHasNoPlace) {
  const RecoveryEnvironment facts = ReadReAgent(
      "<WindowsRE version=\"2.0\"><WinreBCD id=\"{00000000-0000-0000-0000-000000000000}\"/>"
      "<WinreLocation path=\"\" guid=\"{00000000-0000-0000-0000-000000000000}\"/>"
      "<InstallState state=\"0\"/></WindowsRE>");
  EXPECT_EQ(facts.install_state(), 0u);
  EXPECT_TRUE(facts.has_install_state());
  EXPECT_EQ(facts.location_path(), "");
  EXPECT_EQ(facts.location_partition_guid(), "");
  EXPECT_EQ(facts.bcd_guid(), "");
}

TEST(ReadRecoveryEnvironment, WithoutStateNothingIsSaid) {
  EXPECT_FALSE(ReadReAgent("<WindowsRE/>").has_install_state());
  const RecoveryEnvironment facts =
      ReadReAgent("<WindowsRE><InstallState state=\"on\"/></WindowsRE>");
  EXPECT_FALSE(facts.has_install_state());
  ASSERT_EQ(facts.collection().gaps_size(), 1);
  EXPECT_EQ(facts.collection().gaps(0).what(), "state is \"on\", expected a number");
}

TEST(ReadRecoveryEnvironment, Damaged) {
  const struct {
    const char* name;
    std::string bytes;
    const char* reason;
  } kCases[] = {
      {"empty", "", "no element"},
      {"cut", std::string(kEnabled).substr(0, 150), "line"},
      {"another file", "<Unattend/>", "root element is Unattend, expected WindowsRE"},
      {"too large", std::string((1 << 20) + 1, ' '), "1048577 bytes, expected at most 1048576"},
      {"zeros", std::string(2000, '\0'), ""},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    const RecoveryEnvironment facts = ReadReAgent(c.bytes);
    EXPECT_EQ(facts.collection().status(), Collection::UNREADABLE);
    EXPECT_THAT(facts.collection().reason(), HasSubstr(c.reason));
    EXPECT_FALSE(facts.collection().reason().empty());
    EXPECT_FALSE(facts.has_install_state());
    EXPECT_EQ(facts.version(), "");
  }
  evidence::MemorySource source;
  EXPECT_EQ(ReadRecoveryEnvironment(source).collection().status(), Collection::ABSENT);
  source.AddError(kReAgent, absl::PermissionDeniedError("access denied"));
  EXPECT_EQ(ReadRecoveryEnvironment(source).collection().status(), Collection::UNREADABLE);
}

TEST(ReadSpace, Cases) {
  Hives hives;
  hives.control("Bfsvc")->SetDword("EspPaddingPercent", 0);
  evidence::MemorySource source = hives.Build();
  source.SetSpace(100'000'000'000, 40'000'000'000);
  evidence::MemorySource esp;
  esp.SetSpace(100 << 20, 8 << 20);
  HostSpace space = ReadSpace(registry::OfflineRegistry(source), source, &esp);
  ASSERT_EQ(space.volumes_size(), 2);
  EXPECT_EQ(space.volumes(0).volume(), kWindowsVolume);
  EXPECT_EQ(space.volumes(0).collection().status(), Collection::COLLECTED);
  EXPECT_EQ(space.volumes(0).total_bytes(), 100'000'000'000u);
  EXPECT_EQ(space.volumes(0).free_bytes(), 40'000'000'000u);
  EXPECT_EQ(space.volumes(1).volume(), kSystemPartition);
  EXPECT_EQ(space.volumes(1).total_bytes(), 100u << 20);
  EXPECT_EQ(space.volumes(1).free_bytes(), 8u << 20);
  EXPECT_TRUE(space.has_esp_padding_percent());
  EXPECT_EQ(space.esp_padding_percent(), 0u);

  Hives plain;
  source = plain.Build();
  space = ReadSpace(registry::OfflineRegistry(source), source, nullptr);
  ASSERT_EQ(space.volumes_size(), 2);
  EXPECT_EQ(space.volumes(0).collection().status(), Collection::UNREADABLE);
  EXPECT_EQ(space.volumes(0).collection().reason(), "nobody can tell the free space here");
  EXPECT_EQ(space.volumes(1).collection().status(), Collection::ABSENT);
  EXPECT_FALSE(space.has_esp_padding_percent());
}

TEST(ReadMountedDevices, Cases) {
  Hives hives;
  const std::string guid = absl::HexStringToBytes("28732ac11ff8d211ba4b00a0c93ec93b");
  hives.system.root()
      ->AddKey("MountedDevices")
      ->SetBinary("\\DosDevices\\C:", "DMIO:ID:" + guid)
      ->SetBinary("\\DosDevices\\D:", absl::HexStringToBytes("78563412"
                                                             "0000100000000000"))
      ->SetBinary("\\DosDevices\\E:", std::string(150, 'x'))
      ->SetBinary("\\DosDevices\\F:", "DMIO:ID:" + guid.substr(1))
      ->SetBinary("\\DosDevices\\G:", "")
      ->SetBinary("\\??\\Volume{5c3108bb-31c0-11e8-9b10-806e6f6e6963}", "DMIO:ID:" + guid);
  const MountedDevices mounted = Read(ReadMountedDevices, hives);
  EXPECT_EQ(mounted.collection().status(), Collection::COLLECTED);
  EXPECT_THAT(mounted.collection().gaps(), IsEmpty());
  ASSERT_EQ(mounted.devices_size(), 2);
  EXPECT_EQ(mounted.devices(0).name(), "\\DosDevices\\C:");
  EXPECT_EQ(mounted.devices(0).partition_guid(), "{c12a7328-f81f-11d2-ba4b-00a0c93ec93b}");
  EXPECT_EQ(mounted.devices(1).name(), "\\DosDevices\\D:");
  EXPECT_EQ(mounted.devices(1).partition_guid(), "");
  EXPECT_EQ(mounted.devices(1).disk_signature(), 0x12345678u);
  EXPECT_EQ(mounted.devices(1).partition_offset(), 0x100000u);
}

// Real hives are not ours to publish: PATCHGATE_TEST_DATA names their folder.
TEST(RealHives, Platforms) {
  const char* folder = std::getenv("PATCHGATE_TEST_DATA");
  if (folder == nullptr) GTEST_SKIP() << "PATCHGATE_TEST_DATA is not set";
  const struct {
    const char* hive;
    Platform::Kind kind;
    const char *manufacturer, *product, *hypervisor;
    const char* partition_of_c;
    uint32_t available_updates;
  } kCases[] = {
      {"SYSTEM_B", Platform::PHYSICAL, "Dell Inc.", "Latitude E6430", "",
       "{09931f21-7faf-44a9-81d8-1e73c14b9eaf}", 0},
      {"SYSTEM_2", Platform::VIRTUAL, "", "", "VirtualBox", "", 0x8003},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.hive);
    evidence::MemorySource source;
    for (const char* suffix : {"", ".LOG1", ".LOG2"}) {
      std::ifstream file(absl::StrCat(folder, "/hives/", c.hive, suffix), std::ios::binary);
      const std::string bytes(std::istreambuf_iterator<char>(file), {});
      if (!bytes.empty()) source.AddFile(absl::StrCat(kConfigFolder, "SYSTEM", suffix), bytes);
    }
    if (!source.Stat(absl::StrCat(kConfigFolder, "SYSTEM")).ok()) GTEST_SKIP() << "no " << c.hive;
    const registry::OfflineRegistry registry(source);
    const Platform platform = ReadPlatform(registry);
    EXPECT_EQ(platform.collection().status(), Collection::COLLECTED);
    EXPECT_EQ(platform.kind(), c.kind) << platform.kind_reason();
    EXPECT_EQ(platform.manufacturer(), c.manufacturer);
    EXPECT_EQ(platform.product(), c.product);
    EXPECT_EQ(platform.hypervisor(), c.hypervisor);
    EXPECT_EQ(ReadBootSecurity(registry).available_updates(), c.available_updates);
    std::string partition_of_c;
    const MountedDevices mounted = ReadMountedDevices(registry);
    for (const MountedDevice& device : mounted.devices()) {
      if (device.name() == "\\DosDevices\\C:") partition_of_c = device.partition_guid();
    }
    EXPECT_EQ(partition_of_c, c.partition_of_c);
  }
}

}  // namespace
}  // namespace patchgate::host
