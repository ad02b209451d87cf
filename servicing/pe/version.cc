#include "servicing/pe/version.h"

#include <algorithm>
#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_format.h"
#include "absl/types/optional.h"
#include "servicing/base/little_endian.h"
#include "servicing/base/status_macros.h"
#include "servicing/base/utf16.h"
#include "servicing/pe/resources.h"
#include "servicing/pe/version_format.h"

namespace patchgate::pe {
namespace {

namespace vb = version_block;
namespace ffi = fixed_file_info;

// From the first byte of the resource.
size_t Aligned(size_t offset) {
  return (offset + vb::kAlignment - 1) / vb::kAlignment * vb::kAlignment;
}

struct Block {
  size_t begin = 0, end = 0;  // In the resource.
  absl::string_view key;      // UTF-16LE, without its NUL.
  uint16_t value_length = 0;
  size_t value = 0;  // Where its value or, without one, its first inner block begins; may be `end`.
};

// Keys are ASCII; Windows' VerQueryValue does not care for their case.
bool HasKey(const Block& block, absl::string_view name) {
  if (block.key.size() != name.size() * 2) return false;
  for (size_t i = 0; i < name.size(); ++i) {
    const uint16_t c = LoadLe16(block.key.data() + i * 2);
    if (c > 0x7F || absl::ascii_tolower(static_cast<unsigned char>(c)) !=
                        absl::ascii_tolower(static_cast<unsigned char>(name[i]))) {
      return false;
    }
  }
  return true;
}

// `text` up to its first NUL; all of it if it has none.
absl::string_view BeforeNul(absl::string_view text) {
  for (size_t i = 0; i + 1 < text.size(); i += 2) {
    if (LoadLe16(text.data() + i) == 0) return text.substr(0, i);
  }
  return text.substr(0, text.size() & ~size_t{1});
}

std::string FormatVersion(const char* p) {
  const uint32_t high = LoadLe32(p), low = LoadLe32(p + 4);
  return absl::StrFormat("%d.%d.%d.%d", high >> 16, high & 0xFFFF, low >> 16, low & 0xFFFF);
}

// Blocks lie in each other to a fixed depth: VS_VERSIONINFO, StringFileInfo, StringTable, String.
class Reader {
 public:
  Reader(absl::string_view bytes, size_t file_offset) : bytes_(bytes), file_offset_(file_offset) {}

  absl::Status Read(VersionResource* version) const;

 private:
  // The block that begins at `begin` and must end by `limit`, which is within the bytes.
  absl::StatusOr<Block> ReadBlock(size_t begin, size_t limit) const;

  // The block at `*begin`, which then is where the next may begin; none at `end`. Damage of one
  // leaves unknown where the next begins.
  absl::StatusOr<absl::optional<Block>> Next(size_t* begin, size_t end) const;

  // The first block from `begin` to `end` with that key; with any key if it is empty.
  absl::StatusOr<absl::optional<Block>> Find(size_t begin, size_t end, absl::string_view key) const;

  absl::Status ReadFixedFileInfo(const Block& root, VersionResource* version) const;
  absl::Status ReadTexts(const Block& root, VersionResource* version) const;
  void ReadString(const Block& string, VersionResource* version) const;

  bool IsZero(size_t begin, size_t end) const {
    return bytes_.substr(begin, end - begin).find_first_not_of('\0') == absl::string_view::npos;
  }
  size_t FileOffset(size_t offset) const { return file_offset_ + offset; }

  const absl::string_view bytes_;
  const size_t file_offset_;
};

absl::StatusOr<Block> Reader::ReadBlock(size_t begin, size_t limit) const {
  if (limit - begin < vb::kHeaderSize) {
    return absl::DataLossError(
        absl::StrFormat("version block at 0x%x: %d bytes left, of which its header needs %d",
                        FileOffset(begin), limit - begin, vb::kHeaderSize));
  }
  const char* const header = bytes_.data() + begin;
  const size_t length = LoadLe16(header + vb::kLength);
  if (length < vb::kHeaderSize || length > limit - begin) {
    return absl::DataLossError(
        absl::StrFormat("version block at 0x%x: length %d, but %d bytes are there",
                        FileOffset(begin), length, limit - begin));
  }
  Block block;
  block.begin = begin;
  block.end = begin + length;
  block.value_length = LoadLe16(header + vb::kValueLength);
  const absl::string_view rest = bytes_.substr(begin + vb::kHeaderSize, length - vb::kHeaderSize);
  block.key = BeforeNul(rest);
  if (rest.size() - block.key.size() < 2) {
    return absl::DataLossError(
        absl::StrFormat("version block at 0x%x: its key does not end within its %d bytes",
                        FileOffset(begin), length));
  }
  block.value = std::min(Aligned(begin + vb::kHeaderSize + block.key.size() + 2), block.end);
  return block;
}

absl::StatusOr<absl::optional<Block>> Reader::Next(size_t* begin, size_t end) const {
  if (*begin >= end) return absl::nullopt;
  // Some compilers count padding into the outer block.
  const bool no_length = end - *begin < 2 || LoadLe16(bytes_.data() + *begin) == 0;
  if (no_length && IsZero(*begin, end)) return absl::nullopt;
  PG_ASSIGN_OR_RETURN(const Block block, ReadBlock(*begin, end));
  *begin = Aligned(block.end);
  return block;
}

absl::StatusOr<absl::optional<Block>> Reader::Find(size_t begin, size_t end,
                                                   absl::string_view key) const {
  for (;;) {
    PG_ASSIGN_OR_RETURN(absl::optional<Block> block, Next(&begin, end));
    if (!block || key.empty() || HasKey(*block, key)) return block;
  }
}

absl::Status Reader::Read(VersionResource* version) const {
  PG_ASSIGN_OR_RETURN(const Block root, ReadBlock(0, bytes_.size()));
  if (!HasKey(root, "VS_VERSION_INFO")) {
    return absl::DataLossError(
        absl::StrFormat("version resource at 0x%x: key \"%s\", not VS_VERSION_INFO", FileOffset(0),
                        Utf16LeToUtf8(root.key.substr(0, 32))));
  }
  const absl::Status fixed = ReadFixedFileInfo(root, version);
  const absl::Status texts = ReadTexts(root, version);
  return fixed.ok() ? texts : fixed;
}

absl::Status Reader::ReadFixedFileInfo(const Block& root, VersionResource* version) const {
  if (root.value_length == 0) return absl::OkStatus();
  if (root.value_length < ffi::kSize || root.end - root.value < ffi::kSize) {
    return absl::DataLossError(absl::StrFormat(
        "VS_FIXEDFILEINFO at 0x%x: %d bytes, of which %d are there; %d expected",
        FileOffset(root.value), root.value_length, root.end - root.value, ffi::kSize));
  }
  const char* const p = bytes_.data() + root.value;
  const uint32_t signature = LoadLe32(p + ffi::kSignature);
  if (signature != ffi::kSignatureValue) {
    return absl::DataLossError(absl::StrFormat("VS_FIXEDFILEINFO at 0x%x: signature 0x%08x",
                                               FileOffset(root.value), signature));
  }
  version->file_version = FormatVersion(p + ffi::kFileVersion);
  version->product_version = FormatVersion(p + ffi::kProductVersion);
  return absl::OkStatus();
}

absl::Status Reader::ReadTexts(const Block& root, VersionResource* version) const {
  const size_t value_end = root.value + root.value_length;
  if (value_end > root.end) {
    return absl::DataLossError(absl::StrFormat(
        "version resource at 0x%x: value of %d bytes at 0x%x, but it ends at 0x%x",
        FileOffset(root.begin), root.value_length, FileOffset(root.value), FileOffset(root.end)));
  }
  PG_ASSIGN_OR_RETURN(const absl::optional<Block> info,
                      Find(Aligned(value_end), root.end, "StringFileInfo"));
  if (!info) return absl::OkStatus();
  PG_ASSIGN_OR_RETURN(const absl::optional<Block> table, Find(info->value, info->end, ""));
  if (!table) return absl::OkStatus();
  size_t next = table->value;
  for (;;) {
    PG_ASSIGN_OR_RETURN(const absl::optional<Block> string, Next(&next, table->end));
    if (!string) return absl::OkStatus();
    ReadString(*string, version);
  }
}

// The length of its value counts characters with some compilers and bytes with others, with the
// NUL or without: the block and the NUL say where it ends.
void Reader::ReadString(const Block& string, VersionResource* version) const {
  struct Field {
    absl::string_view key;
    std::string VersionResource::*text;
  };
  constexpr Field kFields[] = {
      {"FileVersion", &VersionResource::file_version_text},
      {"CompanyName", &VersionResource::company},
      {"ProductName", &VersionResource::product},
      {"FileDescription", &VersionResource::description},
      {"OriginalFilename", &VersionResource::original_filename},
  };
  if (string.value_length == 0) return;
  for (const Field& field : kFields) {
    if (!HasKey(string, field.key)) continue;
    std::string& text = version->*field.text;
    if (text.empty()) {  // Of two of the same name the first.
      text = Utf16LeToUtf8(BeforeNul(bytes_.substr(string.value, string.end - string.value)));
    }
    return;
  }
}

}  // namespace

absl::Status ParseVersion(absl::string_view bytes, size_t file_offset, VersionResource* version) {
  *version = VersionResource();
  return Reader(bytes, file_offset).Read(version);
}

absl::Status ReadVersion(const Image& image, VersionResource* version) {
  *version = VersionResource();
  PG_ASSIGN_OR_RETURN(const absl::string_view bytes,
                      FindResource(image, kVersionResourceType, kVersionResourceId));
  if (bytes.empty()) return absl::DataLossError("version resource: no bytes");
  return ParseVersion(bytes, image.FileOffset(bytes), version);
}

}  // namespace patchgate::pe
