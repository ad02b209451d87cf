#include "servicing/text/csv.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "servicing/base/utf16.h"
#include "servicing/text/mutations.h"

namespace patchgate::text {
namespace {

using testing::HasSubstr;

// "1:a|b;3:c" of the records with the lines that they begin on; an error at the end as "!…".
std::string ReadAll(absl::string_view bytes) {
  CsvReader csv(bytes);
  std::vector<std::string> records, fields;
  for (;;) {
    const auto more = csv.Next(&fields);
    if (!more.ok()) {
      records.push_back(absl::StrCat("!", more.status().message()));
      EXPECT_FALSE(csv.Next(&fields).value_or(true)) << "nothing more after an error";
      break;
    }
    if (!*more) break;
    records.push_back(absl::StrCat(csv.line(), ":", absl::StrJoin(fields, "|")));
  }
  return absl::StrJoin(records, ";");
}

TEST(CsvReader, Cases) {
  struct Case {
    const char* name;
    std::string bytes;
    std::string records;
  };
  const Case kCases[] = {
      {"empty", "", ""},
      {"one record", "a,b", "1:a|b"},
      {"line ends", "a\nb\r\nc\n", "1:a;2:b;3:c"},
      {"empty lines", "\n\r\na\n\n\nb\n\n", "3:a;6:b"},
      {"empty fields", ",a,,\n,", "1:|a||;2:|"},
      {"quoted", "\"a,b\",\"c\"\n", "1:a,b|c"},
      {"quoted and CR LF", "\"a\"\r\n\"b\"\r\n", "1:a;2:b"},
      {"blanks before quotes", " \"a,b\", \t\"c\" , d\n",
       "!line 1: \" \" behind the end of a quoted field, where a comma belongs"},
      {"blanks before quotes, none behind", " \"a,b\", \t\"c\", d\n", "1:a,b|c| d"},
      {"quotes in quotes", "\"a \"\"b\"\" c\"", "1:a \"b\" c"},
      {"line end in quotes", "\"a\nb\",c\nd", "1:a\nb|c;3:d"},
      {"quote inside of a field", "5\" disk,b", "1:5\" disk|b"},
      {"byte order mark", "\xEF\xBB\xBF\"a\",b", "1:a|b"},
      {"UTF-16LE", Utf8ToUtf16Le("\xEF\xBB\xBF\"a\",\xC3\xA4\r\nb"), "1:a|\xC3\xA4;2:b"},
      {"not UTF-8", "a\xFF,b", "1:a\xEF\xBF\xBD|b"},
      {"CR alone", "a\rb", "1:a\rb"},
      {"quote at the end", "\"a\"\r", "1:a"},
      {"not closed", "x\n\"a,b\nc", "1:x;!line 2: a quoted field is not closed"},
      {"only a quote", "\"", "!line 1: a quoted field is not closed"},
      {"text behind quotes", "a\n\"b\"c,d",
       "1:a;!line 2: \"c\" behind the end of a quoted field, where a comma belongs"},
      {"NUL", std::string("a\nb\0c,d", 7), "1:a;!line 2: a NUL"},
      {"NUL in quotes", std::string("\"a\n\0\"", 5), "!line 2: a NUL"},
  };
  for (const Case& c : kCases) EXPECT_EQ(ReadAll(c.bytes), c.records) << c.name;
}

TEST(CsvReader, LargeFieldsAndManyFields) {
  const std::string large(3'000'000, 'x');
  EXPECT_EQ(ReadAll(absl::StrCat("\"", large, "\",b")).size(), large.size() + 4);
  EXPECT_THAT(ReadAll(absl::StrCat("\"", large)), HasSubstr("line 1: a quoted field"));
  EXPECT_EQ(ReadAll(std::string(kMostFields - 1, ',')).substr(0, 2), "1:");
  EXPECT_THAT(ReadAll(std::string(1'000'000, ',')), HasSubstr("line 1: more than 256 fields"));
}

TEST(CsvReader, Mutations) {
  const std::string seed =
      "File name,\"File, version\"\r\n\"a \"\"b\"\"\",10.0.1.2\r\n\nc,\"d\ne\"\n";
  const auto feed = [](absl::string_view bytes) {
    CsvReader csv(bytes);
    std::vector<std::string> fields;
    uint64_t last = 0;
    while (csv.Next(&fields).value_or(false)) {
      EXPECT_FALSE(fields.empty());
      EXPECT_GT(csv.line(), last);
      last = csv.line();
    }
  };
  ForEachMutation(seed, feed);
  ForEachMutation(Utf8ToUtf16Le(absl::StrCat("\xEF\xBB\xBF", seed)), feed);
}

}  // namespace
}  // namespace patchgate::text
