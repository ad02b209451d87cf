#include "servicing/history/dism_log_reader.h"

#include <algorithm>
#include <deque>
#include <iterator>
#include <memory>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/types/optional.h"
#include "servicing/base/log_time.h"
#include "servicing/text/fields.h"
#include "servicing/text/lines.h"
#include "servicing/text/section_file.h"

namespace patchgate::history {
namespace {

constexpr absl::string_view kPath = "Windows/Logs/DISM/dism.log";
constexpr size_t kOutcomes = 300;
constexpr size_t kLongestMethod = 200;

constexpr absl::string_view kPhrases[] = {"Failed finalizing changes.",
                                          "Failed to restore the image health."};
constexpr absl::string_view kSteps[] = {"Finalize", "Restore", "Commit"};

template <typename Range>
bool HasOneOf(absl::string_view text, const Range& parts) {
  return std::any_of(std::begin(parts), std::end(parts),
                     [&](absl::string_view part) { return absl::StrContains(text, part); });
}

// What follows the date: ", Error   DISM   DISM Package Manager: PID=1 TID=2 text - C::M(hr:0x…)".
absl::optional<DismOutcome> ParseOutcome(absl::string_view rest) {
  const size_t comma = rest.find(',');
  if (comma == absl::string_view::npos) return absl::nullopt;
  rest = absl::StripLeadingAsciiWhitespace(rest.substr(comma + 1));
  const bool is_error = absl::StartsWith(rest, "Error");
  const size_t call = rest.find("(hr:");
  absl::string_view method;
  absl::optional<uint32_t> result;
  absl::string_view message = rest;
  if (call != absl::string_view::npos) {
    const size_t digits = call + 4;
    result = text::ParseStatus(rest.substr(digits, rest.find(')', digits) - digits));
    const size_t dash = rest.rfind(" - ", call);
    if (dash != absl::string_view::npos) {
      method = rest.substr(dash + 3, call - dash - 3);
      message = rest.substr(0, dash);
    } else {
      message = rest.substr(0, call);
    }
  }
  const bool failed = result && (*result & 0x80000000) != 0;
  const bool counts = is_error || HasOneOf(method, kSteps);
  if (!(failed && counts) && !HasOneOf(message, kPhrases)) return absl::nullopt;
  const size_t thread = message.find("TID=");
  if (thread != absl::string_view::npos) {
    message.remove_prefix(std::min(message.size(), message.find(' ', thread)));
  }
  DismOutcome outcome;
  outcome.set_hresult(result.value_or(0));
  outcome.set_method(text::Short(absl::StripAsciiWhitespace(method), kLongestMethod));
  outcome.set_text(text::Short(absl::StripAsciiWhitespace(message)));
  return outcome;
}

}  // namespace

void ReadDismLogBytes(absl::string_view bytes, DismLog* facts) {
  constexpr size_t kDate = 19;  // "2023-05-17 08:32:31"
  facts->set_size(bytes.size());
  std::deque<DismOutcome> outcomes;
  text::Lines lines(bytes);
  for (absl::string_view line; lines.Next(&line);) {
    const absl::optional<FileTime> time = ParseLogTime(line);
    if (!time) continue;  // The rest of a longer message.
    Stamp stamp;
    stamp.set_filetime(*time);
    stamp.set_local(true);
    if (!facts->has_first()) *facts->mutable_first() = stamp;
    *facts->mutable_last() = stamp;
    absl::optional<DismOutcome> outcome = ParseOutcome(line.substr(std::min(line.size(), kDate)));
    if (!outcome) continue;
    *outcome->mutable_time() = stamp;
    if (outcomes.size() == kOutcomes) outcomes.pop_front();
    outcomes.push_back(*std::move(outcome));
  }
  facts->set_lines(lines.count());
  for (DismOutcome& outcome : outcomes) *facts->add_outcomes() = std::move(outcome);
  if (!bytes.empty() && !facts->has_first()) {
    text::AddGap(facts->mutable_collection(), "dism.log", "no line begins with a date");
  }
}

DismLog ReadDismLog(const evidence::Source& source) {
  DismLog facts;
  const std::unique_ptr<evidence::File> file =
      text::OpenSection(source, kPath, facts.mutable_collection());
  if (file != nullptr) ReadDismLogBytes(file->bytes(), &facts);
  return facts;
}

}  // namespace patchgate::history
