#include "servicing/cbs/log/startup_parser.h"

#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/strip.h"
#include "servicing/cbs/log/bounded_list.h"
#include "servicing/cbs/log/message_fields.h"

namespace patchgate::cbs {

using absl::ConsumePrefix;
using absl::StartsWith;
using absl::StrContains;
using absl::string_view;

CbsStartup* StartupParser::Begin(bool shutdown, const Stamp& time) {
  uint64_t dropped = log_->dropped();
  run_ = AddBounded(log_->mutable_startups(), kMaxStartups, &dropped);
  log_->set_dropped(dropped);
  run_->set_shutdown(shutdown);
  *run_->mutable_begun() = time;
  is_conjectured_ = false;
  in_execution_ = false;
  return run_;
}

CbsStartup* StartupParser::Run(bool shutdown, const Stamp& time) {
  is_conjectured_ = false;
  if (is_open() && run_->shutdown() == shutdown) return run_;
  return Begin(shutdown, time);
}

CbsStartup* StartupParser::RunOutsideExecution(const Stamp& time) {
  if (is_open()) return run_;
  if (in_execution_) return nullptr;
  Begin(false, time);
  is_conjectured_ = true;
  return run_;
}

void StartupParser::Break() {
  run_ = nullptr;
  in_execution_ = false;
}

void StartupParser::OnExecutionStarted() {
  if (!is_open()) run_ = nullptr;
  is_conjectured_ = false;
  in_execution_ = true;
}

void StartupParser::OnExecutionComplete() {
  // What looked like a run was a session whose beginning is not in the logs.
  if (is_open() && is_conjectured_) {
    log_->mutable_startups()->RemoveLast();
    run_ = nullptr;
  }
  in_execution_ = false;
}

void StartupParser::OnDriversFailed() {
  if (is_open()) run_->set_drivers_failed(true);
}

void StartupParser::OnPoqexecFailed(absl::optional<uint32_t> result) {
  if (!is_open()) return;
  run_->set_primitives_failed(true);
  if (result) run_->set_primitives_result(*result);
}

void StartupParser::AddState(string_view state, const Stamp& time) {
  const bool rollback =
      StrContains(state, "InitiateRollback") || StrContains(state, "FlagRollback");
  // A session may set any state; without a run around it only a rollback is worth one.
  CbsStartup* const run = rollback ? RunOutsideExecution(time) : is_open() ? run_ : nullptr;
  if (run == nullptr) return;
  if (rollback) run->set_rollback(true);
  if (StrContains(state, "FlagDriversFailed")) run->set_drivers_failed(true);
  if (StrContains(state, "FlagAdvancedInstallersFailed")) run->set_installers_failed(true);
  auto* const states = run->mutable_execute_states();
  std::string clean = Clean(state);
  if (!states->empty() && states->Get(states->size() - 1) == clean) return;
  if (states->size() >= kMaxStates) states->DeleteSubrange(0, kMaxStates / 2);
  *states->Add() = std::move(clean);
}

// "Startup: Package: <P> completed startup processing, new state: Installed, original: Staged,
// targeted: Installed.  hr = 0x0"
void StartupParser::AddPackage(string_view message, const Stamp& time) {
  // After its end a run still owns its packages.
  CbsStartup* const run = run_ != nullptr ? run_ : Run(StartsWith(message, "Shtd: "), time);
  auto* const packages = run->mutable_packages();
  if (packages->size() >= kMaxPackages) {
    log_->set_dropped(log_->dropped() + DropLeast(packages, kMaxPackages / 2, PackageMatters));
  }
  CbsLogPackage* const package = packages->Add();
  *package->mutable_time() = time;
  constexpr string_view kLabel = "Package: ";
  message.remove_prefix(message.find(kLabel) + kLabel.size());
  package->set_identity(Clean(message.substr(0, message.find(' '))));
  package->set_new_state(Clean(FieldOf(message, "new state: ").value_or("")));
  package->set_original_state(Clean(FieldOf(message, "original: ").value_or("")));
  string_view target = FieldOf(message, "targeted: ").value_or("");
  target = target.substr(0, target.find('.'));
  package->set_target_state(Clean(target));
  const size_t hr = message.find("hr = ");
  if (hr != string_view::npos) {
    if (const auto result = ParseHex32(message.substr(hr + 5), true)) package->set_result(*result);
  } else if (const auto result = ResultOf(message)) {
    package->set_result(*result);
  }
}

void StartupParser::Complete(string_view message, const Stamp& time) {
  *run_->mutable_finished() = time;
  if (const auto result = ResultOf(message)) run_->set_result(*result);
}

bool StartupParser::ParseStartup(string_view message, const Stamp& time) {
  if (StartsWith(message, "BlockTime")) {
    Begin(false, time);
  } else if (StartsWith(message, "Processing complete")) {
    Run(false, time);
    Complete(message, time);
  } else if (StartsWith(message, "A possible hang was detected") ||
             StartsWith(message, "No progress detected while needing to process")) {
    CbsStartup* const run = Run(false, time);
    run->set_hang_detected(true);
    if (StrContains(message, "rolling back")) run->set_rollback(true);
  } else if (StartsWith(message, "Failed to process advanced operation queue")) {
    CbsStartup* const run = Run(false, time);
    run->set_installers_failed(true);
    if (StrContains(message, "rollback transaction will be created") ||
        StrContains(message, "will be rolled back")) {
      run->set_rollback(true);
    }
  } else if (StartsWith(message, "Rolling back KTM, because drivers failed") ||
             StartsWith(message, "Failed executing critical driver operations queue") ||
             StartsWith(message, "Failed while processing non-critical driver operations queue")) {
    Run(false, time)->set_drivers_failed(true);
  } else if (StartsWith(message, "Failed while processing non-critical primitive operations") ||
             StartsWith(message, "Failed while processing critical primitive operations")) {
    CbsStartup* const run = Run(false, time);
    run->set_primitives_failed(true);
    if (const auto result = ResultOf(message)) run->set_primitives_result(*result);
  } else if (StartsWith(message, "Primitive operations completed successfully")) {
    CbsStartup* const run = Run(false, time);
    if (!run->has_primitives_result()) run->set_primitives_result(0);
  } else if (StartsWith(message, "Failed, restart required to ") ||
             StartsWith(message, "Success, restart required to ")) {
    Run(false, time)->set_restart_required(true);
  } else if (StartsWith(message, "current ExecuteState is ") ||
             StartsWith(message, "Initializing driver operations queue") ||
             StartsWith(message, "Initializing advanced operation queue") ||
             StartsWith(message, "Processing advanced operation queue") ||
             StartsWith(message, "Processing primitive operations queue")) {
    Run(false, time);
  } else {
    return false;
  }
  return true;
}

bool StartupParser::ParseShutdown(string_view message, const Stamp& time) {
  if (StartsWith(message, "Begin shutdown processing")) {
    Begin(true, time);
  } else if (StartsWith(message, "Shutdown processing complete") ||
             StartsWith(message, "Processing complete")) {
    Run(true, time);
    Complete(message, time);
  } else {
    return false;
  }
  return true;
}

bool StartupParser::Parse(string_view message, const Stamp& time) {
  string_view rest = message;
  if (ConsumePrefix(&rest, "Startup: ") || ConsumePrefix(&rest, "Shtd: ")) {
    if (StartsWith(rest, "Package: ") && (StrContains(rest, " completed startup processing") ||
                                          StrContains(rest, " completed shutdown processing"))) {
      AddPackage(message, time);
      return true;
    }
    return StartsWith(message, "Startup: ") ? ParseStartup(rest, time) : ParseShutdown(rest, time);
  }
  if (ConsumePrefix(&rest, "Retrieved original failure status: ")) {
    // It comes near the beginning, once.
    if (is_open() && run_->has_retrieved_failure_status()) run_ = nullptr;
    CbsStartup* const run = is_open() ? run_ : Begin(false, time);
    is_conjectured_ = false;
    if (const auto status = ParseHex32(rest)) run->set_retrieved_failure_status(*status);
    run->set_last_forward_state(Clean(FieldOf(rest, "last forward execute state: ").value_or("")));
    return true;
  }
  if (ConsumePrefix(&rest, "Setting ExecuteState key to: ")) {
    AddState(WithoutResult(rest), time);
    return true;
  }
  if (ConsumePrefix(&rest, "Setting original failure status: ")) {
    const auto status = ParseHex32(rest);
    CbsStartup* const run = status.value_or(1) != 0 ? RunOutsideExecution(time)
                            : is_open()             ? run_
                                                    : nullptr;
    if (run != nullptr && status) run->set_set_failure_status(*status);
    return true;
  }
  if (ConsumePrefix(&rest, "Setting RollbackFailed flag to ")) {
    const auto flag = ParseDecimal(rest);
    if (!flag) return false;
    CbsStartup* const run = *flag != 0 ? RunOutsideExecution(time) : is_open() ? run_ : nullptr;
    if (run != nullptr) run->set_rollback_failed(*flag);
    return true;
  }
  if (StartsWith(message, "Clearing original failure status")) {
    if (is_open()) run_->set_cleared_failure_status(true);
    return is_open();
  }
  if (StartsWith(message, "Disabling LKG boot option")) {
    if (is_open()) run_->set_lkg_enabled(false);
    return is_open();
  }
  if (StartsWith(message, "Enabling LKG boot option")) {
    // The last word of a run, after its end.
    if (run_ != nullptr) run_->set_lkg_enabled(true);
    return run_ != nullptr;
  }
  if (StartsWith(message, "Poqexec.exe completed")) {
    if (!is_open()) return false;
    if (const auto result = ResultOf(message)) run_->set_primitives_result(*result);
    return true;
  }
  if (StartsWith(message, "Added poqexec to SetupExecute")) {
    if (is_open()) run_->set_moved_to_setup_execute(true);
    return is_open();
  }
  if (StartsWith(message, "No more queue entries, deleted pending.xml")) {
    if (is_open()) run_->set_pending_deleted(true);
    return is_open();
  }
  return false;
}

void StartupParser::Finish() {
  uint64_t dropped = log_->dropped();
  KeepNewest(log_->mutable_startups(), kMaxStartups, &dropped);
  log_->set_dropped(dropped);
  run_ = nullptr;
}

}  // namespace patchgate::cbs
