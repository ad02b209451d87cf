#include "servicing/history/timeline.h"

#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "servicing/base/filetime.h"

namespace patchgate::history {
namespace {

constexpr char kRollup[] = "Package_for_RollupFix~31bf3856ad364e35~amd64~~26100.7462.1.9";
constexpr char kNewerRollup[] = "Package_for_RollupFix~31bf3856ad364e35~amd64~~26100.7623.1.10";
constexpr char kOlderRollup[] = "Package_for_RollupFix~31bf3856ad364e35~amd64~~26100.4946.1.12";

// "12-10 09:00" of 2025.
FileTime At(absl::string_view time) {
  return *ParseRfc3339(absl::StrCat("2025-", time.substr(0, 5), "T", time.substr(6), ":00Z"));
}

// A snapshot that is filled event by event.
class Host {
 public:
  ServicingEvent* Event(absl::string_view time, ServicingEvent::Kind kind, absl::string_view kb,
                        absl::string_view intended = "Installed",
                        absl::string_view client = "UpdateAgentLCU") {
    ServicingEvent* event = snapshot.mutable_event_logs()->add_servicing();
    event->set_kind(kind);
    event->set_filetime(At(time));
    event->set_package(std::string(kb));
    event->set_intended_state(std::string(intended));
    event->set_client(std::string(client));
    event->set_record_id(++records_);
    if (kind == ServicingEvent::FAILED) event->set_error_code(0x800F0922);
    return event;
  }
  void Begun(absl::string_view time, absl::string_view kb = "KB5072033") {
    Event(time, ServicingEvent::INITIATED, kb);
  }
  void Pended(absl::string_view time, absl::string_view kb = "KB5072033") {
    Event(time, ServicingEvent::REBOOT_NECESSARY, kb);
  }
  void Failed(absl::string_view time, absl::string_view kb = "KB5072033") {
    Event(time, ServicingEvent::FAILED, kb);
  }
  void Succeeded(absl::string_view time, absl::string_view kb = "KB5072033") {
    Event(time, ServicingEvent::SUCCEEDED, kb);
  }
  UpdateClientEvent* Agent(absl::string_view time, uint32_t id,
                           absl::string_view kb = "KB5072033") {
    UpdateClientEvent* event = snapshot.mutable_event_logs()->add_update_client();
    event->set_event_id(id);
    event->set_filetime(At(time));
    event->set_kb(std::string(kb));
    event->set_record_id(++records_);
    if (id == 20) event->set_error_code(0x80248007);
    return event;
  }
  void Boot(absl::string_view time, int type = 0) {
    BootEvent* event = snapshot.mutable_event_logs()->add_boots();
    event->set_kind(BootEvent::STARTED);
    event->set_filetime(At(time));
    event->set_record_id(++records_);
    event = snapshot.mutable_event_logs()->add_boots();
    event->set_kind(BootEvent::BOOT_TYPE);
    event->set_filetime(At(time) + kFileTimeTicksPerSecond);
    event->set_boot_type(static_cast<uint32_t>(type));
  }
  CbsPackage* Package(absl::string_view identity, uint32_t state, absl::string_view installed,
                      absl::string_view written = "") {
    CbsPackage* package = snapshot.mutable_cbs_packages()->add_packages();
    package->set_identity(std::string(identity));
    package->set_current_state(state);
    package->set_install_filetime(At(installed));
    package->set_key_written_filetime(At(written.empty() ? installed : written));
    return package;
  }
  // A session in the journal, which says which KB the package is.
  void Journal(absl::string_view begun, absl::string_view identity, absl::string_view kb) {
    JournalSession* session = snapshot.mutable_session_journal()->add_sessions();
    session->set_created_filetime(At(begun));
    JournalPackage* package = session->add_packages();
    package->set_id(std::string(identity));
    package->set_name(std::string(kb));
  }
  CbsStartup* Startup(absl::string_view time, uint32_t result) {
    CbsStartup* startup = snapshot.mutable_cbs_log()->add_startups();
    startup->mutable_begun()->set_filetime(At(time));
    startup->mutable_finished()->set_filetime(At(time) + 60 * kFileTimeTicksPerSecond);
    startup->set_result(result);
    return startup;
  }

  Timeline Build() const { return BuildTimeline(snapshot); }
  // "KB5072033 SUCCEEDED; KB… FAILED<": outcomes in order, '<' where something overtook it.
  std::string Outcomes() const {
    std::string out;
    const Timeline timeline = Build();
    for (const Attempt& attempt : timeline.attempts()) {
      absl::StrAppend(
          &out, out.empty() ? "" : "; ", attempt.kb().empty() ? attempt.package() : attempt.kb(),
          " ", Attempt::Outcome_Name(attempt.outcome()), attempt.has_superseded_by() ? "<" : "");
    }
    return out;
  }

  Snapshot snapshot;

 private:
  uint64_t records_ = 0;
};

TEST(Timeline, EmptySnapshotHasNoAttempts) {
  const Timeline timeline = BuildTimeline(Snapshot());
  EXPECT_EQ(timeline.attempts_size(), 0);
  EXPECT_EQ(timeline.last_boot().filetime(), 0u);
  EXPECT_EQ(timeline.contradictions_size(), 0);
}

TEST(Timeline, Outcomes) {
  const struct {
    const char* name;
    void (*fill)(Host& host);
    const char* outcomes;
  } kCases[] = {
      {"begun, pended, restarted, installed",
       [](Host& h) {
         h.Begun("12-10 09:00");
         h.Pended("12-10 09:02");
         h.Boot("12-10 14:00");
         h.Succeeded("12-10 14:28");
       },
       "KB5072033 SUCCEEDED"},
      {"failed before anything was changed",
       [](Host& h) {
         h.Begun("12-10 09:00");
         h.Failed("12-10 09:05");
       },
       "KB5072033 FAILED"},
      {"undone after the restart",
       [](Host& h) {
         h.Begun("12-10 09:00");
         h.Pended("12-10 09:02");
         h.Boot("12-10 14:00");
         h.Failed("12-10 14:28");
       },
       "KB5072033 ROLLED_BACK"},
      {"waits for its restart",
       [](Host& h) {
         h.Boot("12-10 08:00");
         h.Begun("12-10 09:00");
         h.Pended("12-10 09:02");
       },
       "KB5072033 PENDED"},
      {"a boot followed, and nothing else",
       [](Host& h) {
         h.Begun("12-10 09:00");
         h.Pended("12-10 09:02");
         h.Boot("12-10 14:00");
       },
       "KB5072033 NEVER_FINISHED"},
      {"fast start-up is no restart",
       [](Host& h) {
         h.Pended("12-10 09:02");
         h.Boot("12-10 14:00", 1);
       },
       "KB5072033 PENDED"},
      {"no result at all", [](Host& h) { h.Begun("12-10 09:00"); }, "KB5072033 INTERRUPTED"},
      {"staged with success is not installed",
       [](Host& h) {
         h.Begun("12-10 09:00");
         h.Event("12-10 09:01", ServicingEvent::SUCCEEDED, "KB5072033", "Staged");
       },
       "KB5072033 INTERRUPTED"},
      {"taken off with success is not installed",
       [](Host& h) {
         h.Event("12-10 09:00", ServicingEvent::INITIATED, "KB5072033", "Absent");
         h.Event("12-10 09:01", ServicingEvent::SUCCEEDED, "KB5072033", "Absent");
       },
       "KB5072033 REMOVED"},
      {"the clean-up after a failure is part of it",
       [](Host& h) {
         h.Begun("12-10 09:00");
         h.Failed("12-10 09:05");
         h.Event("12-10 09:06", ServicingEvent::INITIATED, "KB5072033", "Absent",
                 "AutoCorruptionRepair");
         h.Event("12-10 09:07", ServicingEvent::SUCCEEDED, "KB5072033", "Absent",
                 "AutoCorruptionRepair");
       },
       "KB5072033 FAILED"},
      {"the agent's word does not end a pended update",
       [](Host& h) {
         h.Agent("12-10 08:58", 43);
         h.Begun("12-10 09:00");
         h.Pended("12-10 09:02");
         h.Agent("12-10 09:03", 19);
         h.Boot("12-10 14:00");
       },
       "KB5072033 NEVER_FINISHED"},
      {"the agent reports the end of a pended update",
       [](Host& h) {
         h.Begun("12-10 09:00");
         h.Pended("12-10 09:02");
         h.Boot("12-10 14:00");
         h.Agent("12-10 14:05", 20)->set_error_code(0x80242016);
       },
       "KB5072033 ROLLED_BACK"},
      {"two tries",
       [](Host& h) {
         h.Begun("12-10 09:00");
         h.Failed("12-10 09:05");
         h.Begun("12-10 10:00");
         h.Failed("12-10 10:05");
       },
       "KB5072033 FAILED; KB5072033 FAILED"},
      {"second try succeeds",
       [](Host& h) {
         h.Begun("12-10 09:00");
         h.Failed("12-10 09:05");
         h.Begun("12-10 10:00");
         h.Succeeded("12-10 10:05");
         h.Package(kRollup, 112, "12-10 10:04");
       },
       "KB5072033 FAILED<; KB5072033 SUCCEEDED"},
      {"the clean-up of a pended update that hangs is no end of it",
       [](Host& h) {
         h.Begun("12-10 09:00");
         h.Pended("12-10 09:02");
         h.Boot("12-10 14:00");
         h.Event("12-10 14:10", ServicingEvent::INITIATED, "KB5072033", "Absent", "CbsTask");
         h.Event("12-10 14:11", ServicingEvent::SUCCEEDED, "KB5072033", "Absent",
                 "AutoCorruptionRepair");
       },
       "KB5072033 NEVER_FINISHED; KB5072033 REMOVED"},
      {"taking a pended update off is an attempt of its own",
       [](Host& h) {
         h.Pended("12-10 09:02");
         h.Event("12-10 09:30", ServicingEvent::INITIATED, "KB5072033", "Absent", "wusa");
         h.Event("12-10 09:31", ServicingEvent::SUCCEEDED, "KB5072033", "Absent", "wusa");
         h.Boot("12-10 14:00");
       },
       "KB5072033 NEVER_FINISHED; KB5072033 REMOVED"},
      {"a removal that never finished, though the update is still installed",
       [](Host& h) {
         h.Package(kRollup, 112, "11-10 09:00", "12-10 14:01");
         h.Event("12-10 09:00", ServicingEvent::INITIATED, kRollup, "Absent", "wusa");
         h.Event("12-10 09:02", ServicingEvent::REBOOT_NECESSARY, kRollup, "Absent", "wusa");
         h.Boot("12-10 14:00");
       },
       "Package_for_RollupFix~31bf3856ad364e35~amd64~~26100.7462.1.9 SUCCEEDED; "
       "Package_for_RollupFix~31bf3856ad364e35~amd64~~26100.7462.1.9 NEVER_FINISHED"},
      {"carried out, says the log, but a restart is due",
       [](Host& h) {
         CbsLogSession* session = h.snapshot.mutable_cbs_log()->add_sessions();
         session->mutable_begun()->set_filetime(At("12-10 09:00"));
         session->mutable_finished()->set_filetime(At("12-10 09:02"));
         session->set_result(0);
         session->set_reboot_required(true);
         CbsLogPackage* package = session->add_packages();
         package->set_identity(kRollup);
         package->set_identifier("KB5072033");
         package->set_result(0);
         package->mutable_time()->set_filetime(At("12-10 09:02"));
         h.Boot("12-10 14:00");
       },
       "KB5072033 NEVER_FINISHED"},
      {"a part of the update is installed, the update is not",
       [](Host& h) {
         h.Begun("12-10 09:00");
         CbsLogPackage* part = h.Startup("12-10 09:10", 0)->add_packages();
         part->set_identity("Package_4321_for_KB5072033~31bf3856ad364e35~amd64~~26100.7462.1.9");
         part->set_new_state("Installed");
         part->set_target_state("Installed");
         part->mutable_time()->set_filetime(At("12-10 09:10"));
       },
       "KB5072033 INTERRUPTED"},
      {"rolled back at start-up, told by CBS.log",
       [](Host& h) {
         h.Begun("12-10 09:00");
         h.Pended("12-10 09:02");
         h.Boot("12-10 14:00");
         h.Startup("12-10 14:01", 0)->set_rollback(true);
       },
       "KB5072033 ROLLED_BACK"},
      {"a start-up rollback of earlier does not touch it",
       [](Host& h) {
         h.Startup("12-10 08:01", 0)->set_rollback(true);
         h.Begun("12-10 09:00");
         h.Pended("12-10 09:02");
       },
       "KB5072033 PENDED"},
      {"installed, says the registry later, though the event is lost",
       [](Host& h) {
         h.Begun("12-10 09:00");
         h.Pended("12-10 09:02");
         h.Boot("12-10 14:00");
         h.Journal("12-10 09:00", kRollup, "KB5072033");
         h.Package(kRollup, 112, "12-10 09:01", "12-10 14:28");
       },
       "KB5072033 SUCCEEDED"},
      {"old logs name states in the host's language",
       [](Host& h) {
         h.Event("12-10 09:00", ServicingEvent::INITIATED, "KB5072033", "Installiert");
         h.Event("12-10 09:02", ServicingEvent::REBOOT_NECESSARY, "KB5072033", "Installiert");
         h.Boot("12-10 14:00");
         h.Event("12-10 14:28", ServicingEvent::SUCCEEDED, "KB5072033", "Installiert");
       },
       "KB5072033 SUCCEEDED"},
      {"a success with a failing code is none",
       [](Host& h) {
         h.Begun("12-10 09:00");
         h.Event("12-10 09:05", ServicingEvent::SUCCEEDED, "KB5072033")->set_error_code(0x800F0922);
       },
       "KB5072033 FAILED"},
      {"a failure with a code of success is none",
       [](Host& h) {
         h.Event("12-10 09:05", ServicingEvent::FAILED, "KB5072033")->set_error_code(0x00240006);
       },
       ""},
      {"start-up servicing finds a package superseded",
       [](Host& h) {
         CbsLogPackage* package = h.Startup("12-10 14:10", 0)->add_packages();
         package->set_identity(kOlderRollup);
         package->set_new_state("Superseded");
         package->set_target_state("Installed");
         package->set_result(0);
         package->mutable_time()->set_filetime(At("12-10 14:10"));
       },
       "Package_for_RollupFix~31bf3856ad364e35~amd64~~26100.4946.1.12 SUCCEEDED"},
      {"apps of the store are not servicing",
       [](Host& h) {
         h.Agent("12-10 09:00", 20)->set_service_guid("{855e8a7c-ecb4-4ca3-b045-1dfa50104289}");
       },
       ""},
      {"only the registry",
       [](Host& h) {
         h.Package(kOlderRollup, 80, "08-13 08:00");
         h.Package(kRollup, 112, "12-10 09:12");
       },
       "Package_for_RollupFix~31bf3856ad364e35~amd64~~26100.4946.1.12 SUCCEEDED; "
       "Package_for_RollupFix~31bf3856ad364e35~amd64~~26100.7462.1.9 SUCCEEDED"},
  };
  for (const auto& c : kCases) {
    Host host;
    c.fill(host);
    EXPECT_EQ(host.Outcomes(), c.outcomes) << c.name;
  }
}

TEST(Timeline, WhatOvertakesAFailure) {
  const auto rolled_back = [](Host& h) {
    h.Package(kRollup, 64, "12-10 14:28")->set_last_error(0x800F0922);
    h.Begun("12-10 09:00");
    h.Pended("12-10 09:02");
    h.Boot("12-10 14:00");
    h.Failed("12-10 14:28");
  };
  const struct {
    const char* name;
    void (*fill)(Host& host);
    bool overtaken;
  } kCases[] = {
      {"nothing", [](Host&) {}, false},
      {"newer cumulative update", [](Host& h) { h.Package(kNewerRollup, 112, "12-20 09:00"); },
       true},
      {"newer one, but installed before",
       [](Host& h) { h.Package(kNewerRollup, 112, "12-09 09:00"); }, false},
      {"older cumulative update, installed later",
       [](Host& h) { h.Package(kOlderRollup, 112, "12-20 09:00"); }, false},
      {"newer one, only staged", [](Host& h) { h.Package(kNewerRollup, 64, "12-20 09:00"); },
       false},
      {"newer one, only pended", [](Host& h) { h.Package(kNewerRollup, 96, "12-20 09:00"); },
       false},
      {"the same, says only the agent", [](Host& h) { h.Agent("12-20 09:00", 19); }, false},
      {"Windows was upgraded",
       [](Host& h) {
         h.snapshot.mutable_feature_updates()->add_upgrades()->set_key_written_filetime(
             At("12-20 09:00"));
       },
       true},
      {"Windows was upgraded before",
       [](Host& h) {
         h.snapshot.mutable_feature_updates()->add_upgrades()->set_key_written_filetime(
             At("12-09 09:00"));
       },
       false},
      {"newer one, says only the agent", [](Host& h) { h.Agent("12-20 09:00", 19, "KB5074109"); },
       false},
      {"a KB of unknown kind",
       [](Host& h) {
         h.Event("12-20 09:00", ServicingEvent::SUCCEEDED, "KB5001111", "Installed", "wusa");
       },
       false},
      {"cumulative by its client, of no known build",
       [](Host& h) { h.Succeeded("12-20 09:00", "KB5043080"); }, false},
      {"newer one by its events and in the registry",
       [](Host& h) {
         h.Succeeded("12-20 09:00", "KB5074109");
         h.Package(kNewerRollup, 112, "12-20 09:00");
       },
       true},
      {"newer one, told by CBS.log, but not in the registry",
       [](Host& h) {
         h.snapshot.mutable_cbs_packages()->mutable_collection()->set_status(Collection::COLLECTED);
         CbsLogPackage* package = h.Startup("12-20 09:00", 0)->add_packages();
         package->set_identity(kNewerRollup);
         package->set_new_state("Installed");
         package->set_target_state("Installed");
         package->mutable_time()->set_filetime(At("12-20 09:00"));
       },
       false},
      {"the same update, says an event, and the registry has it staged",
       [](Host& h) { h.Succeeded("12-20 09:00"); }, false},
      {"the servicing stack that comes under the same KB",
       [](Host& h) {
         h.Package("Package_for_ServicingStack_7620~31bf3856ad364e35~amd64~~26100.7620.1.0", 112,
                   "12-20 09:00");
         CbsLogSession* session = h.snapshot.mutable_cbs_log()->add_sessions();
         session->mutable_begun()->set_filetime(At("12-20 08:59"));
         CbsLogPackage* package = session->add_packages();
         package->set_identity(
             "Package_for_ServicingStack_7620~31bf3856ad364e35~amd64~~26100.7620.1.0");
         package->set_identifier("KB5072033");
         package->set_result(0);
         package->mutable_time()->set_filetime(At("12-20 09:00"));
       },
       false},
      {"another package",
       [](Host& h) {
         h.Event("12-20 09:00", ServicingEvent::SUCCEEDED,
                 "Microsoft-Windows-Foo-Package~31bf~amd64~~10.0.1.1");
       },
       false},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Host host;
    rolled_back(host);
    c.fill(host);
    bool seen = false;
    const Timeline timeline = host.Build();
    for (const Attempt& attempt : timeline.attempts()) {
      if (attempt.outcome() != Attempt::ROLLED_BACK) continue;
      seen = true;
      EXPECT_EQ(attempt.has_superseded_by(), c.overtaken) << host.Outcomes();
    }
    EXPECT_TRUE(seen) << host.Outcomes();
  }
}

// What a wrong clock wrote into the future makes nothing a matter of the past.
TEST(Timeline, TheFutureOvertakesNothing) {
  for (const bool believable : {true, false}) {
    Host host;
    host.snapshot.set_collected_filetime(At(believable ? "12-20 09:00" : "12-18 09:00"));
    host.Package(kOlderRollup, 80, "08-13 08:00");
    host.Begun("12-10 09:00");
    host.Failed("12-10 09:05");
    host.Boot("12-20 08:00");
    host.Package(kNewerRollup, 112, "12-20 09:00");
    const Timeline timeline = host.Build();
    ASSERT_EQ(timeline.attempts_size(), 3);
    EXPECT_EQ(timeline.attempts(1).has_superseded_by(), believable);
    EXPECT_EQ(timeline.last_cumulative_success().filetime(),
              At(believable ? "12-20 09:00" : "08-13 08:00"));
    EXPECT_EQ(timeline.last_boot().filetime(), believable ? At("12-20 08:00") : 0);
  }
}

TEST(Timeline, SupersedingAttemptIsTheRightOne) {
  Host host;
  host.Begun("12-10 09:00");
  host.Failed("12-10 09:05");
  host.Begun("12-11 09:00", "KB5074109");
  host.Succeeded("12-11 09:05", "KB5074109");
  host.Package(kNewerRollup, 112, "12-11 09:04");
  host.Package(kOlderRollup, 80, "08-13 08:00");
  const Timeline timeline = host.Build();
  ASSERT_EQ(timeline.attempts_size(), 3);
  EXPECT_EQ(timeline.attempts(1).kb(), "KB5072033");
  ASSERT_TRUE(timeline.attempts(1).has_superseded_by());
  EXPECT_EQ(timeline.attempts(timeline.attempts(1).superseded_by()).kb(), "KB5074109");
}

// A local clock can be half a day off: order closer than that is unknown, and unknown is no
// success.
TEST(Timeline, LocalTimesOrderNothingCloseBy) {
  for (const auto& [success, overtaken] :
       {std::make_pair("12-10 20:00", false), std::make_pair("12-11 09:00", true)}) {
    Host host;
    CbsFailureReport* report = host.snapshot.mutable_cbs_log()->add_failure_reports();
    report->set_package(kRollup);
    report->set_status(0x800F0922);
    report->mutable_time()->set_filetime(At("12-10 10:00"));
    report->mutable_time()->set_local(true);
    host.Package(kNewerRollup, 112, success);
    const Timeline timeline = host.Build();
    ASSERT_EQ(timeline.attempts_size(), 2) << success;
    EXPECT_EQ(timeline.attempts(0).has_superseded_by(), overtaken) << success;
  }
}

TEST(Timeline, TheLogsOffsetBringsLocalTimesToUtc) {
  Host host;
  host.snapshot.mutable_cbs_log()->add_files()->set_utc_offset_minutes(60);
  JournalSession* session = host.snapshot.mutable_session_journal()->add_sessions();
  session->mutable_complete()->set_filetime(At("12-10 10:00"));
  session->mutable_complete()->set_local(true);
  EXPECT_EQ(host.Build().last_session().filetime(), At("12-10 09:00"));
  EXPECT_FALSE(host.Build().last_session().local());
}

TEST(Timeline, ConsecutiveFailures) {
  Host host;
  for (const char* day : {"12-01", "12-02", "12-03"}) {
    host.Agent(absl::StrCat(day, " 09:00"), 43);
    host.Agent(absl::StrCat(day, " 09:05"), 20);
  }
  host.Agent("12-04 09:00", 20, "KB5001111");
  Timeline timeline = host.Build();
  ASSERT_EQ(timeline.attempts_size(), 4);
  EXPECT_EQ(timeline.attempts(0).kind(), Attempt::AGENT_ONLY);
  EXPECT_EQ(timeline.attempts(2).consecutive_failures(), 3u);
  EXPECT_EQ(timeline.attempts(3).consecutive_failures(), 1u);

  host.Agent("12-05 09:00", 43);
  host.Agent("12-05 09:05", 19);
  host.Agent("12-06 09:00", 43);
  host.Agent("12-06 09:05", 20);
  timeline = host.Build();
  ASSERT_EQ(timeline.attempts_size(), 6);
  EXPECT_TRUE(timeline.attempts(2).has_superseded_by());
  EXPECT_EQ(timeline.attempts(5).consecutive_failures(), 1u);
}

TEST(Timeline, KbAndPackageAreOneUpdate) {
  const struct {
    const char* name;
    void (*fill)(Host& host);
    int attempts;
  } kCases[] = {
      {"CBS.log names both",
       [](Host& h) {
         CbsLogSession* session = h.snapshot.mutable_cbs_log()->add_sessions();
         session->mutable_begun()->set_filetime(At("12-10 09:00"));
         CbsLogPackage* package = session->add_packages();
         package->set_identity(kRollup);
         package->set_identifier("KB5072033");
         package->set_result(0x80070BC2);
         package->mutable_time()->set_filetime(At("12-10 09:02"));
       },
       1},
      {"the journal names both", [](Host& h) { h.Journal("12-10 09:00", kRollup, "KB5072033"); },
       1},
      {"the times agree", [](Host&) {}, 1},
      {"two updates at one time",
       [](Host& h) { h.Event("12-10 14:20", ServicingEvent::SUCCEEDED, "KB5001111"); }, 3},
      {"another one of a client that installs anything",
       [](Host& h) {
         h.Event("12-10 14:20", ServicingEvent::SUCCEEDED, "KB5001111", "Installed",
                 "WindowsUpdateAgent");
       },
       2},
  };
  for (const auto& c : kCases) {
    Host host;
    host.Begun("12-10 09:00");
    host.Pended("12-10 09:02");
    host.Boot("12-10 14:00");
    host.Succeeded("12-10 14:28");
    host.Package(kRollup, 112, "12-10 14:27");
    c.fill(host);
    EXPECT_EQ(host.Build().attempts_size(), c.attempts) << c.name << ": " << host.Outcomes();
  }
}

// Of a failure of unknown build, and a success of unknown KB, nobody can say which is newer: it
// must at least be newer than what was there before.
TEST(Timeline, WithoutNumbersToCompareOnlyAStepForwardCounts) {
  const struct {
    const char* name;
    void (*fill)(Host& host);
    bool overtaken;
  } kCases[] = {
      {"step forward",
       [](Host& h) {
         h.Package(kOlderRollup, 80, "08-13 08:00");
         h.Package(kRollup, 112, "12-20 09:00");
       },
       true},
      {"nothing is known of before", [](Host& h) { h.Package(kRollup, 112, "12-20 09:00"); },
       false},
      {"the old one once more",
       [](Host& h) {
         h.Package(kRollup, 80, "11-10 08:00");
         h.Package(kOlderRollup, 112, "12-20 09:00");
       },
       false},
      {"a package that does not say when it was installed",
       [](Host& h) {
         h.Package(kOlderRollup, 80, "08-13 08:00");
         h.Package(kRollup, 112, "12-20 09:00")->clear_install_filetime();
       },
       false},
  };
  for (const auto& c : kCases) {
    Host host;
    host.Event("12-10 09:05", ServicingEvent::FAILED, "KB5072033", "Installed",
               "WindowsUpdateAgent");
    c.fill(host);
    const Timeline timeline = host.Build();
    for (const Attempt& attempt : timeline.attempts()) {
      if (attempt.outcome() != Attempt::FAILED) continue;
      EXPECT_EQ(attempt.has_superseded_by(), c.overtaken) << c.name << ": " << host.Outcomes();
    }
  }
}

// The log's own order holds where a clock was wrong for a while.
TEST(Timeline, RecordsOrderWhatAWrongClockConfuses) {
  Host host;
  host.Succeeded("08-13 08:00", "KB5063878");
  host.Package(kOlderRollup, 112, "08-13 08:00");
  host.Failed("01-01 00:05");  // The battery was empty.
  const Timeline timeline = host.Build();
  ASSERT_EQ(timeline.attempts_size(), 2);
  const bool failed_first = timeline.attempts(0).outcome() == Attempt::FAILED;
  const Attempt& failed = timeline.attempts(failed_first ? 0 : 1);
  EXPECT_EQ(failed.kb(), "KB5072033");
  EXPECT_EQ(failed.outcome(), Attempt::FAILED);
  EXPECT_FALSE(failed.has_superseded_by());
  ASSERT_EQ(timeline.contradictions_size(), 1);
  EXPECT_EQ(timeline.contradictions(0).subject(), "clock");
}

// A rollback that only its package's name tells of is not that of another KB of the same hour.
TEST(Timeline, AnotherUpdateOfTheSameHourIsNotTheCumulativeOne) {
  Host host;
  host.Event("12-10 14:05", ServicingEvent::INITIATED, "KB5001111", "Installed",
             "WindowsUpdateAgent");
  host.Event("12-10 14:20", ServicingEvent::SUCCEEDED, "KB5001111", "Installed",
             "WindowsUpdateAgent");
  CbsLogPackage* package = host.Startup("12-10 14:10", 0x800F0922)->add_packages();
  package->set_identity(kRollup);
  package->set_new_state("Staged");
  package->set_target_state("Installed");
  package->set_result(0x800F0922);
  package->mutable_time()->set_filetime(At("12-10 14:10"));
  EXPECT_EQ(host.Outcomes(),
            "KB5001111 SUCCEEDED; Package_for_RollupFix~31bf3856ad364e35~amd64~~26100.7462.1.9 "
            "ROLLED_BACK");
}

TEST(Timeline, TheCodeOfServicingCountsBeforeTheAgents) {
  Host host;
  host.Begun("12-10 09:00");
  host.Agent("12-10 09:05", 20)->set_error_code(0x80246007);
  host.Failed("12-10 09:20");
  const Timeline timeline = host.Build();
  ASSERT_EQ(timeline.attempts_size(), 1);
  EXPECT_EQ(timeline.attempts(0).hresult(), 0x800F0922u);
}

TEST(Timeline, Kinds) {
  const struct {
    const char* name;
    void (*fill)(Host& host);
    Attempt::Kind kind;
  } kCases[] = {
      {"by package", [](Host& h) { h.Package(kRollup, 112, "12-10 09:00"); }, Attempt::CUMULATIVE},
      {"by client", [](Host& h) { h.Failed("12-10 09:00"); }, Attempt::CUMULATIVE},
      {"servicing stack, whatever its client",
       [](Host& h) {
         h.Package("Package_for_ServicingStack_7620~31bf~amd64~~26100.7620.1.0", 112, "12-10 09:00")
             ->set_install_client("UpdateAgentLCU");
       },
       Attempt::SERVICING_STACK},
      {"a KB of a client that installs anything",
       [](Host& h) {
         h.Event("12-10 09:00", ServicingEvent::FAILED, "KB5001111", "Installed",
                 "WindowsUpdateAgent");
       },
       Attempt::UNKNOWN_KB},
      {"the same, with the name of a part of it",
       [](Host& h) {
         h.Event("12-10 09:00", ServicingEvent::FAILED, "KB5001111", "Installed",
                 "WindowsUpdateAgent");
         CbsFailureReport* report = h.snapshot.mutable_cbs_log()->add_failure_reports();
         report->set_package("Package_4321_for_KB5001111~31bf3856ad364e35~amd64~~26100.7462.1.9");
         report->set_status(0x800F0922);
         report->mutable_time()->set_filetime(At("12-10 09:00"));
       },
       Attempt::UNKNOWN_KB},
      {"a package with its KB in its name",
       [](Host& h) {
         h.Package("Package_for_KB5054156~31bf~amd64~~26100.1.1.0", 112, "12-10 09:00");
       },
       Attempt::UNKNOWN_KB},
      {"a feature",
       [](Host& h) {
         h.Event("12-10 09:00", ServicingEvent::FAILED,
                 "Microsoft-Foo-Package~31bf~amd64~~10.0.1.1");
       },
       Attempt::OTHER_PACKAGE},
      {"only the agent", [](Host& h) { h.Agent("12-10 09:00", 20); }, Attempt::AGENT_ONLY},
      {"only the agent, with a code that servicing gave it",
       [](Host& h) { h.Agent("12-10 09:00", 20)->set_error_code(0x80073712); },
       Attempt::UNKNOWN_KB},
  };
  for (const auto& c : kCases) {
    Host host;
    c.fill(host);
    const Timeline timeline = host.Build();
    ASSERT_EQ(timeline.attempts_size(), 1) << c.name;
    EXPECT_EQ(timeline.attempts(0).kind(), c.kind) << c.name;
  }
}

TEST(Timeline, Boots) {
  Host host;
  host.Boot("12-10 08:00");
  host.Boot("12-10 14:00");
  host.Boot("12-11 08:00", 1);
  // The log tells of the same boot.
  CbsMark* mark = host.snapshot.mutable_cbs_log()->add_marks();
  mark->set_kind(CbsMark::BOOTED);
  mark->set_event_filetime(At("12-10 14:01"));
  BootEvent* status = host.snapshot.mutable_event_logs()->add_boots();
  status->set_kind(BootEvent::BOOT_STATUS);
  status->set_filetime(At("12-10 14:00"));
  status->set_last_boot_good(false);
  BootEvent* bugcheck = host.snapshot.mutable_event_logs()->add_boots();
  bugcheck->set_kind(BootEvent::BUGCHECK);
  bugcheck->set_filetime(At("12-10 14:02"));
  bugcheck->set_bugcheck(0xED);
  const Timeline timeline = host.Build();
  ASSERT_EQ(timeline.boots_size(), 3);
  EXPECT_TRUE(timeline.boots(0).has_good());
  EXPECT_FALSE(timeline.boots(0).good());
  EXPECT_EQ(timeline.boots(0).bugcheck(), 0xEDu);
  EXPECT_FALSE(timeline.boots(1).has_good());
  EXPECT_FALSE(timeline.boots(2).cold());
  EXPECT_EQ(timeline.last_boot().filetime(), At("12-10 14:00"));
}

// "12-10 08:00 cold; 12-10 14:00": the boots, and which of them count.
std::string BootsOf(const Timeline& timeline) {
  std::string text;
  for (const Boot& boot : timeline.boots()) {
    absl::StrAppend(&text, text.empty() ? "" : "; ", FormatFileTime(boot.filetime()).substr(5, 11),
                    boot.cold() ? " cold" : "");
  }
  return text;
}

TEST(Timeline, TheRunningWindowsKnowsItsBoot) {
  const struct {
    const char* name;
    std::vector<const char*> logged;
    const char* live;
    const char *last, *boots;
  } kCases[] = {
      {"not running", {"12-10 08:00"}, nullptr, "12-10T08:00", "12-10T08:00 cold"},
      {"no logs", {}, "12-10 08:00", "12-10T08:00", "12-10T08:00 cold"},
      {"the same boot", {"12-10 08:01"}, "12-10 08:00", "12-10T08:00", "12-10T08:01 cold"},
      {"the logs end before it",
       {"12-09 08:00"},
       "12-10 08:00",
       "12-10T08:00",
       "12-09T08:00 cold; 12-10T08:00 cold"},
      {"fast start-ups that the logs take for boots",
       {"12-10 08:00", "12-11 08:00", "12-12 08:00"},
       "12-10 08:00",
       "12-10T08:00",
       "12-10T08:00 cold; 12-11T08:00; 12-12T08:00"},
      {"the clock was ahead at boot",
       {"12-09 08:00", "12-10 10:00"},
       "12-10 08:00",
       "12-10T08:00",
       "12-09T08:00 cold; 12-10T08:00 cold; 12-10T10:00"},
      {"a boot in the future is none",
       {"12-10 08:00"},
       "12-30 08:00",
       "12-10T08:00",
       "12-10T08:00 cold"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Host host;
    host.snapshot.set_collected_filetime(At("12-16 18:00"));
    for (const char* boot : c.logged) host.Boot(boot);
    if (c.live != nullptr) host.snapshot.mutable_live_host()->set_boot_filetime(At(c.live));
    const Timeline timeline = host.Build();
    EXPECT_EQ(FormatFileTime(timeline.last_boot().filetime()).substr(5, 11), c.last);
    EXPECT_EQ(BootsOf(timeline), c.boots);
  }
}

// The ticks since the start stand still while a virtual machine is saved, and drift in long runs.
TEST(Timeline, ALiveBootThatTheSystemLogDoesNotKnow) {
  const struct {
    const char* name;
    const char *live, *first, *end;  // Records of System.evtx, which tells of a boot 12-02 08:00.
    bool damaged;
    const char *last, *boots;
  } kCases[] = {
      {"saved for four days", "12-06 08:00", "12-01 08:00", "12-30 17:00", false, "12-02T08:00",
       "12-02T08:00 cold"},
      {"a damaged log may have lost the boot", "12-06 08:00", "12-01 08:00", "12-30 17:00", true,
       "12-06T08:00", "12-02T08:00 cold; 12-06T08:00 cold"},
      {"the log ends before it", "12-06 08:00", "12-01 08:00", "12-05 17:00", false, "12-06T08:00",
       "12-02T08:00 cold; 12-06T08:00 cold"},
      {"the clock was ahead at boot", "12-02 06:00", "12-01 08:00", "12-30 17:00", false,
       "12-02T06:00", "12-02T06:00 cold; 12-02T08:00"},
      {"some seconds late", "12-02 08:01", "12-01 08:00", "12-30 17:00", false, "12-02T08:00",
       "12-02T08:00 cold"},
      {"drifted to later", "12-02 08:07", "12-01 08:00", "12-30 17:00", false, "12-02T08:00",
       "12-02T08:00 cold"},
      {"drifted to earlier", "12-02 07:53", "12-01 08:00", "12-30 17:00", false, "12-02T08:00",
       "12-02T08:00 cold"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Host host;
    host.snapshot.set_collected_filetime(At("12-30 18:00"));
    host.Boot("12-02 08:00");
    EventLogFile* log = host.snapshot.mutable_event_logs()->add_files();
    log->set_name("System.evtx");
    log->mutable_collection()->set_status(Collection::COLLECTED);
    if (c.damaged) log->mutable_collection()->add_gaps()->set_what("a chunk is damaged");
    log->set_first_filetime(At(c.first));
    log->set_last_filetime(At(c.end));
    host.snapshot.mutable_live_host()->set_boot_filetime(At(c.live));
    const Timeline timeline = host.Build();
    EXPECT_EQ(FormatFileTime(timeline.last_boot().filetime()).substr(5, 11), c.last);
    EXPECT_EQ(BootsOf(timeline), c.boots);
  }
}

TEST(Timeline, WhatTheLogsTellOfALaterBootIsSaid) {
  Host host;
  host.Boot("12-10 14:00");
  host.snapshot.mutable_live_host()->set_boot_filetime(At("12-10 08:00"));
  const Timeline timeline = host.Build();
  EXPECT_EQ(timeline.last_boot().source(), "the running Windows");
  ASSERT_EQ(timeline.boots_size(), 2);
  EXPECT_EQ(timeline.boots(1).source(),
            "System.evtx record 1, Windows has run since 2025-12-10T08:00:00Z");
}

// The boot that an update waited for is known without logs.
TEST(Timeline, TheLiveBootFinishesNothing) {
  Host host;
  host.Begun("12-10 09:00");
  host.Pended("12-10 09:02");
  EXPECT_EQ(host.Outcomes(), "KB5072033 PENDED");
  host.snapshot.mutable_live_host()->set_boot_filetime(At("12-10 14:00"));
  EXPECT_EQ(host.Outcomes(), "KB5072033 NEVER_FINISHED");
}

TEST(Timeline, FeatureUpdates) {
  Host host;
  FailedInstallation* failed = host.snapshot.mutable_feature_updates()->add_failed_installations();
  failed->set_build("10.0.19041.207");
  failed->set_count(4);
  failed->set_key_written_filetime(At("06-01 10:00"));
  ASSERT_EQ(host.Build().attempts_size(), 1);
  EXPECT_EQ(host.Build().attempts(0).consecutive_failures(), 4u);
  EXPECT_FALSE(host.Build().attempts(0).has_superseded_by());
  host.snapshot.mutable_feature_updates()->add_upgrades()->set_key_written_filetime(
      At("07-01 10:00"));
  EXPECT_EQ(host.Outcomes(), " FAILED<;  SUCCEEDED");
}

TEST(Timeline, Contradictions) {
  const struct {
    const char* name;
    void (*fill)(Host& host);
    const char* subject;  // "" for none.
    bool explained;
  } kCases[] = {
      {"revision agrees",
       [](Host& h) {
         h.snapshot.mutable_os()->set_ubr(7462);
         h.Package(kRollup, 112, "12-10 09:00");
       },
       "", false},
      {"revision behind the installed package",
       [](Host& h) {
         h.snapshot.mutable_os()->set_ubr(4946);
         h.Package(kRollup, 112, "12-10 09:00");
       },
       "revision of the build", false},
      {"revision ahead, as a hotpatch leaves it",
       [](Host& h) {
         h.snapshot.mutable_os()->set_ubr(7781);
         h.Package(kRollup, 112, "12-10 09:00");
       },
       "revision of the build", true},
      {"a pended package is no claim",
       [](Host& h) {
         h.snapshot.mutable_os()->set_ubr(4946);
         h.Package(kRollup, 96, "12-10 09:00");
       },
       "", false},
      {"session complete in the journal only",
       [](Host& h) {
         CbsSession* session = h.snapshot.mutable_cbs_sessions()->add_sessions();
         session->set_id("1_2");
         session->set_complete(0);
         JournalSession* entry = h.snapshot.mutable_session_journal()->add_sessions();
         entry->set_id("1_2");
         entry->mutable_complete()->set_filetime(At("12-10 09:00"));
       },
       "session 1_2", false},
      {"pending.xml that the log saw deleted",
       [](Host& h) {
         Collection* file = h.snapshot.mutable_pending_xml()->mutable_collection();
         file->set_status(Collection::COLLECTED);
         file->set_modified_filetime(At("12-10 09:00"));
         h.Startup("12-10 14:00", 0)->set_pending_deleted(true);
       },
       "pending.xml", false},
      {"pending.xml of a later update",
       [](Host& h) {
         Collection* file = h.snapshot.mutable_pending_xml()->mutable_collection();
         file->set_status(Collection::COLLECTED);
         file->set_modified_filetime(At("12-10 19:00"));
         h.Startup("12-10 14:00", 0)->set_pending_deleted(true);
       },
       "", false},
      {"stack taken back",
       [](Host& h) {
         h.snapshot.mutable_servicing_stack()->add_versions()->set_version("10.0.26100.4946");
         CbsMark* mark = h.snapshot.mutable_cbs_log()->add_marks();
         mark->set_kind(CbsMark::STACK_LOADED);
         mark->set_subject("10.0.26100.7295");
       },
       "servicing stack", false},
      {"stack renewed",
       [](Host& h) {
         h.snapshot.mutable_servicing_stack()->add_versions()->set_version("10.0.26100.7295");
         CbsMark* mark = h.snapshot.mutable_cbs_log()->add_marks();
         mark->set_kind(CbsMark::STACK_LOADED);
         mark->set_subject("10.0.26100.4946");
       },
       "", false},
      {"agent says installed, servicing rolled back",
       [](Host& h) {
         h.Begun("12-10 09:00");
         h.Pended("12-10 09:02");
         h.Agent("12-10 09:03", 19);
         h.Boot("12-10 14:00");
         h.Failed("12-10 14:28");
       },
       "KB5072033", true},
      {"installed by event, staged by registry",
       [](Host& h) {
         h.Begun("12-10 09:00");
         h.Succeeded("12-10 09:28");
         h.Package(kRollup, 64, "12-10 09:10");
       },
       kRollup, false},
      {"installed by event, unknown to the registry",
       [](Host& h) {
         h.snapshot.mutable_cbs_packages()->mutable_collection()->set_status(Collection::COLLECTED);
         h.Package(kOlderRollup, 112, "08-13 08:00");
         h.Begun("12-10 09:00");
         h.Succeeded("12-10 09:28");
       },
       "KB5072033", false},
      {"installed and taken off again",
       [](Host& h) {
         h.snapshot.mutable_cbs_packages()->mutable_collection()->set_status(Collection::COLLECTED);
         h.Package(kOlderRollup, 112, "08-13 08:00");
         h.Begun("12-10 09:00");
         h.Succeeded("12-10 09:28");
         h.Event("12-12 09:00", ServicingEvent::SUCCEEDED, "KB5072033", "Absent");
       },
       "", false},
      {"pended by event, installed by registry",
       [](Host& h) {
         h.Begun("12-10 09:00");
         h.Pended("12-10 09:02");
         h.Boot("12-10 14:00");
         h.Journal("12-10 09:00", kRollup, "KB5072033");
         h.Package(kRollup, 112, "12-10 09:01", "12-10 14:28");
       },
       kRollup, false},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    Host host;
    c.fill(host);
    const Timeline timeline = host.Build();
    if (*c.subject == '\0') {
      EXPECT_EQ(timeline.contradictions_size(), 0) << timeline.DebugString();
      continue;
    }
    ASSERT_EQ(timeline.contradictions_size(), 1) << timeline.DebugString();
    EXPECT_EQ(timeline.contradictions(0).subject(), c.subject);
    EXPECT_EQ(timeline.contradictions(0).explained(), c.explained);
  }
}

TEST(Timeline, EntriesAreInTimeOrderAndNameTheirSource) {
  Host host;
  host.Boot("12-10 14:00");
  host.Begun("12-10 09:00");
  host.Pended("12-10 09:02");
  host.Startup("12-10 14:01", 0);
  const Timeline timeline = host.Build();
  ASSERT_GE(timeline.entries_size(), 4);
  for (int i = 0; i < timeline.entries_size(); ++i) {
    EXPECT_FALSE(timeline.entries(i).source().empty());
    if (i == 0) continue;
    EXPECT_GE(timeline.entries(i).filetime(), timeline.entries(i - 1).filetime());
  }
}

// Tens of thousands of events of one update, or of as many updates: no more than a moment.
TEST(Timeline, ManyEvents) {
  for (const int updates : {1, 20'000}) {
    Host host;
    for (int i = 0; i < 20'000; ++i) {
      ServicingEvent* event = host.Event("12-10 09:00", ServicingEvent::REBOOT_NECESSARY,
                                         absl::StrCat("KB", 1'000'000 + i % updates));
      event->set_filetime(event->filetime() + static_cast<FileTime>(i) * kFileTimeTicksPerSecond);
    }
    for (int i = 0; i < 500; ++i) host.Startup("12-10 09:30", 0)->set_rollback(true);
    EXPECT_GE(host.Build().attempts_size(), updates);
  }
}

// As many failures of a build that none of as many successes reaches, all in one hour.
TEST(Timeline, ManyBuilds) {
  Host host;
  for (int i = 0; i < 20'000; ++i) {
    host.Package(absl::StrCat("Package_for_RollupFix~31bf~amd64~~26100.", 90'000 + i, ".1.1"), 64,
                 "12-10 09:00")
        ->set_last_error(0x800F0922);
    host.Package(absl::StrCat("Package_for_RollupFix~31bf~amd64~~26100.", i, ".1.1"), 112,
                 "12-10 09:20");
    host.Failed("12-10 09:10", absl::StrCat("KB", 1'000'000 + i % 2));
  }
  EXPECT_EQ(host.Build().attempts_size(), 40'002);
}

}  // namespace
}  // namespace patchgate::history
