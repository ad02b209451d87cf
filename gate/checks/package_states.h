// States of a package as CBS stores them (Packages\<identity>\CurrentState), and what each means
// for the next update.
#ifndef GATE_CHECKS_PACKAGE_STATES_H_
#define GATE_CHECKS_PACKAGE_STATES_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "gate/verdict.pb.h"

namespace patchgate::gate::checks {

struct PackageStateInfo {
  uint32_t state;          // As stored; the states below zero in two's complement.
  const char* name;        // As CBS names it, "InstallPending".
  Finding::Result update;  // Of a package that carries updates: see IsUpdatePackage.
  Finding::Result other;   // Of any other: features, languages, their parts.
};

// All known states, by number.
absl::Span<const PackageStateInfo> PackageStates();

// nullptr if the number names no known state.
const PackageStateInfo* FindPackageState(uint32_t state);

// "Staged (64)"; "unknown state 7".
std::string PackageStateText(uint32_t state);

// Whether the package carries updates: cumulative updates, servicing stacks, single KBs. The names
// that Microsoft's support tool TSS looks for (DOMAIN 1.3).
bool IsUpdatePackage(absl::string_view identity);

}  // namespace patchgate::gate::checks

#endif  // GATE_CHECKS_PACKAGE_STATES_H_
