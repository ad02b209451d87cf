#include "servicing/text/fields.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "servicing/base/utf16.h"

namespace patchgate::text {
namespace {

using namespace std::string_literals;

TEST(Short, CutsAndCleans) {
  EXPECT_EQ(Short("abc", 3), "abc");
  EXPECT_EQ(Short("abcd", 3), "abc…");
  EXPECT_EQ(Short("a\xFF", 9), "a\uFFFD");
  EXPECT_EQ(Short("ab\u00E9\u00E9", 3), "ab…") << "not in the middle of a character";
  EXPECT_EQ(Short("ab\u00E9\u00E9", 4), "ab\u00E9…");
  EXPECT_EQ(Short("a\0b"s), "a\0b"s);
  const std::string continuations(1'000, '\x80');
  EXPECT_EQ(Short(continuations), "…");
  EXPECT_LT(Short(std::string(1'000'000, '\xFF')).size(), 2'000u);
  for (size_t most = 0; most < 8; ++most) {
    const std::string cut = Short("\u00E9\U0001F600\u20AC", most);
    EXPECT_EQ(cut, CleanUtf8(cut)) << most;
  }
}

TEST(ParseHex, TakesDigitsOnly) {
  EXPECT_EQ(ParseHex("0"), 0u);
  EXPECT_EQ(ParseHex("c01a001D"), 0xC01A001Du);
  EXPECT_EQ(ParseHex("ffffffffffffffff"), 0xFFFFFFFFFFFFFFFFu);
  for (const char* text : {"", "0x1", "-1", " 1", "1 ", "g", "10000000000000000", "1\xE9"}) {
    EXPECT_FALSE(ParseHex(text).has_value()) << text;
  }
}

TEST(ParseStatus, TakesThePrefixToo) {
  EXPECT_EQ(ParseStatus("0x800f081f"), 0x800F081Fu);
  EXPECT_EQ(ParseStatus("800F081F"), 0x800F081Fu);
  EXPECT_EQ(ParseStatus("0X0"), 0u);
  for (const char* text : {"", "0x", "0x0x1", "100000000", "S_OK"}) {
    EXPECT_FALSE(ParseStatus(text).has_value()) << text;
  }
}

TEST(FindKb, FindsTheFirstOfSixOrSevenDigits) {
  const struct {
    const char *text, *kb;
  } cases[] = {
      {"", ""},
      {"Cumulative Update (KB5072033) (26100.7462)", "KB5072033"},
      {"KB972636", "KB972636"},
      {"KB12345 KB12345678 KBs KB5020683", "KB5020683"},
      {"Package_for_KB5020683~31bf", "KB5020683"},
      {"Toplu G\u00fcncelle\u015ftirme (KB5072033)", "KB5072033"},
      {"kb890830", "KB890830"},
      {"XKB5072033", ""},
      {"KB 5072033", ""},
      {"KBKB5072033", ""},
      {"(KB(KB5072033", "KB5072033"},
      {"9WZDNCRFJBMP-Microsoft.WindowsStore", ""},
      {"KB", ""},
  };
  for (const auto& c : cases) EXPECT_EQ(FindKb(c.text), c.kb) << c.text;
}

}  // namespace
}  // namespace patchgate::text
