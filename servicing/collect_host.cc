#include "servicing/collect_host.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "servicing/base/status_macros.h"
#include "servicing/evidence/directory_source.h"
#include "servicing/host/live_host_reader.h"
#include "servicing/open_system_partition.h"
#include "servicing/registry/offline_registry.h"

namespace patchgate {

// Boot of EFI\Microsoft must not pass for that of a BIOS.
absl::StatusOr<std::unique_ptr<evidence::Source>> OpenSystemPartition(const std::string& path) {
  PG_ASSIGN_OR_RETURN(std::unique_ptr<evidence::Source> source, evidence::OpenDirectory(path));
  if (source->Stat("EFI").ok() || source->Stat("bootmgr").ok()) return source;
  return absl::FailedPreconditionError(
      absl::StrCat(source->description(),
                   " is not the root of a system partition: it holds neither EFI nor bootmgr"));
}

absl::StatusOr<Host> OpenDirectoryHost(const std::string& root, const std::string& esp) {
  Host host;
  PG_ASSIGN_OR_RETURN(host.volume, evidence::OpenDirectory(root));
  PG_RETURN_IF_ERROR(CheckIsWindowsVolume(*host.volume));
  if (!esp.empty()) {
    PG_ASSIGN_OR_RETURN(host.esp, OpenSystemPartition(esp));
  }
  host.open_registry = [](const evidence::Source& volume) {
    return std::make_unique<registry::OfflineRegistry>(volume);
  };
  return host;
}

absl::StatusOr<Snapshot> CollectHost(const Host& host, FileTime now, CollectOptions options) {
  options.esp = host.esp.get();
  options.esp_reason = host.esp_reason;
  Snapshot snapshot = host.live
                          ? CollectLive(*host.volume, host.open_registry, *host.live, now, options)
                          : Collect(*host.volume, now, options);
  if (options.stop != nullptr) PG_RETURN_IF_ERROR(options.stop->status());
  // What began meanwhile was at work on what was read.
  if (host.live) host::MergeActivities(host::ReadLiveHost(), snapshot.mutable_live_host());
  return snapshot;
}

absl::StatusOr<Snapshot> CollectDirectory(const std::string& root, const std::string& esp,
                                          FileTime now, const CollectOptions& options) {
  PG_ASSIGN_OR_RETURN(const Host host, OpenDirectoryHost(root, esp));
  return CollectHost(host, now, options);
}

absl::StatusOr<Snapshot> CollectLiveHost(const std::string& esp, FileTime now,
                                         const CollectOptions& options) {
  PG_ASSIGN_OR_RETURN(const Host host, OpenLiveHost(esp));
  return CollectHost(host, now, options);
}

}  // namespace patchgate
