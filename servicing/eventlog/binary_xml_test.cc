#include "servicing/eventlog/binary_xml.h"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "servicing/base/little_endian.h"
#include "servicing/base/utf16.h"
#include "servicing/eventlog/format.h"

namespace patchgate::eventlog {
namespace {

using testing::HasSubstr;

// Writes what it is told as text: <a b=[c]>[d]</a>.
class Printer : public XmlHandler {
 public:
  explicit Printer(int stop_after = -1) : stop_after_(stop_after) {}

  void OnElement(Name name) override {
    names_.push_back(Utf16LeToUtf8(name.utf16));
    absl::StrAppend(&text, "<", names_.back());
  }
  void OnAttribute(Name name) override {
    absl::StrAppend(&text, " ", Utf16LeToUtf8(name.utf16), "=");
  }
  void OnContent() override { text += ">"; }
  void OnValue(Value value) override { absl::StrAppend(&text, "[", ToText(value), "]"); }
  bool OnEnd() override {
    absl::StrAppend(&text, "</", names_.back(), ">");
    names_.pop_back();
    return --stop_after_ != 0;
  }

  std::string text;

 private:
  std::vector<std::string> names_;
  int stop_after_;
};

// Assembles binary XML in a chunk of its own. Every name is written where it is used first.
class Assembler {
 public:
  Assembler() : bytes(chunk::kRecords, '\0') {}

  Assembler& Byte(int byte) {
    bytes.push_back(static_cast<char>(byte));
    return *this;
  }
  Assembler& Word(uint32_t v) {
    Byte(v & 0xFF);
    return Byte(v >> 8 & 0xFF);
  }
  Assembler& Long(uint32_t v) {
    Word(v & 0xFFFF);
    return Word(v >> 16);
  }
  Assembler& Text(absl::string_view utf8) {
    bytes += Utf8ToUtf16Le(utf8);
    return *this;
  }
  Assembler& NameHere(absl::string_view name) {
    Long(static_cast<uint32_t>(bytes.size() + 4));
    Long(0).Word(0).Word(static_cast<uint32_t>(name.size()));
    return Text(name).Word(0);
  }
  // <name>, its end tag included in the size only as far as `size` says.
  Assembler& Element(absl::string_view name, bool in_template, uint32_t size = 0) {
    Byte(token::kOpenStart);
    if (in_template) Word(0xFFFF);
    return Long(size).NameHere(name);
  }
  Assembler& ElementWithAttribute(absl::string_view name, absl::string_view attribute) {
    Byte(token::kOpenStart | token::kMore).Long(0).NameHere(name).Long(0);
    return Byte(token::kAttribute).NameHere(attribute);
  }
  Assembler& Literal(absl::string_view utf8) {
    return Byte(token::kValue).Byte(kString).Word(static_cast<uint32_t>(utf8.size())).Text(utf8);
  }
  Assembler& Content() { return Byte(token::kCloseStart); }
  Assembler& End() { return Byte(token::kEndElement); }
  // Begins a template instance with its definition; EndDefinition must follow.
  Assembler& Definition(uint32_t id) {
    Byte(token::kTemplateInstance).Byte(1).Long(id);
    definition_ = bytes.size() + 4;
    Long(static_cast<uint32_t>(definition_)).Long(0).Long(id).Long(0).Long(0).Long(0);
    return Long(0);
  }
  Assembler& EndDefinition() {
    Byte(token::kEnd);
    StoreLe32(&bytes[definition_ + definition::kXmlSize],
              static_cast<uint32_t>(bytes.size() - definition_ - definition::kXml));
    return *this;
  }
  Assembler& Instance(uint32_t id, size_t definition) {
    return Byte(token::kTemplateInstance).Byte(1).Long(id).Long(static_cast<uint32_t>(definition));
  }
  // Type and bytes of each value.
  Assembler& Values(const std::vector<std::pair<uint8_t, std::string>>& values) {
    Long(static_cast<uint32_t>(values.size()));
    for (const auto& [type, data] : values) {
      Word(static_cast<uint32_t>(data.size())).Byte(type).Byte(0);
    }
    for (const auto& [type, data] : values) bytes += data;
    return *this;
  }
  Assembler& Substitution(uint32_t index) {
    return Byte(token::kSubstitution).Word(index).Byte(kString);
  }

  size_t definition() const { return definition_; }

  std::string bytes;

 private:
  size_t definition_ = 0;
};

constexpr Budget kEnough = 1 << 20;

struct Walked {
  std::string text;
  absl::Status status;
  Budget left = 0;
};

Walked Walk(const std::string& bytes, Budget budget = kEnough, int stop_after = -1) {
  Walked walked;
  Printer printer(stop_after);
  BinaryXmlWalker walker;
  walked.left = budget;
  walked.status = walker.Walk(bytes, chunk::kRecords, bytes.size(), &printer, &walked.left);
  walked.text = printer.text;
  return walked;
}

std::string Utf16(absl::string_view utf8) { return Utf8ToUtf16Le(utf8); }

struct Case {
  const char* name;
  Assembler xml;
  const char* text;
};

TEST(BinaryXmlTest, WhatItReads) {
  const Case cases[] = {
      {"element", Assembler().Element("a", false).Content().Literal("b").End(), "<a>[b]</a>"},
      {"empty element", Assembler().Element("a", false).Byte(token::kCloseEmpty), "<a</a>"},
      {"attribute",
       Assembler().ElementWithAttribute("a", "n").Literal("v").Content().Literal("b").End(),
       "<a n=[v]>[b]</a>"},
      {"nested",
       Assembler().Element("a", false).Content().Element("b", false).Content().End().End(),
       "<a><b></b></a>"},
      {"fragment header and end",
       Assembler().Long(0x0001010F).Element("a", false).Content().End().Byte(0).Byte(0x77),
       "<a></a>"},
      {"CDATA",
       Assembler().Element("a", false).Content().Byte(token::kCdata).Word(1).Text("<").End(),
       "<a>[<]</a>"},
      {"character reference",
       Assembler().Element("a", false).Content().Byte(token::kCharacter).Word(0x3a9).End(),
       "<a>[\u03a9]</a>"},
      {"entities",
       Assembler()
           .Element("a", false)
           .Content()
           .Byte(token::kEntity)
           .NameHere("amp")
           .Byte(token::kEntity)
           .NameHere("lt")
           .Byte(token::kEntity)
           .NameHere("other")
           .End(),
       "<a>[&][<][]</a>"},
      {"processing instruction",
       Assembler()
           .Byte(token::kInstructionTarget)
           .NameHere("pi")
           .Byte(token::kInstructionData)
           .Word(1)
           .Text("x")
           .Element("a", false)
           .Content()
           .End(),
       "<a></a>"},
      {"literal number",
       Assembler().Element("a", false).Content().Byte(token::kValue).Byte(kUint16).Word(7).End(),
       "<a>[7]</a>"},
      {"dependency id where none is expected",
       Assembler().Element("a", true).Content().Literal("b").End(), "<a>[b]</a>"},
      {"template",
       Assembler()
           .Definition(9)
           .Element("a", true)
           .Content()
           .Substitution(1)
           .Substitution(0)
           .End()
           .EndDefinition()
           .Values({{kString, Utf16("x")}, {kUint8, "\x05"}}),
       "<a>[5][x]</a>"},
      {"binary XML as a value",
       Assembler()
           .Definition(9)
           .Element("a", true)
           .Content()
           .Substitution(0)
           .End()
           .EndDefinition()
           .Values({{kBinaryXml, std::string("\x0f\x01\x01\x00\x00", 5)}}),
       "<a></a>"},
  };
  for (const Case& c : cases) {
    const Walked walked = Walk(c.xml.bytes);
    EXPECT_TRUE(walked.status.ok()) << c.name << ": " << walked.status;
    EXPECT_EQ(walked.text, c.text) << c.name;
    EXPECT_LT(walked.left, kEnough) << c.name;
  }
}

TEST(BinaryXmlTest, NamesAndTemplatesAreFoundWhereTheyWereUsedFirst) {
  Assembler xml;
  xml.Definition(9).Element("a", true).Content().Substitution(0).End().EndDefinition();
  xml.Values({{kString, Utf16("1")}});
  const size_t name = xml.definition() + definition::kXml + 11;
  xml.Byte(token::kOpenStart).Long(0).Long(static_cast<uint32_t>(name)).Content().End();
  xml.Instance(9, xml.definition()).Values({{kString, Utf16("2")}});
  const Walked walked = Walk(xml.bytes);
  EXPECT_TRUE(walked.status.ok()) << walked.status;
  EXPECT_EQ(walked.text, "<a>[1]</a><a></a><a>[2]</a>");
}

TEST(BinaryXmlTest, StopsWhenTheHandlerHasEnough) {
  Assembler xml;
  for (int i = 0; i < 3; ++i) xml.Element("a", false).Content().End();
  xml.Byte(0x77);
  const Walked walked = Walk(xml.bytes, kEnough, 2);
  EXPECT_TRUE(walked.status.ok()) << walked.status;
  EXPECT_EQ(walked.text, "<a></a><a></a>");
}

struct DamageCase {
  const char* name;
  Assembler xml;
  const char* error;
};

TEST(BinaryXmlTest, WhatItRefuses) {
  const auto too_deep = [] {
    Assembler xml;
    for (int i = 0; i <= BinaryXmlWalker::kMaxElements; ++i) xml.Element("a", false).Content();
    return xml;
  };
  const DamageCase cases[] = {
      {"unknown token", Assembler().Byte(0x77), "0x200: token 0x77 is unknown"},
      {"cut fragment header", Assembler().Byte(token::kFragment), "fragment header at 0x200"},
      {"element without an end", Assembler().Element("a", false).Content(), "ends inside"},
      {"end without an element", Assembler().End(), "end of element at 0x200"},
      {"end tag inside a start tag", Assembler().Element("a", false).End(), "end of element"},
      {"element inside a start tag",
       Assembler().Element("a", false).Element("b", false).Content().End(), "inside a start tag"},
      {"attribute outside a start tag", Assembler().Byte(token::kAttribute).NameHere("a"),
       "attribute at 0x200"},
      {"start tag ends twice", Assembler().Element("a", false).Content().Content(),
       "end of start tag"},
      {"element larger than what holds it", Assembler().Element("a", false, 0xFFFF).Content().End(),
       "element at 0x200"},
      {"name outside the chunk",
       Assembler().Byte(token::kOpenStart).Long(0).Long(0x10000).Content().End(),
       "offset 0x10000 lies outside"},
      {"name in the chunk header",
       Assembler().Byte(token::kOpenStart).Long(0).Long(0x10).Content().End(),
       "offset 0x10 lies outside"},
      {"name longer than the chunk",
       Assembler().Byte(token::kEntity).Long(0x205).Long(0).Word(0).Word(0xFFFF).Long(0),
       "131070 bytes of text"},
      {"text longer than what holds it",
       Assembler().Element("a", false).Content().Byte(token::kValue).Byte(kString).Word(99).End(),
       "size 0xc6 exceeds"},
      {"literal of a type without a size",
       Assembler().Element("a", false).Content().Byte(token::kValue).Byte(kSid).Long(0),
       "type 0x13 cannot be a literal"},
      {"substitution outside a template", Assembler().Substitution(0), "value 0 of 0"},
      {"substitution beyond the values",
       Assembler().Definition(9).Substitution(3).EndDefinition().Values({{kNull, ""}}),
       "value 3 of 1"},
      {"definition outside the chunk", Assembler().Instance(9, 0x8000).Long(0),
       "definition at 0x8000 lies outside"},
      {"definition with another id",
       Assembler().Definition(9).EndDefinition().Values({}).Instance(8, 0x20a).Values({}),
       "has id 0x00000009, expected 0x00000008"},
      {"more values than the record holds",
       Assembler().Definition(9).EndDefinition().Long(0x40000000), "count 1073741824 exceeds"},
      {"value longer than the record",
       Assembler().Definition(9).EndDefinition().Long(1).Word(5).Word(0), "size 0x5 exceeds"},
      {"template instance in a definition",
       Assembler().Definition(9).Instance(9, 0x20a).EndDefinition().Values({}),
       "inside a template's definition"},
      {"elements nested too deeply", too_deep(), "nested too deeply"},
  };
  for (const DamageCase& c : cases) {
    const Walked walked = Walk(c.xml.bytes);
    EXPECT_EQ(walked.status.code(), absl::StatusCode::kDataLoss) << c.name;
    EXPECT_THAT(std::string(walked.status.message()), HasSubstr(c.error)) << c.name;
  }
}

TEST(BinaryXmlTest, EveryLengthOfARecord) {
  Assembler xml;
  xml.Definition(9).Element("a", true).Content().Substitution(0).End().EndDefinition();
  xml.Values({{kString, Utf16("1")}}).ElementWithAttribute("b", "c").Literal("d").Content().End();
  ASSERT_TRUE(Walk(xml.bytes).status.ok());
  // Exact copies, so that a read beyond the end is one beyond the allocation.
  for (size_t size = chunk::kRecords; size < xml.bytes.size(); ++size) {
    const std::string cut = xml.bytes.substr(0, size);
    EXPECT_LE(Walk(cut).left, kEnough);
  }
}

// A value of binary XML that is substituted eight times, holding such a value itself: each level
// makes the work eight times as much, and costs a few dozen bytes.
TEST(BinaryXmlTest, ATemplateBombEndsWithTheBudget) {
  Assembler xml;
  xml.Definition(9);
  for (int i = 0; i < 8; ++i) xml.Substitution(0);
  xml.EndDefinition();
  std::string inner;
  for (int level = 0; level < 2; ++level) {
    Assembler instance;
    instance.bytes.clear();
    instance.Instance(9, xml.definition()).Values({{kBinaryXml, inner}});
    inner = instance.bytes;
  }
  xml.Values({{kBinaryXml, inner}});
  const size_t size = xml.bytes.size() - chunk::kRecords;
  const Walked whole = Walk(xml.bytes);
  EXPECT_TRUE(whole.status.ok()) << whole.status;
  EXPECT_GT(kEnough - whole.left, 10 * size);

  const Walked stopped = Walk(xml.bytes, 10 * size);
  EXPECT_EQ(stopped.status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(stopped.left, 0u);
}

TEST(BinaryXmlTest, FragmentsNestedTooDeeply) {
  Assembler xml;
  xml.Definition(9).Substitution(0).EndDefinition();
  std::string inner;
  for (int level = 0; level < BinaryXmlWalker::kMaxFragments; ++level) {
    Assembler instance;
    instance.bytes.clear();
    instance.Instance(9, xml.definition()).Values({{kBinaryXml, inner}});
    inner = instance.bytes;
  }
  xml.Values({{kBinaryXml, inner}});
  EXPECT_THAT(std::string(Walk(xml.bytes).status.message()), HasSubstr("nested too deeply"));
}

TEST(BinaryXmlTest, LongNamesCostTheirLengthEachTime) {
  Assembler xml;
  xml.Element(std::string(20'000, 'n'), false).Content().End();
  const size_t name = chunk::kRecords + 9;
  for (int i = 0; i < 100; ++i) {
    xml.Byte(token::kOpenStart).Long(0).Long(static_cast<uint32_t>(name)).Content().End();
  }
  EXPECT_EQ(Walk(xml.bytes).status.code(), absl::StatusCode::kResourceExhausted);
}

}  // namespace
}  // namespace patchgate::eventlog
