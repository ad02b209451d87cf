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

namespace {

// The root of a system partition holds EFI, or where a BIOS boots from it, bootmgr. Another folder
// must not pass for one that was looked at, nor Boot of EFI\Microsoft for that of a BIOS.
absl::StatusOr<std::unique_ptr<evidence::Source>> OpenSystemPartition(const std::string& path) {
  PG_ASSIGN_OR_RETURN(std::unique_ptr<evidence::Source> source, evidence::OpenDirectory(path));
  if (source->Stat("EFI").ok() || source->Stat("bootmgr").ok()) return source;
  return absl::FailedPreconditionError(
      absl::StrCat("--esp: ", source->description(),
                   " is not the root of a system partition: it holds neither EFI nor bootmgr"));
}

}  // namespace

absl::StatusOr<Snapshot> CollectVolume(const EvidencePaths& paths, FileTime now,
                                       CollectOptions options, const Streams& streams) {
  PG_ASSIGN_OR_RETURN(const std::unique_ptr<evidence::Source> source,
                      evidence::OpenDirectory(paths.root));
  PG_RETURN_IF_ERROR(CheckIsWindowsVolume(*source));
  std::unique_ptr<evidence::Source> esp;
  if (!paths.esp.empty()) {
    PG_ASSIGN_OR_RETURN(esp, OpenSystemPartition(paths.esp));
  }
  options.esp = esp.get();
  std::unique_ptr<ProgressLine> line;
  if (streams.err_is_terminal) {
    line = std::make_unique<ProgressLine>(&streams.err);
    options.progress = [&line](const store::Progress& progress) { line->Show(progress); };
  }
  return patchgate::Collect(*source, now, options);
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
  if (paths.root.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(
        command, ": name a Windows volume with --root DIR, or a snapshot with --snapshot FILE"));
  }
  return CollectVolume(paths, now, options, streams);
}

}  // namespace patchgate::cli
