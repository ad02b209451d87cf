// Byte-level constants of Windows event logs (EVTX) and their binary XML. format.md has the layout
// in prose and its sources.
//
// Conventions: all numbers little-endian; times are FILETIMEs; an offset inside a chunk counts from
// the chunk's first byte.
#ifndef SERVICING_EVENTLOG_FORMAT_H_
#define SERVICING_EVENTLOG_FORMAT_H_

#include <cstddef>
#include <cstdint>

#include "absl/strings/string_view.h"

namespace patchgate::eventlog {

inline constexpr uint32_t kFlagDirty = 1;
inline constexpr uint32_t kFlagNoChecksum = 4;  // Of a file or a chunk.

namespace file_header {
inline constexpr size_t kSize = 4096;
inline constexpr absl::string_view kSignature("ElfFile\0", 8);
inline constexpr size_t kFirstChunk = 8;
inline constexpr size_t kLastChunk = 16;
inline constexpr size_t kNextRecordId = 24;
inline constexpr size_t kUsedSize = 32;  // 128
inline constexpr size_t kMinorVersion = 36;
inline constexpr size_t kMajorVersion = 38;
inline constexpr size_t kBlockSize = 40;   // 4096
inline constexpr size_t kChunkCount = 42;  // u16; stale while the log is open.
inline constexpr size_t kFlags = 120;
inline constexpr size_t kChecksum = 124;  // CRC-32 of [0, kFlags)
}  // namespace file_header

namespace chunk {
inline constexpr size_t kSize = 65536;
inline constexpr absl::string_view kSignature("ElfChnk\0", 8);
inline constexpr size_t kFirstNumber = 8;
inline constexpr size_t kLastNumber = 16;
inline constexpr size_t kFirstId = 24;
inline constexpr size_t kLastId = 32;
inline constexpr size_t kUsedSize = 40;         // 128
inline constexpr size_t kLastRecord = 44;       // Offset.
inline constexpr size_t kFreeSpace = 48;        // Offset.
inline constexpr size_t kRecordsChecksum = 52;  // CRC-32 of [kRecords, free space)
inline constexpr size_t kFlags = 120;
inline constexpr size_t kChecksum = 124;  // CRC-32 of [0, kFlags) and [kStrings, kRecords)
inline constexpr size_t kStrings = 128;   // 64 offsets of names.
inline constexpr size_t kStringBuckets = 64;
inline constexpr size_t kTemplates = 384;  // 32 offsets of template definitions.
inline constexpr size_t kTemplateBuckets = 32;
inline constexpr size_t kRecords = 512;
}  // namespace chunk

namespace record {
inline constexpr absl::string_view kSignature("**\0\0", 4);
inline constexpr size_t kSizeField = 4;
inline constexpr size_t kId = 8;
inline constexpr size_t kWritten = 16;  // FILETIME
inline constexpr size_t kXml = 24;
inline constexpr size_t kTrailer = 4;  // The size once more.
inline constexpr size_t kSmallest = kXml + kTrailer;
inline constexpr size_t kAlignment = 8;
}  // namespace record

// A name in binary XML.
namespace name {
inline constexpr size_t kNext = 0;  // Offset of another name of its bucket.
inline constexpr size_t kHash = 4;
inline constexpr size_t kLength = 6;  // UTF-16 code units, without the terminator.
inline constexpr size_t kText = 8;
inline constexpr size_t kTerminator = 2;
}  // namespace name

// A template definition.
namespace definition {
inline constexpr size_t kNext = 0;
inline constexpr size_t kGuid = 4;  // Its first four bytes are the template's id.
inline constexpr size_t kXmlSize = 20;
inline constexpr size_t kXml = 24;
}  // namespace definition

// Tokens of binary XML.
namespace token {
inline constexpr uint8_t kEnd = 0x00;
inline constexpr uint8_t kOpenStart = 0x01;
inline constexpr uint8_t kCloseStart = 0x02;
inline constexpr uint8_t kCloseEmpty = 0x03;
inline constexpr uint8_t kEndElement = 0x04;
inline constexpr uint8_t kValue = 0x05;
inline constexpr uint8_t kAttribute = 0x06;
inline constexpr uint8_t kCdata = 0x07;
inline constexpr uint8_t kCharacter = 0x08;
inline constexpr uint8_t kEntity = 0x09;
inline constexpr uint8_t kInstructionTarget = 0x0A;
inline constexpr uint8_t kInstructionData = 0x0B;
inline constexpr uint8_t kTemplateInstance = 0x0C;
inline constexpr uint8_t kSubstitution = 0x0D;
inline constexpr uint8_t kOptionalSubstitution = 0x0E;
inline constexpr uint8_t kFragment = 0x0F;
inline constexpr uint8_t kMore = 0x40;  // Flag: attributes or more data follow.
}  // namespace token

// Types of values.
enum ValueType : uint8_t {
  kNull = 0x00,
  kString = 0x01,  // UTF-16LE
  kAnsiString = 0x02,
  kInt8 = 0x03,
  kUint8 = 0x04,
  kInt16 = 0x05,
  kUint16 = 0x06,
  kInt32 = 0x07,
  kUint32 = 0x08,
  kInt64 = 0x09,
  kUint64 = 0x0A,
  kReal32 = 0x0B,
  kReal64 = 0x0C,
  kBool = 0x0D,  // Four bytes.
  kBinary = 0x0E,
  kGuid = 0x0F,
  kSize = 0x10,  // Four or eight bytes.
  kFileTime = 0x11,
  kSystemTime = 0x12,
  kSid = 0x13,
  kHexInt32 = 0x14,
  kHexInt64 = 0x15,
  kBinaryXml = 0x21,
  kArray = 0x80,  // Flag.
};

}  // namespace patchgate::eventlog

#endif  // SERVICING_EVENTLOG_FORMAT_H_
