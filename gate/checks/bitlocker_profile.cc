#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gate/checks/checks.h"

namespace patchgate::gate::checks {

// With PCR 7 in a profile set by policy, hosts whose firmware cannot be bound to it asked for the
// recovery key once after the update of April 2026 (DOMAIN 8.3, KB5083769). Whether the firmware
// can, and whether the drive is encrypted at all, only the running host knows: it is told, no more.
Finding BitLockerProfile(const CheckInput& input) {
  constexpr uint32_t kSecureBootPcr = 7, kBootsWith2023 = 2;
  const BootSecurity& facts = input.snapshot.boot_security();
  FindingBuilder finding;
  finding.Needs(facts.fve_policy());
  const auto& profile = facts.pcr_profile();
  if (profile.empty()) return finding.Done("policy leaves the TPM profile of BitLocker to Windows");
  finding.Needs(facts.secure_boot());
  const bool affected = std::count(profile.begin(), profile.end(), kSecureBootPcr) != 0 &&
                        facts.windows_uefi_ca_2023_capable() != kBootsWith2023;
  finding.Info(affected ? "policy binds BitLocker to PCR 7: have the recovery key at hand"
                        : "policy sets the TPM profile of BitLocker",
               facts.fve_policy().source(), absl::StrCat("PCRs ", absl::StrJoin(profile, ", ")),
               facts.fve_policy().modified_filetime());
  return finding.Done("");
}

}  // namespace patchgate::gate::checks
