#include "servicing/registry/registry_writer.h"

#include <windows.h>

#include "absl/strings/str_cat.h"
#include "servicing/base/utf16.h"
#include "servicing/base/win32.h"

namespace patchgate::registry {
namespace {

using win32::Wide;

// Null if it cannot be made.
HKEY Create(absl::string_view path, DWORD options, bool wow) {
  HKEY key = nullptr;
  const REGSAM view = wow ? KEY_WOW64_32KEY : KEY_WOW64_64KEY;
  if (RegCreateKeyExW(HKEY_LOCAL_MACHINE, Wide(path).c_str(), 0, nullptr, options,
                      KEY_ALL_ACCESS | view, nullptr, &key, nullptr) != ERROR_SUCCESS) {
    return nullptr;
  }
  return key;
}

bool Set(HKEY key, absl::string_view name, uint32_t type, absl::string_view data) {
  // To a string without NUL the function adds the one that it finds behind it.
  const std::string guarded = absl::StrCat(data, "\xff\xff");
  return key != nullptr && RegSetValueExW(key, Wide(name).c_str(), 0, type,
                                          reinterpret_cast<const BYTE*>(guarded.data()),
                                          static_cast<DWORD>(data.size())) == ERROR_SUCCESS;
}

bool Close(HKEY key, bool done) {
  if (key != nullptr) RegCloseKey(key);
  return key != nullptr && done;
}

}  // namespace

bool WriteKey(absl::string_view path, bool wow) { return Close(Create(path, 0, wow), true); }

bool WriteValue(absl::string_view path, absl::string_view name, uint32_t type,
                absl::string_view data, bool wow) {
  const HKEY key = Create(path, 0, wow);
  return Close(key, Set(key, name, type, data));
}

bool WriteLink(absl::string_view path, absl::string_view target) {
  const HKEY key = Create(path, REG_OPTION_CREATE_LINK, false);
  return Close(key, Set(key, "SymbolicLinkValue", REG_LINK, Utf8ToUtf16Le(target)));
}

bool CopyKey(const Key& from, const std::string& path) {
  const HKEY key = Create(path, 0, false);
  bool done = key != nullptr;
  done = from.VisitValues([&](const Value& value) {
               done = done && Set(key, value.name, value.type, value.data);
               return done;
             })
             .ok() &&
         done;
  done = from.VisitSubkeys([&](const Key& subkey) {
               done = done && CopyKey(subkey, absl::StrCat(path, "\\", subkey.name()));
               return done;
             })
             .ok() &&
         done;
  return Close(key, done);
}

bool DeleteTree(absl::string_view path) {
  return RegDeleteTreeW(HKEY_LOCAL_MACHINE, Wide(path).c_str()) == ERROR_SUCCESS;
}

}  // namespace patchgate::registry
