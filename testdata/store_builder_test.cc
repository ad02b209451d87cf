#include "testdata/store_builder.h"

#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "servicing/base/utf16.h"
#include "servicing/delta/dcm.h"
#include "servicing/pe/image.h"
#include "servicing/pe/resources.h"
#include "servicing/registry/offline_registry.h"
#include "servicing/store/identity.h"
#include "servicing/store/manifest.h"
#include "testdata/base_manifest.h"
#include "testdata/fake_volume.h"
#include "testdata/healthy_store.h"

namespace patchgate::testdata {
namespace {

using evidence::MemorySource;
using regf::HiveBuilder;
using registry::HiveId;
using registry::Key;
using registry::Value;
using testing::ElementsAre;
using testing::SizeIs;
using testing::StartsWith;
using testing::UnorderedElementsAre;

constexpr char kIdentity[] =
    "Microsoft-Windows-Notepad, Culture=neutral, Version=10.0.26100.7462, "
    "PublicKeyToken=31bf3856ad364e35, ProcessorArchitecture=wow64, versionScope=NonSxS";
constexpr char kDeployment[] =
    "Microsoft-Windows-Notepad-Deployment, Culture=neutral, Version=10.0.26100.7462, "
    "PublicKeyToken=31bf3856ad364e35, ProcessorArchitecture=amd64, versionScope=NonSxS";
constexpr char kLongName[] = "Windows.Media.Notepad.Extension.dll";

std::string View(const digest::Sha256Digest& digest) {
  return std::string(reinterpret_cast<const char*>(digest.data()), digest.size());
}

std::string ReadFile(const MemorySource& volume, absl::string_view path) {
  const auto file = volume.Open(path);
  return file.ok() ? std::string((*file)->bytes()) : std::string(file.status().message());
}

// A store of one component, laid out.
class OneComponent {
 public:
  explicit OneComponent(const ComponentSpec& changes) {
    HiveBuilder components, software;
    MemorySink sink(&volume);
    StoreBuilder builder(components.root(), software.root(), &sink, {});
    catalog = builder.AddCatalog("the catalog");
    deployment = builder.AddDeployment({kDeployment, catalog, {{"Package~1", true}}});
    builder.AddPackage("Package_for_KB5072033~31bf3856ad364e35~amd64~~26100.7462.1.9", 112);
    ComponentSpec spec = changes;
    spec.identity = kIdentity;
    spec.deployments = {deployment};
    spec.files = {{"notepad.exe", kSystem32, "", "program"},
                  {kLongName, kStoreOnly, "", "library"}};
    component = Prepare(spec);
    builder.AddComponent(component);
    volume.AddFile(kComponentsHive, components.Build());
    volume.AddFile(kSoftwareHive, software.Build());
  }

  // "name type data" of each value of a key; data of numbers and text as such, else as hex digits.
  std::vector<std::string> Values(HiveId hive, const std::string& path) const {
    std::vector<std::string> values;
    const registry::OfflineRegistry registry(volume);
    const auto key = registry.Open(hive, path);
    if (!key.ok()) return {std::string(key.status().message())};
    EXPECT_TRUE((*key)
                    ->VisitValues([&](const Value& value) {
                      const bool text = value.type == 1;
                      values.push_back(absl::StrCat(
                          value.name, " ", value.type, " ",
                          text ? Utf16LeToUtf8(value.data) : digest::ToHex(value.data)));
                      return true;
                    })
                    .ok());
    return values;
  }

  MemorySource volume;
  std::string catalog, deployment;
  PreparedComponent component;
};

TEST(StoreBuilder, LaysOutAComponent) {
  const OneComponent store{{}};
  EXPECT_EQ(store.component.key, store::ComponentKey(*store::ParseIdentity(kIdentity)));
  EXPECT_THAT(store.component.key, StartsWith("wow64_microsoft-windows-notepad_"));
  const std::vector<std::string> values =
      store.Values(HiveId::kComponents, "DerivedData\\Components\\" + store.component.key);
  ASSERT_THAT(values, SizeIs(5));
  EXPECT_EQ(values[0], "identity 3 " + digest::ToHex(kIdentity));
  EXPECT_EQ(values[1], "S256H 3 " + digest::ToHex(digest::Sha256(store.component.manifest)));
  EXPECT_EQ(values[2], "c!" + store.deployment + " 3 ");
  EXPECT_EQ(values[3], "f!notepad.exe 4 01000000");
  // 25 characters, '_' and 16 digits.
  EXPECT_THAT(values[4], StartsWith("f!Windows.Media.Notepad.Ext_"));
  EXPECT_EQ(values[4].find(' '), 2 + 25 + 1 + 16u);

  EXPECT_THAT(store.Values(HiveId::kSoftware,
                           absl::StrCat("Microsoft\\Windows\\CurrentVersion\\SideBySide\\Winners\\",
                                        store.component.family, "\\10.0")),
              ElementsAre(StartsWith(" 1 10.0.26100.7462"), "10.0.26100.7462 3 01"));
  EXPECT_THAT(
      store.Values(HiveId::kComponents, absl::StrCat("DerivedData\\VersionedIndex\\10.0.26100.7295 "
                                                     "(WinBuild.160101.0800)\\ComponentFamilies\\",
                                                     store.component.family)),
      SizeIs(0));
}

TEST(StoreBuilder, LaysOutDeploymentCatalogAndPackage) {
  const OneComponent store{{}};
  EXPECT_EQ(store.deployment, store::DeploymentKey(*store::ParseIdentity(kDeployment)));
  EXPECT_EQ(store.catalog, digest::ToHex(digest::Sha256("the catalog")));
  EXPECT_EQ(ReadFile(store.volume, CatalogPath(store.catalog)), "the catalog");
  EXPECT_THAT(store.Values(HiveId::kComponents, "CanonicalData\\Deployments\\" + store.deployment),
              ElementsAre("appid 3 " + digest::ToHex(kDeployment),
                          StartsWith("CatalogThumbprint 1 " + store.catalog),
                          "p!CBS_package~1 3 0900000000000000" + digest::ToHex("Package~1"),
                          StartsWith("i!CBS_package~1 3 ")));
  EXPECT_THAT(store.Values(HiveId::kComponents, "CanonicalData\\Catalogs\\" + store.catalog),
              ElementsAre("c!" + store.deployment + " 3 "));
  const std::string package = "Package_for_KB5072033~31bf3856ad364e35~amd64~~26100.7462.1.9";
  EXPECT_TRUE(absl::StrContains(ReadFile(store.volume, PackageManifestPath(package)),
                                "version=\"26100.7462.1.9\""));
  EXPECT_THAT(ReadFile(store.volume, PackageCatalogPath(package)), SizeIs(600));
}

TEST(StoreBuilder, PayloadAndItsProjectionAreOneFile) {
  const OneComponent store{{}};
  const auto payload = store.volume.Stat(PayloadPath(store.component.key, "notepad.exe"));
  const auto projection = store.volume.Stat("Windows/SysWOW64/notepad.exe");
  ASSERT_TRUE(payload.ok() && projection.ok());
  EXPECT_EQ(payload->id, projection->id);
  EXPECT_EQ(ReadFile(store.volume, "Windows/SysWOW64/notepad.exe"), "program");
  EXPECT_EQ(ReadFile(store.volume, PayloadPath(store.component.key, kLongName)), "library");
}

TEST(StoreBuilder, WhatIsNoWinnerIsNotProjected) {
  ComponentSpec spec;
  spec.winner = false;
  const OneComponent store(spec);
  EXPECT_TRUE(store.volume.Stat(PayloadPath(store.component.key, "notepad.exe")).ok());
  EXPECT_FALSE(store.volume.Stat("Windows/SysWOW64").ok());
}

TEST(StoreBuilder, DeletedPayloadIsOnlyInTheManifest) {
  ComponentSpec spec;
  spec.flags = 0x40;
  const OneComponent store(spec);
  EXPECT_FALSE(store.volume.Stat("Windows/WinSxS/" + store.component.key).ok());
  EXPECT_FALSE(store.volume.Stat("Windows/SysWOW64").ok());
  store::Manifest manifest;
  ASSERT_TRUE(store::ReadManifest(store.component.manifest, &manifest).ok());
  EXPECT_THAT(manifest.files, SizeIs(2));
  EXPECT_THAT(
      store.Values(HiveId::kComponents, "DerivedData\\Components\\" + store.component.key)[2],
      "CF 4 40000000");
}

TEST(StoreBuilder, ManifestsDecodeWithTheBaseOfWcpDll) {
  const auto image = pe::Image::Parse(WcpDll());
  ASSERT_TRUE(image.ok()) << image.status();
  const auto base = pe::FindResource(*image, kBaseManifestResource, 1);
  ASSERT_TRUE(base.ok()) << base.status();
  EXPECT_EQ(*base, BaseManifest());

  delta::Pa30Decoder decoder;
  std::string buffer;
  for (const bool plain : {false, true}) {
    ComponentSpec spec;
    spec.plain_manifest = plain;
    const OneComponent store(spec);
    const std::string stored = ReadFile(store.volume, ManifestPath(store.component.key));
    EXPECT_EQ(delta::CodingOf(stored),
              plain ? delta::ManifestCoding::kPlain : delta::ManifestCoding::kDcm);
    const auto xml = delta::DecodeManifest(stored, *base, &decoder, &buffer);
    ASSERT_TRUE(xml.ok()) << xml.status();
    EXPECT_EQ(*xml, store.component.manifest);
  }
}

// What the builder puts in one place, the readers find in it.
TEST(HealthyStore, ManifestsSayWhatIsThere) {
  const MemorySource volume = FakeVolume().Build();
  size_t projected = 0;
  for (const PreparedComponent& component :
       HealthyStoreOf(December().revision, December().package).components) {
    SCOPED_TRACE(component.key);
    store::Manifest manifest;
    ASSERT_TRUE(store::ReadManifest(component.manifest, &manifest).ok());
    EXPECT_EQ(manifest.key, component.key);
    EXPECT_EQ(manifest.identity, component.spec.identity);
    ASSERT_EQ(manifest.files.size(), component.spec.files.size());
    const bool deleted = component.spec.flags.value_or(0) & 0x40;
    for (size_t i = 0; i < manifest.files.size() && !deleted; ++i) {
      const store::ManifestFile& file = manifest.files[i];
      const std::string bytes = ReadFile(volume, PayloadPath(component.key, file.name));
      EXPECT_EQ(View(digest::Sha256(bytes)), file.sha256) << file.name;
      const std::string projection = ProjectionPath(component, i);
      if (projection.empty()) continue;
      ++projected;
      EXPECT_EQ(store::ProjectedPath(file.destination, file.name, component.architecture),
                projection);
      EXPECT_EQ(ReadFile(volume, projection), bytes);
    }
  }
  EXPECT_EQ(projected, 10u);
}

TEST(FakeVolume, EveryStagedPackageHasItsFiles) {
  FakeVolume volume;
  volume.AddPackage("Removed~1", 112, 1);
  volume.AddPackage("Resolved~1", 32, 1);
  volume.cbs()->AddKey("Packages")->RemoveKey("Removed~1");
  const MemorySource built = volume.Build();
  std::vector<std::string> names;
  const auto files = built.List("Windows/servicing/Packages");
  ASSERT_TRUE(files.ok());
  for (const evidence::FileInfo& file : *files) {
    if (absl::EndsWith(file.name, ".mum"))
      names.push_back(file.name.substr(0, file.name.find('~')));
  }
  EXPECT_THAT(names, UnorderedElementsAre("Package_for_RollupFix", "Package_for_RollupFix",
                                          "Package_for_ServicingStack_7295",
                                          "Microsoft-Windows-Client-Features-Package",
                                          "Microsoft-Windows-LanguageFeatures-OCR-de-de-Package"));
  EXPECT_THAT(*files, SizeIs(10));
}

}  // namespace
}  // namespace patchgate::testdata
