#include "gate/checks/live_activity.h"

#include <algorithm>

namespace patchgate::gate::checks {

bool IsBusy(const Snapshot& snapshot) { return !snapshot.live_host().activities().empty(); }

bool ServicingIsAtWork(const Snapshot& snapshot) {
  const auto& activities = snapshot.live_host().activities();
  return std::any_of(activities.begin(), activities.end(), [](const LiveActivity& activity) {
    return activity.kind() != LiveActivity::INSTALLER;
  });
}

}  // namespace patchgate::gate::checks
