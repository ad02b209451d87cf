#include "servicing/base/filetime.h"

#include "absl/strings/str_cat.h"

namespace patchgate {
namespace {

// Seconds from 1601-01-01 to 1970-01-01: 369 years with 89 leap days.
constexpr int64_t kUnixEpochSeconds = 11'644'473'600;
constexpr FileTime kYear10000 =
    2'650'467'744'000'000'000;  // 10000-01-01, not printable in RFC 3339.

}  // namespace

absl::Time ToAbslTime(FileTime t) {
  const int64_t seconds = static_cast<int64_t>(t / kFileTimeTicksPerSecond) - kUnixEpochSeconds;
  const int64_t ticks = static_cast<int64_t>(t % kFileTimeTicksPerSecond);
  return absl::FromUnixSeconds(seconds) + absl::Nanoseconds(ticks * 100);
}

FileTime FromAbslTime(absl::Time t) {
  const absl::Duration since_1601 = t - absl::FromUnixSeconds(-kUnixEpochSeconds);
  if (since_1601 < absl::ZeroDuration()) return 0;
  absl::Duration remainder;
  const int64_t seconds = absl::IDivDuration(since_1601, absl::Seconds(1), &remainder);
  return static_cast<FileTime>(seconds) * kFileTimeTicksPerSecond +
         static_cast<FileTime>(absl::ToInt64Nanoseconds(remainder) / 100);
}

std::string FormatFileTime(FileTime t) {
  if (t == 0) return "never";
  if (t >= kYear10000) return absl::StrCat("invalid time 0x", absl::Hex(t));
  return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", ToAbslTime(t), absl::UTCTimeZone());
}

absl::optional<FileTime> ParseRfc3339(absl::string_view text) {
  absl::Time t;
  std::string error;
  if (!absl::ParseTime(absl::RFC3339_full, text, &t, &error)) return absl::nullopt;
  if (t == absl::InfiniteFuture() || t == absl::InfinitePast()) return absl::nullopt;
  return FromAbslTime(t);
}

}  // namespace patchgate
