// Byte-level constants of version resources (type 16, RT_VERSION). Source: Microsoft, "Version
// Information" (learn.microsoft.com, windows/win32/menurc): VS_VERSIONINFO, VS_FIXEDFILEINFO,
// StringFileInfo, StringTable, String.
//
// Conventions: all numbers are little-endian, all text is UTF-16LE.
#ifndef SERVICING_PE_VERSION_FORMAT_H_
#define SERVICING_PE_VERSION_FORMAT_H_

#include <cstddef>
#include <cstdint>

namespace patchgate::pe {

inline constexpr uint16_t kVersionResourceType = 16;  // RT_VERSION
inline constexpr uint16_t kVersionResourceId = 1;  // VS_VERSION_INFO; every module has only this.

// What all these structures are: a header, a key with its NUL, a value, and inner blocks until the
// block ends. Value and inner blocks begin at multiples of 4, counted from the resource.
namespace version_block {
inline constexpr size_t kHeaderSize = 6;
inline constexpr size_t kLength = 0;       // Bytes, from the header on; without padding behind.
inline constexpr size_t kValueLength = 2;  // Bytes, or characters of text.
inline constexpr size_t kType = 4;
inline constexpr uint16_t kText = 1;  // Else 0, binary.
inline constexpr size_t kAlignment = 4;
}  // namespace version_block

namespace fixed_file_info {
inline constexpr size_t kSize = 52;
inline constexpr size_t kSignature = 0;
inline constexpr uint32_t kSignatureValue = 0xFEEF04BD;
inline constexpr size_t kStructureVersion = 4;
inline constexpr size_t kFileVersion = 8;      // Two numbers of 32 bits: major and minor, then
inline constexpr size_t kProductVersion = 16;  // build and revision; the first in the high half.
inline constexpr size_t kFlagsMask = 24;
inline constexpr size_t kOs = 32;
inline constexpr size_t kType = 36;
}  // namespace fixed_file_info

}  // namespace patchgate::pe

#endif  // SERVICING_PE_VERSION_FORMAT_H_
