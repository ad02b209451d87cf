// Lines of text for people, wrapped and indented.
#ifndef GATE_REPORT_TEXT_WRITER_H_
#define GATE_REPORT_TEXT_WRITER_H_

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"

namespace patchgate::gate {

// Columns that `text` (UTF-8) takes.
size_t Width(absl::string_view text);

// The first `columns` characters of `text`, cut behind a separator of paths where there is one, or
// else of the parts of a component's key.
absl::string_view Head(absl::string_view text, size_t columns);

// No line is wider than kTextColumns.
class TextWriter {
 public:
  explicit TextWriter(bool color) : color_(color) {}

  void Line(absl::string_view text = "");

  // Words of `text` from column `indent`; the first line is preceded by `lead` instead of blanks.
  void Wrapped(absl::string_view text, size_t indent, absl::string_view lead = "");

  // Likewise, the first line starting farther left, at `first`.
  void Hanging(absl::string_view text, size_t first, size_t indent);

  // `text` in the ANSI colour `code`, "1;31", if there are colours.
  std::string Colored(absl::string_view text, const char* code) const;

  std::string Take() { return std::move(out_); }

 private:
  // `line` is the beginning of the first line.
  void WrapFrom(absl::string_view text, size_t indent, std::string line);

  bool color_;
  std::string out_;
};

}  // namespace patchgate::gate

#endif  // GATE_REPORT_TEXT_WRITER_H_
