#include "servicing/base/log_time.h"

#include <string>

#include "absl/strings/str_format.h"
#include "gtest/gtest.h"

namespace patchgate {
namespace {

// Formatted back, as if the clock were UTC.
std::string Parsed(absl::string_view text) {
  const absl::optional<FileTime> time = ParseLogTime(text);
  if (!time) return "none";
  return absl::StrFormat("%s+%d", FormatFileTime(*time),
                         *time % kFileTimeTicksPerSecond / (kFileTimeTicksPerSecond / 1000));
}

TEST(ParseLogTime, ReadsTheFormsOfTheLogs) {
  EXPECT_EQ(Parsed("2023-05-23 10:02:36, Info"), "2023-05-23T10:02:36Z+0");
  EXPECT_EQ(Parsed("2023-05-23 16:22:57.451"), "2023-05-23T16:22:57Z+451");
  EXPECT_EQ(Parsed("2023/5/23:16:17:23.693 (F)"), "2023-05-23T16:17:23Z+693");
  EXPECT_EQ(Parsed("2009/07/22/10:31:45"), "2009-07-22T10:31:45Z+0");
  EXPECT_EQ(Parsed("2017-12-12 19:46:19:636+0900"), "2017-12-12T19:46:19Z+636");
  EXPECT_EQ(Parsed("2024-02-29T00:00:00"), "2024-02-29T00:00:00Z+0");
  EXPECT_EQ(Parsed("2000-02-29 23:59:59"), "2000-02-29T23:59:59Z+0");
  EXPECT_EQ(Parsed("1601-01-01 00:00:00"), "never+0");
  EXPECT_EQ(Parsed("9999-12-31 23:59:59"), "9999-12-31T23:59:59Z+0");
}

TEST(ParseLogTime, RefusesTheRest) {
  for (const char* text :
       {"", "2023", "2023-05-23", "2023-05-23 ", "2023-05-23 10:02", "2023-13-23 10:02:36",
        "2023-00-23 10:02:36", "2023-02-29 10:02:36", "1900-02-29 10:02:36", "2023-05-32 10:02:36",
        "2023-05-00 10:02:36", "2023-05-23 24:02:36", "2023-05-23 10:60:36", "2023-05-23 10:02:60",
        "1600-05-23 10:02:36", "20230-5-23 10:02:36", "-023-05-23 10:02:36", " Expected: {l:32"}) {
    EXPECT_EQ(Parsed(text), "none") << text;
  }
}

// Against the calendar of Abseil, over four centuries.
TEST(ParseLogTime, EveryMonthsFirstAndLastDay) {
  for (int year = 1601; year <= 2004; ++year) {
    for (int month = 1; month <= 12; ++month) {
      const absl::CivilDay first(year, month, 1);
      for (const absl::CivilDay& day : {first, absl::CivilDay(absl::CivilMonth(first) + 1) - 1}) {
        const std::string text = absl::StrFormat("%04d-%02d-%02d 12:34:56", year, month, day.day());
        const absl::Time expected = absl::FromCivil(
            absl::CivilSecond(year, month, day.day(), 12, 34, 56), absl::UTCTimeZone());
        ASSERT_EQ(ParseLogTime(text), FromAbslTime(expected)) << text;
      }
    }
  }
}

}  // namespace
}  // namespace patchgate
