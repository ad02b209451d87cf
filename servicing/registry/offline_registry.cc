#include "servicing/registry/offline_registry.h"

#include "servicing/base/status_macros.h"
#include "servicing/registry/control_set.h"

namespace patchgate::registry {

OfflineRegistry::OfflineRegistry(const evidence::Source& source) {
  for (const HiveId hive : kAllHives) hives_.emplace(hive, HiveFile(source, hive));
}

absl::StatusOr<std::unique_ptr<Key>> OfflineRegistry::Open(HiveId hive,
                                                           absl::string_view path) const {
  PG_ASSIGN_OR_RETURN(const std::unique_ptr<Key> root, hives_.at(hive).Root());
  return OpenFromRoot(hive, *root, path);
}

HiveFacts OfflineRegistry::Describe(HiveId hive) const { return hives_.at(hive).Describe(); }

HiveFacts OfflineRegistry::Examine(HiveId hive) const { return hives_.at(hive).Examine(); }

}  // namespace patchgate::registry
