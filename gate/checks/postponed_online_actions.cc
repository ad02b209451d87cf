#include "absl/strings/str_cat.h"
#include "gate/checks/checks.h"
#include "gate/checks/presence.h"

namespace patchgate::gate::checks {

// 2 is the value that Windows' own start-up repair takes for a leftover and deletes (DOMAIN 1.1).
Finding PostponedOnlineActions(const CheckInput& input) {
  constexpr uint32_t kLeftover = 2;
  const CbsRoot& facts = input.snapshot.cbs_root();
  FindingBuilder finding;
  NeedsPresent(facts.collection(), "PostponeOnlineActions", &finding);
  if (const uint32_t value = facts.postpone_online_actions(); value != 0) {
    finding.Report(
        value == kLeftover ? Finding::BLOCK : Finding::WARN,
        value == kLeftover
            ? "part of an earlier update was postponed and has never run"
            : "part of an update is marked as postponed, with a value of unknown meaning",
        CbsKey("PostponeOnlineActions"), absl::StrCat("is ", value),
        facts.collection().modified_filetime());
  }
  return finding.Done("no part of an update was postponed");
}

}  // namespace patchgate::gate::checks
