#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gate/checks/checks.h"
#include "gate/checks/dating.h"
#include "gate/checks/presence.h"
#include "servicing/history/observations.h"

namespace patchgate::gate::checks {

// Windows itself has drivers that no service names: they are loaded by others. What came after the
// last update may be the leftover of one that was rolled back.
Finding BootOrphanDrivers(const CheckInput& input) {
  constexpr size_t kExamples = 10;
  const BootDrivers& facts = input.snapshot.boot_drivers();
  // What the update itself wrote is not what came after it.
  constexpr FileTime kDay = 24 * 60 * 60 * kFileTimeTicksPerSecond;
  history::When update = LastCumulativeSuccess(input.timeline);
  if (update.time != 0) update.time += kDay;
  FindingBuilder finding;
  NeedsPresent(facts.collection(), &finding);
  NeedsPresent(facts.folder(), &finding);
  std::vector<const OrphanDriver*> newer;
  for (const OrphanDriver& orphan : facts.orphans()) {
    if (update.time == 0 || history::DefinitelyAfter({orphan.modified_filetime(), false}, update)) {
      newer.push_back(&orphan);
    }
  }
  for (size_t i = 0; i < newer.size() && i < kExamples; ++i) {
    finding.Evidence(newer[i]->path(),
                     absl::StrCat("no service names it; ", newer[i]->size(), " bytes"),
                     newer[i]->modified_filetime());
  }
  if (!newer.empty()) {
    finding.Judge(
        Finding::INFO,
        absl::StrCat(
            "driver files that no service names",
            update.time == 0 ? "" : ", newer than the last cumulative update", ": ",
            facts.orphans_total() > static_cast<uint32_t>(facts.orphans_size()) ? "at least " : "",
            newer.size()));
  }
  return finding.Done(facts.orphans_total() == 0
                          ? "every file of the drivers folder belongs to a service"
                          : "driver files that no service names are older than the last update");
}

}  // namespace patchgate::gate::checks
