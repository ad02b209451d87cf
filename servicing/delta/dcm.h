// The wrappers of compressed files in the component store (DOMAIN §4.4): DCM, around a PA30 delta
// against a base manifest that wcp.dll carries, and the ones that manifests do not have.
#ifndef SERVICING_DELTA_DCM_H_
#define SERVICING_DELTA_DCM_H_

#include <cstddef>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "servicing/delta/delta.h"

namespace patchgate::delta {

enum class ManifestCoding { kPlain, kDcm, kOther };

// By the first bytes alone: plain starts with '<' or a byte order mark (UTF-8, UTF-16).
ManifestCoding CodingOf(absl::string_view file);

// "DCM", "DCN", "DCD", "DCS", "DCH", "PA30", "PA31" or "PA19"; empty for plain and unknown files.
absl::string_view WrapperName(absl::string_view file);

// The largest manifest that is decoded, in bytes: ten times the largest that was seen, which has
// 3.3 million (format.md).
inline constexpr size_t kLargestManifest = 32 << 20;

// The XML of a manifest: `file` itself where it is plain, otherwise decoded into *buffer, whose
// capacity is reused. Manifests carry no hash: that the text starts like XML is checked, so a base
// of another kind is noticed; one that is slightly different may not be.
//
// kUnimplemented for other wrappers, by name; kDataLoss for files that are none of all, and damage;
// kResourceExhausted beyond kLargestManifest.
absl::StatusOr<absl::string_view> DecodeManifest(absl::string_view file, absl::string_view base,
                                                 Pa30Decoder* decoder, std::string* buffer);

}  // namespace patchgate::delta

#endif  // SERVICING_DELTA_DCM_H_
