#include "servicing/regf/types.h"

#include "gtest/gtest.h"

namespace patchgate::regf {
namespace {

TEST(ValueTypeNameTest, NamesKnownTypesAndNumbersOthers) {
  EXPECT_EQ(ValueTypeName(kRegNone), "REG_NONE");
  EXPECT_EQ(ValueTypeName(kRegMultiSz), "REG_MULTI_SZ");
  EXPECT_EQ(ValueTypeName(kRegQword), "REG_QWORD");
  EXPECT_EQ(ValueTypeName(12), "0x0000000c");
  EXPECT_EQ(ValueTypeName(0xFFFF0012), "0xffff0012");
}

}  // namespace
}  // namespace patchgate::regf
