// Files of a host, held against what an update, the component store or a claim says of them.
#ifndef GATE_PATCH_EVIDENCE_H_
#define GATE_PATCH_EVIDENCE_H_

#include <map>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "gate/patch_state.pb.h"
#include "manifests/updates.h"
#include "servicing/snapshot.pb.h"

namespace patchgate::gate {

// One file and what its version says. Levels are those of the family's base build.
struct PatchFile {
  PatchEvidence found;  // Path and what was found; relation only where that is all to be said.
  absl::optional<PatchLevel> level;
  bool boot_critical = false;
};

// A file against the winning component of the store.
struct StoreFile {
  PatchEvidence row;
  PatchLevel payload;                // Of the store's file.
  absl::optional<PatchLevel> level;  // Of the file on the host.
};

class PatchFiles {
 public:
  // Both must outlive it.
  PatchFiles(const Snapshot& snapshot, const UpdateCatalog& updates);

  // Probes that follow the cumulative update, those of the system partition excepted; by path.
  const std::vector<PatchFile>& probes() const { return probes_; }

  // Files that the host boots from, whose payload has the version of a level. Not those that nobody
  // looked at.
  const std::vector<StoreFile>& store() const { return store_; }

  // The newest level of a probe of this base build.
  absl::optional<PatchLevel> Newest(uint32_t base) const;

  // The files that a descriptor names, as far as anybody looked at them: MATCHES, OLDER, NEWER,
  // OTHER, ABSENT or UNREADABLE. A name stands for every file of that name on the Windows volume,
  // WinSxS excepted; where a descriptor has several rows of one name, a file matches if any of them
  // fits it, and else is held against the newest. Rows for other architectures do not count.
  std::vector<PatchEvidence> Described(const UpdateDescriptor& update) const;

  // Facts of the file as evidence.
  static PatchEvidence Found(absl::string_view path, const ImageFacts* image);

 private:
  const Snapshot& snapshot_;
  const UpdateCatalog& updates_;
  std::vector<PatchFile> probes_;
  std::vector<StoreFile> store_;
};

// Whether a path is one of the system partition.
bool IsOnSystemPartition(absl::string_view path);

}  // namespace patchgate::gate

#endif  // GATE_PATCH_EVIDENCE_H_
