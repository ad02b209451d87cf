// Which control set is meant by "CurrentControlSet".
#ifndef SERVICING_REGISTRY_CONTROL_SET_H_
#define SERVICING_REGISTRY_CONTROL_SET_H_

#include <memory>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "servicing/registry/registry.h"

namespace patchgate::registry {

// Opens `path` below `root`, the root of `hive`, as Registry::Open does: in SYSTEM a first part
// "CurrentControlSet" is the control set that Select\Current names (DOMAIN §2.1), also where a key
// of that name is there. kUnavailable if nobody can tell which one that is, or if it is not there.
absl::StatusOr<std::unique_ptr<Key>> OpenFromRoot(HiveId hive, const Key& root,
                                                  absl::string_view path);

}  // namespace patchgate::registry

#endif  // SERVICING_REGISTRY_CONTROL_SET_H_
