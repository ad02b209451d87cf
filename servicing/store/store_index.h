// The index level of a verification: COMPONENTS held against the names in WinSxS and
// servicing\Packages. What it keeps is what the deeper levels need.
#ifndef SERVICING_STORE_STORE_INDEX_H_
#define SERVICING_STORE_STORE_INDEX_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "servicing/evidence/source.h"
#include "servicing/registry/registry.h"
#include "servicing/store/damage_log.h"
#include "servicing/store/folder_cache.h"
#include "servicing/store/roles.h"
#include "servicing/store/verify.h"

namespace patchgate::store {

inline constexpr char kWinSxS[] = "Windows/WinSxS";
inline constexpr char kManifests[] = "Windows/WinSxS/Manifests";
inline constexpr char kCatalogs[] = "Windows/WinSxS/Catalogs";
inline constexpr char kPackages[] = "Windows/servicing/Packages";

// Whether a component is the one of its family whose files are projected into the system.
enum class Standing {
  kUnknown,  // SideBySide\Winners could not be read, or the component has no valid identity.
  kWinner,
  kSuperseded,    // Another version is.
  kNotInstalled,  // None is: a feature that is staged, mostly.
};

struct IndexedComponent {
  std::string key;
  std::string folder;         // Name of its folder and manifest; `key` unless that is damaged.
  std::string manifest_hash;  // S256H, 32 raw bytes; empty if there is none that is valid.
  uint32_t flags = 0;         // CF
  Standing standing = Standing::kUnknown;
  StoreRoles roles;
  bool has_manifest = false;
  bool has_boot_file = false;  // By its f! values or its name; a role only if it is no loser.
};

struct IndexedCatalog {
  std::string thumbprint;
  StoreRoles roles;
};

class StoreIndex {
 public:
  // Reads the index, and reports damage to it to `log` and into `result`. What could not be read is
  // a gap there, and nothing is concluded from its absence.
  StoreIndex(const evidence::Source& source, const registry::Registry& registry,
             const VerifyOptions& options, DamageLog* log, StoreVerification* result);

  // In the order of the hive; only those that are in scope.
  const std::vector<IndexedComponent>& components() const { return components_; }
  // Catalogs whose files are there, in scope or, where the index of all was asked for, all: they
  // are small, and whose boot path they belong to is not known.
  const std::vector<IndexedCatalog>& catalogs() const { return catalogs_; }
  // The spelling of a manifest's file on the disk; empty if there is none with contents.
  std::string ManifestFile(absl::string_view folder) const;
  const Folder& winsxs() const { return *winsxs_; }
  const Roles& roles() const { return *roles_; }
  // False on a host of 32 bits, where x86 is the native architecture.
  bool is_64_bit() const { return is_64_bit_; }
  // Whether any component has a folder: if none has, they were not copied with the rest.
  bool has_component_folders() const { return has_component_folders_; }

 private:
  class Builder;

  std::unique_ptr<Folder> winsxs_, manifests_, catalog_files_, package_files_;
  std::unique_ptr<Roles> roles_;
  std::vector<IndexedComponent> components_;
  std::vector<IndexedCatalog> catalogs_;
  bool has_component_folders_ = false;
  bool is_64_bit_ = false;
};

// Whether damage to what has these roles is asked for.
bool InScope(const StoreRoles& roles, StoreScope scope);

}  // namespace patchgate::store

#endif  // SERVICING_STORE_STORE_INDEX_H_
