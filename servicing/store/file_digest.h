// Reads a file once and says what is in it.
#ifndef SERVICING_STORE_FILE_DIGEST_H_
#define SERVICING_STORE_FILE_DIGEST_H_

#include <atomic>
#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "servicing/digest/digest.h"
#include "servicing/evidence/source.h"

namespace patchgate::store {

struct FileDigest {
  digest::Sha256Digest sha256;
  uint64_t size = 0;        // Bytes that were read.
  std::string first_bytes;  // Up to 8: enough to tell a wrapper.
  evidence::FileId id;
};

// One for each thread: its buffer and digest are used again and again.
class FileReader {
 public:
  // `cancelled` may be null. `bytes_read` counts what all readers read.
  FileReader(const std::atomic<bool>* cancelled, std::atomic<uint64_t>* bytes_read);

  // kAborted if the file has another size or time after it was read than before, or ended early;
  // kCancelled. Cost: the file once, 256 KiB at a time; no allocation.
  absl::StatusOr<FileDigest> Digest(const evidence::Source& folder, absl::string_view name);
  // The whole file into *bytes, whose capacity is reused. kResourceExhausted beyond `most` bytes;
  // otherwise as Digest.
  absl::Status Read(const evidence::Source& folder, absl::string_view name, uint64_t most,
                    std::string* bytes);

 private:
  const std::atomic<bool>* const cancelled_;
  std::atomic<uint64_t>* const bytes_read_;
  std::string buffer_;
  digest::Sha256Stream sha256_;
};

}  // namespace patchgate::store

#endif  // SERVICING_STORE_FILE_DIGEST_H_
