#include "servicing/pe/image.h"

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "servicing/base/little_endian.h"
#include "servicing/pe/format.h"
#include "servicing/pe/pe_builder.h"

namespace patchgate::pe {
namespace {

using testing::HasSubstr;

constexpr absl::StatusCode kDataLoss = absl::StatusCode::kDataLoss;
constexpr absl::StatusCode kInvalidArgument = absl::StatusCode::kInvalidArgument;

PeBuilder WithResource(PeBuilder::Options options = {}) {
  PeBuilder builder(options);
  builder.AddResource(10, 1, 0x409, "resource data");
  return builder;
}

TEST(ImageTest, Headers) {
  struct Case {
    const char* name;
    uint16_t machine;
    bool is_pe32_plus;
    uint64_t image_base;
  };
  for (const Case& c :
       {Case{"x64", kMachineAmd64, true, 0x180000000}, Case{"x86", kMachineI386, false, 0x10000000},
        Case{"ARM64", kMachineArm64, true, 0x180000000}}) {
    SCOPED_TRACE(c.name);
    PeBuilder::Options options;
    options.machine = c.machine;
    options.subsystem = 1;
    options.timestamp = 0x5F000001;
    const std::string bytes = WithResource(options).Build();
    const auto image = Image::Parse(bytes);
    ASSERT_TRUE(image.ok()) << image.status();
    const Header& header = image->header();
    EXPECT_EQ(header.machine, c.machine);
    EXPECT_EQ(header.is_pe32_plus, c.is_pe32_plus);
    EXPECT_EQ(header.image_base, c.image_base);
    EXPECT_EQ(header.subsystem, 1);
    EXPECT_EQ(header.timestamp, 0x5F000001u);
    EXPECT_EQ(header.section_alignment, 0x1000u);
    EXPECT_EQ(header.file_alignment, 0x200u);
    EXPECT_EQ(header.image_size, 0x3000u);
    EXPECT_EQ(header.headers_size, 0x200u);
    ASSERT_EQ(image->sections().size(), 2u);
    const Section& rsrc = image->sections()[1];
    EXPECT_EQ(rsrc.name, ".rsrc");
    EXPECT_EQ(rsrc.rva, PeBuilder::kResourceRva);
    EXPECT_EQ(rsrc.raw_offset, PeBuilder::kResourceOffset);
    EXPECT_EQ(image->directory(Directory::kResources).address, PeBuilder::kResourceRva);
    EXPECT_EQ(image->directory(Directory::kResources).size, rsrc.virtual_size);
    EXPECT_EQ(image->directory(Directory::kCertificates).address, 0u);
    EXPECT_EQ(image->directory(static_cast<Directory>(99)).address, 0u);
  }
}

TEST(ImageTest, BytesAtAnAddress) {
  const std::string bytes = WithResource().Build();
  const auto image = Image::Parse(bytes);
  ASSERT_TRUE(image.ok()) << image.status();
  const auto text = image->BytesAt(PeBuilder::kTextRva, 1);
  ASSERT_TRUE(text.ok()) << text.status();
  EXPECT_EQ(*text, "\xC3");
  EXPECT_EQ(image->FileOffset(*text), PeBuilder::kTextOffset);
  const uint32_t size = image->sections()[1].virtual_size;
  const auto rsrc = image->BytesFrom(PeBuilder::kResourceRva);
  ASSERT_TRUE(rsrc.ok()) << rsrc.status();
  EXPECT_EQ(rsrc->size(), size);
  EXPECT_EQ(image->BytesAt(PeBuilder::kResourceRva + 1, size - 1).value(), rsrc->substr(1));
  EXPECT_EQ(image->BytesAt(PeBuilder::kResourceRva, 0).value(), "");

  struct Case {
    const char* name;
    uint32_t rva, size;
    const char* message;
  };
  for (const Case& c : {
           Case{"headers", 0, 1, "RVA 0x0: in no section"},
           Case{"between sections", 0x1001, 1, "RVA 0x1001: in no section"},
           Case{"after all", 0x3000, 1, "RVA 0x3000: in no section"},
           Case{"largest", 0xFFFFFFFF, 0xFFFFFFFF, "RVA 0xffffffff: in no section"},
           Case{"beyond the section", PeBuilder::kTextRva, 2,
                "0x2 bytes, but the file has only 0x1"},
       }) {
    SCOPED_TRACE(c.name);
    const auto found = image->BytesAt(c.rva, c.size);
    EXPECT_EQ(found.status().code(), kDataLoss);
    EXPECT_THAT(found.status().message(), HasSubstr(c.message));
  }
}

// A field of a sound image overwritten; what Parse says, and if it says nothing, BytesAt(.rsrc).
TEST(ImageTest, Damage) {
  const PeBuilder builder = WithResource();
  const std::string sound = builder.Build();
  const size_t file_header = PeBuilder::kPeOffset + kPeSignatureSize;
  const size_t optional = builder.optional_header_offset();
  const size_t text = builder.section_header_offset(0), rsrc = builder.section_header_offset(1);

  struct Case {
    const char* name;
    std::function<void(std::string*)> damage;
    absl::StatusCode code;
    const char* message;
  };
  const auto set16 = [](size_t at, uint16_t v) {
    return [=](std::string* s) { StoreLe16(&(*s)[at], v); };
  };
  const auto set32 = [](size_t at, uint32_t v) {
    return [=](std::string* s) { StoreLe32(&(*s)[at], v); };
  };
  const auto cut = [](size_t size) { return [=](std::string* s) { s->resize(size); }; };
  const Case kCases[] = {
      {"empty", cut(0), kInvalidArgument, "no PE image: 0 bytes"},
      {"other signature", set16(0, 0x4B50), kInvalidArgument, "do not begin with MZ"},
      {"MS-DOS header cut off", cut(63), kDataLoss, "cut off after 63 of 64 bytes"},
      {"MS-DOS program", set32(PeBuilder::kPeOffset, 0x454E), kInvalidArgument,
       "signature 0x0000454e at 0x80"},
      {"PE offset beyond the file", set32(dos::kPeOffset, 0xFFFFFFFF), kDataLoss,
       "PE header at 0xffffffff"},
      {"PE offset at the last bytes",
       set32(dos::kPeOffset, static_cast<uint32_t>(sound.size()) - 23), kDataLoss,
       "PE header at 0x5e9"},
      {"no optional header", set16(file_header + coff::kOptionalHeaderSize, 0), kInvalidArgument,
       "optional header at 0x98 of 0 bytes with magic 0x0"},
      {"ROM image", set16(optional, 0x107), kInvalidArgument, "magic 0x107"},
      {"optional header too small", set16(file_header + coff::kOptionalHeaderSize, 111), kDataLoss,
       "111 bytes, at least 112 expected"},
      {"optional header cut off", cut(optional + 239), kDataLoss,
       "optional header at 0x98: 240 bytes, but the file ends at 0x187"},
      {"directories beyond the header", set16(file_header + coff::kOptionalHeaderSize, 239),
       kDataLoss, "16 data directories do not fit into 239 bytes"},
      {"section table cut off", cut(rsrc + section::kSize - 1), kDataLoss,
       "section table at 0x188: 2 sections, but the file ends at 0x1d7"},
      {"too many sections", set16(file_header + coff::kSectionCount, 0xFFFF), kDataLoss,
       "section table at 0x188: 65535 sections"},
      {"sections overlap", set32(rsrc + section::kRva, PeBuilder::kTextRva), kDataLoss,
       "RVA 0x1000, but the section before it ends at RVA 0x1001"},
      {"section ends beyond 4 GB", set32(text + section::kVirtualSize, 0xFFFFFFFF), kDataLoss,
       "RVA 0x2000, but the section before it ends at RVA 0x100000fff"},
      {"raw data beyond the file", set32(rsrc + section::kRawOffset, 0x600), kDataLoss,
       "section header at 0x1b0: raw data at 0x600"},
      {"raw data far beyond the file", set32(rsrc + section::kRawOffset, 0xFFFFFE00), kDataLoss,
       "raw data at 0xfffffe00"},
      {"raw data not aligned", set32(rsrc + section::kRawOffset, 0x401), kDataLoss,
       "raw data at 0x401, which is no multiple of the file alignment 0x200"},
      {"not in the file", set32(rsrc + section::kRawSize, 0), kDataLoss,
       "0x0 bytes into section .rsrc (header at 0x1b0), of which the file has 0x0"},
  };
  for (const Case& c : kCases) {
    SCOPED_TRACE(c.name);
    std::string bytes = sound;
    c.damage(&bytes);
    const auto image = Image::Parse(bytes);
    const absl::Status status =
        image.ok() ? image->BytesAt(PeBuilder::kResourceRva, 1).status() : image.status();
    EXPECT_EQ(status.code(), c.code);
    EXPECT_THAT(status.message(), HasSubstr(c.message));
  }
}

// Strange, but without effect on what is read.
TEST(ImageTest, Tolerated) {
  const PeBuilder builder = WithResource();
  const size_t optional = builder.optional_header_offset();
  struct Case {
    const char* name;
    size_t at;
    uint32_t value;
  };
  for (const Case& c : {
           Case{"more directories than there are kinds", optional + pe32_plus::kDirectoryCount, 99},
           Case{"virtual size 0", builder.section_header_offset(1) + section::kVirtualSize, 0},
           Case{"a section of no bytes", builder.section_header_offset(0) + section::kRawSize, 0},
       }) {
    SCOPED_TRACE(c.name);
    std::string bytes = builder.Build();
    StoreLe32(&bytes[c.at], c.value);
    const auto image = Image::Parse(bytes);
    ASSERT_TRUE(image.ok()) << image.status();
    EXPECT_TRUE(image->BytesAt(PeBuilder::kResourceRva, 16).ok());
  }
}

// Two sections at one address, the first of no bytes.
TEST(ImageTest, SectionWithoutBytesHidesNothing) {
  const PeBuilder builder = WithResource();
  std::string bytes = builder.Build();
  const size_t text = builder.section_header_offset(0);
  for (const size_t field : {section::kVirtualSize, section::kRawSize}) {
    StoreLe32(&bytes[text + field], 0);
  }
  StoreLe32(&bytes[text + section::kRva], PeBuilder::kResourceRva);
  const auto image = Image::Parse(bytes);
  ASSERT_TRUE(image.ok()) << image.status();
  EXPECT_TRUE(image->BytesAt(PeBuilder::kResourceRva, 16).ok());
}

TEST(ImageTest, NamesOfSections) {
  const PeBuilder builder = WithResource();
  std::string bytes = builder.Build();
  bytes.replace(builder.section_header_offset(0), 8, "eight__8");
  bytes.replace(builder.section_header_offset(1), 8, "\xFFx\0y\0\0\0\0", 8);
  const auto image = Image::Parse(bytes);
  ASSERT_TRUE(image.ok()) << image.status();
  EXPECT_EQ(image->sections()[0].name, "eight__8");
  EXPECT_EQ(image->sections()[1].name, "\uFFFDx");
}

TEST(ImageTest, NoPrefixIsAnImage) {
  const PeBuilder builder = WithResource();
  const std::string bytes = builder.Build();
  const size_t headers = builder.section_header_offset(2);
  for (size_t size = 0; size < headers; ++size) {
    EXPECT_FALSE(Image::Parse(std::string(bytes, 0, size)).ok()) << size;
  }
  EXPECT_TRUE(Image::Parse(std::string(bytes, 0, headers)).ok());
}

}  // namespace
}  // namespace patchgate::pe
