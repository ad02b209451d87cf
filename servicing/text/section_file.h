// One file or folder as one section of the snapshot.
#ifndef SERVICING_TEXT_SECTION_FILE_H_
#define SERVICING_TEXT_SECTION_FILE_H_

#include <memory>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "servicing/evidence/collection.pb.h"
#include "servicing/evidence/source.h"

namespace patchgate::text {

// Opens the file and starts `section`: COLLECTED, with the file's time; ABSENT if it is not there;
// UNREADABLE if it may be. Null unless COLLECTED.
std::unique_ptr<evidence::File> OpenSection(const evidence::Source& source, absl::string_view path,
                                            Collection* section);

// The same for a folder; the time stays unknown. nullopt unless COLLECTED.
absl::optional<std::vector<evidence::FileInfo>> ListSection(const evidence::Source& source,
                                                            absl::string_view path,
                                                            Collection* section);

// Lets go of a mapped file behind a reader, so that a large one is not in memory as a whole.
class Releaser {
 public:
  explicit Releaser(const evidence::File* file) : file_(file) {}  // Null: does nothing.
  // The first `size` bytes have been read.
  void Consumed(size_t size);

 private:
  const evidence::File* file_;
  size_t released_ = 0;
};

// Adds a gap; only the first few of a section are kept.
void AddGap(Collection* section, absl::string_view where, absl::string_view what);

}  // namespace patchgate::text

#endif  // SERVICING_TEXT_SECTION_FILE_H_
