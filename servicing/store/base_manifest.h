// The base manifest: the bytes against which Windows writes the manifests of components as deltas.
#ifndef SERVICING_STORE_BASE_MANIFEST_H_
#define SERVICING_STORE_BASE_MANIFEST_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "servicing/digest/digest.h"
#include "servicing/evidence/source.h"

namespace patchgate::store {

struct BaseManifest {
  std::string path;                  // Of wcp.dll, on the volume.
  std::string bytes;                 // 9,066 in the one copy that is known (DOMAIN §4.4).
  digest::Sha256Digest sha256 = {};  // Of `bytes`.
};

// The base manifest in the bytes of a wcp.dll: a view of them. Errors as below, without a path.
absl::StatusOr<absl::string_view> FindBaseManifest(absl::string_view wcp_dll);

// Reads resource 614, id 1, first language, of wcp.dll in the servicing-stack folder,
// "Windows/WinSxS/amd64_microsoft- windows-servicingstack_..." (DOMAIN §4.4). Errors name the path:
// those of the source if the file cannot be opened; kNotFound if it has no such resource;
// kInvalidArgument if it is no PE image; kDataLoss if it is a damaged one or the resource is empty;
// kResourceExhausted if the resource has more than 16 MiB. Cost: reads the image's headers, three
// resource directories and the resource, which it copies.
absl::StatusOr<BaseManifest> ReadBaseManifest(const evidence::Source& source,
                                              absl::string_view servicing_stack_folder);

}  // namespace patchgate::store

#endif  // SERVICING_STORE_BASE_MANIFEST_H_
