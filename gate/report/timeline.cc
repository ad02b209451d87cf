#include <algorithm>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "gate/report/report.h"
#include "gate/report/text_writer.h"
#include "manifests/hresults.h"
#include "servicing/base/filetime.h"

namespace patchgate::gate {
namespace {

constexpr size_t kItemColumn = 2;
constexpr size_t kTextColumn = 24;  // Behind "  2025-12-10T09:00:19Z  ".

// "2025-12-10T09:00:19Z"; of a local clock the zone is left open.
std::string Time(uint64_t filetime, bool local) {
  if (filetime == 0) return "?";
  const std::string text = FormatFileTime(filetime);
  return local ? absl::StrCat(absl::StripSuffix(text, "Z"), "?") : text;
}

std::string Words(absl::string_view enum_name) {
  return absl::StrReplaceAll(absl::AsciiStrToLower(enum_name), {{"_", " "}});
}

std::string Name(const Attempt& attempt) {
  const std::string& name = attempt.kb().empty() ? attempt.package() : attempt.kb();
  if (name.empty()) return absl::StrCat("build ", attempt.build());
  return attempt.build().empty() ? name : absl::StrCat(name, " (", attempt.build(), ")");
}

const char* ColorOf(const Attempt& attempt) {
  switch (attempt.outcome()) {
    case Attempt::SUCCEEDED:
      return "32";
    case Attempt::FAILED:
    case Attempt::ROLLED_BACK:
    case Attempt::NEVER_FINISHED:
      return attempt.has_superseded_by() ? "33" : "1;31";
    default:
      return "33";
  }
}

// `text` with the name behind every error code, "0x800f0922 (CBS_E_INSTALLERS_FAILED)".
std::string NameErrors(absl::string_view text) {
  constexpr size_t kDigits = 8;
  std::string out;
  for (size_t at = text.find("0x"); at != absl::string_view::npos; at = text.find("0x")) {
    const absl::string_view digits = text.substr(at + 2, kDigits);
    uint32_t code = 0;
    absl::StrAppend(&out, text.substr(0, at));
    if (digits.size() == kDigits && absl::SimpleHexAtoi(digits, &code)) {
      absl::StrAppend(&out, HresultText(code));
      text.remove_prefix(at + 2 + kDigits);
    } else {
      absl::StrAppend(&out, "0x");
      text.remove_prefix(at + 2);
    }
  }
  return absl::StrCat(out, text);
}

// "  2025-12-10T09:00:19Z  ", as wide as kTextColumn.
std::string Lead(uint64_t filetime, bool local) {
  return absl::StrCat(std::string(kItemColumn, ' '), Time(filetime, local));
}

void WriteAttempt(const Timeline& timeline, const Attempt& attempt, TextWriter* writer) {
  std::string head = absl::StrCat(
      EscapeForTerminal(Name(attempt)), ", ", Words(Attempt::Kind_Name(attempt.kind())), ": ",
      writer->Colored(Words(Attempt::Outcome_Name(attempt.outcome())), ColorOf(attempt)));
  if (attempt.has_hresult()) absl::StrAppend(&head, ", ", HresultText(attempt.hresult()));
  if (attempt.consecutive_failures() > 1) {
    absl::StrAppend(&head, ", failure ", attempt.consecutive_failures(), " in a row");
  }
  writer->Wrapped(head, kTextColumn, Lead(attempt.begun_filetime(), attempt.local()));
  for (const Phase& phase : attempt.phases()) {
    writer->Wrapped(EscapeForTerminal(absl::StrCat(
                        Time(phase.filetime(), phase.local()), " ", phase.name(),
                        phase.has_hresult() ? absl::StrCat(" ", HresultText(phase.hresult())) : "",
                        " [", phase.source(), "]")),
                    kTextColumn + 2, std::string(kTextColumn, ' ') + "- ");
  }
  if (attempt.has_superseded_by() &&
      attempt.superseded_by() < static_cast<uint32_t>(timeline.attempts_size())) {
    const Attempt& later = timeline.attempts(attempt.superseded_by());
    writer->Wrapped(absl::StrCat("overtaken by ", EscapeForTerminal(Name(later)), ", ",
                                 Time(later.last_filetime(), later.local())),
                    kTextColumn);
  }
}

std::string PointText(absl::string_view what, const TimePoint& point) {
  if (point.filetime() == 0) return absl::StrCat(what, " unknown");
  return absl::StrCat(what, " ", Time(point.filetime(), point.local()), " [",
                      EscapeForTerminal(point.source()), "]");
}

}  // namespace

std::string TimelineReport(const Timeline& timeline, absl::string_view source,
                           const TextOptions& options) {
  TextWriter writer(options.color);
  writer.Wrapped(absl::StrCat("Time line of ", EscapeForTerminal(source)), 0);
  writer.Wrapped(
      absl::StrCat(PointText("Last boot", timeline.last_boot()), "; ",
                   PointText("last servicing session finished", timeline.last_session()), "."),
      0);
  writer.Line();
  writer.Line("UPDATES");
  writer.Line();
  for (const Attempt& attempt : timeline.attempts()) WriteAttempt(timeline, attempt, &writer);
  if (timeline.attempts().empty()) writer.Line("  none on record");
  writer.Line();
  if (!timeline.contradictions().empty()) {
    writer.Line("CONTRADICTIONS");
    writer.Line();
    for (const Contradiction& c : timeline.contradictions()) {
      writer.Hanging(EscapeForTerminal(absl::StrCat(
                         c.subject(), ": ", c.claim_source(), " says \"", c.claim(), "\", ",
                         c.against_source(), " says \"", c.against(), "\"",
                         c.explained() ? " (a usual order of events explains both)" : "")),
                     kItemColumn, kItemColumn + 2);
    }
    writer.Line();
  }
  writer.Line("EVERYTHING DATED");
  writer.Line();
  for (const TimelineEntry& entry : timeline.entries()) {
    writer.Wrapped(
        EscapeForTerminal(absl::StrCat(NameErrors(entry.what()), " [", entry.source(), "]")),
        kTextColumn, Lead(entry.filetime(), entry.local()));
  }
  writer.Line();
  writer.Line("SOURCES");
  writer.Line();
  for (const Coverage& coverage : timeline.coverage()) {
    std::string text = absl::StrCat(coverage.source(), ": ", coverage.status());
    if (coverage.first_filetime() != 0) {
      absl::StrAppend(&text, ", from ", Time(coverage.first_filetime(), coverage.local()), " to ",
                      Time(coverage.last_filetime(), coverage.local()));
    }
    writer.Hanging(text, kItemColumn, kItemColumn + 2);
  }
  return writer.Take();
}

}  // namespace patchgate::gate
