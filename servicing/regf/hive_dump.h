// A hive's content as text, for tests that compare two hives or two readings of one.
#ifndef SERVICING_REGF_HIVE_DUMP_H_
#define SERVICING_REGF_HIVE_DUMP_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "servicing/regf/damage.h"
#include "servicing/regf/hive.h"
#include "servicing/regf/recovery.h"

namespace patchgate::regf {

struct HiveDump {
  std::vector<std::string> lines;  // One for each key and each value, in the order of the walk.
  WalkTotals totals;
  uint64_t unreadable = 0;  // Class names, security descriptors and data that failed.
  DamageLog damage;         // Of the walk, the bins, the values.
};

// Walks the whole hive and reads every field that the reader offers.
HiveDump Dump(const Hive& hive);

// The files of a hive in memory: "HIVE", "HIVE.LOG1", "HIVE.LOG2". The strings must outlive them.
HiveFiles FilesOf(absl::string_view primary, const std::vector<std::string>& logs = {});

}  // namespace patchgate::regf

#endif  // SERVICING_REGF_HIVE_DUMP_H_
