#include "servicing/history/observations.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "servicing/history/package_name.h"
#include "servicing/history/package_state.h"
#include "servicing/text/fields.h"

namespace patchgate::history {
namespace {

constexpr FileTime kHour = 3600 * kFileTimeTicksPerSecond;

// No place on earth is further from UTC.
constexpr FileTime kFarthestZone = 14 * kHour;

constexpr uint32_t kSuccessRebootRequired = 0x80070BC2;

bool IsFailure(uint32_t hresult) {
  return (hresult & 0x80000000) != 0 && hresult != kSuccessRebootRequired;
}

bool IsState(absl::string_view state, absl::string_view name) {
  return absl::EqualsIgnoreCase(state, name);
}

// Session states between the end of the work and the end of the restart (DOMAIN §4.5).
bool IsWaiting(absl::string_view state) {
  return IsState(state, "Pended") || IsState(state, "ShutdownStart") ||
         IsState(state, "ShutdownFinish") || IsState(state, "Startup") ||
         IsState(state, "StartupFinish");
}

class Observer {
 public:
  Observer(const Snapshot& snapshot, const HostClock& clock) : snapshot_(snapshot), clock_(clock) {}

  std::vector<Observation> Take() {
    Packages();
    Journal();
    CbsLogSessions();
    CbsLogStartups();
    FailureReports();
    ServicingEvents();
    AgentEvents();
    Reporting();
    return std::move(seen_);
  }

 private:
  Observation* Add(When when, Seen seen, std::string source) {
    if (when.time == 0) return &undated_;  // What has no time has no place in a time line.
    seen_.emplace_back();
    seen_.back().when = when;
    seen_.back().seen = seen;
    seen_.back().source = std::move(source);
    return &seen_.back();
  }

  // A KB number anywhere in a name is not that of the package.
  void Name(absl::string_view package, Observation* o) {
    const bool named = absl::StartsWithIgnoreCase(package, "KB") ||
                       absl::StartsWithIgnoreCase(package, "Package_for_KB") ||
                       IsPartOfUpdate(package);
    if (named) o->kb = text::FindKb(package);
    if (!absl::EqualsIgnoreCase(package, o->kb)) o->package = std::string(package);
  }

  void Packages() {
    for (const CbsPackage& p : snapshot_.cbs_packages().packages()) {
      const bool update = IsRollupFix(p.identity()) || IsServicingStack(p.identity()) ||
                          absl::StartsWithIgnoreCase(p.identity(), "Package_for_KB");
      if (!update || !p.has_current_state()) continue;
      const When written{p.key_written_filetime()};
      // When the key was last written says nothing of when the update was installed.
      const When installed{p.install_filetime()};
      Observation* o = nullptr;
      switch (p.current_state()) {
        case kInstalled:
        case kPermanent:
        case kSuperseded:
          o = Add(installed, Seen::kInstalled, kPackagesSource);
          o->from_state = true;
          break;
        case kInstallPending:
        case kUninstallPending:
          o = Add(written, Seen::kPended, kPackagesSource);
          o->removes = p.current_state() == kUninstallPending;
          break;
        default:
          if (p.last_error() != 0 && IsFailure(p.last_error())) {
            o = Add(written, Seen::kFailed, kPackagesSource);
            o->hresult = p.last_error();
          } else if (p.current_state() == kStaged) {
            o = Add(written, Seen::kStaged, kPackagesSource);
          }
          break;
      }
      if (o == nullptr) continue;
      o->client = p.install_client();
      Name(p.identity(), o);
    }
  }

  void Journal() {
    for (const JournalSession& session : snapshot_.session_journal().sessions()) {
      for (const JournalPackage& p : session.packages()) {
        const std::string source = absl::StrCat("Sessions.xml session ", session.id());
        const auto name = [&](Observation* o) {
          o->kb = text::FindKb(absl::StrCat(p.name(), " ", p.id()));
          if (absl::StrContains(p.id(), "~")) o->package = p.id();
          o->client = session.client();
        };
        const When begun =
            session.has_started() ? clock_.Of(session.started()) : When{session.created_filetime()};
        name(Add(begun, Seen::kBegun, source));
        const bool failed = session.has_status() && IsFailure(session.status());
        if (failed) {
          Observation* o = Add(session.has_complete() ? clock_.Of(session.complete()) : begun,
                               Seen::kFailed, source);
          o->hresult = session.status();
          name(o);
        } else if (session.has_complete()) {
          name(Add(clock_.Of(session.complete()), Seen::kExecuted, source));
        } else if (IsWaiting(session.last_successful_state())) {
          name(Add(begun, Seen::kPended, source));
        }
      }
    }
  }

  void CbsLogSessions() {
    for (const CbsLogSession& session : snapshot_.cbs_log().sessions()) {
      for (const CbsLogPackage& p : session.packages()) {
        const std::string source = absl::StrCat("CBS.log session ", session.id());
        const auto name = [&](Observation* o) {
          Name(p.identity(), o);
          if (o->kb.empty()) o->kb = text::FindKb(p.identifier());
          o->client = session.client();
        };
        name(Add(clock_.Of(session.begun()), Seen::kBegun, source));
        // Without a result of its own it has that of its session.
        if (!p.has_result() && !session.has_result()) continue;
        const uint32_t result = p.has_result() ? p.result() : session.result();
        Seen seen = Seen::kExecuted;
        if (result == kSuccessRebootRequired || (!IsFailure(result) && session.reboot_required())) {
          seen = Seen::kPended;
        } else if (IsFailure(result)) {
          seen = Seen::kFailed;
        } else if (IsState(p.new_state(), "Installed")) {
          seen = Seen::kInstalled;
        } else if (IsState(p.new_state(), "Absent")) {
          seen = Seen::kRemoved;
        } else if (IsState(p.new_state(), "Staged")) {
          seen = Seen::kStaged;
        } else if (IsState(p.new_state(), "InstallPending") ||
                   IsState(p.new_state(), "UninstallPending")) {
          seen = Seen::kPended;
        }
        const When end = clock_.Of(p.has_result() ? p.time() : session.finished());
        Observation* o = Add(end, seen, source);
        o->removes = IsState(p.new_state(), "Absent") || IsState(p.target_state(), "Absent");
        name(o);
        if (seen == Seen::kFailed) o->hresult = result;
      }
    }
  }

  void CbsLogStartups() {
    for (const CbsStartup& startup : snapshot_.cbs_log().startups()) {
      if (startup.shutdown()) continue;
      const When end = clock_.Of(startup.has_finished() ? startup.finished() : startup.begun());
      if (startup.rollback()) {
        Observation* o = Add(end, Seen::kRolledBack, "CBS.log start-up");
        o->of_all_pended = true;
        if (startup.set_failure_status() != 0) {
          o->hresult = startup.set_failure_status();
        } else if (startup.retrieved_failure_status() != 0) {
          o->hresult = startup.retrieved_failure_status();
        }
      }
      for (const CbsLogPackage& p : startup.packages()) {
        const bool failed = p.has_result() && IsFailure(p.result());
        Seen seen = Seen::kRolledBack;
        const bool superseded =
            IsState(p.new_state(), "Superseded") || IsState(p.new_state(), "Permanent");
        if (!failed && (superseded || IsState(p.new_state(), p.target_state()))) {
          seen = IsState(p.new_state(), "Absent")   ? Seen::kRemoved
                 : IsState(p.new_state(), "Staged") ? Seen::kStaged
                                                    : Seen::kInstalled;
        }
        Observation* o = Add(clock_.Of(p.time()), seen, "CBS.log start-up");
        o->removes = IsState(p.target_state(), "Absent");
        Name(p.identity(), o);
        if (o->kb.empty()) o->kb = text::FindKb(p.identifier());
        if (failed) o->hresult = p.result();
      }
    }
  }

  void FailureReports() {
    for (const CbsFailureReport& report : snapshot_.cbs_log().failure_reports()) {
      Observation* o = Add(clock_.Of(report.time()), Seen::kFailed, "CBS.log failure report");
      o->hresult = report.status();
      o->client = report.client();
      Name(report.package(), o);
    }
  }

  // What a success with this target means: an update can also be staged with success.
  static Seen Reached(absl::string_view state) {
    if (IsState(state, "Installed") || IsState(state, "Permanent")) return Seen::kInstalled;
    const bool half = IsState(state, "Staged") || IsState(state, "Resolved") ||
                      IsState(state, "PartiallyInstalled") || state.empty();
    return half ? Seen::kStaged : Seen::kExecuted;
  }

  void ServicingEvents() {
    // The log's own order; a clock that was wrong for a while does not change it.
    std::vector<const ServicingEvent*> events;
    for (const ServicingEvent& event : snapshot_.event_logs().servicing()) {
      events.push_back(&event);
    }
    std::stable_sort(events.begin(), events.end(),
                     [](const ServicingEvent* a, const ServicingEvent* b) {
                       return a->record_id() < b->record_id();
                     });
    FileTime before = 0;
    for (const ServicingEvent* next : events) {
      const ServicingEvent& event = *next;
      if (event.filetime() > before && IsPlausible(event.filetime(), snapshot_)) {
        before = event.filetime();
      }
      const When when{before != 0 ? before : event.filetime()};
      const std::string& intended = event.intended_state();
      const bool removes = IsState(intended, "Absent") || IsState(intended, "UninstallPending");
      const bool failed = event.has_error_code() && IsFailure(event.error_code());
      Seen seen = Seen::kBegun;
      switch (event.kind()) {
        case ServicingEvent::SUCCEEDED:
          seen = failed ? Seen::kFailed : removes ? Seen::kRemoved : Reached(intended);
          break;
        case ServicingEvent::FAILED:
          // "Already installed" comes as a failure with a code of success.
          if (event.error_code() != 0 && !failed) continue;
          seen = Seen::kFailed;
          break;
        case ServicingEvent::REBOOT_NECESSARY:
          seen = failed ? Seen::kFailed : Seen::kPended;
          break;
        case ServicingEvent::INITIATED:
          break;
        default:
          continue;
      }
      Observation* o = Add(when, seen, absl::StrCat("Setup.evtx record ", event.record_id()));
      Name(event.package(), o);
      o->client = event.client();
      o->removes = removes;
      // Old logs name the state in the host's language; the event is the last one all the same.
      o->final = event.kind() == ServicingEvent::SUCCEEDED && !intended.empty();
      if (seen == Seen::kFailed) o->hresult = event.error_code();
    }
  }

  void AgentEvents() {
    for (const UpdateClientEvent& event : snapshot_.event_logs().update_client()) {
      // Apps of the store come through the same agent and have nothing to do with servicing.
      if (IsStoreService(event.service_guid())) {
        if (!event.update_guid().empty()) store_updates_.insert(event.update_guid());
        continue;
      }
      if (!event.update_guid().empty() && !event.kb().empty()) {
        kb_of_guid_[event.update_guid()] = event.kb();
      }
    }
    for (const UpdateClientEvent& event : snapshot_.event_logs().update_client()) {
      if (event.kb().empty() || IsStoreService(event.service_guid()) ||
          store_updates_.count(event.update_guid()) > 0) {
        continue;
      }
      Seen seen;
      switch (event.event_id()) {
        case 19:
          seen = Seen::kAgentInstalled;
          break;
        case 20:
          seen = Seen::kAgentFailed;
          break;
        case 43:
          seen = Seen::kAgentBegun;
          break;
        case 44:
          seen = Seen::kDownload;
          break;
        default:
          continue;
      }
      Observation* o =
          Add({event.filetime()}, seen, absl::StrCat("System.evtx record ", event.record_id()));
      o->kb = event.kb();
      if (seen == Seen::kAgentFailed && event.has_error_code()) o->hresult = event.error_code();
    }
  }

  void Reporting() {
    for (const ReportingEvent& event : snapshot_.reporting_events().events()) {
      std::string kb = event.kb();
      if (kb.empty()) {
        const auto it = kb_of_guid_.find(event.update_guid());
        if (it != kb_of_guid_.end()) kb = it->second;
      }
      if (kb.empty()) continue;
      Seen seen;
      if (absl::StrContains(event.name(), "FAILED")) {
        seen = Seen::kAgentFailed;
      } else if (absl::StrContains(event.name(), "SUCCEEDED") ||
                 absl::StrContains(event.name(), "COMPLETE_WITH_REBOOT")) {
        seen = Seen::kAgentInstalled;
      } else if (absl::StrContains(event.name(), "STARTED")) {
        seen = Seen::kAgentBegun;
      } else {
        continue;
      }
      Observation* o = Add({event.filetime()}, seen, "ReportingEvents.log");
      o->kb = kb;
      o->client = event.client();
      if (seen == Seen::kAgentFailed) o->hresult = event.result();
    }
  }

  static bool IsStoreService(absl::string_view guid) {
    return absl::EqualsIgnoreCase(guid, "{855e8a7c-ecb4-4ca3-b045-1dfa50104289}");
  }

  const Snapshot& snapshot_;
  const HostClock& clock_;
  std::vector<Observation> seen_;
  Observation undated_;
  std::map<std::string, std::string> kb_of_guid_;
  std::set<std::string> store_updates_;
};

}  // namespace

bool IsPlausible(FileTime time, const Snapshot& snapshot) {
  constexpr FileTime kDay = 24 * kHour;
  return snapshot.collected_filetime() == 0 || time <= snapshot.collected_filetime() + kDay;
}

bool DefinitelyAfter(When a, When b) {
  if (a.time == 0 || b.time == 0) return false;
  const FileTime doubt = a.local == b.local ? 0 : kFarthestZone;
  return a.time > b.time && a.time - b.time > doubt;
}

absl::string_view SeenName(Seen seen) {
  switch (seen) {
    case Seen::kDownload:
      return "download begun";
    case Seen::kAgentBegun:
      return "update agent: installation begun";
    case Seen::kAgentInstalled:
      return "update agent: installed";
    case Seen::kAgentFailed:
      return "update agent: failed";
    case Seen::kBegun:
      return "begun";
    case Seen::kStaged:
      return "staged";
    case Seen::kExecuted:
      return "carried out";
    case Seen::kPended:
      return "pended";
    case Seen::kFailed:
      return "failed";
    case Seen::kRolledBack:
      return "rolled back";
    case Seen::kInstalled:
      return "installed";
    case Seen::kRemoved:
      return "removed";
  }
  return "";
}

HostClock::HostClock(const Snapshot& snapshot) {
  for (const CbsLogFile& file : snapshot.cbs_log().files()) {
    if (file.has_utc_offset_minutes()) {
      offset_ticks_ = int64_t{file.utc_offset_minutes()} * 60 * kFileTimeTicksPerSecond;
    }
  }
}

When HostClock::Of(const Stamp& stamp) const {
  if (!stamp.local() || !offset_ticks_ || stamp.filetime() == 0) {
    return {stamp.filetime(), stamp.local()};
  }
  return {stamp.filetime() - *offset_ticks_, false};
}

std::vector<Observation> Observe(const Snapshot& snapshot, const HostClock& clock) {
  return Observer(snapshot, clock).Take();
}

}  // namespace patchgate::history
