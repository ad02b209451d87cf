// A whole Windows volume whose component store has the size and the proportions of a real one,
// sound or with damage that is known. The same shape gives the same bytes on every machine.
//
//   StoreShape shape;
//   shape.components = 300;
//   shape.damage = {{PAYLOAD_HASH_MISMATCH, 2}};
//   evidence::MemorySource volume;
//   MemorySink sink(&volume);
//   const auto store = WriteSyntheticStore(shape.Scaled(), &sink);
//   // Verify() must find store->expected, and nothing else.
#ifndef TESTDATA_SYNTHETIC_STORE_H_
#define TESTDATA_SYNTHETIC_STORE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "servicing/store/store.pb.h"
#include "testdata/file_sink.h"

namespace patchgate::testdata {

// So many findings of a kind. Each has its own victim; servicing stack, boot path, cumulative
// update and everything else take turns as far as they have any.
//
//   MANIFEST_MISSING            The manifest is not written.
//   MANIFEST_UNINDEXED          A manifest more, of a component that nothing else knows.
//   COMPONENT_IDENTITY_INVALID  `identity` is gone, cut off, no ASCII, or REG_SZ.
//   COMPONENT_KEY_MISMATCH      A bit of the version in `identity` is flipped. Key, manifest and
//                               folder have the name that they had.
//   COMPONENT_HASH_INVALID      S256H is gone, too short, or REG_SZ.
//   COMPONENT_UNOWNED           No c! value is left.
//   DEPLOYMENT_MISSING          A c! value more, of a component or a catalog, that names no
//                               deployment. The finding is that deployment's.
//   DEPLOYMENT_IDENTITY_INVALID, DEPLOYMENT_KEY_MISMATCH   As with components, in `appid`.
//   CATALOG_KEY_MISSING         The catalog of one deployment, which is no other's, is gone with
//   key
//                               and file. The finding is the deployment's.
//   CATALOG_MISSING             The file is not written.
//   CATALOG_UNINDEXED           A catalog file more, of the right name.
//   CATALOG_HASH_MISMATCH       A bit of the file is flipped.
//   PACKAGE_MANIFEST_MISSING, PACKAGE_CATALOG_MISSING      The file is not written.
//   PACKAGE_UNINDEXED           A .mum and a .cat more.
//   MANIFEST_UNDECODABLE        The manifest is cut off, or overwritten with zeros or noise.
//   MANIFEST_HASH_MISMATCH      It decodes to another text, with the same identity and files.
//   MANIFEST_IDENTITY_MISMATCH  It describes another version of the component, and S256H agrees.
//   PAYLOAD_MISSING             The file is not in the component's folder. What was projected
//   stays. PAYLOAD_HASH_MISMATCH       A bit is flipped, or the file cut off; the projection is the
//   same
//                               file.
//   PROJECTION_MISSING          The link is not made.
//   PROJECTION_MISMATCH         A file of its own is in its place. Neither of Type=dualModeDriver.
struct Injection {
  StoreDamageKind kind;
  int count = 1;
};

// What becomes of the COMPONENTS hive as a file.
enum class ComponentsHive {
  kClean,
  kDirty,  // Its last changes are only in LOG1: without them, manifests have other hashes.
  kMissing,
  kTruncated,  // To three quarters.
};

struct StoreShape {
  static constexpr int kComponents = 28000;

  uint64_t seed = 1;
  // With those of the small store that every fake volume has; more than that alone.
  int components = kComponents;
  int packages = 3500, deployments = 4000, catalogs = 2300;
  uint64_t payload_bytes = uint64_t{1} << 30;  // In all; each file has 64 at least.
  std::vector<Injection> damage;
  ComponentsHive hive = ComponentsHive::kClean;

  // Packages, deployments, catalogs and payload in the proportion that they have to a full number
  // of components.
  StoreShape Scaled() const;
};

struct SyntheticStore {
  // What is in the sound store, by keys of the hives.
  uint64_t components = 0, deployments = 0, catalogs = 0, packages = 0, families = 0, winners = 0;
  uint64_t plain_manifests = 0, payload_deleted = 0, without_folder = 0, without_flags = 0;
  uint64_t payload_files = 0, payload_bytes = 0;  // In WinSxS, without deltas.
  uint64_t projections = 0;  // Without those of drivers of Plug and Play (Type=dualModeDriver).
  // What a verification of everything must find: kind, component and path, in this order.
  std::vector<StoreDamage> expected;
};

// Writes the volume: a healthy FakeVolume with more components. kInvalidArgument for numbers that
// do not go together, kResourceExhausted if there are not enough victims for the damage. Memory:
// the plan and the hives, some 260 MB at full scale, and one component's payload at a time.
absl::StatusOr<SyntheticStore> WriteSyntheticStore(const StoreShape& shape, FileSink* sink);

}  // namespace patchgate::testdata

#endif  // TESTDATA_SYNTHETIC_STORE_H_
