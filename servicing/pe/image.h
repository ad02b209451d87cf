// A PE image (a DLL, program or driver) as it lies in a file: its headers, its sections, and the
// bytes at an address. Source: Microsoft, "PE Format"; see format.h.
//
//   PG_ASSIGN_OR_RETURN(const pe::Image image, pe::Image::Parse(file->bytes()));
//   PG_ASSIGN_OR_RETURN(const absl::string_view bytes, image.BytesAt(rva, size));
//
// Parse() reads the headers and nothing else. What they point at is checked where it is read, so
// that damage costs only what it touches.
#ifndef SERVICING_PE_IMAGE_H_
#define SERVICING_PE_IMAGE_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace patchgate::pe {

struct Header {
  uint16_t machine = 0;    // kMachineAmd64, ...
  uint32_t timestamp = 0;  // Seconds since 1970, or, in reproducible builds, a hash.
  uint16_t characteristics = 0;
  bool is_pe32_plus = false;  // 64-bit addresses.
  uint64_t image_base = 0;
  uint32_t section_alignment = 0;
  uint32_t file_alignment = 0;
  uint32_t image_size = 0;  // Bytes, loaded.
  uint32_t headers_size = 0;
  uint32_t checksum = 0;
  uint16_t subsystem = 0;
  uint16_t dll_characteristics = 0;
};

struct Section {
  std::string name;           // ".text"; valid UTF-8.
  size_t header_offset = 0;   // Of its header, in the file.
  uint32_t rva = 0;           // Where it is loaded.
  uint32_t virtual_size = 0;  // Bytes, loaded; what the file does not have is zero.
  uint32_t raw_offset = 0;    // In the file.
  uint32_t raw_size = 0;      // Bytes in the file, rounded up.
  uint32_t characteristics = 0;
};

// Places in the list of data directories. The certificate table's address is a file offset.
enum class Directory : size_t {
  kExports = 0,
  kImports = 1,
  kResources = 2,
  kExceptions = 3,
  kCertificates = 4,
  kRelocations = 5,
  kDebug = 6,
  kTls = 9,
  kLoadConfig = 10,
  kClrHeader = 14,
};

struct DirectoryRange {
  uint32_t address = 0;  // RVA; 0 if the image has no such directory.
  uint32_t size = 0;     // Bytes.
};

class Image {
 public:
  // `bytes` is the whole file and must outlive the image. kInvalidArgument if it is no PE image;
  // kDataLoss if it is a damaged one: headers cut off, a size that its contents exceed, sections
  // that overlap or are out of order (Windows loads no such image). Cost: 40 bytes read for each
  // section, of which a file of n bytes has at most n / 40.
  static absl::StatusOr<Image> Parse(absl::string_view bytes);

  const Header& header() const { return header_; }
  const std::vector<Section>& sections() const { return sections_; }  // By ascending RVA.
  DirectoryRange directory(Directory directory) const;

  // The `size` bytes of the file that are loaded at `rva`. kDataLoss if they are in no section or
  // not wholly in one, in the part that only memory has, or beyond the end of the file.
  absl::StatusOr<absl::string_view> BytesAt(uint32_t rva, uint32_t size) const;

  // From `rva` to the end of what the file has of its section; otherwise the same.
  absl::StatusOr<absl::string_view> BytesFrom(uint32_t rva) const;

  // Whether there are sections and each has its bytes in the file: kDataLoss for the first that has
  // not, as where a file is cut off. Padding behind what is loaded may be missing. Cost: the
  // headers that Parse has read.
  absl::Status CheckSections() const;

  absl::string_view bytes() const { return bytes_; }

  // Where `view`, which BytesAt or BytesFrom returned, begins in the file.
  size_t FileOffset(absl::string_view view) const {
    return static_cast<size_t>(view.data() - bytes_.data());
  }

 private:
  explicit Image(absl::string_view bytes) : bytes_(bytes) {}

  absl::Status ReadOptionalHeader(size_t offset, size_t size);
  absl::Status ReadSections(size_t offset, size_t count);

  absl::string_view bytes_;
  Header header_;
  std::vector<DirectoryRange> directories_;
  std::vector<Section> sections_;
};

}  // namespace patchgate::pe

#endif  // SERVICING_PE_IMAGE_H_
