#include <dirent.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/types/optional.h"
#include "servicing/base/status_macros.h"
#include "servicing/base/utf16.h"
#include "servicing/evidence/directory_source.h"

namespace patchgate::evidence {
namespace {

class FileDescriptor {
 public:
  explicit FileDescriptor(int fd) : fd_(fd) {}
  FileDescriptor(FileDescriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~FileDescriptor() {
    if (fd_ >= 0) close(fd_);
  }
  int get() const { return fd_; }
  int release() { return std::exchange(fd_, -1); }

 private:
  int fd_;
};

absl::Status ErrnoStatus(int error, absl::string_view path) {
  const std::string message = absl::StrCat(path, ": ", std::strerror(error));
  switch (error) {
    case ENOENT:
    case ENOTDIR:
      return absl::NotFoundError(message);
    case EACCES:
    case EPERM:
      return absl::PermissionDeniedError(message);
    default:
      return absl::DataLossError(message);
  }
}

FileInfo ToFileInfo(absl::string_view name, const struct stat& st) {
  FileInfo info;
  info.name = std::string(name);
  info.is_directory = S_ISDIR(st.st_mode);
  info.is_link = S_ISLNK(st.st_mode);
  info.size = S_ISREG(st.st_mode) ? static_cast<uint64_t>(st.st_size) : 0;
  info.modified = FromAbslTime(absl::TimeFromTimespec(st.st_mtim));
  info.id.volume = st.st_dev;
  info.id.index = st.st_ino;
  return info;
}

class MappedFile : public File {
 public:
  MappedFile(FileInfo info, FileDescriptor fd, void* view)
      : info_(std::move(info)), fd_(std::move(fd)), view_(view) {}
  ~MappedFile() override {
    if (view_ != nullptr) munmap(view_, info_.size);
    if (image_ != nullptr) munmap(image_, image_size_);
  }

  absl::string_view bytes() const override {
    return {static_cast<const char*>(view_), view_ == nullptr ? 0 : info_.size};
  }
  const FileInfo& info() const override { return info_; }

  absl::StatusOr<absl::Span<char>> WritableImage(size_t size) override {
    if (image_ != nullptr) return absl::FailedPreconditionError("image was already given out");
    void* image = mmap(nullptr, size, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (image == MAP_FAILED) return ErrnoStatus(errno, info_.name);
    image_ = image;
    image_size_ = size;
    // The file's pages go over the zero pages; the last one is zero beyond the end of the file.
    if (view_ != nullptr &&
        mmap(image, info_.size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_FIXED | MAP_NORESERVE,
             fd_.get(), 0) == MAP_FAILED) {
      return ErrnoStatus(errno, info_.name);
    }
    return absl::MakeSpan(static_cast<char*>(image), size);
  }

  void Release(size_t offset, size_t size) const override {
    // Whole pages within the range only: its ends may share theirs with bytes still in use.
    const size_t page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
    if (offset >= info_.size) return;
    const size_t end = std::min<size_t>(size, info_.size - offset) + offset;
    const size_t first = (offset + page - 1) / page * page;
    const size_t last = end / page * page;
    if (view_ == nullptr || first >= last) return;
    madvise(static_cast<char*>(view_) + first, last - first, MADV_DONTNEED);
  }

 private:
  FileInfo info_;
  FileDescriptor fd_;
  void* view_;
  void* image_ = nullptr;
  size_t image_size_ = 0;
};

// kFailedPrecondition if `fd` is no regular file.
absl::StatusOr<struct stat> StatRegular(const FileDescriptor& fd, absl::string_view path) {
  struct stat st;
  if (fstat(fd.get(), &st) != 0) return ErrnoStatus(errno, path);
  if (!S_ISREG(st.st_mode)) {
    return absl::FailedPreconditionError(
        absl::StrCat(path, S_ISDIR(st.st_mode) ? ": is a directory" : ": is not a regular file"));
  }
  return st;
}

class FileStream : public Stream {
 public:
  FileStream(FileInfo info, FileDescriptor fd) : info_(std::move(info)), fd_(std::move(fd)) {}

  const FileInfo& info() const override { return info_; }
  absl::StatusOr<FileInfo> Now() const override {
    struct stat st;
    if (fstat(fd_.get(), &st) != 0) return ErrnoStatus(errno, info_.name);
    return ToFileInfo(info_.name, st);
  }
  absl::StatusOr<size_t> Read(absl::Span<char> buffer) override {
    size_t size = 0;
    while (size < buffer.size()) {
      const ssize_t part = read(fd_.get(), buffer.data() + size, buffer.size() - size);
      if (part < 0 && errno == EINTR) continue;
      if (part < 0) return ErrnoStatus(errno, info_.name);
      if (part == 0) break;
      size += static_cast<size_t>(part);
    }
    return size;
  }

 private:
  FileInfo info_;
  FileDescriptor fd_;
};

absl::StatusOr<std::unique_ptr<File>> Map(FileDescriptor fd, absl::string_view name,
                                          absl::string_view path) {
  PG_ASSIGN_OR_RETURN(const struct stat st, StatRegular(fd, path));
  void* view = nullptr;
  if (st.st_size > 0) {
    view = mmap(nullptr, static_cast<size_t>(st.st_size), PROT_READ, MAP_PRIVATE, fd.get(), 0);
    if (view == MAP_FAILED) return ErrnoStatus(errno, path);
  }
  return std::unique_ptr<File>(new MappedFile(ToFileInfo(name, st), std::move(fd), view));
}

// Names of a directory, without "." and "..". Takes over `fd`.
absl::StatusOr<std::vector<std::string>> ReadNames(FileDescriptor fd, absl::string_view path) {
  DIR* dir = fdopendir(fd.get());
  if (dir == nullptr) {
    if (errno == ENOTDIR) {
      return absl::FailedPreconditionError(absl::StrCat(path, ": is not a directory"));
    }
    return ErrnoStatus(errno, path);
  }
  fd.release();
  std::vector<std::string> names;
  errno = 0;
  while (const dirent* entry = readdir(dir)) {
    const absl::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
    errno = 0;
  }
  const int error = errno;
  closedir(dir);
  if (error != 0) return ErrnoStatus(error, path);
  return names;
}

absl::StatusOr<std::vector<FileInfo>> ListDescriptor(FileDescriptor fd, absl::string_view path) {
  const FileDescriptor own(dup(fd.get()));
  PG_ASSIGN_OR_RETURN(const std::vector<std::string> names, ReadNames(std::move(fd), path));
  std::vector<FileInfo> entries;
  entries.reserve(names.size());
  for (const std::string& name : names) {
    struct stat st;
    if (fstatat(own.get(), name.c_str(), &st, AT_SYMLINK_NOFOLLOW) != 0) {
      if (errno == ENOENT) continue;  // Vanished since the listing.
      // A listing without an entry that is there would say that it is not.
      return ErrnoStatus(errno, absl::StrCat(path, "/", name));
    }
    entries.push_back(ToFileInfo(name, st));
  }
  SortListing(&entries);
  return entries;
}

// File systems of a host's own volumes, mounted here or seen over the network. Copied evidence can
// also lie at the root of a file system, of one that Windows does not have.
bool IsVolumeOfWindows(uint32_t type) {
  constexpr uint32_t kTypes[] = {
      0x00004D44,  // FAT
      0x5346544E,  // NTFS, read-only driver
      0x7366746E,  // NTFS3
      0x65735546,  // FUSE: ntfs-3g, guestmount
      0xFF534D42,  // CIFS: an administrative share
      0xFE534D42,  // SMB2
  };
  return std::find(std::begin(kTypes), std::end(kTypes), type) != std::end(kTypes);
}

class DirectorySource : public Source {
 public:
  DirectorySource(std::string root, FileDescriptor fd)
      : root_(std::move(root)), fd_(std::move(fd)) {}

  std::string description() const override { return absl::StrCat("directory ", root_); }

  absl::StatusOr<std::unique_ptr<File>> Open(absl::string_view path) const override {
    PG_ASSIGN_OR_RETURN(Place place, Locate(path));
    PG_ASSIGN_OR_RETURN(FileDescriptor fd, OpenPlace(place, 0, path));
    return Map(std::move(fd), place.name, path);
  }

  absl::StatusOr<std::unique_ptr<Stream>> OpenStream(absl::string_view path) const override {
    PG_ASSIGN_OR_RETURN(Place place, Locate(path));
    PG_ASSIGN_OR_RETURN(FileDescriptor fd, OpenPlace(place, 0, path));
    PG_ASSIGN_OR_RETURN(const struct stat st, StatRegular(fd, path));
    return std::unique_ptr<Stream>(new FileStream(ToFileInfo(place.name, st), std::move(fd)));
  }

  absl::StatusOr<std::unique_ptr<Source>> Enter(absl::string_view path) const override {
    PG_ASSIGN_OR_RETURN(Place place, Locate(path));
    absl::StatusOr<FileDescriptor> fd = OpenPlace(place, O_DIRECTORY, path);
    if (!fd.ok()) {
      if (!absl::IsNotFound(fd.status())) return fd.status();
      // O_DIRECTORY makes a file, a link and nothing look alike: Stat tells them apart.
      PG_RETURN_IF_ERROR(Stat(path).status());
      return absl::FailedPreconditionError(absl::StrCat(path, ": is not a directory"));
    }
    return std::unique_ptr<Source>(
        new DirectorySource(absl::StrCat(root_, "/", path), *std::move(fd)));
  }

  absl::StatusOr<FileInfo> Stat(absl::string_view path) const override {
    PG_ASSIGN_OR_RETURN(Place place, Locate(path));
    struct stat st;
    if (fstatat(place.parent.get(), place.name.c_str(), &st, AT_SYMLINK_NOFOLLOW) != 0) {
      return ErrnoStatus(errno, path);
    }
    if (S_ISLNK(st.st_mode)) return LinkError(path);
    return ToFileInfo(place.name, st);
  }

  absl::StatusOr<std::vector<FileInfo>> List(absl::string_view path) const override {
    PG_ASSIGN_OR_RETURN(Place place, Locate(path));
    PG_ASSIGN_OR_RETURN(FileDescriptor fd, OpenPlace(place, 0, path));
    return ListDescriptor(std::move(fd), path);
  }

  absl::StatusOr<VolumeSpace> Space() const override {
    struct stat here, above;
    struct statfs fs;
    if (fstat(fd_.get(), &here) != 0 || fstatat(fd_.get(), "..", &above, 0) != 0 ||
        fstatfs(fd_.get(), &fs) != 0) {
      return ErrnoStatus(errno, root_);
    }
    const bool is_top = here.st_dev == above.st_dev && here.st_ino == above.st_ino;  // "/"
    if (here.st_dev == above.st_dev && !is_top) {
      return absl::FailedPreconditionError(
          "it is not the root of a file system, so the free space here is not the host's");
    }
    const auto type = static_cast<uint32_t>(fs.f_type);
    if (!IsVolumeOfWindows(type)) {
      return absl::FailedPreconditionError(absl::StrFormat(
          "it is on a file system that Windows does not have (type 0x%x), so the free space here "
          "is not the host's",
          type));
    }
    const auto block = static_cast<uint64_t>(fs.f_frsize != 0 ? fs.f_frsize : fs.f_bsize);
    return VolumeSpace{fs.f_blocks * block, fs.f_bfree * block};
  }

 private:
  // An entry by its directory and its name in the spelling of the file system.
  struct Place {
    FileDescriptor parent;
    std::string name;
  };

  static absl::Status LinkError(absl::string_view path) {
    return absl::PermissionDeniedError(absl::StrCat(path, ": is a symbolic link, not followed"));
  }
  static absl::Status OpenError(int error, absl::string_view path) {
    return error == ELOOP ? LinkError(path) : ErrnoStatus(error, path);
  }

  // O_NONBLOCK: a FIFO or device in the tree must not hang the open; who opens it then refuses it.
  static absl::StatusOr<FileDescriptor> OpenPlace(const Place& place, int flags,
                                                  absl::string_view path) {
    FileDescriptor fd(openat(place.parent.get(), place.name.c_str(),
                             O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | flags));
    if (fd.get() < 0) return OpenError(errno, path);
    return fd;
  }

  absl::StatusOr<Place> Locate(absl::string_view path) const {
    PG_ASSIGN_OR_RETURN(const std::vector<std::string> parts, SplitVolumePath(path));
    Place place{FileDescriptor(dup(fd_.get())), "."};
    for (const std::string& part : parts) {
      if (place.name != ".") {
        struct stat st;
        if (fstatat(place.parent.get(), place.name.c_str(), &st, AT_SYMLINK_NOFOLLOW) == 0 &&
            S_ISLNK(st.st_mode)) {
          return LinkError(path);
        }
        FileDescriptor next(openat(place.parent.get(), place.name.c_str(),
                                   O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
        if (next.get() < 0) return OpenError(errno, path);
        place.parent = std::move(next);
      }
      PG_ASSIGN_OR_RETURN(place.name, Spelling(place.parent.get(), part, path));
    }
    return place;
  }

  // The name in directory `parent` that equals `part` without regard to case.
  static absl::StatusOr<std::string> Spelling(int parent, const std::string& part,
                                              absl::string_view path) {
    struct stat st;
    if (fstatat(parent, part.c_str(), &st, AT_SYMLINK_NOFOLLOW) == 0) return part;
    if (errno != ENOENT) return ErrnoStatus(errno, path);
    FileDescriptor own(openat(parent, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (own.get() < 0) return ErrnoStatus(errno, path);
    PG_ASSIGN_OR_RETURN(const std::vector<std::string> names, ReadNames(std::move(own), path));
    absl::optional<std::string> best;  // Of several spellings the first in byte order.
    for (const std::string& name : names) {
      if (NamesEqual(name, part) && (!best || name < *best)) best = name;
    }
    if (!best) return absl::NotFoundError(absl::StrCat(path, ": not found"));
    return *best;
  }

  std::string root_;
  FileDescriptor fd_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Source>> OpenDirectory(const std::string& root) {
  FileDescriptor fd(open(root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (fd.get() < 0) {
    if (errno == ENOTDIR) return absl::FailedPreconditionError(root + ": is not a directory");
    return ErrnoStatus(errno, root);
  }
  return std::unique_ptr<Source>(new DirectorySource(root, std::move(fd)));
}

absl::StatusOr<std::unique_ptr<Source>> OpenVolume(const std::string& root) {
  return absl::UnimplementedError(absl::StrCat(root, ": volumes have such names on Windows only"));
}

absl::StatusOr<std::unique_ptr<File>> OpenNativeFile(const std::string& path) {
  FileDescriptor fd(open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  if (fd.get() < 0) return ErrnoStatus(errno, path);
  return Map(std::move(fd), path.substr(path.find_last_of('/') + 1), path);
}

absl::StatusOr<std::vector<FileInfo>> ListNativeDirectory(const std::string& path) {
  FileDescriptor fd(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (fd.get() < 0) return ErrnoStatus(errno, path);
  return ListDescriptor(std::move(fd), path);
}

}  // namespace patchgate::evidence
