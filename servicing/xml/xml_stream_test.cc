#include "servicing/xml/xml_stream.h"

#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace patchgate::xml {
namespace {

class Recorder : public Handler {
 public:
  explicit Recorder(int stop_after = 1 << 30) : left_(stop_after) {}
  bool OnStart(absl::string_view element, const std::vector<Attribute>& attributes) override {
    absl::StrAppend(&seen, "<", element);
    for (const Attribute& a : attributes) absl::StrAppend(&seen, " ", a.name, "=", a.value);
    absl::StrAppend(&seen, ">");
    return --left_ > 0;
  }
  bool OnEnd(absl::string_view element) override {
    absl::StrAppend(&seen, "</", element, ">");
    return true;
  }
  std::string seen;

 private:
  int left_;
};

TEST(XmlStream, Events) {
  Recorder r;
  EXPECT_TRUE(Parse("\xEF\xBB\xBF<a x='1' y='&amp;'><b/>text</a>", &r).ok());
  EXPECT_EQ(r.seen, "<a x=1 y=&><b></b></a>");
}

class TextRecorder : public Recorder {
 public:
  using Recorder::Recorder;
  void OnText(absl::string_view text) override { absl::StrAppend(&seen, text); }
  bool wants_text() const override { return true; }
};

TEST(XmlStream, TextForWhoWantsIt) {
  const struct {
    const char* name;
    std::string xml;
    std::string seen;
  } cases[] = {
      {"between tags", "<a>one<b> two </b>\nthree</a>", "<a>one<b> two </b>\nthree</a>"},
      {"entities", "<a>&lt;&#x41;&amp;</a>", "<a><A&</a>"},
      {"CDATA", "<a><![CDATA[<b>]]></a>", "<a><b></a>"},
      {"no comment", "<a>x<!-- y -->z</a>", "<a>xz</a>"},
      {"UTF-16", std::string("\xFF\xFE<\0a\0>\0\xE4\0<\0/\0a\0>\0", 18), "<a>\xC3\xA4</a>"},
      {"larger than a piece", absl::StrCat("<a>", std::string(200'000, 'x'), "</a>"),
       absl::StrCat("<a>", std::string(200'000, 'x'), "</a>")},
  };
  for (const auto& c : cases) {
    TextRecorder r;
    EXPECT_TRUE(Parse(c.xml, &r).ok()) << c.name;
    EXPECT_EQ(r.seen, c.seen) << c.name;
  }
  TextRecorder stopped(1);
  EXPECT_TRUE(Parse("<a>text", &stopped).ok());
  EXPECT_EQ(stopped.seen, "<a>");
}

TEST(XmlStream, StopsWhenAsked) {
  Recorder r(1);
  EXPECT_TRUE(Parse("<a><b/><broken", &r).ok()) << "what follows is not looked at";
  EXPECT_EQ(r.seen, "<a>");
}

TEST(XmlStream, RefusesAndSaysWhere) {
  const struct {
    const char* name;
    std::string xml;
    const char* message;
  } cases[] = {
      {"empty", "", "line 1, byte 0: no element found"},
      {"cut off", "<a>\n<b", "line 2"},
      {"mismatched", "<a></b>", "mismatched tag"},
      {"document type", "<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>", "document type declaration"},
  };
  for (const auto& c : cases) {
    Recorder r;
    const absl::Status status = Parse(c.xml, &r);
    EXPECT_FALSE(status.ok()) << c.name;
    EXPECT_TRUE(absl::StrContains(status.message(), c.message)) << c.name << ": " << status;
  }
  std::string deep;
  for (int i = 0; i <= kMaxDepth; ++i) deep += "<a>";
  Recorder r;
  EXPECT_TRUE(absl::StrContains(Parse(deep, &r).message(), "nested deeper than 128"));
}

TEST(XmlStream, RefusesATokenWithoutEnd) {
  const std::string megabytes(3 << 20, 'x');
  for (const std::string& xml :
       {"<a><b c='" + megabytes + "'/></a>", "<a><!--" + megabytes + "--></a>",
        "<a>" + megabytes + "<" + megabytes + "/></a>"}) {
    Recorder r;
    const absl::Status status = Parse(xml, &r);
    EXPECT_TRUE(absl::StrContains(status.message(), "a single token is longer")) << status;
    EXPECT_EQ(r.seen, "<a>");
  }
  // Text is no single token, and half a megabyte is still a tag.
  Recorder r;
  EXPECT_TRUE(Parse("<a>" + megabytes + "<b c='" + std::string(500'000, 'x') + "'/></a>", &r).ok());
}

TEST(XmlStream, LargerThanOnePiece) {
  std::string xml = "<a>";
  for (int i = 0; i < 20'000; ++i) absl::StrAppend(&xml, "<b i='", i, "'/>");
  xml += "</a>";
  Recorder r;
  ASSERT_TRUE(Parse(xml, &r).ok());
  EXPECT_TRUE(absl::EndsWith(r.seen, "<b i=19999></b></a>"));
}

}  // namespace
}  // namespace patchgate::xml
