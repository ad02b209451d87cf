#include "absl/strings/str_cat.h"
#include "gate/checks/checks.h"
#include "gate/checks/commands.h"
#include "gate/checks/presence.h"

namespace patchgate::gate::checks {

// Present and empty on every host that was measured. poqexec in it belongs to a transaction, which
// pending.transaction judges as a whole; here it is only mentioned (DOMAIN 1.4, 2.2).
Finding SetupExecuteCommands(const CheckInput& input) {
  const PoqexecRegistration& facts = input.snapshot.poqexec();
  const Collection& manager = facts.session_manager();
  const Collection& side_by_side = facts.side_by_side();
  const std::string where = Below(manager, "SetupExecute");
  FindingBuilder finding;
  NeedsPresent(manager, "SetupExecute", &finding);
  finding.Needs(side_by_side);
  for (const std::string& command : facts.setup_execute()) {
    const bool poqexec = ProgramName(command) == "poqexec";
    finding.Report(poqexec ? Finding::INFO : Finding::WARN,
                   poqexec ? "poqexec is registered to run at boot"
                           : absl::StrCat("an unexpected program runs at boot: ", command),
                   where, absl::StrCat("runs ", command), manager.modified_filetime());
  }
  if (IsThere(manager) && !facts.setup_execute_present()) {
    finding.Info("the list of set-up programs is missing, it is usually there and empty", where,
                 "not there", manager.modified_filetime());
  }
  if (facts.dont_run_poqexec_in_smss()) {
    finding.Warn("poqexec is kept from running at boot",
                 Below(side_by_side, "DontRunPoqexecInSmss"), "present",
                 side_by_side.modified_filetime());
  }
  return finding.Done("no set-up program runs at boot");
}

}  // namespace patchgate::gate::checks
