#include "gate/file_version.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"

namespace patchgate::gate {
namespace {

using Parts = std::array<uint32_t, 4>;

absl::optional<Parts> Parse(absl::string_view text) {
  const std::vector<absl::string_view> words = absl::StrSplit(text, '.');
  Parts parts;
  if (words.size() != parts.size()) return absl::nullopt;
  for (size_t i = 0; i < parts.size(); ++i) {
    const bool digits =
        !words[i].empty() && std::all_of(words[i].begin(), words[i].end(), [](char c) {
          return absl::ascii_isdigit(static_cast<unsigned char>(c));
        });
    if (!digits || !absl::SimpleAtoi(words[i], &parts[i])) return absl::nullopt;
  }
  return parts;
}

}  // namespace

absl::optional<int> CompareFileVersions(absl::string_view a, absl::string_view b) {
  const absl::optional<Parts> left = Parse(a), right = Parse(b);
  if (!left || !right) return absl::nullopt;
  return *left < *right ? -1 : *left == *right ? 0 : 1;
}

}  // namespace patchgate::gate
