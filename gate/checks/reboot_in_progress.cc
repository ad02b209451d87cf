#include "gate/checks/checks.h"
#include "gate/checks/presence.h"

namespace patchgate::gate::checks {

// Set just before the restart that servicing itself asks for, read at the next start. Whether the
// key survives in the hive file is not proven, so its absence there says nothing (DOMAIN 1.1, 12).
Finding RebootInProgress(const CheckInput& input) {
  const CbsRoot& facts = input.snapshot.cbs_root();
  const CbsMarker& marker = facts.reboot_in_progress();
  FindingBuilder finding;
  NeedsPresent(facts.collection(), "RebootInProgress", &finding);
  if (marker.present()) {
    finding.Block("servicing was restarting the host and has not come to its end since",
                  CbsKey("RebootInProgress"), "present", marker.key_written_filetime());
  }
  if (!input.snapshot.live()) {
    return finding.NotApplicable(
        "not set in the hive file; it may be volatile, so its absence offline proves nothing");
  }
  return finding.Done("servicing is not in the middle of a restart");
}

}  // namespace patchgate::gate::checks
