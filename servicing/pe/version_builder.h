// Builds version resources in memory, for tests.
//
//   VersionInfo info;
//   info.file_version = "10.0.26100.7462";
//   info.texts = {{"CompanyName", "Microsoft Corporation"}};
//   builder.AddResource(kVersionResourceType, kVersionResourceId, 0x409,
//   BuildVersionResource(info));
#ifndef SERVICING_PE_VERSION_BUILDER_H_
#define SERVICING_PE_VERSION_BUILDER_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "servicing/pe/pe_builder.h"

namespace patchgate::pe {

struct VersionInfo {
  // Four decimal numbers of 16 bits. Without a file version there is no VS_FIXEDFILEINFO; without
  // a product version it is the file version.
  std::string file_version, product_version;
  // UTF-8, in this order in the StringTable 040904B0; without texts there is no StringFileInfo.
  std::vector<std::pair<std::string, std::string>> texts;
};

// The bytes of a VS_VERSIONINFO.
std::string BuildVersionResource(const VersionInfo& info);

// One block of a version resource: its header, `key`, `value` and the blocks `inner`. The result
// begins at a multiple of 4.
std::string VersionBlock(absl::string_view key, uint16_t type, uint16_t value_length,
                         absl::string_view value, const std::vector<std::string>& inner);

// A whole file of that version, as of Microsoft: "ntoskrnl.exe" of a fake volume. Files of equal
// arguments are equal.
std::string BuildVersionedImage(absl::string_view version, const PeBuilder::Options& options = {});

}  // namespace patchgate::pe

#endif  // SERVICING_PE_VERSION_BUILDER_H_
