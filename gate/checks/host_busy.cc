#include "gate/checks/checks.h"
#include "gate/checks/live_activity.h"
#include "gate/checks/presence.h"

namespace patchgate::gate::checks {

// While something installs, its work and the leftovers of an earlier update look alike, and another
// installation would be refused (DOMAIN 1.1, 1.5).
Finding HostBusy(const CheckInput& input) {
  const Snapshot& snapshot = input.snapshot;
  FindingBuilder finding;
  for (const LiveActivity& activity : snapshot.live_host().activities()) {
    finding.Indeterminate(ServicingIsAtWork(snapshot)
                              ? "servicing is at work on the host: judge again when it has ended"
                              : "Windows Installer is at work on the host: judge again when it has "
                                "ended",
                          activity.where(), activity.what());
  }
  if (!snapshot.live()) {
    return finding.NotApplicable(
        "who is at work on a host can be seen only on the running one; this is none");
  }
  NeedsPresent(snapshot.live_host().collection(), &finding);
  return finding.Done("neither servicing nor Windows Installer is at work");
}

}  // namespace patchgate::gate::checks
