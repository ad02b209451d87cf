#include "servicing/history/package_name.h"

#include "gtest/gtest.h"

namespace patchgate::history {
namespace {

constexpr char kRollup[] = "Package_for_RollupFix~31bf3856ad364e35~amd64~~26100.7462.1.9";
constexpr char kStack[] = "Package_for_ServicingStack_7295~31bf3856ad364e35~amd64~~26100.7295.1.0";

TEST(PackageName, Kinds) {
  EXPECT_TRUE(IsRollupFix(kRollup));
  EXPECT_TRUE(IsRollupFix("package_for_rollupfix~x"));
  EXPECT_FALSE(IsRollupFix("Package_for_RollupFixes~x"));
  EXPECT_FALSE(IsRollupFix("Package_for_DotNetRollup~x"));
  EXPECT_TRUE(IsServicingStack(kStack));
  EXPECT_FALSE(IsServicingStack(kRollup));
}

TEST(PackageName, KbIn) {
  EXPECT_EQ(KbIn("KB5072033"), "KB5072033");
  EXPECT_EQ(KbIn("2025-12 Update (kb5072033) (26100.7462)"), "KB5072033");
  EXPECT_EQ(KbIn("Package_for_KB972636~31bf~amd64~~6.1.1.0"), "KB972636");
  EXPECT_EQ(KbIn("XKB5072033 KB507203 "), "KB507203");
  for (const char* text :
       {"", "KB", "KB12345", "KB12345678", "K B5072033", "XKB5072033", kRollup}) {
    EXPECT_EQ(KbIn(text), "") << text;
  }
}

TEST(PackageName, BuildOf) {
  EXPECT_EQ(BuildOf(kRollup), "26100.7462");
  EXPECT_EQ(BuildOf(kStack), "26100.7295");
  for (const char* name : {"", "KB5072033", "a~b~c~~1.2.3", "a~b~c~~x.7462.1.9", "a~~26100."}) {
    EXPECT_EQ(BuildOf(name), "") << name;
  }
}

TEST(PackageName, CompareBuilds) {
  EXPECT_LT(CompareBuilds("26100.946", "26100.7462"), 0);
  EXPECT_GT(CompareBuilds("26200.1", "26100.7462"), 0);
  EXPECT_EQ(CompareBuilds("26100.7462", "26100.7462"), 0);
}

}  // namespace
}  // namespace patchgate::history
