// LZX-delta ("PseudoLzx") coding of a PA30 delta: literals and matches in base and target.
#ifndef SERVICING_DELTA_LZX_DELTA_H_
#define SERVICING_DELTA_LZX_DELTA_H_

#include <cstddef>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "servicing/delta/composite_format.h"
#include "servicing/delta/rift_table.h"

namespace patchgate::delta {

// Bytes that may be written behind the target while it is made.
inline constexpr size_t kCopySlack = 32;

// Keeps its tables between two deltas.
class LzxDeltaDecoder {
 public:
  // Decodes the patch buffer `patch` to exactly `target_size` bytes; `target` has kCopySlack more.
  // Fails with kDataLoss, naming the bit of the patch and the offset in the target. Cost: grows
  // with the size of patch and target alone.
  absl::Status Decode(absl::string_view patch, absl::string_view base, char* target,
                      size_t target_size);

 private:
  CompositeFormat format_;
  RiftTable rift_;
};

}  // namespace patchgate::delta

#endif  // SERVICING_DELTA_LZX_DELTA_H_
