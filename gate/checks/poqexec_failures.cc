#include <string>

#include "absl/strings/str_cat.h"
#include "gate/checks/checks.h"
#include "gate/checks/dated_reports.h"
#include "gate/checks/dating.h"
#include "gate/checks/presence.h"
#include "manifests/hresults.h"

namespace patchgate::gate::checks {
namespace {

using history::When;

// What the statuses that were seen in poqexec.log mean for whoever has to mend it (DOMAIN §4.3).
const char* CauseOf(uint32_t status) {
  switch (status) {
    case 0xC0000022:
      return ", access denied";
    case 0xC0000034:
    case 0xC000003A:
      return ", not found";
    case 0xC0000043:
      return ", in use by another program";
    case 0xC0000265:
      return ", the file has too many hard links";
    case 0xC01A001D:
      return ", the transaction log or the disk is full";
    default:
      return "";
  }
}

}  // namespace

// poqexec writes a line for each operation that it could not do, and no line for those that it did.
// Such a run is a matter of the past once a cumulative update was installed after it; if not, it
// blocks when it belongs to the boot that the host runs since (DOMAIN §4.3).
Finding PoqexecFailures(const CheckInput& input) {
  const PoqexecLog& facts = input.snapshot.poqexec_log();
  FindingBuilder finding;
  // Without the folder nobody can say that there is no log in it.
  NeedsPresent(input.snapshot.store_folders().winsxs(), &finding);
  finding.Needs(facts.collection());
  const When success = LastCumulativeSuccess(input.timeline), boot = LastBoot(input.timeline);
  DatedReports reports;
  for (const PoqexecFailure& failure : facts.failures()) {
    const When started{failure.started_filetime()};
    const std::string status =
        absl::StrCat(HresultText(failure.status()), CauseOf(failure.status()));
    std::string summary = absl::StrCat("poqexec could not do ", failure.operation(), ": ", status);
    Finding::Result result = Finding::WARN;
    if (history::DefinitelyAfter(success, started)) {
      result = Finding::INFO;
      absl::StrAppend(&summary, "; a cumulative update was installed since, ", WhenText(success));
    } else if (history::DefinitelyAfter(started, boot)) {
      result = Finding::BLOCK;
      absl::StrAppend(&summary, ", in the boot of ", WhenText(boot));
    } else {
      absl::StrAppend(&summary, ", and no cumulative update is known to be installed since");
    }
    reports.Add(result, std::move(summary), facts.collection().source(),
                absl::StrCat("operation ", failure.operation_index(), ", ", failure.operation(),
                             " failed with ", status, ": ", failure.path()),
                started);
  }
  reports.Tell(&finding);
  return finding.Done("poqexec left no failure on record");
}

}  // namespace patchgate::gate::checks
