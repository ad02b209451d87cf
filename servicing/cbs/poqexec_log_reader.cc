#include "servicing/cbs/poqexec_log_reader.h"

#include <deque>
#include <limits>
#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/types/optional.h"
#include "servicing/text/fields.h"
#include "servicing/text/lines.h"
#include "servicing/text/section_file.h"

namespace patchgate::cbs {
namespace {

constexpr absl::string_view kPath = "Windows/WinSxS/poqexec.log";
constexpr size_t kFailures = 300;
constexpr size_t kLongestOperation = 40;

// "%llx: %lx, %lx, %Ix, %lx, %s ;" and the path.
absl::optional<PoqexecFailure> ParseFailure(absl::string_view line) {
  const size_t colon = line.find(':');
  const size_t semicolon = line.find(';');
  if (semicolon == absl::string_view::npos || colon > semicolon) return absl::nullopt;
  const absl::string_view middle = line.substr(colon + 1, semicolon - colon - 1);
  const std::vector<absl::string_view> fields = absl::StrSplit(middle, absl::MaxSplits(',', 5));
  constexpr size_t kFields = 5;  // Source line, operation index, a qword, status, operation.
  if (fields.size() != kFields) return absl::nullopt;
  const auto hex = [&](size_t i) {
    return text::ParseHex(absl::StripLeadingAsciiWhitespace(fields[i]));
  };
  const auto started = text::ParseHex(line.substr(0, colon));
  const auto source_line = hex(0), index = hex(1), qword = hex(2), status = hex(3);
  const absl::string_view operation = absl::StripAsciiWhitespace(fields[4]);
  constexpr uint64_t kMost = std::numeric_limits<uint32_t>::max();
  if (!started || !source_line || !index || !qword || !status || *source_line > kMost ||
      *index > kMost || *status > kMost || operation.empty()) {
    return absl::nullopt;
  }
  PoqexecFailure failure;
  failure.set_started_filetime(*started);
  failure.set_operation_index(static_cast<uint32_t>(*index));
  failure.set_status(static_cast<uint32_t>(*status));
  failure.set_operation(text::Short(operation, kLongestOperation));
  failure.set_path(text::Short(absl::StripAsciiWhitespace(line.substr(semicolon + 1))));
  return failure;
}

}  // namespace

void ReadPoqexecLogBytes(absl::string_view bytes, PoqexecLog* facts) {
  std::deque<PoqexecFailure> failures;
  text::Lines lines(bytes);
  uint64_t first_unknown = 0;
  for (absl::string_view line; lines.Next(&line);) {
    if (absl::StripAsciiWhitespace(line).empty()) continue;
    absl::optional<PoqexecFailure> failure = ParseFailure(line);
    if (!failure) {
      if (facts->unknown_lines() == 0) first_unknown = lines.count();
      facts->set_unknown_lines(facts->unknown_lines() + 1);
      continue;
    }
    facts->set_failures_total(facts->failures_total() + 1);
    if (failures.size() == kFailures) failures.pop_front();
    failures.push_back(*std::move(failure));
  }
  facts->set_lines(lines.count());
  for (PoqexecFailure& failure : failures) *facts->add_failures() = std::move(failure);
  if (facts->unknown_lines() > 0) {
    text::AddGap(facts->mutable_collection(), absl::StrCat("poqexec.log, line ", first_unknown),
                 absl::StrCat(facts->unknown_lines(), " lines of unknown form, this the first"));
  }
}

PoqexecLog ReadPoqexecLog(const evidence::Source& source) {
  PoqexecLog facts;
  const std::unique_ptr<evidence::File> file =
      text::OpenSection(source, kPath, facts.mutable_collection());
  if (file != nullptr) ReadPoqexecLogBytes(file->bytes(), &facts);
  return facts;
}

}  // namespace patchgate::cbs
