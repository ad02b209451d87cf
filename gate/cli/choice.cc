#include "gate/cli/choice.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "manifests/nearest.h"

namespace patchgate::cli {

absl::StatusOr<size_t> Choose(absl::string_view what, const std::string& name,
                              const std::vector<std::string>& names) {
  const auto it = std::find(names.begin(), names.end(), name);
  if (it != names.end()) return static_cast<size_t>(it - names.begin());
  return absl::InvalidArgumentError(absl::StrCat("unknown ", what, " \"", name, "\"",
                                                 DidYouMean(name, names), "; ", what,
                                                 "s: ", absl::StrJoin(names, ", ")));
}

}  // namespace patchgate::cli
