// Fuzz target of the reader of PE images, their resources and what reports say of them.
//
// An input is a list of edits to a sound image, each of 8 bytes: 24 bits of offset, a byte that
// says whether four bytes are stored or one, and the value. Byte 0 chooses the image (PE32+ or
// PE32); 0xFF takes what follows as the file itself, 0xFE as a version resource.
//
// Inputs of more than 64 KiB say nothing that smaller ones do not, and are refused.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "servicing/base/little_endian.h"
#include "servicing/base/utf16.h"
#include "servicing/pe/format.h"
#include "servicing/pe/image.h"
#include "servicing/pe/image_facts.h"
#include "servicing/pe/pe_builder.h"
#include "servicing/pe/resources.h"
#include "servicing/pe/version.h"
#include "servicing/pe/version_builder.h"

namespace patchgate::pe {
namespace {

constexpr size_t kLargestInput = 64 << 10;

void Require(bool condition) {
  if (!condition) std::abort();
}

std::string SeedVersion() {
  VersionInfo info;
  info.file_version = "10.0.26100.7462";
  info.texts = {{"CompanyName", "Company"}, {"FileVersion", "10.0"}, {"ProductName", "Product"}};
  return BuildVersionResource(info);
}

std::string MakeSeed(uint16_t machine) {
  PeBuilder::Options options;
  options.machine = machine;
  options.certificate = "signature";
  PeBuilder builder(options);
  builder.AddResource(614, 1, 0x409, "base manifest").AddResource(614, 1, 0x407, "other");
  builder.AddResource(ResourceId("NAME"), ResourceId("N"), 0, "named")
      .AddResource(16, 1, 0, SeedVersion());
  return builder.Build();
}

// Whatever the file says: views lie inside it, errors have one of three codes and a text.
void Check(absl::string_view bytes, const Image& image,
           const absl::StatusOr<absl::string_view>& found, bool may_be_absent) {
  if (found.ok()) {
    Require(found->empty() || (found->data() >= bytes.data() &&
                               image.FileOffset(*found) + found->size() <= bytes.size()));
    return;
  }
  Require(!found.status().message().empty());
  Require(found.status().code() == absl::StatusCode::kDataLoss ||
          (may_be_absent && found.status().code() == absl::StatusCode::kNotFound));
}

void CheckText(absl::string_view bytes, const std::string& text) {
  Require(text == CleanUtf8(text));
  Require(text.size() <= bytes.size() * 3 / 2);  // Three bytes for each two of UTF-16.
}

void CheckVersion(absl::string_view bytes, const VersionResource& version) {
  Require(version.file_version.empty() == version.product_version.empty());
  for (const std::string* text : {&version.file_version_text, &version.company, &version.product,
                                  &version.description, &version.original_filename}) {
    CheckText(bytes, *text);
  }
}

void Parse(absl::string_view version_resource) {
  VersionResource version;
  const absl::Status status = ParseVersion(version_resource, 0, &version);
  Require(status.ok() || status.code() == absl::StatusCode::kDataLoss);
  CheckVersion(version_resource, version);
}

void Describe(absl::string_view bytes) {
  ImageFacts facts;
  DescribeImage(bytes, &facts);
  Require(facts.is_image() == facts.image_error().empty());
  for (const std::string* text : {&facts.image_error(), &facts.version_error()}) {
    Require(*text == CleanUtf8(*text) && text->size() < 1000);
  }
  Require(!facts.has_signature() || bytes.size() > certificate::kHeaderSize);
}

void ParseAndFind(absl::string_view bytes) {
  Describe(bytes);
  const auto image = Image::Parse(bytes);
  if (!image.ok()) {
    Require(image.status().code() == absl::StatusCode::kDataLoss ||
            image.status().code() == absl::StatusCode::kInvalidArgument);
    return;
  }
  Require(image->sections().size() <= bytes.size() / section::kSize);
  for (const Section& s : image->sections()) {
    Check(bytes, *image, image->BytesFrom(s.rva), false);
    Check(bytes, *image, image->BytesAt(s.rva, s.raw_size), false);
  }
  const ResourceId named("NAME"), n("N");
  Check(bytes, *image, FindResource(*image, 614, 1), true);
  Check(bytes, *image, FindResource(*image, 16, 1), true);
  Check(bytes, *image, FindResource(*image, named, n), true);
  VersionResource version;
  if (const absl::Status status = ReadVersion(*image, &version); !status.ok()) {
    Check(bytes, *image, status, true);
  }
  CheckVersion(bytes, version);
}

}  // namespace
}  // namespace patchgate::pe

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace patchgate;      // NOLINT: the entry point cannot be in the namespace.
  using namespace patchgate::pe;  // NOLINT
  if (size == 0 || size > kLargestInput) return 0;
  const absl::string_view edits(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (data[0] == 0xFF) {
    ParseAndFind(edits);
    return 0;
  }
  if (data[0] == 0xFE) {
    Parse(edits);
    return 0;
  }
  std::string bytes = MakeSeed(data[0] & 1 ? kMachineI386 : kMachineAmd64);
  for (size_t i = 0; i + 8 <= edits.size(); i += 8) {
    const uint32_t where = LoadLe32(edits.data() + i);
    const size_t width = (where & 0x80000000) != 0 ? 4 : 1;
    const size_t at = (where & 0xFFFFFF) % (bytes.size() - width + 1);
    bytes.replace(at, width, edits.data() + i + 4, width);
  }
  ParseAndFind(bytes);
  return 0;
}
