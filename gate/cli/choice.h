// One of a few names on the command line.
#ifndef GATE_CLI_CHOICE_H_
#define GATE_CLI_CHOICE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace patchgate::cli {

// The place of `name` in `names`. kInvalidArgument, with the nearest name, if it is not there:
// "unknown format "jsom", did you mean json?; formats: text, json"; `what` is "format".
absl::StatusOr<size_t> Choose(absl::string_view what, const std::string& name,
                              const std::vector<std::string>& names);

}  // namespace patchgate::cli

#endif  // GATE_CLI_CHOICE_H_
