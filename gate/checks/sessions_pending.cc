#include "absl/strings/str_cat.h"
#include "gate/checks/checks.h"
#include "gate/checks/dating.h"
#include "gate/checks/presence.h"

namespace patchgate::gate::checks {

// Completed sessions stay on healthy hosts; only one that never finished is evidence (DOMAIN §1.2).
Finding SessionsPending(const CheckInput& input) {
  const CbsSessions& facts = input.snapshot.cbs_sessions();
  FindingBuilder finding;
  finding.Needs(facts.collection());
  // No session was ever pending where the key is not there; without all of CBS nobody can say.
  NeedsPresent(input.snapshot.cbs_root().collection(), "SessionsPending", &finding);
  uint32_t complete = 0;
  for (const CbsSession& session : facts.sessions()) {
    if (session.has_complete() && session.complete() == 1) {
      ++complete;
      continue;
    }
    if (session.complete_unreadable()) continue;  // The section's gap says so.
    const std::string begun = session.created_filetime() == 0
                                  ? "at an unknown time"
                                  : FormatFileTime(session.created_filetime());
    const history::When boot = LastBoot(input.timeline);
    const bool outlived = history::DefinitelyAfter(boot, {session.created_filetime()});
    finding.Block(
        absl::StrCat("servicing session begun ", begun, " never finished",
                     outlived ? absl::StrCat("; the host was started ", WhenText(boot)) : ""),
        CbsKey(absl::StrCat("SessionsPending\\", session.id())),
        session.has_complete() ? absl::StrCat("Complete is ", session.complete())
                               : "no value Complete",
        session.key_written_filetime());
  }
  return finding.Done(absl::StrCat("no unfinished session; ", complete, " completed"));
}

}  // namespace patchgate::gate::checks
