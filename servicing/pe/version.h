// The version resource of a PE image: resource 1 of type 16 (Microsoft, "Version Information").
//
//   VersionResource version;
//   const absl::Status status = ReadVersion(image, &version);
//
// It is found through the resource tree and nowhere else: the signature of VS_FIXEDFILEINFO occurs
// in code and data too, with other numbers behind it.
#ifndef SERVICING_PE_VERSION_H_
#define SERVICING_PE_VERSION_H_

#include <cstddef>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "servicing/pe/image.h"

namespace patchgate::pe {

struct VersionResource {
  // Of VS_FIXEDFILEINFO, "10.0.26100.7462"; empty if there is none.
  std::string file_version, product_version;
  // Of the first StringTable of StringFileInfo, up to their NUL; valid UTF-8; empty if absent.
  std::string file_version_text, company, product, description, original_filename;
};

// Fills `version` with whatever can be read. kNotFound if the image has no version resource;
// kDataLoss if the way to it or a part of it is damaged: the other part is read nevertheless.
// Messages name the file offset of the damaged block. Cost: FindResource, and at most 64 KiB read
// once; no allocation but for the texts.
absl::Status ReadVersion(const Image& image, VersionResource* version);

// The same for the bytes of a resource; `file_offset` is where they lie, for messages.
absl::Status ParseVersion(absl::string_view bytes, size_t file_offset, VersionResource* version);

}  // namespace patchgate::pe

#endif  // SERVICING_PE_VERSION_H_
