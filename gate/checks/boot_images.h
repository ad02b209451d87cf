// What the checks of boot files have in common.
#ifndef GATE_CHECKS_BOOT_IMAGES_H_
#define GATE_CHECKS_BOOT_IMAGES_H_

#include "absl/strings/string_view.h"
#include "servicing/boot/boot.pb.h"

namespace patchgate::gate::checks {

// "winload.efi"
inline absl::string_view LastPart(absl::string_view path) {
  return path.substr(path.find_last_of('/') + 1);  // npos + 1 is 0.
}
inline absl::string_view NameOf(const BootFile& file) { return LastPart(file.path()); }

}  // namespace patchgate::gate::checks

#endif  // GATE_CHECKS_BOOT_IMAGES_H_
