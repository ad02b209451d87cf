#include "servicing/history/reporting_events_reader.h"

#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/types/optional.h"
#include "servicing/base/log_time.h"
#include "servicing/text/fields.h"
#include "servicing/text/lines.h"
#include "servicing/text/section_file.h"

namespace patchgate::history {
namespace {

constexpr absl::string_view kPath = "Windows/SoftwareDistribution/ReportingEvents.log";
constexpr size_t kEvents = 4'000;
constexpr size_t kField = 100;  // Bytes of a name or GUID; real ones have fewer.

// Columns, separated by tabs.
enum Column : size_t {
  kTime = 1,
  kEvent = 3,  // "182 [AGENT_INSTALLING_FAILED]"
  kUpdate = 5,
  kRevision = 6,
  kResult = 7,
  kClient = 8,
  kMessage = 11,
  kNeeded = kClient + 1,
};

// "2017-12-12 19:46:19:636+0900" as UTC.
absl::optional<FileTime> ParseTime(absl::string_view text) {
  constexpr size_t kZone = 5;
  const absl::optional<FileTime> local = ParseLogTime(text);
  if (!local || text.size() < kZone) return absl::nullopt;
  const absl::string_view zone = text.substr(text.size() - kZone);
  if (zone[0] != '+' && zone[0] != '-') return absl::nullopt;
  int number = 0;
  for (const char c : zone.substr(1)) {
    if (!absl::ascii_isdigit(c)) return absl::nullopt;
    number = number * 10 + (c - '0');
  }
  const int hours = number / 100, minutes = number % 100;
  if (hours > 14 || minutes > 59) return absl::nullopt;
  const FileTime offset =
      static_cast<FileTime>(hours * 60 + minutes) * 60 * kFileTimeTicksPerSecond;
  if (zone[0] == '-') return *local + offset;
  return *local >= offset ? absl::make_optional(*local - offset) : absl::nullopt;
}

struct Event {
  uint32_t id;
  absl::string_view name;
};

absl::optional<Event> ParseEvent(absl::string_view text) {
  Event event;
  const size_t bracket = text.find(" [");
  if (bracket == absl::string_view::npos || !absl::EndsWith(text, "]") ||
      !absl::SimpleAtoi(text.substr(0, bracket), &event.id)) {
    return absl::nullopt;
  }
  event.name = text.substr(bracket + 2, text.size() - bracket - 3);
  return event;
}

bool IsInstallation(const Event& event) {
  return (event.id >= 181 && event.id <= 183) || absl::StartsWith(event.name, "AGENT_INSTALL");
}

}  // namespace

void ReadReportingEventsBytes(absl::string_view bytes, ReportingEvents* facts) {
  text::Lines lines(bytes);
  facts->set_encoding(std::string(text::EncodingName(lines.encoding())));
  std::deque<ReportingEvent> events;
  const auto gap = [&](absl::string_view what) {
    text::AddGap(facts->mutable_collection(),
                 absl::StrCat("ReportingEvents.log, line ", lines.count()), what);
  };
  uint64_t known = 0;
  std::vector<absl::string_view> columns;
  for (absl::string_view line; lines.Next(&line);) {
    if (absl::StripAsciiWhitespace(line).empty()) continue;
    // Tabs inside the message are not worth telling apart: it is only searched.
    columns = absl::StrSplit(line, absl::MaxSplits('\t', kMessage));
    const absl::optional<Event> event =
        columns.size() > kEvent ? ParseEvent(columns[kEvent]) : absl::nullopt;
    if (!event) {
      facts->set_unknown_lines(facts->unknown_lines() + 1);
      continue;
    }
    ++known;
    if (!IsInstallation(*event)) continue;
    const auto time = ParseTime(columns[kTime]);
    const auto result =
        columns.size() >= kNeeded ? text::ParseStatus(columns[kResult]) : absl::nullopt;
    if (!time || !result) {
      facts->set_unknown_lines(facts->unknown_lines() + 1);
      gap(absl::StrCat("installation event ", event->id, " with ", columns.size(),
                       " columns and time \"", columns[kTime], "\""));
      continue;
    }
    facts->set_events_total(facts->events_total() + 1);
    if (events.size() == kEvents) events.pop_front();
    ReportingEvent& out = events.emplace_back();
    out.set_filetime(*time);
    out.set_id(event->id);
    out.set_name(text::Short(event->name, kField));
    out.set_update_guid(text::Short(columns[kUpdate], kField));
    uint32_t revision = 0;
    if (absl::SimpleAtoi(columns[kRevision], &revision)) out.set_revision(revision);
    out.set_result(*result);
    out.set_client(text::Short(columns[kClient], kField));
    if (columns.size() > kMessage) out.set_kb(text::FindKb(columns[kMessage]));
  }
  facts->set_lines(lines.count());
  for (ReportingEvent& event : events) *facts->add_events() = std::move(event);
  if (known == 0 && facts->unknown_lines() > 0) gap("no line up to here is of the known form");
}

ReportingEvents ReadReportingEvents(const evidence::Source& source) {
  ReportingEvents facts;
  const std::unique_ptr<evidence::File> file =
      text::OpenSection(source, kPath, facts.mutable_collection());
  if (file != nullptr) ReadReportingEventsBytes(file->bytes(), &facts);
  return facts;
}

}  // namespace patchgate::history
