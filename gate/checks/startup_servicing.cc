#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gate/checks/checks.h"
#include "gate/checks/dated_reports.h"
#include "gate/checks/dating.h"
#include "gate/checks/presence.h"
#include "manifests/hresults.h"

namespace patchgate::gate::checks {
namespace {

using history::When;

constexpr uint32_t kRebootRequired = 0x80070BC2;

struct Reading {
  Finding::Result result = Finding::PASS;
  std::string summary;
};

// DOMAIN §4.6: the last "Startup: Processing complete" must be S_OK, the last ExecuteState none,
// and the last-known-good boot option enabled again.
Reading Read(const CbsStartup& startup, When end, When last_boot) {
  const std::string at = WhenText(end);
  if (startup.rollback_failed() != 0) {
    return {Finding::BLOCK, absl::StrCat("the rollback at start-up ", at, " failed")};
  }
  if (startup.hang_detected()) {
    return {Finding::BLOCK,
            absl::StrCat("start-up servicing ", at, " hung: ", HresultText(0x800F0920))};
  }
  if (!startup.has_finished()) {
    return {Finding::BLOCK, absl::StrCat("start-up servicing began ", at, " and never ended")};
  }
  const std::string failed = startup.set_failure_status() != 0
                                 ? absl::StrCat("start-up servicing failed ", at, " with ",
                                                HresultText(startup.set_failure_status()))
                                 : "";
  if (!startup.has_result()) {
    return {Finding::INDETERMINATE,
            absl::StrCat("could not be measured: the result of start-up servicing ", at,
                         " cannot be read")};
  }
  if (startup.result() == kRebootRequired) {
    const bool booted = history::DefinitelyAfter(last_boot, end);
    const std::string what =
        failed.empty() ? absl::StrCat("start-up servicing ", at, " was not done") : failed;
    return {Finding::BLOCK,
            booted ? absl::StrCat(what, " and did not go on at the restart ", WhenText(last_boot))
                   : absl::StrCat(what, "; it wants another restart")};
  }
  if (startup.result() != 0) {
    return {Finding::BLOCK,
            absl::StrCat("start-up servicing ended ", at, " with ", HresultText(startup.result()))};
  }
  if (startup.retrieved_failure_status() != 0 && !startup.cleared_failure_status() &&
      !startup.rollback()) {
    return {Finding::BLOCK, absl::StrCat("start-up servicing ", at, " still has the failure ",
                                         HresultText(startup.retrieved_failure_status()),
                                         " of an earlier start on record")};
  }
  if (startup.rollback()) {
    return {Finding::BLOCK, absl::StrCat("start-up servicing rolled an update back ", at)};
  }
  const auto& states = startup.execute_states();
  if (!states.empty() && states.rbegin()->find("ExecuteStateNone") == std::string::npos) {
    return {Finding::WARN,
            absl::StrCat("start-up servicing ended ", at, " in state ", *states.rbegin())};
  }
  if (startup.has_lkg_enabled() && !startup.lkg_enabled()) {
    return {Finding::WARN, absl::StrCat("start-up servicing ended ", at,
                                        " with the last-known-good boot option disabled")};
  }
  return {};
}

void AddEvidence(const CbsStartup& startup, When begun, When end, FindingBuilder* finding) {
  const auto say = [&](std::string what) { finding->Evidence(kCbsLogPath, what, Written(end)); };
  finding->Evidence(kCbsLogPath, "start-up servicing begun", Written(begun));
  if (startup.retrieved_failure_status() != 0) {
    say(absl::StrCat("retrieved original failure status ",
                     HresultText(startup.retrieved_failure_status())));
  }
  if (startup.primitives_failed()) {
    say(startup.has_primitives_result()
            ? absl::StrCat("poqexec failed with ", HresultText(startup.primitives_result()))
            : "poqexec failed");
  }
  if (startup.moved_to_setup_execute()) say("poqexec was moved to SetupExecute");
  if (startup.drivers_failed()) say("drivers failed");
  if (startup.installers_failed()) say("advanced installers failed");
  if (startup.set_failure_status() != 0) {
    say(absl::StrCat("original failure status set to ", HresultText(startup.set_failure_status())));
  }
  if (!startup.execute_states().empty()) {
    say(absl::StrCat("last ExecuteState ", *startup.execute_states().rbegin()));
  }
  if (startup.has_result()) {
    say(absl::StrCat("start-up servicing ended with ", HresultText(startup.result())));
  }
}

}  // namespace

Finding StartupServicing(const CheckInput& input) {
  const CbsLog& log = input.snapshot.cbs_log();
  FindingBuilder finding;
  NeedsCbsLog(input.snapshot, &finding);
  const When success = LastCumulativeSuccess(input.timeline);
  const CbsStartup* last = nullptr;
  for (const CbsStartup& startup : log.startups()) {
    if (!startup.shutdown()) last = &startup;
  }
  if (last == nullptr) return finding.Done("the logs tell of no start-up servicing");

  const When begun = StampWhen(input.snapshot, last->begun());
  const When end = last->has_finished() ? StampWhen(input.snapshot, last->finished()) : begun;
  Reading reading = Read(*last, end, LastBoot(input.timeline));
  if (reading.result > Finding::PASS) {
    if (history::DefinitelyAfter(success, end)) {
      reading = {Finding::INFO, absl::StrCat(reading.summary, "; a cumulative update succeeded ",
                                             WhenText(success))};
    }
    finding.Judge(reading.result, reading.summary);
    AddEvidence(*last, begun, end, &finding);
  }
  // What a rollback took back stays taken back when the start after it goes well.
  for (const CbsStartup& startup : log.startups()) {
    const When time = StampWhen(input.snapshot, startup.begun());
    if (&startup == last || startup.shutdown() || !startup.rollback()) continue;
    if (history::DefinitelyAfter(success, time)) continue;
    finding.Block(absl::StrCat("start-up servicing rolled an update back ", WhenText(time),
                               ", and no cumulative update has been installed since"),
                  kCbsLogPath, "start-up servicing, rolled back", Written(time));
  }
  return finding.Done(
      absl::StrCat("the last start-up servicing ended ", WhenText(end), " with success"));
}

}  // namespace patchgate::gate::checks
