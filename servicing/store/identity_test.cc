#include "servicing/store/identity.h"

#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace patchgate::store {
namespace {

using ::testing::HasSubstr;

std::string Inbox(absl::string_view name, absl::string_view version, absl::string_view more = "") {
  return absl::StrCat(name, ", Culture=neutral, Version=", version,
                      ", PublicKeyToken=31bf3856ad364e35, ProcessorArchitecture=amd64",
                      ", versionScope=NonSxS", more);
}

// Real keys: DOMAIN §3.7, and the two of the notes on a clean image.
TEST(IdentityTest, GivesTheComponentKeysOfWindows) {
  const struct {
    std::string identity, key;
  } kVectors[] = {
      {Inbox("Microsoft-Windows-Dedup-Service", "10.0.20348.2849"),
       "amd64_microsoft-windows-dedup-service_31bf3856ad364e35_10.0.20348.2849_none_"
       "773c336e9bd2bbfb"},
      {Inbox("Microsoft-Windows-ServicingStack", "10.0.22621.1626"),
       "amd64_microsoft-windows-servicingstack_31bf3856ad364e35_10.0.22621.1626_none_"
       "e930f5a242f053dd"},
      {Inbox("Microsoft-Windows-ServicingStack", "10.0.19041.2905"),
       "amd64_microsoft-windows-servicingstack_31bf3856ad364e35_10.0.19041.2905_none_"
       "7dd39c4c7cb9dfa0"},
      {Inbox("Microsoft-Windows-Core", "10.0.26100.1"),
       "amd64_microsoft-windows-core_31bf3856ad364e35_10.0.26100.1_none_a943f5e781a44c5c"},
      {Inbox("Microsoft-Windows-Font-TrueType-Gadugi", "10.0.26100.1"),
       "amd64_microsoft-windows-font-truetype-gadugi_31bf3856ad364e35_10.0.26100.1_none_"
       "e1326a4c8dcc8ee1"},
      {Inbox("Microsoft-Windows-Network-Security", "10.0.26100.1591"),
       "amd64_microsoft-windows-network-security_31bf3856ad364e35_10.0.26100.1591_none_"
       "68e46b0fda91af4d"},
      {"Microsoft-Windows-OneCoreUAPCommonProxyStub, Culture=neutral, Version=10.0.26100.7309, "
       "PublicKeyToken=31bf3856ad364e35, ProcessorArchitecture=wow64, versionScope=NonSxS",
       "wow64_microsoft-windows-o..euapcommonproxystub_31bf3856ad364e35_10.0.26100.7309_none_"
       "38de5e2364a9fd20"},
      {"Multipoint-SrcRes.Resources, Culture=en-US, Version=10.0.26100.1, "
       "PublicKeyToken=31bf3856ad364e35, ProcessorArchitecture=amd64, versionScope=NonSxS",
       "amd64_multipoint-srcres.resources_31bf3856ad364e35_10.0.26100.1_en-us_6ab3ac0cf789ac3d"},
      {"dual_netvg63a.inf, Culture=neutral, Type=dualModeDriver, Version=10.0.26100.1, "
       "PublicKeyToken=31bf3856ad364e35, ProcessorArchitecture=amd64, versionScope=NonSxS",
       "amd64_dual_netvg63a.inf_31bf3856ad364e35_10.0.26100.1_none_9162a10543917fc7"},
      {Inbox("dual_netvg63a.inf", "10.0.26100.1"),
       "amd64_dual_netvg63a.inf_31bf3856ad364e35_10.0.26100.1_none_36d5f2ca9f3ebad4"},
      {"Microsoft.Windows.Common-Controls, Culture=neutral, Type=win32, Version=5.82.26100.8037, "
       "PublicKeyToken=6595b64144ccf1df, ProcessorArchitecture=amd64",
       "amd64_microsoft.windows.common-controls_6595b64144ccf1df_5.82.26100.8037_none_"
       "87ebc5097a2f9e52"},
  };
  for (const auto& v : kVectors) {
    const absl::StatusOr<Identity> identity = ParseIdentity(v.identity);
    ASSERT_TRUE(identity.ok()) << identity.status();
    EXPECT_EQ(ComponentKey(*identity), v.key);
    EXPECT_EQ(FormatIdentity(*identity), v.identity);
    EXPECT_EQ(VersionOfKey(v.key), identity->version);
    EXPECT_EQ(ArchitectureOfKey(v.key), identity->architecture);
  }
}

// Real keys of SideBySide\Winners: one of a clean 26100 image, one that installers look for.
TEST(IdentityTest, GivesTheFamilyKeysOfWindows) {
  Identity controls;
  controls.name = "Microsoft.Windows.Common-Controls";
  controls.type = "win32";
  controls.version = "5.82.26100.8037";
  controls.public_key_token = "6595b64144ccf1df";
  controls.architecture = "amd64";
  EXPECT_EQ(FamilyKey(controls),
            "amd64_microsoft.windows.common-controls_6595b64144ccf1df_none_62fe57338acfab7a");
  Identity runtime;
  runtime.name = "Microsoft.VC90.CRT";
  runtime.type = "win32";
  runtime.version = "9.0.21022.8";
  runtime.public_key_token = "1fc8b3b9a1e18e3b";
  runtime.architecture = "x86";
  EXPECT_EQ(FamilyKey(runtime), "x86_microsoft.vc90.crt_1fc8b3b9a1e18e3b_none_ea33c8f0b247cd77");
}

TEST(IdentityTest, DeploymentKeysHaveNoArchitectureAndShorterNames) {
  const std::string text =
      Inbox("Microsoft-Windows-Client-Features-Package-AutoMerged-Deployment", "10.0.26100.8037");
  const absl::StatusOr<Identity> identity = ParseIdentity(text);
  ASSERT_TRUE(identity.ok());
  const std::string key = DeploymentKey(*identity);
  EXPECT_THAT(key, HasSubstr("microsoft-w..-deployment_31bf3856ad364e35_10.0.26100.8037_"));
  EXPECT_EQ(key.substr(key.rfind('_') + 1),
            absl::StrCat(absl::Hex(IdentityHash(*identity), absl::kZeroPad16)));
}

TEST(IdentityTest, NamesAreCutOnlyBeyondTheLimit) {
  Identity identity;
  identity.version = "1.0.0.0";
  const std::string forty(40, 'a'), more(41, 'b');
  identity.name = forty;
  EXPECT_THAT(ComponentKey(identity), HasSubstr("_" + forty + "_"));
  identity.name = more;
  EXPECT_THAT(ComponentKey(identity),
              HasSubstr("_" + std::string(19, 'b') + ".." + std::string(19, 'b') + "_"));
  identity.name = "A (b) C";
  EXPECT_THAT(ComponentKey(identity), HasSubstr("_abc_"));
  identity.culture = "zh-hans-cn";
  EXPECT_THAT(ComponentKey(identity), HasSubstr("_zh-..-cn_"));
}

TEST(IdentityTest, RefusesWhatIsNoIdentity) {
  const struct {
    std::string text, error;
  } kCases[] = {
      {"", "has no name"},
      {"Foo", "has no version"},
      {"Foo, Version=", "attribute Version is empty"},
      {"Foo, Version=1.0.0.0, Version=2.0.0.0", "has attribute Version twice"},
      {"Foo, Version=1.0.0.0, Colour=red", "attribute \"Colour=red\" is not known"},
      {"Foo, Version", "attribute \"Version\" is not known"},
      {std::string("Foo, Version=1.0.0.0\0", 21), "byte 0x0 at offset 20"},
      {"Foo\x80, Version=1.0.0.0", "byte 0x80 at offset 3"},
      {", Version=1.0.0.0", "has no name"},
  };
  for (const auto& c : kCases) {
    const absl::Status status = ParseIdentity(c.text).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << c.text;
    EXPECT_THAT(std::string(status.message()), HasSubstr(c.error)) << c.text;
  }
}

}  // namespace
}  // namespace patchgate::store
