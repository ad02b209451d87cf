#include "servicing/registry/value.h"

#include <algorithm>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "servicing/base/little_endian.h"
#include "servicing/base/utf16.h"
#include "servicing/regf/types.h"

namespace patchgate::registry {
namespace {

absl::Status WrongType(const Value& value, absl::string_view expected) {
  return absl::InvalidArgumentError(absl::StrCat(regf::ValueTypeName(value.type), " of ",
                                                 value.data.size(), " bytes, expected ", expected));
}

}  // namespace

absl::StatusOr<uint32_t> AsDword(const Value& value) {
  if (value.type != regf::kRegDword || value.data.size() != 4) return WrongType(value, "REG_DWORD");
  return LoadLe32(value.data.data());
}

absl::StatusOr<uint64_t> AsQword(const Value& value) {
  if (value.type != regf::kRegQword || value.data.size() != 8) return WrongType(value, "REG_QWORD");
  return LoadLe64(value.data.data());
}

absl::StatusOr<std::string> AsString(const Value& value) {
  if (value.type != regf::kRegSz && value.type != regf::kRegExpandSz &&
      value.type != regf::kRegLink) {
    return WrongType(value, "REG_SZ");
  }
  std::string text = Utf16LeToUtf8(value.data);
  text.resize(std::min(text.size(), text.find('\0')));
  return text;
}

absl::StatusOr<std::vector<std::string>> AsMultiString(const Value& value) {
  if (value.type == regf::kRegSz) {
    std::vector<std::string> list;
    std::string text = *AsString(value);
    if (!text.empty()) list.push_back(std::move(text));
    return list;
  }
  if (value.type != regf::kRegMultiSz) return WrongType(value, "REG_MULTI_SZ");
  std::vector<std::string> list = RawMultiString(value.data);
  list.erase(std::remove(list.begin(), list.end(), ""), list.end());
  return list;
}

std::vector<std::string> RawMultiString(absl::string_view data) {
  std::vector<std::string> list;
  size_t start = 0;
  for (size_t i = 0; i + 1 < data.size(); i += 2) {
    if (data[i] != 0 || data[i + 1] != 0) continue;
    list.push_back(Utf16LeToUtf8(data.substr(start, i - start)));
    start = i + 2;
  }
  // Data cut off before its NUL still holds an entry.
  if (data.size() - start >= 2) list.push_back(Utf16LeToUtf8(data.substr(start)));
  // The last NUL ends the whole list, it is no entry.
  if (!list.empty() && list.back().empty() && data.size() >= 2 && start + 1 >= data.size()) {
    list.pop_back();
  }
  return list;
}

std::string ToText(const Value& value) {
  if (const auto dword = AsDword(value); dword.ok()) return absl::StrFormat("0x%x", *dword);
  if (const auto qword = AsQword(value); qword.ok()) return absl::StrFormat("0x%x", *qword);
  if (const auto text = AsString(value); text.ok()) return absl::StrCat("\"", *text, "\"");
  if (value.type == regf::kRegMultiSz) {
    return absl::StrCat("\"", absl::StrJoin(RawMultiString(value.data), "\", \""), "\"");
  }
  constexpr size_t kShown = 64;
  if (value.data.empty()) return "(empty)";
  return absl::StrCat(absl::BytesToHexString(value.data.substr(0, kShown)),
                      value.data.size() > kShown ? "..." : "");
}

}  // namespace patchgate::registry
