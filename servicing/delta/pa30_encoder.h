// Makes PA30 deltas and DCM manifests, for tests, synthetic volumes and benchmarks. By default they
// look like those of Windows: same header, default codes where the target is small. The options
// reach what Windows' manifests do not use, so that tests cover every part of the decoder.
#ifndef SERVICING_DELTA_PA30_ENCODER_H_
#define SERVICING_DELTA_PA30_ENCODER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "servicing/base/filetime.h"
#include "servicing/delta/delta.h"

namespace patchgate::delta {

// 1970-01-01 00:00:01: the target time of every manifest (DOMAIN §4.4).
inline constexpr FileTime kManifestTime = 0x019DB1DED5D71680;

// From `target_offset` on, the text is expected at `base_offset`. In order of target offsets.
struct RiftPiece {
  size_t target_offset;
  int64_t base_offset;
};

struct EncodeOptions {
  FileTime target_time = kManifestTime;
  uint32_t hash_algorithm = kHashNone;

  // Default codes, codes made for the target, or what is likely smaller.
  enum class Codes { kAuto, kDefault, kOwn };
  Codes codes = Codes::kAuto;
  // With kOwn: target offsets, growing, where another format starts.
  std::vector<size_t> format_starts;

  std::vector<RiftPiece> rift;
  // How the codes of the rift table are stored: all lengths; those of the first symbols, and none
  // for the rest; a count of equal ones.
  enum class RiftCodes { kAll, kFirst, kEqual };
  RiftCodes rift_codes = RiftCodes::kAll;

  bool repeated_distances = true;
  bool offsets = true;          // From the place that the rift table expects.
  bool prefer_offsets = false;  // Where a distance would be shorter, too.
  size_t longest_match = size_t{1} << 24;

  // What a header says that does not fit the rest.
  absl::string_view signature = "PA30";
  uint64_t file_type_set = 1, file_type = kFileTypeRaw;
  uint64_t flags = 0x20000;
  absl::optional<uint64_t> target_size;
  absl::string_view preprocess = "";
};

// For many targets with one base, which is indexed once. `base` must outlive it.
class Pa30Encoder {
 public:
  explicit Pa30Encoder(absl::string_view base);
  ~Pa30Encoder();

  std::string Encode(absl::string_view target, const EncodeOptions& options = {});
  std::string EncodeDcm(absl::string_view target, const EncodeOptions& options = {});

 private:
  class Matcher;
  const absl::string_view base_;
  const std::unique_ptr<Matcher> matcher_;
};

std::string EncodePa30(absl::string_view target, absl::string_view base,
                       const EncodeOptions& options = {});
std::string EncodeDcm(absl::string_view target, absl::string_view base,
                      const EncodeOptions& options = {});

}  // namespace patchgate::delta

#endif  // SERVICING_DELTA_PA30_ENCODER_H_
