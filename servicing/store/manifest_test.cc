#include "servicing/store/manifest.h"

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace patchgate::store {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

constexpr char kIdentityElement[] =
    R"(<assemblyIdentity name="Contoso-Windows-Sample" version="10.0.26100.1" )"
    R"(processorArchitecture="amd64" language="neutral" buildType="release" )"
    R"(publicKeyToken="31bf3856ad364e35" versionScope="nonSxS" />)";

constexpr char kIdentityTransform[] = "urn:schemas-microsoft-com:HashTransforms.Identity";
constexpr char kSha256Method[] = "http://www.w3.org/2000/09/xmldsig#sha256";
constexpr char kSha1Method[] = "http://www.w3.org/2000/09/xmldsig#sha1";

std::string Assembly(absl::string_view inside) {
  return absl::StrCat(
      R"(<?xml version="1.0" encoding="utf-8" standalone="yes"?>)",
      R"(<assembly xmlns="urn:schemas-microsoft-com:asm.v3" manifestVersion="1.0">)", inside,
      "</assembly>");
}

std::string Digest(char fill) { return std::string(32, fill); }

std::string Hash(absl::string_view transform, absl::string_view method, absl::string_view value) {
  return absl::StrCat(
      R"(<asmv2:hash xmlns:asmv2="urn:schemas-microsoft-com:asm.v2" )",
      R"(xmlns:dsig="http://www.w3.org/2000/09/xmldsig#"><dsig:Transforms><dsig:Transform )",
      "Algorithm=\"", transform, "\" /></dsig:Transforms><dsig:DigestMethod Algorithm=\"", method,
      "\" /><dsig:DigestValue>", value, "</dsig:DigestValue></asmv2:hash>");
}

std::string Sha256(char fill) {
  return Hash(kIdentityTransform, kSha256Method, absl::Base64Escape(Digest(fill)));
}

Manifest Read(absl::string_view xml) {
  Manifest manifest;
  const absl::Status status = ReadManifest(xml, &manifest);
  EXPECT_TRUE(status.ok()) << status;
  return manifest;
}

TEST(ReadManifest, AComponentOfWindows) {
  const Manifest manifest = Read(Assembly(absl::StrCat(
      kIdentityElement,
      R"(<dependency discoverable="no"><dependentAssembly><assemblyIdentity name="Other" )"
      R"(version="1.0.0.0" /></dependentAssembly></dependency>)"
      R"(<file name="Sample.dll" destinationPath="$(runtime.system32)\" )"
      R"(sourceName="SampleBuild.dll" importPath="$(build.nttree)\" sourcePath=".\">)"
      R"(<securityDescriptor name="WRP_FILE_DEFAULT_SDDL" />)",
      Sha256('\x01'), "</file>",
      R"(<file name="en-US\Sample.dll.mui" destinationPath="$(runtime.system32)\en-US\">)",
      Sha256('\x02'), "</file>",
      R"(<directories><directory destinationPath="$(runtime.windows)\Sample\" /></directories>)")));
  EXPECT_EQ(manifest.identity,
            "Contoso-Windows-Sample, Culture=neutral, Version=10.0.26100.1, "
            "PublicKeyToken=31bf3856ad364e35, ProcessorArchitecture=amd64, versionScope=NonSxS");
  EXPECT_TRUE(absl::StartsWith(manifest.key,
                               "amd64_contoso-windows-sample_31bf3856ad364e35_10.0.26100.1_none_"))
      << manifest.key;
  ASSERT_EQ(manifest.files.size(), 2u);
  EXPECT_EQ(manifest.files[0].name, "Sample.dll");
  EXPECT_EQ(manifest.files[0].destination, "$(runtime.system32)\\");
  EXPECT_EQ(manifest.files[0].sha256, Digest('\x01'));
  EXPECT_FALSE(manifest.files[0].writable);
  EXPECT_EQ(manifest.files[1].name, "en-US\\Sample.dll.mui");
  EXPECT_EQ(manifest.files[1].sha256, Digest('\x02'));
}

// Keys of a real image, recomputed from what its manifests say (DOMAIN §3.7).
TEST(ReadManifest, IdentitiesOfRealComponents) {
  const struct {
    const char* name;
    const char* attributes;
    const char* identity;
    const char* key;
  } cases[] = {
      {"component",
       R"(name="Microsoft-Windows-Core" version="10.0.26100.1" processorArchitecture=)"
       R"("amd64" language="neutral" buildType="release" publicKeyToken=)"
       R"("31bf3856ad364e35" versionScope="nonSxS")",
       "Microsoft-Windows-Core, Culture=neutral, Version=10.0.26100.1, "
       "PublicKeyToken=31bf3856ad364e35, ProcessorArchitecture=amd64, versionScope=NonSxS",
       "amd64_microsoft-windows-core_31bf3856ad364e35_10.0.26100.1_none_a943f5e781a44c5c"},
      {"other spelling of the scope, no language",
       R"(name="Microsoft-Windows-Core" version="10.0.26100.1" processorArchitecture="amd64" )"
       R"(publicKeyToken="31bf3856ad364e35" versionScope="nonSXS")",
       "Microsoft-Windows-Core, Culture=neutral, Version=10.0.26100.1, "
       "PublicKeyToken=31bf3856ad364e35, ProcessorArchitecture=amd64, versionScope=NonSxS",
       "amd64_microsoft-windows-core_31bf3856ad364e35_10.0.26100.1_none_a943f5e781a44c5c"},
      {"win32 assembly",
       R"(name="Microsoft.Windows.Common-Controls" version="5.82.26100.8037" )"
       R"(processorArchitecture="amd64" publicKeyToken="6595b64144ccf1df" type="win32")",
       "Microsoft.Windows.Common-Controls, Culture=neutral, Type=win32, Version=5.82.26100.8037, "
       "PublicKeyToken=6595b64144ccf1df, ProcessorArchitecture=amd64",
       "amd64_microsoft.windows.common-controls_6595b64144ccf1df_5.82.26100.8037_none_"
       "87ebc5097a2f9e52"},
      {"language",
       R"(name="Multipoint-SrcRes.Resources" version="10.0.26100.1" processorArchitecture="amd64" )"
       R"(language="en-US" publicKeyToken="31bf3856ad364e35" versionScope="nonSxS")",
       "Multipoint-SrcRes.Resources, Culture=en-US, Version=10.0.26100.1, "
       "PublicKeyToken=31bf3856ad364e35, ProcessorArchitecture=amd64, versionScope=NonSxS",
       "amd64_multipoint-srcres.resources_31bf3856ad364e35_10.0.26100.1_en-us_6ab3ac0cf789ac3d"},
  };
  for (const auto& c : cases) {
    const Manifest manifest =
        Read(Assembly(absl::StrCat("<noInheritable/><assemblyIdentity ", c.attributes, "/>")));
    EXPECT_EQ(manifest.identity, c.identity) << c.name;
    EXPECT_EQ(manifest.key, c.key) << c.name;
    EXPECT_THAT(manifest.files, IsEmpty()) << c.name;
  }
}

TEST(ReadManifest, WhichHashCounts) {
  const std::string value = absl::Base64Escape(Digest('\x07'));
  const std::string sound = Hash(kIdentityTransform, kSha256Method, value);
  const struct {
    const char* name;
    std::string inside;
    bool counts;
  } cases[] = {
      {"none", "", false},
      {"SHA-256 of the plain file", sound, true},
      {"no prefixes",
       absl::StrCat("<hash><Transforms><Transform Algorithm=\"", kIdentityTransform,
                    "\"/></Transforms><DigestMethod Algorithm=\"", kSha256Method,
                    "\"/><DigestValue>", value, "</DigestValue></hash>"),
       true},
      {"white space around the value",
       Hash(kIdentityTransform, kSha256Method, absl::StrCat("\n   ", value, "\n  ")), true},
      {"value in two pieces",
       Hash(kIdentityTransform, kSha256Method,
            absl::StrCat(value.substr(0, 9), "<!-- -->", value.substr(9))),
       true},
      {"SHA-1", Hash(kIdentityTransform, kSha1Method, absl::Base64Escape(std::string(20, 'x'))),
       false},
      {"SHA-1 that claims 32 bytes", Hash(kIdentityTransform, kSha1Method, value), false},
      {"SHA-1, then SHA-256",
       Hash(kIdentityTransform, kSha1Method, absl::Base64Escape(std::string(20, 'x'))) + sound,
       true},
      {"of transformed bytes", Hash("urn:other", kSha256Method, value), false},
      {"no transforms",
       absl::StrCat("<hash><DigestMethod Algorithm=\"", kSha256Method, "\"/><DigestValue>", value,
                    "</DigestValue></hash>"),
       false},
      {"two transforms",
       absl::StrCat(
           "<hash><Transforms><Transform Algorithm=\"", kIdentityTransform,
           "\"/><Transform Algorithm=\"urn:other\"/></Transforms><DigestMethod Algorithm=\"",
           kSha256Method, "\"/><DigestValue>", value, "</DigestValue></hash>"),
       false},
      {"too short", Hash(kIdentityTransform, kSha256Method, "AAAA"), false},
      {"no base64", Hash(kIdentityTransform, kSha256Method, std::string(44, '!')), false},
      {"far too long", Hash(kIdentityTransform, kSha256Method, std::string(100'000, 'A')), false},
      {"deeper down", absl::StrCat("<comClass>", sound, "</comClass>"), false},
      {"after a hash of another kind", Hash("urn:other", kSha256Method, value) + sound, true},
  };
  for (const auto& c : cases) {
    const Manifest manifest =
        Read(Assembly(absl::StrCat(kIdentityElement, "<file name=\"a\">", c.inside, "</file>",
                                   "<dependency>", Sha256('\x09'), "</dependency>")));
    ASSERT_EQ(manifest.files.size(), 1u) << c.name;
    EXPECT_EQ(manifest.files[0].sha256, c.counts ? Digest('\x07') : "") << c.name;
  }
}

// A side-by-side assembly: attributes of another namespace, a hash attribute of the old kind.
TEST(ReadManifest, Attributes) {
  const struct {
    const char* name;
    const char* attributes;
    const char* file;
    const char* destination;
    bool writable;
  } cases[] = {
      {"plain", R"(name="a.dll" hash="0123" hashalg="SHA1")", "a.dll", "", false},
      {"source name is empty", R"(name="a.dll" cmiv2:importPath="x\" cmiv2:sourceName="")", "a.dll",
       "", false},
      {"prefix", R"(name="a.dll" cmiv2:destinationPath="$(runtime.inf)\")", "a.dll",
       "$(runtime.inf)\\", false},
      {"one without a prefix wins", R"(cmiv2:name="b" name="a.dll" asmv2:name="c")", "a.dll", "",
       false},
      {"a prefix called like an attribute", R"(xmlns:destinationPath="urn:x" name="a")", "a", "",
       false},
      {"static", R"(name="a" writeableType="static")", "a", "", false},
      {"static by another name", R"(name="a" writeableType="")", "a", "", false},
      {"writable", R"(name="a" writeableType="dynamic")", "a", "", true},
      {"entities", R"(name="a&amp;b &#x41;.dll")", "a&b A.dll", "", false},
  };
  for (const auto& c : cases) {
    const Manifest manifest =
        Read(Assembly(absl::StrCat(kIdentityElement, "<file ", c.attributes, "/>")));
    ASSERT_EQ(manifest.files.size(), 1u) << c.name;
    EXPECT_EQ(manifest.files[0].name, c.file) << c.name;
    EXPECT_EQ(manifest.files[0].destination, c.destination) << c.name;
    EXPECT_EQ(manifest.files[0].writable, c.writable) << c.name;
    EXPECT_EQ(manifest.files[0].sha256, "") << c.name;
  }
}

TEST(ReadManifest, WhatIsNoFile) {
  EXPECT_THAT(Read(Assembly(absl::StrCat(kIdentityElement, "<file/><file name=''>", Sha256('x'),
                                         "</file><x><file name='deep'/></x>")))
                  .files,
              IsEmpty());
}

TEST(ReadManifest, NothingIsLeftOfTheLast) {
  Manifest manifest;
  ASSERT_TRUE(ReadManifest(Assembly(absl::StrCat(kIdentityElement,
                                                 "<file name='a' destinationPath="
                                                 "'x' writeableType='dynamic'>",
                                                 Sha256('x'), "</file><file name='b'/>")),
                           &manifest)
                  .ok());
  ASSERT_EQ(manifest.files.size(), 2u);
  ASSERT_TRUE(
      ReadManifest(Assembly(absl::StrCat(kIdentityElement, "<file name='c'/>")), &manifest).ok());
  ASSERT_EQ(manifest.files.size(), 1u);
  EXPECT_EQ(manifest.files[0].name, "c");
  EXPECT_EQ(manifest.files[0].destination, "");
  EXPECT_EQ(manifest.files[0].sha256, "");
  EXPECT_FALSE(manifest.files[0].writable);
  ASSERT_FALSE(ReadManifest("<assembly>", &manifest).ok());
  EXPECT_EQ(manifest.identity + manifest.key, "");
  EXPECT_THAT(manifest.files, IsEmpty());
}

TEST(ReadManifest, Errors) {
  const struct {
    const char* name;
    std::string xml;
    const char* message;
  } cases[] = {
      {"empty", "", "XML at line 1, byte 0"},
      {"no XML", "DCM\x01PA30", "XML at line 1"},
      {"zeros", std::string(100, '\0'), "XML at line 1"},
      {"cut off", Assembly(kIdentityElement).substr(0, 300), "XML at line 1"},
      {"another root", "<package><assemblyIdentity name='a' version='1'/></package>",
       "manifest of 59 bytes: no assemblyIdentity directly below assembly"},
      {"no identity", Assembly("<file name='a'/>"), "no assemblyIdentity directly below assembly"},
      {"identity of a dependency only",
       Assembly(absl::StrCat("<dependency>", kIdentityElement, "</dependency>")),
       "no assemblyIdentity directly below assembly"},
      {"identity without a name",
       Assembly(absl::StrCat("<assemblyIdentity version='1.0.0.0'/>", kIdentityElement)),
       "assemblyIdentity without a name or a version"},
      {"identity without a version", Assembly("<assemblyIdentity name='a'/>"),
       "assemblyIdentity without a name or a version"},
      {"document type", "<!DOCTYPE a [<!ENTITY b 'c'>]>" + Assembly(kIdentityElement),
       "document type declaration"},
  };
  for (const auto& c : cases) {
    Manifest manifest;
    const absl::Status status = ReadManifest(c.xml, &manifest);
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << c.name << ": " << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr(c.message)) << c.name;
  }
}

TEST(ProjectedPath, Destinations) {
  const struct {
    const char* destination;
    const char* name;
    const char* architecture;
    const char* path;
  } cases[] = {
      {R"($(runtime.system32)\)", "a.dll", "amd64", "Windows/System32/a.dll"},
      {R"($(runtime.system32)\)", "a.dll", "arm64", "Windows/System32/a.dll"},
      {R"($(runtime.system32)\)", "a.dll", "msil", "Windows/System32/a.dll"},
      {R"($(runtime.system32)\)", "a.dll", "wow64", "Windows/SysWOW64/a.dll"},
      {R"($(runtime.system32)\)", "a.dll", "x86", "Windows/SysWOW64/a.dll"},
      {R"($(runtime.system32))", "a.dll", "amd64", "Windows/System32/a.dll"},
      {R"($(RUNTIME.System32)\)", "a.dll", "AMD64", "Windows/System32/a.dll"},
      {R"($(runtime.system32)\en-US\)", "a.dll.mui", "amd64", "Windows/System32/en-US/a.dll.mui"},
      {R"($(runtime.system32)\)", R"(en-US\a.dll.mui)", "amd64",
       "Windows/System32/en-US/a.dll.mui"},
      {R"($(runtime.system32)\\x/)", "a.dll", "amd64", "Windows/System32/x/a.dll"},
      {R"($(runtime.drivers)\)", "a.sys", "amd64", "Windows/System32/drivers/a.sys"},
      {R"($(runtime.wbem)\)", "a.mof", "wow64", "Windows/SysWOW64/wbem/a.mof"},
      {R"($(runtime.programFiles)\Contoso\)", "a", "amd64", "Program Files/Contoso/a"},
      {R"($(runtime.programFiles)\Contoso\)", "a", "wow64", "Program Files (x86)/Contoso/a"},
      {R"($(runtime.programFilesX86)\)", "a", "amd64", "Program Files (x86)/a"},
      {R"($(runtime.commonFiles)\)", "a", "x86", "Program Files (x86)/Common Files/a"},
      {R"($(runtime.programData)\Microsoft\Event Viewer\Views\)", "a.xml", "wow64",
       "ProgramData/Microsoft/Event Viewer/Views/a.xml"},
      {R"($(runtime.windows)\)", "a", "unknown", "Windows/a"},
      {R"($(runtime.bootDrive)\Boot\)", "a", "amd64", "Boot/a"},
      {R"($(runtime.bootDrive)\)", "a", "amd64", "a"},
      {R"($(runtime.startMenu)\Programs\)", "a.lnk", "amd64",
       "ProgramData/Microsoft/Windows/Start Menu/Programs/a.lnk"},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(ProjectedPath(c.destination, c.name, c.architecture), c.path) << c.destination;
  }
}

TEST(ProjectedPath, WhereNobodyKnows) {
  const struct {
    const char* destination;
    const char* architecture;
  } cases[] = {
      {R"($(runtime.unheardOf)\)", "amd64"},
      {R"($(runtime.userProfile)\)", "amd64"},
      {R"($(runtime.system)\)", "amd64"},
      {R"($(runtime.drivers)\)", "wow64"},
      {R"($(runtime.system32)\)", ""},
      {R"($(runtime.system32)\)", "arm"},
      {R"($(runtime.system32)\drivers\)", "wow64"},
      {R"($(runtime.system32)\Spool\tools\)", "x86"},
      {R"($(runtime.system32)\$(build.cultureNameString)\)", "amd64"},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(ProjectedPath(c.destination, "a.dll", c.architecture), absl::nullopt)
        << c.destination << " " << c.architecture;
  }
}

TEST(ProjectedPath, HostileOnesAreNone) {
  const struct {
    const char* name;
    std::string destination;
    std::string file;
  } cases[] = {
      {"empty", "", "a"},
      {"no variable", R"(C:\Windows\)", "a"},
      {"no variable, relative", R"(Windows\System32\)", "a"},
      {"variable in the middle", R"(x\$(runtime.system32)\)", "a"},
      {"variable without end", R"($(runtime.system32\)", "a"},
      {"end without variable", R"(runtime.system32)\)", "a"},
      {"end before start", R"()$(runtime.system32\)", "a"},
      {"end alone", ")", "a"},
      {"start alone", "$(", "a"},
      {"nothing inside", "$()", "a"},
      {"text behind the variable", R"($(runtime.system32)x\)", "a"},
      {"parent", R"($(runtime.system32)\..\)", "a"},
      {"parent in the name", R"($(runtime.system32)\)", R"(..\a)"},
      {"parent with slashes", R"($(runtime.system32)/../)", "a"},
      {"here", R"($(runtime.system32)\.\)", "a"},
      {"dots that Windows cuts off", R"($(runtime.system32)\...\)", "a"},
      {"blank that Windows cuts off", R"($(runtime.system32)\.. \)", "a"},
      {"drive", R"($(runtime.system32)\C:\)", "a"},
      {"stream", R"($(runtime.system32)\)", "a:b"},
      {"environment", R"($(runtime.system32)\%TEMP%\)", "a"},
      {"wildcard", R"($(runtime.system32)\)", "*.dll"},
      {"control character", R"($(runtime.system32)\)", "a\nb"},
      {"NUL", R"($(runtime.system32)\)", std::string("a\0b", 3)},
      {"no name", R"($(runtime.system32)\a\)", ""},
      {"a name of separators", R"($(runtime.system32)\a\)", R"(\/\)"},
      {"variable in the name", R"($(runtime.system32)\)", "$(runtime.windows)"},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(ProjectedPath(c.destination, c.file, "amd64"), absl::nullopt) << c.name;
  }
}

}  // namespace
}  // namespace patchgate::store
