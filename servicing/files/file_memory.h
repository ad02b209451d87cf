// What was read of the files of a volume, so that none is read twice: not by two readers, not under
// two of its names, not by two threads at once.
//
//   files::FileMemory memory;
//   files::FileReader reader(nullptr, nullptr, &memory);
//   reader.Digest(source, "Windows/System32/ntoskrnl.exe");  // Reads.
//   reader.Digest(source, "Windows/WinSxS/amd64_.../ntoskrnl.exe");  // A hard link: does not.
#ifndef SERVICING_FILES_FILE_MEMORY_H_
#define SERVICING_FILES_FILE_MEMORY_H_

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/hash/hash.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "servicing/base/filetime.h"
#include "servicing/digest/digest.h"
#include "servicing/evidence/source.h"
#include "servicing/pe/image_facts.pb.h"

namespace patchgate::files {

struct FileDigest {
  digest::Sha256Digest sha256 = {};
  uint64_t size = 0;        // Bytes.
  FileTime modified = 0;    // When it was opened.
  std::string first_bytes;  // Up to 8: enough to tell a wrapper.
  evidence::FileId id;
};

// A part of a file's bytes that is needed later, or why there is none; nothing for nearly all
// files.
using KeptPart = absl::optional<absl::StatusOr<std::string>>;

// What is known of a file.
struct FileFacts {
  FileDigest digest;
  std::shared_ptr<const ImageFacts> image;  // Null if it was only hashed.
  KeptPart kept;
};

// May be used by all threads. Memory: some 200 bytes for each different file, 1 KiB for those that
// were examined, and 64 MiB of what `keep` returns. Files without an id are not remembered.
//
// A file counts as the same as long as its id, size and time are. Where a file system gives one id
// to two files (it should not; ReFS has ids of 128 bits, of which Windows shows programs 64), they
// are still told apart by these.
class FileMemory {
 public:
  // What to keep of an examined file, by the last part of its path and its bytes.
  using Keep = std::function<KeptPart(absl::string_view name, absl::string_view bytes)>;

  explicit FileMemory(Keep keep = nullptr) : keep_(std::move(keep)) {}
  FileMemory(const FileMemory&) = delete;
  FileMemory& operator=(const FileMemory&) = delete;

  // The turn to look at one file. It must end before its thread takes another one.
  class Turn;

  // Waits for as long as another thread has the file's turn; what that one read is known then.
  // `info` is of the open file.
  Turn Take(const evidence::FileInfo& info);

  const Keep& keep() const { return keep_; }

 private:
  struct Entry {
    bool taken = false;
    bool known = false;
    uint64_t size = 0;
    FileTime modified = 0;
    FileFacts facts;
  };
  struct IdHash {
    size_t operator()(const evidence::FileId& id) const {
      return absl::Hash<std::pair<uint64_t, uint64_t>>()({id.volume, id.index});
    }
  };

  const Keep keep_;
  std::atomic<uint64_t> kept_bytes_{0};
  std::mutex mutex_;
  std::condition_variable ended_;
  absl::flat_hash_map<evidence::FileId, std::unique_ptr<Entry>, IdHash> entries_;
};

class FileMemory::Turn {
 public:
  Turn() = default;  // Of nothing: nothing is known, and nothing remembered.
  Turn(Turn&& other) noexcept;
  Turn& operator=(Turn&&) = delete;
  ~Turn();

  // What was read of the file before; null if it was not, or is not the same any more. Valid until
  // the turn ends.
  const FileFacts* known() const;
  // A kept part beyond what the memory holds is left out.
  void Remember(FileFacts facts);

 private:
  friend class FileMemory;
  Turn(FileMemory* memory, Entry* entry, const evidence::FileInfo& info)
      : memory_(memory), entry_(entry), size_(info.size), modified_(info.modified) {}

  FileMemory* memory_ = nullptr;
  Entry* entry_ = nullptr;
  uint64_t size_ = 0;
  FileTime modified_ = 0;
};

}  // namespace patchgate::files

#endif  // SERVICING_FILES_FILE_MEMORY_H_
