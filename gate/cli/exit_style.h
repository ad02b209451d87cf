// Exit codes of `check` by who calls it: deployment tools give them meanings of their own.
#ifndef GATE_CLI_EXIT_STYLE_H_
#define GATE_CLI_EXIT_STYLE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace patchgate::cli {

// |               | native | intune | msi  | nagios |
// | GO            | 0      | 0      | 0    | 0      |  nagios: 1 (WARNING) with unwaived warnings
// | NO_GO         | 2      | 1      | 1603 | 2      |
// | INDETERMINATE | 3      | 1      | 1603 | 3      |  msi: 1618 (ask again later) while busy
// | failed        | 1      | 1      | 1603 | 3      |
// Never 3010 or 1641, by which installers mean success (DOMAIN §10.3, §10.5). Where exit codes have
// 8 bits, 1603 arrives as 67 and 1618 as 82.
enum class ExitStyle { kNative, kIntune, kMsi, kNagios };

struct RunResult {
  enum Kind { kGo, kNoGo, kIndeterminate, kFailed };
  Kind kind = kFailed;
  bool busy = false;    // Verdict.busy. With msi it counts for GO too, which never comes with it.
  bool warned = false;  // A finding is WARN and not waived.
};

int ExitCodeFor(ExitStyle style, const RunResult& result);

// What a failed run returns whose style nobody knows: no caller takes 3 for GO, for a mere warning
// (as Nagios takes 1) or for a restart to come.
inline constexpr int kFailedInUnknownStyle = 3;

// "native", "intune", "msi", "nagios"
const std::vector<std::string>& ExitStyleNames();

// kInvalidArgument, with the nearest name, for others.
absl::StatusOr<ExitStyle> ParseExitStyle(const std::string& name);

}  // namespace patchgate::cli

#endif  // GATE_CLI_EXIT_STYLE_H_
