// One read API over the registry of a Windows volume, whether its hives lie in files or are loaded
// in a running Windows.
//
//   PG_ASSIGN_OR_RETURN(auto key, registry.Open(HiveId::kSystem, "CurrentControlSet\\Control"));
//   PG_ASSIGN_OR_RETURN(registry::Value value, key->Get("SystemBootDevice"));
#ifndef SERVICING_REGISTRY_REGISTRY_H_
#define SERVICING_REGISTRY_REGISTRY_H_

#include <memory>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "servicing/base/filetime.h"
#include "servicing/registry/registry.pb.h"
#include "servicing/registry/value.h"

namespace patchgate::registry {

enum class HiveId { kSystem, kSoftware, kComponents, kDrivers };
inline constexpr HiveId kAllHives[] = {HiveId::kSystem, HiveId::kSoftware, HiveId::kComponents,
                                       HiveId::kDrivers};

// "SYSTEM", as its file is named.
absl::string_view HiveName(HiveId hive);

// Errors of all lookups: kNotFound, the key or value is not there; kDataLoss, it may be there but
// the hive is damaged at this place; kPermissionDenied, the rights of this process do not suffice.
class Key {
 public:
  virtual ~Key() = default;

  virtual std::string name() const = 0;
  virtual FileTime last_written() const = 0;
  // Which key it is: lists of a damaged hive can share one, and two handles to it then have one id.
  // 0 where that cannot be.
  virtual uint64_t id() const { return 0; }

  // `path` is relative, parts separated by '\'. A symbolic link on the way is kFailedPrecondition.
  virtual absl::StatusOr<std::unique_ptr<Key>> Open(absl::string_view path) const = 0;
  virtual absl::StatusOr<Value> Get(absl::string_view name) const = 0;

  // Call `visit` until it returns false. kDataLoss, after everything readable was visited, if
  // something could not be read.
  virtual absl::Status VisitSubkeys(absl::FunctionRef<bool(const Key&)> visit) const = 0;
  virtual absl::Status VisitValues(absl::FunctionRef<bool(const Value&)> visit) const = 0;
};

class Registry {
 public:
  virtual ~Registry() = default;

  // Opens a key; an empty path gives the hive's root. In SYSTEM, a first part "CurrentControlSet"
  // stands for the control set that Select\Current names. kUnavailable if the hive as a whole is
  // missing or unreadable.
  virtual absl::StatusOr<std::unique_ptr<Key>> Open(HiveId hive, absl::string_view path) const = 0;

  // What is known of the hive itself.
  virtual HiveFacts Describe(HiveId hive) const = 0;

  // Describe, and the damage of the whole hive, where its file is what is read.
  virtual HiveFacts Examine(HiveId hive) const { return Describe(hive); }

  // Root of the boot store that this Windows was booted by. Unless overridden kUnimplemented:
  // offline it is a file of its own, which boot::ReadBcd finds.
  virtual absl::StatusOr<std::unique_ptr<Key>> OpenBcd() const;
};

}  // namespace patchgate::registry

#endif  // SERVICING_REGISTRY_REGISTRY_H_
