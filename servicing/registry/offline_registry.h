// The registry of a volume that is not running: its hive files under Windows/System32/config, with
// their transaction logs replayed in memory.
#ifndef SERVICING_REGISTRY_OFFLINE_REGISTRY_H_
#define SERVICING_REGISTRY_OFFLINE_REGISTRY_H_

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "servicing/evidence/source.h"
#include "servicing/regf/hive.h"
#include "servicing/registry/registry.h"

namespace patchgate::registry {

// A hive with the files that it is read from.
struct OpenHive {
  std::vector<std::unique_ptr<evidence::File>> files;  // Outlive `hive`.
  std::unique_ptr<regf::Hive> hive;
};

// Opens the hive at `path` of `source` with the logs beside it. A log that cannot be read counts
// as one that is not there, with a note in the recovery report.
absl::StatusOr<OpenHive> OpenHiveFile(const evidence::Source& source, absl::string_view path,
                                      bool replay = true);

// The facts of an open hive; `name` as in HiveFacts. The collection is filled as COLLECTED.
HiveFacts DescribeHive(const regf::Hive& hive, absl::string_view name);

// Opens no more than the base blocks and, where dirty, the logs; the rest is read on demand. Never
// fails: a hive that cannot be opened says so when it is asked for.
class OfflineRegistry : public Registry {
 public:
  explicit OfflineRegistry(const evidence::Source& source);

  absl::StatusOr<std::unique_ptr<Key>> Open(HiveId hive, absl::string_view path) const override;
  HiveFacts Describe(HiveId hive) const override;

  // Describe, and the damage of the whole hive: every key, value record and bin is looked at. Cost:
  // every page once, about a second for 800 MB in memory.
  HiveFacts Examine(HiveId hive) const;

 private:
  struct Slot {
    std::string path;
    absl::Status status;  // Of opening.
    OpenHive open;
  };
  absl::StatusOr<std::string> CurrentControlSet() const;

  std::map<HiveId, Slot> slots_;
};

}  // namespace patchgate::registry

#endif  // SERVICING_REGISTRY_OFFLINE_REGISTRY_H_
