// Runs of start-up and shutdown servicing (DOMAIN §4.6).
#ifndef SERVICING_CBS_LOG_STARTUP_PARSER_H_
#define SERVICING_CBS_LOG_STARTUP_PARSER_H_

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "servicing/cbs/cbs_log.pb.h"

namespace patchgate::cbs {

// Fed the messages of the component CBS in their order. A run begins where the log says so, or at
// the first line that only a run writes when its beginning is not in the logs. It ends with
// "Processing complete", or unfinished with the next run, with the next start of the Trusted
// Installer or where text was lost.
//
// Sessions that run without a restart write some of the same lines (states, the LKG boot option,
// the rollback flag); between "Exec: Processing started" and "complete" those are no run's.
class StartupParser {
 public:
  static constexpr int kMaxStartups = 500;
  static constexpr int kMaxStates = 200;    // Of one run.
  static constexpr int kMaxPackages = 200;  // Of one run.

  explicit StartupParser(CbsLog* log) : log_(log) {}

  // False if the message says nothing of a run.
  bool Parse(absl::string_view message, const Stamp& time);

  // The Trusted Installer started, or text was lost: whatever was going on is over.
  void Break();
  void OnExecutionStarted();
  void OnExecutionComplete();
  // Drivers, as told by lines that are also marks.
  void OnDriversFailed();
  void OnPoqexecFailed(absl::optional<uint32_t> result);

  void Finish();

 private:
  bool ParseStartup(absl::string_view message, const Stamp& time);
  bool ParseShutdown(absl::string_view message, const Stamp& time);
  void AddState(absl::string_view state, const Stamp& time);
  void AddPackage(absl::string_view message, const Stamp& time);
  void Complete(absl::string_view message, const Stamp& time);

  bool is_open() const { return run_ != nullptr && !run_->has_finished(); }
  CbsStartup* Begin(bool shutdown, const Stamp& time);
  // The open run; begins one if there is none.
  CbsStartup* Run(bool shutdown, const Stamp& time);
  // The same for a line that a session without restart may write too; nullptr within one.
  CbsStartup* RunOutsideExecution(const Stamp& time);

  CbsLog* log_;
  CbsStartup* run_ = nullptr;    // The open run, or the finished one until something else begins.
  bool is_conjectured_ = false;  // Only lines that a session may write too spoke of the open run.
  bool in_execution_ = false;
};

}  // namespace patchgate::cbs

#endif  // SERVICING_CBS_LOG_STARTUP_PARSER_H_
