#include "gate/checks/log_testing.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace patchgate::gate::checks {
namespace {

constexpr char kId[] = "host.failed-boots";

// A boot that says of the one before how it went.
void BootAfter(bool good, const char* time, Snapshot* snapshot) {
  AddBoot(time, snapshot);
  BootEvent* event = snapshot->mutable_event_logs()->add_boots();
  event->set_kind(BootEvent::BOOT_STATUS);
  event->set_filetime(testdata::Time(time));
  event->set_last_boot_good(good);
}

void BootAfterStop(uint32_t bugcheck, const char* time, Snapshot* snapshot) {
  AddBoot(time, snapshot);
  BootEvent* event = snapshot->mutable_event_logs()->add_boots();
  event->set_kind(BootEvent::BUGCHECK);
  event->set_filetime(testdata::Time(time));
  event->set_bugcheck(bugcheck);
}

TEST(FailedBoots, BootsThatFailed) {
  RunCases(kId, std::vector<SnapshotCase>{
                    {"none on record", [](Snapshot*) {}, Finding::NOT_APPLICABLE, "no boot"},
                    {"good",
                     [](Snapshot* s) {
                       AddBoot(kBefore, s);
                       BootAfter(true, kLastBoot, s);
                     },
                     Finding::PASS, "none of the 2 boots on record failed"},
                    {"the one before the last failed",
                     [](Snapshot* s) {
                       AddBoot(kAfter, s);
                       BootAfter(false, kLastBoot, s);
                     },
                     Finding::WARN,
                     "the start of 2025-12-12T10:00:00Z failed, and no good one is known since",
                     {{"System.evtx record 801", "LastBootGood is false"}}},
                    {"a good one since",
                     [](Snapshot* s) {
                       AddBoot(kAfter, s);
                       BootAfter(false, "2025-12-13T10:00:00Z", s);
                       BootAfter(true, kLastBoot, s);
                     },
                     Finding::INFO, "failed; a later one did not"},
                    {"before the last update",
                     [](Snapshot* s) {
                       AddBoot(kBefore, s);
                       BootAfter(false, kLastBoot, s);
                     },
                     Finding::INFO, "before the last cumulative update was begun"},
                    {"no update known",
                     [](Snapshot* s) {
                       ForgetSuccess(s);
                       AddBoot(kBefore, s);
                       BootAfter(false, kLastBoot, s);
                     },
                     Finding::WARN, "no good one is known since"},
                });
}

TEST(FailedBoots, StopErrors) {
  RunCases(kId, std::vector<SnapshotCase>{
                    {"boot volume, in the boot before the last",
                     [](Snapshot* s) {
                       AddBoot(kAfter, s);
                       BootAfterStop(0xED, kLastBoot, s);
                     },
                     Finding::BLOCK,
                     "started 2025-12-12T10:00:00Z stopped with 0x000000ed "
                     "(UNMOUNTABLE_BOOT_VOLUME)",
                     {{"System.evtx record 801", "bug check 0x000000ed"}}},
                    {"boot device",
                     [](Snapshot* s) {
                       AddBoot(kAfter, s);
                       BootAfterStop(0x7B, kLastBoot, s);
                     },
                     Finding::BLOCK, "0x0000007b (INACCESSIBLE_BOOT_DEVICE)"},
                    {"boot volume, an update since",
                     [](Snapshot* s) {
                       AddBoot(kLongBefore, s);
                       BootAfterStop(0xED, kBefore, s);
                     },
                     Finding::INFO, "a cumulative update was installed since"},
                    // The stop came at its end, and the update before that.
                    {"boot volume, an update in the boot that it ended",
                     [](Snapshot* s) {
                       AddBoot(kBefore, s);
                       BootAfterStop(0xED, kAfter, s);
                     },
                     Finding::BLOCK, "0x000000ed"},
                    {"boot volume, several boots ago, no update since",
                     [](Snapshot* s) {
                       AddBoot(kAfter, s);
                       BootAfterStop(0xED, "2025-12-13T10:00:00Z", s);
                       AddBoot(kLastBoot, s);
                       AddBoot(kAfterBoot, s);
                     },
                     Finding::WARN, "0x000000ed"},
                    {"boot volume, no update known",
                     [](Snapshot* s) {
                       ForgetSuccess(s);
                       AddBoot(kLongBefore, s);
                       BootAfterStop(0xED, kBefore, s);
                     },
                     Finding::BLOCK, "0x000000ed"},
                    {"another stop",
                     [](Snapshot* s) {
                       AddBoot(kAfter, s);
                       BootAfterStop(0x1A, kLastBoot, s);
                     },
                     Finding::INFO, "stopped with 0x0000001a"},
                });
}

TEST(FailedBoots, IsDated) {
  Snapshot snapshot = HealthyWithLogs();
  AddBoot(kAfter, &snapshot);
  BootAfterStop(0xED, kLastBoot, &snapshot);
  EXPECT_THAT(RunCheck(kId, snapshot), HasEvidenceWritten("System.evtx", kAfter));
}

TEST(FailedBoots, NeedsItsEvidence) { ExpectNeedsSystemEvents(kId); }

}  // namespace
}  // namespace patchgate::gate::checks
