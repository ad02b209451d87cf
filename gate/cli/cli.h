// The command line, as a function: tests call it with streams of their own.
#ifndef GATE_CLI_CLI_H_
#define GATE_CLI_CLI_H_

#include <atomic>
#include <ostream>
#include <string>
#include <vector>

namespace patchgate::cli {

// Exit codes of every command. `check` and `verify` use all of them (of `verify`, kNoGo is damage
// and kIndeterminate what could not be verified), the others kOk and kFailed.
enum ExitCode { kOk = 0, kGo = 0, kFailed = 1, kNoGo = 2, kIndeterminate = 3 };

struct Streams {
  std::ostream& out;
  std::ostream& err;
  bool color = false;            // `out` is a terminal that shows ANSI colours.
  bool err_is_terminal = false;  // Shows progress.
  // Called by a command that can end early: from then on the first Ctrl-C sets what is returned,
  // and the second ends the program. Null where nobody can press it.
  const std::atomic<bool>* (*cancel_on_interrupt)() = nullptr;
};

// Runs `patchgate ARGS…`; `args` is without the program's name, UTF-8. Errors are one line on
// `err`; nothing is written to `out` then that could be taken for a verdict.
int Run(const std::vector<std::string>& args, const Streams& streams);

}  // namespace patchgate::cli

#endif  // GATE_CLI_CLI_H_
