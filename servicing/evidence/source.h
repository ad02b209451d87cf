// Where evidence bytes come from: a directory that holds a Windows volume, memory, and later the
// live host. Readers see only this interface and cannot tell which one they read.
//
// Paths are UTF-8, relative to the root of the Windows volume, with '/' or '\' between their parts:
// "Windows/System32/config/SYSTEM". They are matched without regard to case, as Windows does.
#ifndef SERVICING_EVIDENCE_SOURCE_H_
#define SERVICING_EVIDENCE_SOURCE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "servicing/base/filetime.h"

namespace patchgate::evidence {

// Before every path of a system partition that is read beside the volume, in facts and reports.
inline constexpr char kEspPrefix[] = "ESP:/";

// Which file it is, whatever its name: all hard links to a file have the same id.
struct FileId {
  uint64_t volume = 0;
  uint64_t index = 0;

  bool known() const { return index != 0; }
  friend bool operator==(const FileId& a, const FileId& b) {
    return a.volume == b.volume && a.index == b.index;
  }
};

// What a directory knows of one of its entries.
struct FileInfo {
  std::string name;   // The last part of the path, in the spelling of the volume.
  uint64_t size = 0;  // Bytes; 0 for a directory.
  FileTime modified = 0;
  bool is_directory = false;
  bool is_link = false;  // Symbolic link, junction or other reparse point; never followed.
  FileId id;  // Always of an open file; in a listing only where it costs nothing (POSIX).
};

// Size of a file system, in bytes.
struct VolumeSpace {
  uint64_t total = 0;
  uint64_t free = 0;  // Also what quotas keep from this user.
};

// An open file. Its bytes are a view of the file, mapped where the platform can.
class File {
 public:
  virtual ~File() = default;

  virtual absl::string_view bytes() const = 0;
  virtual const FileInfo& info() const = 0;

  // A private, writable image of the file, `size` bytes long (at least the file's size), zero
  // beyond its end. Pages are copied when written; the file itself never changes. Valid while the
  // File lives; may be asked for once.
  virtual absl::StatusOr<absl::Span<char>> WritableImage(size_t size) = 0;

  // A hint that this part of bytes() is not needed again soon: its pages may leave memory. What is
  // read there later is the same.
  virtual void Release(size_t offset, size_t size) const {
    (void)offset;
    (void)size;
  }
};

// A file that is read in pieces from its start, once. Nothing is mapped: a file that another
// program cuts short meanwhile ends early and does no harm.
class Stream {
 public:
  virtual ~Stream() = default;

  virtual const FileInfo& info() const = 0;  // When it was opened.
  // Fills `buffer` with what comes next; the number of bytes, less than asked only at the end of
  // the file, where it is 0 from then on. kDataLoss for an I/O error.
  virtual absl::StatusOr<size_t> Read(absl::Span<char> buffer) = 0;
  // The same file now: another size or time than info() has means that it changed meanwhile.
  virtual absl::StatusOr<FileInfo> Now() const = 0;
};

// Errors of all: kNotFound if there is no such entry; kPermissionDenied if the system refuses
// or a part of the path is a link, which could lead out of the root; kInvalidArgument for a path
// with "..", a NUL or a drive; kDataLoss for an I/O error.
class Source {
 public:
  virtual ~Source() = default;

  // For reports: "directory /mnt/image".
  virtual std::string description() const = 0;

  // kFailedPrecondition if the path names a directory or a device.
  virtual absl::StatusOr<std::unique_ptr<File>> Open(absl::string_view path) const = 0;
  virtual absl::StatusOr<FileInfo> Stat(absl::string_view path) const = 0;
  // Entries in ordinal order of their upper-cased names; kFailedPrecondition if not a directory.
  virtual absl::StatusOr<std::vector<FileInfo>> List(absl::string_view path) const = 0;

  // As Open, to be read once. Unless overridden, a view of what Open gives.
  virtual absl::StatusOr<std::unique_ptr<Stream>> OpenStream(absl::string_view path) const;
  // The folder `path` as a source of its own, for who opens thousands of its files: what lies above
  // is walked once. It must not outlive this source.
  virtual absl::StatusOr<std::unique_ptr<Source>> Enter(absl::string_view path) const;

  // Size of the host's file system that the root is the root of. kFailedPrecondition if the root is
  // that of no file system which a host would have: a copied tree has the space of another disk.
  // Unless overridden, kUnimplemented.
  virtual absl::StatusOr<VolumeSpace> Space() const;
};

// The parts of a volume path; empty for the root itself.
absl::StatusOr<std::vector<std::string>> SplitVolumePath(absl::string_view path);

// Brings a listing into the order that Source::List promises.
void SortListing(std::vector<FileInfo>* entries);

}  // namespace patchgate::evidence

#endif  // SERVICING_EVIDENCE_SOURCE_H_
