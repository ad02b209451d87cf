// PA30 deltas, the format of Windows' msdelta.dll (DOMAIN §4.4, format.md): a target file as the
// difference from a base file.
//
//   Pa30Decoder decoder;
//   std::string target;
//   absl::Status status = decoder.Apply(delta, base, kLargestTarget, &target);
#ifndef SERVICING_DELTA_DELTA_H_
#define SERVICING_DELTA_DELTA_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "servicing/base/filetime.h"
#include "servicing/delta/lzx_delta.h"

namespace patchgate::delta {

// Values of Pa30Header::hash_algorithm: ALG_IDs of the Windows API.
inline constexpr uint32_t kHashNone = 0;
inline constexpr uint32_t kHashMd5 = 0x8003;
inline constexpr uint32_t kHashSha1 = 0x8004;
inline constexpr uint32_t kHashSha256 = 0x800C;

inline constexpr uint64_t kFileTypeRaw = 1;

struct Pa30Header {
  FileTime target_time = 0;
  uint64_t file_type_set = 0, file_type = 0;
  uint64_t flags = 0;
  uint64_t target_size = 0;  // Bytes.
  uint32_t hash_algorithm = kHashNone;
  std::string target_hash;  // Raw bytes; empty without an algorithm, as in manifests.
};

// Reads the header alone. kUnimplemented for other delta formats, by name; kDataLoss for what is
// none. Cost: about 50 bytes read, no allocation but the hash.
absl::StatusOr<Pa30Header> ReadPa30Header(absl::string_view delta);

// Keeps its tables and buffers between calls, so that thousands of small deltas cost no allocation
// each. Not thread-safe: one per thread.
class Pa30Decoder {
 public:
  // Decodes `delta` against `base` into *target, whose capacity is reused; empty after an error.
  // The target has the size that the header states, and its hash if the header states one:
  // a header without hash (all manifests of Windows, format.md) leaves a wrong base undetected.
  //
  // kResourceExhausted if the header states more than `max_target` bytes; kUnimplemented for other
  // formats, file types with transforms, flags and hash algorithms, each by name; kDataLoss for
  // damage. Memory: the target, and less than 64 times the size of the delta, most of it none.
  absl::Status Apply(absl::string_view delta, absl::string_view base, size_t max_target,
                     std::string* target);

 private:
  LzxDeltaDecoder decoder_;
};

}  // namespace patchgate::delta

#endif  // SERVICING_DELTA_DELTA_H_
