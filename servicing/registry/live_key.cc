#include "servicing/registry/live_key.h"

#include <windows.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "servicing/base/status_macros.h"
#include "servicing/base/utf16.h"
#include "servicing/base/win32.h"

namespace patchgate::registry {
namespace {

using win32::Narrow;
using win32::Wide;

constexpr DWORD kMostData = 64 << 20;         // Bytes of a value, and of all values of a key.
constexpr int kAttempts = 4;                  // At a list or value that changes while it is read.
constexpr size_t kLongestKeyName = 255;       // UTF-16 units.
constexpr size_t kLongestValueName = 16'383;  // UTF-16 units.

absl::Status RegistryStatus(LSTATUS error, absl::string_view path) {
  switch (error) {
    case ERROR_FILE_NOT_FOUND:
      return absl::NotFoundError(absl::StrCat(path, ": not found"));
    case ERROR_ACCESS_DENIED:
      return absl::PermissionDeniedError(absl::StrCat(path, ": access denied"));
    case ERROR_KEY_DELETED:
      return absl::DataLossError(absl::StrCat(path, ": was deleted while it was read"));
    default:
      return absl::DataLossError(absl::StrCat(path, ": Windows error ", error));
  }
}

class Handle {
 public:
  explicit Handle(HKEY key) : key_(key) {}
  Handle(Handle&& other) noexcept : key_(std::exchange(other.key_, nullptr)) {}
  Handle& operator=(Handle&& other) noexcept {
    std::swap(key_, other.key_);
    return *this;
  }
  ~Handle() {
    if (key_ != nullptr) RegCloseKey(key_);
  }
  HKEY get() const { return key_; }

 private:
  HKEY key_;
};

// Opens one level below `parent`, so that no link stands on the way unseen: the system follows all
// but the last part of a path. `path` is the whole one, for errors.
absl::StatusOr<Handle> OpenPart(HKEY parent, const std::wstring& name, const std::string& path) {
  // The registry's own functions end names at a NUL: "a\0b" would open "a".
  if (name.find(L'\0') != std::wstring::npos) {
    return absl::DataLossError(absl::StrCat(path, ": a NUL in its name, which Win32 cannot open"));
  }
  HKEY opened = nullptr;
  const LSTATUS error = RegOpenKeyExW(parent, name.c_str(), REG_OPTION_OPEN_LINK,
                                      KEY_READ | KEY_WOW64_64KEY, &opened);
  if (error != ERROR_SUCCESS) return RegistryStatus(error, path);
  Handle key(opened);
  // A link is an ordinary key with its target as this value. One whose target was never set looks
  // like an empty key, as which it is read.
  DWORD type = 0;
  const LSTATUS link =
      RegQueryValueExW(key.get(), L"SymbolicLinkValue", nullptr, &type, nullptr, nullptr);
  if (link == ERROR_SUCCESS && type == REG_LINK) {
    return absl::FailedPreconditionError(
        absl::StrCat("key ", path, " is a symbolic link, not followed"));
  }
  return key;
}

// The subkeys that could not be opened.
class Problems {
 public:
  void Add(const absl::Status& status) {
    if (total_++ == 0) first_ = std::string(status.message());
  }
  absl::Status Outcome(absl::string_view path) const {
    if (total_ == 0) return absl::OkStatus();
    return absl::DataLossError(
        absl::StrFormat("%u of the subkeys of %s cannot be read; first: %s", total_, path, first_));
  }

 private:
  size_t total_ = 0;
  std::string first_;
};

// Volatile links, made at every boot: SYSTEM\CurrentControlSet, HardwareConfig\Current and the
// like. No hive file holds them, so offline they are not there either.
bool IsLinkOfWindows(absl::string_view name) {
  return NamesEqual(name, "CurrentControlSet") || NamesEqual(name, "Current");
}

// A key that may be listed, but not opened by this process.
class DeniedKey : public Key {
 public:
  DeniedKey(std::string name, absl::Status why) : name_(std::move(name)), why_(std::move(why)) {}

  std::string name() const override { return name_; }
  FileTime last_written() const override { return 0; }
  absl::StatusOr<std::unique_ptr<Key>> Open(absl::string_view) const override { return why_; }
  absl::StatusOr<Value> Get(absl::string_view) const override { return why_; }
  absl::Status VisitSubkeys(absl::FunctionRef<bool(const Key&)>) const override { return why_; }
  absl::Status VisitValues(absl::FunctionRef<bool(const Value&)>) const override { return why_; }

 private:
  const std::string name_;
  const absl::Status why_;
};

class LiveKey : public Key {
 public:
  LiveKey(Handle key, std::string name, std::string path)
      : key_(std::move(key)), name_(std::move(name)), path_(std::move(path)) {}

  std::string name() const override { return name_; }
  FileTime last_written() const override { return Shape().last_written; }

  absl::StatusOr<std::unique_ptr<Key>> Open(absl::string_view path) const override {
    return OpenBelow(key_.get(), name_, path_, path);
  }

  // `path` below `parent`, of which the other two speak.
  static absl::StatusOr<std::unique_ptr<Key>> OpenBelow(HKEY parent, std::string name,
                                                        std::string parent_path,
                                                        absl::string_view path) {
    Handle key(nullptr);
    for (const absl::string_view part : absl::StrSplit(path, '\\', absl::SkipEmpty())) {
      name = std::string(part);
      absl::StrAppend(&parent_path, "\\", part);
      PG_ASSIGN_OR_RETURN(key, OpenPart(parent, Wide(part), parent_path));
      parent = key.get();
    }
    if (key.get() == nullptr) {  // Asked for itself: another handle.
      HKEY again = nullptr;
      const LSTATUS error = RegOpenKeyExW(parent, nullptr, 0, KEY_READ | KEY_WOW64_64KEY, &again);
      if (error != ERROR_SUCCESS) return RegistryStatus(error, parent_path);
      key = Handle(again);
    }
    return std::unique_ptr<Key>(
        new LiveKey(std::move(key), std::move(name), std::move(parent_path)));
  }

  absl::StatusOr<Value> Get(absl::string_view name) const override {
    const std::string path = absl::StrCat(path_, "\\", name);
    const std::wstring wide = Wide(name);
    if (wide.find(L'\0') != std::wstring::npos) {
      return absl::DataLossError(
          absl::StrCat(path, ": a NUL in its name, which Win32 cannot read"));
    }
    Value value;
    value.name = std::string(name);
    value.data.resize(512);
    for (int i = 0; i < kAttempts; ++i) {
      auto size = static_cast<DWORD>(value.data.size());
      DWORD type = 0;
      const LSTATUS error = RegQueryValueExW(key_.get(), wide.c_str(), nullptr, &type,
                                             reinterpret_cast<BYTE*>(&value.data[0]), &size);
      if (error == ERROR_SUCCESS && size <= value.data.size()) {
        value.type = type;
        value.data.resize(size);
        return value;
      }
      if (error != ERROR_MORE_DATA) return RegistryStatus(error, path);
      PG_RETURN_IF_ERROR(Grow(size, path, &value.data));
    }
    return absl::DataLossError(absl::StrCat(path, ": grew while it was read"));
  }

  absl::Status VisitSubkeys(absl::FunctionRef<bool(const Key&)> visit) const override {
    std::vector<std::wstring> names;
    const absl::Status listed = List([&] { return ListSubkeys(&names); });
    Problems problems;
    for (const std::wstring& wide : names) {
      std::string name = Narrow(wide);
      std::string path = absl::StrCat(path_, "\\", name);
      absl::StatusOr<Handle> key = OpenPart(key_.get(), wide, path);
      if (absl::IsFailedPrecondition(key.status()) && IsLinkOfWindows(name)) continue;
      if (absl::IsPermissionDenied(key.status())) {
        // Its name is known, and many ask for no more.
        if (!visit(DeniedKey(std::move(name), key.status()))) break;
      } else if (!key.ok()) {
        problems.Add(key.status());
      } else if (!visit(LiveKey(*std::move(key), std::move(name), std::move(path)))) {
        break;
      }
    }
    return listed.ok() ? problems.Outcome(path_) : listed;
  }

  absl::Status VisitValues(absl::FunctionRef<bool(const Value&)> visit) const override {
    std::vector<Value> values;
    const absl::Status listed = List([&] { return ListValues(&values); });
    for (const Value& value : values) {
      if (!visit(value)) break;
    }
    return listed;
  }

 private:
  struct KeyShape {
    DWORD subkeys = 0;
    DWORD values = 0;
    FileTime last_written = 0;

    friend bool operator==(const KeyShape& a, const KeyShape& b) {
      return a.subkeys == b.subkeys && a.values == b.values && a.last_written == b.last_written;
    }
  };

  KeyShape Shape() const {
    KeyShape shape;
    FILETIME written = {0, 0};
    if (RegQueryInfoKeyW(key_.get(), nullptr, nullptr, nullptr, &shape.subkeys, nullptr, nullptr,
                         &shape.values, nullptr, nullptr, nullptr, &written) != ERROR_SUCCESS) {
      return {};
    }
    shape.last_written =
        static_cast<uint64_t>(written.dwHighDateTime) << 32 | written.dwLowDateTime;
    return shape;
  }

  // Makes room for the `size` bytes that a value has, and some more: it may be growing.
  static absl::Status Grow(DWORD size, absl::string_view path, std::string* data) {
    if (size > kMostData) {
      return absl::DataLossError(absl::StrCat(path, ": ", size, " bytes, more than ", kMostData));
    }
    data->resize(std::max<size_t>(size + size / 8, 2 * data->size()));
    return absl::OkStatus();
  }

  // Entries are numbered anew when one comes or goes, so that a list which changes meanwhile could
  // lose one: it is taken again.
  absl::Status List(absl::FunctionRef<absl::Status()> take) const {
    absl::Status status;
    for (int i = 0; i < kAttempts; ++i) {
      const KeyShape before = Shape();
      status = take();
      if (Shape() == before) return status;
    }
    return status.ok()
               ? absl::DataLossError(absl::StrCat(path_, ": keeps changing while it is read"))
               : status;
  }

  absl::Status ListSubkeys(std::vector<std::wstring>* names) const {
    names->clear();
    std::wstring name(kLongestKeyName + 1, L'\0');
    for (DWORD i = 0;; ++i) {
      auto length = static_cast<DWORD>(name.size());
      const LSTATUS error =
          RegEnumKeyExW(key_.get(), i, &name[0], &length, nullptr, nullptr, nullptr, nullptr);
      if (error == ERROR_NO_MORE_ITEMS) return absl::OkStatus();
      if (error != ERROR_SUCCESS) return RegistryStatus(error, absl::StrCat(path_, ", subkey ", i));
      names->push_back(name.substr(0, length));
    }
  }

  absl::Status ListValues(std::vector<Value>* values) const {
    values->clear();
    std::wstring name(kLongestValueName + 1, L'\0');
    std::string data(4096, '\0');
    size_t total = 0;
    int attempts = 0;
    for (DWORD i = 0;;) {
      auto length = static_cast<DWORD>(name.size());
      auto size = static_cast<DWORD>(data.size());
      DWORD type = 0;
      const LSTATUS error = RegEnumValueW(key_.get(), i, &name[0], &length, nullptr, &type,
                                          reinterpret_cast<BYTE*>(&data[0]), &size);
      if (error == ERROR_NO_MORE_ITEMS) return absl::OkStatus();
      const std::string path = absl::StrCat(path_, ", value ", i);
      if (error == ERROR_MORE_DATA && ++attempts < kAttempts) {
        PG_RETURN_IF_ERROR(Grow(size, path, &data));
        continue;
      }
      if (error != ERROR_SUCCESS || size > data.size()) return RegistryStatus(error, path);
      total += size;
      if (total > kMostData) {
        return absl::DataLossError(
            absl::StrCat(path_, ": values of more than ", kMostData, " bytes"));
      }
      values->push_back({Narrow(name.substr(0, length)), type, data.substr(0, size)});
      attempts = 0;
      ++i;
    }
  }

  Handle key_;
  std::string name_;
  std::string path_;  // "HKLM\SOFTWARE\Microsoft"
};

}  // namespace

absl::StatusOr<std::unique_ptr<Key>> OpenLocalMachine(absl::string_view path) {
  return LiveKey::OpenBelow(HKEY_LOCAL_MACHINE, "HKLM", "HKLM", path);
}

}  // namespace patchgate::registry
