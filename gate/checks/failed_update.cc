#include <algorithm>

#include "absl/strings/str_cat.h"
#include "gate/checks/attempt_errors.h"
#include "gate/checks/checks.h"
#include "gate/checks/dated_reports.h"
#include "gate/checks/dating.h"
#include "gate/checks/presence.h"
#include "manifests/hresults.h"

namespace patchgate::gate::checks {
namespace {

using history::When;

bool IsFailure(const Attempt& attempt) {
  return (attempt.outcome() == Attempt::FAILED || attempt.outcome() == Attempt::ROLLED_BACK) &&
         !attempt.has_superseded_by();
}

// What it means that this update failed and nothing newer succeeded.
Finding::Result Judge(const Attempt& attempt) {
  const HresultRecord* error = attempt.has_hresult() ? FindHresult(attempt.hresult()) : nullptr;
  if (attempt.kind() == Attempt::AGENT_ONLY) {
    return error != nullptr && error->in_place_upgrade() ? Finding::WARN : Finding::INFO;
  }
  if (!IsServicedUpdate(attempt)) return Finding::INFO;
  // An update that could not be taken off is still installed.
  if (attempt.removal()) return Finding::WARN;
  if (attempt.outcome() == Attempt::ROLLED_BACK) return Finding::BLOCK;
  if (WasNotNeeded(attempt)) return Finding::INFO;
  return MaySucceedNextTime(attempt) ? Finding::WARN : Finding::BLOCK;
}

// How an update was begun is in the time line; here only what it came to.
bool TellsOfTheEnd(const Phase& phase) {
  using history::Seen;
  for (const Seen seen : {Seen::kPended, Seen::kFailed, Seen::kRolledBack, Seen::kAgentFailed}) {
    if (phase.name() == history::SeenName(seen)) return true;
  }
  return false;
}

std::string Summary(const Attempt& attempt) {
  return absl::StrCat(
      AttemptName(attempt), attempt.removal() ? ": its removal" : "",
      attempt.outcome() == Attempt::ROLLED_BACK ? " was rolled back" : " failed",
      attempt.has_hresult() ? absl::StrCat(" with ", HresultText(attempt.hresult())) : "",
      IsServicedUpdate(attempt) ? ", and nothing has succeeded since" : "");
}

// Whether Setup.evtx, which keeps months, reaches back to `since`.
bool IsCovered(const Snapshot& snapshot, When since) {
  for (const EventLogFile& file : snapshot.event_logs().files()) {
    if (file.name() != "Setup.evtx") continue;
    const When first{file.first_filetime()};
    return since.time != 0 && first.time != 0 && !history::DefinitelyAfter(first, since);
  }
  return false;
}

}  // namespace

// The general form of the incident of January 2026 (DOMAIN §8.1): an update failed, its rollback
// left a state that nobody can see, and the next update is about to be put on top of it.
Finding FailedUpdate(const CheckInput& input) {
  FindingBuilder finding;
  NeedsEventLog(input.snapshot, "Setup.evtx", &finding);
  // Newest first: it is what the summary tells of.
  const auto& attempts = input.timeline.attempts();
  for (auto it = attempts.rbegin(); it != attempts.rend(); ++it) {
    if (!IsFailure(*it) || it->kind() == Attempt::FEATURE_UPDATE) continue;
    const Finding::Result result = Judge(*it);
    finding.Judge(result, Summary(*it));
    if (result == Finding::INFO) continue;
    for (const Phase& phase : it->phases()) {
      if (!TellsOfTheEnd(phase)) continue;
      finding.Evidence(
          phase.source(),
          absl::StrCat(AttemptName(*it), ": ", phase.name(),
                       phase.has_hresult() ? absl::StrCat(" ", HresultText(phase.hresult())) : ""),
          Written({phase.filetime(), phase.local()}));
    }
  }
  const When success = LastCumulativeSuccess(input.timeline);
  if (!IsCovered(input.snapshot, success)) {
    finding.Indeterminate(
        success.time == 0
            ? "could not be measured: nothing tells when a cumulative update was last installed"
            : absl::StrCat("could not be measured: Setup.evtx does not reach back to ",
                           WhenText(success), ", when the last cumulative update was installed"),
        "Windows/System32/winevt/Logs/Setup.evtx", "does not reach back that far");
  }
  return finding.Done(absl::StrCat("no update failed since ", WhenText(success),
                                   ", when the last cumulative update was installed"));
}

}  // namespace patchgate::gate::checks
