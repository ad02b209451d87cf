#include "gate/checks/checks.h"
#include "gate/checks/presence.h"

namespace patchgate::gate::checks {

// The key is volatile: Windows puts it in no hive file. One that holds it was written by a tool, or
// by a build that differs, and a restart alone may not remove it (DOMAIN 1.1).
Finding RebootPending(const CheckInput& input) {
  const CbsRoot& facts = input.snapshot.cbs_root();
  const CbsMarker& marker = facts.reboot_pending();
  FindingBuilder finding;
  NeedsPresent(facts.collection(), "RebootPending", &finding);
  if (marker.present()) {
    finding.Block(input.snapshot.live()
                      ? "servicing waits for a restart"
                      : "servicing waits for a restart, and the mark is stored in the hive file, "
                        "where Windows does not put it",
                  CbsKey("RebootPending"), "present", marker.key_written_filetime());
  }
  if (!input.snapshot.live()) {
    return finding.NotApplicable("the restart mark is volatile: it cannot be seen offline");
  }
  return finding.Done("servicing does not wait for a restart");
}

}  // namespace patchgate::gate::checks
