// Small parts of log lines and XML attributes.
#ifndef SERVICING_TEXT_FIELDS_H_
#define SERVICING_TEXT_FIELDS_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/types/optional.h"

namespace patchgate::text {

// `s` as a message may hold it: valid UTF-8, cut to about `most` bytes with "…" where it is longer.
std::string Short(absl::string_view s, size_t most = 500);

// A number of 1 to 16 hex digits and nothing else, as printf's %x writes it.
absl::optional<uint64_t> ParseHex(absl::string_view digits);
// The same of at most 32 bits, "0x" before it or not: HRESULT, NTSTATUS.
absl::optional<uint32_t> ParseStatus(absl::string_view digits);

// The first "KB", in any case and not within a word, with six or seven digits behind it:
// "KB5072033" of "Package_for_KB5072033~31bf…"; empty if there is none.
std::string FindKb(absl::string_view s);

}  // namespace patchgate::text

#endif  // SERVICING_TEXT_FIELDS_H_
