// A host by where its evidence is: a directory, or the running Windows.
//
//   PG_ASSIGN_OR_RETURN(const Host host, OpenDirectoryHost("/mnt/windows", /*esp=*/""));
//   PG_ASSIGN_OR_RETURN(const Snapshot snapshot, CollectHost(host, now));
#ifndef SERVICING_COLLECT_HOST_H_
#define SERVICING_COLLECT_HOST_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/types/optional.h"
#include "servicing/base/filetime.h"
#include "servicing/collector.h"
#include "servicing/evidence/source.h"
#include "servicing/host/live.pb.h"
#include "servicing/snapshot.pb.h"

namespace patchgate {

struct Host {
  std::unique_ptr<evidence::Source> volume;
  std::unique_ptr<evidence::Source> esp;  // System partition; null if none is at hand.
  std::string esp_reason;                 // Why none could be opened, where one was looked for.
  OpenRegistry open_registry;             // Of `volume`, or of a source over it.
  absl::optional<LiveHost> live;          // Of the running Windows.
};

// The Windows volume in the directory `root`, with its system partition in `esp`, which may be
// empty; UTF-8, native paths. Errors as OpenDirectory; kFailedPrecondition, in one line for people,
// if `root` holds no Windows volume or `esp` is no system partition.
absl::StatusOr<Host> OpenDirectoryHost(const std::string& root, const std::string& esp);

// The Windows that runs here. Its system partition is found by itself, as SYSTEM\Setup names it;
// `esp`, unless empty, names another one. kUnimplemented elsewhere than on Windows; errors as
// evidence::OpenLiveVolume.
absl::StatusOr<Host> OpenLiveHost(const std::string& esp);

// Its snapshot; errors are only kCancelled and kDeadlineExceeded, as options.stop says. What
// `options` says of a system partition is not used.
absl::StatusOr<Snapshot> CollectHost(const Host& host, FileTime now, CollectOptions options = {});

// Both in one call.
absl::StatusOr<Snapshot> CollectDirectory(const std::string& root, const std::string& esp,
                                          FileTime now, const CollectOptions& options = {});
absl::StatusOr<Snapshot> CollectLiveHost(const std::string& esp, FileTime now,
                                         const CollectOptions& options = {});

}  // namespace patchgate

#endif  // SERVICING_COLLECT_HOST_H_
