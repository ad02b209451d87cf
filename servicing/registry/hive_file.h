// A hive that lies in a file, with its transaction logs replayed in memory.
#ifndef SERVICING_REGISTRY_HIVE_FILE_H_
#define SERVICING_REGISTRY_HIVE_FILE_H_

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

// The root of `hive`, which must outlive it and every key below it. Key::id() is the offset of a
// key in the file.
std::unique_ptr<Key> RootKey(const regf::Hive& hive);

// A hive of a volume, in Windows/System32/config. Opening reads no more than the base block and,
// where dirty, the logs; the rest is read on demand. Never fails: a hive that cannot be opened says
// so when it is asked for.
class HiveFile {
 public:
  // Where the system refuses the file, `if_denied` ends the sentence that says so.
  HiveFile(const evidence::Source& source, HiveId hive, absl::string_view if_denied = "");

  // Of opening, as evidence::Source and regf::Hive::Open.
  const absl::Status& status() const { return status_; }
  // kUnavailable if it could not be opened.
  absl::StatusOr<std::unique_ptr<Key>> Root() const;

  HiveFacts Describe() const;
  // Describe, and the damage of the whole hive: every key, value record and bin is looked at. Cost:
  // every page once, about a second for 800 MB in memory.
  HiveFacts Examine() const;

 private:
  HiveId id_;
  std::string path_;
  absl::Status status_;
  OpenHive open_;
};

}  // namespace patchgate::registry

#endif  // SERVICING_REGISTRY_HIVE_FILE_H_
