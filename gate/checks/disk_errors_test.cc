#include "gate/checks/log_testing.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace patchgate::gate::checks {
namespace {

constexpr char kId[] = "host.disk-errors";

VolumeEvent* Add(VolumeEvent::Kind kind, uint32_t event_id, const char* drive, const char* time,
                 Snapshot* snapshot) {
  VolumeEvent* event = snapshot->mutable_event_logs()->add_volumes();
  event->set_kind(kind);
  event->set_event_id(event_id);
  event->set_provider(kind == VolumeEvent::DISK_ERROR ? "disk" : "Microsoft-Windows-Ntfs");
  event->set_record_id(700 + snapshot->event_logs().volumes_size());
  event->set_filetime(testdata::Time(time));
  event->set_drive(drive);
  return event;
}

void Corrupt(const char* drive, const char* time, Snapshot* s) {
  Add(VolumeEvent::NTFS_CORRUPT, 55, drive, time, s);
}
void Repair(const char* drive, const char* time, Snapshot* s) {
  Add(VolumeEvent::NTFS_REPAIR, 131, drive, time, s);
}
void State(const char* drive, uint32_t action, const char* time, Snapshot* s) {
  Add(VolumeEvent::NTFS_STATE, 98, drive, time, s)->set_corruption_action(action);
}
void Error(const char* time, Snapshot* s) { Add(VolumeEvent::DISK_ERROR, 51, "", time, s); }

TEST(DiskErrors, CorruptFileSystems) {
  RunCases(kId, std::vector<SnapshotCase>{
                    {"healthy", [](Snapshot*) {}, Finding::PASS, "no trouble"},
                    {"system drive",
                     [](Snapshot* s) { Corrupt("C:", kBefore, s); },
                     Finding::BLOCK,
                     "the file system of C: is corrupt, and was not checked since",
                     {{"System.evtx record 701", "Microsoft-Windows-Ntfs 55, drive C:"}}},
                    {"system drive, small letter", [](Snapshot* s) { Corrupt("c:", kBefore, s); },
                     Finding::BLOCK, "C: is corrupt"},
                    {"unnamed drive", [](Snapshot* s) { Corrupt("", kBefore, s); }, Finding::BLOCK,
                     "a drive without a name is corrupt"},
                    {"other drive", [](Snapshot* s) { Corrupt("D:", kBefore, s); }, Finding::WARN,
                     "D: is corrupt"},
                    {"repaired since",
                     [](Snapshot* s) {
                       Corrupt("C:", kBefore, s);
                       Repair("C:", kAfter, s);
                     },
                     Finding::INFO, "C: was corrupt, and repaired 2025-12-12T10:00:00Z"},
                    {"corrupt again after a repair",
                     [](Snapshot* s) {
                       Corrupt("C:", kLongBefore, s);
                       Repair("C:", kBefore, s);
                       Corrupt("C:", kAfter, s);
                     },
                     Finding::BLOCK, "C: is corrupt"},
                    {"repair only begun",
                     [](Snapshot* s) {
                       Corrupt("C:", kBefore, s);
                       Add(VolumeEvent::NTFS_REPAIR, 130, "C:", kAfter, s);
                     },
                     Finding::BLOCK, "C: is corrupt"},
                    {"another drive repaired",
                     [](Snapshot* s) {
                       Corrupt("C:", kBefore, s);
                       Repair("D:", kAfter, s);
                     },
                     Finding::BLOCK, "C: is corrupt"},
                    {"some drive checked",
                     [](Snapshot* s) {
                       Corrupt("C:", kBefore, s);
                       Add(VolumeEvent::CHKDSK, 1001, "", kAfter, s);
                     },
                     Finding::WARN, "a disk was checked since, but which one is not known"},
                    {"unnamed drive corrupt, C: repaired",
                     [](Snapshot* s) {
                       Corrupt("", kBefore, s);
                       Repair("C:", kAfter, s);
                     },
                     Finding::WARN, "which one is not known"},
                    {"at the same time as the repair",
                     [](Snapshot* s) {
                       Repair("C:", kBefore, s);
                       Corrupt("C:", kBefore, s);
                     },
                     Finding::BLOCK, "C: is corrupt"},
                    {"one drive repaired, the other not",
                     [](Snapshot* s) {
                       Corrupt("D:", kBefore, s);
                       Repair("D:", kAfter, s);
                       Corrupt("C:", kBefore, s);
                     },
                     Finding::BLOCK,
                     "C: is corrupt",
                     {{"record 701", "drive D:"}}},
                });
}

TEST(DiskErrors, StatesOfVolumes) {
  RunCases(kId,
           std::vector<SnapshotCase>{
               {"healthy", [](Snapshot* s) { State("C:", 0, kAfter, s); }, Finding::PASS, "no"},
               {"spot fix", [](Snapshot* s) { State("C:", 1, kAfter, s); }, Finding::WARN,
                "C: reports that it needs a spot fix"},
               {"full check",
                [](Snapshot* s) { State("C:", 3, kAfter, s); },
                Finding::WARN,
                "C: reports that it needs a full check of the disk",
                {{"record 701", "CorruptionActionState 3"}}},
               {"unknown state", [](Snapshot* s) { State("C:", 9, kAfter, s); }, Finding::WARN,
                "needs some repair"},
               {"healthy again",
                [](Snapshot* s) {
                  State("C:", 3, kBefore, s);
                  State("C:", 0, kAfter, s);
                },
                Finding::PASS, "no trouble"},
               {"another drive is healthy",
                [](Snapshot* s) {
                  State("C:", 2, kBefore, s);
                  State("D:", 0, kAfter, s);
                },
                Finding::WARN, "a spot fix while it is offline"},
               {"repaired since",
                [](Snapshot* s) {
                  State("C:", 3, kBefore, s);
                  Repair("C:", kAfter, s);
                },
                Finding::INFO, "C: was repaired since"},
               {"no state in the event",
                [](Snapshot* s) { Add(VolumeEvent::NTFS_STATE, 98, "C:", kAfter, s); },
                Finding::PASS, "no trouble"},
               {"unnamed drives, one healthy, in one boot",
                [](Snapshot* s) {
                  AddBoot(kLastBoot, s);
                  State("", 3, kAfterBoot, s);
                  State("", 0, "2025-12-15T10:00:01Z", s);
                },
                Finding::WARN, "a drive without a name reports"},
               {"unnamed drives, healthy in a later boot",
                [](Snapshot* s) {
                  AddBoot(kLastBoot, s);
                  State("", 3, kAfter, s);
                  State("", 0, kAfterBoot, s);
                },
                Finding::PASS, "no trouble"},
           });
}

TEST(DiskErrors, ErrorsOfTheDisk) {
  RunCases(kId, std::vector<SnapshotCase>{
                    {"once", [](Snapshot* s) { Error(kAfterBoot, s); }, Finding::INFO, "1 time in"},
                    {"three times in a week",
                     [](Snapshot* s) {
                       for (const char* time : {kSuccess, kAfter, kAfterBoot}) Error(time, s);
                     },
                     Finding::WARN,
                     "3 times in the last 7 days of the log",
                     {{"System.evtx record 702", "disk 51"}}},
                    {"three times, long ago",
                     [](Snapshot* s) {
                       for (int i = 0; i < 3; ++i) Error(kLongBefore, s);
                     },
                     Finding::INFO, "not in the last 7 days of the log"},
                    {"three times in the last week of a log of last month",
                     [](Snapshot* s) {
                       for (int i = 0; i < 3; ++i) Error(kLongBefore, s);
                       for (EventLogFile& file : *s->mutable_event_logs()->mutable_files()) {
                         file.set_last_filetime(testdata::Time("2025-11-03T10:00:00Z"));
                       }
                     },
                     Finding::WARN, "3 times"},
                    {"a log whose end is not known",
                     [](Snapshot* s) {
                       for (int i = 0; i < 3; ++i) Error(kAfterBoot, s);
                       for (EventLogFile& file : *s->mutable_event_logs()->mutable_files()) {
                         file.set_last_filetime(0);
                       }
                     },
                     Finding::WARN, "3 times"},
                    {"a log that claims to end in the far future",
                     [](Snapshot* s) {
                       for (int i = 0; i < 3; ++i) Error(kAfterBoot, s);
                       for (EventLogFile& file : *s->mutable_event_logs()->mutable_files()) {
                         file.set_last_filetime(~uint64_t{0});
                       }
                     },
                     Finding::WARN, "3 times"},
                });
}

TEST(DiskErrors, IsDated) {
  Snapshot snapshot = HealthyWithLogs();
  Corrupt("C:", kAfter, &snapshot);
  EXPECT_THAT(RunCheck(kId, snapshot), HasEvidenceWritten("record 701", kAfter));
}

TEST(DiskErrors, NeedsItsEvidence) { ExpectNeedsSystemEvents(kId); }

}  // namespace
}  // namespace patchgate::gate::checks
