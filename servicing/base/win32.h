// What Win32 calls need everywhere: its strings, times and handles. Windows only.
#ifndef SERVICING_BASE_WIN32_H_
#define SERVICING_BASE_WIN32_H_

#include <windows.h>

#include <cstring>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"
#include "servicing/base/filetime.h"
#include "servicing/base/utf16.h"

namespace patchgate::win32 {

inline std::wstring Wide(absl::string_view utf8) {
  const std::string bytes = Utf8ToUtf16Le(utf8);
  std::wstring wide(bytes.size() / sizeof(wchar_t), L'\0');
  std::memcpy(&wide[0], bytes.data(), bytes.size());
  return wide;
}

inline std::string Narrow(const wchar_t* text, size_t size) {
  return Utf16LeToUtf8({reinterpret_cast<const char*>(text), size * sizeof(wchar_t)});
}

inline std::string Narrow(const std::wstring& text) { return Narrow(text.data(), text.size()); }

inline FileTime ToFileTime(FILETIME time) {
  return static_cast<FileTime>(time.dwHighDateTime) << 32 | time.dwLowDateTime;
}

// Owns what CloseHandle closes. Some calls fail with null, others with INVALID_HANDLE_VALUE.
class Handle {
 public:
  explicit Handle(HANDLE handle) : handle_(handle) {}
  Handle(Handle&& other) noexcept : handle_(std::exchange(other.handle_, INVALID_HANDLE_VALUE)) {}
  Handle& operator=(Handle&&) = delete;
  ~Handle() {
    if (valid()) CloseHandle(handle_);
  }
  bool valid() const { return handle_ != INVALID_HANDLE_VALUE && handle_ != nullptr; }
  HANDLE get() const { return handle_; }

 private:
  HANDLE handle_;
};

}  // namespace patchgate::win32

#endif  // SERVICING_BASE_WIN32_H_
