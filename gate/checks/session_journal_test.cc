#include "gate/checks/log_testing.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace patchgate::gate::checks {
namespace {

constexpr char kId[] = "cbs.session-journal";
constexpr char kSession[] = "31222222_1111";

void SetTime(const char* time, Stamp* stamp) {
  stamp->set_filetime(testdata::Time(time));
  stamp->set_local(true);
}

JournalSession* AddSession(const char* id, const char* created, Snapshot* snapshot) {
  SessionJournal* journal = snapshot->mutable_session_journal();
  journal->mutable_journal()->set_status(Collection::COLLECTED);
  JournalSession* session = journal->add_sessions();
  session->set_id(id);
  session->set_created_filetime(testdata::Time(created));
  session->set_client("UpdateAgentLCU");
  session->set_last_successful_state("Pended");
  return session;
}

JournalSession* AddComplete(const char* id, const char* created, Snapshot* snapshot) {
  JournalSession* session = AddSession(id, created, snapshot);
  session->set_last_successful_state("Complete");
  session->set_status(0);
  SetTime(created, session->mutable_complete());
  return session;
}

void AddFile(const char* modified, Snapshot* snapshot) {
  SessionFile* file = snapshot->mutable_session_journal()->add_files();
  file->set_name(absl::StrCat(kSession, ".xml"));
  file->set_created_filetime(testdata::Time(kLongBefore));
  file->set_size(4096);
  if (*modified != '\0') file->set_modified_filetime(testdata::Time(modified));
}

void AddToRegistry(absl::optional<uint32_t> complete, Snapshot* snapshot) {
  CbsSession* session = snapshot->mutable_cbs_sessions()->add_sessions();
  session->set_id(kSession);
  session->set_created_filetime(testdata::Time(kAfter));
  if (complete) session->set_complete(*complete);
}

TEST(SessionJournal, JudgesTheNewestSession) {
  RunCases(
      kId,
      std::vector<SnapshotCase>{
          {"no journal", [](Snapshot*) {}, Finding::NOT_APPLICABLE, "there is no journal"},
          {"complete", [](Snapshot* s) { AddComplete(kSession, kAfter, s); }, Finding::PASS,
           "the newest session in the journal is complete"},
          {"not complete",
           [](Snapshot* s) { AddSession(kSession, kAfter, s); },
           Finding::WARN,
           "31222222_1111 of 2025-12-12T10:00:00Z is the newest, and has no end",
           {{"Sessions.xml session 31222222_1111",
             "lastSuccessfulState Pended, no Complete, client UpdateAgentLCU"}}},
          {"not complete, but a newer one is",
           [](Snapshot* s) {
             AddSession(kSession, kAfter, s);
             AddComplete("31222223_1", kAfterBoot, s);
           },
           Finding::PASS, "complete"},
          {"not complete, an update since", [](Snapshot* s) { AddSession(kSession, kBefore, s); },
           Finding::INFO, "a cumulative update was installed since"},
          {"not complete, the registry knows better",
           [](Snapshot* s) {
             AddSession(kSession, kAfter, s);
             AddToRegistry(1, s);
           },
           Finding::INFO, "the registry has it as complete"},
          {"failed", [](Snapshot* s) { AddComplete(kSession, kAfter, s)->set_status(0x800F0922); },
           Finding::WARN, "ended with 0x800f0922 (CBS_E_INSTALLERS_FAILED)"},
          {"failed, within 14 hours of the update, in local time",
           [](Snapshot* s) {
             AddComplete(kSession, "2025-12-09T23:00:00Z", s)->set_status(0x800F0922);
           },
           Finding::WARN, "2025-12-09T23:00:00 local time is the newest"},
          {"failed, an update since",
           [](Snapshot* s) { AddComplete(kSession, kLongBefore, s)->set_status(0x800F0922); },
           Finding::INFO, "installed since"},
          {"follower",
           [](Snapshot* s) { AddComplete(kSession, kAfter, s)->set_pending_follower(true); },
           Finding::WARN,
           "has a follower that was still to come",
           {{"Sessions.xml", "pendingFollower"}}},
          {"follower of long ago",
           [](Snapshot* s) {
             AddComplete("31000000_1", kLongBefore, s)->set_pending_follower(true);
             AddComplete(kSession, kAfter, s);
           },
           Finding::INFO, "installed since"},
      });
}

TEST(SessionJournal, JudgesSessionFiles) {
  const std::string file = absl::StrCat("Sessions/", kSession, ".xml");
  RunCases(
      kId,
      std::vector<SnapshotCase>{
          {"old, unfinished in the registry",
           [](Snapshot* s) {
             AddBoot(kLastBoot, s);
             AddFile(kAfter, s);
             AddToRegistry(0, s);
           },
           Finding::BLOCK,
           "from before the boot of 2025-12-14T07:20:00Z, and the session is unfinished in the "
           "registry",
           {{file, "4096 bytes"}}},
          {"old, no Complete in the registry, an update since",
           [](Snapshot* s) {
             AddBoot(kLastBoot, s);
             AddFile(kBefore, s);
             AddToRegistry(absl::nullopt, s);
           },
           Finding::BLOCK, "unfinished in the registry"},
          {"old, unfinished in the journal",
           [](Snapshot* s) {
             AddBoot(kLastBoot, s);
             AddFile(kAfter, s);
             AddSession(kSession, kAfter, s);
           },
           Finding::BLOCK, "unfinished in the journal"},
          {"old, unfinished in the journal, an update since",
           [](Snapshot* s) {
             AddBoot(kLastBoot, s);
             AddFile(kBefore, s);
             AddSession(kSession, kBefore, s);
           },
           Finding::INFO, "installed since"},
          {"old, finished in the journal",
           [](Snapshot* s) {
             AddBoot(kLastBoot, s);
             AddFile(kAfter, s);
             AddSession(kSession, kAfter, s);
             AddComplete(kSession, kAfter, s);
           },
           Finding::WARN, "was left from before the boot"},
          {"old, alone",
           [](Snapshot* s) {
             AddBoot(kLastBoot, s);
             AddFile(kAfter, s);
           },
           Finding::WARN, "was left from before the boot"},
          {"young, alone",
           [](Snapshot* s) {
             AddBoot(kLastBoot, s);
             AddFile(kAfterBoot, s);
           },
           Finding::INFO, "may be at work"},
          {"young, unfinished",
           [](Snapshot* s) {
             AddBoot(kLastBoot, s);
             AddFile(kAfterBoot, s);
             AddToRegistry(0, s);
           },
           Finding::WARN, "unfinished in the registry"},
          {"no boot known", [](Snapshot* s) { AddFile(kAfter, s); }, Finding::WARN,
           "may be from before the last boot"},
          {"no boot known, unfinished",
           [](Snapshot* s) {
             AddFile(kAfter, s);
             AddToRegistry(0, s);
           },
           Finding::WARN, "unfinished in the registry"},
          {"no time",
           [](Snapshot* s) {
             AddBoot(kLastBoot, s);
             AddFile("", s);
           },
           Finding::WARN, "may be from before the last boot"},
          {"no session file",
           [](Snapshot* s) {
             AddBoot(kLastBoot, s);
             AddFile(kAfter, s);
             s->mutable_session_journal()->mutable_files(0)->set_created_filetime(0);
           },
           Finding::PASS, "no session file is left over"},
      });
}

TEST(SessionJournal, IsDated) {
  Snapshot snapshot = HealthyWithLogs();
  AddFile(kAfter, &snapshot);
  EXPECT_THAT(RunCheck(kId, snapshot), HasEvidenceWritten(kSession, kAfter));
}

TEST(SessionJournal, NeedsItsEvidence) {
  ExpectNeedsSection(
      kId, [](Snapshot* s) { return s->mutable_session_journal()->mutable_collection(); },
      Finding::NOT_APPLICABLE);
  ExpectNeedsSection(
      kId, [](Snapshot* s) { return s->mutable_session_journal()->mutable_journal(); },
      Finding::NOT_APPLICABLE);
}

}  // namespace
}  // namespace patchgate::gate::checks
