#include "gate/numbers.h"

#include "gtest/gtest.h"

namespace patchgate::gate {
namespace {

TEST(Numbers, AreGrouped) {
  EXPECT_EQ(Amount(0, "file", "files"), "0 files");
  EXPECT_EQ(Amount(1, "file", "files"), "1 file");
  EXPECT_EQ(Amount(999, "file", "files"), "999 files");
  EXPECT_EQ(Amount(1000, "file", "files"), "1,000 files");
  EXPECT_EQ(Amount(28069, "file", "files"), "28,069 files");
  EXPECT_EQ(Amount(18446744073709551615u, "file", "files"), "18,446,744,073,709,551,615 files");
}

}  // namespace
}  // namespace patchgate::gate
