// The words of a verdict on the component store. Each format is a pure function of the verdict.
#ifndef GATE_REPORT_STORE_REPORT_H_
#define GATE_REPORT_STORE_REPORT_H_

#include <string>

#include "absl/strings/string_view.h"
#include "gate/report/report.h"
#include "gate/store_verdict.pb.h"

namespace patchgate::gate {

// For people: the outcome, what was looked at, the damage by kind, what could not be verified. At
// most kTextColumns wide; control characters from evidence are escaped. Ends with the line of
// StoreOneLineReport.
std::string StoreTextReport(const StoreVerdict& verdict, const TextOptions& options = {});

// One ASCII line, outcome first, at most kOneLineMaxBytes with its newline:
// "DAMAGED level=payload scope=all damage=3 … kinds=payload-missing:2,catalog-missing:1".
std::string StoreOneLineReport(const StoreVerdict& verdict);

// "CLEAN", "DAMAGED", "UNVERIFIED".
std::string StoreOutcomeName(StoreVerdict::Outcome outcome);

// "payload", "boot": as the command line spells them; "none" if unspecified.
std::string StoreLevelName(StoreLevel level);
std::string StoreScopeName(StoreScope scope);

// "payload-hash-mismatch", for scripts; and the same for people: "Payload files whose hash is not
// the one in their manifest". Empty for a kind that is not known.
std::string DamageKindName(StoreDamageKind kind);
absl::string_view DamageKindHeading(StoreDamageKind kind);

}  // namespace patchgate::gate

#endif  // GATE_REPORT_STORE_REPORT_H_
