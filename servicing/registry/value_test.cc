#include "servicing/registry/value.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "servicing/base/utf16.h"
#include "servicing/regf/types.h"

namespace patchgate::registry {
namespace {

using namespace std::string_literals;
using Strings = std::vector<std::string>;

Value Make(uint32_t type, std::string data) { return {"v", type, std::move(data)}; }

TEST(Value, Numbers) {
  EXPECT_EQ(*AsDword(Make(regf::kRegDword, "\x01\x02\x03\x04"s)), 0x04030201u);
  EXPECT_FALSE(AsDword(Make(regf::kRegDwordBigEndian, "\x01\x02\x03\x04"s)).ok());
  EXPECT_EQ(*AsQword(Make(regf::kRegQword, "\x01\0\0\0\0\0\0\x80"s)), 0x8000000000000001u);
  EXPECT_EQ(AsDword(Make(regf::kRegDword, "\x01\x02"s)).status().message(),
            "REG_DWORD of 2 bytes, expected REG_DWORD");
  EXPECT_EQ(AsDword(Make(regf::kRegSz, "1\0\0\0"s)).status().message(),
            "REG_SZ of 4 bytes, expected REG_DWORD");
  EXPECT_FALSE(AsQword(Make(regf::kRegQword, "\x01"s)).ok());
}

TEST(Value, Strings) {
  EXPECT_EQ(*AsString(Make(regf::kRegSz, "a\0b\0\0\0"s)), "ab");
  EXPECT_EQ(*AsString(Make(regf::kRegExpandSz, "a\0b\0"s)), "ab") << "no terminator";
  EXPECT_EQ(*AsString(Make(regf::kRegSz, "a\0\0\0x\0"s)), "a") << "rest of an older value";
  EXPECT_EQ(*AsString(Make(regf::kRegSz, "")), "");
  EXPECT_FALSE(AsString(Make(regf::kRegMultiSz, "a\0\0\0"s)).ok());
}

TEST(Value, MultiStrings) {
  const struct {
    const char* name;
    std::string text;  // ASCII, to be widened.
    Strings raw, list;
  } cases[] = {
      {"nothing", "", {}, {}},
      {"only the terminator", "\0"s, {}, {}},
      {"one", "ab\0\0"s, {"ab"}, {"ab"}},
      {"two", "a\0b\0\0"s, {"a", "b"}, {"a", "b"}},
      {"no list terminator", "a\0b\0"s, {"a", "b"}, {"a", "b"}},
      {"no terminator at all", "a\0b"s, {"a", "b"}, {"a", "b"}},
      {"empty entry inside", "a\0\0b\0c\0\0"s, {"a", "", "b", "c"}, {"a", "b", "c"}},
      {"empty entry first", "\0a\0\0"s, {"", "a"}, {"a"}},
      {"empty entry last", "a\0\0\0"s, {"a", ""}, {"a"}},
  };
  for (const auto& c : cases) {
    const std::string data = Utf8ToUtf16Le(c.text);
    EXPECT_EQ(RawMultiString(data), c.raw) << c.name;
    EXPECT_EQ(*AsMultiString(Make(regf::kRegMultiSz, data)), c.list) << c.name;
  }
  EXPECT_EQ(*AsMultiString(Make(regf::kRegSz, "a\0\0\0"s)), Strings{"a"});
  EXPECT_EQ(*AsMultiString(Make(regf::kRegSz, "\0\0"s)), Strings{});
  EXPECT_FALSE(AsMultiString(Make(regf::kRegDword, "\0\0\0\0"s)).ok());
}

TEST(Value, Text) {
  EXPECT_EQ(ToText(Make(regf::kRegDword, "\x10\0\0\0"s)), "0x10");
  EXPECT_EQ(ToText(Make(regf::kRegSz, "a\0\0\0"s)), "\"a\"");
  EXPECT_EQ(ToText(Make(regf::kRegMultiSz, "a\0\0\0b\0\0\0\0\0"s)), "\"a\", \"b\"");
  EXPECT_EQ(ToText(Make(regf::kRegBinary, "\x01\xff"s)), "01ff");
  EXPECT_EQ(ToText(Make(regf::kRegBinary, "")), "(empty)");
  EXPECT_EQ(ToText(Make(regf::kRegBinary, std::string(65, 'a'))).size(), 128u + 3);
}

}  // namespace
}  // namespace patchgate::registry
