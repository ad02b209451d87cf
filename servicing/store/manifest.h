// A component's manifest: its identity and the files that it brings, with their hashes and
// destinations (DOMAIN §4.4).
#ifndef SERVICING_STORE_MANIFEST_H_
#define SERVICING_STORE_MANIFEST_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"

namespace patchgate::store {

struct ManifestFile {
  std::string name;         // In the component's folder; may have folders: "en-US\\x.mui".
  std::string destination;  // destinationPath as written: "$(runtime.system32)\\"; empty if none.
  std::string sha256;     // 32 raw bytes; empty if the manifest names no SHA-256 of the plain file.
  bool writable = false;  // Programs may change it where it is projected (writeableType).
};

struct Manifest {
  std::string identity;  // As COMPONENTS writes it: FormatIdentity().
  std::string key;       // The component key of this identity.
  std::vector<ManifestFile> files;
};

// Reads a decoded manifest into `manifest`, whose memory is reused; it is empty after an error.
// kInvalidArgument, with line and offset where that says something, for malformed XML, another
// root than `assembly`, no assemblyIdentity or one without a name or version. Prefixes do not
// matter; files without a name are no files. Cost: one pass of Expat; memory for the files, at
// worst some 10 times the XML.
absl::Status ReadManifest(absl::string_view xml, Manifest* manifest);

// Path on the volume of a destination, "Windows/System32/drivers/x.sys"; nullopt where a variable
// is not known, depends on more than the architecture, or the path is none that Windows would give
// a file ("..", a drive, %x%). `architecture` is that of the component: for "wow64" and "x86" on a
// 64-bit host, $(runtime.system32) is Windows\SysWOW64. Never call it for a volume whose Windows is
// 32-bit: there "x86" is native.
absl::optional<std::string> ProjectedPath(absl::string_view destination, absl::string_view name,
                                          absl::string_view architecture);

}  // namespace patchgate::store

#endif  // SERVICING_STORE_MANIFEST_H_
