#include "gate/checks/commands.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace patchgate::gate::checks {

std::vector<std::string> CommandParts(absl::string_view command) {
  return absl::StrSplit(absl::AsciiStrToLower(command), absl::ByAnyChar(" \t"), absl::SkipEmpty());
}

std::string ProgramName(absl::string_view command) {
  const std::vector<std::string> parts = CommandParts(command);
  if (parts.empty()) return "";
  absl::string_view program = parts[parts[0] == "autocheck" && parts.size() > 1 ? 1 : 0];
  if (const size_t slash = program.rfind('\\'); slash != absl::string_view::npos) {
    program.remove_prefix(slash + 1);
  }
  absl::ConsumeSuffix(&program, ".exe");
  return std::string(program);
}

}  // namespace patchgate::gate::checks
