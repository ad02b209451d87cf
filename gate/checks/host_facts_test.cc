// Checks that mostly tell: what the host is and what guards its boot.
#include <string>

#include "absl/strings/str_cat.h"
#include "gate/checks/check_testing.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "testdata/fake_volume.h"

namespace patchgate::gate::checks {
namespace {

using evidence::MemorySource;

regf::HiveBuilder::Key* Config(FakeVolume& volume) {
  return volume.system()->AddKey(absl::StrCat("HardwareConfig\\", FakeVolume::kHardwareConfig));
}

CheckCase Machine(const char* manufacturer, const char* product, const char* summary) {
  return {absl::StrCat(manufacturer, ", ", product),
          [=](FakeVolume& volume) {
            Config(volume)
                ->SetString("SystemManufacturer", manufacturer)
                ->SetString("SystemProductName", product);
            return volume.Build();
          },
          Finding::INFO,
          summary,
          {{"HardwareConfig", manufacturer}}};
}

TEST(HostPlatform, Cases) {
  RunCases("host.platform",
           {{"healthy",
             Unchanged,
             Finding::INFO,
             "a physical machine, Dell Inc. Latitude 7440, booted by UEFI",
             {{"HardwareConfig", "SystemManufacturer is \"Dell Inc.\""},
              {"HardwareConfig", "firmware Dell Inc. 1.20.0 of 09/11/2025"}}},
            Machine("VMware, Inc.", "VMware7,1", "a virtual machine on VMware"),
            Machine("Microsoft Corporation", "Virtual Machine", "a virtual machine on Hyper-V"),
            Machine("Microsoft Corporation", "Surface Pro 9",
                    "a physical machine, Microsoft Corporation Surface Pro 9"),
            Machine("QEMU", "Standard PC (Q35 + ICH9, 2009)", "a virtual machine on KVM"),
            {"no boot configuration",
             [](FakeVolume& volume) {
               MemorySource built = volume.Build();
               built.Remove("EFI");
               return built;
             },
             Finding::INFO, "a physical machine, Dell Inc. Latitude 7440"},
            {"no key",
             [](FakeVolume& volume) {
               volume.system()->RemoveKey("HardwareConfig");
               return volume.Build();
             },
             Finding::NOT_APPLICABLE, "does not record its hardware"},
            {"no names",
             [](FakeVolume& volume) {
               volume.system()->RemoveKey("HardwareConfig");
               Config(volume)->SetDword("Id", 0);
               return volume.Build();
             },
             Finding::NOT_APPLICABLE, "does not say what the machine is"},
            {"broken value list",
             [](FakeVolume& volume) {
               MemorySource built = volume.Build();
               BreakValues(kSystemHive, *Config(volume), &built);
               return built;
             },
             Finding::INDETERMINATE, "could not be measured in full"}});
  ExpectNeeds("host.platform", {kSystemHive});
}

TEST(SecureBoot, Cases) {
  const auto change = [](FakeVolume& volume, const char* status, uint32_t error) {
    volume.control("SecureBoot\\Servicing")
        ->SetString("UEFICA2023Status", status)
        ->SetDword("UEFICA2023Error", error);
    return volume.Build();
  };
  RunCases("host.secure-boot",
           {{"offline",
             Unchanged,
             Finding::INFO,
             "Secure Boot is not known to be on or off",
             {{"UEFISecureBootEnabled", "only the running Windows has it"},
              {"AvailableUpdates", "is 0x0"}}},
            {"on",
             [](FakeVolume& volume) {
               volume.control("SecureBoot\\State")->SetDword("UEFISecureBootEnabled", 1);
               return volume.Build();
             },
             Finding::INFO,
             "Secure Boot is on",
             {{"UEFISecureBootEnabled", "is 1"}}},
            {"off",
             [](FakeVolume& volume) {
               volume.control("SecureBoot\\State")->SetDword("UEFISecureBootEnabled", 0);
               return volume.Build();
             },
             Finding::INFO, "Secure Boot is off"},
            {"done",
             [&](FakeVolume& volume) {
               volume.control("SecureBoot\\Servicing")->SetDword("WindowsUEFICA2023Capable", 2);
               return change(volume, "Updated", 0);
             },
             Finding::INFO,
             "certificates of 2023: Updated",
             {{"WindowsUEFICA2023Capable", "is 2: boots with the boot manager of 2023"}}},
            {"under way", [&](FakeVolume& volume) { return change(volume, "InProgress", 0); },
             Finding::INFO, "certificates of 2023: InProgress"},
            {"fails",
             [&](FakeVolume& volume) { return change(volume, "InProgress", 0x800703E6); },
             Finding::WARN,
             "the change to the Secure Boot certificates of 2023 fails: 0x800703e6",
             {{"UEFICA2023Error", "is 0x800703e6"}}},
            {"an error of before",
             [&](FakeVolume& volume) { return change(volume, "Updated", 0x800703E6); },
             Finding::INFO, "certificates of 2023: Updated"},
            {"no key",
             [](FakeVolume& volume) {
               volume.system()->AddKey("ControlSet001\\Control")->RemoveKey("SecureBoot");
               return volume.Build();
             },
             Finding::NOT_APPLICABLE, "does not record anything"},
            {"wrong type",
             [](FakeVolume& volume) {
               volume.control("SecureBoot")->SetString("AvailableUpdates", "0");
               return volume.Build();
             },
             Finding::INDETERMINATE, "could not be measured in full"}});
  ExpectNeeds("host.secure-boot", {kSystemHive});
}

TEST(BitLockerProfile, Cases) {
  const auto policy = [](FakeVolume& volume) {
    return volume.software()
        ->AddKey("Policies\\Microsoft\\FVE\\OSPlatformValidation_UEFI")
        ->SetDword("Enabled", 1);
  };
  RunCases("host.bitlocker-profile",
           {{"no policy", Unchanged, Finding::PASS, "policy leaves the TPM profile"},
            {"PCR 7",
             [&](FakeVolume& volume) {
               policy(volume)->SetDword("7", 1)->SetDword("11", 1)->SetDword("4", 0);
               return volume.Build();
             },
             Finding::INFO,
             "have the recovery key at hand",
             {{"OSPlatformValidation_UEFI", "PCRs 7, 11"}}},
            {"PCR 7, with the boot manager of 2023",
             [&](FakeVolume& volume) {
               policy(volume)->SetDword("7", 1);
               volume.control("SecureBoot\\Servicing")->SetDword("WindowsUEFICA2023Capable", 2);
               return volume.Build();
             },
             Finding::INFO, "policy sets the TPM profile"},
            {"others",
             [&](FakeVolume& volume) {
               policy(volume)->SetDword("0", 1)->SetDword("2", 1);
               return volume.Build();
             },
             Finding::INFO, "policy sets the TPM profile"},
            {"not in force",
             [&](FakeVolume& volume) {
               policy(volume)->SetDword("7", 1)->SetDword("Enabled", 0);
               return volume.Build();
             },
             Finding::PASS, "policy leaves"},
            {"wrong type",
             [&](FakeVolume& volume) {
               policy(volume)->SetString("7", "1");
               return volume.Build();
             },
             Finding::INDETERMINATE, "could not be measured in full"}});
  ExpectNeeds("host.bitlocker-profile", {kSoftwareHive});
}

TEST(VirtualizationBasedSecurity, Cases) {
  RunCases("host.virtualization-based-security",
           {{"healthy",
             Unchanged,
             Finding::INFO,
             "configured: VBS on, memory integrity on",
             {{"DeviceGuard", "RequirePlatformSecurityFeatures is 1"}}},
            {"by policy, and Credential Guard",
             [](FakeVolume& volume) {
               volume.control("DeviceGuard\\Scenarios\\CredentialGuard")->SetDword("Enabled", 1);
               volume.control("Lsa")->SetDword("LsaCfgFlags", 1);
               volume.software()
                   ->AddKey("Policies\\Microsoft\\Windows\\DeviceGuard")
                   ->SetDword("EnableVirtualizationBasedSecurity", 0);
               return volume.Build();
             },
             Finding::INFO,
             "configured: VBS on, VBS by policy off, memory integrity on, Credential Guard on",
             {{"DeviceGuard", "Lsa\\LsaCfgFlags is 1"}}},
            {"nothing",
             [](FakeVolume& volume) {
               volume.system()->AddKey("ControlSet001\\Control")->RemoveKey("DeviceGuard");
               return volume.Build();
             },
             Finding::NOT_APPLICABLE, "is not configured"},
            {"wrong type",
             [](FakeVolume& volume) {
               volume.control("DeviceGuard")->SetString("EnableVirtualizationBasedSecurity", "1");
               return volume.Build();
             },
             Finding::INDETERMINATE, "could not be measured in full"}});
  ExpectNeeds("host.virtualization-based-security", {kSystemHive, kSoftwareHive});
}

CheckCase ReAgent(const char* name, const std::string& bytes, Finding::Result result,
                  const char* summary) {
  return {name,
          [=](FakeVolume& volume) {
            MemorySource built = volume.Build();
            built.AddFile(testdata::kReAgentXml, bytes);
            return built;
          },
          result, summary};
}

TEST(RecoveryEnvironmentEnabled, Cases) {
  RunCases("host.recovery-environment",
           {{"healthy", Unchanged, Finding::PASS, "is enabled"},
            ReAgent("disabled", "<WindowsRE><InstallState state=\"0\"/></WindowsRE>", Finding::WARN,
                    "is disabled"),
            ReAgent("another state", "<WindowsRE><InstallState state=\"2\"/></WindowsRE>",
                    Finding::INFO, "a state that is not known"),
            ReAgent("no state", "<WindowsRE/>", Finding::INFO, "does not say"),
            ReAgent("no number", "<WindowsRE><InstallState state=\"yes\"/></WindowsRE>",
                    Finding::INDETERMINATE, "could not be measured in full"),
            ReAgent("empty", "", Finding::INDETERMINATE, "could not be measured"),
            ReAgent("cut", "<WindowsRE><Install", Finding::INDETERMINATE, "could not be measured"),
            {"no file",
             [](FakeVolume& volume) {
               MemorySource built = volume.Build();
               built.Remove(testdata::kReAgentXml);
               return built;
             },
             Finding::NOT_APPLICABLE, "there is no ReAgent.xml"},
            {"unreadable",
             [](FakeVolume& volume) {
               MemorySource built = volume.Build();
               built.AddError(testdata::kReAgentXml, absl::PermissionDeniedError("access denied"));
               return built;
             },
             Finding::INDETERMINATE, "could not be measured: access denied"}});
}

}  // namespace
}  // namespace patchgate::gate::checks
