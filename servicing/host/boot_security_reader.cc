#include "absl/strings/str_cat.h"
#include "servicing/host/platform_reader.h"
#include "servicing/registry/section_reader.h"

namespace patchgate::host {
namespace {

using registry::HiveId;
using registry::KeyReader;
using registry::SectionReader;

constexpr int kPcrCount = 24;

// DOMAIN §2.6.
void ReadSecureBoot(const registry::Registry& registry, BootSecurity* facts) {
  const SectionReader key(registry, HiveId::kSystem, "CurrentControlSet\\Control\\SecureBoot",
                          facts->mutable_secure_boot());
  if (const auto v = key.Dword("AvailableUpdates")) facts->set_available_updates(*v);
  key.Subkey("State", [&](const KeyReader& state) {
    if (const auto v = state.Dword("UEFISecureBootEnabled")) facts->set_secure_boot_enabled(*v);
  });
  key.Subkey("Servicing", [&](const KeyReader& servicing) {
    facts->set_uefi_ca_2023_status(servicing.String("UEFICA2023Status").value_or(""));
    if (const auto v = servicing.Dword("UEFICA2023Error")) facts->set_uefi_ca_2023_error(*v);
    if (const auto v = servicing.Dword("WindowsUEFICA2023Capable")) {
      facts->set_windows_uefi_ca_2023_capable(*v);
    }
  });
}

// DOMAIN §2.7.
void ReadDeviceGuard(const registry::Registry& registry, BootSecurity* facts) {
  constexpr char kEnable[] = "EnableVirtualizationBasedSecurity";
  const SectionReader key(registry, HiveId::kSystem, "CurrentControlSet\\Control\\DeviceGuard",
                          facts->mutable_device_guard());
  if (const auto v = key.Dword(kEnable)) facts->set_vbs_enabled(*v);
  if (const auto v = key.Dword("RequirePlatformSecurityFeatures")) facts->set_required_features(*v);
  if (const auto v = key.Dword("Locked")) facts->set_vbs_locked(*v);
  if (const auto v = key.Dword("Mandatory")) facts->set_vbs_mandatory(*v);
  key.Subkey("Scenarios\\HypervisorEnforcedCodeIntegrity", [&](const KeyReader& scenario) {
    if (const auto v = scenario.Dword("Enabled")) facts->set_hvci_enabled(*v);
  });
  key.Subkey("Scenarios\\CredentialGuard", [&](const KeyReader& scenario) {
    if (const auto v = scenario.Dword("Enabled")) facts->set_credential_guard_enabled(*v);
  });

  Collection part;
  const SectionReader lsa(registry, HiveId::kSystem, "CurrentControlSet\\Control\\Lsa", &part);
  if (const auto v = lsa.Dword("LsaCfgFlags")) facts->set_lsa_cfg_flags(*v);
  registry::MergeSection(part, facts->mutable_device_guard());

  part.Clear();
  const SectionReader policy(registry, HiveId::kSoftware,
                             "Policies\\Microsoft\\Windows\\DeviceGuard", &part);
  if (const auto v = policy.Dword(kEnable)) facts->set_policy_vbs_enabled(*v);
  registry::MergeSection(part, facts->mutable_device_guard());
}

// The policy "Configure TPM platform validation profile for native UEFI firmware configurations":
// value names are the numbers of the PCRs (ADMX of VolumeEncryption).
void ReadBitLocker(const registry::Registry& registry, BootSecurity* facts) {
  const SectionReader policy(registry, HiveId::kSoftware,
                             "Policies\\Microsoft\\FVE\\OSPlatformValidation_UEFI",
                             facts->mutable_fve_policy());
  if (policy.Dword("Enabled") == 1u) {
    for (int pcr = 0; pcr < kPcrCount; ++pcr) {
      if (policy.Dword(absl::StrCat(pcr)) == 1u) {
        facts->add_pcr_profile(static_cast<uint32_t>(pcr));
      }
    }
  }
}

}  // namespace

BootSecurity ReadBootSecurity(const registry::Registry& registry) {
  BootSecurity facts;
  ReadSecureBoot(registry, &facts);
  ReadDeviceGuard(registry, &facts);
  ReadBitLocker(registry, &facts);
  const SectionReader tpm(registry, HiveId::kSystem, "CurrentControlSet\\Enum\\ACPI\\MSFT0101",
                          facts.mutable_tpm());
  facts.set_tpm_device_present(tpm.has_key());
  return facts;
}

}  // namespace patchgate::host
