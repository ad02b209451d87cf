#include "servicing/pe/image_facts.h"

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_format.h"
#include "servicing/base/little_endian.h"
#include "servicing/pe/format.h"
#include "servicing/pe/image.h"
#include "servicing/pe/version.h"

namespace patchgate::pe {
namespace {

// The first entry of the table, wholly within the table, which is wholly within the file.
bool HasSignature(const Image& image) {
  namespace cert = certificate;
  const DirectoryRange table = image.directory(Directory::kCertificates);
  const size_t offset = table.address;  // Not an RVA: the table is not loaded.
  const absl::string_view bytes = image.bytes();
  if (offset == 0 || offset > bytes.size() || table.size > bytes.size() - offset ||
      table.size < cert::kHeaderSize) {
    return false;
  }
  const char* const entry = bytes.data() + offset;
  const uint32_t length = LoadLe32(entry + cert::kLength);
  return length > cert::kHeaderSize && length <= table.size &&
         LoadLe16(entry + cert::kType) == cert::kPkcsSignedData;
}

void DescribeVersion(const Image& image, ImageFacts* facts) {
  VersionResource version;
  const absl::Status status = ReadVersion(image, &version);
  if (!status.ok() && !absl::IsNotFound(status)) {
    facts->set_version_error(std::string(status.message()));
  }
  facts->set_file_version(std::move(version.file_version));
  facts->set_product_version(std::move(version.product_version));
  facts->set_file_version_text(std::move(version.file_version_text));
  facts->set_company(std::move(version.company));
  facts->set_product(std::move(version.product));
  facts->set_description(std::move(version.description));
  facts->set_original_filename(std::move(version.original_filename));
}

}  // namespace

void DescribeImage(absl::string_view bytes, ImageFacts* facts) {
  const absl::StatusOr<Image> image = Image::Parse(bytes);
  if (!image.ok()) {
    facts->set_image_error(std::string(image.status().message()));
    return;
  }
  const Header& header = image->header();
  facts->set_machine(header.machine);
  facts->set_subsystem(header.subsystem);
  facts->set_timestamp(header.timestamp);
  facts->set_checksum(header.checksum);
  facts->set_characteristics(header.characteristics);
  facts->set_is_pe32_plus(header.is_pe32_plus);
  facts->set_has_signature(HasSignature(*image));
  const absl::Status sections = image->CheckSections();
  facts->set_is_image(sections.ok());
  facts->set_image_error(std::string(sections.message()));
  DescribeVersion(*image, facts);
}

std::string MachineName(uint32_t machine) {
  switch (machine) {
    case kMachineAmd64:
      return "x64";
    case kMachineArm64:
      return "ARM64";
    case kMachineI386:
      return "x86";
    case kMachineArmNt:
      return "ARM";
    default:
      return absl::StrFormat("0x%04x", machine);
  }
}

}  // namespace patchgate::pe
