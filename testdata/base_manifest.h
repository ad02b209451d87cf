// The base manifest of fake volumes: what the DCM manifests of a built store are deltas from, and
// what a built wcp.dll carries as resource 614 (DOMAIN §4.4). Not the one of Windows: a text of our
// own, with the elements that manifests consist of.
#ifndef TESTDATA_BASE_MANIFEST_H_
#define TESTDATA_BASE_MANIFEST_H_

#include "absl/strings/string_view.h"

namespace patchgate::testdata {

inline constexpr int kBaseManifestResource = 614;

absl::string_view BaseManifest();

}  // namespace patchgate::testdata

#endif  // TESTDATA_BASE_MANIFEST_H_
