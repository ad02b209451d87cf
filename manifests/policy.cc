#include "manifests/policy.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "manifests/nearest.h"
#include "manifests/text_proto.h"
#include "servicing/base/filetime.h"
#include "servicing/base/status_macros.h"

namespace patchgate {
namespace {

constexpr absl::string_view kEvidenceIds[] = {
    "hive.system",      "hive.software", "hive.components",    "folder.winsxs",
    "folder.servicing", "log.cbs",       "log.setup-events",   "log.system-events",
    "log.sessions",     "log.reporting", "store.verification", "boot.bcd",
    "boot.drivers",     "hive.drivers",
};

// Hosts rotate and clear their logs; what is wanted and missing is shown, but decides nothing.
constexpr size_t kRequiredByDefault = 5;

absl::Status CheckWaiver(const Waiver& waiver, const Catalog& catalog) {
  const auto missing = [&](absl::string_view field) {
    return absl::InvalidArgumentError(
        absl::StrCat("policy: waiver of ", waiver.check().empty() ? "no check" : waiver.check(),
                     " has no ", field));
  };
  if (waiver.check().empty()) return missing("check");
  if (catalog.Find(waiver.check()) == nullptr) {
    std::vector<std::string> ids;
    for (const CheckRecord& record : catalog.records()) ids.push_back(record.id());
    return absl::InvalidArgumentError(absl::StrCat(
        "policy: waiver of unknown check ", waiver.check(), DidYouMean(waiver.check(), ids)));
  }
  if (waiver.evidence().empty()) return missing("evidence");
  // Shorter text stands in nearly every finding, also in the ones that nobody has seen yet.
  constexpr size_t kLeastEvidence = 8;
  if (waiver.evidence().size() < kLeastEvidence) {
    return absl::InvalidArgumentError(
        absl::StrCat("policy: waiver of ", waiver.check(), ": evidence \"", waiver.evidence(),
                     "\" is shorter than ", kLeastEvidence, " characters"));
  }
  if (waiver.reason().empty()) return missing("reason");
  if (waiver.owner().empty()) return missing("owner");
  if (waiver.expires().empty()) return missing("expires");
  if (!absl::EndsWith(waiver.expires(), "Z") || !ParseRfc3339(waiver.expires())) {
    return absl::InvalidArgumentError(absl::StrCat("policy: waiver of ", waiver.check(),
                                                   ": expires \"", waiver.expires(),
                                                   "\" is no UTC time like 2026-12-31T00:00:00Z"));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Span<const absl::string_view> EvidenceIds() { return kEvidenceIds; }

Policy DefaultPolicy() {
  Policy policy;
  for (size_t i = 0; i < kRequiredByDefault; ++i) {
    policy.add_required_evidence(std::string(kEvidenceIds[i]));
  }
  return policy;
}

absl::StatusOr<Policy> ParsePolicy(absl::string_view text, const Catalog& catalog) {
  Policy policy;
  PG_RETURN_IF_ERROR(ParseTextProto("policy", text, &policy));
  for (const std::string& id : policy.required_evidence()) {
    if (std::find(std::begin(kEvidenceIds), std::end(kEvidenceIds), id) == std::end(kEvidenceIds)) {
      const std::vector<std::string> known(std::begin(kEvidenceIds), std::end(kEvidenceIds));
      return absl::InvalidArgumentError(
          absl::StrCat("policy: unknown evidence ", id, DidYouMean(id, known)));
    }
  }
  for (const Waiver& waiver : policy.waivers()) PG_RETURN_IF_ERROR(CheckWaiver(waiver, catalog));
  if (policy.required_evidence().empty()) {
    *policy.mutable_required_evidence() = DefaultPolicy().required_evidence();
  }
  return policy;
}

}  // namespace patchgate
