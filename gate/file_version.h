// Four-part versions of files, as text: "10.0.26100.7462".
#ifndef GATE_FILE_VERSION_H_
#define GATE_FILE_VERSION_H_

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"

namespace patchgate::gate {

// Less than, equal to or greater than 0, as `a` is older, the same or newer. nullopt if one of them
// is not four decimal numbers.
absl::optional<int> CompareFileVersions(absl::string_view a, absl::string_view b);

}  // namespace patchgate::gate

#endif  // GATE_FILE_VERSION_H_
