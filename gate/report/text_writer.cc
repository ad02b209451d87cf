#include "gate/report/text_writer.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gate/report/report.h"
#include "servicing/base/utf16.h"

namespace patchgate::gate {

size_t Width(absl::string_view text) {
  size_t width = 0;
  for (size_t pos = 0; pos < text.size(); ++width) DecodeUtf8(text, &pos);
  return width;
}

absl::string_view Head(absl::string_view text, size_t columns) {
  size_t pos = 0, after_separator = 0, after_underscore = 0;
  for (size_t i = 0; i < columns && pos < text.size(); ++i) {
    const char c = text[pos];
    DecodeUtf8(text, &pos);
    if (c == '\\' || c == '/' || c == ',' || c == '~') after_separator = pos;
    if (c == '_') after_underscore = pos;
  }
  if (pos == text.size()) return text;
  if (after_separator == 0) after_separator = after_underscore;
  return after_separator == 0 ? text.substr(0, pos) : text.substr(0, after_separator);
}

void TextWriter::Line(absl::string_view text) { absl::StrAppend(&out_, text, "\n"); }

void TextWriter::Wrapped(absl::string_view text, size_t indent, absl::string_view lead) {
  std::string line(lead);
  line.append(indent > Width(lead) ? indent - Width(lead) : 0, ' ');
  WrapFrom(text, indent, std::move(line));
}

void TextWriter::Hanging(absl::string_view text, size_t first, size_t indent) {
  WrapFrom(text, indent, std::string(first, ' '));
}

std::string TextWriter::Colored(absl::string_view text, const char* code) const {
  return color_ ? absl::StrCat("\x1b[", code, "m", text, "\x1b[0m") : std::string(text);
}

void TextWriter::WrapFrom(absl::string_view text, size_t indent, std::string line) {
  const std::string blank(indent, ' ');
  size_t width = Width(line);
  bool empty = true;
  for (absl::string_view word : absl::StrSplit(text, ' ', absl::SkipEmpty())) {
    if (!empty && width + 1 + Width(word) > kTextColumns) {
      Line(line);
      line = blank;
      width = indent;
      empty = true;
    }
    if (!empty) {
      line.push_back(' ');
      ++width;
    }
    while (width + Width(word) > kTextColumns) {
      const absl::string_view head = Head(word, kTextColumns - width);
      Line(absl::StrCat(line, head));
      word.remove_prefix(head.size());
      line = blank;
      width = indent;
    }
    absl::StrAppend(&line, word);
    width += Width(word);
    empty = false;
  }
  Line(line);
}

}  // namespace patchgate::gate
