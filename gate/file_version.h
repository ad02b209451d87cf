// Four-part versions of files, as text: "10.0.26100.7462".
#ifndef GATE_FILE_VERSION_H_
#define GATE_FILE_VERSION_H_

#include <array>
#include <cstdint>

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"

namespace patchgate::gate {

using FileVersion = std::array<uint32_t, 4>;

// nullopt if `text` is not four decimal numbers of 32 bits; signs and blanks are no part of one.
absl::optional<FileVersion> ParseFileVersion(absl::string_view text);

// Less than, equal to or greater than 0, as `a` is older, the same or newer. nullopt if one of them
// is no version.
absl::optional<int> CompareFileVersions(absl::string_view a, absl::string_view b);

}  // namespace patchgate::gate

#endif  // GATE_FILE_VERSION_H_
