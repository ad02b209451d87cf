// What a program that judges snapshots of others does with their bytes. A snapshot carries a
// checksum, which no fuzzer finds: the input is taken for its contents too.
#include <cstdint>
#include <cstdlib>

#include "gate/capi/patchgate.h"
#include "servicing/collector.h"
#include "servicing/snapshot.pb.h"

namespace {

void Expect(bool condition) {
  if (!condition) std::abort();
}

void Judge(const void* bytes, size_t size) {
  patchgate_options options;
  patchgate_options_init(&options, sizeof(options));
  options.now = 134000000000000000;
  patchgate_verdict* verdict = nullptr;
  const int32_t error = patchgate_evaluate_snapshot(bytes, size, &options, &verdict, nullptr, 0);
  Expect((error == PATCHGATE_OK) == (verdict != nullptr));
  if (verdict == nullptr) return;
  Expect(patchgate_verdict_json(verdict, nullptr)[0] == '{');
  for (size_t i = 0; i < patchgate_finding_count(verdict); ++i) {
    patchgate_finding finding;
    finding.size = sizeof(finding);
    Expect(patchgate_finding_get(verdict, i, &finding) == PATCHGATE_OK);
  }
  patchgate_verdict_free(verdict);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const uint8_t kNone = 0;
  Judge(data == nullptr ? &kNone : data, size);
  patchgate::Snapshot snapshot;
  if (!snapshot.ParseFromArray(data, static_cast<int>(size))) return 0;
  if (snapshot.format_version() > patchgate::kSnapshotFormatVersion) return 0;
  snapshot.set_format_version(patchgate::kSnapshotFormatVersion);
  const std::string bytes = patchgate::SerializeSnapshot(snapshot);
  Judge(bytes.data(), bytes.size());
  return 0;
}
