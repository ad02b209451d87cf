// Runs checks over whole fake Windows volumes, the way the program does: collected, then judged.
//
//   TEST(ExclusiveSession, Cases) {
//     RunCases("cbs.exclusive-session",
//              {{"claimed",
//                [](FakeVolume& volume) {
//                  volume.cbs()->AddKey("SessionsPending")->SetDword("Exclusive", 1);
//                  return volume.Build();
//                },
//                Finding::BLOCK, "claims", {{"Exclusive", "is 1"}}}});
//   }
//   TEST(ExclusiveSession, NeedsItsEvidence) {
//     ExpectNeeds("cbs.exclusive-session", {kSoftwareHive});
//   }
#ifndef GATE_CHECKS_CHECK_TESTING_H_
#define GATE_CHECKS_CHECK_TESTING_H_

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "gate/check.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "servicing/evidence/memory_source.h"
#include "servicing/regf/hive_builder.h"
#include "servicing/snapshot.pb.h"
#include "testdata/fake_volume.h"

namespace patchgate::gate::checks {

using testdata::FakeVolume;
using testdata::kComponentsHive;
using testdata::kSoftwareHive;
using testdata::kSystemHive;

// The time at which tests run, 2025-12-16T18:00:00Z: after everything in a fake volume.
FileTime TestNow();

// The facts of `volume`.
Snapshot CollectFrom(const evidence::MemorySource& volume);

// The finding of the check `id`, which must exist. (Not Run: in a TEST that is the test itself.)
Finding RunCheck(absl::string_view id, const Snapshot& snapshot);
Finding RunCheck(absl::string_view id, const evidence::MemorySource& volume);
// As if the same facts had been seen on the running host: an idle one, by an administrator.
Finding RunCheckLive(absl::string_view id, const evidence::MemorySource& volume);
Snapshot Live(Snapshot snapshot);
// With this at work.
Snapshot Busy(Snapshot snapshot, LiveActivity::Kind kind = LiveActivity::SERVICING);

MATCHER_P(ResultIs, result, "is " + Finding::Result_Name(result)) {
  *result_listener << "is " << Finding::Result_Name(arg.result()) << ", " << arg.summary();
  return arg.result() == result;
}

MATCHER_P(SummaryHas, text, std::string("has the summary text ") + std::string(text)) {
  return absl::StrContains(arg.summary(), text);
}

// One evidence line with these parts of its place and its fact.
MATCHER_P2(HasEvidence, where, what,
           std::string("has evidence at ") + std::string(where) + ": " + std::string(what)) {
  for (const EvidenceLine& line : arg.evidence()) {
    if (absl::StrContains(line.where(), where) && absl::StrContains(line.what(), what)) return true;
  }
  return false;
}

// One evidence line with this part of its place, written at this time.
MATCHER_P2(HasEvidenceWritten, where, written,
           std::string("has evidence at ") + std::string(where) + " of " + std::string(written)) {
  for (const EvidenceLine& line : arg.evidence()) {
    if (absl::StrContains(line.where(), where) && line.written() == written) return true;
  }
  return false;
}

struct CheckCase {
  std::string name;
  // Makes the volume from a healthy one.
  std::function<evidence::MemorySource(FakeVolume& volume)> volume;
  Finding::Result result;
  std::string summary;                                             // A part of it.
  std::vector<std::pair<std::string, std::string>> evidence = {};  // Parts of place and fact.
};

// Expects of every case its result, summary and evidence.
void RunCases(absl::string_view id, const std::vector<CheckCase>& cases);

// The healthy volume, unchanged.
evidence::MemorySource Unchanged(FakeVolume& volume);

// Takes each of these files and folders of a healthy volume away, makes it unreadable, and if it is
// a hive truncates it and makes it stale. Every time the check must be INDETERMINATE.
void ExpectNeeds(absl::string_view id, const std::vector<std::string>& paths);

// Lets the first element of the key's value list, or subkey list, point nowhere in the hive file at
// `path` of `volume`. The key must have one, and the volume must be the last that was built of it.
void BreakValues(absl::string_view path, const regf::HiveBuilder::Key& key,
                 evidence::MemorySource* volume);
void BreakSubkeys(absl::string_view path, const regf::HiveBuilder::Key& key,
                  evidence::MemorySource* volume);

}  // namespace patchgate::gate::checks

#endif  // GATE_CHECKS_CHECK_TESTING_H_
