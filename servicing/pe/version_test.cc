#include "servicing/pe/version.h"

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "servicing/base/little_endian.h"
#include "servicing/base/utf16.h"
#include "servicing/pe/format.h"
#include "servicing/pe/image.h"
#include "servicing/pe/pe_builder.h"
#include "servicing/pe/version_builder.h"
#include "servicing/pe/version_format.h"
#include "servicing/text/mutations.h"

namespace patchgate::pe {
namespace {

using testing::AnyOf;
using testing::HasSubstr;

constexpr size_t kFileOffset = 0x5000;
constexpr absl::StatusCode kOk = absl::StatusCode::kOk;
constexpr absl::StatusCode kDataLoss = absl::StatusCode::kDataLoss;

// Header, key and padding of VS_VERSIONINFO; VS_FIXEDFILEINFO follows.
constexpr size_t kFixed = 40;
constexpr size_t kStringFileInfo = kFixed + fixed_file_info::kSize;
constexpr size_t kStringTable = kStringFileInfo + 36;
constexpr size_t kFirstString = kStringTable + 24;

VersionInfo Kernel() {
  VersionInfo info;
  info.file_version = "10.0.26100.7462";
  info.product_version = "10.0.26100.1";
  info.texts = {{"CompanyName", "Microsoft Corporation"},
                {"FileDescription", "NT Kernel & System"},
                {"FileVersion", "10.0.26100.7462 (WinBuild.160101.0800)"},
                {"InternalName", "ntkrnlmp.exe"},
                {"OriginalFilename", "ntkrnlmp.exe"},
                {"ProductName", "Microsoft® Windows® Operating System"}};
  return info;
}

std::string Text(absl::string_view utf8) {
  std::string text = Utf8ToUtf16Le(utf8);
  text.append(2, '\0');
  return text;
}

// A version resource of these strings only, each one a whole block.
std::string WithStrings(const std::vector<std::string>& strings) {
  return VersionBlock(
      "VS_VERSION_INFO", 0, 0, "",
      {VersionBlock("StringFileInfo", 1, 0, "", {VersionBlock("040904B0", 1, 0, "", strings)})});
}

TEST(VersionTest, Everything) {
  VersionResource version;
  const absl::Status status = ParseVersion(BuildVersionResource(Kernel()), kFileOffset, &version);
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(version.file_version, "10.0.26100.7462");
  EXPECT_EQ(version.product_version, "10.0.26100.1");
  EXPECT_EQ(version.file_version_text, "10.0.26100.7462 (WinBuild.160101.0800)");
  EXPECT_EQ(version.company, "Microsoft Corporation");
  EXPECT_EQ(version.product, "Microsoft® Windows® Operating System");
  EXPECT_EQ(version.description, "NT Kernel & System");
  EXPECT_EQ(version.original_filename, "ntkrnlmp.exe");
}

TEST(VersionTest, FixedFileInfo) {
  for (const char* const number :
       {"0.0.0.0", "1.2.3.4", "65535.65535.65535.65535", "6.3.9600.17415", "10.0.26200.7462"}) {
    VersionInfo info;
    info.file_version = number;
    VersionResource version;
    EXPECT_TRUE(ParseVersion(BuildVersionResource(info), 0, &version).ok());
    EXPECT_EQ(version.file_version, number);
    EXPECT_EQ(version.product_version, number);
    EXPECT_EQ(version.company, "");
  }
}

// What compilers of resources differ in.
TEST(VersionTest, Texts) {
  const std::string company = Text("Contoso");
  const auto block = [&](uint16_t value_length, const std::string& value) {
    return VersionBlock("CompanyName", 1, value_length, value, {});
  };
  struct Case {
    const char* name;
    std::string bytes;
    const char* company;
  };
  const Case kCases[] = {
      {"length in characters", WithStrings({block(8, company)}), "Contoso"},
      {"length in characters without NUL", WithStrings({block(7, company)}), "Contoso"},
      {"length in bytes", WithStrings({block(16, company)}), "Contoso"},
      {"no NUL", WithStrings({block(7, Utf8ToUtf16Le("Contoso"))}), "Contoso"},
      {"text behind the NUL", WithStrings({block(8, company + Text("more"))}), "Contoso"},
      {"odd length of the block", WithStrings({block(8, company + "x")}), "Contoso"},
      {"no value", WithStrings({block(0, "")}), ""},
      {"a length, but no value", WithStrings({block(8, "")}), ""},
      {"a value, but no length", WithStrings({block(0, company)}), ""},
      {"binary type", WithStrings({VersionBlock("CompanyName", 0, 8, company, {})}), "Contoso"},
      {"key in other case", WithStrings({VersionBlock("COMPANYNAME", 1, 8, company, {})}),
       "Contoso"},
      {"longer key", WithStrings({VersionBlock("CompanyNames", 1, 8, company, {})}), ""},
      {"shorter key", WithStrings({VersionBlock("CompanyNam", 1, 8, company, {})}), ""},
      {"no key", WithStrings({VersionBlock("", 1, 8, company, {})}), ""},
      {"key that is not ASCII", WithStrings({VersionBlock("\u0143ompanyName", 1, 8, company, {})}),
       ""},
      {"two of a name", WithStrings({block(8, company), block(9, Text("Fabrikam"))}), "Contoso"},
      {"the first of two is empty", WithStrings({block(0, ""), block(8, company)}), "Contoso"},
      {"unpaired surrogates",
       WithStrings({block(4, std::string("a\0\x00\xD8\x00\xDC\x00\xDC", 8))}), "a\U00010000\uFFFD"},
      {"padding at the end of the table", WithStrings({block(8, company), std::string(6, '\0')}),
       "Contoso"},
      {"one byte of padding", WithStrings({block(8, company), std::string(1, '\0')}), "Contoso"},
      {"two tables",
       VersionBlock(
           "VS_VERSION_INFO", 0, 0, "",
           {VersionBlock("StringFileInfo", 1, 0, "",
                         {VersionBlock("040704B0", 1, 0, "", {block(8, company)}),
                          VersionBlock("040904B0", 1, 0, "", {block(9, Text("Fabrikam"))})})}),
       "Contoso"},
      {"no table",
       VersionBlock("VS_VERSION_INFO", 0, 0, "", {VersionBlock("StringFileInfo", 1, 0, "", {})}),
       ""},
      {"VarFileInfo first",
       VersionBlock("VS_VERSION_INFO", 0, 0, "",
                    {VersionBlock("VarFileInfo", 1, 0, "",
                                  {VersionBlock("Translation", 0, 4,
                                                absl::string_view("\x09\x04\xB0\x04"), {})}),
                     VersionBlock("StringFileInfo", 1, 0, "",
                                  {VersionBlock("040904B0", 1, 0, "", {block(8, company)})})}),
       "Contoso"},
      {"nothing at all", VersionBlock("VS_VERSION_INFO", 0, 0, "", {}), ""},
      {"strings where tables belong",
       VersionBlock("VS_VERSION_INFO", 0, 0, "", {block(8, company)}), ""},
  };
  for (const Case& c : kCases) {
    SCOPED_TRACE(c.name);
    VersionResource version;
    const absl::Status status = ParseVersion(c.bytes, kFileOffset, &version);
    EXPECT_TRUE(status.ok()) << status;
    EXPECT_EQ(version.company, c.company);
    EXPECT_EQ(version.file_version, "");
  }
}

// Bytes of a sound resource overwritten or cut off. What a damaged part does not touch is read.
TEST(VersionTest, Damage) {
  const std::string sound = BuildVersionResource(Kernel());
  struct Case {
    const char* name;
    std::function<void(std::string*)> damage;
    const char* message;  // Empty: no error.
    const char* file_version;
    const char* company;
  };
  const auto set16 = [](size_t at, uint16_t v) {
    return [=](std::string* s) { StoreLe16(&(*s)[at], v); };
  };
  const auto set32 = [](size_t at, uint32_t v) {
    return [=](std::string* s) { StoreLe32(&(*s)[at], v); };
  };
  const auto cut = [](size_t size) { return [=](std::string* s) { s->resize(size); }; };
  constexpr char kVersion[] = "10.0.26100.7462", kCompany[] = "Microsoft Corporation";
  constexpr size_t kLength = version_block::kLength, kValueLength = version_block::kValueLength;
  const Case kCases[] = {
      {"sound", cut(sound.size()), "", kVersion, kCompany},
      {"more behind it", [](std::string* s) { s->append(100, '\xFF'); }, "", kVersion, kCompany},
      {"five bytes", cut(5), "version block at 0x5000: 5 bytes left, of which its header needs 6",
       "", ""},
      {"header only", cut(6), "version block at 0x5000: length ", "", ""},
      {"last byte missing", cut(sound.size() - 1), "version block at 0x5000: length ", "", ""},
      {"length 0", set16(kLength, 0), "version block at 0x5000: length 0, but ", "", ""},
      {"length 5", set16(kLength, 5), "length 5, but ", "", ""},
      {"length 0xFFFF", set16(kLength, 0xFFFF), "length 65535, but ", "", ""},
      {"length of the header", set16(kLength, 6), "its key does not end within its 6 bytes", "",
       ""},
      {"length within the key", set16(kLength, 37), "its key does not end within its 37 bytes", "",
       ""},
      {"length without the value", set16(kLength, 38),
       "VS_FIXEDFILEINFO at 0x5026: 52 bytes, of which 0 are there; 52 expected", "", ""},
      {"length within the value", set16(kLength, 91),
       "VS_FIXEDFILEINFO at 0x5028: 52 bytes, of which 51 are there", "", ""},
      {"length behind the value", set16(kLength, 92), "", kVersion, ""},
      {"odd length", set16(kLength, 93), "version block at 0x505c: 1 bytes left", kVersion, ""},
      {"other key", set16(version_block::kHeaderSize, 'X'),
       "version resource at 0x5000: key \"XS_VERSION_INFO\", not VS_VERSION_INFO", "", ""},
      {"empty key", set16(version_block::kHeaderSize, 0), "key \"\", not VS_VERSION_INFO", "", ""},
      {"value of 51 bytes", set16(kValueLength, 51), "VS_FIXEDFILEINFO at 0x5028: 51 bytes", "",
       kCompany},
      {"value of 26 words", set16(kValueLength, 26), "VS_FIXEDFILEINFO at 0x5028: 26 bytes", "",
       ""},
      {"value of 53 bytes", set16(kValueLength, 53), "version block at 0x5060: ", kVersion, ""},
      {"value of 0xFFFF bytes", set16(kValueLength, 0xFFFF),
       "version resource at 0x5000: value of 65535 bytes at 0x5028, but it ends at ", kVersion, ""},
      {"no signature", set32(kFixed, 0xFEEF04BC),
       "VS_FIXEDFILEINFO at 0x5028: signature 0xfeef04bc", "", kCompany},
      {"texts of length 0", set16(kStringFileInfo + kLength, 0),
       "version block at 0x505c: length 0, but ", kVersion, ""},
      {"texts of length 0xFFFF", set16(kStringFileInfo + kLength, 0xFFFF),
       "version block at 0x505c: length 65535, but ", kVersion, ""},
      {"texts without a table", set16(kStringFileInfo + kLength, 36), "", kVersion, ""},
      {"table of length 0", set16(kStringTable + kLength, 0),
       "version block at 0x5080: length 0, but ", kVersion, ""},
      {"table longer than the texts", set16(kStringTable + kLength, 0x1000),
       "version block at 0x5080: length 4096, but ", kVersion, ""},
      {"table of one byte too few", set16(kStringTable + kLength, 23),
       "version block at 0x5080: its key does not end within its 23 bytes", kVersion, ""},
      {"string of length 0", set16(kFirstString + kLength, 0),
       "version block at 0x5098: length 0, but ", kVersion, ""},
      {"string of length 1", set16(kFirstString + kLength, 1),
       "version block at 0x5098: length 1, but ", kVersion, ""},
      {"string longer than the table", set16(kFirstString + kLength, 0xFFFF),
       "version block at 0x5098: length 65535, but ", kVersion, ""},
      {"string as long as its key", set16(kFirstString + kLength, 30),
       "version block at 0x5108: length 0, but ", kVersion, ""},
      {"string without end of its key", set16(kFirstString + kLength, 12),
       "version block at 0x5098: its key does not end within its 12 bytes", kVersion, ""},
  };
  for (const Case& c : kCases) {
    SCOPED_TRACE(c.name);
    std::string bytes = sound;
    c.damage(&bytes);
    VersionResource version;
    const absl::Status status = ParseVersion(bytes, kFileOffset, &version);
    EXPECT_EQ(status.code(), *c.message == '\0' ? kOk : kDataLoss) << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr(c.message));
    EXPECT_EQ(version.file_version, c.file_version);
    EXPECT_EQ(version.company, c.company);
  }
}

// A version is the stated one or none.
TEST(VersionTest, NoPrefixHasAnotherVersion) {
  const std::string sound = BuildVersionResource(Kernel());
  for (size_t size = 0; size < sound.size(); ++size) {
    VersionResource version;
    EXPECT_EQ(ParseVersion(sound.substr(0, size), 0, &version).code(), kDataLoss) << size;
    EXPECT_EQ(version.file_version, "");
  }
}

// Each level of blocks in itself: the depth is that of the format, whatever the file nests.
TEST(VersionTest, DeepBlocks) {
  std::string block = VersionBlock("CompanyName", 1, 8, Text("Contoso"), {});
  for (int i = 0; i < 2'000; ++i) block = VersionBlock("StringFileInfo", 1, 0, "", {block});
  ASSERT_GT(block.size(), 65'535u);  // Lengths have 16 bits.
  block = VersionBlock("CompanyName", 1, 8, Text("Contoso"), {});
  for (int i = 0; i < 1'500; ++i) block = VersionBlock("StringFileInfo", 1, 0, "", {block});
  VersionResource version;
  EXPECT_TRUE(ParseVersion(VersionBlock("VS_VERSION_INFO", 0, 0, "", {block}), 0, &version).ok());
  EXPECT_EQ(version.company, "");
}

TEST(VersionTest, Mutations) {
  size_t sound = 0;
  text::ForEachMutation(BuildVersionResource(Kernel()), [&](absl::string_view bytes) {
    VersionResource version;
    const absl::Status status = ParseVersion(std::string(bytes), kFileOffset, &version);
    EXPECT_THAT(status.code(), AnyOf(kOk, kDataLoss));
    EXPECT_EQ(status.ok(), status.message().empty());
    for (const std::string* text : {&version.file_version_text, &version.company, &version.product,
                                    &version.description, &version.original_filename}) {
      EXPECT_EQ(*text, CleanUtf8(*text));
      EXPECT_LE(text->size(), bytes.size() * 2);
    }
    sound += status.ok() ? 1 : 0;
  });
  EXPECT_GT(sound, 0u);
}

// ---------------------------------------------------------------- in an image

absl::Status Read(absl::string_view bytes, VersionResource* version) {
  const auto image = Image::Parse(bytes);
  return image.ok() ? ReadVersion(*image, version) : image.status();
}

TEST(ReadVersionTest, Images) {
  const std::string resource = BuildVersionResource(Kernel());
  VersionInfo other;
  other.file_version = "1.2.3.4";
  const std::string decoy = BuildVersionResource(other);
  struct Case {
    const char* name;
    std::string bytes;
    absl::StatusCode code;
    const char* file_version;
  };
  const Case kCases[] = {
      {"no resources", PeBuilder().Build(), absl::StatusCode::kNotFound, ""},
      {"no version", PeBuilder().AddResource(614, 1, 0x409, resource).Build(),
       absl::StatusCode::kNotFound, ""},
      {"other number", PeBuilder().AddResource(16, 2, 0x409, resource).Build(),
       absl::StatusCode::kNotFound, ""},
      {"version", PeBuilder().AddResource(16, 1, 0x409, resource).Build(), kOk, "10.0.26100.7462"},
      {"neutral language", PeBuilder().AddResource(16, 1, 0, resource).Build(), kOk,
       "10.0.26100.7462"},
      {"a decoy before and behind it",
       PeBuilder()
           .AddResource(10, 1, 0x409, decoy)
           .AddResource(16, 1, 0x409, resource)
           .AddResource(16, 2, 0x409, decoy)
           .AddResource(24, 1, 0x409, decoy)
           .Build(),
       kOk, "10.0.26100.7462"},
      {"a decoy only", PeBuilder().AddResource(10, 1, 0x409, decoy).Build(),
       absl::StatusCode::kNotFound, ""},
      {"no bytes", PeBuilder().AddResource(16, 1, 0x409, "").Build(), kDataLoss, ""},
      {"other bytes", PeBuilder().AddResource(16, 1, 0x409, "version").Build(), kDataLoss, ""},
      {"built at once", BuildVersionedImage("6.2.9200.1"), kOk, "6.2.9200.1"},
  };
  for (const Case& c : kCases) {
    SCOPED_TRACE(c.name);
    VersionResource version;
    version.file_version = "of another";
    const absl::Status status = Read(c.bytes, &version);
    EXPECT_EQ(status.code(), c.code) << status;
    EXPECT_EQ(version.file_version, c.file_version);
  }
}

TEST(ReadVersionTest, ErrorsHaveOffsetsOfTheFile) {
  std::string bytes = PeBuilder().AddResource(16, 1, 0x409, BuildVersionResource(Kernel())).Build();
  const size_t at = bytes.find(Text("VS_VERSION_INFO")) - version_block::kHeaderSize;
  ASSERT_LT(at, bytes.size());
  StoreLe16(&bytes[at], 0xFFFF);
  VersionResource version;
  EXPECT_THAT(std::string(Read(bytes, &version).message()),
              HasSubstr(absl::StrCat("version block at 0x", absl::Hex(at), ": length 65535")));
}

}  // namespace
}  // namespace patchgate::pe
