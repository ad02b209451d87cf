// Lays out a component store as Windows does, in hives and files, one consistent piece at a time
// (DOMAIN §3.3 to 3.8, 4.4, 4.5).
//
//   evidence::MemorySource volume;
//   MemorySink files(&volume);
//   StoreBuilder store(components.root(), software.root(), &files);
//   const std::string catalog = store.AddCatalog("catalog");
//   const std::string deployment = store.AddDeployment({identity, catalog, {{package, true}}});
//   store.AddComponent(Prepare(spec));
//
// A damaged store is a sound one with a value or a file changed.
#ifndef TESTDATA_STORE_BUILDER_H_
#define TESTDATA_STORE_BUILDER_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"
#include "servicing/base/filetime.h"
#include "servicing/digest/digest.h"
#include "servicing/regf/hive_builder.h"
#include "testdata/file_sink.h"

namespace patchgate::testdata {

// An identity by what distinguishes it from others of Windows.
struct IdentityParts {
  std::string name;     // "Microsoft-Windows-Notepad"
  std::string version;  // "10.0.26100.7462"
  const char* architecture = "amd64";
  const char* culture = "";  // "de-DE"; empty if neutral.
  const char* type = "";     // "win32", "dualModeDriver"
  const char* public_key_token = "31bf3856ad364e35";
  const char* version_scope = "NonSxS";
};
// As COMPONENTS writes it.
std::string IdentityOf(const IdentityParts& parts);

// A destination, as manifests name it and as it is on the volume.
struct Place {
  const char* destination;  // "$(runtime.system32)\\"
  const char* folder;       // "Windows/System32"
  const char* folder32;     // The same of wow64 and x86 components: "Windows/SysWOW64"
};
inline constexpr Place kSystem32 = {"$(runtime.system32)\\", "Windows/System32",
                                    "Windows/SysWOW64"};
inline constexpr Place kDrivers = {"$(runtime.drivers)\\", "Windows/System32/drivers",
                                   "Windows/SysWOW64/drivers"};
inline constexpr Place kWindows = {"$(runtime.windows)\\", "Windows", "Windows"};
inline constexpr Place kStoreOnly = {nullptr, nullptr, nullptr};  // It is not projected.

struct ComponentFile {
  std::string name;            // "notepad.exe"
  Place place = kStoreOnly;    // Where it is projected to,
  std::string subfolder = {};  // and the folder there: "en-US".
  std::string bytes = {};
  // Deltas to and from the version that came first, in the folders r and f (DOMAIN §3.8).
  bool with_deltas = false;
};

struct ComponentSpec {
  std::string identity;                  // As COMPONENTS writes it; must be a valid one.
  std::vector<std::string> deployments;  // Keys of those that own it; at least one.
  std::vector<ComponentFile> files;
  absl::optional<uint32_t> flags;  // CF. With 0x40 its files are in the manifest and nowhere else.
  bool winner = true;              // Its files are projected; the newest version of a family.
  bool plain_manifest = false;     // Stored without compression, as Windows also does.
  int registry_keys = 4;           // In the manifest; some 300 bytes each.
};

// A component with all that follows from its specification.
struct PreparedComponent {
  ComponentSpec spec;
  std::string key;
  std::string family;                  // FamilyKey()
  std::string version;                 // "10.0.26100.7462"
  std::string architecture;            // "amd64"
  std::string manifest;                // XML.
  std::string stored_manifest;         // As WinSxS\Manifests has it.
  digest::Sha256Digest manifest_hash;  // S256H
};
PreparedComponent Prepare(ComponentSpec spec);

// XML as WinSxS\Manifests has it: a DCM delta from BaseManifest(), or itself.
std::string StoredManifest(absl::string_view xml, bool plain);

// Where things lie.
std::string ManifestPath(absl::string_view component_key);
std::string PayloadPath(absl::string_view component_key, absl::string_view file);
std::string CatalogPath(absl::string_view thumbprint);
std::string PackageManifestPath(absl::string_view package);  // .mum
std::string PackageCatalogPath(absl::string_view package);   // .cat
// Path of the projection of spec.files[i]; empty if it has none.
std::string ProjectionPath(const PreparedComponent& component, size_t file);

// Package manifest (.mum) of "Name~PublicKeyToken~Architecture~Culture~Version": well-formed XML
// for any name that can be a file's.
std::string PackageManifest(absl::string_view package);
// Bytes that begin like a signed catalog; those of one name are always the same.
std::string CatalogBytes(absl::string_view name, size_t size = 600);
// Bytes that begin like a program.
std::string PayloadBytes(absl::string_view name, size_t size);
// wcp.dll of the servicing stack that StoreBuilder assumes, with BaseManifest() as its resource
// 614.
const std::string& WcpDll();

class StoreBuilder {
 public:
  struct Options {
    FileTime modified = 0;  // Of all files.
    std::string stack_version = "10.0.26100.7295";
  };

  // All three must outlive it.
  StoreBuilder(regf::HiveBuilder::Key* components, regf::HiveBuilder::Key* software,
               FileSink* files, Options options);

  // CanonicalData\Catalogs\<thumbprint> and WinSxS\Catalogs\<thumbprint>.cat. Returns the
  // thumbprint.
  std::string AddCatalog(std::string bytes);

  struct Deployment {
    std::string identity;
    std::string catalog;  // Thumbprint of an added one.
    struct Package {
      std::string identity;
      bool installed = true;  // Or only staged.
    };
    std::vector<Package> packages;
  };
  // CanonicalData\Deployments\<key>, and the catalog's link back. Returns the key.
  std::string AddDeployment(const Deployment& deployment);

  // Key of DerivedData\Components, manifest, payload; projections and SideBySide\Winners if it is a
  // winner; family in the VersionedIndex. Returns the key.
  regf::HiveBuilder::Key* AddComponent(const PreparedComponent& component);

  // CBS\Packages\<package> with this state, .mum and .cat.
  regf::HiveBuilder::Key* AddPackage(absl::string_view package, uint32_t state);
  // The files alone.
  static void AddPackageFiles(absl::string_view package, FileTime modified, FileSink* files);

 private:
  void AddPayload(const PreparedComponent& component);

  const Options options_;
  FileSink* const files_;
  regf::HiveBuilder::Key* const components_;
  regf::HiveBuilder::Key* const deployments_;
  regf::HiveBuilder::Key* const catalogs_;
  regf::HiveBuilder::Key* const families_;
  regf::HiveBuilder::Key* const winners_;
  regf::HiveBuilder::Key* const packages_;
};

}  // namespace patchgate::testdata

#endif  // TESTDATA_STORE_BUILDER_H_
