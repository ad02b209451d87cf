// What reports say of a program, driver or EFI application, from its bytes.
#ifndef SERVICING_PE_IMAGE_FACTS_H_
#define SERVICING_PE_IMAGE_FACTS_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "servicing/pe/image_facts.pb.h"

namespace patchgate::pe {

// Fills the fields of `facts` that come from the bytes of the file: the image and its version, not
// collection, size and sha256. Never fails: what is no image, or damaged, says so in image_error
// and version_error, with file offsets; exactly one of is_image and image_error is set. An image
// whose sections are cut off is none, but has the facts of its headers, and its version if that is
// still there. A damaged part of a version resource does not cost the other: version_error may
// stand beside file_version. Cost: headers, section table and version resource; 100 bytes of memory
// for each section, and the texts.
void DescribeImage(absl::string_view bytes, ImageFacts* facts);

// "x64", "ARM64", "x86", "ARM", else "0x1234".
std::string MachineName(uint32_t machine);

}  // namespace patchgate::pe

#endif  // SERVICING_PE_IMAGE_FACTS_H_
