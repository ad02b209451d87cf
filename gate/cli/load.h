// Where the commands that judge or show a whole host take its facts from.
#ifndef GATE_CLI_LOAD_H_
#define GATE_CLI_LOAD_H_

#include <string>

#include "absl/status/statusor.h"
#include "gate/cli/cli.h"
#include "servicing/base/filetime.h"
#include "servicing/collect_host.h"
#include "servicing/collector.h"
#include "servicing/snapshot.pb.h"

namespace patchgate::cli {

// How to collect with --profile `profile`, "quick" or "full", on all cores; empty means quick.
// kInvalidArgument, with the nearest name, for others.
absl::StatusOr<CollectOptions> ParseProfile(const std::string& profile);

// Where a host's evidence is.
struct EvidencePaths {
  std::string root;      // A directory that holds a Windows volume; empty for the running Windows,
  std::string esp;       // and one that holds its system partition; may be empty. Or
  std::string snapshot;  // a file written by `collect`.
};

// The Windows volume at `paths.root`, or if that is empty, the Windows that runs here. `command` is
// named in the error if none does.
absl::StatusOr<Host> OpenHost(const std::string& command, const EvidencePaths& paths);

// The facts of OpenHost, collected at `now`; progress on a terminal.
absl::StatusOr<Snapshot> CollectVolume(const std::string& command, const EvidencePaths& paths,
                                       FileTime now, CollectOptions options,
                                       const Streams& streams);

// The snapshot file, or if none is named, CollectVolume.
absl::StatusOr<Snapshot> LoadSnapshot(const std::string& command, const EvidencePaths& paths,
                                      FileTime now, const CollectOptions& options,
                                      const Streams& streams);

}  // namespace patchgate::cli

#endif  // GATE_CLI_LOAD_H_
