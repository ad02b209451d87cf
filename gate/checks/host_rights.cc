#include "gate/checks/checks.h"
#include "gate/checks/presence.h"

namespace patchgate::gate::checks {

// On a running host an ordinary user cannot read everything; patchgate itself is a 64-bit program,
// and sees what a 32-bit script that starts it does not (DOMAIN 10.1).
Finding HostRights(const CheckInput& input) {
  const LiveHost& host = input.snapshot.live_host();
  FindingBuilder finding;
  if (!input.snapshot.live()) {
    return finding.NotApplicable("rights on the host matter only on the running one; this is none");
  }
  if (!IsThere(host.collection())) {
    finding.Indeterminate("could not be measured: the running Windows was not asked",
                          "the running Windows", "not collected");
  } else if (!host.elevated()) {
    finding.Warn(
        "patchgate ran without administrator rights: what it could not read is named as unreadable",
        "rights of patchgate", "not elevated");
  }
  if (host.started_by_32_bit()) {
    finding.Info(
        "patchgate was started by a 32-bit program, which sees other folders and keys (SysWOW64, "
        "WOW6432Node) than patchgate does",
        "parent process", "32-bit");
  }
  return finding.Done("patchgate ran with administrator rights");
}

}  // namespace patchgate::gate::checks
