// Fuzz target of the delta decoder.
//
// Byte 0 of an input says what the rest is: 0xFF a manifest file, 0xFE a delta, 0xFD the patch
// buffer of a delta, for a target of 4 KiB. Otherwise the low three bits choose a sound delta, and
// the rest are edits to it, of three bytes each: 16 bits of offset, and the value to be added.
//
// Inputs of more than 64 KiB say nothing that smaller ones do not, and are refused.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "servicing/delta/bit_writer.h"
#include "servicing/delta/dcm.h"
#include "servicing/delta/delta.h"
#include "servicing/delta/pa30_encoder.h"

namespace patchgate::delta {
namespace {

constexpr size_t kLargestInput = 64 << 10;
constexpr size_t kLargestTarget = 256 << 10;
constexpr uint64_t kPatchTarget = 4096;

void Require(bool condition) {
  if (!condition) std::abort();
}

std::string Text(int lines, int step) {
  std::string text = "<?xml version=\"1.0\"?>\r\n";
  for (int i = 0; i < lines; ++i) {
    absl::StrAppend(&text, "<file name=\"f", i * step, ".dll\" hash=\"", i * 7919 * step % 10007,
                    "\"/>\r\n");
  }
  return text;
}

const std::string& Base() {
  static const auto* const base = new std::string(Text(60, 3));
  return *base;
}

const std::string& Target() {
  static const auto* const target = new std::string(Text(50, 2));
  return *target;
}

std::vector<std::string> MakeSeeds() {
  std::vector<std::string> seeds;
  for (int i = 0; i < 8; ++i) {
    EncodeOptions options;
    if (i & 1) options.codes = EncodeOptions::Codes::kOwn;
    if (i & 2) options.rift = {{0, 5}, {200, 190}, {300, -40}, {500, 510}};
    options.rift_codes =
        i & 1 ? EncodeOptions::RiftCodes::kEqual : EncodeOptions::RiftCodes::kFirst;
    if (i & 4) options.prefer_offsets = true;
    if ((i & 5) == 5) options.format_starts = {100, 300, 301, 900};
    options.hash_algorithm = kHashMd5;
    seeds.push_back(EncodePa30(Target(), Base(), options));
  }
  return seeds;
}

const std::string& SeedNumber(size_t i) {
  static const auto* const seeds = new std::vector<std::string>(MakeSeeds());
  return (*seeds)[i];
}

// Twice with one decoder, and once with another: nothing is left from one delta to the next.
absl::Status Apply(absl::string_view delta, std::string* target) {
  Pa30Decoder decoder, other;
  std::string again;
  const absl::Status status = decoder.Apply(delta, Base(), kLargestTarget, target);
  Require(status.ok() || (target->empty() && !status.message().empty()));
  Require(target->size() <= kLargestTarget);
  Require(decoder.Apply(delta, Base(), kLargestTarget, &again) == status && again == *target);
  Require(other.Apply(delta, Base(), kLargestTarget, &again) == status && again == *target);
  return status;
}

std::string DeltaAround(absl::string_view patch) {
  BitWriter stream;
  for (uint64_t number : {uint64_t{1}, kFileTypeRaw, uint64_t{0}, kPatchTarget, uint64_t{0}}) {
    stream.WriteNumber(number);
  }
  for (absl::string_view buffer : {absl::string_view(), absl::string_view(), patch}) {
    stream.WriteBuffer(buffer);
  }
  return absl::StrCat("PA30", std::string(8, 't'), std::move(stream).Finish());
}

}  // namespace
}  // namespace patchgate::delta

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace patchgate::delta;  // NOLINT: the entry point cannot be in the namespace.
  if (size == 0 || size > kLargestInput) return 0;
  const absl::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
  std::string target;
  switch (data[0]) {
    case 0xFF: {
      Pa30Decoder decoder;
      const auto text = DecodeManifest(rest, Base(), &decoder, &target);
      Require(!text.ok() || CodingOf(*text) == ManifestCoding::kPlain);
      return 0;
    }
    case 0xFE:
      Apply(rest, &target).IgnoreError();
      return 0;
    case 0xFD:
      Require(!Apply(DeltaAround(rest), &target).ok() || target.size() == kPatchTarget);
      return 0;
    default:
      break;
  }
  std::string delta = SeedNumber(data[0] & 7);
  for (size_t at = 0; at + 3 <= rest.size(); at += 3) {
    const auto* edit = reinterpret_cast<const uint8_t*>(rest.data() + at);
    char& byte = delta[(edit[0] | static_cast<size_t>(edit[1]) << 8) % delta.size()];
    byte = static_cast<char>(byte + edit[2]);
  }
  // The hash algorithm itself may have been edited away; the size may not.
  const bool same_hash = delta.substr(0, 40) == SeedNumber(data[0] & 7).substr(0, 40);
  if (Apply(delta, &target).ok() && same_hash) Require(target == Target());
  return 0;
}
