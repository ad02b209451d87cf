// A registry value's raw data and its decodings.
#ifndef SERVICING_REGISTRY_VALUE_H_
#define SERVICING_REGISTRY_VALUE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace patchgate::registry {

struct Value {
  std::string name;   // UTF-8.
  uint32_t type = 0;  // regf::ValueType or any other number.
  std::string data;   // Raw bytes as stored.
};

// REG_DWORD of 4 bytes. kInvalidArgument, with type and size, otherwise: Windows' servicing code
// takes no other type for a number, REG_DWORD_BIG_ENDIAN included.
absl::StatusOr<uint32_t> AsDword(const Value& value);
// REG_QWORD of 8 bytes.
absl::StatusOr<uint64_t> AsQword(const Value& value);
// REG_SZ, REG_EXPAND_SZ or REG_LINK up to its first NUL; UTF-8. Nothing is expanded.
absl::StatusOr<std::string> AsString(const Value& value);
// The strings of a REG_MULTI_SZ that are not empty. Windows' own readers stop at the first empty
// one; what stands behind it is evidence all the same. A REG_SZ counts as a list of one.
absl::StatusOr<std::vector<std::string>> AsMultiString(const Value& value);

// All NUL-separated strings of raw REG_MULTI_SZ data, empty ones included, without the terminator
// of the whole. Some values use empty strings as entries (PendingFileRenameOperations).
std::vector<std::string> RawMultiString(absl::string_view data);

// A short text for people: strings quoted as they are, numbers as 0x…, the rest as hex (cut after
// 64 bytes).
std::string ToText(const Value& value);

}  // namespace patchgate::registry

#endif  // SERVICING_REGISTRY_VALUE_H_
