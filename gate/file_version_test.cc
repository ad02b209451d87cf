#include "gate/file_version.h"

#include "gtest/gtest.h"

namespace patchgate::gate {
namespace {

TEST(CompareFileVersions, Cases) {
  const struct {
    const char *a, *b;
    absl::optional<int> expected;
  } kCases[] = {
      {"10.0.26100.7462", "10.0.26100.7462", 0},
      {"10.0.26100.4946", "10.0.26100.7462", -1},
      {"10.0.26100.10000", "10.0.26100.7462", 1},  // By number, not by text.
      {"6.3.9600.20000", "10.0.10240.1", -1},
      {"4294967295.0.0.0", "4294967294.9.9.9", 1},
      {"", "10.0.26100.1", absl::nullopt},
      {"10.0.26100.1", "", absl::nullopt},
      {"10.0.26100", "10.0.26100.1", absl::nullopt},
      {"10.0.26100.1.2", "10.0.26100.1", absl::nullopt},
      {"10.0.26100.x", "10.0.26100.1", absl::nullopt},
      {"10.0.-1.1", "10.0.26100.1", absl::nullopt},
      {"10.0. 1.1", "10.0.26100.1", absl::nullopt},
      {"10..1.1", "10.0.26100.1", absl::nullopt},
      {"4294967296.0.0.0", "10.0.26100.1", absl::nullopt},
  };
  for (const auto& c : kCases) {
    EXPECT_EQ(CompareFileVersions(c.a, c.b), c.expected) << c.a << " and " << c.b;
  }
}

TEST(ParseFileVersion, Cases) {
  EXPECT_EQ(ParseFileVersion("10.0.26100.7462"), (FileVersion{10, 0, 26100, 7462}));
  for (const char* text : {"", "10.0.26100", "10.0.26100.+1", "10.0.26100.1 ", "1.2.3.4.5"}) {
    EXPECT_EQ(ParseFileVersion(text), absl::nullopt) << text;
  }
}

}  // namespace
}  // namespace patchgate::gate
