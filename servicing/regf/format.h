// Byte-level constants of registry hive files and their transaction logs. See format.md for the
// layout in prose; sources: the public regf specification (M. Suhanov) and DOMAIN §3.9.
//
// Conventions: all numbers little-endian; an "offset" counts from the start of the hive bins data,
// that is, from file offset 4096; kNone means "points nowhere".
#ifndef SERVICING_REGF_FORMAT_H_
#define SERVICING_REGF_FORMAT_H_

#include <cstddef>
#include <cstdint>

#include "absl/strings/string_view.h"

namespace patchgate::regf {

inline constexpr uint32_t kNone = 0xFFFFFFFF;

namespace base_block {
inline constexpr size_t kSize = 4096;
inline constexpr size_t kSectorSize = 512;  // What a log keeps of it, and what the checksum covers.
inline constexpr char kSignature[] = "regf";
inline constexpr size_t kPrimarySequence = 4;
inline constexpr size_t kSecondarySequence = 8;
inline constexpr size_t kLastWritten = 12;  // FILETIME
inline constexpr size_t kMajorVersion = 20;
inline constexpr size_t kMinorVersion = 24;
inline constexpr size_t kFileType = 28;
inline constexpr size_t kFileFormat = 32;
inline constexpr size_t kRootCell = 36;
inline constexpr size_t kHiveBinsSize = 40;
inline constexpr size_t kClusteringFactor = 44;
inline constexpr size_t kFileName = 48;  // UTF-16LE, 64 bytes, NUL-padded.
inline constexpr size_t kFileNameSize = 64;
inline constexpr size_t kFlags = 144;
inline constexpr size_t kChecksum = 508;
}  // namespace base_block

// base_block::kFileType
enum FileType : uint32_t { kPrimaryFile = 0, kOldLog = 1, kVeryOldLog = 2, kNewLog = 6 };

namespace bin {
inline constexpr size_t kHeaderSize = 32;
inline constexpr size_t kAlignment = 4096;
inline constexpr char kSignature[] = "hbin";
inline constexpr size_t kOffset = 4;
inline constexpr size_t kBinSize = 8;
inline constexpr size_t kTimestamp = 20;  // First bin only: copy of base_block::kLastWritten.
}  // namespace bin

// Key node. Offsets from the start of the cell's data (after the cell size).
namespace nk {
inline constexpr size_t kFlags = 2;
inline constexpr size_t kLastWritten = 4;  // FILETIME
inline constexpr size_t kAccessBits = 12;
inline constexpr size_t kLayerBits = 13;  // v1.6: layer semantics in the low two bits.
inline constexpr size_t kParent = 16;
inline constexpr size_t kSubkeyCount = 20;
inline constexpr size_t kVolatileSubkeyCount = 24;
inline constexpr size_t kSubkeyList = 28;
inline constexpr size_t kVolatileSubkeyList = 32;
inline constexpr size_t kValueCount = 36;
inline constexpr size_t kValueList = 40;
inline constexpr size_t kSecurity = 44;
inline constexpr size_t kClassName = 48;
inline constexpr size_t kLargestSubkeyName = 52;  // Bytes as UTF-16LE.
inline constexpr size_t kLargestClassName = 56;
inline constexpr size_t kLargestValueName = 60;
inline constexpr size_t kLargestValueData = 64;
inline constexpr size_t kNameLength = 72;
inline constexpr size_t kClassLength = 74;
inline constexpr size_t kName = 76;

enum Flags : uint16_t {
  kVolatile = 0x0001,
  kHiveExit = 0x0002,
  kHiveEntry = 0x0004,
  kNoDelete = 0x0008,
  kSymbolicLink = 0x0010,
  kCompressedName = 0x0020,
  kPredefinedHandle = 0x0040,  // The value count holds a handle; there are no values.
};
enum Layer : uint8_t { kLayerMask = 0x03, kLayerTombstone = 1 };
}  // namespace nk

// Key value. In v1.1 there are no flags (a title index stands there) and names are UTF-16LE.
namespace vk {
inline constexpr size_t kNameLength = 2;
inline constexpr size_t kDataSize = 4;
inline constexpr size_t kData = 8;
inline constexpr size_t kType = 12;
inline constexpr size_t kFlags = 16;
inline constexpr size_t kName = 20;
inline constexpr uint32_t kInlineData = 0x80000000;  // In the data size.
enum Flags : uint16_t { kCompressedName = 0x0001, kTombstone = 0x0002 };
}  // namespace vk

// Key security.
namespace sk {
inline constexpr size_t kFlink = 4;
inline constexpr size_t kBlink = 8;
inline constexpr size_t kReferenceCount = 12;
inline constexpr size_t kDescriptorSize = 16;
inline constexpr size_t kDescriptor = 20;
}  // namespace sk

// Subkey lists: signature (li, lf, lh, ri), element count, elements.
namespace list {
inline constexpr size_t kCount = 2;
inline constexpr size_t kElements = 4;
}  // namespace list

// Big data: value data above kSegmentSize bytes, since v1.4.
namespace db {
inline constexpr size_t kSegmentCount = 2;
inline constexpr size_t kSegmentList = 4;
inline constexpr size_t kHeaderSize = 8;
inline constexpr size_t kSegmentSize = 16344;
}  // namespace db

// Transaction logs. The first sector is a copy of the base block with another file type.
namespace log {
inline constexpr size_t kStart = 512;  // First entry, or the dirty vector.
inline constexpr char kDirtyVectorSignature[] = "DIRT";
inline constexpr size_t kOldPageSize = 512;

inline constexpr char kEntrySignature[] = "HvLE";
inline constexpr size_t kEntrySize = 4;
inline constexpr size_t kEntryFlags = 8;
inline constexpr size_t kEntrySequence = 12;
inline constexpr size_t kEntryHiveBinsSize = 16;
inline constexpr size_t kEntryPageCount = 20;
inline constexpr size_t kEntryHash1 = 24;  // Marvin32 of [kEntryHeaderSize, size).
inline constexpr size_t kEntryHash2 = 32;  // Marvin32 of [0, kEntryHash2).
inline constexpr size_t kEntryHeaderSize = 40;
inline constexpr size_t kPageReferenceSize = 8;  // u32 offset, u32 size
}  // namespace log

// XOR-32 over the first 508 bytes of a base block; `sector` has at least 512 bytes.
uint32_t BaseBlockChecksum(absl::string_view sector);

// Hash of a hash-leaf element: over the upper-cased UTF-16 code units of the UTF-8 `name`.
uint32_t HashLeafHash(absl::string_view name);

}  // namespace patchgate::regf

#endif  // SERVICING_REGF_FORMAT_H_
