#include "gate/cli/outputs.h"

#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "gate/cli/atomic_file.h"
#include "gate/cli/choice.h"
#include "servicing/base/status_macros.h"

namespace patchgate::cli {

absl::StatusOr<std::vector<Output>> ParseOutputs(const std::vector<std::string>& specs,
                                                 const std::vector<std::string>& formats) {
  std::vector<Output> outputs;
  int to_stdout = 0;
  for (const std::string& spec : specs) {
    const size_t equals = spec.find('=');
    Output output{spec.substr(0, equals),
                  equals == std::string::npos ? "" : spec.substr(equals + 1)};
    PG_RETURN_IF_ERROR(Choose("format", output.format, formats).status());
    if (equals != std::string::npos && output.path.empty()) {
      return absl::InvalidArgumentError(absl::StrCat("output ", spec, " names no file"));
    }
    to_stdout += output.path.empty();
    outputs.push_back(std::move(output));
  }
  if (to_stdout > 1) {
    return absl::InvalidArgumentError(
        "only one output can go to standard output; give the others a file");
  }
  if (outputs.empty()) outputs.push_back({"text", ""});
  return outputs;
}

absl::Status CheckTargets(const std::vector<Output>& outputs, const std::string& root,
                          const std::vector<std::string>& inputs) {
  std::set<std::string> seen;
  for (const Output& output : outputs) {
    if (output.path.empty()) continue;
    if (!seen.insert(CanonicalPath(output.path)).second) {
      return absl::InvalidArgumentError(absl::StrCat("two outputs go to one file, ", output.path));
    }
    for (const std::string& input : inputs) {
      if (!input.empty() && CanonicalPath(input) == CanonicalPath(output.path)) {
        return absl::InvalidArgumentError(
            absl::StrCat("output ", output.path, " would replace an input of this command"));
      }
    }
    PG_RETURN_IF_ERROR(CheckOutsideRoot(root, output.path));
  }
  return absl::OkStatus();
}

absl::Status WriteOutputs(const std::vector<Output>& outputs,
                          absl::FunctionRef<std::string(const Output&)> render,
                          const Streams& streams) {
  for (const Output& output : outputs) {
    if (!output.path.empty()) PG_RETURN_IF_ERROR(WriteFileAtomically(output.path, render(output)));
  }
  for (const Output& output : outputs) {
    if (output.path.empty()) streams.out << render(output) << std::flush;
  }
  return absl::OkStatus();
}

}  // namespace patchgate::cli
