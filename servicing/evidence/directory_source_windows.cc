#include <windows.h>

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "servicing/base/status_macros.h"
#include "servicing/base/utf16.h"
#include "servicing/base/win32.h"
#include "servicing/evidence/directory_source.h"

namespace patchgate::evidence {
namespace {

using win32::Handle;
using win32::Narrow;
using win32::ToFileTime;
using win32::Wide;

absl::Status WindowsStatus(DWORD error, absl::string_view path) {
  switch (error) {
    case ERROR_FILE_NOT_FOUND:
    case ERROR_PATH_NOT_FOUND:
    case ERROR_INVALID_NAME:
    case ERROR_DIRECTORY:
      return absl::NotFoundError(absl::StrCat(path, ": not found"));
    case ERROR_ACCESS_DENIED:
      return absl::PermissionDeniedError(absl::StrCat(path, ": access denied"));
    case ERROR_SHARING_VIOLATION:
      return absl::PermissionDeniedError(absl::StrCat(path, ": in use by another program"));
    case ERROR_LOCK_VIOLATION:
      return absl::PermissionDeniedError(
          absl::StrCat(path, ": a part of it is locked by another program"));
    default:
      return absl::DataLossError(absl::StrCat(path, ": Windows error ", error));
  }
}

// `Info` is one of the Win32 structures with these members.
template <typename Info>
FileInfo ToFileInfo(std::string name, const Info& from) {
  FileInfo info;
  info.name = std::move(name);
  info.is_directory = from.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY;
  info.is_link = from.dwFileAttributes & FILE_ATTRIBUTE_REPARSE_POINT;
  info.modified = ToFileTime(from.ftLastWriteTime);
  if (!info.is_directory) {
    info.size = static_cast<uint64_t>(from.nFileSizeHigh) << 32 | from.nFileSizeLow;
  }
  return info;
}

FileInfo OpenFileInfo(std::string name, const BY_HANDLE_FILE_INFORMATION& raw) {
  FileInfo info = ToFileInfo(std::move(name), raw);
  info.id.volume = raw.dwVolumeSerialNumber;
  info.id.index = static_cast<uint64_t>(raw.nFileIndexHigh) << 32 | raw.nFileIndexLow;
  return info;
}

class MappedFile : public File {
 public:
  MappedFile(FileInfo info, Handle handle) : info_(std::move(info)), handle_(std::move(handle)) {}
  ~MappedFile() override {
    if (view_ != nullptr) UnmapViewOfFile(view_);
    if (image_view_ != nullptr) UnmapViewOfFile(image_view_);
  }

  absl::Status Map(absl::string_view path) {
    if (info_.size == 0) return absl::OkStatus();  // An empty file cannot be mapped.
    view_ = View(PAGE_READONLY, FILE_MAP_READ);
    return view_ != nullptr ? absl::OkStatus() : WindowsStatus(GetLastError(), path);
  }

  absl::string_view bytes() const override {
    return {static_cast<const char*>(view_),
            view_ == nullptr ? 0 : static_cast<size_t>(info_.size)};
  }
  const FileInfo& info() const override { return info_; }

  absl::StatusOr<absl::Span<char>> WritableImage(size_t size) override {
    if (image_view_ != nullptr || !heap_image_.empty()) {
      return absl::FailedPreconditionError("image was already given out");
    }
    if (size == info_.size && size > 0) {
      image_view_ = View(PAGE_WRITECOPY, FILE_MAP_COPY);
      if (image_view_ != nullptr) return absl::MakeSpan(static_cast<char*>(image_view_), size);
    }
    // A private view cannot be larger than its file; a hive that grew is copied.
    heap_image_.assign(bytes().data(), bytes().size());
    heap_image_.resize(size, '\0');
    return absl::MakeSpan(&heap_image_[0], heap_image_.size());
  }

 private:
  void* View(DWORD protection, DWORD access) const {
    const Handle mapping(CreateFileMappingW(handle_.get(), nullptr, protection, 0, 0, nullptr));
    return mapping.valid() ? MapViewOfFile(mapping.get(), access, 0, 0, 0) : nullptr;
  }

  FileInfo info_;
  Handle handle_;
  void* view_ = nullptr;
  void* image_view_ = nullptr;
  std::string heap_image_;
};

constexpr DWORD kShareAll = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE;

// Opens a file or directory. `flags` may hold FILE_FLAG_OPEN_REPARSE_POINT.
Handle OpenPath(const std::wstring& path, DWORD flags) {
  return Handle(CreateFileW(path.c_str(), GENERIC_READ, kShareAll, nullptr, OPEN_EXISTING,
                            FILE_FLAG_BACKUP_SEMANTICS | flags, nullptr));
}

class FileStream : public Stream {
 public:
  FileStream(FileInfo info, Handle handle) : info_(std::move(info)), handle_(std::move(handle)) {}

  const FileInfo& info() const override { return info_; }
  absl::StatusOr<FileInfo> Now() const override {
    BY_HANDLE_FILE_INFORMATION raw;
    if (!GetFileInformationByHandle(handle_.get(), &raw)) {
      return WindowsStatus(GetLastError(), info_.name);
    }
    return OpenFileInfo(info_.name, raw);
  }
  absl::StatusOr<size_t> Read(absl::Span<char> buffer) override {
    size_t size = 0;
    while (size < buffer.size()) {
      constexpr size_t kMost = 1 << 30;
      const auto want = static_cast<DWORD>(std::min(kMost, buffer.size() - size));
      DWORD part = 0;
      if (!ReadFile(handle_.get(), buffer.data() + size, want, &part, nullptr)) {
        return WindowsStatus(GetLastError(), info_.name);
      }
      if (part == 0) break;
      size += part;
    }
    return size;
  }

 private:
  FileInfo info_;
  Handle handle_;
};

// kFailedPrecondition if `handle` is no regular file.
absl::StatusOr<FileInfo> RegularFileInfo(const Handle& handle, std::string name,
                                         absl::string_view path) {
  BY_HANDLE_FILE_INFORMATION raw;
  if (GetFileType(handle.get()) != FILE_TYPE_DISK) {
    return absl::FailedPreconditionError(absl::StrCat(path, ": is not a regular file"));
  }
  if (!GetFileInformationByHandle(handle.get(), &raw)) return WindowsStatus(GetLastError(), path);
  FileInfo info = OpenFileInfo(std::move(name), raw);
  if (info.is_directory) {
    return absl::FailedPreconditionError(absl::StrCat(path, ": is a directory"));
  }
  return info;
}

absl::StatusOr<std::unique_ptr<File>> MapHandle(Handle handle, std::string name,
                                                absl::string_view path) {
  PG_ASSIGN_OR_RETURN(const FileInfo info, RegularFileInfo(handle, std::move(name), path));
  auto file = std::make_unique<MappedFile>(info, std::move(handle));
  PG_RETURN_IF_ERROR(file->Map(path));
  return std::unique_ptr<File>(std::move(file));
}

absl::StatusOr<std::vector<FileInfo>> ListPath(const std::wstring& directory,
                                               absl::string_view path) {
  std::vector<FileInfo> entries;
  WIN32_FIND_DATAW data;
  const HANDLE find = FindFirstFileExW((directory + L"\\*").c_str(), FindExInfoBasic, &data,
                                       FindExSearchNameMatch, nullptr, 0);
  if (find == INVALID_HANDLE_VALUE) {
    const DWORD error = GetLastError();
    if (error == ERROR_DIRECTORY) {
      return absl::FailedPreconditionError(absl::StrCat(path, ": is not a directory"));
    }
    if (error == ERROR_FILE_NOT_FOUND) return entries;  // An empty volume root.
    return WindowsStatus(error, path);
  }
  do {
    const std::wstring name = data.cFileName;
    if (name != L"." && name != L"..") entries.push_back(ToFileInfo(Narrow(name), data));
  } while (FindNextFileW(find, &data));
  const DWORD error = GetLastError();
  FindClose(find);
  if (error != ERROR_NO_MORE_FILES) return WindowsStatus(error, path);
  SortListing(&entries);
  return entries;
}

// The full path of `path` with the prefix that lifts the length limit.
std::wstring LongPath(const std::string& path) {
  std::wstring wide = Wide(path);
  if (wide.rfind(L"\\\\?\\", 0) == 0) {
    while (wide.back() == L'\\') wide.pop_back();
    return wide;
  }
  std::wstring full(32768, L'\0');
  const DWORD length =
      GetFullPathNameW(wide.c_str(), static_cast<DWORD>(full.size()), &full[0], nullptr);
  if (length == 0 || length >= full.size()) return wide;
  full.resize(length);
  while (!full.empty() && full.back() == L'\\') full.pop_back();
  if (full.rfind(L"\\\\", 0) == 0) return L"\\\\?\\UNC" + full.substr(1);
  return L"\\\\?\\" + full;
}

class DirectorySource : public Source {
 public:
  // `is_volume`: it is known to be the root of a volume.
  DirectorySource(std::string root, std::wstring path, bool is_volume)
      : root_(std::move(root)), path_(std::move(path)), is_volume_(is_volume) {}

  std::string description() const override { return absl::StrCat("directory ", root_); }

  absl::StatusOr<std::unique_ptr<File>> Open(absl::string_view path) const override {
    PG_ASSIGN_OR_RETURN(const Place place, Locate(path));
    PG_ASSIGN_OR_RETURN(Handle handle, OpenPlace(place, 0, path));
    return MapHandle(std::move(handle), place.info.name, path);
  }

  absl::StatusOr<std::unique_ptr<Stream>> OpenStream(absl::string_view path) const override {
    PG_ASSIGN_OR_RETURN(const Place place, Locate(path));
    PG_ASSIGN_OR_RETURN(Handle handle, OpenPlace(place, FILE_FLAG_SEQUENTIAL_SCAN, path));
    PG_ASSIGN_OR_RETURN(FileInfo info, RegularFileInfo(handle, place.info.name, path));
    return std::unique_ptr<Stream>(new FileStream(std::move(info), std::move(handle)));
  }

  absl::StatusOr<std::unique_ptr<Source>> Enter(absl::string_view path) const override {
    PG_ASSIGN_OR_RETURN(const Place place, Locate(path));
    if (!place.info.is_directory) {
      return absl::FailedPreconditionError(absl::StrCat(path, ": is not a directory"));
    }
    return std::unique_ptr<Source>(
        new DirectorySource(absl::StrCat(root_, "/", path), place.native, false));
  }

  absl::StatusOr<FileInfo> Stat(absl::string_view path) const override {
    PG_ASSIGN_OR_RETURN(Place place, Locate(path));
    return std::move(place.info);
  }

  absl::StatusOr<std::vector<FileInfo>> List(absl::string_view path) const override {
    PG_ASSIGN_OR_RETURN(const Place place, Locate(path));
    if (!place.info.is_directory) {
      return absl::FailedPreconditionError(absl::StrCat(path, ": is not a directory"));
    }
    return ListPath(place.native, path);
  }

  absl::StatusOr<VolumeSpace> Space() const override {
    const std::wstring root = path_ + L"\\";
    if (!is_volume_) PG_RETURN_IF_ERROR(CheckVolumeRoot(root));
    ULARGE_INTEGER total, free;
    if (!GetDiskFreeSpaceExW(root.c_str(), nullptr, &total, &free)) {
      return WindowsStatus(GetLastError(), root_);
    }
    return VolumeSpace{total.QuadPart, free.QuadPart};
  }

 private:
  absl::Status CheckVolumeRoot(const std::wstring& root) const {
    std::wstring volume(root.size() + MAX_PATH, L'\0');
    if (!GetVolumePathNameW(root.c_str(), &volume[0], static_cast<DWORD>(volume.size()))) {
      return WindowsStatus(GetLastError(), root_);
    }
    volume.resize(volume.find(L'\0'));
    if (NamesEqual(Narrow(volume), Narrow(root))) return absl::OkStatus();
    return absl::FailedPreconditionError(
        "it is not the root of a volume, so the free space here is not the host's");
  }

  struct Place {
    std::wstring native;
    FileInfo info;
  };

  static absl::Status LinkError(absl::string_view path) {
    return absl::PermissionDeniedError(absl::StrCat(path, ": is a reparse point, not followed"));
  }

  static absl::StatusOr<Handle> OpenPlace(const Place& place, DWORD flags, absl::string_view path) {
    Handle handle = OpenPath(place.native, FILE_FLAG_OPEN_REPARSE_POINT | flags);
    if (!handle.valid()) return WindowsStatus(GetLastError(), path);
    BY_HANDLE_FILE_INFORMATION raw;
    if (!GetFileInformationByHandle(handle.get(), &raw)) return WindowsStatus(GetLastError(), path);
    if (raw.dwFileAttributes & FILE_ATTRIBUTE_REPARSE_POINT) return LinkError(path);
    return handle;
  }

  // Checks every part for reparse points; the file system itself ignores case.
  absl::StatusOr<Place> Locate(absl::string_view path) const {
    PG_ASSIGN_OR_RETURN(const std::vector<std::string> parts, SplitVolumePath(path));
    Place place{path_, {}};
    place.info.is_directory = true;
    for (const std::string& part : parts) {
      if (!place.info.is_directory) return absl::NotFoundError(absl::StrCat(path, ": not found"));
      place.native += L"\\" + Wide(part);
      WIN32_FIND_DATAW data;
      if (part.find_first_of("*?\"<>|") != std::string::npos) {
        return absl::NotFoundError(absl::StrCat(path, ": not found"));
      }
      const HANDLE find = FindFirstFileExW(place.native.c_str(), FindExInfoBasic, &data,
                                           FindExSearchNameMatch, nullptr, 0);
      if (find == INVALID_HANDLE_VALUE) return WindowsStatus(GetLastError(), path);
      FindClose(find);
      place.info = ToFileInfo(Narrow(data.cFileName), data);
      if (place.info.is_link) return LinkError(path);
    }
    return place;
  }

  std::string root_;
  std::wstring path_;
  bool is_volume_;
};

// `path` without a backslash at its end.
absl::StatusOr<std::unique_ptr<Source>> OpenAt(const std::string& root, std::wstring path,
                                               bool is_volume) {
  // Without a backslash behind it, the path of a drive or volume names its device.
  const bool is_device = is_volume || (!path.empty() && path.back() == L':');
  const DWORD attributes = GetFileAttributesW((is_device ? path + L"\\" : path).c_str());
  if (attributes == INVALID_FILE_ATTRIBUTES) return WindowsStatus(GetLastError(), root);
  if ((attributes & FILE_ATTRIBUTE_DIRECTORY) == 0) {
    return absl::FailedPreconditionError(root + ": is not a directory");
  }
  return std::unique_ptr<Source>(new DirectorySource(root, std::move(path), is_volume));
}

}  // namespace

absl::StatusOr<std::unique_ptr<Source>> OpenDirectory(const std::string& root) {
  return OpenAt(root, LongPath(root), /*is_volume=*/false);
}

absl::StatusOr<std::unique_ptr<Source>> OpenVolume(const std::string& root) {
  return OpenAt(root, LongPath(root), /*is_volume=*/true);
}

absl::StatusOr<std::unique_ptr<File>> OpenNativeFile(const std::string& path) {
  Handle handle = OpenPath(LongPath(path), 0);
  if (!handle.valid()) return WindowsStatus(GetLastError(), path);
  return MapHandle(std::move(handle), path.substr(path.find_last_of("/\\") + 1), path);
}

absl::StatusOr<std::vector<FileInfo>> ListNativeDirectory(const std::string& path) {
  return ListPath(LongPath(path), path);
}

}  // namespace patchgate::evidence
