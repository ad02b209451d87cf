// Whether what a check needs was there, where FindingBuilder::Needs is too mild or too strict.
#ifndef GATE_CHECKS_PRESENCE_H_
#define GATE_CHECKS_PRESENCE_H_

#include <string>

#include "absl/strings/string_view.h"
#include "gate/check.h"
#include "servicing/evidence/collection.pb.h"
#include "servicing/snapshot.pb.h"

namespace patchgate::gate::checks {

// Needs(section), for a key or folder that every Windows has: if it is absent, either the evidence
// is incomplete or Windows is, and neither can pass.
void NeedsPresent(const Collection& section, FindingBuilder* finding);

// Needs(section), for a check that reads only the value or subkey `name` of the section's key. What
// could not be read elsewhere below that key does not concern it.
void NeedsPart(const Collection& section, absl::string_view name, FindingBuilder* finding);

// NeedsPresent(section), for a check that reads only the value or subkey `name` of the section's
// key. What could not be read elsewhere below that key does not concern it.
void NeedsPresent(const Collection& section, absl::string_view name, FindingBuilder* finding);

// The place of evidence from CBS.log and its predecessors.
inline constexpr char kCbsLogPath[] = "Windows/Logs/CBS/CBS.log";

// Whether there is a CBS.log, and whether there is the event log `name` ("Setup.evtx").
Collection CbsLogEvidence(const Snapshot& snapshot);
Collection EventLogEvidence(const Snapshot& snapshot, absl::string_view name);

// Whether anybody verified the component store, and if not why. Gaps are kept.
Collection StoreEvidence(const Snapshot& snapshot);

// NeedsPresent of these; of CBS.log, each of its files.
void NeedsCbsLog(const Snapshot& snapshot, FindingBuilder* finding);
void NeedsEventLog(const Snapshot& snapshot, absl::string_view name, FindingBuilder* finding);

// Needs(section), for a check that only asks whether the file or key is there.
void NeedsExistence(const Collection& section, FindingBuilder* finding);

// It was looked for, and it is there.
bool IsThere(const Collection& section);

// A value or subkey of the section's key: "SYSTEM\Setup\SetupType".
std::string Below(const Collection& section, absl::string_view name);

}  // namespace patchgate::gate::checks

#endif  // GATE_CHECKS_PRESENCE_H_
