#include "servicing/cbs/log/message_fields.h"

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/strip.h"
#include "servicing/base/utf16.h"

namespace patchgate::cbs {
namespace {

using absl::string_view;

// The text of the bracket that ends the message, "HRESULT = 0x80070bc2 - NAME"; "" if none does.
string_view LastBracket(string_view message) {
  message = absl::StripTrailingAsciiWhitespace(message);
  if (message.empty() || message.back() != ']') return "";
  constexpr size_t kMaxBracket = 200;
  const size_t from = message.size() > kMaxBracket ? message.size() - kMaxBracket : 0;
  const size_t bracket = message.substr(from).rfind('[');
  if (bracket == string_view::npos) return "";
  message.remove_prefix(from + bracket + 1);
  message.remove_suffix(1);
  return message;
}

absl::optional<uint32_t> BracketCode(string_view bracket, string_view label) {
  if (!absl::ConsumePrefix(&bracket, label)) return absl::nullopt;
  return ParseHex32(bracket);
}

constexpr string_view kResultLabel = "HRESULT = ";

}  // namespace

absl::optional<uint32_t> ParseHex32(string_view text, bool any_width) {
  constexpr size_t kDigits = 8;
  if (!absl::ConsumePrefix(&text, "0x") && !absl::ConsumePrefix(&text, "0X")) return absl::nullopt;
  uint32_t value = 0;
  size_t n = 0;
  while (n < text.size() && absl::ascii_isxdigit(text[n])) {
    if (n == kDigits) return absl::nullopt;
    const char c = absl::ascii_tolower(text[n++]);
    value = value * 16 + static_cast<uint32_t>(absl::ascii_isdigit(c) ? c - '0' : c - 'a' + 10);
  }
  if (n == 0 || (n != kDigits && !any_width)) return absl::nullopt;
  return value;
}

absl::optional<uint32_t> ResultOf(string_view message) {
  return BracketCode(LastBracket(message), kResultLabel);
}

absl::optional<uint32_t> ResultOrGleOf(string_view message) {
  const string_view bracket = LastBracket(message);
  const absl::optional<uint32_t> result = BracketCode(bracket, kResultLabel);
  return result ? result : BracketCode(bracket, "gle=");
}

string_view WithoutResult(string_view message) {
  const string_view bracket = LastBracket(message);
  if (BracketCode(bracket, kResultLabel)) {
    message = message.substr(0, static_cast<size_t>(bracket.data() - message.data()) - 1);
  }
  return absl::StripAsciiWhitespace(message);
}

absl::optional<string_view> FieldOf(string_view message, string_view label) {
  message = WithoutResult(message);
  const size_t at = message.find(label);
  if (at == string_view::npos) return absl::nullopt;
  message.remove_prefix(at + label.size());
  return absl::StripAsciiWhitespace(message.substr(0, message.find(", ")));
}

absl::optional<uint32_t> ParseDecimal(string_view text) {
  text = absl::StripLeadingAsciiWhitespace(text);
  size_t n = 0;
  while (n < text.size() && absl::ascii_isdigit(text[n])) ++n;
  uint32_t value;
  if (!absl::SimpleAtoi(text.substr(0, n), &value)) return absl::nullopt;
  return value;
}

absl::optional<string_view> CsiStringOf(string_view text) {
  while (true) {
    // "[l:26{13}]", "[l:18 ml:19]" and, where the maximum is named first, "[ml:26{13},l:24{12}]".
    const size_t at = text.find("l:");
    if (at == string_view::npos) return absl::nullopt;
    const bool is_length = at > 0 && (text[at - 1] == '[' || text[at - 1] == 'm');
    text.remove_prefix(at + 2);
    if (!is_length) continue;
    const size_t close = text.find_first_not_of("0123456789{},ml: ");
    if (close == string_view::npos) return absl::nullopt;
    if (text[close] != ']' || close + 1 >= text.size()) continue;
    const char quote = text[close + 1];
    text.remove_prefix(close + 1);
    if (quote != '\'' && quote != '"') continue;
    text.remove_prefix(1);
    const size_t end = text.find(quote);
    if (end == string_view::npos) return absl::nullopt;
    return text.substr(0, end);
  }
}

std::string Clean(string_view text, size_t max_bytes) {
  size_t end = 0;
  std::string out;
  while (end < text.size()) {
    const char32_t c = DecodeUtf8(text, &end);
    const size_t before = out.size();
    AppendUtf8(c, &out);
    if (out.size() > max_bytes) {
      out.resize(before);
      break;
    }
  }
  return out;
}

}  // namespace patchgate::cbs
