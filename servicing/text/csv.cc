#include "servicing/text/csv.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "servicing/base/utf16.h"
#include "servicing/text/lines.h"

namespace patchgate::text {

CsvReader::CsvReader(absl::string_view bytes) : rest_(bytes) {
  if (DetectEncoding(bytes) == Encoding::kUtf16Le) {
    decoded_ = Utf16LeToUtf8(bytes);
    rest_ = decoded_;
  }
  absl::ConsumePrefix(&rest_, "\xEF\xBB\xBF");
}

// From behind the opening quote to behind the closing one.
absl::StatusOr<std::string> CsvReader::QuotedField() {
  const uint64_t opened = line_;
  std::string field;
  for (;;) {
    const size_t end = rest_.find_first_of(absl::string_view("\"\n\0", 3));
    if (end == rest_.npos) {
      return absl::InvalidArgumentError(
          absl::StrCat("line ", opened, ": a quoted field is not closed"));
    }
    if (rest_[end] == '\0') {
      return absl::InvalidArgumentError(absl::StrCat("line ", line_, ": a NUL"));
    }
    field.append(rest_.data(), end);
    const bool line_end = rest_[end] == '\n';
    rest_.remove_prefix(end + 1);
    if (line_end) {
      ++line_;
      field.push_back('\n');
    } else if (!absl::ConsumePrefix(&rest_, "\"")) {
      return field;
    } else {
      field.push_back('"');
    }
  }
}

absl::StatusOr<bool> CsvReader::Next(std::vector<std::string>* fields) {
  fields->clear();
  for (;;) {  // Empty lines.
    if (absl::ConsumePrefix(&rest_, "\n") || absl::ConsumePrefix(&rest_, "\r\n")) {
      ++line_;
    } else {
      break;
    }
  }
  if (rest_.empty()) return false;
  record_line_ = line_;
  for (;;) {
    std::string field;
    // Lists are written with ", " between the fields too.
    const size_t blanks = std::min(rest_.size(), rest_.find_first_not_of(" \t"));
    if (blanks < rest_.size() && rest_[blanks] == '"') rest_.remove_prefix(blanks);
    if (absl::ConsumePrefix(&rest_, "\"")) {
      auto quoted = QuotedField();
      if (!quoted.ok()) {
        rest_ = {};
        return quoted.status();
      }
      field = *std::move(quoted);
      if (!rest_.empty() && rest_[0] != ',' && rest_[0] != '\n' && rest_.substr(0, 2) != "\r\n" &&
          rest_ != "\r") {
        const std::string found = CleanUtf8(rest_.substr(0, 1));
        rest_ = {};
        return absl::InvalidArgumentError(
            absl::StrCat("line ", line_, ": \"", found,
                         "\" behind the end of a quoted field, where a comma belongs"));
      }
    } else {
      const size_t end = std::min(rest_.size(), rest_.find_first_of(",\n"));
      field = std::string(rest_.substr(0, end));
      rest_.remove_prefix(end);
      if (rest_.empty() || rest_[0] == '\n') {
        if (absl::EndsWith(field, "\r")) field.pop_back();
      }
    }
    if (field.find('\0') != field.npos) {
      rest_ = {};
      return absl::InvalidArgumentError(absl::StrCat("line ", line_, ": a NUL"));
    }
    if (fields->size() == kMostFields) {
      rest_ = {};
      return absl::InvalidArgumentError(
          absl::StrCat("line ", record_line_, ": more than ", kMostFields, " fields"));
    }
    fields->push_back(CleanUtf8(field));
    if (absl::ConsumePrefix(&rest_, ",")) continue;
    absl::ConsumePrefix(&rest_, "\r");
    if (absl::ConsumePrefix(&rest_, "\n")) ++line_;
    return true;
  }
}

}  // namespace patchgate::text
