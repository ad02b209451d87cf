#include "servicing/base/utf16.h"

#include <string>

#include "gtest/gtest.h"

namespace patchgate {
namespace {

using namespace std::string_literals;

TEST(Utf16, ToUtf8) {
  const struct {
    const char* name;
    std::string bytes, text;
  } cases[] = {
      {"empty", "", ""},
      {"ASCII", "a\0b\0"s, "ab"},
      {"NUL is kept", "a\0\0\0b\0"s, "a\0b"s},
      {"Latin", "\xe4\0"s, "ä"},
      {"euro", "\xac\x20"s, "€"},
      {"surrogate pair", "\x3d\xd8\x00\xde"s, "\xF0\x9F\x98\x80"},
      {"high surrogate alone",
       "\x3d\xd8"
       "a\0"s,
       "\xEF\xBF\xBD"
       "a"},
      {"low surrogate alone", "\x00\xde"s, "\xEF\xBF\xBD"},
      {"high surrogate at the end", "\x3d\xd8"s, "\xEF\xBF\xBD"},
      {"odd byte", "a\0b"s, "a"},
  };
  for (const auto& c : cases) EXPECT_EQ(Utf16LeToUtf8(c.bytes), c.text) << c.name;
}

TEST(Utf16, FromUtf8) {
  EXPECT_EQ(Utf8ToUtf16Le("aä€"), "a\0\xe4\0\xac\x20"s);
  EXPECT_EQ(Utf8ToUtf16Le("\xF0\x9F\x98\x80"), "\x3d\xd8\x00\xde"s);
  for (const char* invalid :
       {"\x80", "\xC3", "\xC0\x80", "\xED\xA0\x80", "\xF5\x80\x80\x80", "\xE2\x82"}) {
    EXPECT_EQ(Utf8ToUtf16Le(invalid).substr(0, 2), "\xFD\xFF"s) << testing::PrintToString(invalid);
  }
}

TEST(Utf16, EveryCodePointRoundTrips) {
  for (char32_t c = 0; c <= 0x10FFFF; ++c) {
    if (c >= 0xD800 && c < 0xE000) continue;
    std::string utf8;
    AppendUtf8(c, &utf8);
    ASSERT_EQ(Utf16LeToUtf8(Utf8ToUtf16Le(utf8)), utf8) << static_cast<uint32_t>(c);
    size_t pos = 0;
    ASSERT_EQ(DecodeUtf8(utf8, &pos), c);
    ASSERT_EQ(pos, utf8.size());
  }
}

TEST(Utf16, ComparesNamesWithoutCase) {
  EXPECT_EQ(CompareNames("SetupExecute", "SETUPEXECUTE"), 0);
  EXPECT_EQ(CompareNames("é", "É"), 0);
  EXPECT_EQ(CompareNames("žluťoučký", "ŽLUŤOUČKÝ"), 0);
  EXPECT_EQ(CompareNames("привет", "ПРИВЕТ"), 0);
  EXPECT_LT(CompareNames("a", "ab"), 0);
  EXPECT_GT(CompareNames("b", "AB"), 0);
  EXPECT_LT(CompareNames("A", "_"), 0);  // 'A' < '_' < 'a': upper case decides.
  EXPECT_LT(CompareNames("a", "_"), 0);
  EXPECT_FALSE(NamesEqual("ß", "SS"));
  EXPECT_FALSE(NamesEqual("x", "÷"));
  EXPECT_EQ(UpcaseUtf8("aÿ÷ż"), "AŸ÷Ż");
}

}  // namespace
}  // namespace patchgate
