// Command lines of programs that smss starts at boot, before Windows itself.
#ifndef GATE_CHECKS_COMMANDS_H_
#define GATE_CHECKS_COMMANDS_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace patchgate::gate::checks {

// Its parts, lower-cased, split at blanks.
std::vector<std::string> CommandParts(absl::string_view command);

// The program without folder and ".exe", lower-cased: "poqexec" of
// "C:\Windows\System32\poqexec.exe /display_progress …"; of "autocheck autochk *", "autochk", which
// is what smss runs. Empty for a blank line.
std::string ProgramName(absl::string_view command);

}  // namespace patchgate::gate::checks

#endif  // GATE_CHECKS_COMMANDS_H_
