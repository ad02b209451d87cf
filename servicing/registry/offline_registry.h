// The registry of a volume that is not running: its hive files under Windows/System32/config, with
// their transaction logs replayed in memory.
#ifndef SERVICING_REGISTRY_OFFLINE_REGISTRY_H_
#define SERVICING_REGISTRY_OFFLINE_REGISTRY_H_

#include <map>
#include <memory>

#include "servicing/evidence/source.h"
#include "servicing/registry/hive_file.h"
#include "servicing/registry/registry.h"

namespace patchgate::registry {

// Opening and cost as HiveFile, for each of kAllHives.
class OfflineRegistry : public Registry {
 public:
  explicit OfflineRegistry(const evidence::Source& source);

  absl::StatusOr<std::unique_ptr<Key>> Open(HiveId hive, absl::string_view path) const override;
  HiveFacts Describe(HiveId hive) const override;
  HiveFacts Examine(HiveId hive) const override;

 private:
  std::map<HiveId, HiveFile> hives_;
};

}  // namespace patchgate::registry

#endif  // SERVICING_REGISTRY_OFFLINE_REGISTRY_H_
