#include "servicing/text/lines.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "servicing/base/utf16.h"

namespace patchgate::text {
namespace {

using namespace std::string_literals;

std::vector<std::string> All(absl::string_view bytes) {
  std::vector<std::string> all;
  Lines lines(bytes);
  for (absl::string_view line; lines.Next(&line);) all.emplace_back(line);
  EXPECT_EQ(lines.count(), all.size());
  return all;
}

using List = std::vector<std::string>;

TEST(Lines, EndsAndMarks) {
  const struct {
    const char* name;
    std::string bytes;
    List lines;
  } cases[] = {
      {"nothing", "", {}},
      {"only a mark", "\xEF\xBB\xBF", {}},
      {"one, with an end", "a\n", {"a"}},
      {"one, without", "a", {"a"}},
      {"CR LF", "a\r\nb\r\n", {"a", "b"}},
      {"empty lines", "\n\r\n\na", {"", "", "", "a"}},
      {"CR inside", "a\rb\r\r\n", {"a\rb\r"}},
      {"mark",
       "\xEF\xBB\xBF"
       "a\n",
       {"a"}},
      {"NULs", "a\0b\n\0\0"s, {"a\0b"s, "\0\0"s}},
      {"not UTF-8", "\xE9\n\xFF", {"\xE9", "\xFF"}},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(All(c.bytes), c.lines) << c.name;
    // The same text in UTF-16LE, with a mark, gives the same lines.
    if (CleanUtf8(c.bytes) != c.bytes) continue;
    std::string text = c.bytes;
    if (text.substr(0, 3) == "\xEF\xBB\xBF") text.erase(0, 3);
    EXPECT_EQ(All("\xFF\xFE" + Utf8ToUtf16Le(text)), c.lines) << c.name;
  }
}

TEST(Lines, Utf16) {
  EXPECT_EQ(All(Utf8ToUtf16Le("{a}\r\nb")), (List{"{a}", "b"})) << "without a mark";
  EXPECT_EQ(All("\xFF\xFE"), List());
  EXPECT_EQ(All("\xFF\xFE"
                "a\0\n"s),
            (List{"a"}))
      << "an odd last byte is no character";
  // U+0A0D and U+010A hold the byte of a line feed, and are none.
  EXPECT_EQ(All("\xFF\xFE\x0D\x0A\x0A\x01\x41\x00\x0A\x00\x42\x00"s), (List{"\u0A0D\u010A"
                                                                            "A",
                                                                            "B"}));
  EXPECT_EQ(All("\xFF\xFE\x00\xD8\x0A\x00"s), (List{"\uFFFD"}));
}

TEST(Lines, NoLineIsLongerThanTheLimit) {
  const std::string text = absl::StrCat(std::string(3'000'000, 'x'), "\nshort");
  EXPECT_EQ(All(text), (List{std::string(Lines::kLongest, 'x'), "short"}));
  EXPECT_EQ(All(Utf8ToUtf16Le(text)), (List{std::string(Lines::kLongest / 2, 'x'), "short"}));
}

}  // namespace
}  // namespace patchgate::text
