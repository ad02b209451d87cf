#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gate/numbers.h"
#include "gate/report/patch_report.h"
#include "gate/report/text_writer.h"
#include "servicing/base/filetime.h"

namespace patchgate::gate {
namespace {

constexpr size_t kItemColumn = 2;
constexpr size_t kFactColumn = 17;  // Behind "    Claimed by   ".
constexpr size_t kListColumn = 4;   // Of "- " before a file; its details stand two farther right.
constexpr size_t kRowsShown = 25;   // Of one claim and one kind; JSON has more.
constexpr size_t kFilesShown = 200;

constexpr char kGreen[] = "1;32";
constexpr char kRed[] = "1;31";
constexpr char kYellow[] = "1;33";
constexpr char kMagenta[] = "1;35";

const char* ColorOf(PatchState::Outcome outcome) {
  switch (outcome) {
    case PatchState::CONFIRMED:
      return kGreen;
    case PatchState::CONTRADICTED:
      return kRed;
    default:
      return kMagenta;
  }
}

const char* ColorOf(PatchClaim::Verdict verdict) {
  switch (verdict) {
    case PatchClaim::CONFIRMED:
      return kGreen;
    case PatchClaim::CONTRADICTED:
      return kRed;
    default:
      return kMagenta;
  }
}

const char* ColorOf(PatchProblem::Severity severity) {
  switch (severity) {
    case PatchProblem::BLOCK:
      return kRed;
    case PatchProblem::WARN:
      return kYellow;
    case PatchProblem::INFO:
      return "0";
    default:
      return kMagenta;
  }
}

absl::string_view KindText(PatchClaim::Kind kind) {
  switch (kind) {
    case PatchClaim::TARGET:
      return "Target";
    case PatchClaim::UBR:
      return "Revision of Windows (UBR)";
    case PatchClaim::LCU_VER:
      return "Cumulative update (LCUVer)";
    case PatchClaim::ROLLUP_PACKAGE:
      return "Installed cumulative update package";
    case PatchClaim::STACK_REGISTRATION:
      return "Registered servicing stack";
    case PatchClaim::STACK_PACKAGE:
      return "Installed servicing stack package";
    case PatchClaim::HISTORY:
      return "Update history";
    default:
      return "Claim";
  }
}

// "Revision of Windows (UBR), 26100.7462"
std::string NameOf(const PatchClaim& claim) {
  return absl::StrCat(KindText(claim.kind()), ", ",
                      EscapeForTerminal(claim.level().empty() ? claim.says() : claim.level()));
}

std::string Summary(const PatchState& state) {
  std::map<PatchClaim::Verdict, uint64_t> counts;
  for (const PatchClaim& claim : state.claims()) ++counts[claim.verdict()];
  std::vector<std::string> parts;
  const auto part = [&](PatchClaim::Verdict verdict, absl::string_view what) {
    if (counts[verdict] > 0) parts.push_back(absl::StrCat(counts[verdict], " ", what));
  };
  part(PatchClaim::CONTRADICTED, "contradicted");
  part(PatchClaim::CONFIRMED, "confirmed");
  part(PatchClaim::SUPPORTED_IN_PART, "supported in part");
  part(PatchClaim::NOT_MEASURABLE, "not measurable");
  return absl::StrCat("Of ", Amount(state.claims_size(), "claim", "claims"),
                      " about the patch level ",
                      parts.empty() ? "nothing is known" : absl::StrJoin(parts, ", "), ".");
}

class Report {
 public:
  Report(const PatchState& state, const TextOptions& options)
      : state_(state), writer_(options.color) {
    for (const MeasuredFile& file : state.files()) files_.insert(file.path());
  }

  std::string Write() {
    const std::string outcome = PatchOutcomeName(state_.outcome());
    writer_.Line(
        absl::StrCat(writer_.Colored(outcome, ColorOf(state_.outcome())), "  patch level"));
    writer_.Wrapped(Summary(state_), 0);
    writer_.Wrapped(absl::StrCat("Evidence from ", EscapeForTerminal(state_.source()),
                                 state_.collected_filetime() == 0
                                     ? ""
                                     : absl::StrCat(", collected ",
                                                    FormatFileTime(state_.collected_filetime())),
                                 "."),
                    0);
    writer_.Line();
    WriteHost();
    writer_.Line("CLAIMS");
    writer_.Line();
    for (const PatchClaim& claim : state_.claims()) WriteClaim(claim);
    if (state_.claims().empty()) {
      writer_.Wrapped("The host claims nothing about its patch level.", kItemColumn);
      writer_.Line();
    }
    WriteProblems();
    WriteFiles();
    WriteNotes();
    return writer_.Take() + PatchOneLineReport(state_);
  }

 private:
  void Fact(size_t column, absl::string_view label, absl::string_view text) {
    if (text.empty()) return;
    writer_.Wrapped(EscapeForTerminal(text), kFactColumn,
                    absl::StrCat(std::string(column, ' '), label));
  }

  void WriteHost() {
    const PatchHost& host = state_.host();
    std::vector<std::string> parts;
    for (const std::string* part : {&host.product(), &host.build(), &host.display_version(),
                                    &host.edition(), &host.installation_type()}) {
      if (!part->empty()) parts.push_back(*part);
    }
    writer_.Line("HOST");
    writer_.Line();
    Fact(kItemColumn, "Windows", parts.empty() ? "not known" : absl::StrJoin(parts, ", "));
    if (host.base_build() != 0) {
      Fact(kItemColumn, "Its files", absl::StrCat("carry build ", host.base_build()));
    }
    const MeasuredSummary& measured = state_.measured();
    Fact(kItemColumn, "Measured",
         absl::StrCat(measured.measured(), " of ", Amount(measured.probes(), "file", "files"),
                      " that carry the revision of the update that changed them last",
                      measured.newest().empty() ? "" : absl::StrCat("; newest ", measured.newest()),
                      "; ", Amount(measured.store_files(), "file", "files"),
                      " held against the component store, ", measured.store_differ(), " differ"));
    writer_.Line();
  }

  void WriteRow(const PatchEvidence& row) {
    const size_t column = kListColumn + 2;
    const auto line = [&](absl::string_view text) {
      writer_.Wrapped(EscapeForTerminal(text), column);
    };
    writer_.Wrapped(EscapeForTerminal(absl::StrCat(row.path(), ": ", RelationName(row.relation()))),
                    column, std::string(kListColumn, ' ') + "- ");
    const std::string found =
        absl::StrCat("found ", row.found_version().empty() ? "no version" : row.found_version());
    line(row.basis().empty()
             ? found
             : absl::StrCat("expected ",
                            row.expected_version().empty() ? "any version" : row.expected_version(),
                            " (", row.basis(), "), ", found));
    if (!row.expected_sha256().empty() && row.expected_sha256() != row.found_sha256()) {
      line(absl::StrCat("expected SHA-256 ", row.expected_sha256()));
    }
    if (!row.found_sha256().empty()) {
      line(absl::StrCat(
          row.expected_sha256() == row.found_sha256() ? "SHA-256, as expected, " : "found SHA-256 ",
          row.found_sha256()));
    }
    if (!row.note().empty()) line(row.note());
  }

  void WriteRows(absl::string_view heading, const std::vector<const PatchEvidence*>& rows) {
    if (rows.empty()) return;
    if (!heading.empty()) writer_.Wrapped(heading, kListColumn);
    for (size_t i = 0; i < rows.size() && i < kRowsShown; ++i) WriteRow(*rows[i]);
    if (rows.size() > kRowsShown) {
      writer_.Wrapped(
          absl::StrCat("and ", Grouped(rows.size() - kRowsShown), " more; see the JSON report"),
          kListColumn + 2);
    }
  }

  // Claims of one level have the same files for them: those are written once.
  void WriteSupports(const PatchClaim& claim, const std::vector<const PatchEvidence*>& rows) {
    if (rows.empty()) return;
    std::string key;
    for (const PatchEvidence* row : rows) {
      const std::string bytes = row->SerializeAsString();
      absl::StrAppend(&key, bytes.size(), ":", bytes);
    }
    const auto [first, is_new] = first_with_rows_.emplace(std::move(key), &claim);
    if (is_new) return WriteRows("For it:", rows);
    writer_.Wrapped(
        absl::StrCat("For it: the ",
                     rows.size() == 1 ? "file that speaks"
                                      : absl::StrCat(Grouped(rows.size()), " files that speak"),
                     " for ", NameOf(*first->second)),
        kListColumn);
  }

  bool IsListedProbe(const PatchEvidence& row) const {
    return files_.count(row.path()) > 0 && row.basis() == "revision of the probes";
  }

  void WriteClaim(const PatchClaim& claim) {
    const std::string verdict = PatchClaim::Verdict_Name(claim.verdict());
    writer_.Hanging(
        absl::StrCat(writer_.Colored(verdict, ColorOf(claim.verdict())), ": ", NameOf(claim),
                     claim.update().empty() || claim.level().empty()
                         ? ""
                         : absl::StrCat(" (", EscapeForTerminal(claim.update()), ")")),
        kItemColumn, kListColumn);
    Fact(kListColumn, "Claimed by", claim.source());
    Fact(kListColumn, "It says", claim.says());
    Fact(kListColumn, "Verdict", claim.why());
    std::vector<const PatchEvidence*> against, supports, neither;
    std::map<absl::string_view, uint64_t> others;
    std::set<absl::string_view> deciding;  // Paths; those rows come first.
    for (const PatchEvidence& row : claim.evidence()) {
      if (row.against()) {
        against.push_back(&row);
        deciding.insert(row.path());
      } else if (deciding.count(row.path()) > 0) {
        continue;  // The same file on another basis.
      } else if (row.supports()) {
        supports.push_back(&row);
      } else if (IsListedProbe(row)) {
        ++others[RelationName(row.relation())];
      } else {
        neither.push_back(&row);
      }
    }
    WriteRows("Against it:", against);
    WriteSupports(claim, supports);
    WriteRows("Neither for nor against it:", neither);
    if (!others.empty()) {
      std::vector<std::string> counts;
      for (const auto& [relation, count] : others) {
        counts.push_back(absl::StrCat(count, " ", relation));
      }
      writer_.Wrapped(
          absl::StrCat("Neither: ", absl::StrJoin(counts, ", "), "; see the files below"),
          kListColumn);
    }
    writer_.Line();
  }

  void WriteProblems() {
    if (state_.problems().empty()) return;
    writer_.Line("PROBLEMS");
    writer_.Line();
    for (const PatchProblem& problem : state_.problems()) {
      writer_.Hanging(absl::StrCat(writer_.Colored(PatchProblem::Severity_Name(problem.severity()),
                                                   ColorOf(problem.severity())),
                                   ": ", EscapeForTerminal(problem.summary())),
                      kItemColumn, kListColumn);
      for (const std::string& claim : problem.claims()) {
        writer_.Wrapped(EscapeForTerminal(claim), kListColumn + 2,
                        std::string(kListColumn, ' ') + "- ");
      }
      std::vector<const PatchEvidence*> rows;
      for (const PatchEvidence& row : problem.evidence()) rows.push_back(&row);
      WriteRows("", rows);
    }
    writer_.Line();
  }

  void WriteFiles() {
    if (state_.files().empty()) return;
    writer_.Line("FILES");
    writer_.Line();
    size_t shown = 0;
    for (const MeasuredFile& file : state_.files()) {
      if (shown++ == kFilesShown) {
        writer_.Wrapped(absl::StrCat("and ", Grouped(state_.files_size() - kFilesShown),
                                     " more; see the JSON report"),
                        kItemColumn);
        break;
      }
      writer_.Hanging(
          EscapeForTerminal(absl::StrCat(
              file.path(), file.why().empty() ? "" : absl::StrCat(" (", file.why(), ")"),
              file.lcu() ? "" : ", shown only")),
          kItemColumn, kListColumn);
      const std::string version =
          file.version().empty() ? file.problem() : absl::StrCat("version ", file.version());
      const bool read = !file.sha256().empty();
      writer_.Wrapped(
          EscapeForTerminal(read ? absl::StrCat(version, ", ", Amount(file.size(), "byte", "bytes"))
                                 : version),
          kListColumn);
      if (read)
        writer_.Wrapped(EscapeForTerminal(absl::StrCat("SHA-256 ", file.sha256())), kListColumn);
    }
    writer_.Line();
  }

  void WriteNotes() {
    if (state_.notes().empty()) return;
    writer_.Line("TO KNOW");
    writer_.Line();
    for (const std::string& note : state_.notes()) {
      writer_.Hanging(EscapeForTerminal(note), kItemColumn, kListColumn);
    }
    writer_.Line();
  }

  const PatchState& state_;
  TextWriter writer_;
  std::set<absl::string_view> files_;  // Paths of the probes, which stand below the claims.
  // By all that is known of the rows that speak for them.
  std::map<std::string, const PatchClaim*> first_with_rows_;
};

}  // namespace

std::string PatchOutcomeName(PatchState::Outcome outcome) {
  // What nobody judged is not known to be so.
  if (outcome == PatchState::OUTCOME_UNSPECIFIED) return "NOT_MEASURABLE";
  return PatchState::Outcome_Name(outcome);
}

absl::string_view RelationName(PatchEvidence::Relation relation) {
  switch (relation) {
    case PatchEvidence::MATCHES:
      return "matches";
    case PatchEvidence::OLDER:
      return "older";
    case PatchEvidence::NEWER:
      return "newer";
    case PatchEvidence::OTHER:
      return "other";
    case PatchEvidence::ABSENT:
      return "absent";
    default:
      return "unreadable";
  }
}

std::string PatchTextReport(const PatchState& state, const TextOptions& options) {
  return Report(state, options).Write();
}

}  // namespace patchgate::gate
