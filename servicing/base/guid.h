// GUIDs as Windows stores and writes them.
#ifndef SERVICING_BASE_GUID_H_
#define SERVICING_BASE_GUID_H_

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"

namespace patchgate {

inline constexpr size_t kGuidSize = 16;

// "{c12a7328-f81f-11d2-ba4b-00a0c93ec93b}", lower case, of a GUID as it lies on disk: its first
// three fields little-endian. Empty if `bytes` are not kGuidSize bytes.
std::string FormatGuid(absl::string_view bytes);

// The inverse, in either case; nullopt if `text` is no GUID in braces.
absl::optional<std::string> ParseGuid(absl::string_view text);

}  // namespace patchgate

#endif  // SERVICING_BASE_GUID_H_
