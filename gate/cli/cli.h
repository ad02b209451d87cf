// The command line, as a function: tests call it with streams of their own.
#ifndef GATE_CLI_CLI_H_
#define GATE_CLI_CLI_H_

#include <atomic>
#include <functional>
#include <ostream>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "gate/cli/event_log.h"

namespace patchgate::cli {

// Exit codes of every command. `check` and `verify` use all of them (of `verify`, kNoGo is damage
// and kIndeterminate what could not be verified), the others kOk and kFailed. With --exit-style
// `check` has other ones (gate/cli/exit_style.h).
enum ExitCode { kOk = 0, kGo = 0, kFailed = 1, kNoGo = 2, kIndeterminate = 3 };

struct Streams {
  std::ostream& out;
  std::ostream& err;
  bool color = false;            // `out` is a terminal that shows ANSI colours.
  bool err_is_terminal = false;  // Shows progress.
  // Called by a command that can end early: from then on the first Ctrl-C sets what is returned,
  // and the second ends the program. Null where nobody can press it.
  const std::atomic<bool>* (*cancel_on_interrupt)() = nullptr;
  // Writes to the Windows Event Log; empty where there is none.
  std::function<absl::Status(const Event&)> write_event = nullptr;
  std::string* failure = nullptr;  // Run's own: where a command that fails leaves its message.
};

// Runs `patchgate ARGS…`; `args` is without the program's name, UTF-8. Errors are one line on
// `err`; nothing is written to `out` then that could be taken for a verdict. A run that failed ends
// as FailureContractOf(args) says.
int Run(const std::vector<std::string>& args, const Streams& streams);

// Ends a run that failed outside of Run, with `message`, as Run ends one. Returns the exit code.
int EndFailedRun(const std::vector<std::string>& args, const std::string& message,
                 const Streams& streams);

}  // namespace patchgate::cli

#endif  // GATE_CLI_CLI_H_
