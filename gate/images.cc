#include "gate/images.h"

#include <algorithm>
#include <string>

#include "absl/strings/match.h"
#include "servicing/base/utf16.h"

namespace patchgate::gate {

const ImageFacts* FindImage(const Snapshot& snapshot, absl::string_view path) {
  const std::string wanted = UpcaseUtf8(path);
  const auto found = std::lower_bound(snapshot.images().begin(), snapshot.images().end(), wanted,
                                      [](const ImageFacts& image, const std::string& upper) {
                                        return UpcaseUtf8(image.collection().source()) < upper;
                                      });
  if (found == snapshot.images().end()) return nullptr;
  return UpcaseUtf8(found->collection().source()) == wanted ? &*found : nullptr;
}

bool WasRead(const ImageFacts* image) {
  return image != nullptr && image->collection().status() == Collection::COLLECTED;
}

bool IsOnSystemPartition(absl::string_view path) {
  return absl::StartsWithIgnoreCase(path, "ESP:/") || absl::StartsWithIgnoreCase(path, "EFI/") ||
         absl::EqualsIgnoreCase(path, "bootmgr");
}

}  // namespace patchgate::gate
