// Runs checks over snapshots whose logs are filled by hand: facts, whatever their readers do.
//
//   RunCases("store.hydration-failures",
//            {{"old", [](Snapshot* s) { AddMark(…, "2025-12-01T00:00:00Z", s); }, Finding::INFO,
//              "installed since"}});
#ifndef GATE_CHECKS_LOG_TESTING_H_
#define GATE_CHECKS_LOG_TESTING_H_

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "gate/checks/check_testing.h"
#include "servicing/snapshot.pb.h"

namespace patchgate::gate::checks {

// When the last cumulative update of HealthyWithLogs was installed, and times around it.
inline constexpr char kLongBefore[] = "2025-11-01T10:00:00Z";
inline constexpr char kBefore[] = "2025-12-09T10:00:00Z";
inline constexpr char kSuccess[] = "2025-12-10T09:12:30Z";
inline constexpr char kAfter[] = "2025-12-12T10:00:00Z";
inline constexpr char kLastBoot[] = "2025-12-14T07:20:00Z";
inline constexpr char kAfterBoot[] = "2025-12-15T10:00:00Z";

// A healthy host. All logs were collected and tell of nothing: no boot either; there is no
// poqexec.log and no journal of sessions.
Snapshot HealthyWithLogs();

// Takes away what says that a cumulative update was installed.
void ForgetSuccess(Snapshot* snapshot);
// Adds a boot, told by System.evtx.
void AddBoot(absl::string_view time, Snapshot* snapshot);
// Adds a mark of CBS.log, seen last at `time`; the kind's message is `text`.
CbsMark* AddMark(CbsMark::Kind kind, absl::string_view time, absl::string_view text,
                 Snapshot* snapshot);

struct SnapshotCase {
  std::string name;
  std::function<void(Snapshot* snapshot)> change;  // From HealthyWithLogs.
  Finding::Result result;
  std::string summary;                                             // A part of it.
  std::vector<std::pair<std::string, std::string>> evidence = {};  // Parts of place and fact.
};

// Expects of every case its result, summary and evidence.
void RunCases(absl::string_view id, const std::vector<SnapshotCase>& cases);

// Expects that the check is INDETERMINATE where the section was never looked at, could not be read
// or has gaps, and `when_absent` where it is not there.
void ExpectNeedsSection(absl::string_view id,
                        const std::function<Collection*(Snapshot* snapshot)>& section,
                        Finding::Result when_absent = Finding::INDETERMINATE);

// CBS.log and its folder; System.evtx.
void ExpectNeedsCbsLog(absl::string_view id);
void ExpectNeedsSystemEvents(absl::string_view id);

}  // namespace patchgate::gate::checks

#endif  // GATE_CHECKS_LOG_TESTING_H_
