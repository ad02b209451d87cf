#include "gate/import_update.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "manifests/updates.h"
#include "servicing/base/utf16.h"
#include "servicing/text/mutations.h"

namespace patchgate::gate {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

UpdateDescriptor Update() {
  UpdateDescriptor update;
  update.set_kb("KB9000001");
  update.set_title("An update");
  update.set_kind(UpdateDescriptor::CUMULATIVE);
  update.set_trust(UpdateDescriptor::A);
  return update;
}

// "name version size date architecture" of each file; path and hash in place of what is empty.
std::vector<std::string> Files(const UpdateDescriptor& update) {
  std::vector<std::string> files;
  for (const ExpectedFile& file : update.files()) {
    files.push_back(
        absl::StrJoin({absl::StrCat(file.name(), file.path()),
                       file.version().empty() ? file.sha256().substr(0, 8) : file.version(),
                       absl::StrCat(file.size()), file.date(), file.architecture()},
                      " "));
  }
  return files;
}

std::vector<std::string> ListFiles(const std::string& bytes) {
  UpdateDescriptor update = Update();
  ImportCounts counts;
  const absl::Status status = ImportFileList("list.csv", bytes, &update, &counts);
  EXPECT_TRUE(status.ok()) << status;
  return Files(update);
}

constexpr char kList[] =
    "Windows 11, version 24H2 LCU arm64-based\r\n"
    "\"File name\",\"File version\",\"Date\",\"Time\",\"File size\"\r\n"
    "\"ntoskrnl.exe\",\"10.0.26100.9999\",\"11-Nov-2026\",\"21:53\",\"12,805,376\"\r\n"
    "\r\n"
    "Windows 11, version 24H2 LCU x64-based\r\n"
    "\"File name\",\"File version\",\"Date\",\"Time\",\"File size\"\r\n"
    "\"ntoskrnl.exe\",\"10.0.26100.9999\",\"11-Nov-2026\",\"21:54\",\"11,805,376\"\r\n"
    "\"readme.txt\",\"Not versioned\",\"11-Nov-2026\",\"21:54\",\"5\"\r\n";

TEST(ImportFileList, Forms) {
  EXPECT_THAT(ListFiles(kList),
              ElementsAre("ntoskrnl.exe 10.0.26100.9999 12805376 2026-11-11 arm64",
                          "ntoskrnl.exe 10.0.26100.9999 11805376 2026-11-11 x64"));
  struct Case {
    const char* name;
    std::string list;
    std::vector<std::string> files;
  };
  const Case kCases[] = {
      {"other order, platform column",
       "File name,File version,File size,Date,Time,Platform\n"
       "ci.dll,10.0.14393.1,\"1,000\",05-May-2017,03:05,x64\n"
       "wow.dll,10.0.14393.2,10,05-May-17,03:05,x86\n",
       {"ci.dll 10.0.14393.1 1000 2017-05-05 x64", "wow.dll 10.0.14393.2 10 2017-05-05 "}},
      {"other names of columns",
       "Name,Version,ModifiedTime,ModifiedTime,Size\nci.dll,10.0.19041.1,2021-02-01,00:00,7\n",
       {"ci.dll 10.0.19041.1 7 2021-02-01 "}},
      {"two blanks in a name",
       "File  Name , FILE VERSION\nci.dll,10.0.1.2\n",
       {"ci.dll 10.0.1.2 0  "}},
      {"words before the list",
       "File information,,\n\"The English, (United States) version\"\n\nFile name,File version\n"
       "a.dll,1.2.3.4\n",
       {"a.dll 1.2.3.4 0  "}},
      {"section of older lists",
       "For all supported x64-based versions,,,\nFile name,File version\na.dll,1.2.3.4\n",
       {"a.dll 1.2.3.4 0  x64"}},
      {"hash",
       absl::StrCat("File name,SHA-256\na.cat,", std::string(64, 'A'), "\n"),
       {"a.cat aaaaaaaa 0  "}},
      {"folder in the name",
       "File name,File version\nen-us\\a.mui,1.2.3.4\nb/c.dll,1.2.3.4\n..,1.2.3.4\nd.dll,1.2.3.4\n",
       {"d.dll 1.2.3.4 0  "}},
      {"odd versions",
       "File name,File version\na.dll,7.1.2\nb.dll,1.2.3.4.5\nc.dll,1.2.3.99999999999\n"
       "d.dll,1.2.3.4\n",
       {"d.dll 1.2.3.4 0  "}},
      {"odd version, and a hash",
       absl::StrCat("File name,File version,SHA-256\na.dll,7.1.2,", std::string(64, 'A'), "\n"),
       {"a.dll aaaaaaaa 0  "}},
      {"name of the branch behind the version",
       "File name,File version\na.dll,10.0.26100.1 (WinBuild.160101.0800)\n",
       {"a.dll 10.0.26100.1 0  "}},
      {"blanks before quotes",
       "File name, File version, Size\na.dll, \"1.2.3.4\", \"1,000\"\n",
       {"a.dll 1.2.3.4 1000  "}},
      {"date of unknown order",
       "File name,File version,Date\na.dll,1.2.3.4,01/02/2026\n",
       {"a.dll 1.2.3.4 0  "}},
      {"no such day",
       "File name,File version,Date\na.dll,1.2.3.4,31-Feb-2026\n",
       {"a.dll 1.2.3.4 0  "}},
      {"short rows",
       "File name,File version,Date,Time,File size\na.dll,1.2.3.4\nb.dll\n,,,\n",
       {"a.dll 1.2.3.4 0  "}},
  };
  for (const Case& c : kCases) {
    EXPECT_EQ(ListFiles(c.list), c.files) << c.name;
    EXPECT_EQ(ListFiles(absl::StrCat("\xEF\xBB\xBF", c.list)), c.files) << c.name;
    EXPECT_EQ(ListFiles(Utf8ToUtf16Le(absl::StrCat("\xEF\xBB\xBF", c.list))), c.files) << c.name;
  }
}

TEST(ImportFileList, SaysWhereItIsWrong) {
  struct Case {
    const char* name;
    std::string list;
    std::string error;
  };
  const Case kCases[] = {
      {"empty", "", "list.csv: no file"},
      {"no list", "a,b\nc,d\n", "list.csv: no file"},
      {"only columns", "File name,File version\n", "list.csv: no file"},
      {"no columns", "x\na.dll,1.2.3.4\n",
       "list.csv: line 2: a file before any line with the names"},
      {"UTF-16BE", std::string("\xFE\xFF\0F\0i", 6), "list.csv: is UTF-16BE"},
      {"no name", "File name,File version\n,1.2.3.4\n", "line 2: file name \"\""},
      {"drive", "File name,File version\nC:,1.2.3.4\n", "line 2: file name \"C:\""},
      {"control character", "File name,File version\na\x1b.dll,1.2.3.4\n", "line 2: file name"},
      {"short hash", "File name,SHA-256\na.dll,abc\n", "line 2: SHA-256 \"abc\""},
      {"large size", "File name,File version,Size\na.dll,1.2.3.4,99999999999999999999999\n",
       "line 2: file size"},
      {"open quote", "File name,File version\n\"a.dll,1.2.3.4\n",
       "list.csv: line 2: a quoted field is not closed"},
      {"NUL", std::string("File name,File version\na\0.dll,1.2.3.4\n", 36),
       "list.csv: line 2: a NUL"},
      {"huge field",
       absl::StrCat("File name,File version\n", std::string(2'000'000, '1'), ".2,1\n"), "list.csv"},
  };
  for (const Case& c : kCases) {
    UpdateDescriptor update = Update();
    ImportCounts counts;
    const absl::Status status = ImportFileList("list.csv", c.list, &update, &counts);
    if (std::string(c.name) == "huge field") {
      EXPECT_EQ(counts.without_version, 1u) << "a name without a version";
      continue;
    }
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << c.name;
    EXPECT_THAT(std::string(status.message()), HasSubstr(c.error)) << c.name;
    EXPECT_LT(status.message().size(), 700u) << c.name;
  }
}

TEST(ImportFileList, CountsAndNamesItsSource) {
  UpdateDescriptor update = Update();
  ImportCounts counts;
  ASSERT_TRUE(ImportFileList("/tmp/9000001.csv", kList, &update, &counts).ok());
  EXPECT_EQ(counts.files, 2u);
  EXPECT_EQ(counts.without_version, 1u);
  ASSERT_THAT(update.sources(), SizeIs(1));
  constexpr absl::string_view kBefore = "9000001.csv, SHA-256 ";
  EXPECT_THAT(update.sources(0), testing::StartsWith(std::string(kBefore)));
  EXPECT_EQ(update.sources(0).size(), kBefore.size() + 64);
}

TEST(ImportFileList, CountsOddRows) {
  UpdateDescriptor update = Update();
  ImportCounts counts;
  ASSERT_TRUE(ImportFileList("list.csv",
                             "File name,File version\na.dll,1.2.3.4\nb.dll,7.1.2\n..,1.2.3.4\n",
                             &update, &counts)
                  .ok());
  EXPECT_EQ(counts.files, 1u);
  EXPECT_EQ(counts.odd, 2u);
  EXPECT_EQ(counts.first_odd, "list.csv: line 3: file version \"7.1.2\" has not four numbers");
}

constexpr char kMum[] = R"(<?xml version="1.0" encoding="utf-8"?>
<assembly xmlns="urn:schemas-microsoft-com:asm.v3" manifestVersion="1.0">
  <assemblyIdentity name="Package_for_RollupFix" version="26100.9999.1.0" processorArchitecture="amd64" language="neutral" publicKeyToken="31bf3856ad364e35" />
  <package identifier="KB9000001" releaseType="Security Update" restart="possible">
    <parent><assemblyIdentity name="Microsoft-Windows-CoreEdition" version="10.0.26100.1742" /></parent>
    <update name="1"><package><assemblyIdentity name="Package_1_for_KB9000001" version="26100.9999.1.0" /></package></update>
  </package>
</assembly>)";

TEST(ImportPackageManifest, TellsBuildAndKind) {
  UpdateDescriptor update = Update();
  update.clear_kind();
  ASSERT_TRUE(ImportPackageManifest("update.mum", kMum, &update).ok());
  EXPECT_EQ(update.kind(), UpdateDescriptor::CUMULATIVE);
  EXPECT_THAT(update.builds(), ElementsAre("26100.9999"));
  ASSERT_TRUE(ImportPackageManifest("update.mum", kMum, &update).ok());
  EXPECT_THAT(update.builds(), ElementsAre("26100.9999"));

  update.set_kb("KB9000002");
  EXPECT_THAT(std::string(ImportPackageManifest("update.mum", kMum, &update).message()),
              HasSubstr("update.mum: is of KB9000001, not of KB9000002"));
  for (const char* xml : {"", "<a/>", "<assembly/>", "<assembly><package/></assembly>", kList,
                          "<assembly><assemblyIdentity name='a' version='1'/></assembly>"}) {
    EXPECT_FALSE(ImportPackageManifest("update.mum", xml, &update).ok()) << xml;
  }
  EXPECT_THAT(
      std::string(ImportPackageManifest("x.mum",
                                        "<assembly><assemblyIdentity name='Package_for_RollupFix' "
                                        "version='x'/><package identifier=''/></assembly>",
                                        &update)
                      .message()),
      HasSubstr("version \"x\""));
}

constexpr char kManifest[] = R"(<?xml version="1.0" encoding="utf-8"?>
<assembly xmlns="urn:schemas-microsoft-com:asm.v3" manifestVersion="1.0">
  <assemblyIdentity name="Contoso-Windows-Sample" version="10.0.26100.9999" processorArchitecture="amd64" language="neutral" publicKeyToken="31bf3856ad364e35" versionScope="nonSxS" />
  <file name="sample.sys" destinationPath="$(runtime.drivers)\">
    <asmv2:hash xmlns:asmv2="urn:schemas-microsoft-com:asm.v2" xmlns:dsig="http://www.w3.org/2000/09/xmldsig#">
      <dsig:Transforms><dsig:Transform Algorithm="urn:schemas-microsoft-com:HashTransforms.Identity" /></dsig:Transforms>
      <dsig:DigestMethod Algorithm="http://www.w3.org/2000/09/xmldsig#sha256" />
      <dsig:DigestValue>AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=</dsig:DigestValue>
    </asmv2:hash>
  </file>
  <file name="stays.dll" destinationPath=""/>
  <file name="nohash.dll" destinationPath="$(runtime.system32)\"/>
</assembly>)";

TEST(ImportComponentManifest, TellsPathsAndHashes) {
  UpdateDescriptor update = Update();
  ImportCounts counts;
  const absl::Status status = ImportComponentManifest("a.manifest", kManifest, &update, &counts);
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_THAT(Files(update), ElementsAre("Windows/System32/drivers/sample.sys 00010203 0  x64"));
  EXPECT_EQ(counts.without_version, 1u);
  EXPECT_THAT(
      std::string(ImportComponentManifest("a.manifest", "DCM\x01xxxx", &update, &counts).message()),
      HasSubstr("a.manifest: is compressed (DCM)"));
  EXPECT_THAT(std::string(ImportComponentManifest("a", "<assembly/>", &update, &counts).message()),
              HasSubstr("a: "));
  EXPECT_FALSE(ImportComponentManifest("a", "", &update, &counts).ok());
}

TEST(FormatUpdate, RoundTripAndOrder) {
  UpdateDescriptor update = Update(), reversed = Update();
  ImportCounts counts;
  ASSERT_TRUE(ImportFileList("list.csv", kList, &update, &counts).ok());
  ASSERT_TRUE(ImportFileList("list.csv", kList, &update, &counts).ok()) << "each file once";
  ASSERT_TRUE(ImportComponentManifest("m", kManifest, &update, &counts).ok());
  ASSERT_TRUE(ImportComponentManifest("m", kManifest, &reversed, &counts).ok());
  ASSERT_TRUE(ImportFileList("list.csv", kList, &reversed, &counts).ok());
  const auto text = FormatUpdate("out", update);
  ASSERT_TRUE(text.ok()) << text.status();
  const auto parsed = ParseUpdateSet("out", *text);
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  EXPECT_EQ(Files(parsed->updates(0)),
            (std::vector<std::string>{"ntoskrnl.exe 10.0.26100.9999 12805376 2026-11-11 arm64",
                                      "ntoskrnl.exe 10.0.26100.9999 11805376 2026-11-11 x64",
                                      "Windows/System32/drivers/sample.sys 00010203 0  x64"}));
  EXPECT_EQ(FormatUpdate("out", parsed->updates(0)).value(), *text);
  *reversed.mutable_sources() = update.sources();
  EXPECT_EQ(FormatUpdate("out", reversed).value(), *text);

  update.set_released("yesterday");
  EXPECT_THAT(std::string(FormatUpdate("out", update).status().message()),
              HasSubstr("out: update KB9000001: released \"yesterday\""));
}

// Whatever the bytes: an error in one line, or a descriptor that can be read again.
TEST(ImportFileList, Mutations) {
  text::ForEachMutation(kList, [](absl::string_view bytes) {
    UpdateDescriptor update = Update();
    ImportCounts counts;
    const absl::Status status = ImportFileList("list.csv", bytes, &update, &counts);
    if (!status.ok()) {
      EXPECT_EQ(status.message().find('\n'), absl::string_view::npos) << status;
      return;
    }
    const auto text = FormatUpdate("out", update);
    EXPECT_TRUE(text.ok()) << text.status();
  });
}

}  // namespace
}  // namespace patchgate::gate
