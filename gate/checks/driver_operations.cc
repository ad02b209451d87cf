#include "absl/strings/str_cat.h"
#include "gate/checks/checks.h"
#include "gate/checks/presence.h"

namespace patchgate::gate::checks {

// Queued driver operations belong to a pending transaction; without one they are leftovers. Only
// one community report says so, and whether they may outlive a success is unknown: a warning, no
// more.
Finding DriverOperations(const CheckInput& input) {
  const CbsRoot& facts = input.snapshot.cbs_root();
  const CbsMarker& queue = facts.driver_operations();
  const Collection& pending_xml = input.snapshot.pending_xml().collection();
  FindingBuilder finding;
  NeedsPresent(facts.collection(), "DriverOperations", &finding);
  if (queue.subkeys() == 0) return finding.Done("no driver operation is queued");

  NeedsExistence(pending_xml, &finding);
  const Finding::Result result = IsThere(pending_xml) ? Finding::INFO : Finding::WARN;
  const std::string summary =
      absl::StrCat(queue.subkeys(), " driver operation(s) are queued, ",
                   IsThere(pending_xml) ? "together with a pending transaction"
                                        : "but no transaction is pending");
  for (const std::string& name : queue.subkey_names()) {
    finding.Report(result, summary, CbsKey(absl::StrCat("DriverOperations\\", name)), "queued",
                   queue.key_written_filetime());
  }
  return finding.Done(summary);
}

}  // namespace patchgate::gate::checks
