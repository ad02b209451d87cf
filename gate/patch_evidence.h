// Files of a host, held against what an update, the component store or a claim says of them.
#ifndef GATE_PATCH_EVIDENCE_H_
#define GATE_PATCH_EVIDENCE_H_

#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "gate/patch_state.pb.h"
#include "manifests/updates.h"
#include "servicing/snapshot.pb.h"

namespace patchgate::gate {

// Note of a file that the evidence says nothing of.
inline constexpr char kNobodyLooked[] = "nobody looked at it";

// One file and what its version says. Levels are those of the family's base build.
struct PatchFile {
  std::string key;      // Path in upper case.
  PatchEvidence found;  // Path and what was found; relation only where that is all to be said.
  absl::optional<PatchLevel> level;
  bool boot_critical = false;
};

// A file against the winning component of the store.
struct StoreFile {
  std::string key;  // Path in upper case.
  PatchEvidence row;
  PatchLevel payload;                // Of the store's file.
  absl::optional<PatchLevel> level;  // Of the file on the host.
};

class PatchFiles {
 public:
  // `snapshot` must outlive it. Cost: n log n in the probes, images and files of the store; keeps a
  // row for each probe and file of the store, and the path of each image.
  PatchFiles(const Snapshot& snapshot, const UpdateCatalog& updates);

  // Probes that follow the cumulative update, those of the system partition excepted; by path.
  const std::vector<PatchFile>& probes() const { return probes_; }

  // Files that the host boots from, whose payload has the version of a level; each once. Where the
  // store has several winners for one place, a file may be any of them, and is else held against
  // the newest. Not those that nobody looked at, nor those of the system partition.
  const std::vector<StoreFile>& store() const { return store_; }

  // By path in upper case.
  bool IsProbe(const std::string& key) const { return probe_keys_.count(key) > 0; }
  const StoreFile* FindStored(const std::string& key) const;  // Null if there is none.

  // The newest level of a probe of this base build.
  absl::optional<PatchLevel> Newest(uint32_t base) const;

  // The files that a descriptor names: MATCHES, OLDER, NEWER, OTHER, ABSENT or UNREADABLE, which
  // those of its paths are too that nobody looked at (kNobodyLooked). A name stands for every file
  // of that name on the Windows volume, WinSxS excepted; where a descriptor has several rows of one
  // name, a file matches if any of them fits it, and else is held against the newest. Rows for
  // other architectures do not count, nor do files of the system partition. Cost: the descriptor's
  // files, each with a look-up in those of the snapshot.
  std::vector<PatchEvidence> Described(const UpdateDescriptor& update) const;

  // Names without a path in the descriptor that no file has of those that were looked at: nothing
  // is known of them.
  std::vector<std::string> Unplaced(const UpdateDescriptor& update) const;

  // Facts of the file as evidence.
  static PatchEvidence Found(absl::string_view path, const ImageFacts* image);

 private:
  // A file that a descriptor may name without saying where it lies.
  struct NamedImage {
    std::string key;
    const ImageFacts* image;
  };

  void AddProbes(const UpdateCatalog& updates);
  void AddStored(const StoreBootFile& boot, const UpdateCatalog& updates);
  void AddNames();

  const Snapshot& snapshot_;
  std::vector<PatchFile> probes_;
  std::set<std::string> probe_keys_;
  std::vector<StoreFile> store_;
  std::map<std::string, size_t> stored_;                    // Places in store_, by key.
  std::map<std::string, std::vector<NamedImage>> by_name_;  // By upper-cased name.
  std::string architecture_;                                // Of Windows; empty if not known.
};

}  // namespace patchgate::gate

#endif  // GATE_PATCH_EVIDENCE_H_
