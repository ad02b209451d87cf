// The words of a patch state. Each format is a pure function of it.
#ifndef GATE_REPORT_PATCH_REPORT_H_
#define GATE_REPORT_PATCH_REPORT_H_

#include <string>

#include "absl/strings/string_view.h"
#include "gate/patch_state.pb.h"
#include "gate/report/report.h"

namespace patchgate::gate {

// For people, to be read without anything beside it: the host, each claim with its source, the
// verdict and the files that decide it, every file that was measured, and what could not be. At
// most kTextColumns wide; control characters from evidence are escaped. Ends with the line of
// PatchOneLineReport.
std::string PatchTextReport(const PatchState& state, const TextOptions& options = {});

// One ASCII line, outcome first, at most kOneLineMaxBytes with its newline:
// "CONTRADICTED build=26100.7462 newest=26100.7623 measured=6/6 … against=ntoskrnl.exe".
std::string PatchOneLineReport(const PatchState& state);

// "CONFIRMED", "CONTRADICTED", "NOT_MEASURABLE".
std::string PatchOutcomeName(PatchState::Outcome outcome);

// "older", "matches".
absl::string_view RelationName(PatchEvidence::Relation relation);

}  // namespace patchgate::gate

#endif  // GATE_REPORT_PATCH_REPORT_H_
