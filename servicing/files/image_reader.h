// Reads programs, drivers and EFI applications of a volume, each once.
//
//   files::ImageReader images(source, "", &memory);
//   images.Read("Windows/System32/ntoskrnl.exe").file_version();
//   images.AddTo(snapshot.mutable_images());
#ifndef SERVICING_FILES_IMAGE_READER_H_
#define SERVICING_FILES_IMAGE_READER_H_

#include <atomic>
#include <cstdint>
#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/repeated_ptr_field.h"
#include "servicing/evidence/source.h"
#include "servicing/files/file_memory.h"
#include "servicing/files/file_reader.h"
#include "servicing/pe/image_facts.pb.h"

namespace patchgate::files {

// Drivers, boot files and probes of a host are some 200 files and 150 MB.
inline constexpr uint64_t kMostImageBytes = uint64_t{8} << 30;

class ImageReader {
 public:
  // `prefix` goes before every path in the facts: "ESP:/". `memory` may be null. Both must outlive
  // the reader. Once `most_bytes` were read, no other file is opened: what is there is UNREADABLE.
  ImageReader(const evidence::Source& source, absl::string_view prefix, FileMemory* memory,
              uint64_t most_bytes = kMostImageBytes);

  // The facts of the file at `path` of the source, '/' between its parts, also where it is absent
  // or unreadable, as a folder is. Valid until AddTo. Cost: the whole file once, also where several
  // paths lead to it, unless `memory` knows it already.
  const ImageFacts& Read(absl::string_view path);

  // As Read, for a file that a listing of its folder does not have: the source is not asked.
  const ImageFacts& NoteAbsent(absl::string_view path);

  // Adds everything that was read, by upper-cased path; the reader is empty then.
  void AddTo(google::protobuf::RepeatedPtrField<ImageFacts>* images);

 private:
  absl::StatusOr<FileDigest> Examine(absl::string_view path, ImageFacts* facts);

  const evidence::Source& source_;
  const std::string prefix_;
  const uint64_t most_bytes_;
  std::atomic<uint64_t> bytes_read_{0};
  FileReader reader_;
  std::map<std::string, ImageFacts> images_;  // By upper-cased path.
};

}  // namespace patchgate::files

#endif  // SERVICING_FILES_IMAGE_READER_H_
