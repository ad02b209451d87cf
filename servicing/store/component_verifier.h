// The deeper levels of a verification: one component's manifest, payload and projections; one
// catalog.
#ifndef SERVICING_STORE_COMPONENT_VERIFIER_H_
#define SERVICING_STORE_COMPONENT_VERIFIER_H_

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <tuple>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "servicing/delta/delta.h"
#include "servicing/evidence/source.h"
#include "servicing/files/file_memory.h"
#include "servicing/files/file_reader.h"
#include "servicing/pe/image_facts.pb.h"
#include "servicing/store/damage_log.h"
#include "servicing/store/folder_cache.h"
#include "servicing/store/manifest.h"
#include "servicing/store/store_index.h"

namespace patchgate::store {

// A destination whose file is not the very file of the store; what it is has to be looked at.
struct Projection {
  std::string path;  // On the volume.
  std::string component;
  std::string sha256;  // Raw; what the manifest has for it.
  StoreRoles roles;
};

// What all threads share.
struct SharedState {
  SharedState(const evidence::Source& source, files::FileMemory* file_memory)
      : folders(source), memory(file_memory) {}

  FolderCache folders;
  files::FileMemory* const memory;
  std::atomic<uint64_t> bytes_read{0};
  std::mutex mutex;                                            // For the rest.
  std::map<std::string, std::vector<Projection>> projections;  // By upper-cased path.
  // By upper-cased destination, component and payload; the first 2,000 of them.
  std::map<std::tuple<std::string, std::string, std::string>, StoreBootFile> boot_files;
};

// One for each thread.
class ComponentVerifier {
 public:
  // All must outlive the verifier. `bases` are base manifests; the first one fits nearly always.
  ComponentVerifier(const evidence::Source& source, const StoreIndex& index,
                    const std::vector<std::string>& bases, const VerifyOptions& options,
                    DamageLog* log, SharedState* shared);

  void VerifyComponent(const IndexedComponent& component);
  void VerifyCatalog(const IndexedCatalog& catalog);
  // Judges the file at a destination, for all components that claim it; at least one.
  void VerifyProjection(const std::vector<Projection>& claims);

  // Sums of this thread.
  const StoreCounts& counts() const { return counts_; }
  // Compressed manifests that decoded to what COMPONENTS says, and those that did not. Only the
  // others, and more than one: they need not be damaged, the base may be the wrong one.
  uint64_t manifests_proven() const { return manifests_proven_; }
  const std::vector<StoreDamage>& compressed_failures() const { return compressed_failures_; }

 private:
  // The decoded manifest in manifest_; false if it cannot be relied on, which was reported.
  bool ReadComponentManifest(const IndexedComponent& component);
  bool Decode(const IndexedComponent& component, const std::string& path);
  void Fail(StoreDamageKind kind, const IndexedComponent& component, absl::string_view path,
            absl::string_view expected, absl::string_view found);
  void VerifyPayload(const IndexedComponent& component);
  // `folder` and `names` are the component's; null if it has none.
  void VerifyFile(const IndexedComponent& component, const StoreRoles& roles,
                  const evidence::Source* folder, const Folder* names, const ManifestFile& file);
  // Reads a file, and examines it where its version may be asked for.
  absl::StatusOr<files::FileDigest> ReadFile(const evidence::Source& folder, absl::string_view name,
                                             const StoreRoles& roles, std::string* version);
  // Where a winner's file is projected to; nullopt if nobody knows.
  absl::optional<std::string> Destination(const IndexedComponent& component,
                                          const ManifestFile& file) const;
  // `payload` is null if it could not be read.
  void NoteBootFile(const IndexedComponent& component, const ManifestFile& file,
                    absl::string_view path, const files::FileDigest* payload,
                    absl::string_view version);
  void NoteUnreadBootFiles(const IndexedComponent& component, absl::string_view folder);
  void NoteProjection(const IndexedComponent& component, const StoreRoles& roles,
                      const ManifestFile& file, const evidence::FileId& payload);
  void Unverified(absl::string_view component, absl::string_view path, const absl::Status& status,
                  const StoreRoles& roles);

  const evidence::Source& source_;
  const StoreIndex& index_;
  const std::vector<std::string>& bases_;
  const VerifyOptions& options_;
  DamageLog* const log_;
  SharedState* const shared_;

  std::unique_ptr<evidence::Source> manifests_, winsxs_, catalogs_;  // May be null.
  files::FileReader reader_;
  delta::Pa30Decoder decoder_;
  std::string stored_, decoded_;
  Manifest manifest_;
  ImageFacts image_;
  StoreCounts counts_;
  uint64_t manifests_proven_ = 0;
  std::vector<StoreDamage> compressed_failures_;
};

}  // namespace patchgate::store

#endif  // SERVICING_STORE_COMPONENT_VERIFIER_H_
