#include "servicing/delta/dcm.h"

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "servicing/delta/pa30_encoder.h"

namespace patchgate::delta {
namespace {

using testing::HasSubstr;

constexpr absl::string_view kBase =
    "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\r\n"
    "<assembly xmlns=\"urn:schemas-microsoft-com:asm.v3\" manifestVersion=\"1.0\">\r\n"
    "  <assemblyIdentity name=\"\" version=\"\" processorArchitecture=\"amd64\"/>\r\n";

TEST(DcmTest, CodingsAndWrappers) {
  const struct {
    absl::string_view file;
    ManifestCoding coding;
    absl::string_view wrapper;
  } kCases[] = {
      {"<assembly/>", ManifestCoding::kPlain, ""},
      {"\xEF\xBB\xBF<assembly/>", ManifestCoding::kPlain, ""},
      {absl::string_view("\xFF\xFE<\0", 4), ManifestCoding::kPlain, ""},
      {absl::string_view("\xFE\xFF\0<", 4), ManifestCoding::kPlain, ""},
      {"DCM\x01PA30", ManifestCoding::kDcm, "DCM"},
      {"DCM\x01", ManifestCoding::kDcm, "DCM"},
      {"DCM\x02PA30", ManifestCoding::kOther, ""},
      {"DCM", ManifestCoding::kOther, ""},
      {"DCN\x01", ManifestCoding::kOther, "DCN"},
      {"DCD\x01PA30", ManifestCoding::kOther, "DCD"},
      {"DCS\x01", ManifestCoding::kOther, "DCS"},
      {"DCH1", ManifestCoding::kOther, "DCH"},
      {"PA30", ManifestCoding::kOther, "PA30"},
      {"PA31", ManifestCoding::kOther, "PA31"},
      {"PA19", ManifestCoding::kOther, "PA19"},
      {absl::string_view("\0\0\0\0", 4), ManifestCoding::kOther, ""},
      {"", ManifestCoding::kOther, ""},
  };
  for (const auto& c : kCases) {
    EXPECT_EQ(CodingOf(c.file), c.coding) << c.file;
    EXPECT_EQ(WrapperName(c.file), c.wrapper) << c.file;
  }
}

TEST(DcmTest, DecodesIntoTheBuffer) {
  const std::string xml = absl::StrCat(kBase, "  <file name=\"a.dll\"/>\r\n</assembly>\r\n");
  const std::string file = EncodeDcm(xml, kBase);
  EXPECT_EQ(absl::string_view(file).substr(0, 16),
            absl::string_view("DCM\x01PA30\x80\x16\xD7\xD5\xDE\xB1\x9D\x01", 16));
  EXPECT_LT(file.size(), 100u);
  Pa30Decoder decoder;
  std::string buffer;
  const absl::StatusOr<absl::string_view> text = DecodeManifest(file, kBase, &decoder, &buffer);
  ASSERT_TRUE(text.ok()) << text.status();
  EXPECT_EQ(*text, xml);
  EXPECT_EQ(text->data(), buffer.data());
}

TEST(DcmTest, APlainManifestIsItsOwnText) {
  Pa30Decoder decoder;
  std::string buffer = "untouched";
  const absl::StatusOr<absl::string_view> text = DecodeManifest(kBase, "", &decoder, &buffer);
  ASSERT_TRUE(text.ok()) << text.status();
  EXPECT_EQ(text->data(), kBase.data());
  EXPECT_EQ(buffer, "untouched");
}

TEST(DcmTest, RefusesTheRestByName) {
  const std::string xml = absl::StrCat(kBase, "</assembly>");
  EncodeOptions pa31, huge;
  pa31.signature = "PA31";
  huge.target_size = kLargestManifest + 1;
  const struct {
    std::string file;
    absl::StatusCode code;
    const char* message;
  } kCases[] = {
      {std::string("DCN\x01 and more"), absl::StatusCode::kUnimplemented, "wrapper DCN"},
      {EncodePa30(xml, kBase), absl::StatusCode::kUnimplemented, "wrapper PA30"},
      {EncodeDcm(xml, kBase, pa31), absl::StatusCode::kUnimplemented, "format PA31"},
      {std::string(2000, '\0'), absl::StatusCode::kDataLoss,
       "2000 bytes that start with 00000000 are neither XML nor DCM"},
      {"", absl::StatusCode::kDataLoss, "0 bytes"},
      {"DCM\x01", absl::StatusCode::kDataLoss, "delta header: signature "},
      {EncodeDcm("no XML", kBase), absl::StatusCode::kDataLoss,
       "decoded to 6 bytes that start with 6e6f2058: not XML"},
      {EncodeDcm("", kBase), absl::StatusCode::kDataLoss, "decoded to 0 bytes"},
      {EncodeDcm(xml, kBase, huge), absl::StatusCode::kResourceExhausted, "the limit is 33554432"},
  };
  Pa30Decoder decoder;
  std::string buffer;
  for (const auto& c : kCases) {
    const auto text = DecodeManifest(c.file, kBase, &decoder, &buffer);
    EXPECT_EQ(text.status().code(), c.code) << c.message;
    EXPECT_THAT(text.status().message(), HasSubstr(c.message));
  }
}

TEST(DcmTest, ABaseOfAnotherKindIsNoticed) {
  const std::string xml = absl::StrCat(kBase, "</assembly>");
  Pa30Decoder decoder;
  std::string buffer;
  const auto text =
      DecodeManifest(EncodeDcm(xml, kBase), std::string(kBase.size(), '\0'), &decoder, &buffer);
  EXPECT_EQ(text.status().code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(text.status().message(), HasSubstr("made for another base manifest"));
}

}  // namespace
}  // namespace patchgate::delta
