// Collects a snapshot: asks every reader for its section. Facts only, no opinions.
#ifndef SERVICING_COLLECTOR_H_
#define SERVICING_COLLECTOR_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "servicing/base/filetime.h"
#include "servicing/base/stop.h"
#include "servicing/evidence/source.h"
#include "servicing/registry/registry.h"
#include "servicing/snapshot.pb.h"
#include "servicing/store/verify.h"

namespace patchgate {

// Highest Snapshot.format_version that this code reads, and the one that it writes.
inline constexpr uint32_t kSnapshotFormatVersion = 5;

// kFailedPrecondition, in one line for people, if `source` holds no Windows volume, or one in which
// a name on the way to the hives stands twice, spelled differently.
absl::Status CheckIsWindowsVolume(const evidence::Source& source);

struct CollectOptions {
  // How deep files are looked at. None: not at all, for who does not judge. Quick: everything that
  // the host boots with; of the component store the whole index, and the payload of the boot path
  // and the servicing stack. Full: the payload of everything.
  enum class Profile { kNone, kQuick, kFull };
  Profile profile = Profile::kQuick;
  // The system partition (ESP), if it is at hand apart from the Windows volume; else what lies in
  // the root of the volume is taken for it. Must outlive the call.
  const evidence::Source* esp = nullptr;
  std::string esp_reason;  // Why there is none, for people, where one was looked for; may be empty.
  std::vector<std::string> extra_probes;  // More files to measure, as paths on the volume.
  int jobs = 1;                           // Threads; at least 1.
  // Ends the run early: what was not read by then says so, and the snapshot is to be thrown away.
  const Stop* stop = nullptr;
  std::function<void(const store::Progress&)> progress;  // Of the verification; may be empty.
};

// Reads `source`. Never fails as a whole: what cannot be read says so in its section. `now` is
// only recorded. Cost: every page of the three hives once, since a hive that is damaged anywhere is
// said to be; each boot file and boot driver once; the component store as far as the profile says.
// Snapshot.reads has the sums.
Snapshot Collect(const evidence::Source& source, FileTime now, const CollectOptions& options = {});

// A registry over the files of a source, which outlives it.
using OpenRegistry =
    std::function<std::unique_ptr<registry::Registry>(const evidence::Source& source)>;

// As Collect, for the host that runs: `open_registry` opens its registry, which reads what is not
// loaded from the source that it is given; `live` is what was asked of the system.
Snapshot CollectLive(const evidence::Source& source, const OpenRegistry& open_registry,
                     const LiveHost& live, FileTime now, const CollectOptions& options = {});

// Deterministic bytes of a snapshot, and back. kInvalidArgument if `bytes` are none;
// kUnimplemented if it is of a newer format.
std::string SerializeSnapshot(const Snapshot& snapshot);
absl::StatusOr<Snapshot> ParseSnapshot(absl::string_view bytes);

// First bytes of every snapshot file; nothing else that patchgate reads starts so.
inline constexpr absl::string_view kSnapshotSignature = "PGSNAP1\n";

}  // namespace patchgate

#endif  // SERVICING_COLLECTOR_H_
