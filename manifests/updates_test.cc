#include "manifests/updates.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace patchgate {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr char kUpdate[] = R"pb(
  updates {
    kb: "KB9000001"
    title: "An update"
    kind: CUMULATIVE
    released: "2026-11-10"
    builds: "26100.9999"
    installation_types: "Client"
    files { name: "ntoskrnl.exe" version: "10.0.26100.9999" architecture: "x64" }
    sources: "its own"
    trust: A
  }
)pb";

TEST(ParsePatchLevel, Cases) {
  struct Case {
    const char* text;
    const char* level;  // "" for none.
  };
  const Case kCases[] = {
      {"26100.7462", "26100.7462"},
      {"10.0.26100.7462", "26100.7462"},
      {"10.0.26100.7462 (WinBuild.160101.0800)", "26100.7462"},
      {"26100.0", "26100.0"},
      {"", ""},
      {"7462", ""},
      {"26100.", ""},
      {".7462", ""},
      {"26100.-1", ""},
      {"26100.+1", ""},
      {"26100. 1", ""},
      {"26100.7462.1.9", ""},
      {"6.2.9200.16384", ""},
      {"26100.99999999999", ""},
  };
  for (const Case& c : kCases) {
    const auto level = ParsePatchLevel(c.text);
    EXPECT_EQ(level ? FormatPatchLevel(*level) : "", c.level) << c.text;
  }
}

TEST(ParseKbNumber, Cases) {
  for (const char* text : {"KB5072033", "kb5072033", "5072033"}) {
    EXPECT_EQ(ParseKbNumber(text), "KB5072033") << text;
  }
  for (const char* text :
       {"", "KB", "7462", "KB50720331", "KB507203x", "26100.7462", " KB5072033"}) {
    EXPECT_EQ(ParseKbNumber(text), "") << text;
  }
}

TEST(ParseUpdateSet, SaysWhatIsWrong) {
  ASSERT_TRUE(ParseUpdateSet("file x", kUpdate).ok());
  struct Case {
    std::string from, to;
    std::vector<std::string> error;
  };
  const Case kCases[] = {
      {"released:", "relaesed:", {"file x", "line 6", "did you mean released?"}},
      {"CUMULATIVE", "CUMULATED", {"CUMULATED"}},
      {"kb: \"KB9000001\"", "kb: \"9000001\"", {"update 9000001", "KB5072033"}},
      {"kb: \"KB9000001\"", "kb: \"KB9\"", {"update KB9"}},
      {"title: \"An update\"", "", {"KB9000001: has no title"}},
      {"kind: CUMULATIVE", "", {"has no kind"}},
      {"2026-11-10", "10.11.2026", {"released \"10.11.2026\""}},
      {"2026-11-10", "2026-02-30", {"released \"2026-02-30\""}},
      {"builds: \"26100.9999\"", "builds: \"10.0.26100.9999\"", {"build \"10.0.26100.9999\""}},
      {"builds: \"26100.9999\"", "builds: \"26100.1\" builds: \"26100.1\"", {"stands twice"}},
      {"\"Client\"", "\"Clinet\"", {"installation type \"Clinet\"", "did you mean Client?"}},
      {"name: \"ntoskrnl.exe\"", "", {"one of name and path", "neither"}},
      {"name: \"ntoskrnl.exe\"", "name: \"a\" path: \"b\"", {"one of name and path", "both"}},
      {"name: \"ntoskrnl.exe\"", "name: \"System32/a.dll\"", {"no file name"}},
      {"name: \"ntoskrnl.exe\"", "path: \"../a.dll\"", {"path \"../a.dll\""}},
      {"name: \"ntoskrnl.exe\"", "path: \"/Windows/a.dll\"", {"path \"/Windows/a.dll\""}},
      {"name: \"ntoskrnl.exe\"", "path: \"C:/a.dll\"", {"path \"C:/a.dll\""}},
      {"version: \"10.0.26100.9999\"", "", {"nothing to compare"}},
      {"10.0.26100.9999", "10.0.26100", {"has not four numbers"}},
      {"version: \"10.0.26100.9999\"", "sha256: \"ABCD\"", {"sha256 \"ABCD\""}},
      {"architecture: \"x64\"", "architecture: \"x644\"", {"unknown architecture \"x644\""}},
      {"sources: \"its own\"", "", {"has no sources"}},
      {"trust: A", "", {"has no trust"}},
      {"kb: \"KB9000001\"", "", {}},
      {"builds: \"26100.9999\"", "", {}},
  };
  for (const Case& c : kCases) {
    const std::string text = absl::StrReplaceAll(kUpdate, {{c.from, c.to}});
    ASSERT_NE(text, kUpdate) << c.from;
    const auto set = ParseUpdateSet("file x", text);
    EXPECT_EQ(set.ok(), c.error.empty()) << c.to << ": " << set.status();
    for (const std::string& part : c.error) {
      EXPECT_THAT(set.status().message(), HasSubstr(part)) << c.to;
    }
  }
  EXPECT_THAT(ParseUpdateSet("x", absl::StrCat(kUpdate, kUpdate)).status().message(),
              HasSubstr("KB9000001 twice"));
}

TEST(ParseUpdateSet, ChecksFamilies) {
  const auto error = [](const std::string& family) {
    const auto set = ParseUpdateSet("x", absl::StrCat("families { ", family, " }"));
    return std::string(set.status().message());
  };
  EXPECT_EQ(error("base: 1 builds: 2 sources: \"s\" trust: A"), "");
  EXPECT_THAT(error("builds: 2 sources: \"s\" trust: A"), HasSubstr("no base"));
  EXPECT_THAT(error("base: 1 sources: \"s\" trust: A"), HasSubstr("no builds"));
  EXPECT_THAT(error("base: 1 builds: 2 trust: A"), HasSubstr("no sources"));
  EXPECT_THAT(error("base: 1 builds: 2 sources: \"s\""), HasSubstr("no trust"));
  EXPECT_THAT(error("base: 2 builds: 1 sources: \"s\" trust: A"), HasSubstr("not above the base"));
  EXPECT_THAT(error("base: 1 builds: 2 builds: 2 sources: \"s\" trust: A"),
              HasSubstr("two families"));
}

// DOMAIN §8.0, by level and installation type.
TEST(BuiltInUpdates, KnowTheTable) {
  const auto catalog = LoadBuiltInUpdates();
  ASSERT_TRUE(catalog.ok()) << catalog.status();
  constexpr size_t kRows = 40;
  EXPECT_EQ(catalog->updates().size(), kRows);
  struct Case {
    const char* level;
    const char* type;
    const char* found;  // KB, or a part of the title.
    bool hotpatch;
  };
  const Case kCases[] = {
      {"26100.4652", "Client", "KB5062553", false},
      {"26100.4656", "Client", "KB5064489", false},
      {"26100.4946", "Client", "KB5063878", false},
      {"26100.7462", "Client", "KB5072033", false},
      {"26200.7462", "Client", "KB5072033", false},
      {"26200.7392", "Client", "KB5072014", true},
      {"26100.7392", "Client", "KB5072014", true},  // 24H2 and 25H2 share their binaries.
      {"26100.7623", "Client", "KB5074109", false},
      {"26100.7623", "Server", "", false},
      {"26100.32230", "Server Core", "Windows Server 2025", false},
      {"26100.32230", "Client", "", false},
      {"26200.7781", "Client", "KB5077212", true},
      {"26200.7840", "Client", "KB5077181", false},
      {"26100.32370", "Server", "Windows Server 2025", false},
      {"26200.8457", "Client", "KB5089549", false},
      {"26200.8524", "Client", "KB5089573", false},
      {"22631.6345", "Client", "version 23H2", false},
      {"22621.6345", "Client", "version 23H2", false},
      {"19044.6691", "Client", "Windows 10", false},
      {"20348.4773", "Server", "Windows Server 2022", false},
      {"25398.2149", "Server Core", "version 23H2", false},
      {"17763.8755", "Server", "Windows Server 2019", false},
      {"14393.8868", "Server", "Windows Server 2016", false},
      {"28000.1575", "Client", "version 26H1", false},
      {"26100.4933", "Client", "", false},  // A servicing stack brings no host to a level.
      {"26100.1", "Client", "", false},
  };
  for (const Case& c : kCases) {
    const auto found = catalog->Find(*ParsePatchLevel(c.level), c.type);
    ASSERT_EQ(found.size(), *c.found == '\0' ? 0u : 1u) << c.level << " " << c.type;
    if (!found.empty()) {
      EXPECT_THAT(absl::StrCat(found[0]->kb(), " ", found[0]->title()), HasSubstr(c.found));
    }
    EXPECT_EQ(catalog->IsHotpatch(*ParsePatchLevel(c.level), c.type), c.hotpatch) << c.level;
  }
  EXPECT_EQ(catalog->FindKb("KB5065381")->kind(), UpdateDescriptor::SERVICING_STACK);
  EXPECT_EQ(catalog->FindKb("KB1234567"), nullptr);
  EXPECT_EQ(catalog->FindKb(""), nullptr);
}

TEST(BuiltInUpdates, KnowFamilies) {
  struct Case {
    uint32_t build, base;
  };
  for (const Case& c : {Case{26200, 26100},
                        {26300, 26100},
                        {26100, 26100},
                        {22631, 22621},
                        {19041, 19041},
                        {19045, 19041},
                        {18363, 18362},
                        {20348, 20348},
                        {28000, 28000},
                        {0, 0}}) {
    EXPECT_EQ(BuiltInUpdates().Base(c.build), c.base) << c.build;
  }
}

TEST(UpdateCatalog, JoinsWhatIsSaidOfOneUpdate) {
  auto catalog = LoadBuiltInUpdates();
  ASSERT_TRUE(catalog.ok());
  const auto set = ParseUpdateSet("mine", R"pb(
    updates {
      kb: "KB5072033"
      title: "Mine"
      kind: CUMULATIVE
      builds: "26100.7462"
      builds: "26300.7462"
      files { path: "Windows/System32/ntdll.dll" version: "10.0.26100.7462" }
      sources: "KB5072033.csv"
      trust: A
    }
  )pb");
  ASSERT_TRUE(set.ok()) << set.status();
  ASSERT_TRUE(catalog->Add("mine", *set).ok());
  const UpdateDescriptor* joined = catalog->FindKb("KB5072033");
  EXPECT_THAT(joined->builds(), ElementsAre("26100.7462", "26200.7462", "26300.7462"));
  EXPECT_EQ(joined->files_size(), 1);
  EXPECT_EQ(joined->released(), "2025-12-09");
  EXPECT_EQ(joined->sources(joined->sources_size() - 1), "KB5072033.csv");

  UpdateSet other = *set;
  other.mutable_updates(0)->set_kind(UpdateDescriptor::HOTPATCH);
  EXPECT_THAT(catalog->Add("other", other).message(),
              HasSubstr("other: update KB5072033: kind HOTPATCH, but it is known as CUMULATIVE"));
  UpdateSet family;
  family.add_families()->set_base(26000);
  family.mutable_families(0)->add_builds(26200);
  EXPECT_THAT(catalog->Add("other", family).message(), HasSubstr("known to be of family 26100"));
  EXPECT_THAT(UpdateCatalog().Find({26100, 7462}, ""), IsEmpty());
}

}  // namespace
}  // namespace patchgate
