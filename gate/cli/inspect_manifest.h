// What `inspect` shows of a manifest of the component store.
#ifndef GATE_CLI_INSPECT_MANIFEST_H_
#define GATE_CLI_INSPECT_MANIFEST_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "gate/cli/inspection.pb.h"

namespace patchgate::cli {

// By content: `bytes` are wrapped as files of the component store are, or `beginning`, their first
// characters as UTF-8, is that of an XML document with the root element `assembly`.
bool LooksLikeManifest(absl::string_view bytes, absl::string_view beginning);

// The facts of the manifest `bytes`, read from the native path `file`. A compressed one is decoded
// with the base manifest in the file `base`, which may be a wcp.dll; if `base` is empty, with the
// one of the newest servicing stack of the store whose folder Manifests holds the file. What cannot
// be decoded says so in `error`. Fails only if `base` cannot be used.
absl::StatusOr<ManifestInspection> InspectManifest(const std::string& file, absl::string_view bytes,
                                                   const std::string& base);

// The XML of the manifest, as InspectManifest reads it. kNotFound if it needs a base manifest and
// there is none; errors of delta::DecodeManifest.
absl::StatusOr<std::string> DecodedManifest(const std::string& file, absl::string_view bytes,
                                            const std::string& base);

}  // namespace patchgate::cli

#endif  // GATE_CLI_INSPECT_MANIFEST_H_
