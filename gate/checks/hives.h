// The hives that checks judge.
#ifndef GATE_CHECKS_HIVES_H_
#define GATE_CHECKS_HIVES_H_

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "gate/check.h"
#include "servicing/snapshot.pb.h"

namespace patchgate::gate::checks {

// Calls `visit` for SYSTEM, SOFTWARE and COMPONENTS where the hive was read. Whichever was not
// makes the finding INDETERMINATE: missing, unreadable, or never looked at.
void ForEachHive(const Snapshot& snapshot, FindingBuilder* finding,
                 absl::FunctionRef<void(const HiveFacts&)> visit);

}  // namespace patchgate::gate::checks

#endif  // GATE_CHECKS_HIVES_H_
