#include "servicing/history/contradictions.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "servicing/history/package_name.h"
#include "servicing/history/package_state.h"

namespace patchgate::history {
namespace {

Contradiction Make(std::string subject, std::string claim, std::string claim_source,
                   std::string against, std::string against_source, bool explained) {
  Contradiction c;
  c.set_subject(std::move(subject));
  c.set_claim(std::move(claim));
  c.set_claim_source(std::move(claim_source));
  c.set_against(std::move(against));
  c.set_against_source(std::move(against_source));
  c.set_explained(explained);
  return c;
}

absl::string_view RevisionOf(absl::string_view build) {
  const size_t dot = build.find('.');
  return dot == absl::string_view::npos ? "" : build.substr(dot + 1);
}

// UBR against the newest cumulative update that the registry holds as installed. Hotpatches raise
// UBR beyond it (DOMAIN §1.6); nothing usual leaves UBR behind.
void RevisionAgainstPackages(const Snapshot& snapshot, std::vector<Contradiction>* out) {
  const OsIdentity& os = snapshot.os();
  const CbsPackage* newest = nullptr;
  for (const CbsPackage& package : snapshot.cbs_packages().packages()) {
    if (!IsRollupFix(package.identity()) || package.current_state() != kInstalled) continue;
    if (BuildOf(package.identity()).empty()) continue;
    if (newest == nullptr ||
        CompareBuilds(BuildOf(package.identity()), BuildOf(newest->identity())) > 0) {
      newest = &package;
    }
  }
  uint32_t revision = 0;
  if (newest == nullptr || !os.has_ubr() ||
      !absl::SimpleAtoi(RevisionOf(BuildOf(newest->identity())), &revision) ||
      revision == os.ubr()) {
    return;
  }
  out->push_back(Make("revision of the build", absl::StrCat("UBR is ", os.ubr()),
                      os.collection().source(), absl::StrCat(newest->identity(), " is Installed"),
                      kPackagesSource, os.ubr() > revision));
}

// A final success in the events against the state that the registry gives the same package.
void AttemptsAgainstPackages(const Snapshot& snapshot, const Timeline& timeline,
                             std::vector<Contradiction>* out) {
  std::map<std::string, const CbsPackage*> packages;
  for (const CbsPackage& package : snapshot.cbs_packages().packages()) {
    packages.emplace(package.identity(), &package);
  }
  std::map<std::string, const Attempt*> newest;
  for (const Attempt& attempt : timeline.attempts()) {
    if (!attempt.package().empty()) newest[attempt.package()] = &attempt;
  }
  for (const auto& [identity, attempt] : newest) {
    const auto it = packages.find(identity);
    if (it == packages.end() || !it->second->has_current_state()) continue;
    const uint32_t state = it->second->current_state();
    const bool installed = IsInstalledState(state);
    const std::string registry = absl::StrCat("CBS\\Packages\\", identity);
    const Phase& last = attempt->phases(attempt->phases_size() - 1);
    if (attempt->outcome() == Attempt::SUCCEEDED && !installed && last.name() == "installed") {
      out->push_back(Make(identity, "installed", last.source(), absl::StrCat("state ", state),
                          registry, false));
    } else if (attempt->outcome() == Attempt::SUCCEEDED && installed && last.name() == "pended") {
      out->push_back(Make(identity, "waits for a restart", last.source(),
                          absl::StrCat("state ", state), registry, false));
    } else if ((attempt->outcome() == Attempt::ROLLED_BACK ||
                attempt->outcome() == Attempt::FAILED ||
                attempt->outcome() == Attempt::NEVER_FINISHED) &&
               installed && !attempt->has_superseded_by()) {
      out->push_back(Make(identity, "did not succeed", last.source(), absl::StrCat("state ", state),
                          registry, false));
    }
  }
}

// Servicing told of a success, and the registry does not have the update: it was taken back by
// other means, such as the recovery environment or a restored image, which leave no event.
void NewestSuccessAgainstPackages(const Snapshot& snapshot, const Timeline& timeline,
                                  std::vector<Contradiction>* out) {
  if (snapshot.cbs_packages().collection().status() != Collection::COLLECTED) return;
  const Attempt* newest = nullptr;
  for (const Attempt& attempt : timeline.attempts()) {
    if (attempt.kind() != Attempt::CUMULATIVE) continue;
    const bool ended =
        attempt.outcome() == Attempt::SUCCEEDED || attempt.outcome() == Attempt::REMOVED;
    if (ended) newest = &attempt;
  }
  if (newest == nullptr || newest->outcome() == Attempt::REMOVED) return;
  FileTime installed = 0;  // The newest one that the registry has.
  for (const CbsPackage& package : snapshot.cbs_packages().packages()) {
    if (package.identity() == newest->package()) return;
    if (IsRollupFix(package.identity()) && package.current_state() == kInstalled) {
      installed = std::max<FileTime>(installed, package.install_filetime());
    }
  }
  for (const Phase& phase : newest->phases()) {
    constexpr FileTime kDay = 24 * 3600 * kFileTimeTicksPerSecond;
    if (phase.name() != SeenName(Seen::kInstalled) || phase.source() == kPackagesSource) continue;
    // An update whose name is not known may be the registry's newest, if it is as old.
    if (newest->package().empty() && phase.filetime() <= installed + kDay) continue;
    out->push_back(Make(newest->kb().empty() ? newest->package() : newest->kb(), "installed",
                        phase.source(), "not among the installed packages", kPackagesSource,
                        false));
    return;
  }
}

// "Installed", says the update agent when an update is staged; servicing can undo it afterwards.
void AgentAgainstServicing(const Timeline& timeline, std::vector<Contradiction>* out) {
  for (const Attempt& attempt : timeline.attempts()) {
    if (attempt.outcome() != Attempt::ROLLED_BACK && attempt.outcome() != Attempt::FAILED &&
        attempt.outcome() != Attempt::NEVER_FINISHED) {
      continue;
    }
    const Phase* claim = nullptr;
    const Phase* against = nullptr;
    for (const Phase& phase : attempt.phases()) {
      if (phase.name() == SeenName(Seen::kAgentInstalled)) claim = &phase;
      if (phase.name() == SeenName(Seen::kFailed) || phase.name() == SeenName(Seen::kRolledBack) ||
          phase.name() == SeenName(Seen::kPended)) {
        against = &phase;
      }
    }
    if (claim == nullptr || against == nullptr) continue;
    out->push_back(Make(attempt.kb().empty() ? attempt.package() : attempt.kb(), "installed",
                        claim->source(), against->name(), against->source(), true));
  }
}

// A session that the registry holds as unfinished and the journal as complete.
void SessionsAgainstJournal(const Snapshot& snapshot, std::vector<Contradiction>* out) {
  std::map<std::string, const CbsSession*> unfinished;
  for (const CbsSession& session : snapshot.cbs_sessions().sessions()) {
    if (session.has_complete() && session.complete() != 1) unfinished[session.id()] = &session;
  }
  for (const JournalSession& session : snapshot.session_journal().sessions()) {
    const auto it = unfinished.find(session.id());
    if (it == unfinished.end() || !session.has_complete() || session.status() != 0) continue;
    out->push_back(Make(absl::StrCat("session ", session.id()), "complete", "Sessions.xml",
                        absl::StrCat("Complete is ", it->second->complete()),
                        "CBS\\SessionsPending", false));
    unfinished.erase(it);
  }
}

// pending.xml is on the disk, although the log says that a later start-up deleted it.
void PendingXmlAgainstLog(const Snapshot& snapshot, const HostClock& clock,
                          std::vector<Contradiction>* out) {
  const PendingXml& file = snapshot.pending_xml();
  if (file.collection().status() != Collection::COLLECTED) return;
  const When written{file.collection().modified_filetime()};
  for (const CbsStartup& startup : snapshot.cbs_log().startups()) {
    const When end = clock.Of(startup.has_finished() ? startup.finished() : startup.begun());
    if (!startup.pending_deleted() || !DefinitelyAfter(end, written)) continue;
    out->push_back(Make("pending.xml", absl::StrCat("deleted ", FormatFileTime(end.time)),
                        "CBS.log start-up",
                        absl::StrCat("there, written ", FormatFileTime(written.time)),
                        file.collection().source(), false));
    return;
  }
}

// The stack that last did the work is newer than the one that is registered: it was taken back.
void LoadedStackAgainstRegistered(const Snapshot& snapshot, std::vector<Contradiction>* out) {
  if (snapshot.servicing_stack().versions_size() != 1) return;
  const std::string& registered = snapshot.servicing_stack().versions(0).version();
  const CbsMark* last = nullptr;
  for (const CbsMark& mark : snapshot.cbs_log().marks()) {
    if (mark.kind() != CbsMark::STACK_LOADED) continue;
    if (last == nullptr || mark.last().filetime() >= last->last().filetime()) last = &mark;
  }
  if (last == nullptr) return;
  // Both are "10.0.build.revision".
  const auto build = [](absl::string_view version) {
    const std::vector<absl::string_view> parts = absl::StrSplit(version, '.');
    return parts.size() == 4 ? absl::StrCat(parts[2], ".", parts[3]) : std::string();
  };
  if (build(last->subject()).empty() || build(registered).empty() ||
      CompareBuilds(build(last->subject()), build(registered)) <= 0) {
    return;
  }
  out->push_back(Make("servicing stack", absl::StrCat(last->subject(), " was loaded"), "CBS.log",
                      absl::StrCat(registered, " is registered"), "CBS\\Version", false));
}

// Records of one log that run backwards in time: the clock was changed, and dates are no order.
void RecordsAgainstClock(const Snapshot& snapshot, std::vector<Contradiction>* out) {
  std::vector<const ServicingEvent*> events;
  for (const ServicingEvent& event : snapshot.event_logs().servicing()) events.push_back(&event);
  std::stable_sort(events.begin(), events.end(),
                   [](const ServicingEvent* a, const ServicingEvent* b) {
                     return a->record_id() < b->record_id();
                   });
  // Summer time and small corrections are no contradiction.
  constexpr FileTime kLeap = 2 * 3600 * kFileTimeTicksPerSecond;
  for (size_t i = 1; i < events.size(); ++i) {
    const ServicingEvent &a = *events[i - 1], &b = *events[i];
    if (a.record_id() == b.record_id() || b.filetime() + kLeap >= a.filetime()) continue;
    out->push_back(Make(
        "clock", FormatFileTime(a.filetime()), absl::StrCat("Setup.evtx record ", a.record_id()),
        FormatFileTime(b.filetime()), absl::StrCat("Setup.evtx record ", b.record_id()), false));
    return;
  }
}

}  // namespace

std::vector<Contradiction> FindContradictions(const Snapshot& snapshot, const Timeline& timeline,
                                              const HostClock& clock) {
  std::vector<Contradiction> out;
  RevisionAgainstPackages(snapshot, &out);
  AttemptsAgainstPackages(snapshot, timeline, &out);
  NewestSuccessAgainstPackages(snapshot, timeline, &out);
  AgentAgainstServicing(timeline, &out);
  SessionsAgainstJournal(snapshot, &out);
  PendingXmlAgainstLog(snapshot, clock, &out);
  LoadedStackAgainstRegistered(snapshot, &out);
  RecordsAgainstClock(snapshot, &out);
  return out;
}

}  // namespace patchgate::history
