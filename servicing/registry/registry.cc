#include "servicing/registry/registry.h"

namespace patchgate::registry {

absl::string_view HiveName(HiveId hive) {
  switch (hive) {
    case HiveId::kSystem:
      return "SYSTEM";
    case HiveId::kSoftware:
      return "SOFTWARE";
    case HiveId::kComponents:
      return "COMPONENTS";
    case HiveId::kDrivers:
      break;
  }
  return "DRIVERS";
}

absl::StatusOr<std::unique_ptr<Key>> Registry::OpenBcd() const {
  return absl::UnimplementedError("the boot store is a file here, not a loaded hive");
}

}  // namespace patchgate::registry
