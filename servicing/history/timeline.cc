#include "servicing/history/timeline.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "servicing/history/attempts.h"
#include "servicing/history/contradictions.h"
#include "servicing/history/observations.h"

namespace patchgate::history {
namespace {

// One boot is told by several events and by the log, seconds apart.
constexpr FileTime kSameBoot = 180 * kFileTimeTicksPerSecond;

constexpr char kLiveSource[] = "the running Windows";

bool SameBoot(FileTime a, FileTime b) { return (a > b ? a - b : b - a) <= kSameBoot; }

bool IsStart(const BootEvent& event) {
  return event.kind() == BootEvent::STARTED || event.kind() == BootEvent::LOG_STARTED;
}

FileTime StartOf(const BootEvent& event) {
  return event.started_filetime() != 0 ? event.started_filetime() : event.filetime();
}

// Whether System.evtx was read whole and holds records of both before and after `time`.
bool SystemLogSpans(FileTime time, const Snapshot& snapshot) {
  for (const EventLogFile& file : snapshot.event_logs().files()) {
    if (!absl::EqualsIgnoreCase(file.name(), "System.evtx")) continue;
    return file.collection().status() == Collection::COLLECTED &&
           file.collection().gaps().empty() && file.first_filetime() != 0 &&
           file.first_filetime() + kSameBoot < time && time + kSameBoot < file.last_filetime();
  }
  return false;
}

// Start of the running Windows; 0 if the snapshot is not of one, or if nobody can tell. It comes
// from the ticks since, which run some parts in a million fast or slow, and stand still while a
// virtual machine is saved: then the start seems later than it was.
FileTime LiveBoot(const Snapshot& snapshot) {
  constexpr FileTime kLeastRate = 5'000;  // Up to one tick of so many is lost or won.
  const FileTime boot = snapshot.live_host().boot_filetime();
  if (boot == 0 || !IsPlausible(boot, snapshot)) return 0;
  const FileTime now = snapshot.collected_filetime();
  const FileTime drift = kSameBoot + (now > boot ? (now - boot) / kLeastRate : 0);
  FileTime last = 0, kernel = 0, log = 0;  // Starts; the latter two are those of this boot.
  for (const BootEvent& event : snapshot.event_logs().boots()) {
    if (!IsStart(event)) continue;
    const FileTime start = StartOf(event);
    last = std::max(last, start);
    if ((start > boot ? start - boot : boot - start) > drift) continue;
    FileTime& mine = event.kind() == BootEvent::STARTED ? kernel : log;
    mine = std::max(mine, start);
  }
  // What ran at the start must not look older than it.
  if (const FileTime logged = kernel != 0 ? kernel : log; logged != 0) {
    return SameBoot(logged, boot) ? std::min(logged, boot) : logged;
  }
  // Every start is logged. Later than the last one, within the log, there was none.
  return last < boot && SystemLogSpans(boot, snapshot) ? 0 : boot;
}

std::vector<Boot> FindBoots(const Snapshot& snapshot) {
  std::vector<Boot> boots;
  // Boots are added in time order.
  const auto boot_near = [&](FileTime time) -> Boot* {
    const auto it = std::lower_bound(
        boots.begin(), boots.end(), time - std::min(time, kSameBoot),
        [](const Boot& boot, FileTime earliest) { return boot.filetime() < earliest; });
    return it != boots.end() && SameBoot(it->filetime(), time) ? &*it : nullptr;
  };
  const auto add = [&](FileTime time, std::string source) {
    if (time == 0 || boot_near(time) != nullptr) return;
    Boot boot;
    boot.set_filetime(time);
    boot.set_source(std::move(source));
    boot.set_cold(true);
    boots.push_back(std::move(boot));
  };
  struct Start {
    FileTime time;
    std::string source;
  };
  std::vector<Start> starts;
  for (const BootEvent& event : snapshot.event_logs().boots()) {
    if (!IsStart(event)) continue;
    starts.push_back({StartOf(event), absl::StrCat("System.evtx record ", event.record_id())});
  }
  for (const CbsMark& mark : snapshot.cbs_log().marks()) {
    if (mark.kind() == CbsMark::BOOTED) starts.push_back({mark.event_filetime(), "CBS.log"});
  }
  const FileTime live = LiveBoot(snapshot);
  if (live != 0 && std::none_of(starts.begin(), starts.end(),
                                [&](const Start& start) { return SameBoot(start.time, live); })) {
    starts.push_back({live, kLiveSource});
  }
  std::stable_sort(starts.begin(), starts.end(),
                   [](const Start& a, const Start& b) { return a.time < b.time; });
  for (Start& start : starts) add(start.time, std::move(start.source));

  for (const BootEvent& event : snapshot.event_logs().boots()) {
    Boot* boot = boot_near(event.filetime());
    if (boot == nullptr) continue;
    // Types 1 and 2 bring back a session that was saved: nothing that waits for a boot goes on.
    if (event.kind() == BootEvent::BOOT_TYPE && event.has_boot_type()) {
      boot->set_cold(event.boot_type() == 0);
    }
    // The others speak of the boot before.
    if (boot == &boots.front()) continue;
    Boot* before = boot - 1;
    if (event.kind() == BootEvent::BOOT_STATUS && event.has_last_boot_good()) {
      before->set_good(event.last_boot_good());
    }
    if ((event.kind() == BootEvent::BUGCHECK || event.kind() == BootEvent::POWER_LOST) &&
        event.bugcheck() != 0) {
      before->set_bugcheck(event.bugcheck());
    }
  }
  // A kernel that was started only once was resumed since, or the clock stood elsewhere.
  for (Boot& boot : boots) {
    if (live == 0 || boot.filetime() < live || SameBoot(boot.filetime(), live)) continue;
    if (!boot.cold()) continue;
    boot.set_cold(false);
    boot.set_source(absl::StrCat(boot.source(), ", Windows has run since ", FormatFileTime(live)));
  }
  return boots;
}

void SetPoint(When when, absl::string_view source, TimePoint* point) {
  if (when.time == 0 || when.time < point->filetime()) return;
  point->set_filetime(when.time);
  point->set_local(when.local);
  point->set_source(std::string(source));
}

// The last servicing session that is known to have finished.
void FindLastSession(const Snapshot& snapshot, const HostClock& clock, TimePoint* point) {
  for (const CbsSession& session : snapshot.cbs_sessions().sessions()) {
    if (session.complete() == 1) {
      SetPoint({session.key_written_filetime()}, "CBS\\SessionsPending", point);
    }
  }
  for (const JournalSession& session : snapshot.session_journal().sessions()) {
    if (session.has_complete()) SetPoint(clock.Of(session.complete()), "Sessions.xml", point);
  }
  for (const CbsLogSession& session : snapshot.cbs_log().sessions()) {
    if (session.has_finished()) SetPoint(clock.Of(session.finished()), "CBS.log", point);
  }
  for (const ServicingEvent& event : snapshot.event_logs().servicing()) {
    if (event.kind() == ServicingEvent::SUCCEEDED) {
      SetPoint({event.filetime()}, "Setup.evtx", point);
    }
  }
}

constexpr char kUpgradeSource[] = "SYSTEM\\Setup\\Source OS";

// Feature updates are no packages of servicing; Setup's own counters tell of them.
void AddFeatureUpdates(const Snapshot& snapshot, std::vector<Attempt>* attempts,
                       TimePoint* last_success) {
  const FeatureUpdates& facts = snapshot.feature_updates();
  FileTime upgraded = 0;
  for (const UpgradedFrom& upgrade : facts.upgrades()) {
    upgraded = std::max<FileTime>(upgraded, upgrade.key_written_filetime());
  }
  const auto add = [&](FileTime time, std::string build, const std::string& source,
                       uint32_t failures) {
    Attempt attempt;
    attempt.set_kind(Attempt::FEATURE_UPDATE);
    attempt.set_outcome(Attempt::FAILED);
    attempt.set_build(std::move(build));
    attempt.set_begun_filetime(time);
    attempt.set_last_filetime(time);
    attempt.set_consecutive_failures(failures);
    Phase* phase = attempt.add_phases();
    phase->set_name(std::string(SeenName(Seen::kFailed)));
    phase->set_filetime(time);
    phase->set_source(source);
    attempts->push_back(std::move(attempt));
  };
  for (const FailedInstallation& failed : facts.failed_installations()) {
    if (failed.count() == 0) continue;
    add(failed.key_written_filetime(), failed.build(), "SYSTEM\\Setup\\FailedInstallations",
        failed.count());
  }
  if (upgraded != 0) {
    Attempt attempt;
    attempt.set_kind(Attempt::FEATURE_UPDATE);
    attempt.set_outcome(Attempt::SUCCEEDED);
    attempt.set_build(snapshot.os().current_build());
    attempt.set_begun_filetime(upgraded);
    attempt.set_last_filetime(upgraded);
    Phase* phase = attempt.add_phases();
    phase->set_name(std::string(SeenName(Seen::kInstalled)));
    phase->set_filetime(upgraded);
    phase->set_source(kUpgradeSource);
    attempts->push_back(std::move(attempt));
    const auto index = static_cast<uint32_t>(attempts->size() - 1);
    // The new Windows has a component store of its own; what failed in the old one is gone with it.
    if (!IsPlausible(upgraded, snapshot)) return;
    for (Attempt& other : *attempts) {
      if (other.outcome() == Attempt::SUCCEEDED || other.has_superseded_by()) continue;
      if (DefinitelyAfter({upgraded}, {other.last_filetime(), other.local()})) {
        other.set_superseded_by(index);
      }
    }
    SetPoint({upgraded}, kUpgradeSource, last_success);
  }
}

// Sorts by begin and renumbers what supersedes what.
void SortAttempts(std::vector<Attempt>* attempts) {
  std::vector<uint32_t> order(attempts->size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = static_cast<uint32_t>(i);
  std::stable_sort(order.begin(), order.end(), [&](uint32_t a, uint32_t b) {
    return (*attempts)[a].begun_filetime() < (*attempts)[b].begun_filetime();
  });
  std::vector<uint32_t> place(order.size());
  for (size_t i = 0; i < order.size(); ++i) place[order[i]] = static_cast<uint32_t>(i);
  std::vector<Attempt> sorted;
  sorted.reserve(order.size());
  for (const uint32_t i : order) sorted.push_back(std::move((*attempts)[i]));
  for (Attempt& attempt : sorted) {
    if (attempt.has_superseded_by()) attempt.set_superseded_by(place[attempt.superseded_by()]);
  }
  *attempts = std::move(sorted);
}

class Entries {
 public:
  Entries(const HostClock& clock, Timeline* timeline) : clock_(clock), timeline_(timeline) {}

  void Add(When when, std::string source, std::string what) {
    if (when.time == 0) return;
    TimelineEntry* entry = timeline_->add_entries();
    entry->set_filetime(when.time);
    entry->set_local(when.local);
    entry->set_source(std::move(source));
    entry->set_what(std::move(what));
  }
  void Add(const Stamp& stamp, std::string source, std::string what) {
    Add(clock_.Of(stamp), std::move(source), std::move(what));
  }

 private:
  const HostClock& clock_;
  Timeline* timeline_;
};

std::string Hex(uint32_t hresult) { return absl::StrFormat("0x%08x", hresult); }

void AddEntries(const Snapshot& snapshot, const HostClock& clock, Timeline* timeline) {
  Entries entries(clock, timeline);
  for (const Boot& boot : timeline->boots()) {
    entries.Add(When{boot.filetime(), boot.local()}, boot.source(),
                absl::StrCat(boot.cold() ? "boot" : "resume from a saved session",
                             boot.has_good() && !boot.good() ? ", which failed" : "",
                             boot.bugcheck() != 0
                                 ? absl::StrCat(", ended by bugcheck ", Hex(boot.bugcheck()))
                                 : ""));
  }
  for (const Attempt& attempt : timeline->attempts()) {
    const std::string& name = !attempt.kb().empty()        ? attempt.kb()
                              : !attempt.package().empty() ? attempt.package()
                                                           : attempt.build();
    for (const Phase& phase : attempt.phases()) {
      entries.Add(When{phase.filetime(), phase.local()}, phase.source(),
                  absl::StrCat(name, ": ", phase.name(),
                               phase.has_hresult() ? absl::StrCat(" ", Hex(phase.hresult())) : ""));
    }
  }
  for (const CbsSession& session : snapshot.cbs_sessions().sessions()) {
    entries.Add(When{session.created_filetime()}, "CBS\\SessionsPending",
                absl::StrCat("session ", session.id(), " begun",
                             session.complete() == 1 ? "" : ", not finished"));
  }
  for (const CbsStartup& startup : snapshot.cbs_log().startups()) {
    const char* kind = startup.shutdown() ? "shutdown servicing" : "start-up servicing";
    entries.Add(startup.begun(), "CBS.log", absl::StrCat(kind, " begun"));
    if (startup.has_finished()) {
      entries.Add(startup.finished(), "CBS.log",
                  absl::StrCat(kind, " ended",
                               startup.has_result() ? absl::StrCat(" ", Hex(startup.result())) : "",
                               startup.rollback() ? ", rolled back" : ""));
    }
  }
  for (const CbsStoreCheck& check : snapshot.cbs_log().store_checks()) {
    entries.Add(check.time(), "CBS.log",
                absl::StrCat("store check", check.operation().empty() ? "" : ": ",
                             check.operation(), ", result ", Hex(check.result()), ", ",
                             check.detected(), " detected, ", check.repaired(), " repaired"));
  }
  for (const StoreRepairEvent& event : snapshot.event_logs().store_repairs()) {
    entries.Add(When{event.filetime()}, absl::StrCat("Setup.evtx record ", event.record_id()),
                event.has_total_corruption()
                    ? absl::StrCat("store repair: ", event.repaired(), " of ",
                                   event.total_corruption(), " repaired")
                    : "store repair begun");
  }
  for (const DismOutcome& outcome : snapshot.dism_log().outcomes()) {
    entries.Add(outcome.time(), "dism.log",
                absl::StrCat(outcome.text(), " ", Hex(outcome.hresult())));
  }
  for (const PoqexecFailure& failure : snapshot.poqexec_log().failures()) {
    entries.Add(When{failure.started_filetime()}, "poqexec.log",
                absl::StrCat(failure.operation(), " failed ", Hex(failure.status())));
  }
  const Collection& pending = snapshot.pending_xml().collection();
  if (pending.status() == Collection::COLLECTED) {
    entries.Add(When{pending.modified_filetime()}, pending.source(), "written");
  }
  for (const PendingXmlVariant& variant : snapshot.pending_xml().variants()) {
    entries.Add(When{variant.modified_filetime()}, absl::StrCat("Windows/WinSxS/", variant.name()),
                "written");
  }
  std::stable_sort(
      timeline->mutable_entries()->begin(), timeline->mutable_entries()->end(),
      [](const TimelineEntry& a, const TimelineEntry& b) { return a.filetime() < b.filetime(); });
}

const char* StatusName(const Collection& section) {
  switch (section.status()) {
    case Collection::COLLECTED:
      return "collected";
    case Collection::ABSENT:
      return "absent";
    case Collection::UNREADABLE:
      return "unreadable";
    default:
      return "not collected";
  }
}

void AddCoverage(const Snapshot& snapshot, const HostClock& clock, Timeline* timeline) {
  const auto add = [&](absl::string_view source, const Collection& section, When first, When last) {
    Coverage* coverage = timeline->add_coverage();
    coverage->set_source(std::string(source));
    coverage->set_status(StatusName(section));
    coverage->set_first_filetime(first.time);
    coverage->set_last_filetime(last.time);
    coverage->set_local(first.local || last.local);
  };
  for (const EventLogFile& file : snapshot.event_logs().files()) {
    add(file.name(), file.collection(), {file.first_filetime()}, {file.last_filetime()});
  }
  const CbsLog& log = snapshot.cbs_log();
  add("CBS.log", log.collection(), clock.Of(log.first()), clock.Of(log.last()));
  const SessionJournal& journal = snapshot.session_journal();
  When first, last;
  if (journal.sessions_size() > 0) {
    first = {journal.sessions(0).created_filetime()};
    last = {journal.sessions(journal.sessions_size() - 1).created_filetime()};
  }
  add("Sessions.xml", journal.journal(), first, last);
  const ReportingEvents& reporting = snapshot.reporting_events();
  first = last = {};
  if (reporting.events_size() > 0) {
    first = {reporting.events(0).filetime()};
    last = {reporting.events(reporting.events_size() - 1).filetime()};
  }
  add("ReportingEvents.log", reporting.collection(), first, last);
  const DismLog& dism = snapshot.dism_log();
  add("dism.log", dism.collection(), clock.Of(dism.first()), clock.Of(dism.last()));
}

}  // namespace

Timeline BuildTimeline(const Snapshot& snapshot) {
  Timeline timeline;
  const HostClock clock(snapshot);
  std::vector<When> boots;
  for (Boot& boot : FindBoots(snapshot)) {
    if (boot.cold() && IsPlausible(boot.filetime(), snapshot)) {
      boots.push_back({boot.filetime(), boot.local()});
      SetPoint(boots.back(), boot.source(), timeline.mutable_last_boot());
    }
    *timeline.add_boots() = std::move(boot);
  }
  if (const FileTime live = LiveBoot(snapshot); live != 0) {
    timeline.mutable_last_boot()->set_filetime(live);
    timeline.mutable_last_boot()->set_local(false);
    timeline.mutable_last_boot()->set_source(kLiveSource);
  }
  timeline.mutable_last_boot();
  FindLastSession(snapshot, clock, timeline.mutable_last_session());

  std::vector<Attempt> attempts = BuildAttempts(Observe(snapshot, clock), boots, snapshot);
  AddFeatureUpdates(snapshot, &attempts, timeline.mutable_last_cumulative_success());
  SortAttempts(&attempts);
  for (Attempt& attempt : attempts) {
    if (attempt.kind() == Attempt::CUMULATIVE) {
      SetPoint(InstalledAt(attempt, snapshot), attempt.phases(attempt.phases_size() - 1).source(),
               timeline.mutable_last_cumulative_success());
    }
    *timeline.add_attempts() = std::move(attempt);
  }
  for (Contradiction& c : FindContradictions(snapshot, timeline, clock)) {
    *timeline.add_contradictions() = std::move(c);
  }
  AddEntries(snapshot, clock, &timeline);
  AddCoverage(snapshot, clock, &timeline);
  return timeline;
}

}  // namespace patchgate::history
