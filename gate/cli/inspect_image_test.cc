// `patchgate inspect` on programs, drivers and EFI applications.
#include <string>

#include "absl/strings/str_cat.h"
#include "gate/cli/cli_testing.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "servicing/digest/digest.h"
#include "servicing/pe/format.h"
#include "servicing/pe/pe_builder.h"
#include "servicing/pe/version_builder.h"

namespace patchgate::cli {
namespace {

using testing::HasSubstr;

class InspectImageTest : public CliTest {
 protected:
  google::protobuf::Struct Inspected(const std::string& bytes) {
    const Result result = Call({"inspect", File("image.bin", bytes)});
    EXPECT_EQ(result.code, kOk) << result.err;
    EXPECT_EQ(result.err, "");
    return ParseJson(result.out);
  }
  static std::string Text(const google::protobuf::Struct& json, const std::string& field) {
    const auto found = json.fields().find(field);
    return found == json.fields().end() ? "absent" : found->second.string_value();
  }
};

TEST_F(InspectImageTest, Images) {
  struct Case {
    const char* name;
    uint16_t machine, subsystem;
    const char *machine_name, *subsystem_name;
  };
  for (const Case& c : {
           Case{"driver", pe::kMachineAmd64, 1, "x64", "native"},
           Case{"DLL", pe::kMachineI386, 2, "x86", "Windows GUI"},
           Case{"program", pe::kMachineAmd64, 3, "x64", "Windows console"},
           Case{"boot manager", pe::kMachineArm64, 10, "ARM64", "EFI application"},
           Case{"loader", pe::kMachineAmd64, 16, "x64", "boot application"},
           Case{"other", 0x1234, 99, "0x1234", "99"},
       }) {
    SCOPED_TRACE(c.name);
    pe::PeBuilder::Options options;
    options.machine = c.machine;
    options.subsystem = c.subsystem;
    options.certificate = "signature";
    const std::string bytes = pe::BuildVersionedImage("10.0.26100.7462", options);
    const google::protobuf::Struct json = Inspected(bytes);
    EXPECT_EQ(Text(json, "type"), "image");
    EXPECT_EQ(Text(json, "file"), Path("image.bin"));
    EXPECT_EQ(Text(json, "machine"), c.machine_name);
    EXPECT_EQ(Text(json, "subsystem"), c.subsystem_name);
    const google::protobuf::Struct& image = json.fields().at("image").struct_value();
    EXPECT_TRUE(image.fields().at("is_image").bool_value());
    EXPECT_TRUE(image.fields().at("has_signature").bool_value());
    EXPECT_EQ(Text(image, "size"), absl::StrCat(bytes.size()));
    EXPECT_EQ(Text(image, "sha256"), digest::ToHex(digest::Sha256(bytes)));
    EXPECT_EQ(Text(image, "file_version"), "10.0.26100.7462");
    EXPECT_EQ(Text(image, "company"), "Microsoft Corporation");
    EXPECT_EQ(Text(image, "version_error"), "");
  }
}

TEST_F(InspectImageTest, Damaged) {
  const std::string bytes = pe::BuildVersionedImage("10.0.26100.7462");
  const google::protobuf::Struct cut = Inspected(bytes.substr(0, pe::PeBuilder::kResourceOffset));
  EXPECT_EQ(Text(cut, "machine"), "x64");
  const google::protobuf::Struct& image = cut.fields().at("image").struct_value();
  EXPECT_FALSE(image.fields().at("is_image").bool_value());
  EXPECT_THAT(Text(image, "image_error"), HasSubstr("raw data at 0x400"));
  EXPECT_THAT(Text(image, "version_error"), HasSubstr("raw data at 0x400"));
  EXPECT_EQ(Text(image, "file_version"), "");

  const google::protobuf::Struct stub = Inspected("MZ, and then nothing");
  EXPECT_EQ(Text(stub, "machine"), "");
  EXPECT_EQ(Text(stub, "subsystem"), "");
  EXPECT_EQ(Text(stub.fields().at("image").struct_value(), "image_error"),
            "MS-DOS header at 0x0: cut off after 20 of 64 bytes");
}

TEST_F(InspectImageTest, OptionsOfOtherFiles) {
  const std::string file = File("image.bin", pe::PeBuilder().Build());
  ExpectFailure({"inspect", file, "Key"}, {"image.bin: a KEY needs a hive"});
  ExpectFailure({"inspect", file, "--decode"}, {"need a component manifest"});
}

}  // namespace
}  // namespace patchgate::cli
