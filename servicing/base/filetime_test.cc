#include "servicing/base/filetime.h"

#include "gtest/gtest.h"

namespace patchgate {
namespace {

TEST(FileTime, FormatsKnownTimes) {
  // Session ids whose times are known from the logs of the same hosts (DOMAIN §1.2).
  EXPECT_EQ(FormatFileTime(31034770ull << 32 | 648112869), "2023-05-23T16:18:03Z");
  EXPECT_EQ(FormatFileTime(31176359ull << 32 | 247790115), "2025-04-26T12:30:56Z");
  EXPECT_EQ(FormatFileTime(0), "never");
  EXPECT_EQ(FormatFileTime(1), "1601-01-01T00:00:00Z");
  EXPECT_EQ(FormatFileTime(2'650'467'743'999'999'999), "9999-12-31T23:59:59Z");
  EXPECT_EQ(FormatFileTime(2'650'467'744'000'000'000), "invalid time 0x24c85a5ed1c04000");
  EXPECT_EQ(FormatFileTime(~0ull), "invalid time 0xffffffffffffffff");
}

TEST(FileTime, ParsesWhatItFormats) {
  for (const char* text :
       {"1601-01-01T00:00:01Z", "2025-12-16T18:00:00Z", "9999-12-31T23:59:59Z"}) {
    const absl::optional<FileTime> t = ParseRfc3339(text);
    ASSERT_TRUE(t.has_value()) << text;
    EXPECT_EQ(FormatFileTime(*t), text);
  }
  EXPECT_EQ(ParseRfc3339("2025-12-16T19:00:00+01:00"), ParseRfc3339("2025-12-16T18:00:00Z"));
  for (const char* text : {"", "2025-12-16", "now", "infinite-future", "2025-13-01T00:00:00Z"}) {
    EXPECT_FALSE(ParseRfc3339(text).has_value()) << text;
  }
}

TEST(FileTime, KeepsTicks) {
  const FileTime t = 133'500'000'000'000'007;
  EXPECT_EQ(FromAbslTime(ToAbslTime(t)), t);
  EXPECT_EQ(FromAbslTime(absl::FromUnixSeconds(0)), 116'444'736'000'000'000u);
  EXPECT_EQ(FromAbslTime(absl::InfinitePast()), 0u);
}

}  // namespace
}  // namespace patchgate
