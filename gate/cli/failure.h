// How a run ends that failed. Known from its arguments alone, so that one which they, or the memory
// or the disk, already broke ends so as its caller understands it.
#ifndef GATE_CLI_FAILURE_H_
#define GATE_CLI_FAILURE_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace patchgate::cli {

struct FailureContract {
  int exit_code = 1;
  // FailedLine goes to standard output: the callers that the exit styles are for see nothing else.
  // Not with the native style, nor where a program is to read JSON there.
  bool line_on_stdout = false;
  bool event = false;  // --event-log was given.
};

// Whatever else `args` holds. A style that is unknown, left empty, named twice in different ways or
// given by a misspelled flag gives kFailedInUnknownStyle.
FailureContract FailureContractOf(const std::vector<std::string>& args);

// "FAILED patchgate=0.1.0 error=MESSAGE": one line of printable ASCII without '|', at most
// gate::kOneLineMaxBytes with its newline; every other byte of the message is a '?'.
std::string FailedLine(absl::string_view message);

}  // namespace patchgate::cli

#endif  // GATE_CLI_FAILURE_H_
