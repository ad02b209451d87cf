// Byte-level constants of PE images. Source: Microsoft, "PE Format" (learn.microsoft.com,
// windows/win32/debug/pe-format); the section of that page is named beside each structure.
//
// Conventions: all numbers are little-endian; an RVA is an address relative to where the image is
// loaded, which differs from the offset in the file.
#ifndef SERVICING_PE_FORMAT_H_
#define SERVICING_PE_FORMAT_H_

#include <cstddef>
#include <cstdint>

namespace patchgate::pe {

// "MS-DOS Stub"
namespace dos {
inline constexpr size_t kSize = 64;
inline constexpr char kSignature[] = "MZ";
inline constexpr size_t kPeOffset = 0x3C;  // e_lfanew
}  // namespace dos

inline constexpr char kPeSignature[] = "PE\0";  // Four bytes, with the NUL of the literal.
inline constexpr size_t kPeSignatureSize = 4;

// "COFF File Header"
namespace coff {
inline constexpr size_t kSize = 20;
inline constexpr size_t kMachine = 0;
inline constexpr size_t kSectionCount = 2;
inline constexpr size_t kTimestamp = 4;
inline constexpr size_t kOptionalHeaderSize = 16;
inline constexpr size_t kCharacteristics = 18;
}  // namespace coff

// "Optional Header". Offsets that PE32 and PE32+ do not share are in their own namespaces.
namespace optional_header {
inline constexpr size_t kMagic = 0;
inline constexpr uint16_t kPe32Magic = 0x10B;
inline constexpr uint16_t kPe32PlusMagic = 0x20B;
inline constexpr size_t kSectionAlignment = 32;
inline constexpr size_t kFileAlignment = 36;
inline constexpr size_t kMajorSubsystemVersion = 48;
inline constexpr size_t kImageSize = 56;
inline constexpr size_t kHeadersSize = 60;
inline constexpr size_t kChecksum = 64;
inline constexpr size_t kSubsystem = 68;
inline constexpr size_t kDllCharacteristics = 70;
inline constexpr size_t kDirectorySize = 8;  // RVA and size, 32 bits each.
inline constexpr size_t kMaxDirectories = 16;
}  // namespace optional_header

namespace pe32 {
inline constexpr size_t kImageBase = 28;  // 4 bytes
inline constexpr size_t kDirectoryCount = 92;
inline constexpr size_t kDirectories = 96;
}  // namespace pe32

namespace pe32_plus {
inline constexpr size_t kImageBase = 24;  // 8 bytes
inline constexpr size_t kDirectoryCount = 108;
inline constexpr size_t kDirectories = 112;
}  // namespace pe32_plus

// "Section Table"
namespace section {
inline constexpr size_t kSize = 40;
inline constexpr size_t kNameSize = 8;
inline constexpr size_t kVirtualSize = 8;
inline constexpr size_t kRva = 12;
inline constexpr size_t kRawSize = 16;
inline constexpr size_t kRawOffset = 20;
inline constexpr size_t kCharacteristics = 36;
}  // namespace section

// "The .rsrc Section". Its offsets count from the root directory, but for the RVA of the data.
namespace resource {
inline constexpr size_t kDirectorySize = 16;  // "Resource Directory Table"; entries follow.
inline constexpr size_t kNameCount = 12;      // Entries with a name, first.
inline constexpr size_t kIdCount = 14;        // Then those with a number.
inline constexpr size_t kEntrySize = 8;       // "Resource Directory Entries"
inline constexpr size_t kEntryKey = 0;        // Number, or offset of a name with kHighBit.
inline constexpr size_t kEntryTarget = 4;  // Offset of data entry, or of directory with kHighBit.
inline constexpr uint32_t kHighBit = 0x80000000;
inline constexpr size_t kDataSize = 16;  // "Resource Data Entry": RVA, size, code page, reserved.
inline constexpr size_t kDataRva = 0;
inline constexpr size_t kDataBytes = 4;
}  // namespace resource

// "The Attribute Certificate Table", of entries that begin at multiples of 8.
namespace certificate {
inline constexpr size_t kHeaderSize = 8;
inline constexpr size_t kLength = 0;  // Bytes, with the header.
inline constexpr size_t kRevision = 4;
inline constexpr uint16_t kRevision2 = 0x0200;
inline constexpr size_t kType = 6;
inline constexpr uint16_t kPkcsSignedData = 2;
}  // namespace certificate

// "Machine Types"
inline constexpr uint16_t kMachineI386 = 0x014C;
inline constexpr uint16_t kMachineArmNt = 0x01C4;
inline constexpr uint16_t kMachineAmd64 = 0x8664;
inline constexpr uint16_t kMachineArm64 = 0xAA64;

}  // namespace patchgate::pe

#endif  // SERVICING_PE_FORMAT_H_
