#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gate/checks/checks.h"
#include "gate/checks/presence.h"

namespace patchgate::gate::checks {

// What is configured. What runs is known to the running Windows only, and newer ones turn it on by
// themselves.
Finding VirtualizationBasedSecurity(const CheckInput& input) {
  const BootSecurity& facts = input.snapshot.boot_security();
  const Collection& section = facts.device_guard();
  FindingBuilder finding;
  finding.Needs(section);
  std::vector<std::string> parts;
  std::vector<std::string> values;
  const auto tell = [&](bool known, uint32_t value, const char* part, const char* name) {
    if (!known) return;
    if (part != nullptr) parts.push_back(absl::StrCat(part, value != 0 ? " on" : " off"));
    values.push_back(absl::StrCat(name, " is ", value));
  };
  tell(facts.has_vbs_enabled(), facts.vbs_enabled(), "VBS", "EnableVirtualizationBasedSecurity");
  tell(facts.has_policy_vbs_enabled(), facts.policy_vbs_enabled(), "VBS by policy",
       "EnableVirtualizationBasedSecurity by policy");
  tell(facts.has_hvci_enabled(), facts.hvci_enabled(), "memory integrity",
       "HypervisorEnforcedCodeIntegrity\\Enabled");
  tell(facts.has_credential_guard_enabled(), facts.credential_guard_enabled(), "Credential Guard",
       "CredentialGuard\\Enabled");
  tell(facts.has_lsa_cfg_flags(), facts.lsa_cfg_flags(), nullptr, "Lsa\\LsaCfgFlags");
  tell(facts.has_required_features(), facts.required_features(), nullptr,
       "RequirePlatformSecurityFeatures");
  tell(facts.has_vbs_locked(), facts.vbs_locked(), nullptr, "Locked");
  tell(facts.has_vbs_mandatory(), facts.vbs_mandatory(), nullptr, "Mandatory");
  if (values.empty()) {
    return finding.NotApplicable("virtualization-based security is not configured");
  }
  finding.Info(parts.empty() ? "virtualization-based security is configured in part"
                             : absl::StrCat("configured: ", absl::StrJoin(parts, ", ")),
               section.source(), absl::StrJoin(values, ", "), section.modified_filetime());
  return finding.Done("");
}

}  // namespace patchgate::gate::checks
