// The hives that checks judge.
#ifndef GATE_CHECKS_HIVES_H_
#define GATE_CHECKS_HIVES_H_

#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "gate/check.h"
#include "servicing/snapshot.pb.h"

namespace patchgate::gate::checks {

// Calls `visit` for SYSTEM, SOFTWARE and COMPONENTS where the hive was read. Whichever was not
// makes the finding INDETERMINATE: missing, unreadable, or never looked at.
void ForEachHive(const Snapshot& snapshot, FindingBuilder* finding,
                 absl::FunctionRef<void(const HiveFacts&)> visit);

// The facts of the hive `name` ("DRIVERS"); nullptr if the snapshot does not have it.
const HiveFacts* FindHive(const Snapshot& snapshot, absl::string_view name);

// "SYSTEM, SOFTWARE and COMPONENTS"
std::string ListText(const std::vector<std::string>& names);

// "SYSTEM and SOFTWARE are loaded by the running Windows"
std::string LoadedText(const std::vector<std::string>& names);

}  // namespace patchgate::gate::checks

#endif  // GATE_CHECKS_HIVES_H_
