// A typed value of an event, and what can be read from it. The same field is a number in one build
// of Windows and text in the next, so every reading accepts both.
#ifndef SERVICING_EVENTLOG_VALUE_H_
#define SERVICING_EVENTLOG_VALUE_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "servicing/base/filetime.h"
#include "servicing/eventlog/format.h"

namespace patchgate::eventlog {

// A value as it lies in the log; `data` is a view of it.
struct Value {
  uint8_t type = kNull;  // ValueType, with kArray added for an array.
  absl::string_view data;
};

// Bytes that a value of the type needs; 0 where any number will do.
size_t FixedSize(uint8_t type);

// Valid UTF-8 without trailing NULs: "{945a8954-…}", "true", "0x8024200b" for a HexInt32,
// "2025-12-16T18:00:00Z" for both kinds of time, decimal for other numbers, hex digits for binary.
// Empty for null, arrays, SIDs, nested binary XML, and data that is too short for its type.
std::string ToText(Value value);

// A number, a HexInt, a boolean (0 or 1), or text in decimal (with '-') or hex ("0x800f0984").
// nullopt for anything else, text with anything after the number included.
absl::optional<int64_t> ToInteger(Value value);

// The same as 32 bits: an HRESULT may be written as 0x800f0984, 2148469124 or -2146498172.
absl::optional<uint32_t> ToUint32(Value value);

// Also "true" and "false" in any case.
absl::optional<bool> ToBool(Value value);

// FILETIME, SYSTEMTIME (taken as UTC), a 64-bit number, or RFC 3339 text; 0 for anything else.
FileTime ToFileTime(Value value);

// Of text alone, as above.
absl::optional<int64_t> ParseInteger(absl::string_view text);

}  // namespace patchgate::eventlog

#endif  // SERVICING_EVENTLOG_VALUE_H_
