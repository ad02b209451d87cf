#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "gate/checks/checks.h"
#include "gate/checks/dated_reports.h"
#include "gate/checks/dating.h"
#include "gate/checks/presence.h"

namespace patchgate::gate::checks {

using history::When;

// Only the last run of sfc counts: an earlier one may have been mended since (DOMAIN §4.6).
Finding SfcResult(const CheckInput& input) {
  constexpr int kShown = 20;
  const CbsLog& log = input.snapshot.cbs_log();
  FindingBuilder finding;
  NeedsCbsLog(input.snapshot, &finding);
  if (log.sfc_runs().empty()) {
    return finding.NotApplicable("sfc did not run, as far back as the logs go");
  }
  const CbsSfcRun& run = *log.sfc_runs().rbegin();
  const When time = StampWhen(input.snapshot, run.time());
  if (run.cannot_repair() > 0) {
    const When success = LastCumulativeSuccess(input.timeline);
    const bool past = history::DefinitelyAfter(success, time);
    std::string summary =
        absl::StrCat("sfc could not repair ", run.cannot_repair(),
                     run.cannot_repair() == 1 ? " file, " : " files, ", WhenText(time));
    if (past) {
      absl::StrAppend(&summary, "; a cumulative update was installed since, ", WhenText(success));
    }
    finding.Report(
        past ? Finding::INFO : Finding::WARN, summary, kCbsLogPath,
        absl::StrCat("[SR] ", run.cannot_repair(), " not repaired, ", run.repaired(), " repaired"),
        Written(time));
    const int shown = std::min(run.unrepaired_files_size(), kShown);
    for (int i = 0; i < shown; ++i) {
      finding.Evidence(kCbsLogPath, absl::StrCat("[SR] cannot repair ", run.unrepaired_files(i)),
                       Written(time));
    }
  } else if (!run.complete()) {
    finding.Info(absl::StrCat("sfc, last run ", WhenText(time), ", did not come to its end"),
                 kCbsLogPath, "neither [SR] Repair complete nor [SR] Verify complete",
                 Written(time));
  }
  return finding.Done(absl::StrCat("sfc, last run ", WhenText(time), ", left nothing unrepaired"));
}

}  // namespace patchgate::gate::checks
