#include "servicing/evidence/source.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "servicing/base/utf16.h"

namespace patchgate::evidence {

absl::StatusOr<std::vector<std::string>> SplitVolumePath(absl::string_view path) {
  std::vector<std::string> parts;
  for (const absl::string_view part :
       absl::StrSplit(path, absl::ByAnyChar("/\\"), absl::SkipEmpty())) {
    if (part == ".") continue;
    if (part == ".." || part.find(':') != absl::string_view::npos ||
        part.find('\0') != absl::string_view::npos) {
      return absl::InvalidArgumentError(
          absl::StrCat("path ", path, ": part \"", part, "\" could lead out of the volume"));
    }
    parts.emplace_back(part);
  }
  return parts;
}

void SortListing(std::vector<FileInfo>* entries) {
  std::sort(entries->begin(), entries->end(), [](const FileInfo& a, const FileInfo& b) {
    const int order = CompareNames(a.name, b.name);
    return order != 0 ? order < 0 : a.name < b.name;
  });
}

}  // namespace patchgate::evidence
