// What a handler of faults says and returns; it can neither allocate nor format.
#ifndef GATE_CLI_FAULT_END_H_
#define GATE_CLI_FAULT_END_H_

#include <cstddef>
#include <cstring>
#include <string>

#include "absl/strings/string_view.h"
#include "gate/cli/failure.h"

namespace patchgate::cli {

inline constexpr char kFaultMessage[] =
    "patchgate: an evidence file could not be read while it was mapped: I/O error, or truncated "
    "meanwhile\n";

struct FaultEnd {
  int exit_code = 1;
  char line[256] = {};  // For standard output.
  size_t line_size = 0;
};

inline FaultEnd FaultEndOf(const FailureContract& contract) {
  FaultEnd end;
  end.exit_code = contract.exit_code;
  if (!contract.line_on_stdout) return end;
  const std::string line =
      FailedLine("an evidence file could not be read while it was mapped, or patchgate aborted");
  static_assert(sizeof(end.line) >= 200, "the line fits");
  end.line_size = line.size() < sizeof(end.line) ? line.size() : 0;
  std::memcpy(end.line, line.data(), end.line_size);
  return end;
}

}  // namespace patchgate::cli

#endif  // GATE_CLI_FAULT_END_H_
