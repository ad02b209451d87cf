#include "gate/cli/event_log.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "gate/cli/failure.h"
#include "gate/report/report.h"

namespace patchgate::cli {
namespace {

constexpr size_t kFindingMaxBytes = 512;

std::string Escape(absl::string_view text) {
  return absl::StrReplaceAll(gate::EscapeForTerminal(text), {{"%", "\\u{25}"}});
}

// At most `size` bytes, none of them a part of a character.
std::string Cut(std::string text, size_t size) {
  if (text.size() <= size) return text;
  constexpr absl::string_view kMore = "...";
  size_t end = size - kMore.size();
  while (end > 0 && (text[end] & 0xc0) == 0x80) --end;
  return absl::StrCat(text.substr(0, end), kMore);
}

}  // namespace

Event VerdictEvent(const Verdict& verdict) {
  Event event;
  switch (verdict.outcome()) {
    case Verdict::GO:
      event.id = kEventGo;
      event.type = Event::Type::kInformation;
      break;
    case Verdict::NO_GO:
      event.id = kEventNoGo;
      event.type = Event::Type::kError;
      break;
    default:
      event.id = kEventIndeterminate;
      event.type = Event::Type::kWarning;
  }
  const std::string line = gate::OneLineReport(verdict);
  event.text = Escape(absl::StripSuffix(line, "\n"));
  constexpr size_t kRoomForRest = sizeof("\r\n18446744073709551615 more");
  size_t left_out = 0;
  for (const Finding& finding : verdict.findings()) {
    if (finding.result() < Finding::WARN || finding.has_waiver()) continue;
    const std::string text = Cut(Escape(absl::StrCat(Finding::Result_Name(finding.result()), " ",
                                                     finding.check(), ": ", finding.summary())),
                                 kFindingMaxBytes);
    if (left_out > 0 || event.text.size() + 2 + text.size() + kRoomForRest > kEventMaxBytes) {
      ++left_out;
      continue;
    }
    absl::StrAppend(&event.text, "\r\n", text);
  }
  if (left_out > 0) absl::StrAppend(&event.text, "\r\n", left_out, " more");
  return event;
}

Event FailureEvent(absl::string_view message) {
  const std::string line = FailedLine(message);
  Event event;
  event.text = Cut(Escape(absl::StripSuffix(line, "\n")), kEventMaxBytes);
  return event;
}

}  // namespace patchgate::cli
