#include "gate/checks/checks.h"
#include "gate/checks/presence.h"

namespace patchgate::gate::checks {

// Reserved storage waits for a restart. TrustedInstaller looks at the key beside RebootPending;
// what an update does that finds it set is not known (DOMAIN 1.1).
Finding ReservesRebootPending(const CheckInput& input) {
  const CbsRoot& facts = input.snapshot.cbs_root();
  const CbsMarker& marker = facts.reserves_reboot_pending();
  FindingBuilder finding;
  NeedsPresent(facts.collection(), "ReservesRebootPending", &finding);
  if (marker.present()) {
    finding.Warn("a change of reserved storage waits for a restart",
                 CbsKey("ReservesRebootPending"), "present", marker.key_written_filetime());
  }
  return finding.Done("no change of reserved storage waits for a restart");
}

}  // namespace patchgate::gate::checks
