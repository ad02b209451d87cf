// Fuzz target of the boot store reader.
//
// Random bytes make no hive, so an input is either the value of a device element (first byte odd)
// or a list of edits to a sound store: 24 bits of offset and one byte to store there.
//
// Inputs of more than 64 KiB say nothing that smaller ones do not, and are refused.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>

#include "absl/strings/string_view.h"
#include "servicing/boot/bcd.pb.h"
#include "servicing/boot/bcd_builder.h"
#include "servicing/boot/bcd_reader.h"
#include "servicing/regf/hive.h"
#include "servicing/regf/hive_builder.h"

namespace patchgate::boot {
namespace {

constexpr size_t kLargestInput = 64 << 10;

void Require(bool condition) {
  if (!condition) std::abort();
}

void ReadDevice(absl::string_view bytes) {
  std::string problem;
  const BcdDevice device = ReadBcdDevice(bytes, &problem);
  // Paths grow by half at most when they become UTF-8, GUIDs are printed.
  Require(device.ByteSizeLong() <= 3 * bytes.size() + 500);
}

void ReadStore(absl::string_view edits) {
  static const std::string* const sound = new std::string(HealthyBcd().Build());
  std::string hive = *sound;
  for (; edits.size() >= 4; edits.remove_prefix(4)) {
    const auto* p = reinterpret_cast<const uint8_t*>(edits.data());
    const size_t offset = (p[0] | p[1] << 8 | p[2] << 16) % hive.size();
    hive[offset] = edits[3];
  }
  regf::FixChecksum(&hive);
  regf::HiveFiles files;
  files.primary = {"BCD", hive};
  const auto open = regf::Hive::Open(files);
  if (!open.ok()) return;
  LooksLikeBcd(**open);
  BcdStore store;
  ReadBcdHive(**open, &store);
  Require(store.ByteSizeLong() <= 20 * hive.size());
  for (const BcdObject& object : store.objects()) {
    uint32_t last = 0;
    for (const BcdElement& element : object.elements()) {
      Require(element.id() >= last);
      Require(element.value_case() != BcdElement::VALUE_NOT_SET);
      last = element.id();
    }
  }
}

}  // namespace
}  // namespace patchgate::boot

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0 || size > patchgate::boot::kLargestInput) return 0;
  const absl::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (data[0] % 2 == 1) {
    patchgate::boot::ReadDevice(rest);
  } else {
    patchgate::boot::ReadStore(rest);
  }
  return 0;
}
