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

absl::StatusOr<Snapshot> CollectVolume(const std::string& root, FileTime now,
                                       CollectOptions options, const Streams& streams) {
  PG_ASSIGN_OR_RETURN(const std::unique_ptr<evidence::Source> source,
                      evidence::OpenDirectory(root));
  PG_RETURN_IF_ERROR(CheckIsWindowsVolume(*source));
  std::unique_ptr<ProgressLine> line;
  if (streams.err_is_terminal) {
    line = std::make_unique<ProgressLine>(&streams.err);
    options.progress = [&line](const store::Progress& progress) { line->Show(progress); };
  }
  return patchgate::Collect(*source, now, options);
}

absl::StatusOr<Snapshot> LoadSnapshot(const std::string& command, const std::string& root,
                                      const std::string& snapshot, FileTime now,
                                      const CollectOptions& options, const Streams& streams) {
  if (!snapshot.empty()) {
    PG_ASSIGN_OR_RETURN(const std::unique_ptr<evidence::File> file,
                        evidence::OpenNativeFile(snapshot));
    absl::StatusOr<Snapshot> parsed = ParseSnapshot(file->bytes());
    if (!parsed.ok()) {
      return absl::Status(parsed.status().code(),
                          absl::StrCat(snapshot, ": ", parsed.status().message()));
    }
    return parsed;
  }
  if (root.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(
        command, ": name a Windows volume with --root DIR, or a snapshot with --snapshot FILE"));
  }
  return CollectVolume(root, now, options, streams);
}

}  // namespace patchgate::cli
