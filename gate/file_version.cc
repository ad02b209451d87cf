#include "gate/file_version.h"

#include <algorithm>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"

namespace patchgate::gate {

absl::optional<FileVersion> ParseFileVersion(absl::string_view text) {
  const std::vector<absl::string_view> words = absl::StrSplit(text, '.');
  FileVersion parts;
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

absl::optional<int> CompareFileVersions(absl::string_view a, absl::string_view b) {
  const absl::optional<FileVersion> left = ParseFileVersion(a), right = ParseFileVersion(b);
  if (!left || !right) return absl::nullopt;
  return *left < *right ? -1 : *left == *right ? 0 : 1;
}

}  // namespace patchgate::gate
