// `patchgate inspect` on manifests of the component store.
#include <filesystem>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gate/cli/cli_testing.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "servicing/digest/digest.h"
#include "testdata/base_manifest.h"
#include "testdata/fake_volume.h"
#include "testdata/store_builder.h"

namespace patchgate::cli {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

using Fields = google::protobuf::Map<std::string, google::protobuf::Value>;

constexpr char kIdentity[] =
    "Microsoft-Windows-Sample, Culture=neutral, Version=10.0.26100.7462, "
    "PublicKeyToken=31bf3856ad364e35, ProcessorArchitecture=amd64, versionScope=NonSxS";

class InspectManifestTest : public CliTest {
 protected:
  static testdata::PreparedComponent Sample(bool plain = false) {
    testdata::ComponentSpec spec;
    spec.identity = kIdentity;
    spec.deployments = {"deployment"};
    spec.files = {{"sample.dll", testdata::kSystem32, "", "bytes of sample.dll"}};
    spec.plain_manifest = plain;
    return testdata::Prepare(spec);
  }
  // Exit code 0, and the JSON.
  static google::protobuf::Struct Inspected(const std::vector<std::string>& args) {
    std::vector<std::string> all = {"inspect"};
    all.insert(all.end(), args.begin(), args.end());
    const Result result = Call(all);
    EXPECT_EQ(result.code, kOk) << result.err;
    return ParseJson(result.out);
  }
  static std::string Text(const google::protobuf::Struct& json, const std::string& field) {
    return json.fields().at(field).string_value();
  }
  std::string Raw() { return File("base.bin", std::string(testdata::BaseManifest())); }
  // A folder of WinSxS for a servicing stack, with this wcp.dll.
  void AddStack(const std::string& version, const std::string& wcp) {
    const std::string folder =
        absl::StrCat("Windows/WinSxS/amd64_microsoft-windows-servicingstack_31bf3856ad364e35_",
                     version, "_none_0123456789abcdef");
    std::filesystem::create_directories(std::filesystem::u8path(Path(folder)));
    File(folder + "/wcp.dll", wcp);
  }
};

TEST_F(InspectManifestTest, CompressedInItsStore) {
  const testdata::PreparedComponent component = Sample();
  ASSERT_THAT(component.stored_manifest, StartsWith("DCM\x01"));
  AddStack("10.0.26100.7295", testdata::WcpDll());
  std::filesystem::create_directories(std::filesystem::u8path(Path("Windows/WinSxS/Manifests")));
  const std::string file =
      File(absl::StrCat("Windows/WinSxS/Manifests/", component.key, ".manifest"),
           component.stored_manifest);
  const auto json = Inspected({file});
  EXPECT_EQ(Text(json, "type"), "manifest");
  EXPECT_EQ(Text(json, "coding"), "DCM");
  EXPECT_EQ(Text(json, "error"), "");
  EXPECT_THAT(Text(json, "base"), EndsWith("wcp.dll"));
  EXPECT_EQ(Text(json, "base_sha256"), digest::ToHex(digest::Sha256(testdata::BaseManifest())));
  EXPECT_EQ(Text(json, "decoded_size"), absl::StrCat(component.manifest.size()));
  EXPECT_EQ(Text(json, "decoded_sha256"), digest::ToHex(component.manifest_hash));
  EXPECT_EQ(Text(json, "identity"), kIdentity);
  EXPECT_EQ(Text(json, "key"), component.key);
  EXPECT_TRUE(json.fields().at("key_is_file_name").bool_value());
  const Fields& header = json.fields().at("delta").struct_value().fields();
  EXPECT_EQ(header.at("target_size").string_value(), absl::StrCat(component.manifest.size()));
  EXPECT_EQ(header.at("hash_algorithm").string_value(), "none");
  EXPECT_EQ(header.at("target_time").string_value(), "1970-01-01T00:00:01Z");
  ASSERT_EQ(json.fields().at("files").list_value().values_size(), 1);
  const Fields& item = json.fields().at("files").list_value().values(0).struct_value().fields();
  EXPECT_EQ(item.at("name").string_value(), "sample.dll");
  EXPECT_EQ(item.at("destination").string_value(), "$(runtime.system32)\\");
  EXPECT_EQ(item.at("sha256").string_value(), digest::ToHex(digest::Sha256("bytes of sample.dll")));

  EXPECT_EQ(Call({"inspect", "--decode", file}).out, component.manifest);
}

TEST_F(InspectManifestTest, BaseOfTheNewestStackThatHasOne) {
  const testdata::PreparedComponent component = Sample();
  AddStack("10.0.26100.999", "MZ, and nothing else");
  AddStack("10.0.26100.1742", testdata::WcpDll());
  std::filesystem::create_directories(std::filesystem::u8path(Path("Windows/WinSxS/Manifests")));
  const std::string file = File("Windows/WinSxS/Manifests/any", component.stored_manifest);
  EXPECT_THAT(Text(Inspected({file}), "base"), HasSubstr("_10.0.26100.1742_"));
  EXPECT_FALSE(Inspected({file}).fields().at("key_is_file_name").bool_value());
  AddStack("10.0.26100.7295", "MZ, and nothing else");
  EXPECT_THAT(Text(Inspected({file}), "base"), HasSubstr("_10.0.26100.1742_"));
  std::filesystem::remove(std::filesystem::u8path(
      Path("Windows/WinSxS/amd64_microsoft-windows-servicingstack_31bf3856ad364e35_10.0.26100.1742_"
           "none_0123456789abcdef/wcp.dll")));
  const auto json = Inspected({file});
  EXPECT_THAT(Text(json, "error"), StartsWith("no base manifest: "));
  EXPECT_THAT(Text(json, "error"), HasSubstr("wcp.dll"));
}

TEST_F(InspectManifestTest, BaseOfAFile) {
  const testdata::PreparedComponent component = Sample();
  const std::string file = File("m", component.stored_manifest);
  for (const std::string& base : {Raw(), File("any.name", testdata::WcpDll())}) {
    const auto json = Inspected({file, "--base", base});
    EXPECT_EQ(Text(json, "error"), "");
    EXPECT_EQ(Text(json, "base"), base);
    EXPECT_EQ(Text(json, "key"), component.key);
    EXPECT_EQ(Call({"inspect", file, "--base", base, "--decode"}).out, component.manifest);
  }
  ExpectFailure({"inspect", file, "--base", Path("none")}, {"none"});
  ExpectFailure({"inspect", file, "--base", File("no.dll", "MZ, and nothing else")}, {"no.dll"});
}

TEST_F(InspectManifestTest, WithoutABaseTheHeaderIsShown) {
  const testdata::PreparedComponent component = Sample();
  const std::string file = File("m.manifest", component.stored_manifest);
  const auto json = Inspected({file});
  EXPECT_THAT(Text(json, "error"), HasSubstr("--base FILE"));
  EXPECT_EQ(json.fields().at("delta").struct_value().fields().at("target_size").string_value(),
            absl::StrCat(component.manifest.size()));
  EXPECT_EQ(Text(json, "identity"), "");
  ExpectFailure({"inspect", file, "--decode"}, {"m.manifest", "--base FILE"});
}

TEST_F(InspectManifestTest, AnotherBaseIsNoticedOrShowsInTheHash) {
  const testdata::PreparedComponent component = Sample();
  std::string other(testdata::BaseManifest());
  for (char& c : other) {
    if (c == '<') c = '?';
  }
  const auto json =
      Inspected({File("m", component.stored_manifest), "--base", File("other", other)});
  EXPECT_NE(Text(json, "decoded_sha256"), digest::ToHex(component.manifest_hash));
  EXPECT_NE(Text(json, "error"), "");
}

TEST_F(InspectManifestTest, Plain) {
  const testdata::PreparedComponent component = Sample(/*plain=*/true);
  ASSERT_EQ(component.stored_manifest, component.manifest);
  const std::string file = File(component.key + ".manifest", component.stored_manifest);
  const auto json = Inspected({file});
  EXPECT_EQ(Text(json, "coding"), "plain");
  EXPECT_EQ(Text(json, "base"), "");
  EXPECT_EQ(Text(json, "key"), component.key);
  EXPECT_EQ(Text(json, "decoded_sha256"), digest::ToHex(component.manifest_hash));
  EXPECT_EQ(Call({"inspect", "--decode", file}).out, component.manifest);
  // Told by the root element, whatever stands before it.
  const size_t root = component.manifest.find("<assembly");
  ASSERT_NE(root, std::string::npos);
  const std::string text = component.manifest.substr(root);
  for (const char* before :
       {"", "\xEF\xBB\xBF", "<?xml version=\"1.0\"?>\r\n<!-- <Session> -->\n"}) {
    EXPECT_EQ(Text(Inspected({File("p", before + text)}), "type"), "manifest") << before;
  }
}

TEST_F(InspectManifestTest, Damage) {
  const std::string stored = Sample().stored_manifest;
  const struct {
    const char* name;
    std::string bytes;
    const char* coding;
    const char* error;  // Part of it.
  } cases[] = {
      {"signature only", "DCM\x01", "DCM", ""},
      {"cut", stored.substr(0, stored.size() / 2), "DCM", ""},
      {"other delta", "PA31 and so on", "PA31", "PA31"},
      {"other wrapper", std::string("DCS\x01", 4) + "abc", "DCS", "DCS"},
      {"DCM around another delta", "DCM\x01PA31 and so on", "DCM", "PA31"},
      {"not well-formed", "<assembly><open></assembly>", "plain", "line 1"},
  };
  for (const auto& c : cases) {
    const auto json = Inspected({File("m", c.bytes), "--base", Raw()});
    EXPECT_EQ(Text(json, "type"), "manifest") << c.name;
    EXPECT_EQ(Text(json, "coding"), c.coding) << c.name;
    EXPECT_NE(Text(json, "error"), "") << c.name;
    EXPECT_THAT(Text(json, "error"), HasSubstr(c.error)) << c.name;
    EXPECT_EQ(json.fields().at("files").list_value().values_size(), 0) << c.name;
  }
  ExpectFailure({"inspect", "--decode", "--base", Raw(), File("m", stored.substr(0, 40))}, {"m"});
}

TEST_F(InspectManifestTest, BaseAndDecodeNeedAManifest) {
  const std::string hive = File("SYSTEM", testdata::FakeVolume().BuildSystem());
  ExpectFailure({"inspect", hive, "--decode"}, {"SYSTEM", "need a component manifest"});
  ExpectFailure({"inspect", hive, "--base", Raw()}, {"SYSTEM", "need a component manifest"});
  ExpectFailure({"inspect", File("m", Sample().stored_manifest), "KEY"}, {"a KEY needs a hive"});
}

}  // namespace
}  // namespace patchgate::cli
