// Reads a file once and says what is in it.
#ifndef SERVICING_FILES_FILE_READER_H_
#define SERVICING_FILES_FILE_READER_H_

#include <atomic>
#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "servicing/base/stop.h"
#include "servicing/digest/digest.h"
#include "servicing/evidence/source.h"
#include "servicing/files/file_memory.h"
#include "servicing/pe/image_facts.pb.h"

namespace patchgate::files {

// Larger files are not examined. The largest image of Windows has some 100 MiB.
inline constexpr uint64_t kLargestExamined = 256 << 20;

// One for each thread: its buffers and digest are used again and again.
class FileReader {
 public:
  // Each may be null. `bytes_read` counts what all readers read; `memory` is asked before a file is
  // read, and told afterwards.
  FileReader(const Stop* stop, std::atomic<uint64_t>* bytes_read, FileMemory* memory = nullptr);

  // kAborted if the file has another size or time after it was read than before, or ended early;
  // kCancelled. Cost: the file once, 256 KiB at a time, unless the memory knows it; no allocation.
  absl::StatusOr<FileDigest> Digest(const evidence::Source& folder, absl::string_view name);

  // The same, and everything but the collection of `facts`, from the same bytes; *facts is as it
  // was on an error. `kept` may be null. A file that the memory knows only as hashed is read again.
  // kResourceExhausted, and nothing is read, if the file is larger than kLargestExamined. Cost: the
  // whole file in memory.
  absl::StatusOr<FileDigest> Examine(const evidence::Source& folder, absl::string_view name,
                                     ImageFacts* facts, KeptPart* kept = nullptr);

  // The whole file into *bytes, whose capacity is reused. kResourceExhausted beyond `most` bytes;
  // otherwise as Digest. Not remembered.
  absl::Status Read(const evidence::Source& folder, absl::string_view name, uint64_t most,
                    std::string* bytes);

 private:
  FileMemory::Turn Take(const evidence::Stream& stream) const;
  // Reads all of the stream, into *whole too unless that is null.
  absl::StatusOr<FileDigest> Hash(evidence::Stream* stream, std::string* whole);

  const Stop* const stop_;
  std::atomic<uint64_t>* const bytes_read_;
  FileMemory* const memory_;
  std::string buffer_, whole_;
  digest::Sha256Stream sha256_;
};

}  // namespace patchgate::files

#endif  // SERVICING_FILES_FILE_READER_H_
