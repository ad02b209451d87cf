#include "absl/strings/str_cat.h"
#include "gate/checks/checks.h"
#include "gate/checks/dated_reports.h"
#include "gate/checks/dating.h"
#include "gate/checks/presence.h"

namespace patchgate::gate::checks {
namespace {

constexpr char kRestart[] =
    "Restart the host, not only shut it down: with fast start-up a shutdown does not finish an "
    "update. Then check again.";

}  // namespace

// An update that asked for a restart is done only when its last step is told of. A boot without
// that step is the silent form of a rollback (DOMAIN §5.1).
Finding UnfinishedUpdate(const CheckInput& input) {
  FindingBuilder finding;
  NeedsEventLog(input.snapshot, "Setup.evtx", &finding);
  const auto& attempts = input.timeline.attempts();
  bool only_pended = true;
  for (auto it = attempts.rbegin(); it != attempts.rend(); ++it) {
    if (it->has_superseded_by() || it->kind() == Attempt::FEATURE_UPDATE ||
        it->kind() == Attempt::AGENT_ONLY) {
      continue;
    }
    const std::string name = AttemptName(*it);
    const bool begun_only = it->outcome() == Attempt::INTERRUPTED;
    const Phase& last = LastPhase(*it, begun_only ? history::Seen::kBegun : history::Seen::kPended);
    // A feature on demand that hangs does not stand in the way of an update by itself; what it
    // left pending does, and other checks look at that.
    const Finding::Result worst = IsServicedUpdate(*it) ? Finding::BLOCK : Finding::WARN;
    switch (it->outcome()) {
      case Attempt::NEVER_FINISHED:
        only_pended = only_pended && worst != Finding::BLOCK;
        finding.Report(
            worst,
            absl::StrCat(name, " waited for a restart, the host was started ",
                         WhenText(LastBoot(input.timeline)), ", and the update never finished"),
            last.source(), absl::StrCat(name, ": ", last.name()),
            Written({last.filetime(), last.local()}));
        break;
      case Attempt::PENDED:
        finding.Report(worst, absl::StrCat(name, " waits for a restart; restart first"),
                       last.source(), absl::StrCat(name, ": ", last.name()),
                       Written({last.filetime(), last.local()}));
        break;
      case Attempt::INTERRUPTED:
        if (!IsServicedUpdate(*it)) break;
        finding.Warn(
            absl::StrCat("installation of ", name, " was begun ",
                         WhenText({it->begun_filetime(), it->local()}), " and has no result"),
            last.source(), absl::StrCat(name, ": ", last.name()),
            Written({last.filetime(), last.local()}));
        break;
      default:
        break;
    }
  }
  Finding done = finding.Done("every update that was begun has a result");
  if (done.result() == Finding::BLOCK && only_pended) {
    done.set_resolution(kRestart);
    done.set_actor("administrator");
  }
  return done;
}

}  // namespace patchgate::gate::checks
