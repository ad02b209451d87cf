#include "gate/checks/log_testing.h"

namespace patchgate::gate::checks {
namespace {

void Set(Collection::Status status, absl::string_view source, Collection* section) {
  section->Clear();
  section->set_status(status);
  section->set_source(std::string(source));
  if (status == Collection::ABSENT) section->set_reason("not found");
}

}  // namespace

Snapshot HealthyWithLogs() {
  Snapshot snapshot = CollectFrom(FakeVolume().Build());
  CbsLog* log = snapshot.mutable_cbs_log();
  log->Clear();
  Set(Collection::COLLECTED, "Windows/Logs/CBS", log->mutable_collection());
  CbsLogFile* live = log->add_files();
  live->set_lines(1000);
  Set(Collection::COLLECTED, "Windows/Logs/CBS/CBS.log", live->mutable_collection());

  EventLogs* events = snapshot.mutable_event_logs();
  events->Clear();
  Set(Collection::COLLECTED, "Windows/System32/winevt/Logs", events->mutable_collection());
  for (const char* name : {"Setup.evtx", "System.evtx"}) {
    EventLogFile* file = events->add_files();
    file->set_name(name);
    file->set_last_filetime(testdata::Time("2025-12-16T17:55:00Z"));
    Set(Collection::COLLECTED, absl::StrCat("Windows/System32/winevt/Logs/", name),
        file->mutable_collection());
  }

  PoqexecLog* poqexec = snapshot.mutable_poqexec_log();
  poqexec->Clear();
  Set(Collection::ABSENT, "Windows/WinSxS/poqexec.log", poqexec->mutable_collection());

  SessionJournal* journal = snapshot.mutable_session_journal();
  journal->Clear();
  Set(Collection::COLLECTED, "Windows/servicing/Sessions", journal->mutable_collection());
  Set(Collection::ABSENT, "Windows/servicing/Sessions/Sessions.xml", journal->mutable_journal());

  StoreFolders* folders = snapshot.mutable_store_folders();
  folders->clear_queues();
  for (const char* name : {"PendingDeletes", "PendingRenames", "InFlight"}) {
    StoreQueue* queue = folders->add_queues();
    queue->set_name(name);
    Set(Collection::COLLECTED, absl::StrCat("Windows/WinSxS/Temp/", name),
        queue->mutable_collection());
  }

  LastStack* stack = snapshot.mutable_last_stack();
  stack->Clear();
  Set(Collection::COLLECTED, "COMPONENTS\\ServicingStackVersions", stack->mutable_collection());
  stack->set_last_wcp_version("10.0.26100.7295 (WinBuild.160101.0800)");
  return snapshot;
}

void ForgetSuccess(Snapshot* snapshot) { snapshot->mutable_cbs_packages()->clear_packages(); }

void AddBoot(absl::string_view time, Snapshot* snapshot) {
  BootEvent* event = snapshot->mutable_event_logs()->add_boots();
  event->set_kind(BootEvent::STARTED);
  event->set_record_id(800 + snapshot->event_logs().boots_size());
  event->set_filetime(testdata::Time(time));
  event->set_started_filetime(testdata::Time(time));
}

CbsMark* AddMark(CbsMark::Kind kind, absl::string_view time, absl::string_view text,
                 Snapshot* snapshot) {
  CbsMark* mark = snapshot->mutable_cbs_log()->add_marks();
  mark->set_kind(kind);
  mark->set_text(std::string(text));
  mark->set_count(1);
  mark->mutable_first()->set_filetime(testdata::Time(time));
  mark->mutable_last()->set_filetime(testdata::Time(time));
  return mark;
}

void RunCases(absl::string_view id, const std::vector<SnapshotCase>& cases) {
  for (const SnapshotCase& c : cases) {
    SCOPED_TRACE(c.name);
    Snapshot snapshot = HealthyWithLogs();
    c.change(&snapshot);
    const Finding finding = RunCheck(id, snapshot);
    EXPECT_THAT(finding, ResultIs(c.result));
    EXPECT_THAT(finding, SummaryHas(c.summary));
    for (const auto& [where, what] : c.evidence) EXPECT_THAT(finding, HasEvidence(where, what));
  }
}

void ExpectNeedsSection(absl::string_view id,
                        const std::function<Collection*(Snapshot* snapshot)>& section,
                        Finding::Result when_absent) {
  const auto expect = [&](const char* name, Finding::Result result,
                          const std::function<void(Collection*)>& change) {
    SCOPED_TRACE(name);
    Snapshot snapshot = HealthyWithLogs();
    change(section(&snapshot));
    const Finding finding = RunCheck(id, snapshot);
    EXPECT_THAT(finding, ResultIs(result));
    if (result == Finding::INDETERMINATE) {
      EXPECT_FALSE(finding.evidence().empty());
    }
  };
  expect("never looked at", Finding::INDETERMINATE, [](Collection* c) { c->Clear(); });
  expect("unreadable", Finding::INDETERMINATE, [](Collection* c) {
    c->set_status(Collection::UNREADABLE);
    c->set_reason("access denied");
  });
  expect("damaged", Finding::INDETERMINATE, [](Collection* c) {
    c->set_status(Collection::COLLECTED);
    Gap* gap = c->add_gaps();
    gap->set_where("at 0x1000");
    gap->set_what("a page of zeros");
  });
  expect("absent", when_absent, [](Collection* c) {
    const std::string source = c->source();
    Set(Collection::ABSENT, source, c);
  });
}

void ExpectNeedsCbsLog(absl::string_view id) {
  ExpectNeedsSection(id, [](Snapshot* s) { return s->mutable_cbs_log()->mutable_collection(); });
  // A predecessor that was rotated away is no damage.
  ExpectNeedsSection(
      id, [](Snapshot* s) { return s->mutable_cbs_log()->mutable_files(0)->mutable_collection(); },
      RunCheck(id, HealthyWithLogs()).result());
}

void ExpectNeedsSystemEvents(absl::string_view id) {
  ExpectNeedsSection(id, [](Snapshot* s) {
    return s->mutable_event_logs()->mutable_files(1)->mutable_collection();
  });
  Snapshot snapshot = HealthyWithLogs();
  snapshot.mutable_event_logs()->clear_files();
  EXPECT_THAT(RunCheck(id, snapshot), ResultIs(Finding::INDETERMINATE));
}

}  // namespace patchgate::gate::checks
