#include <set>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "gate/report/patch_report.h"
#include "gate/report/report.h"
#include "gate/report/store_report.h"

namespace patchgate::gate {
namespace {

// A word of the line: what is not a plain character of names and versions becomes '?'.
std::string Word(absl::string_view text) {
  std::string word = text.empty() ? "unknown" : std::string(text.substr(0, 64));
  for (char& c : word) {
    if (!absl::ascii_isalnum(static_cast<unsigned char>(c)) && c != '.' && c != '-') c = '?';
  }
  return word;
}

}  // namespace

std::string OutcomeName(Verdict::Outcome outcome) {
  // A verdict that nobody filled is not known to be good.
  if (outcome == Verdict::OUTCOME_UNSPECIFIED) return "INDETERMINATE";
  return Verdict::Outcome_Name(outcome);
}

std::string OneLineReport(const Verdict& verdict) {
  const VerdictSummary& summary = verdict.summary();
  std::string line =
      absl::StrCat(OutcomeName(verdict.outcome()), " build=", Word(verdict.host().build()),
                   verdict.busy() ? " busy=1" : "", " block=", summary.block(),
                   " indeterminate=", summary.indeterminate(), " warn=", summary.warn(),
                   " waived=", summary.waived(), " evidence=", summary.evidence_read(), "/",
                   summary.evidence_total(), " patchgate=", verdict.patchgate_version());
  // Findings come worst first, so what does not fit is what matters least.
  constexpr size_t kRoomForRest = sizeof(",+4294967295 more\n");
  const char* separator = " findings=";
  size_t left_out = 0;
  for (const Finding& finding : verdict.findings()) {
    if (finding.result() < Finding::WARN || finding.has_waiver()) continue;
    const std::string id = Word(finding.check());
    if (left_out > 0 ||
        line.size() + id.size() + sizeof(" findings=") + kRoomForRest > kOneLineMaxBytes) {
      ++left_out;
      continue;
    }
    absl::StrAppend(&line, separator, id);
    separator = ",";
  }
  if (left_out > 0) absl::StrAppend(&line, ",+", left_out, "-more");
  line.push_back('\n');
  return line;
}

std::string StoreOneLineReport(const StoreVerdict& verdict) {
  const StoreVerification& v = verdict.verification();
  std::string line =
      absl::StrCat(StoreOutcomeName(verdict.outcome()), " level=", StoreLevelName(v.level()),
                   " scope=", StoreScopeName(v.scope()), v.cancelled() ? " cancelled" : "",
                   " damage=", verdict.damage_total(), " graver=", verdict.damage_graver(),
                   " leftovers=", verdict.leftovers(), " unverified=", v.unverified_total(),
                   " open=", verdict.open_size(), " components=", v.counts().components(),
                   " lcu=", Word(v.lcu_build()), " patchgate=", verdict.patchgate_version());
  // Every kind with the longest of numbers fits.
  const char* separator = " kinds=";
  for (const StoreDamageCount& count : v.damage_counts()) {
    const std::string kind = absl::StrCat(DamageKindName(count.kind()), ":", count.total());
    if (line.size() + kind.size() + sizeof(" kinds=\n") > kOneLineMaxBytes) break;
    absl::StrAppend(&line, separator, kind);
    separator = ",";
  }
  line.push_back('\n');
  return line;
}

std::string PatchOneLineReport(const PatchState& state) {
  const MeasuredSummary& measured = state.measured();
  std::string line = PatchOutcomeName(state.outcome());
  for (const PatchClaim& claim : state.claims()) {
    if (claim.kind() == PatchClaim::TARGET) absl::StrAppend(&line, " target=", Word(claim.says()));
  }
  absl::StrAppend(&line, " build=", Word(state.host().build()), " newest=", Word(measured.newest()),
                  " measured=", measured.measured(), "/", measured.probes(),
                  " store=", measured.store_files() - measured.store_differ(), "/",
                  measured.store_files());
  uint64_t counts[PatchClaim::Verdict_ARRAYSIZE] = {};
  for (const PatchClaim& claim : state.claims()) {
    if (PatchClaim::Verdict_IsValid(claim.verdict())) ++counts[claim.verdict()];
  }
  absl::StrAppend(&line, " confirmed=", counts[PatchClaim::CONFIRMED],
                  " contradicted=", counts[PatchClaim::CONTRADICTED],
                  " in-part=", counts[PatchClaim::SUPPORTED_IN_PART],
                  " not-measurable=", counts[PatchClaim::NOT_MEASURABLE],
                  " patchgate=", state.patchgate_version());
  // Files that speak against a claim, each once, as many as fit.
  std::set<std::string> files;
  for (const PatchClaim& claim : state.claims()) {
    for (const PatchEvidence& row : claim.evidence()) {
      if (row.against()) files.insert(Word(row.path().substr(row.path().rfind('/') + 1)));
    }
  }
  const char* separator = " against=";
  constexpr absl::string_view kLongestRest = ",+4294967295-more\n";
  size_t shown = 0;
  for (const std::string& file : files) {
    if (line.size() + file.size() + sizeof(" against=") + kLongestRest.size() > kOneLineMaxBytes) {
      break;
    }
    absl::StrAppend(&line, separator, file);
    separator = ",";
    ++shown;
  }
  if (shown < files.size()) absl::StrAppend(&line, separator, "+", files.size() - shown, "-more");
  line.push_back('\n');
  return line;
}

}  // namespace patchgate::gate
