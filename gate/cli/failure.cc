#include "gate/cli/failure.h"

#include <algorithm>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gate/cli/exit_style.h"
#include "gate/report/report.h"
#include "servicing/base/version.h"

namespace patchgate::cli {
namespace {

// The values of `--name VALUE` and `--name=VALUE`; empty where there is none after the name.
std::set<std::string> ValuesOf(absl::string_view name, const std::vector<std::string>& args) {
  std::set<std::string> values;
  for (size_t i = 0; i < args.size(); ++i) {
    if (args[i] == name) values.insert(i + 1 < args.size() ? args[i + 1] : "");
    if (absl::StartsWith(args[i], absl::StrCat(name, "="))) {
      values.insert(args[i].substr(name.size() + 1));
    }
  }
  return values;
}

// A flag that was meant to be --exit-style: "--Exit-Style", "-exit-style=msi", "--exitstyle", or
// one with the dash of a word processor (U+2010 to U+2015, U+2212).
bool IsMisspelledStyle(absl::string_view arg) {
  if (!absl::StartsWith(arg, "-") && !absl::StartsWith(arg, "\xe2\x80") &&
      !absl::StartsWith(arg, "\xe2\x88\x92")) {
    return false;
  }
  const std::string flag = absl::AsciiStrToLower(arg.substr(0, arg.find('=')));
  if (absl::StartsWith(arg, "--exit-style") && flag == "--exit-style") return false;
  return absl::StrContains(flag, "exit") || absl::StrContains(flag, "style");
}

bool Has(const std::vector<std::string>& args, absl::string_view arg) {
  for (const std::string& one : args) {
    if (one == arg) return true;
  }
  return false;
}

}  // namespace

FailureContract FailureContractOf(const std::vector<std::string>& args) {
  FailureContract contract;
  const std::set<std::string> names = ValuesOf("--exit-style", args);
  bool native = names.empty();
  if (!names.empty()) {
    const absl::StatusOr<ExitStyle> style = ParseExitStyle(*names.begin());
    native = names.size() == 1 && style.ok() && *style == ExitStyle::kNative;
    contract.exit_code =
        names.size() == 1 && style.ok() ? ExitCodeFor(*style, RunResult()) : kFailedInUnknownStyle;
  }
  if (std::any_of(args.begin(), args.end(), IsMisspelledStyle)) {
    native = false;
    contract.exit_code = kFailedInUnknownStyle;
  }
  const bool json = ValuesOf("-o", args).count("json") > 0 ||
                    ValuesOf("--output", args).count("json") > 0 || Has(args, "-ojson");
  contract.line_on_stdout = !native && !json;
  contract.event = Has(args, "--event-log");
  return contract;
}

std::string FailedLine(absl::string_view message) {
  std::string line = absl::StrCat("FAILED patchgate=", kPatchgateVersion, " error=", message);
  line.resize(std::min(line.size(), gate::kOneLineMaxBytes - 1));
  for (char& c : line) {
    if (!absl::ascii_isprint(static_cast<unsigned char>(c)) || c == '|') c = '?';
  }
  line.push_back('\n');
  return line;
}

}  // namespace patchgate::cli
