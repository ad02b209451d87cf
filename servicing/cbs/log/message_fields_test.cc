#include "servicing/cbs/log/message_fields.h"

#include <string>

#include "gtest/gtest.h"

namespace patchgate::cbs {
namespace {

TEST(MessageFieldsTest, ParseHex32) {
  const struct {
    const char* text;
    absl::optional<uint32_t> exact, any_width;
  } kCases[] = {
      {"0x80070bc2", 0x80070bc2, 0x80070bc2},
      {"0x80070BC2 - NAME", 0x80070bc2, 0x80070bc2},
      {"0x0", absl::nullopt, 0u},
      {"0x8007", absl::nullopt, 0x8007u},
      {"0x800700000", absl::nullopt, absl::nullopt},
      {"0x", absl::nullopt, absl::nullopt},
      {"80070bc2", absl::nullopt, absl::nullopt},
      {"", absl::nullopt, absl::nullopt},
  };
  for (const auto& c : kCases) {
    EXPECT_EQ(ParseHex32(c.text), c.exact) << c.text;
    EXPECT_EQ(ParseHex32(c.text, true), c.any_width) << c.text;
  }
}

TEST(MessageFieldsTest, ResultOf) {
  EXPECT_EQ(ResultOf("a [HRESULT = 0x800f0922 - CBS_E_INSTALLERS_FAILED]"), 0x800f0922);
  EXPECT_EQ(ResultOf("a [HRESULT = 0x800f0922]"), 0x800f0922);
  EXPECT_EQ(ResultOf("[HRESULT = 0x00000001 - X] b [HRESULT = 0x800f0922 - Y] "), 0x800f0922);
  EXPECT_FALSE(ResultOf("a [HRESULT = 0x800f0922 - X] b").has_value());
  EXPECT_FALSE(ResultOf("a [HRESULT = 0x800f09").has_value());
  EXPECT_FALSE(ResultOf("a[gle=0x80004005]").has_value());
  EXPECT_EQ(ResultOrGleOf("a[gle=0x80004005]"), 0x80004005);
  EXPECT_EQ(WithoutResult(" a b  [HRESULT = 0x800f0922 - X] "), "a b");
  EXPECT_EQ(WithoutResult("a [x]"), "a [x]");
}

TEST(MessageFieldsTest, FieldOf) {
  const char* const text = "Session: 1_2, Package: P~1, Identifier: KB1 [HRESULT = 0x00000000 - X]";
  EXPECT_EQ(FieldOf(text, "Session: "), "1_2");
  EXPECT_EQ(FieldOf(text, "Package: "), "P~1");
  EXPECT_EQ(FieldOf(text, "Identifier: "), "KB1");
  EXPECT_FALSE(FieldOf(text, "Client: ").has_value());
  EXPECT_EQ(FieldOf("Session: ", "Session: "), absl::nullopt);  // Its blank is the message's end.
}

TEST(MessageFieldsTest, ParseDecimal) {
  EXPECT_EQ(ParseDecimal("\t10"), 10u);
  EXPECT_EQ(ParseDecimal("5 x"), 5u);
  EXPECT_EQ(ParseDecimal(""), absl::nullopt);
  EXPECT_EQ(ParseDecimal("-1"), absl::nullopt);
  EXPECT_EQ(ParseDecimal("4294967296"), absl::nullopt);
}

TEST(MessageFieldsTest, CsiStringOf) {
  EXPECT_EQ(CsiStringOf("file [l:13 ml:14]'ttdrecord.dll' of"), "ttdrecord.dll");
  EXPECT_EQ(CsiStringOf("[l:26{13}]\"ttdrecord.dll\""), "ttdrecord.dll");
  EXPECT_EQ(CsiStringOf("[ml:26{13},l:24{12}]\"SetupExecute\""), "SetupExecute");
  EXPECT_EQ(CsiStringOf("[26]\"x\" [l:1]'y'"), "y");
  EXPECT_EQ(CsiStringOf("pkt {l:8 b:31bf} [l:1]'y'"), "y");
  EXPECT_EQ(CsiStringOf("[l:99]''"), "");
  for (const char* bad : {"", "x", "[l:", "[l:1]", "[l:1]'x", "[l:1]x", "[l:1 'x'"}) {
    EXPECT_FALSE(CsiStringOf(bad).has_value()) << bad;
  }
}

TEST(MessageFieldsTest, Clean) {
  EXPECT_EQ(Clean("a\xFF"), "a\xEF\xBF\xBD");
  EXPECT_EQ(Clean("\xC3\xA4\xC3\xA4", 3), "\xC3\xA4");
  EXPECT_EQ(Clean(std::string(600, 'x')).size(), 512u);
}

}  // namespace
}  // namespace patchgate::cbs
