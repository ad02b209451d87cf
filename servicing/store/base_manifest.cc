#include "servicing/store/base_manifest.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/types/optional.h"
#include "servicing/base/status_macros.h"
#include "servicing/base/utf16.h"
#include "servicing/pe/image.h"
#include "servicing/pe/resources.h"

namespace patchgate::store {
namespace {

constexpr absl::string_view kWcp = "wcp.dll";
constexpr uint16_t kResourceType = 614;
constexpr uint16_t kResourceId = 1;
// Far more than any manifest has; it keeps a hostile wcp.dll from being copied whole.
constexpr size_t kLargest = 16 << 20;

}  // namespace

absl::StatusOr<absl::string_view> FindBaseManifest(absl::string_view wcp_dll) {
  PG_ASSIGN_OR_RETURN(const pe::Image image, pe::Image::Parse(wcp_dll));
  PG_ASSIGN_OR_RETURN(const absl::string_view bytes,
                      pe::FindResource(image, kResourceType, kResourceId));
  if (bytes.empty()) return absl::DataLossError("resource 614, 1: empty");
  if (bytes.size() > kLargest) {
    return absl::ResourceExhaustedError(
        absl::StrCat("resource 614, 1: ", bytes.size(), " bytes, more than ", kLargest));
  }
  return bytes;
}

files::KeptPart KeepBaseManifest(absl::string_view name, absl::string_view bytes) {
  if (!NamesEqual(name, kWcp)) return absl::nullopt;
  const absl::StatusOr<absl::string_view> base = FindBaseManifest(bytes);
  if (!base.ok()) return absl::StatusOr<std::string>(base.status());
  return absl::StatusOr<std::string>(std::string(*base));
}

absl::StatusOr<BaseManifest> ReadBaseManifest(const evidence::Source& source,
                                              absl::string_view servicing_stack_folder,
                                              files::FileReader* reader) {
  BaseManifest base;
  base.path = absl::StrCat(servicing_stack_folder, "/", kWcp);
  files::KeptPart kept;
  ImageFacts facts;
  if (reader == nullptr || !reader->Examine(source, base.path, &facts, &kept).ok() || !kept) {
    PG_ASSIGN_OR_RETURN(const std::unique_ptr<evidence::File> file, source.Open(base.path));
    kept = KeepBaseManifest(kWcp, file->bytes());
  }
  if (!kept->ok()) {
    return absl::Status(kept->status().code(),
                        absl::StrCat(base.path, ": ", kept->status().message()));
  }
  base.bytes = **std::move(kept);
  base.sha256 = digest::Sha256(base.bytes);
  return base;
}

}  // namespace patchgate::store
