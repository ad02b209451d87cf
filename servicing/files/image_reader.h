// Reads programs, drivers and EFI applications of a volume, each once.
//
//   files::ImageReader images(source, "", &memory);
//   images.Read("Windows/System32/ntoskrnl.exe").file_version();
//   images.AddTo(snapshot.mutable_images());
#ifndef SERVICING_FILES_IMAGE_READER_H_
#define SERVICING_FILES_IMAGE_READER_H_

#include <map>
#include <string>

#include "absl/strings/string_view.h"
#include "google/protobuf/repeated_ptr_field.h"
#include "servicing/evidence/source.h"
#include "servicing/files/file_memory.h"
#include "servicing/files/file_reader.h"
#include "servicing/pe/image_facts.pb.h"

namespace patchgate::files {

class ImageReader {
 public:
  // `prefix` goes before every path in the facts: "ESP:/". `memory` may be null. Both must outlive
  // the reader.
  ImageReader(const evidence::Source& source, absl::string_view prefix, FileMemory* memory);

  // The facts of the file at `path` of the source, '/' between its parts, also where it is absent
  // or unreadable, as a folder is. Valid until AddTo. Cost: the whole file once, also where several
  // paths lead to it, unless `memory` knows it already.
  const ImageFacts& Read(absl::string_view path);

  // Adds everything that was read, by upper-cased path; the reader is empty then.
  void AddTo(google::protobuf::RepeatedPtrField<ImageFacts>* images);

 private:
  const evidence::Source& source_;
  const std::string prefix_;
  FileReader reader_;
  std::map<std::string, ImageFacts> images_;  // By upper-cased path.
};

}  // namespace patchgate::files

#endif  // SERVICING_FILES_IMAGE_READER_H_
