#include "servicing/registry/registry.h"

namespace patchgate::registry {

absl::string_view HiveName(HiveId hive) {
  switch (hive) {
    case HiveId::kSystem:
      return "SYSTEM";
    case HiveId::kSoftware:
      return "SOFTWARE";
    case HiveId::kComponents:
      break;
  }
  return "COMPONENTS";
}

}  // namespace patchgate::registry
