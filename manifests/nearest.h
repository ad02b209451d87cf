// "Did you mean": the nearest of a set of names.
#ifndef MANIFESTS_NEAREST_H_
#define MANIFESTS_NEAREST_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace patchgate {

// The candidate with the smallest edit distance to `name`, the first of equals; empty if none is
// nearer than replacing more than half of `name`.
std::string NearestName(absl::string_view name, const std::vector<std::string>& candidates);

// ", did you mean X?" or nothing.
std::string DidYouMean(absl::string_view name, const std::vector<std::string>& candidates);

}  // namespace patchgate

#endif  // MANIFESTS_NEAREST_H_
