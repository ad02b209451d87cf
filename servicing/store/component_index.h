// The index of the component store in the COMPONENTS hive, and the winners in SOFTWARE, visited as
// streams: a host has 28,000 components with a quarter of a million values, and nobody needs more
// than one at a time (DOMAIN §3.4 to 3.6).
#ifndef SERVICING_STORE_COMPONENT_INDEX_H_
#define SERVICING_STORE_COMPONENT_INDEX_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "servicing/registry/registry.h"

namespace patchgate::store {

// A value that is there but is not of the type or size that it has on every real host, or stands
// twice. A record keeps at most kMaxOddities.
struct Oddity {
  std::string value;  // "S256H"
  std::string what;   // "REG_SZ of 4 bytes, expected REG_BINARY of 32 bytes"; "stands twice"
};
inline constexpr size_t kMaxOddities = 100;

// CF 0x40: Windows removed the payload of the component, legally (3,791 of 28,069 in a clean
// image).
inline constexpr uint32_t kPayloadDeleted = 0x40;

// A key of DerivedData\Components.
struct Component {
  std::string key;
  std::string identity;                       // Empty if there is none of the right type.
  absl::optional<std::string> manifest_hash;  // S256H: 32 raw bytes, of the decoded manifest.
  uint32_t flags = 0;                         // CF; 0 if there is none, as 17,127 of 28,069 have.
  std::vector<std::string> deployments;       // c!<deployment key>
  // f!<file>: names of up to 25 characters as they are; of longer ones the first 25 with '_' and 16
  // hex digits. Not every file of a manifest has one.
  std::vector<std::string> files;
  std::vector<Oddity> oddities;
  bool damaged = false;  // Some values cannot be read: what is missing here may well be there.
};

// A key of CanonicalData\Deployments.
struct Deployment {
  std::string key;
  std::string identity;            // appid
  std::string catalog_thumbprint;  // CatalogThumbprint, as stored; empty if there is none.
  uint32_t packages = 0;           // p!, i! and s! values.
  uint32_t installed = 0;
  uint32_t staged = 0;
  std::vector<Oddity> oddities;
  bool damaged = false;
};

// A key of CanonicalData\Catalogs.
struct Catalog {
  std::string key;                       // SHA-256 of the catalog, hex.
  std::vector<std::string> deployments;  // c!
  std::vector<Oddity> oddities;
  bool damaged = false;
};

// A key of SideBySide\Winners\<family>: which version of a component is projected into the system.
struct Winner {
  std::string family;  // FamilyKey()
  std::string
      version;  // The default value of <family>\<major.minor>; keys without one are skipped.
};

// Each calls `visit` for every readable record, in stored order, until it returns false; the
// records are reused between calls. Names are UTF-8, identities the bytes as stored. A value of a
// wrong type is an oddity of its record; of a value that stands twice, the first counts. kNotFound
// if the key is not there, kUnavailable if the hive is not; kDataLoss, after everything readable
// was visited, if something below the key could not be read. Cost: each cell below the key once; no
// allocation that lasts.
absl::Status VisitComponents(const registry::Registry& registry,
                             absl::FunctionRef<bool(const Component&)> visit);
absl::Status VisitDeployments(const registry::Registry& registry,
                              absl::FunctionRef<bool(const Deployment&)> visit);
absl::Status VisitCatalogs(const registry::Registry& registry,
                           absl::FunctionRef<bool(const Catalog&)> visit);
absl::Status VisitWinners(const registry::Registry& registry,
                          absl::FunctionRef<bool(const Winner&)> visit);

// Number of families in the newest VersionedIndex: the one of the highest version, part by part.
// Same errors.
absl::StatusOr<uint64_t> CountFamilies(const registry::Registry& registry);

}  // namespace patchgate::store

#endif  // SERVICING_STORE_COMPONENT_INDEX_H_
