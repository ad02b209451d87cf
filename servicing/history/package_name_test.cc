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
  EXPECT_TRUE(IsPartOfUpdate("Package_4321_for_KB5072033~31bf3856ad364e35~amd64~~26100.7462.1.9"));
  EXPECT_FALSE(IsPartOfUpdate("Package_for_KB5054156~31bf3856ad364e35~amd64~~26100.1.1.0"));
  EXPECT_FALSE(IsPartOfUpdate(kRollup));
  EXPECT_FALSE(IsPartOfUpdate("Package_"));
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
