// The base manifest: the bytes against which Windows writes the manifests of components as deltas.
#ifndef SERVICING_STORE_BASE_MANIFEST_H_
#define SERVICING_STORE_BASE_MANIFEST_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "servicing/digest/digest.h"
#include "servicing/evidence/source.h"
#include "servicing/files/file_memory.h"
#include "servicing/files/file_reader.h"

namespace patchgate::store {

struct BaseManifest {
  std::string path;                  // Of wcp.dll, on the volume.
  std::string bytes;                 // 9,066 in the one copy that is known (DOMAIN §4.4).
  digest::Sha256Digest sha256 = {};  // Of `bytes`.
};

// The base manifest in the bytes of a wcp.dll: a view of them. Errors as below, without a path.
absl::StatusOr<absl::string_view> FindBaseManifest(absl::string_view wcp_dll);

// For files::FileMemory: of a wcp.dll, its base manifest, or why it has none.
files::KeptPart KeepBaseManifest(absl::string_view name, absl::string_view bytes);

// Reads resource 614, id 1, first language, of wcp.dll in the servicing-stack folder,
// "Windows/WinSxS/amd64_microsoft- windows-servicingstack_..." (DOMAIN §4.4). Errors name the path:
// those of the source if the file cannot be opened; kNotFound if it has no such resource;
// kInvalidArgument if it is no PE image; kDataLoss if it is a damaged one or the resource is empty;
// kResourceExhausted if the resource has more than 16 MiB. With a `reader` whose memory keeps base
// manifests, the file is read as a whole, for all who ask for it later, unless somebody did before;
// without one, no more than the image's headers, three resource directories and the resource.
absl::StatusOr<BaseManifest> ReadBaseManifest(const evidence::Source& source,
                                              absl::string_view servicing_stack_folder,
                                              files::FileReader* reader = nullptr);

}  // namespace patchgate::store

#endif  // SERVICING_STORE_BASE_MANIFEST_H_
