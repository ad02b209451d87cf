#include "servicing/pe/image.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_format.h"
#include "servicing/base/little_endian.h"
#include "servicing/base/status_macros.h"
#include "servicing/base/utf16.h"
#include "servicing/pe/format.h"

namespace patchgate::pe {
namespace {

// Some linkers leave VirtualSize 0 and mean the size in the file.
uint32_t LoadedSize(const Section& section) {
  return section.virtual_size != 0 ? section.virtual_size : section.raw_size;
}

// Without a place in the file a section has no bytes there, whatever size it states.
uint32_t SizeInFile(const Section& section) {
  return section.raw_offset == 0 ? 0 : std::min(section.raw_size, LoadedSize(section));
}

absl::string_view WithoutPadding(absl::string_view name) { return name.substr(0, name.find('\0')); }

}  // namespace

absl::StatusOr<Image> Image::Parse(absl::string_view bytes) {
  if (!absl::StartsWith(bytes, dos::kSignature)) {
    return absl::InvalidArgumentError(
        absl::StrFormat("no PE image: %d bytes that do not begin with MZ", bytes.size()));
  }
  if (bytes.size() < dos::kSize) {
    return absl::DataLossError(
        absl::StrFormat("MS-DOS header at 0x0: cut off after %d of 64 bytes", bytes.size()));
  }
  const size_t pe_offset = LoadLe32(bytes.data() + dos::kPeOffset);
  if (pe_offset > bytes.size() || bytes.size() - pe_offset < kPeSignatureSize + coff::kSize) {
    return absl::DataLossError(absl::StrFormat(
        "MS-DOS header: PE header at 0x%x, but the file ends at 0x%x", pe_offset, bytes.size()));
  }
  const char* const pe = bytes.data() + pe_offset;
  if (absl::string_view(pe, kPeSignatureSize) !=
      absl::string_view(kPeSignature, kPeSignatureSize)) {
    return absl::InvalidArgumentError(
        absl::StrFormat("no PE image: signature 0x%08x at 0x%x", LoadLe32(pe), pe_offset));
  }

  Image image(bytes);
  const char* const file_header = pe + kPeSignatureSize;
  image.header_.machine = LoadLe16(file_header + coff::kMachine);
  image.header_.timestamp = LoadLe32(file_header + coff::kTimestamp);
  image.header_.characteristics = LoadLe16(file_header + coff::kCharacteristics);
  const size_t optional_size = LoadLe16(file_header + coff::kOptionalHeaderSize);
  const size_t optional_offset = pe_offset + kPeSignatureSize + coff::kSize;
  PG_RETURN_IF_ERROR(image.ReadOptionalHeader(optional_offset, optional_size));
  PG_RETURN_IF_ERROR(image.ReadSections(optional_offset + optional_size,
                                        LoadLe16(file_header + coff::kSectionCount)));
  return image;
}

absl::Status Image::ReadOptionalHeader(size_t offset, size_t size) {
  namespace oh = optional_header;
  if (bytes_.size() - offset < size) {
    return absl::DataLossError(
        absl::StrFormat("optional header at 0x%x: %d bytes, but the file ends at 0x%x", offset,
                        size, bytes_.size()));
  }
  const char* const p = bytes_.data() + offset;
  const uint16_t magic = size < 2 ? 0 : LoadLe16(p + oh::kMagic);
  if (magic != oh::kPe32Magic && magic != oh::kPe32PlusMagic) {
    return absl::InvalidArgumentError(absl::StrFormat(
        "no PE image: optional header at 0x%x of %d bytes with magic 0x%x", offset, size, magic));
  }
  const bool plus = magic == oh::kPe32PlusMagic;
  const size_t fixed_size = plus ? pe32_plus::kDirectories : pe32::kDirectories;
  if (size < fixed_size) {
    return absl::DataLossError(absl::StrFormat(
        "optional header at 0x%x: %d bytes, at least %d expected", offset, size, fixed_size));
  }
  header_.is_pe32_plus = plus;
  header_.image_base = plus ? LoadLe64(p + pe32_plus::kImageBase) : LoadLe32(p + pe32::kImageBase);
  header_.section_alignment = LoadLe32(p + oh::kSectionAlignment);
  header_.file_alignment = LoadLe32(p + oh::kFileAlignment);
  header_.image_size = LoadLe32(p + oh::kImageSize);
  header_.headers_size = LoadLe32(p + oh::kHeadersSize);
  header_.checksum = LoadLe32(p + oh::kChecksum);
  header_.subsystem = LoadLe16(p + oh::kSubsystem);
  header_.dll_characteristics = LoadLe16(p + oh::kDllCharacteristics);

  // A count beyond 16 means 16: no more have ever been defined.
  const uint32_t claimed =
      LoadLe32(p + (plus ? pe32_plus::kDirectoryCount : pe32::kDirectoryCount));
  const size_t count = std::min<size_t>(claimed, oh::kMaxDirectories);
  if (count > (size - fixed_size) / oh::kDirectorySize) {
    return absl::DataLossError(
        absl::StrFormat("optional header at 0x%x: %d data directories do not fit into %d bytes",
                        offset, claimed, size));
  }
  for (size_t i = 0; i < count; ++i) {
    const char* const range = p + fixed_size + i * oh::kDirectorySize;
    directories_.push_back({LoadLe32(range), LoadLe32(range + 4)});
  }
  return absl::OkStatus();
}

absl::Status Image::ReadSections(size_t offset, size_t count) {
  if (count > (bytes_.size() - offset) / section::kSize) {
    return absl::DataLossError(
        absl::StrFormat("section table at 0x%x: %d sections, but the file ends at 0x%x", offset,
                        count, bytes_.size()));
  }
  sections_.reserve(count);
  uint64_t end = 0;  // RVA after the sections so far.
  for (size_t i = 0; i < count; ++i) {
    const size_t at = offset + i * section::kSize;
    const char* const p = bytes_.data() + at;
    Section next;
    next.name = CleanUtf8(WithoutPadding(absl::string_view(p, section::kNameSize)));
    next.header_offset = at;
    next.virtual_size = LoadLe32(p + section::kVirtualSize);
    next.rva = LoadLe32(p + section::kRva);
    next.raw_size = LoadLe32(p + section::kRawSize);
    next.raw_offset = LoadLe32(p + section::kRawOffset);
    next.characteristics = LoadLe32(p + section::kCharacteristics);
    if (next.rva < end) {
      return absl::DataLossError(absl::StrFormat(
          "section header at 0x%x: RVA 0x%x, but the section before it ends at RVA 0x%x", at,
          next.rva, end));
    }
    end = uint64_t{next.rva} + LoadedSize(next);
    sections_.push_back(std::move(next));
  }
  return absl::OkStatus();
}

DirectoryRange Image::directory(Directory directory) const {
  const size_t i = static_cast<size_t>(directory);
  return i < directories_.size() ? directories_[i] : DirectoryRange();
}

absl::StatusOr<absl::string_view> Image::BytesFrom(uint32_t rva) const {
  auto after = std::upper_bound(sections_.begin(), sections_.end(), rva,
                                [](uint32_t value, const Section& s) { return value < s.rva; });
  // A section of no bytes may share its address with the one before it.
  while (after != sections_.begin() && LoadedSize(*std::prev(after)) == 0) --after;
  if (after == sections_.begin()) {
    return absl::DataLossError(absl::StrFormat("RVA 0x%x: in no section", rva));
  }
  const Section& in = *std::prev(after);
  const uint32_t inside = rva - in.rva;
  if (inside >= LoadedSize(in)) {
    return absl::DataLossError(absl::StrFormat("RVA 0x%x: in no section", rva));
  }
  const uint32_t in_file = SizeInFile(in);
  if (inside >= in_file) {
    return absl::DataLossError(absl::StrFormat(
        "RVA 0x%x: 0x%x bytes into section %s (header at 0x%x), of which the file has 0x%x", rva,
        inside, in.name, in.header_offset, in_file));
  }
  // A loader that rounds it down instead would load other bytes.
  const uint32_t alignment = std::min<uint32_t>(header_.file_alignment, 512);
  if (alignment != 0 && in.raw_offset % alignment != 0) {
    return absl::DataLossError(absl::StrFormat(
        "section header at 0x%x: raw data at 0x%x, which is no multiple of the file alignment 0x%x",
        in.header_offset, in.raw_offset, header_.file_alignment));
  }
  if (uint64_t{in.raw_offset} + in_file > bytes_.size()) {
    return absl::DataLossError(absl::StrFormat(
        "section header at 0x%x: raw data at 0x%x of 0x%x bytes, but the file ends at 0x%x",
        in.header_offset, in.raw_offset, in_file, bytes_.size()));
  }
  return bytes_.substr(in.raw_offset + inside, in_file - inside);
}

absl::StatusOr<absl::string_view> Image::BytesAt(uint32_t rva, uint32_t size) const {
  PG_ASSIGN_OR_RETURN(const absl::string_view rest, BytesFrom(rva));
  if (size > rest.size()) {
    return absl::DataLossError(absl::StrFormat(
        "RVA 0x%x: 0x%x bytes, but the file has only 0x%x of that section from there", rva, size,
        rest.size()));
  }
  return rest.substr(0, size);
}

absl::Status Image::CheckSections() const {
  if (sections_.empty()) return absl::DataLossError("section table: no sections");
  for (const Section& section : sections_) {
    if (SizeInFile(section) != 0) PG_RETURN_IF_ERROR(BytesFrom(section.rva).status());
  }
  return absl::OkStatus();
}

}  // namespace patchgate::pe
