// Where the commands that judge or show a whole host take its facts from.
#ifndef GATE_CLI_LOAD_H_
#define GATE_CLI_LOAD_H_

#include <string>

#include "absl/status/statusor.h"
#include "servicing/base/filetime.h"
#include "servicing/snapshot.pb.h"

namespace patchgate::cli {

// The snapshot file `snapshot`, or if that is empty, the facts of the Windows volume at `root`,
// collected at `now`. `command` is named in the error if both are empty.
absl::StatusOr<Snapshot> LoadSnapshot(const std::string& command, const std::string& root,
                                      const std::string& snapshot, FileTime now);

}  // namespace patchgate::cli

#endif  // GATE_CLI_LOAD_H_
