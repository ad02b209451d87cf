#include "gate/cli/exit_style.h"

#include "gate/cli/choice.h"
#include "servicing/base/status_macros.h"

namespace patchgate::cli {
namespace {

constexpr int kFatal = 1603;          // ERROR_INSTALL_FAILURE
constexpr int kAskAgainLater = 1618;  // ERROR_INSTALL_ALREADY_RUNNING

int NativeCode(RunResult::Kind kind) {
  switch (kind) {
    case RunResult::kGo:
      return 0;
    case RunResult::kNoGo:
      return 2;
    case RunResult::kIndeterminate:
      return 3;
    default:
      return 1;
  }
}

int MsiCode(const RunResult& result) {
  const bool judged = result.kind == RunResult::kGo || result.kind == RunResult::kIndeterminate;
  if (judged && result.busy) return kAskAgainLater;
  return result.kind == RunResult::kGo ? 0 : kFatal;
}

int NagiosCode(const RunResult& result) {
  switch (result.kind) {
    case RunResult::kGo:
      return result.warned ? 1 : 0;
    case RunResult::kNoGo:
      return 2;
    default:
      return 3;
  }
}

}  // namespace

int ExitCodeFor(ExitStyle style, const RunResult& result) {
  switch (style) {
    case ExitStyle::kNative:
      return NativeCode(result.kind);
    case ExitStyle::kIntune:
      return result.kind == RunResult::kGo ? 0 : 1;
    case ExitStyle::kMsi:
      return MsiCode(result);
    case ExitStyle::kNagios:
      return NagiosCode(result);
  }
  return kFailedInUnknownStyle;
}

const std::vector<std::string>& ExitStyleNames() {
  static const auto* const names =
      new std::vector<std::string>{"native", "intune", "msi", "nagios"};
  return *names;
}

absl::StatusOr<ExitStyle> ParseExitStyle(const std::string& name) {
  PG_ASSIGN_OR_RETURN(const size_t index, Choose("exit style", name, ExitStyleNames()));
  constexpr ExitStyle kStyles[] = {ExitStyle::kNative, ExitStyle::kIntune, ExitStyle::kMsi,
                                   ExitStyle::kNagios};
  return kStyles[index];
}

}  // namespace patchgate::cli
