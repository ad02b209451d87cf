// What a synthetic store is to hold, decided before anything of it is made: identities, owners,
// sizes, in the proportions of a clean Windows image.
#ifndef TESTDATA_STORE_PLAN_H_
#define TESTDATA_STORE_PLAN_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "testdata/store_builder.h"

namespace patchgate::testdata {

// Numbers that a plan is to reach, without those of a fake volume's own small store.
struct PlanSize {
  uint64_t seed = 1;
  size_t components = 0, packages = 0, deployments = 0, catalogs = 0;
  uint64_t payload_bytes = 0;
  std::string lcu_version;  // "10.0.26100.7462"
  std::string lcu_build;    // "26100.7462.1.9", as packages of the update are numbered.
  std::string lcu_kb;       // "KB5072033"
};

struct PlannedPackage {
  std::string identity;
  uint32_t state = 112;  // CurrentState
};

struct PlannedDeployment {
  std::string identity;
  size_t package = 0;  // Places in the plan.
  size_t catalog = 0;
};

struct PlannedComponent {
  ComponentSpec spec;           // Without bytes.
  std::vector<uint32_t> sizes;  // Of its files, in bytes.
  bool superseded = false;      // A newer version of its family is the winner.
};

struct PlannedDriver {
  std::string service;
  std::string image_path;  // "System32\\drivers\\x.sys"
};

struct StorePlan {
  uint64_t seed = 1;
  std::vector<PlannedPackage> packages;
  std::vector<PlannedDeployment> deployments;
  std::vector<std::string> deployment_keys;
  size_t catalogs = 0;
  std::vector<PlannedComponent> components;
  std::vector<PlannedDriver> boot_drivers;

  // What a plan leaves out since it is large: bytes of a catalog, a component with its payload.
  std::string Catalog(size_t catalog) const;
  PreparedComponent Component(size_t component) const;
};

// kInvalidArgument if the numbers do not go together: fewer than three packages, fewer deployments
// than packages or catalogs, components without any of these.
absl::StatusOr<StorePlan> PlanStore(const PlanSize& size);

}  // namespace patchgate::testdata

#endif  // TESTDATA_STORE_PLAN_H_
