#include "servicing/boot/stack_library.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace patchgate::boot {

std::string StackLibrary(const ServicingStack& stack) {
  if (stack.versions_size() != 1 || stack.versions(0).on_disk().source().empty()) return "";
  std::string folder = stack.versions(0).on_disk().source();
  std::replace(folder.begin(), folder.end(), '\\', '/');
  return absl::StrCat(absl::StripSuffix(folder, "/"), "/wcp.dll");
}

}  // namespace patchgate::boot
