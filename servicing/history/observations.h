// What each source saw of updates, in one form. BuildTimeline puts them together.
#ifndef SERVICING_HISTORY_OBSERVATIONS_H_
#define SERVICING_HISTORY_OBSERVATIONS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "servicing/base/filetime.h"
#include "servicing/evidence/stamp.pb.h"
#include "servicing/snapshot.pb.h"

namespace patchgate::history {

struct When {
  FileTime time = 0;
  bool local = false;  // See Stamp.
};

// Whether `a` was after `b` whatever zone a local clock stood in; false if either is unknown.
bool DefinitelyAfter(When a, When b);

// Whether `time` can have happened when the snapshot was collected; clocks may differ by a day.
bool IsPlausible(FileTime time, const Snapshot& snapshot);

enum class Seen {
  kDownload,        // The update agent fetches it.
  kAgentBegun,      // The update agent installs it.
  kAgentInstalled,  // It says that it has: true of staging, before the restart can undo it.
  kAgentFailed,
  kBegun,     // Servicing begins.
  kStaged,    // Its content is on the disk.
  kExecuted,  // Carried out; what state that led to is not said.
  kPended,    // A restart has to finish it.
  kFailed,
  kRolledBack,
  kInstalled,  // Final.
  kRemoved,
};

// Where the states of packages are read: Observation.source and Phase.source.
inline constexpr char kPackagesSource[] = "CBS\\Packages";

// "begun", "pended": as the time line names it.
absl::string_view SeenName(Seen seen);

struct Observation {
  When when;
  Seen seen = Seen::kBegun;
  std::string kb;       // "KB5072033", if the source names one.
  std::string package;  // A package's identity, likewise.
  std::string client;
  absl::optional<uint32_t> hresult;
  std::string source;  // "Setup.evtx record 12"
  // Read off a state that lasts, not told when it happened: the time may be that of an earlier
  // step.
  bool from_state = false;
  bool final = false;    // kExecuted: nothing remains to be done, whatever waited before.
  bool removes = false;  // What is begun, pended or done takes the update off.
  // Start-up servicing rolled back: speaks of whatever was pended then.
  bool of_all_pended = false;
};

// Brings a log's time to UTC where the snapshot says how far its host's clock is from it.
class HostClock {
 public:
  explicit HostClock(const Snapshot& snapshot);
  When Of(const Stamp& stamp) const;

 private:
  absl::optional<int64_t> offset_ticks_;  // Local minus UTC.
};

// Everything that the snapshot knows of single updates, in no order.
std::vector<Observation> Observe(const Snapshot& snapshot, const HostClock& clock);

}  // namespace patchgate::history

#endif  // SERVICING_HISTORY_OBSERVATIONS_H_
