#include "absl/strings/str_cat.h"
#include "gate/checks/checks.h"
#include "gate/checks/presence.h"

namespace patchgate::gate::checks {

// Left behind, the flag makes CBS believe that one session owns the servicing stack. Windows' own
// start-up repair resets it to 0 (DOMAIN 1.1).
Finding ExclusiveSession(const CheckInput& input) {
  const CbsSessions& facts = input.snapshot.cbs_sessions();
  FindingBuilder finding;
  // Without the key the flag cannot be set; without all of CBS nobody can say.
  const bool no_sessions = facts.collection().status() == Collection::ABSENT;
  NeedsPresent(no_sessions ? input.snapshot.cbs_root().collection() : facts.collection(),
               no_sessions ? "SessionsPending" : "Exclusive", &finding);
  if (facts.exclusive() != 0) {
    finding.Block("a servicing session still claims the servicing stack for itself alone",
                  CbsKey("SessionsPending\\Exclusive"),
                  absl::StrCat("is ", facts.exclusive(), ", 0 when idle"),
                  facts.collection().modified_filetime());
  }
  return finding.Done("no session claims the servicing stack for itself alone");
}

}  // namespace patchgate::gate::checks
