#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "gate/checks/checks.h"
#include "gate/checks/presence.h"

namespace patchgate::gate::checks {

// Whether Secure Boot is on stands in a volatile key; how far the change to the certificates of
// 2023 got stands in the hive (DOMAIN 2.6).
Finding SecureBoot(const CheckInput& input) {
  const BootSecurity& facts = input.snapshot.boot_security();
  const Collection& section = facts.secure_boot();
  FindingBuilder finding;
  finding.Needs(section);
  if (section.status() == Collection::ABSENT) {
    return finding.NotApplicable("this Windows does not record anything of Secure Boot");
  }
  const std::string& status = facts.uefi_ca_2023_status();
  const uint32_t error = facts.uefi_ca_2023_error();
  if (absl::EqualsIgnoreCase(status, "InProgress") && error != 0) {
    finding.Warn(
        absl::StrFormat("the change to the Secure Boot certificates of 2023 fails: 0x%08x", error),
        Below(section, "Servicing\\UEFICA2023Error"), absl::StrFormat("is 0x%08x", error));
  }
  const std::string state = !facts.has_secure_boot_enabled()   ? "not known to be on or off"
                            : facts.secure_boot_enabled() != 0 ? "on"
                                                               : "off";
  finding.Info(absl::StrCat("Secure Boot is ", state,
                            status.empty() ? "" : absl::StrCat("; certificates of 2023: ", status)),
               Below(section, "State\\UEFISecureBootEnabled"),
               facts.has_secure_boot_enabled() ? absl::StrCat("is ", facts.secure_boot_enabled())
                                               : "is not there; only the running Windows has it");
  if (!status.empty()) {
    finding.Evidence(Below(section, "Servicing\\UEFICA2023Status"), absl::StrCat("is ", status));
  }
  if (facts.has_windows_uefi_ca_2023_capable()) {
    const uint32_t capable = facts.windows_uefi_ca_2023_capable();
    finding.Evidence(
        Below(section, "Servicing\\WindowsUEFICA2023Capable"),
        absl::StrCat("is ", capable, capable == 2 ? ": boots with the boot manager of 2023" : ""));
  }
  if (facts.has_available_updates()) {
    finding.Evidence(Below(section, "AvailableUpdates"),
                     absl::StrFormat("is 0x%x", facts.available_updates()));
  }
  return finding.Done("");
}

}  // namespace patchgate::gate::checks
