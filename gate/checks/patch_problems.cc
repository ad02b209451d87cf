#include "gate/checks/patch_problems.h"

#include <string>

#include "absl/strings/str_cat.h"

namespace patchgate::gate::checks {
namespace {

constexpr int kShown = 20;  // Files of one problem.

Finding::Result ResultOf(PatchProblem::Severity severity) {
  switch (severity) {
    case PatchProblem::BLOCK:
      return Finding::BLOCK;
    case PatchProblem::WARN:
      return Finding::WARN;
    case PatchProblem::INFO:
      return Finding::INFO;
    default:
      return Finding::INDETERMINATE;
  }
}

std::string Text(const PatchEvidence& row) {
  std::string text = row.found_version().empty() ? row.note() : row.found_version();
  if (!row.expected_version().empty()) {
    absl::StrAppend(&text, ", expected ", row.expected_version());
  }
  if (!row.basis().empty()) absl::StrAppend(&text, " (", row.basis(), ")");
  if (!row.found_sha256().empty()) absl::StrAppend(&text, ", SHA-256 ", row.found_sha256());
  if (!row.expected_sha256().empty()) {
    absl::StrAppend(&text, ", expected SHA-256 ", row.expected_sha256());
  }
  return text;
}

}  // namespace

void ReportProblems(const PatchState& state, bool among_claims, FindingBuilder* finding) {
  for (const PatchProblem& problem : state.problems()) {
    if (problem.among_claims() != among_claims) continue;
    finding->Judge(ResultOf(problem.severity()), problem.summary());
    for (const std::string& claim : problem.claims()) {
      const size_t colon = claim.find(": ");
      finding->Evidence(claim.substr(0, colon),
                        colon == std::string::npos ? "" : claim.substr(colon + 2));
    }
    for (int i = 0; i < problem.evidence_size() && i < kShown; ++i) {
      finding->Evidence(problem.evidence(i).path(), Text(problem.evidence(i)));
    }
    if (problem.evidence_size() > kShown) {
      finding->Evidence("", absl::StrCat("and ", problem.evidence_size() - kShown, " more"));
    }
  }
}

}  // namespace patchgate::gate::checks
