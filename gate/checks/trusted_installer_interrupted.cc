#include <algorithm>

#include "absl/strings/string_view.h"
#include "gate/checks/checks.h"
#include "gate/checks/live_activity.h"
#include "gate/checks/presence.h"

namespace patchgate::gate::checks {
namespace {

bool HasUnfinishedSession(const CbsSessions& facts) {
  return std::any_of(facts.sessions().begin(), facts.sessions().end(),
                     [](const CbsSession& session) { return session.complete() != 1; });
}

// Everything was asked, and servicing is not at work.
bool NothingRuns(const LiveHost& host) {
  return IsThere(host.collection()) && host.collection().gaps().empty();
}

}  // namespace

// TrustedInstaller creates the key when it starts and deletes it when it ends in order. In a hive
// file, or on a host where it does not run, it means that the host went down, was copied, or killed
// TrustedInstaller while it ran (DOMAIN 1.1).
Finding TrustedInstallerInterrupted(const CheckInput& input) {
  const Snapshot& snapshot = input.snapshot;
  const CbsMarker& running = snapshot.cbs_root().ti_running();
  FindingBuilder finding;
  NeedsPresent(snapshot.cbs_root().collection(), "TiRunning", &finding);
  const auto report = [&](Finding::Result result, absl::string_view summary) {
    finding.Report(result, summary, CbsKey("TiRunning"), "present", running.key_written_filetime());
  };
  if (running.present() && ServicingIsAtWork(snapshot)) {
    report(Finding::INFO, "TrustedInstaller is at work");
  } else if (running.present() && snapshot.live() && !NothingRuns(snapshot.live_host())) {
    report(Finding::INDETERMINATE,
           "TrustedInstaller is at work or was interrupted: whether it runs could not be asked");
  } else if (running.present()) {
    finding.Needs(snapshot.cbs_sessions().collection());
    NeedsExistence(snapshot.pending_xml().collection(), &finding);
    if (HasUnfinishedSession(snapshot.cbs_sessions())) {
      report(Finding::BLOCK, "TrustedInstaller was interrupted, and a session is unfinished");
    } else if (IsThere(snapshot.pending_xml().collection())) {
      report(Finding::BLOCK, "TrustedInstaller was interrupted, and a transaction is pending");
    } else {
      report(Finding::WARN,
             "TrustedInstaller was interrupted; nothing that it left unfinished is seen");
    }
  }
  return finding.Done("TrustedInstaller ended in order");
}

}  // namespace patchgate::gate::checks
