// FILETIME: the one time type of the evidence. 100-nanosecond ticks since 1601-01-01 00:00:00 UTC.
#ifndef SERVICING_BASE_FILETIME_H_
#define SERVICING_BASE_FILETIME_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/optional.h"

namespace patchgate {

// A plain number, so that it can be stored in a proto as it is; 0 means "not set" in every format
// that patchgate reads.
using FileTime = uint64_t;

inline constexpr FileTime kFileTimeTicksPerSecond = 10'000'000;

// Largest FILETIME that Windows accepts as a date is year 30827; formatting clamps nothing, it says
// `invalid` beyond year 9999 so that a report column cannot grow.
std::string FormatFileTime(FileTime t);  // "2026-01-13T18:04:05Z", or "never" for 0.

absl::Time ToAbslTime(FileTime t);
FileTime FromAbslTime(absl::Time t);  // Times before 1601 give 0.

// Parses RFC 3339 ("2025-12-16T18:00:00Z"). nullopt if it is not one.
absl::optional<FileTime> ParseRfc3339(absl::string_view text);

}  // namespace patchgate

#endif  // SERVICING_BASE_FILETIME_H_
