#include "servicing/history/package_name.h"

#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace patchgate::history {
namespace {

std::pair<uint64_t, uint64_t> Numbers(absl::string_view build) {
  const std::pair<absl::string_view, absl::string_view> parts = absl::StrSplit(build, '.');
  uint64_t major = 0, minor = 0;
  if (!absl::SimpleAtoi(parts.first, &major) || !absl::SimpleAtoi(parts.second, &minor)) {
    return {0, 0};
  }
  return {major, minor};
}

}  // namespace

bool IsRollupFix(absl::string_view identity) {
  return absl::StartsWithIgnoreCase(identity, "Package_for_RollupFix~");
}

bool IsServicingStack(absl::string_view identity) {
  return absl::StartsWithIgnoreCase(identity, "Package_for_ServicingStack");
}

bool IsPartOfUpdate(absl::string_view identity) {
  return absl::ConsumePrefix(&identity, "Package_") && !identity.empty() &&
         absl::ascii_isdigit(identity.front());
}

std::string BuildOf(absl::string_view identity) {
  const size_t tilde = identity.rfind('~');
  if (tilde == absl::string_view::npos) return "";
  const std::vector<absl::string_view> parts = absl::StrSplit(identity.substr(tilde + 1), '.');
  uint32_t build = 0, revision = 0;
  constexpr size_t kParts = 4;
  if (parts.size() != kParts || !absl::SimpleAtoi(parts[0], &build) ||
      !absl::SimpleAtoi(parts[1], &revision)) {
    return "";
  }
  return absl::StrCat(build, ".", revision);
}

int CompareBuilds(absl::string_view a, absl::string_view b) {
  const auto x = Numbers(a), y = Numbers(b);
  return x < y ? -1 : x > y ? 1 : 0;
}

}  // namespace patchgate::history
