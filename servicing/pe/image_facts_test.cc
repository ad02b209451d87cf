#include "servicing/pe/image_facts.h"

#include <functional>
#include <string>

#include "absl/strings/string_view.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "servicing/base/little_endian.h"
#include "servicing/pe/format.h"
#include "servicing/pe/image.h"
#include "servicing/pe/pe_builder.h"
#include "servicing/pe/version_builder.h"
#include "servicing/pe/version_format.h"

namespace patchgate::pe {
namespace {

using testing::HasSubstr;

ImageFacts Describe(absl::string_view bytes) {
  ImageFacts facts;
  DescribeImage(bytes, &facts);
  EXPECT_NE(facts.is_image(), !facts.image_error().empty());
  return facts;
}

PeBuilder::Options Options(uint16_t machine, uint16_t subsystem) {
  PeBuilder::Options options;
  options.machine = machine;
  options.subsystem = subsystem;
  return options;
}

TEST(ImageFactsTest, EveryField) {
  PeBuilder::Options options = Options(kMachineAmd64, 1);
  options.timestamp = 0x9ABCDEF0;
  options.checksum = 0xC0FFEE;
  options.certificate = "signature";
  VersionInfo info;
  info.file_version = "10.0.26100.7462";
  info.product_version = "10.0.26100.7000";
  info.texts = {{"CompanyName", "Microsoft Corporation"},
                {"FileDescription", "NT File System Driver"},
                {"FileVersion", "10.0.26100.7462 (WinBuild.160101.0800)"},
                {"OriginalFilename", "ntfs.sys"},
                {"ProductName", "Windows"}};
  const ImageFacts facts =
      Describe(PeBuilder(options).AddResource(16, 1, 0x409, BuildVersionResource(info)).Build());
  EXPECT_TRUE(facts.is_image());
  EXPECT_EQ(facts.machine(), 0x8664u);
  EXPECT_EQ(facts.subsystem(), 1u);
  EXPECT_EQ(facts.timestamp(), 0x9ABCDEF0u);
  EXPECT_EQ(facts.checksum(), 0xC0FFEEu);
  EXPECT_EQ(facts.characteristics(), 0x2022u);
  EXPECT_TRUE(facts.is_pe32_plus());
  EXPECT_TRUE(facts.has_signature());
  EXPECT_EQ(facts.file_version(), "10.0.26100.7462");
  EXPECT_EQ(facts.product_version(), "10.0.26100.7000");
  EXPECT_EQ(facts.version_error(), "");
  EXPECT_EQ(facts.file_version_text(), "10.0.26100.7462 (WinBuild.160101.0800)");
  EXPECT_EQ(facts.company(), "Microsoft Corporation");
  EXPECT_EQ(facts.product(), "Windows");
  EXPECT_EQ(facts.description(), "NT File System Driver");
  EXPECT_EQ(facts.original_filename(), "ntfs.sys");
  // Not of the bytes.
  EXPECT_FALSE(facts.has_collection());
  EXPECT_EQ(facts.size(), 0u);
  EXPECT_EQ(facts.sha256(), "");
}

TEST(ImageFactsTest, Machines) {
  struct Case {
    uint16_t machine;
    const char* name;
    bool is_pe32_plus;
  };
  for (const Case& c : {
           Case{kMachineAmd64, "x64", true},
           Case{kMachineArm64, "ARM64", true},
           Case{kMachineI386, "x86", false},
           Case{kMachineArmNt, "ARM", false},
           Case{0x0200, "0x0200", true},
           Case{0, "0x0000", true},
       }) {
    for (const uint16_t subsystem : {1, 2, 3, 10, 16}) {
      SCOPED_TRACE(c.name);
      const ImageFacts facts =
          Describe(BuildVersionedImage("10.0.26100.7462", Options(c.machine, subsystem)));
      EXPECT_TRUE(facts.is_image());
      EXPECT_EQ(MachineName(facts.machine()), c.name);
      EXPECT_EQ(facts.subsystem(), subsystem);
      EXPECT_EQ(facts.is_pe32_plus(), c.is_pe32_plus);
      EXPECT_EQ(facts.file_version(), "10.0.26100.7462");
      EXPECT_FALSE(facts.has_signature());
    }
  }
  EXPECT_EQ(MachineName(0x12345678), "0x12345678");
}

TEST(ImageFactsTest, NoImage) {
  struct Case {
    const char* name;
    std::string bytes;
    const char* error;
  };
  const Case kCases[] = {
      {"empty", "", "no PE image: 0 bytes that do not begin with MZ"},
      {"zeros", std::string(4096, '\0'), "no PE image: 4096 bytes that do not begin with MZ"},
      {"the 16-bit stub of bootmgr for BIOS",
       std::string("\xE9\xD5\x01\xEB\x04\x90\x00\x00", 8) + BuildVersionedImage("10.0.26100.1"),
       "that do not begin with MZ"},
      {"MS-DOS program", "MZ" + std::string(62, '\0'), "no PE image: signature 0x00005a4d at 0x0"},
      {"MZ only", "MZ", "cut off after 2 of 64 bytes"},
  };
  for (const Case& c : kCases) {
    SCOPED_TRACE(c.name);
    const ImageFacts facts = Describe(c.bytes);
    EXPECT_FALSE(facts.is_image());
    EXPECT_EQ(facts.machine(), 0u);
    EXPECT_EQ(facts.file_version(), "");
    EXPECT_EQ(facts.version_error(), "");
    EXPECT_THAT(facts.image_error(), HasSubstr(c.error));
  }
}

// What real images have, and what broken ones have.
TEST(ImageFactsTest, Sections) {
  const PeBuilder builder;
  const std::string sound = BuildVersionedImage("10.0.26100.7462");
  const size_t optional = builder.optional_header_offset();
  const size_t text = builder.section_header_offset(0), rsrc = builder.section_header_offset(1);
  const uint32_t rsrc_end = static_cast<uint32_t>(PeBuilder::kResourceOffset +
                                                  LoadLe32(&sound[rsrc + section::kVirtualSize]));

  struct Case {
    const char* name;
    std::function<void(std::string*)> change;
    const char* error;  // Empty: an image.
    const char* file_version;
  };
  const auto set32 = [](size_t at, uint32_t v) {
    return [=](std::string* s) { StoreLe32(&(*s)[at], v); };
  };
  const auto cut = [](size_t size) { return [=](std::string* s) { s->resize(size); }; };
  constexpr char kVersion[] = "10.0.26100.7462";
  const Case kCases[] = {
      {"sound", cut(sound.size()), "", kVersion},
      {"discardable section", set32(text + section::kCharacteristics, 0x62000020), "", kVersion},
      {"section of zeros", set32(text + section::kRawSize, 0), "", kVersion},
      {"section without a place in the file", set32(text + section::kRawOffset, 0), "", kVersion},
      {"section larger in the file than loaded", set32(text + section::kRawSize, 0x10000000), "",
       kVersion},
      {"section larger loaded than in the file", set32(text + section::kVirtualSize, 0x1000), "",
       kVersion},
      {"file alignment 0x1000",
       [&](std::string* s) {
         StoreLe32(&(*s)[optional + optional_header::kFileAlignment], 0x1000);
         s->insert(PeBuilder::kResourceOffset, 0xE00, '\0');
         s->insert(PeBuilder::kTextOffset, 0xE00, '\0');
         StoreLe32(&(*s)[text + section::kRawOffset], 0x1000);
         StoreLe32(&(*s)[rsrc + section::kRawOffset], 0x2000);
       },
       "", kVersion},
      {"both alignments of an old driver",
       [&](std::string* s) {
         StoreLe32(&(*s)[optional + optional_header::kFileAlignment], 0x80);
         StoreLe32(&(*s)[optional + optional_header::kSectionAlignment], 0x80);
         s->erase(PeBuilder::kTextOffset + 0x80, 0x180);
         StoreLe32(&(*s)[text + section::kRawSize], 0x80);
         StoreLe32(&(*s)[rsrc + section::kRawOffset], PeBuilder::kTextOffset + 0x80);
       },
       "", kVersion},
      {"padding of the last section missing", cut(rsrc_end), "", kVersion},
      {"last byte missing", cut(rsrc_end - 1), "section header at 0x1b0: raw data at 0x400 of ",
       ""},
      {"last section missing", cut(PeBuilder::kResourceOffset), "raw data at 0x400 of ", ""},
      {"all sections missing", cut(PeBuilder::kTextOffset),
       "section header at 0x188: raw data at 0x200 of 0x1 bytes, but the file ends at 0x200", ""},
      {"first section elsewhere", set32(text + section::kRawOffset, 0x7FFFFE00),
       "section header at 0x188: raw data at 0x7ffffe00", kVersion},
      {"raw data not aligned", set32(text + section::kRawOffset, 0x201), "raw data at 0x201",
       kVersion},
      {"no sections",
       [](std::string* s) {
         StoreLe16(&(*s)[PeBuilder::kPeOffset + kPeSignatureSize + coff::kSectionCount], 0);
       },
       "section table: no sections", ""},
  };
  for (const Case& c : kCases) {
    SCOPED_TRACE(c.name);
    std::string bytes = sound;
    c.change(&bytes);
    const ImageFacts facts = Describe(bytes);
    EXPECT_EQ(facts.is_image(), *c.error == '\0') << facts.image_error();
    EXPECT_THAT(facts.image_error(), HasSubstr(c.error));
    EXPECT_EQ(facts.machine(), kMachineAmd64);  // The header is still there.
    EXPECT_EQ(facts.file_version(), c.file_version);
    EXPECT_EQ(facts.version_error().empty(), *c.file_version != '\0');
  }
}

TEST(ImageFactsTest, Signature) {
  for (const uint16_t machine : {kMachineAmd64, kMachineI386}) {
    SCOPED_TRACE(machine);
    PeBuilder::Options options = Options(machine, 2);
    options.certificate = "PKCS #7";  // 15 bytes, padded to 16.
    const PeBuilder builder(options);
    const std::string sound = builder.Build();
    const size_t directory = builder.directory_offset(Directory::kCertificates);
    const uint32_t table = LoadLe32(&sound[directory]);
    ASSERT_EQ(table + 16, sound.size());
    struct Case {
      const char* name;
      size_t at;
      uint32_t value;
      bool has_signature;
    };
    for (const Case& c : {
             Case{"sound", directory, table, true},
             Case{"no table", directory, 0, false},
             Case{"beyond the file", directory, table + 8, false},
             Case{"far beyond the file", directory, 0xFFFFFFFF, false},
             Case{"empty", directory + 4, 0, false},
             Case{"smaller than a header", directory + 4, 7, false},
             Case{"header only", directory + 4, 8, false},
             Case{"one byte too few", directory + 4, 14, false},
             Case{"without padding", directory + 4, 15, true},
             Case{"larger than the file", directory + 4, 17, false},
             Case{"largest", directory + 4, 0xFFFFFFFF, false},
             Case{"length 0", table, 0, false},
             Case{"length 7", table, 7, false},
             Case{"no certificate", table, 8, false},
             Case{"length of all", table, 16, true},
             Case{"length beyond the table", table, 17, false},
             Case{"length 0xFFFFFFFF", table, 0xFFFFFFFF, false},
             Case{"X.509", table + certificate::kRevision, 0x00010200, false},
         }) {
      SCOPED_TRACE(c.name);
      std::string bytes = sound;
      StoreLe32(&bytes[c.at], c.value);
      const ImageFacts facts = Describe(bytes);
      EXPECT_TRUE(facts.is_image());
      EXPECT_EQ(facts.has_signature(), c.has_signature);
    }
    for (size_t size = 0; size < sound.size(); ++size) {
      EXPECT_FALSE(Describe(sound.substr(0, size)).has_signature()) << size;
    }
  }
}

TEST(ImageFactsTest, DamagedVersion) {
  std::string bytes = BuildVersionedImage("10.0.26100.7462");
  const size_t fixed = bytes.find("\xBD\x04\xEF\xFE");
  ASSERT_LT(fixed, bytes.size());
  bytes[fixed] = 'x';
  const ImageFacts facts = Describe(bytes);
  EXPECT_TRUE(facts.is_image());
  EXPECT_EQ(facts.file_version(), "");
  EXPECT_THAT(facts.version_error(), HasSubstr("signature 0xfeef0478"));
  EXPECT_EQ(facts.company(), "Microsoft Corporation");
}

TEST(ImageFactsTest, NoPrefixHasAnotherVersion) {
  for (const uint16_t machine : {kMachineAmd64, kMachineI386}) {
    const PeBuilder builder(Options(machine, 2));
    const std::string bytes = BuildVersionedImage("10.0.26100.7462", Options(machine, 2));
    const size_t end = PeBuilder::kResourceOffset +
                       LoadLe32(&bytes[builder.section_header_offset(1) + section::kVirtualSize]);
    for (size_t size = 0; size <= bytes.size(); ++size) {
      const ImageFacts facts = Describe(bytes.substr(0, size));
      EXPECT_EQ(facts.is_image(), size >= end) << size;
      EXPECT_EQ(facts.file_version(), size >= end ? "10.0.26100.7462" : "") << size;
    }
  }
}

}  // namespace
}  // namespace patchgate::pe
