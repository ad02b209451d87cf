#include "absl/strings/str_cat.h"
#include "gate/checks/checks.h"

namespace patchgate::gate::checks {

// Without it some updates fail (0x800F0914, KB5034441), and a host that does not start cannot
// repair itself.
Finding RecoveryEnvironmentEnabled(const CheckInput& input) {
  const RecoveryEnvironment& facts = input.snapshot.recovery_environment();
  const Collection& section = facts.collection();
  FindingBuilder finding;
  finding.Needs(section);
  if (section.status() == Collection::ABSENT) {
    return finding.NotApplicable("there is no ReAgent.xml: the recovery environment is not known");
  }
  if (!facts.has_install_state()) {
    finding.Info("ReAgent.xml does not say whether the recovery environment is enabled",
                 section.source(), "no InstallState", section.modified_filetime());
  } else if (facts.install_state() == 0) {
    finding.Warn("the Windows recovery environment is disabled", section.source(),
                 "InstallState is 0", section.modified_filetime());
  } else if (facts.install_state() != 1) {
    finding.Info("the Windows recovery environment is in a state that is not known",
                 section.source(), absl::StrCat("InstallState is ", facts.install_state()),
                 section.modified_filetime());
  }
  return finding.Done("the Windows recovery environment is enabled");
}

}  // namespace patchgate::gate::checks
