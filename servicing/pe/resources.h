// The resource tree of a PE image: type, name, language (Microsoft, "PE Format", "The .rsrc
// Section").
#ifndef SERVICING_PE_RESOURCES_H_
#define SERVICING_PE_RESOURCES_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "servicing/pe/image.h"

namespace patchgate::pe {

// What types and resources are called: a number, or a name without regard to case.
class ResourceId {
 public:
  ResourceId(uint16_t number) : number_(number) {}  // NOLINT: FindResource(image, 614, 1).
  explicit ResourceId(absl::string_view utf8);      // Not empty.

  bool is_name() const { return !name_.empty(); }
  uint16_t number() const { return number_; }
  const std::string& name() const { return name_; }  // UTF-16LE, upper case.

  std::string ToString() const;  // "614", "\"MUI\""

 private:
  uint16_t number_ = 0;
  std::string name_;
};

// The bytes of the resource, in its first language: a view into the image. kNotFound if the image
// has no resources, or none of that type and name; kDataLoss if a directory on the way is cut off,
// points back at one before it or overlaps it, or the data is not in the file. Messages name the
// file offset of the directory. Other parts of the tree are not looked at. Cost: three directories,
// each at most as large as its section; no allocation but for messages.
absl::StatusOr<absl::string_view> FindResource(const Image& image, const ResourceId& type,
                                               const ResourceId& id);

}  // namespace patchgate::pe

#endif  // SERVICING_PE_RESOURCES_H_
