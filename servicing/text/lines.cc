#include "servicing/text/lines.h"

#include <algorithm>

#include "absl/strings/strip.h"
#include "servicing/base/utf16.h"

namespace patchgate::text {
namespace {

constexpr absl::string_view kUtf8Mark = "\xEF\xBB\xBF";
constexpr absl::string_view kUtf16LeMark = "\xFF\xFE";

// Where the line feed of UTF-16LE text is; npos if there is none.
size_t FindWideLineFeed(absl::string_view text) {
  for (size_t at = text.find('\n'); at != absl::string_view::npos; at = text.find('\n', at + 1)) {
    if (at % 2 == 0 && at + 1 < text.size() && text[at + 1] == '\0') return at;
  }
  return absl::string_view::npos;
}

}  // namespace

absl::string_view EncodingName(Encoding encoding) {
  return encoding == Encoding::kUtf16Le ? "UTF-16LE" : "UTF-8";
}

Encoding DetectEncoding(absl::string_view bytes) {
  if (bytes.substr(0, kUtf16LeMark.size()) == kUtf16LeMark) return Encoding::kUtf16Le;
  const auto is_wide = [&](size_t at) {
    return at + 1 >= bytes.size() || (bytes[at] > 0 && bytes[at + 1] == '\0');
  };
  const bool wide = bytes.size() >= 2 && is_wide(0) && is_wide(2);
  return wide ? Encoding::kUtf16Le : Encoding::kUtf8;
}

Lines::Lines(absl::string_view bytes, Encoding encoding) : rest_(bytes), encoding_(encoding) {
  absl::ConsumePrefix(&rest_, encoding == Encoding::kUtf16Le ? kUtf16LeMark : kUtf8Mark);
}

absl::string_view Lines::Take() {
  const bool wide = encoding_ == Encoding::kUtf16Le;
  const size_t end = wide ? FindWideLineFeed(rest_) : rest_.find('\n');
  const absl::string_view line = rest_.substr(0, end);
  rest_.remove_prefix(end == absl::string_view::npos ? rest_.size() : end + (wide ? 2 : 1));
  return line.substr(0, kLongest);
}

bool Lines::Next(absl::string_view* line) {
  if (rest_.empty()) return false;
  *line = Take();
  if (encoding_ == Encoding::kUtf16Le) {
    decoded_ = Utf16LeToUtf8(*line);
    *line = decoded_;
  }
  absl::ConsumeSuffix(line, "\r");
  ++count_;
  return true;
}

}  // namespace patchgate::text
