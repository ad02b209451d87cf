// Named states of whole hosts. The demo, the golden reports and the end-to-end tests run over them.
#ifndef TESTDATA_SCENARIOS_H_
#define TESTDATA_SCENARIOS_H_

#include <vector>

#include "absl/strings/string_view.h"
#include "servicing/evidence/memory_source.h"

namespace patchgate::testdata {

struct Scenario {
  const char* name;         // "failed-rollback"
  const char* description;  // One line.
  const char* outcome;      // "GO", "NO_GO", "INDETERMINATE"
  evidence::MemorySource (*build)();
};

// All of them; everything in them happened before 2025-12-16.
const std::vector<Scenario>& Scenarios();

// The one of this name, which must exist.
const Scenario& FindScenario(absl::string_view name);

}  // namespace patchgate::testdata

#endif  // TESTDATA_SCENARIOS_H_
