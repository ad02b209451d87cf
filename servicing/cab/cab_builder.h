// Builds cabinet files in memory, for tests: one folder, its data stored or in MSZIP blocks that
// hold it uncompressed, or (for a bomb) one byte repeated.
#ifndef SERVICING_CAB_CAB_BUILDER_H_
#define SERVICING_CAB_CAB_BUILDER_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace patchgate::cab {

class CabBuilder {
 public:
  enum class Method { kStored, kMsZip };

  explicit CabBuilder(Method method = Method::kStored) : method_(method) {}

  CabBuilder& Add(absl::string_view name, absl::string_view bytes);
  // A file of `size` times the byte 'x', in MSZIP blocks of some 70 bytes for 32 KiB each.
  CabBuilder& AddRepeated(absl::string_view name, uint32_t size);
  // Overwrites what the header says of the last file.
  CabBuilder& set_claimed_size(uint32_t size);
  CabBuilder& set_claimed_offset(uint32_t offset);

  std::string Build() const;

  // Where Build() puts the first data block.
  size_t first_block() const;

 private:
  struct File {
    std::string name;
    uint32_t size = 0, offset = 0;
  };

  Method method_;
  std::vector<File> files_;
  std::string data_;  // Of the folder, unpacked.
  bool is_repeated_ = false;
};

}  // namespace patchgate::cab

#endif  // SERVICING_CAB_CAB_BUILDER_H_
