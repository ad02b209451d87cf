#include "gate/cli/exit_style.h"

#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace patchgate::cli {
namespace {

using Kind = RunResult::Kind;

constexpr Kind kKinds[] = {Kind::kGo, Kind::kNoGo, Kind::kIndeterminate, Kind::kFailed};
constexpr ExitStyle kStyles[] = {ExitStyle::kNative, ExitStyle::kIntune, ExitStyle::kMsi,
                                 ExitStyle::kNagios};

RunResult Result(Kind kind, bool busy, bool warned) {
  RunResult result;
  result.kind = kind;
  result.busy = busy;
  result.warned = warned;
  return result;
}

// The contract, in full: another tool depends on each number.
TEST(ExitStyleTest, EveryCodeOfEveryStyle) {
  const struct {
    Kind kind;
    bool busy, warned;
    int native, intune, msi, nagios;
  } kCases[] = {
      {Kind::kGo, false, false, 0, 0, 0, 0},
      {Kind::kGo, false, true, 0, 0, 0, 1},
      {Kind::kGo, true, false, 0, 0, 1618, 0},
      {Kind::kGo, true, true, 0, 0, 1618, 1},
      {Kind::kNoGo, false, false, 2, 1, 1603, 2},
      {Kind::kNoGo, false, true, 2, 1, 1603, 2},
      {Kind::kNoGo, true, false, 2, 1, 1603, 2},
      {Kind::kNoGo, true, true, 2, 1, 1603, 2},
      {Kind::kIndeterminate, false, false, 3, 1, 1603, 3},
      {Kind::kIndeterminate, false, true, 3, 1, 1603, 3},
      {Kind::kIndeterminate, true, false, 3, 1, 1618, 3},
      {Kind::kIndeterminate, true, true, 3, 1, 1618, 3},
      {Kind::kFailed, false, false, 1, 1, 1603, 3},
      {Kind::kFailed, false, true, 1, 1, 1603, 3},
      {Kind::kFailed, true, false, 1, 1, 1603, 3},
      {Kind::kFailed, true, true, 1, 1, 1603, 3},
  };
  std::set<int> seen;
  for (const auto& c : kCases) {
    seen.insert(c.kind * 4 + c.busy * 2 + c.warned);
    const RunResult result = Result(c.kind, c.busy, c.warned);
    const std::string name = absl::StrCat("kind ", c.kind, " busy ", c.busy, " warned ", c.warned);
    EXPECT_EQ(ExitCodeFor(ExitStyle::kNative, result), c.native) << name;
    EXPECT_EQ(ExitCodeFor(ExitStyle::kIntune, result), c.intune) << name;
    EXPECT_EQ(ExitCodeFor(ExitStyle::kMsi, result), c.msi) << name;
    EXPECT_EQ(ExitCodeFor(ExitStyle::kNagios, result), c.nagios) << name;
  }
  EXPECT_EQ(seen.size(), 16u) << "every combination has its row";
}

// Nor where a code has 8 bits, nor as what installers take for success.
TEST(ExitStyleTest, OnlyGoIsSuccess) {
  for (const ExitStyle style : kStyles) {
    for (const Kind kind : kKinds) {
      for (int flags = 0; flags < 4; ++flags) {
        const int code = ExitCodeFor(style, Result(kind, (flags & 1) != 0, (flags & 2) != 0));
        EXPECT_NE(code, 3010);
        EXPECT_NE(code, 1641);
        EXPECT_NE(code, 1707);
        if (kind == Kind::kGo) continue;
        EXPECT_NE(code % 256, 0) << code;
        EXPECT_GT(code, 0);
        EXPECT_FALSE(style == ExitStyle::kNagios && code == 1) << "is WARNING";
      }
    }
  }
  EXPECT_EQ(ExitCodeFor(ExitStyle::kMsi, Result(Kind::kNoGo, false, false)) & 0xff, 67);
  EXPECT_EQ(ExitCodeFor(ExitStyle::kMsi, Result(Kind::kIndeterminate, true, false)) & 0xff, 82);
}

TEST(ExitStyleTest, ARunThatSaysNothingHasFailed) {
  for (const ExitStyle style : kStyles) {
    EXPECT_EQ(ExitCodeFor(style, RunResult()),
              ExitCodeFor(style, Result(Kind::kFailed, false, false)));
  }
  EXPECT_EQ(ExitCodeFor(static_cast<ExitStyle>(99), RunResult()), kFailedInUnknownStyle);
}

TEST(ExitStyleTest, Names) {
  for (size_t i = 0; i < ExitStyleNames().size(); ++i) {
    const absl::StatusOr<ExitStyle> style = ParseExitStyle(ExitStyleNames()[i]);
    ASSERT_TRUE(style.ok()) << style.status();
    EXPECT_EQ(*style, kStyles[i]);
  }
  EXPECT_EQ(std::string(ParseExitStyle("nagio").status().message()),
            "unknown exit style \"nagio\", did you mean nagios?; exit styles: native, intune, msi, "
            "nagios");
  for (const char* name : {"", "MSI", "native ", "0"})
    EXPECT_FALSE(ParseExitStyle(name).ok()) << name;
}

}  // namespace
}  // namespace patchgate::cli
