#include "gate/cli/atomic_file.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>

#ifdef _WIN32
#include <io.h>
#include <process.h>
#else
#include <unistd.h>
#endif

#include "absl/strings/str_cat.h"

namespace patchgate::cli {
namespace {

namespace fs = std::filesystem;

#ifdef _WIN32
int CreateNew(const fs::path& path) {
  return _wopen(path.c_str(), _O_WRONLY | _O_CREAT | _O_EXCL | _O_BINARY, _S_IREAD | _S_IWRITE);
}
int ProcessId() { return _getpid(); }
int Write(int fd, const char* data, size_t size) {
  return _write(fd, data, static_cast<unsigned>(std::min<size_t>(size, 1 << 20)));
}
int Close(int fd) { return _close(fd); }
#else
int CreateNew(const fs::path& path) {
  return open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
}
int ProcessId() { return getpid(); }
ssize_t Write(int fd, const char* data, size_t size) { return write(fd, data, size); }
int Close(int fd) { return close(fd); }
#endif

}  // namespace

absl::Status WriteFileAtomically(const std::string& path, absl::string_view bytes) {
  const auto failed = [&](const std::string& why) {
    return absl::UnavailableError(absl::StrCat(path, ": cannot be written: ", why));
  };
  const fs::path target = fs::u8path(path);
  std::error_code error;
  // A device, pipe or link would be replaced by a plain file, not written to.
  const fs::file_status existing = fs::symlink_status(target, error);
  if (fs::is_directory(existing)) return failed("is a directory");
  if (fs::exists(existing) && !fs::is_regular_file(existing)) return failed("is no regular file");
  fs::path temporary;
  int fd = -1;
  for (int attempt = 0; fd < 0 && attempt < 100; ++attempt) {
    temporary = target;
    temporary += absl::StrCat(".", ProcessId(), "-", attempt, ".tmp");
    fd = CreateNew(temporary);
    if (fd < 0 && errno != EEXIST) return failed(std::strerror(errno));
  }
  if (fd < 0) return failed("no free name beside it");
  std::string why;
  while (!bytes.empty() && why.empty()) {
    const auto written = Write(fd, bytes.data(), bytes.size());
    if (written <= 0) {
      why = std::strerror(errno);
    } else {
      bytes.remove_prefix(static_cast<size_t>(written));
    }
  }
  if (Close(fd) != 0 && why.empty()) why = std::strerror(errno);
  if (why.empty()) {
    fs::rename(temporary, target, error);
    if (error) why = error.message();
  }
  if (why.empty()) return absl::OkStatus();
  fs::remove(temporary, error);
  return failed(why);
}

std::string CanonicalPath(const std::string& path) {
  std::error_code error;
  const fs::path canonical = fs::weakly_canonical(fs::absolute(fs::u8path(path), error), error);
  return error ? path : canonical.u8string();
}

absl::Status CheckOutsideRoot(const std::string& root, const std::string& output) {
  if (root.empty()) return absl::OkStatus();
  const fs::path folder = fs::u8path(CanonicalPath(root));
  const fs::path file = fs::u8path(CanonicalPath(output));
  const auto end = std::mismatch(folder.begin(), folder.end(), file.begin(), file.end()).first;
  if (end != folder.end()) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      "output ", output, " lies in the volume that is read; patchgate never writes there"));
}

}  // namespace patchgate::cli
