#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gate/checks/checks.h"
#include "gate/checks/presence.h"

namespace patchgate::gate::checks {
namespace {

struct FlagRule {
  const char* name;
  Finding::Result result;
  Finding::Result with_pending_xml;
  const char* meaning;
};

// DOMAIN 3.1. The values that a pending transaction sets; PendingXmlIdentifier is judged together
// with the file by pending.transaction, the marks of a corrupt store by store.corruption-flag.
constexpr FlagRule kRules[] = {
    {"ExecutionState", Finding::BLOCK, Finding::BLOCK, "a transaction is partly executed"},
    {"PoqexecFailure", Finding::BLOCK, Finding::BLOCK, "a transaction failed at boot"},
    {"PoqexecFailures", Finding::BLOCK, Finding::BLOCK, "a transaction failed at boot"},
    {"RepairTransactionPended", Finding::BLOCK, Finding::BLOCK,
     "a repair of the component store waits for a restart"},
    {"AIFailureInformation", Finding::BLOCK, Finding::BLOCK, "an advanced installer failed"},
    {"AdvancedInstallersNeedResolving", Finding::BLOCK, Finding::BLOCK,
     "advanced installers have not run yet"},
    {"StoreDirty", Finding::BLOCK, Finding::BLOCK,
     "the component store was written to and not committed"},
    {"NextQueueEntryIndex", Finding::WARN, Finding::BLOCK, "the installer queue is not at its end"},
    {"NextQueueEntryIndexBCDB", Finding::WARN, Finding::BLOCK,
     "the installer queue of the boot store is not at its end"},
    {"Installers\\RegKeySDTable\\Install", Finding::WARN, Finding::WARN,
     "an installer queue was left behind"},
    {"Installers\\RegKeySDTable\\Uninstall", Finding::WARN, Finding::WARN,
     "an installer queue was left behind"},
    {"ImpactfulTransactionCommitsDisabled", Finding::WARN, Finding::WARN,
     "commits of transactions are switched off"},
};

}  // namespace

Finding ComponentsFlags(const CheckInput& input) {
  const ComponentsRoot& facts = input.snapshot.components_root();
  const Collection& pending_xml = input.snapshot.pending_xml().collection();
  FindingBuilder finding;
  NeedsPresent(facts.collection(), &finding);
  for (const ComponentsFlag& flag : facts.flags()) {
    if (!flag.set()) continue;
    for (const FlagRule& rule : kRules) {
      if (flag.name() != rule.name) continue;
      if (rule.result != rule.with_pending_xml) NeedsExistence(pending_xml, &finding);
      // The time of the hive's root is not that of a key below it.
      const bool in_root = !absl::StrContains(flag.name(), "\\");
      finding.Report(IsThere(pending_xml) ? rule.with_pending_xml : rule.result,
                     absl::StrCat("the component store is not settled: ", rule.meaning),
                     Below(facts.collection(), flag.name()),
                     absl::StrCat("is ", flag.data(), " (", flag.type(), ")"),
                     in_root ? facts.collection().modified_filetime() : 0);
    }
  }
  return finding.Done("the component store is settled: no mark of a transaction is set");
}

}  // namespace patchgate::gate::checks
