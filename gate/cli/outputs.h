// Where a command's result goes: FORMAT to standard output, FORMAT=PATH to a file.
#ifndef GATE_CLI_OUTPUTS_H_
#define GATE_CLI_OUTPUTS_H_

#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "gate/cli/cli.h"

namespace patchgate::cli {

struct Output {
  std::string format;
  std::string path;  // Empty for standard output.
};

// What `specs`, the values of -o, ask for; text on standard output if they are empty.
// kInvalidArgument, with the nearest name, for a format that is none of `formats`; also for more
// than one output to standard output.
absl::StatusOr<std::vector<Output>> ParseOutputs(const std::vector<std::string>& specs,
                                                 const std::vector<std::string>& formats);

// kInvalidArgument if an output would go over another one, over one of the files `inputs` (empty
// names count for nothing), or into the volume at `root`: a report must not destroy evidence.
absl::Status CheckTargets(const std::vector<Output>& outputs, const std::string& root,
                          const std::vector<std::string>& inputs);

// Writes what `render(output)` returns. Files first: a result on the screen whose file could not be
// written would be half a result.
absl::Status WriteOutputs(const std::vector<Output>& outputs,
                          absl::FunctionRef<std::string(const Output&)> render,
                          const Streams& streams);

}  // namespace patchgate::cli

#endif  // GATE_CLI_OUTPUTS_H_
