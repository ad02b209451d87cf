// UTF-16LE as Windows stores it (unpaired surrogates allowed) to and from UTF-8, and the two
// comparisons of names that registry and file system use.
#ifndef SERVICING_BASE_UTF16_H_
#define SERVICING_BASE_UTF16_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace patchgate {

// `bytes` is UTF-16LE; an odd last byte is ignored. An unpaired surrogate becomes U+FFFD, so the
// result is always valid UTF-8. NULs are kept.
std::string Utf16LeToUtf8(absl::string_view bytes);

// The inverse; invalid UTF-8 becomes U+FFFD. No terminator is added.
std::string Utf8ToUtf16Le(absl::string_view utf8);

// "Extended ASCII" of the registry: each byte is the code of a character below U+0100.
std::string Latin1ToUtf8(absl::string_view bytes);

// `s` with every byte that is not valid UTF-8 replaced by U+FFFD.
std::string CleanUtf8(absl::string_view s);

// Decodes the code point at `*pos` and advances it; U+FFFD for invalid sequences (one byte eaten).
char32_t DecodeUtf8(absl::string_view s, size_t* pos);
void AppendUtf8(char32_t code_point, std::string* out);

// Upper case of one UTF-16 code unit, as the registry compares names: Basic Latin, Latin-1, Latin
// Extended-A, Greek and Cyrillic. Servicing names are ASCII; the rest serves file names.
char16_t UpcaseUtf16(char16_t c);

// Ordinal comparison of two UTF-8 strings without regard to case, by upper-cased UTF-16 code unit
// (REGF sorts subkeys so). <0, 0, >0.
int CompareNames(absl::string_view a, absl::string_view b);
inline bool NamesEqual(absl::string_view a, absl::string_view b) { return CompareNames(a, b) == 0; }

// UTF-8 with upper-cased characters, as a key for case-insensitive maps.
std::string UpcaseUtf8(absl::string_view s);

}  // namespace patchgate

#endif  // SERVICING_BASE_UTF16_H_
