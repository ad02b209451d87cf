#include "gate/cli/load.h"

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "gate/cli/choice.h"
#include "gate/cli/commands.h"
#include "gate/cli/progress_line.h"
#include "servicing/base/status_macros.h"
#include "servicing/collector.h"
#include "servicing/evidence/directory_source.h"

namespace patchgate::cli {

absl::StatusOr<CollectOptions> ParseProfile(const std::string& profile) {
  CollectOptions options;
  options.jobs = HardwareThreads();
  if (profile.empty()) return options;
  PG_ASSIGN_OR_RETURN(const size_t index, Choose("profile", profile, {"quick", "full"}));
  options.profile = index == 0 ? CollectOptions::Profile::kQuick : CollectOptions::Profile::kFull;
  return options;
}

absl::StatusOr<Host> OpenHost(const std::string& command, const EvidencePaths& paths) {
  if (!paths.root.empty()) return OpenDirectoryHost(paths.root, paths.esp);
  absl::StatusOr<Host> host = OpenLiveHost(paths.esp);
  if (host.ok()) return host;
  return absl::Status(host.status().code(), absl::StrCat(command, ": ", host.status().message()));
}

absl::StatusOr<Snapshot> CollectVolume(const std::string& command, const EvidencePaths& paths,
                                       FileTime now, CollectOptions options,
                                       const Streams& streams) {
  PG_ASSIGN_OR_RETURN(const Host host, OpenHost(command, paths));
  std::unique_ptr<ProgressLine> line;
  if (streams.err_is_terminal) {
    line = std::make_unique<ProgressLine>(&streams.err);
    options.progress = [&line](const store::Progress& progress) { line->Show(progress); };
  }
  return CollectHost(host, now, std::move(options));
}

absl::StatusOr<Snapshot> LoadSnapshot(const std::string& command, const EvidencePaths& paths,
                                      FileTime now, const CollectOptions& options,
                                      const Streams& streams) {
  if (!paths.snapshot.empty()) {
    if (!paths.esp.empty()) {
      return absl::InvalidArgumentError(
          absl::StrCat(command,
                       ": --esp says where a system partition is read; a snapshot holds what was "
                       "read when it was collected: give --esp to collect"));
    }
    PG_ASSIGN_OR_RETURN(const std::unique_ptr<evidence::File> file,
                        evidence::OpenNativeFile(paths.snapshot));
    absl::StatusOr<Snapshot> parsed = ParseSnapshot(file->bytes());
    if (!parsed.ok()) {
      return absl::Status(parsed.status().code(),
                          absl::StrCat(paths.snapshot, ": ", parsed.status().message()));
    }
    return parsed;
  }
  return CollectVolume(command, paths, now, options, streams);
}

}  // namespace patchgate::cli
