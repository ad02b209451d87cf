#include "servicing/base/utf16.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "servicing/base/little_endian.h"

namespace patchgate {
namespace {

constexpr char32_t kReplacement = 0xFFFD;

bool IsAscii(char c) { return static_cast<unsigned char>(c) < 0x80; }

// Yields the UTF-16 code units of a UTF-8 string, one at a time, without a buffer.
class Utf16Units {
 public:
  explicit Utf16Units(absl::string_view s) : s_(s) {}
  // False at the end.
  bool Next(char16_t* unit) {
    if (pending_ != 0) {
      *unit = pending_;
      pending_ = 0;
      return true;
    }
    if (pos_ >= s_.size()) return false;
    const char32_t c = DecodeUtf8(s_, &pos_);
    if (c < 0x10000) {
      *unit = static_cast<char16_t>(c);
    } else {
      *unit = static_cast<char16_t>(0xD800 + ((c - 0x10000) >> 10));
      pending_ = static_cast<char16_t>(0xDC00 + ((c - 0x10000) & 0x3FF));
    }
    return true;
  }

 private:
  absl::string_view s_;
  size_t pos_ = 0;
  char16_t pending_ = 0;
};

}  // namespace

void AppendUtf8(char32_t c, std::string* out) {
  if (c < 0x80) {
    out->push_back(static_cast<char>(c));
  } else if (c < 0x800) {
    out->push_back(static_cast<char>(0xC0 | c >> 6));
    out->push_back(static_cast<char>(0x80 | (c & 0x3F)));
  } else if (c < 0x10000) {
    out->push_back(static_cast<char>(0xE0 | c >> 12));
    out->push_back(static_cast<char>(0x80 | (c >> 6 & 0x3F)));
    out->push_back(static_cast<char>(0x80 | (c & 0x3F)));
  } else {
    out->push_back(static_cast<char>(0xF0 | c >> 18));
    out->push_back(static_cast<char>(0x80 | (c >> 12 & 0x3F)));
    out->push_back(static_cast<char>(0x80 | (c >> 6 & 0x3F)));
    out->push_back(static_cast<char>(0x80 | (c & 0x3F)));
  }
}

char32_t DecodeUtf8(absl::string_view s, size_t* pos) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(s[i]); };
  const unsigned char lead = byte((*pos)++);
  if (lead < 0x80) return lead;
  const int extra = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : 1;
  if (lead < 0xC2 || lead > 0xF4 || s.size() - *pos < static_cast<size_t>(extra))
    return kReplacement;
  char32_t c = lead & (0x3F >> extra);
  for (int i = 0; i < extra; ++i) {
    const unsigned char next = byte(*pos + i);
    if ((next & 0xC0) != 0x80) return kReplacement;
    c = c << 6 | (next & 0x3F);
  }
  constexpr char32_t kSmallest[] = {0, 0x80, 0x800, 0x10000};
  if (c < kSmallest[extra] || c > 0x10FFFF || (c >= 0xD800 && c < 0xE000)) return kReplacement;
  *pos += extra;
  return c;
}

std::string Utf16LeToUtf8(absl::string_view bytes) {
  std::string out;
  out.reserve(bytes.size() / 2);
  for (size_t i = 0; i + 1 < bytes.size(); i += 2) {
    char32_t c = LoadLe16(bytes.data() + i);
    if (c >= 0xD800 && c < 0xE000) {
      const bool paired =
          c < 0xDC00 && i + 3 < bytes.size() && (LoadLe16(bytes.data() + i + 2) & 0xFC00) == 0xDC00;
      if (paired) {
        c = 0x10000 + ((c & 0x3FF) << 10) + (LoadLe16(bytes.data() + i + 2) & 0x3FF);
        i += 2;
      } else {
        c = kReplacement;
      }
    }
    AppendUtf8(c, &out);
  }
  return out;
}

std::string Utf8ToUtf16Le(absl::string_view utf8) {
  std::string out;
  out.reserve(utf8.size() * 2);
  Utf16Units units(utf8);
  for (char16_t u; units.Next(&u);) {
    out.push_back(static_cast<char>(u));
    out.push_back(static_cast<char>(u >> 8));
  }
  return out;
}

std::string CleanUtf8(absl::string_view s) {
  std::string out;
  out.reserve(s.size());
  for (size_t pos = 0; pos < s.size();) AppendUtf8(DecodeUtf8(s, &pos), &out);
  return out;
}

std::string Latin1ToUtf8(absl::string_view bytes) {
  std::string out;
  out.reserve(bytes.size());
  for (const char c : bytes) {
    if (IsAscii(c)) {
      out.push_back(c);
    } else {
      AppendUtf8(static_cast<unsigned char>(c), &out);
    }
  }
  return out;
}

char16_t UpcaseUtf16(char16_t c) {
  if (c < 0x80) return c >= u'a' && c <= u'z' ? static_cast<char16_t>(c - 0x20) : c;
  if (c == 0xFF) return 0x178;
  if (c >= 0xE0 && c <= 0xFE && c != 0xF7) return static_cast<char16_t>(c - 0x20);
  if (c >= 0x100 && c <= 0x17E) {
    if (c == 0x131 || c == 0x138 || c == 0x149 || c == 0x178) return c;
    const bool odd_is_lower = c <= 0x137 || (c >= 0x14A && c <= 0x177);
    return (c & 1) == (odd_is_lower ? 1 : 0) ? static_cast<char16_t>(c - 1) : c;
  }
  if (c >= 0x3B1 && c <= 0x3CB && c != 0x3C2) return static_cast<char16_t>(c - 0x20);
  if (c >= 0x430 && c <= 0x44F) return static_cast<char16_t>(c - 0x20);
  if (c >= 0x450 && c <= 0x45F) return static_cast<char16_t>(c - 0x50);
  return c;
}

int CompareNames(absl::string_view a, absl::string_view b) {
  // ASCII, as nearly all names are, needs no decoding.
  size_t same = 0;
  for (const size_t shorter = std::min(a.size(), b.size()); same < shorter; ++same) {
    if (!IsAscii(a[same]) || !IsAscii(b[same])) break;
    const char l = absl::ascii_toupper(a[same]), r = absl::ascii_toupper(b[same]);
    if (l != r) return l < r ? -1 : 1;
  }
  a.remove_prefix(same);
  b.remove_prefix(same);
  Utf16Units left(a), right(b);
  while (true) {
    char16_t l = 0, r = 0;
    const bool more_left = left.Next(&l), more_right = right.Next(&r);
    if (!more_left || !more_right)
      return static_cast<int>(more_left) - static_cast<int>(more_right);
    l = UpcaseUtf16(l);
    r = UpcaseUtf16(r);
    if (l != r) return l < r ? -1 : 1;
  }
}

std::string UpcaseUtf8(absl::string_view s) {
  std::string out;
  out.reserve(s.size());
  for (size_t pos = 0; pos < s.size();) {
    if (IsAscii(s[pos])) {
      out.push_back(absl::ascii_toupper(s[pos++]));
      continue;
    }
    const char32_t c = DecodeUtf8(s, &pos);
    AppendUtf8(c < 0x10000 ? UpcaseUtf16(static_cast<char16_t>(c)) : c, &out);
  }
  return out;
}

}  // namespace patchgate
