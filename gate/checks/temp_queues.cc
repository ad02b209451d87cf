#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gate/checks/checks.h"
#include "gate/checks/dating.h"
#include "gate/checks/presence.h"

namespace patchgate::gate::checks {

// WinSxS\Temp holds what the store still has to rename or delete, and what a transaction has in
// hand. Few entries are normal; what the folders mean exactly is not documented (DOMAIN §4.1).
Finding TempQueues(const CheckInput& input) {
  constexpr uint64_t kMany = 1000;
  const StoreFolders& facts = input.snapshot.store_folders();
  const history::When boot = LastBoot(input.timeline);
  FindingBuilder finding;
  NeedsPresent(facts.winsxs(), &finding);
  if (facts.queues().empty()) {
    finding.Indeterminate("could not be measured: the snapshot does not hold the queues",
                          "Windows/WinSxS/Temp", "not collected");
  }
  for (const StoreQueue& queue : facts.queues()) {
    finding.Needs(queue.collection());
    if (queue.entries() == 0) continue;
    const std::string what =
        absl::StrCat(queue.entries(), queue.entries() == 1 ? " entry" : " entries");
    if (absl::EqualsIgnoreCase(queue.name(), "InFlight")) {
      const bool left = history::DefinitelyAfter(boot, {queue.newest_filetime()});
      finding.Report(
          left ? Finding::WARN : Finding::INFO,
          left ? absl::StrCat("a store transaction left ", what,
                              " in InFlight, all from before the boot of ", WhenText(boot))
               : absl::StrCat("a store transaction has ", what, " in InFlight"),
          queue.collection().source(), what, queue.newest_filetime());
    } else if (queue.entries() > kMany) {
      finding.Warn(absl::StrCat("the store's queue ", queue.name(), " has grown to ", what),
                   queue.collection().source(), what, queue.newest_filetime());
    }
  }
  return finding.Done("the store's temporary queues are short");
}

}  // namespace patchgate::gate::checks
