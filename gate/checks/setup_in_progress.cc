#include "absl/strings/str_cat.h"
#include "absl/types/optional.h"
#include "gate/checks/checks.h"
#include "gate/checks/presence.h"

namespace patchgate::gate::checks {
namespace {

absl::optional<uint32_t> Known(bool has, uint32_t value) {
  return has ? absl::make_optional(value) : absl::nullopt;
}

}  // namespace

// Windows Setup keeps its state in SYSTEM\Setup; on an installed Windows all of it is 0. Some of
// the values come with the first feature update only, the always-there ones must be read to pass
// (DOMAIN 2.3: measured on five hives).
Finding SetupInProgress(const CheckInput& input) {
  const SetupState& facts = input.snapshot.setup();
  const FileTime written = facts.collection().modified_filetime();
  const struct {
    const char* name;
    absl::optional<uint32_t> value;
    bool always_there;
    Finding::Result result;
    const char* summary;
  } values[] = {
      {"SystemSetupInProgress",
       Known(facts.has_system_setup_in_progress(), facts.system_setup_in_progress()), true,
       Finding::BLOCK, "Windows Setup is not finished on this host"},
      {"SetupType", Known(facts.has_setup_type(), facts.setup_type()), true, Finding::BLOCK,
       "the next boot goes to Windows Setup"},
      {"RollbackActive", Known(facts.has_rollback_active(), facts.rollback_active()), false,
       Finding::BLOCK, "Windows Setup is rolling back a feature update"},
      {"Upgrade", Known(facts.has_upgrade(), facts.upgrade()), false, Finding::BLOCK,
       "a feature update is not finished"},
      {"SetupPhase", Known(facts.has_setup_phase(), facts.setup_phase()), false, Finding::BLOCK,
       "Windows Setup is in the middle of a phase"},
      {"OOBEInProgress", Known(facts.has_oobe_in_progress(), facts.oobe_in_progress()), false,
       Finding::BLOCK, "the first-start dialogs are not finished"},
      {"RestartSetup", Known(facts.has_restart_setup(), facts.restart_setup()), false,
       Finding::WARN, "Windows Setup is marked to be started again"},
  };
  FindingBuilder finding;
  NeedsPresent(facts.collection(), &finding);
  for (const auto& [name, value, always_there, result, summary] : values) {
    const std::string where = Below(facts.collection(), name);
    if (value.value_or(0) != 0) {
      finding.Report(result, summary, where, absl::StrCat("is ", *value), written);
    } else if (IsThere(facts.collection()) && always_there && !value.has_value()) {
      finding.Indeterminate(absl::StrCat("the state of Windows Setup is not known: no ", name),
                            where, "not there, or unreadable", written);
    }
  }
  if (facts.setup_type() != 0 && !facts.cmd_line().empty()) {
    finding.Evidence(Below(facts.collection(), "CmdLine"), absl::StrCat("is ", facts.cmd_line()),
                     written);
  }
  return finding.Done("Windows Setup is not at work");
}

}  // namespace patchgate::gate::checks
