// The small component store that every fake volume has: one component of each sort that matters,
// the boot path and the servicing stack among them.
#ifndef TESTDATA_HEALTHY_STORE_H_
#define TESTDATA_HEALTHY_STORE_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "servicing/base/filetime.h"
#include "testdata/store_builder.h"

namespace patchgate::testdata {

// Version of the servicing stack, and the folder of WinSxS that it is in.
inline constexpr char kStackVersion[] = "10.0.26100.7295";
const std::string& StackFolder();

// A service whose driver is in the store.
struct BootDriver {
  const char* service;     // "disk"
  const char* image_path;  // "System32\\drivers\\disk.sys"
};
inline constexpr BootDriver kBootDriver = {"disk", "System32\\drivers\\disk.sys"};

// Packages that the store's deployments name.
inline constexpr char kStackPackage[] =
    "Package_for_ServicingStack_7295~31bf3856ad364e35~amd64~~26100.7295.1.0";
inline constexpr char kFeaturesPackage[] =
    "Microsoft-Windows-Client-Features-Package~31bf3856ad364e35~amd64~~10.0.26100.7462";
inline constexpr char kOcrPackage[] =
    "Microsoft-Windows-LanguageFeatures-OCR-de-de-Package~31bf3856ad364e35~amd64~~10.0.26100.7462";

// A store with all that hangs together in it; made once for each `revision`.
struct HealthyStore {
  struct Deployment {
    StoreBuilder::Deployment deployment;  // The catalog is `catalog_bytes`.
    std::string catalog_bytes;
  };
  std::vector<Deployment> deployments;
  std::vector<PreparedComponent> components;
};

// The store that the cumulative update `package` ("Package_for_RollupFix~…") with the build
// revision `revision` left: the kernel and others are of that version.
const HealthyStore& HealthyStoreOf(uint32_t revision, absl::string_view package);

// Adds it to a volume's hives and files.
void AddHealthyStore(const HealthyStore& store, StoreBuilder* builder);

}  // namespace patchgate::testdata

#endif  // TESTDATA_HEALTHY_STORE_H_
