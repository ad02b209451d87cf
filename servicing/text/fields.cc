#include "servicing/text/fields.h"

#include <limits>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "servicing/base/utf16.h"

namespace patchgate::text {

std::string Short(absl::string_view s, size_t most) {
  if (s.size() <= most) return CleanUtf8(s);
  size_t end = most;
  // Not in the middle of a character.
  while (end > 0 && (static_cast<unsigned char>(s[end]) & 0xC0) == 0x80) --end;
  return absl::StrCat(CleanUtf8(s.substr(0, end)), "…");
}

absl::optional<uint64_t> ParseHex(absl::string_view digits) {
  constexpr size_t kMostDigits = 16;
  if (digits.empty() || digits.size() > kMostDigits) return absl::nullopt;
  uint64_t value = 0;
  for (const char c : digits) {
    if (!absl::ascii_isxdigit(c)) return absl::nullopt;
    const int digit = absl::ascii_isdigit(c) ? c - '0' : absl::ascii_tolower(c) - 'a' + 10;
    value = value << 4 | static_cast<uint64_t>(digit);
  }
  return value;
}

absl::optional<uint32_t> ParseStatus(absl::string_view digits) {
  if (!absl::ConsumePrefix(&digits, "0x")) absl::ConsumePrefix(&digits, "0X");
  const absl::optional<uint64_t> value = ParseHex(digits);
  if (!value || *value > std::numeric_limits<uint32_t>::max()) return absl::nullopt;
  return static_cast<uint32_t>(*value);
}

std::string FindKb(absl::string_view s) {
  for (size_t i = 0; i + 2 < s.size(); ++i) {
    if (absl::ascii_tolower(s[i]) != 'k' || absl::ascii_tolower(s[i + 1]) != 'b') continue;
    if (i > 0 && absl::ascii_isalnum(s[i - 1])) continue;
    size_t end = i + 2;
    while (end < s.size() && absl::ascii_isdigit(s[end])) ++end;
    const absl::string_view digits = s.substr(i + 2, end - i - 2);
    if (digits.size() == 6 || digits.size() == 7) return absl::StrCat("KB", digits);
    i = end - 1;
  }
  return "";
}

}  // namespace patchgate::text
