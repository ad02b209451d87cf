#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "gate/numbers.h"
#include "gate/report/report.h"
#include "gate/report/text_writer.h"
#include "servicing/base/utf16.h"

namespace patchgate::gate {
namespace {

constexpr size_t kResultColumn = 2;
constexpr size_t kListColumn = 8;     // Behind "  PASS  ".
constexpr size_t kTextColumn = 17;    // Behind "  INDETERMINATE  ".
constexpr size_t kEvidenceShown = 8;  // Of one finding; JSON has all.

const char* ColorOf(Finding::Result result) {
  switch (result) {
    case Finding::BLOCK:
      return "1;31";
    case Finding::INDETERMINATE:
      return "1;35";
    case Finding::WARN:
      return "1;33";
    case Finding::PASS:
      return "32";
    default:
      return "0";
  }
}

std::string Plural(uint32_t n, absl::string_view one, absl::string_view many) {
  return absl::StrCat(n, " ", n == 1 ? one : many);
}

// "  BLOCK          ", with colour, as wide as kTextColumn.
std::string Label(const TextWriter& writer, Finding::Result result) {
  const std::string name = result == Finding::NOT_APPLICABLE ? "N/A" : Finding::Result_Name(result);
  return absl::StrCat(std::string(kResultColumn, ' '), writer.Colored(name, ColorOf(result)),
                      std::string(kTextColumn - kResultColumn - name.size(), ' '));
}

std::string Headline(const Verdict& verdict) {
  const VerdictHost& host = verdict.host();
  std::vector<std::string> parts;
  for (const std::string* part : {&host.build(), &host.display_version(), &host.edition()}) {
    if (!part->empty()) parts.push_back(EscapeForTerminal(*part));
  }
  return parts.empty() ? "unknown Windows" : absl::StrCat("Windows ", absl::StrJoin(parts, " "));
}

std::string Reason(const Verdict& verdict) {
  const VerdictSummary& summary = verdict.summary();
  std::vector<std::string> parts;
  if (summary.block() > 0) {
    parts.push_back(Plural(summary.block(), "finding blocks", "findings block") + " the update");
  }
  if (summary.indeterminate() > 0) {
    parts.push_back(Plural(summary.indeterminate(), "check", "checks") + " could not be judged");
  }
  if (summary.warn() > 0) parts.push_back(Plural(summary.warn(), "warning", "warnings"));
  if (summary.waived() > 0) parts.push_back(absl::StrCat(summary.waived(), " waived"));
  if (parts.empty()) parts.push_back("nothing found that speaks against the update");
  return absl::StrCat(absl::StrJoin(parts, ", "), "; ", summary.pass(),
                      " passed; evidence read: ", summary.evidence_read(), " of ",
                      summary.evidence_total());
}

// Evidence lines, from `column`.
void WriteEvidence(const Finding& finding, size_t column, TextWriter* writer) {
  size_t shown = 0;
  for (const EvidenceLine& line : finding.evidence()) {
    if (++shown > kEvidenceShown) {
      writer->Wrapped(absl::StrCat("and ", finding.evidence_size() - kEvidenceShown,
                                   " more; see the JSON report"),
                      column + 2);
      break;
    }
    writer->Wrapped(EscapeForTerminal(line.where()), column + 2, std::string(column, ' ') + "- ");
    writer->Wrapped(
        EscapeForTerminal(absl::StrCat(
            line.what(),
            line.written().empty() ? "" : absl::StrCat(" (written ", line.written(), ")"))),
        column + 2);
  }
}

void WriteFinding(const Finding& finding, TextWriter* writer) {
  writer->Line(
      absl::StrCat(Label(*writer, finding.result()), finding.name(), " [", finding.check(), "]"));
  writer->Wrapped(EscapeForTerminal(finding.summary()), kTextColumn);
  WriteEvidence(finding, kTextColumn, writer);
  if (!finding.resolution().empty()) {
    writer->Wrapped(finding.resolution(), kTextColumn,
                    absl::StrCat(std::string(kResultColumn, ' '), "To do:"));
    if (!finding.actor().empty() && finding.actor() != "administrator") {
      writer->Wrapped(absl::StrCat("Who: ", finding.actor()), kTextColumn);
    }
  }
  if (finding.has_waiver()) {
    writer->Wrapped(
        EscapeForTerminal(absl::StrCat("Waived until ", finding.waiver().expires(), " by ",
                                       finding.waiver().owner(), ": ", finding.waiver().reason())),
        kTextColumn);
  }
  writer->Line();
}

// What could not be judged, by cause: one missing hive leaves a dozen checks open.
void WriteUnjudged(const Verdict& verdict, TextWriter* writer) {
  std::vector<std::pair<std::string, std::vector<const Finding*>>> causes;
  for (const Finding& finding : verdict.findings()) {
    if (finding.has_waiver() || finding.result() != Finding::INDETERMINATE) continue;
    const auto same = [&](const auto& cause) { return cause.first == finding.summary(); };
    auto it = std::find_if(causes.begin(), causes.end(), same);
    if (it == causes.end()) it = causes.insert(it, {finding.summary(), {}});
    it->second.push_back(&finding);
  }
  if (causes.empty()) return;
  writer->Line("COULD NOT BE JUDGED");
  writer->Line();
  for (const auto& [summary, findings] : causes) {
    writer->Hanging(EscapeForTerminal(summary), kResultColumn, kListColumn);
    std::vector<std::string> ids;
    for (const Finding* finding : findings) ids.push_back(finding->check());
    writer->Wrapped(absl::StrCat("Leaves open: ", absl::StrJoin(ids, ", ")), kListColumn);
    for (const Finding* finding : findings) {
      // The checks of the evidence itself say how to get better evidence.
      if (!absl::StartsWith(finding->check(), "registry.")) continue;
      WriteEvidence(*finding, kListColumn, writer);
      writer->Wrapped(absl::StrCat("To do: ", finding->resolution()), kListColumn);
      break;
    }
    writer->Line();
  }
}

}  // namespace

std::string EscapeForTerminal(absl::string_view text) {
  std::string out;
  for (size_t pos = 0; pos < text.size();) {
    const char32_t c = DecodeUtf8(text, &pos);
    const bool control = c < 0x20 || (c >= 0x7F && c < 0xA0);
    const bool invisible = (c >= 0x200B && c <= 0x200F) || (c >= 0x2028 && c <= 0x202E) ||
                           (c >= 0x2066 && c <= 0x2069) || c == 0xFEFF;
    if (control || invisible) {
      absl::StrAppend(&out, absl::StrFormat("\\u{%x}", static_cast<uint32_t>(c)));
    } else {
      AppendUtf8(c, &out);
    }
  }
  return out;
}

namespace {

// "143 files were read, 1,234,567 bytes, none of them twice."
std::string ReadsText(const ReadStatistics& reads) {
  if (reads.files() == 0) return "";
  const uint64_t again = reads.reads() > reads.files() ? reads.reads() - reads.files() : 0;
  return absl::StrCat(Amount(reads.files(), "file was", "files were"), " read, ",
                      Grouped(reads.bytes()), " bytes, ",
                      again == 0 ? "none of them twice."
                                 : absl::StrCat(Grouped(again), " of the reads a repeated one."));
}

}  // namespace

std::string TextReport(const Verdict& verdict, const TextOptions& options) {
  TextWriter writer(options.color);
  const char* color = verdict.outcome() == Verdict::GO      ? "1;32"
                      : verdict.outcome() == Verdict::NO_GO ? "1;31"
                                                            : "1;35";
  const std::string outcome = OutcomeName(verdict.outcome());
  writer.Line(absl::StrCat(writer.Colored(outcome, color), "  ",
                           Head(Headline(verdict), kTextColumns - outcome.size() - 2)));
  writer.Wrapped(absl::StrCat(Reason(verdict), "."), 0);
  if (verdict.busy()) {
    writer.Wrapped(
        "The host is busy: servicing or an installer is at work. Judge again when it has ended.",
        0);
  }
  writer.Wrapped(
      absl::StrCat("Evidence from ", EscapeForTerminal(verdict.source()),
                   verdict.judged_at().empty() ? "" : ", judged for ", verdict.judged_at(), "."),
      0);
  writer.Wrapped(ReadsText(verdict.reads()), 0);
  writer.Line();

  if (verdict.outcome() == Verdict::GO) {
    const bool clean = verdict.summary().warn() == 0 && verdict.summary().waived() == 0;
    writer.Wrapped(
        absl::StrCat(clean ? "GO means that no known leftover of a failed update was found."
                           : "GO means that nothing was found that blocks the update and is not "
                             "waived; see what is listed below.",
                     " Not every leftover is known: what the improper state of January 2026 looks "
                     "like on a disk was never published."),
        0);
    if (verdict.summary().indeterminate() > 0) {
      writer.Wrapped(
          "This one rests on less than all evidence: what is listed below as not judged may hide a "
          "failure.",
          0);
    }
    writer.Line();
  }
  for (const std::string& note : verdict.notes()) {
    writer.Wrapped(EscapeForTerminal(absl::StrCat("Note: ", note, ".")), 0);
  }
  if (!verdict.notes().empty()) writer.Line();

  const auto section = [&](const char* title, auto&& belongs, auto&& write) {
    bool first = true;
    for (const Finding& finding : verdict.findings()) {
      if (!belongs(finding)) continue;
      if (first) {
        writer.Line(title);
        writer.Line();
        first = false;
      }
      write(finding);
    }
    return !first;
  };
  const auto write_whole = [&](const Finding& finding) { WriteFinding(finding, &writer); };
  // One item of a list: hanging indent, so that the ids stand out.
  const auto write_item = [&](const std::string& text) {
    writer.Hanging(EscapeForTerminal(text), kResultColumn, kListColumn);
  };

  section(
      "ACT ON",
      [](const Finding& f) {
        return !f.has_waiver() && (f.result() == Finding::BLOCK || f.result() == Finding::WARN);
      },
      write_whole);

  bool missing = false;
  for (const EvidenceItem& item : verdict.evidence()) {
    if (item.status() == "collected") continue;
    if (!missing) {
      writer.Line("MISSING EVIDENCE");
      writer.Line();
      missing = true;
    }
    write_item(absl::StrCat(item.id(), item.required() ? " (required)" : "", ": ", item.status(),
                            item.reason().empty() ? "" : ": ", item.reason()));
  }
  if (missing) writer.Line();

  WriteUnjudged(verdict, &writer);
  section(
      "WAIVED", [](const Finding& f) { return f.has_waiver(); }, write_whole);
  if (section(
          "CHECKED",
          [](const Finding& f) { return !f.has_waiver() && f.result() <= Finding::INFO; },
          [&](const Finding& finding) {
            const std::string name = finding.result() == Finding::NOT_APPLICABLE
                                         ? "N/A"
                                         : Finding::Result_Name(finding.result());
            writer.Wrapped(
                EscapeForTerminal(absl::StrCat(finding.check(), ": ", finding.summary())),
                kListColumn, absl::StrCat("  ", name));
          })) {
    writer.Line();
  }
  return writer.Take() + OneLineReport(verdict);
}

}  // namespace patchgate::gate
