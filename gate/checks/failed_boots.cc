#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "gate/checks/checks.h"
#include "gate/checks/dated_reports.h"
#include "gate/checks/dating.h"
#include "gate/checks/presence.h"
#include "manifests/hresults.h"

namespace patchgate::gate::checks {
namespace {

using history::When;

When WhenOf(const Boot& boot) { return {boot.filetime(), boot.local()}; }

// "0x000000ed (UNMOUNTABLE_BOOT_VOLUME)"
std::string BugCheckText(uint32_t code) {
  const HresultRecord* record = FindBugCheck(code);
  return record == nullptr ? absl::StrFormat("0x%08x", code)
                           : absl::StrFormat("0x%08x (%s)", code, record->name());
}

// Stops of a Windows that cannot get at its own volume, as rolled-back updates cause them.
bool IsBootVolumeStop(uint32_t bugcheck) { return bugcheck == 0xED || bugcheck == 0x7B; }

// When the newest cumulative update was begun, whatever came of it.
When LastCumulativeBegun(const Timeline& timeline) {
  When begun;
  for (const Attempt& attempt : timeline.attempts()) {
    if (attempt.kind() == Attempt::CUMULATIVE) begun = {attempt.begun_filetime(), attempt.local()};
  }
  return begun;
}

}  // namespace

// Each boot reports how the one before it went (DOMAIN §5.2). A start that failed matters while
// nothing shows that it is over: no good start after it, and no cumulative update begun after it.
Finding FailedBoots(const CheckInput& input) {
  constexpr int kRecent = 2;
  FindingBuilder finding;
  NeedsEventLog(input.snapshot, "System.evtx", &finding);
  const When success = LastCumulativeSuccess(input.timeline);
  const When begun = LastCumulativeBegun(input.timeline);
  const auto& boots = input.timeline.boots();
  DatedReports reports;
  bool good_since = false;
  for (int i = boots.size() - 1; i >= 0; --i) {
    const Boot& boot = boots.Get(i);
    const std::string at = WhenText(WhenOf(boot));
    if (boot.bugcheck() != 0) {
      // It came at some time before the next boot; only what came after that one came after it.
      const When latest = WhenOf(i + 1 < boots.size() ? boots.Get(i + 1) : boot);
      const bool past = history::DefinitelyAfter(success, latest);
      std::string summary = absl::StrCat("the host that was started ", at, " stopped with ",
                                         BugCheckText(boot.bugcheck()));
      Finding::Result result = Finding::INFO;
      if (past) {
        absl::StrAppend(&summary, "; a cumulative update was installed since, ", WhenText(success));
      } else if (IsBootVolumeStop(boot.bugcheck())) {
        result = i >= boots.size() - kRecent ? Finding::BLOCK : Finding::WARN;
      }
      reports.Add(result, std::move(summary), boot.source(),
                  absl::StrCat("bug check ", BugCheckText(boot.bugcheck())), WhenOf(boot));
    }
    if (boot.good()) {
      good_since = true;
    } else if (boot.has_good()) {
      const bool past = good_since || history::DefinitelyAfter(begun, WhenOf(boot));
      reports.Add(past ? Finding::INFO : Finding::WARN,
                  absl::StrCat("the start of ", at, " failed",
                               good_since ? "; a later one did not"
                               : past     ? ", before the last cumulative update was begun"
                                          : ", and no good one is known since"),
                  boot.source(), "LastBootGood is false in the boot after it", WhenOf(boot));
    }
  }
  reports.Tell(&finding);
  if (boots.empty()) return finding.NotApplicable("the logs tell of no boot");
  return finding.Done(absl::StrCat("none of the ", boots.size(), " boots on record failed"));
}

}  // namespace patchgate::gate::checks
