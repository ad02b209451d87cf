// Loads and checks a policy (manifests/policy.proto).
#ifndef MANIFESTS_POLICY_H_
#define MANIFESTS_POLICY_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "manifests/catalog.h"
#include "manifests/policy.pb.h"

namespace patchgate {

// Every evidence id that there is; the required ones by default come first.
absl::Span<const absl::string_view> EvidenceIds();

// What holds without a policy file: the hives SYSTEM, SOFTWARE and COMPONENTS, WinSxS and the
// servicing folder are required; nothing is waived.
Policy DefaultPolicy();

// Parses a policy in text format. kInvalidArgument for an unknown key, evidence id or check, a
// waiver without one of its fields or with an expiry that is no UTC time; the nearest name is
// offered.
absl::StatusOr<Policy> ParsePolicy(absl::string_view text, const Catalog& catalog);

}  // namespace patchgate

#endif  // MANIFESTS_POLICY_H_
