#include "gate/cli/load.h"

#include <memory>

#include "absl/strings/str_cat.h"
#include "servicing/base/status_macros.h"
#include "servicing/collector.h"
#include "servicing/evidence/directory_source.h"

namespace patchgate::cli {

absl::StatusOr<Snapshot> LoadSnapshot(const std::string& command, const std::string& root,
                                      const std::string& snapshot, FileTime now) {
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
  PG_ASSIGN_OR_RETURN(const std::unique_ptr<evidence::Source> source,
                      evidence::OpenDirectory(root));
  PG_RETURN_IF_ERROR(CheckIsWindowsVolume(*source));
  return patchgate::Collect(*source, now);
}

}  // namespace patchgate::cli
