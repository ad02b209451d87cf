#include "servicing/store/component_index.h"

#include <functional>
#include <random>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "servicing/base/little_endian.h"
#include "servicing/evidence/memory_source.h"
#include "servicing/regf/format.h"
#include "servicing/regf/hive_builder.h"
#include "servicing/regf/types.h"
#include "servicing/registry/offline_registry.h"

namespace patchgate::store {
namespace {

using evidence::MemorySource;
using regf::HiveBuilder;
using registry::OfflineRegistry;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr char kIdentity[] =
    "Contoso-Sample, Culture=neutral, Version=10.0.26100.1, PublicKeyToken=31bf3856ad364e35, "
    "ProcessorArchitecture=amd64, versionScope=NonSxS";

OfflineRegistry WithComponents(std::string hive) {
  MemorySource volume;
  volume.AddFile("Windows/System32/config/COMPONENTS", std::move(hive));
  return OfflineRegistry(volume);
}

OfflineRegistry WithSoftware(std::string hive) {
  MemorySource volume;
  volume.AddFile("Windows/System32/config/SOFTWARE", std::move(hive));
  return OfflineRegistry(volume);
}

std::string Text(const std::vector<Oddity>& oddities) {
  return absl::StrJoin(oddities, "; ", [](std::string* out, const Oddity& oddity) {
    absl::StrAppend(out, oddity.value, ": ", oddity.what);
  });
}

// Records are reused between calls; these are copies.
template <typename Record>
struct Seen {
  absl::Status status;
  std::vector<Record> records;
};

Seen<Component> Components(const registry::Registry& registry) {
  Seen<Component> seen;
  seen.status = VisitComponents(registry, [&](const Component& component) {
    seen.records.push_back(component);
    return true;
  });
  return seen;
}

Seen<Deployment> Deployments(const registry::Registry& registry) {
  Seen<Deployment> seen;
  seen.status = VisitDeployments(registry, [&](const Deployment& deployment) {
    seen.records.push_back(deployment);
    return true;
  });
  return seen;
}

Seen<Catalog> Catalogs(const registry::Registry& registry) {
  Seen<Catalog> seen;
  seen.status = VisitCatalogs(registry, [&](const Catalog& catalog) {
    seen.records.push_back(catalog);
    return true;
  });
  return seen;
}

Seen<Winner> Winners(const registry::Registry& registry) {
  Seen<Winner> seen;
  seen.status = VisitWinners(registry, [&](const Winner& winner) {
    seen.records.push_back(winner);
    return true;
  });
  return seen;
}

HiveBuilder::Key* AddComponent(absl::string_view name, HiveBuilder* builder) {
  return builder->root()
      ->AddKey(absl::StrCat(R"(DerivedData\Components\)", name))
      ->SetBinary("identity", kIdentity)
      ->SetBinary("S256H", std::string(32, '\x5A'));
}

// The shape of a real key, from the measurements of a clean image.
TEST(VisitComponents, ReadsAWholeRecord) {
  HiveBuilder builder;
  AddComponent("amd64_contoso", &builder)
      ->SetDword("CF", 0x280)
      ->SetDword("ClosureFlags", 3)
      ->SetBinary("c!contoso-deployment_1", "")
      ->SetBinary("c!contoso-deployment_2", "")
      ->SetDword("f!contoso.dll", 1)
      ->SetDword("f!contoso-with-a-very-long-_0123456789abcdef", 0x41);
  const auto seen = Components(WithComponents(builder.Build()));
  ASSERT_TRUE(seen.status.ok()) << seen.status;
  ASSERT_EQ(seen.records.size(), 1u);
  const Component& component = seen.records[0];
  EXPECT_EQ(component.key, "amd64_contoso");
  EXPECT_EQ(component.identity, kIdentity);
  EXPECT_EQ(component.manifest_hash, std::string(32, '\x5A'));
  EXPECT_EQ(component.flags, 0x280u);
  EXPECT_THAT(component.deployments, ElementsAre("contoso-deployment_1", "contoso-deployment_2"));
  EXPECT_THAT(component.files,
              ElementsAre("contoso.dll", "contoso-with-a-very-long-_0123456789abcdef"));
  EXPECT_EQ(Text(component.oddities), "");
  EXPECT_FALSE(component.damaged);
}

TEST(VisitComponents, NothingOfOneRecordIsLeftInTheNext) {
  HiveBuilder builder;
  AddComponent("a", &builder)
      ->SetDword("CF", 0x40)
      ->SetBinary("c!one", "")
      ->SetBinary("c!two", "not empty")
      ->SetDword("f!one", 1);
  builder.root()->AddKey(R"(DerivedData\Components\b)");
  AddComponent("c", &builder)->SetBinary("c!three", "");
  const auto seen = Components(WithComponents(builder.Build()));
  ASSERT_EQ(seen.records.size(), 3u);
  EXPECT_EQ(seen.records[0].oddities.size(), 1u);
  const Component& bare = seen.records[1];
  EXPECT_EQ(bare.key, "b");
  EXPECT_EQ(bare.identity, "");
  EXPECT_FALSE(bare.manifest_hash.has_value());
  EXPECT_EQ(bare.flags, 0u);
  EXPECT_THAT(bare.deployments, IsEmpty());
  EXPECT_THAT(bare.files, IsEmpty());
  EXPECT_EQ(Text(bare.oddities), "");
  EXPECT_THAT(seen.records[2].deployments, ElementsAre("three"));
  EXPECT_THAT(seen.records[2].files, IsEmpty());
}

TEST(VisitComponents, OddShapes) {
  const struct {
    const char* name;
    std::function<void(HiveBuilder::Key*)> change;
    std::string oddities;
  } cases[] = {
      {"hash of another size", [](auto* key) { key->SetBinary("S256H", "abcd"); },
       "S256H: REG_BINARY of 4 bytes, expected REG_BINARY of 32 bytes"},
      {"hash as text",
       [](auto* key) { key->SetValue("S256H", regf::kRegSz, std::string(32, 'a')); },
       "S256H: REG_SZ of 32 bytes, expected REG_BINARY of 32 bytes"},
      {"identity as text", [](auto* key) { key->SetString("identity", "abc"); },
       "identity: REG_SZ of 8 bytes, expected text in REG_BINARY"},
      {"empty identity", [](auto* key) { key->SetBinary("identity", ""); },
       "identity: REG_BINARY of 0 bytes, expected text in REG_BINARY"},
      {"flags as text", [](auto* key) { key->SetString("CF", "1"); },
       "CF: REG_SZ of 4 bytes, expected REG_DWORD of 4 bytes"},
      {"flags of 2 bytes",
       [](auto* key) { key->SetValue("CF", regf::kRegDword, std::string(2, '\1')); },
       "CF: REG_DWORD of 2 bytes, expected REG_DWORD of 4 bytes"},
      {"link with data", [](auto* key) { key->SetBinary("c!d", "x"); },
       "c!d: REG_BINARY of 1 bytes, expected REG_BINARY of 0 bytes"},
      {"link of another type", [](auto* key) { key->SetDword("c!d", 0); },
       "c!d: REG_DWORD of 4 bytes, expected REG_BINARY of 0 bytes"},
      {"file of another type", [](auto* key) { key->SetBinary("f!f", ""); },
       "f!f: REG_BINARY of 0 bytes, expected REG_DWORD of 4 bytes"},
      {"names without regard to case",
       [](auto* key) { key->SetBinary("c!D", "")->SetDword("F!f", 1)->SetDword("cf", 0x40); }, ""},
      {"values that nobody knows", [](auto* key) { key->SetString("x!", "y")->SetDword("", 1); },
       ""},
  };
  for (const auto& c : cases) {
    HiveBuilder builder;
    c.change(AddComponent("a", &builder));
    const auto seen = Components(WithComponents(builder.Build()));
    EXPECT_TRUE(seen.status.ok()) << c.name << ": " << seen.status;
    ASSERT_EQ(seen.records.size(), 1u) << c.name;
    EXPECT_EQ(Text(seen.records[0].oddities), c.oddities) << c.name;
  }
}

// An odd identity or hash is not taken for one; an odd link or file still names what it names.
TEST(VisitComponents, WhatAnOddValueStillSays) {
  HiveBuilder builder;
  AddComponent("a", &builder)
      ->SetString("identity", "x")
      ->SetBinary("S256H", std::string(33, 'x'))
      ->SetDword("c!deployment", 1)
      ->SetBinary("f!file", "");
  const auto seen = Components(WithComponents(builder.Build()));
  ASSERT_EQ(seen.records.size(), 1u);
  EXPECT_EQ(seen.records[0].identity, "");
  EXPECT_FALSE(seen.records[0].manifest_hash.has_value());
  EXPECT_THAT(seen.records[0].deployments, ElementsAre("deployment"));
  EXPECT_THAT(seen.records[0].files, ElementsAre("file"));
  EXPECT_EQ(seen.records[0].oddities.size(), 4u);
}

// The builder does not make two values of one name; this renames one in the file, where names are
// Latin-1.
std::string Renamed(HiveBuilder* builder, const HiveBuilder::Key* key, absl::string_view from,
                    absl::string_view to) {
  std::string hive = builder->Build();
  EXPECT_EQ(from.size(), to.size());
  hive.replace(builder->RecordOffset(key->value_cell(from)) + regf::vk::kName, to.size(),
               std::string(to));
  return hive;
}

TEST(VisitComponents, OfTwoOfOneNameTheFirstCounts) {
  const struct {
    const char* name;
    const char* from;  // Stands last.
    const char* to;
    const char* oddities;
  } cases[] = {
      {"identity", "identitx", "identity", "identity: stands twice"},
      {"hash", "S256X", "S256H", "S256H: stands twice"},
      {"flags", "CX", "CF", "CF: stands twice"},
      {"link", "c!twx", "c!one", "c!one: stands twice"},
      {"link in another case", "c!twx", "c!ONE", "c!ONE: stands twice"},
      {"file outside ASCII", "f!x.dll", "f!\xE4.dll", "f!\xC3\xA4.dll: stands twice"},
      {"file", "f!twx", "f!one", "f!one: stands twice"},
      {"another prefix", "f!twx", "c!two", ""},
  };
  for (const auto& c : cases) {
    HiveBuilder builder;
    HiveBuilder::Key* const key = AddComponent("a", &builder)
                                      ->SetDword("CF", 0x40)
                                      ->SetBinary("c!one", "")
                                      ->SetDword("f!one", 1)
                                      ->SetDword("f!\xC3\x84.dll", 1);
    if (absl::StartsWith(c.from, "f!")) {
      key->SetDword(c.from, 1);
    } else {
      key->SetBinary(c.from, "");
    }
    const auto seen = Components(WithComponents(Renamed(&builder, key, c.from, c.to)));
    EXPECT_TRUE(seen.status.ok()) << c.name << ": " << seen.status;
    ASSERT_EQ(seen.records.size(), 1u) << c.name;
    const Component& component = seen.records[0];
    if (absl::StrContains(c.name, "another prefix")) {
      EXPECT_THAT(component.deployments, ElementsAre("one", "two"));
      continue;
    }
    EXPECT_EQ(Text(component.oddities), c.oddities) << c.name;
    EXPECT_EQ(component.identity, kIdentity) << c.name;
    EXPECT_TRUE(component.manifest_hash.has_value()) << c.name;
    EXPECT_EQ(component.flags, 0x40u) << c.name;
    EXPECT_THAT(component.deployments, ElementsAre("one")) << c.name;
    EXPECT_THAT(component.files, ElementsAre("one", "\xC3\x84.dll")) << c.name;
  }
}

TEST(VisitComponents, OdditiesAreBounded) {
  HiveBuilder builder;
  HiveBuilder::Key* const key = AddComponent("a", &builder);
  for (int i = 0; i < 1000; ++i) key->SetBinary(absl::StrCat("c!", i), "x");
  const auto seen = Components(WithComponents(builder.Build()));
  ASSERT_EQ(seen.records.size(), 1u);
  EXPECT_EQ(seen.records[0].deployments.size(), 1000u);
  EXPECT_EQ(seen.records[0].oddities.size(), kMaxOddities);
}

TEST(VisitComponents, StopsWhenAsked) {
  HiveBuilder builder;
  for (const char* name : {"a", "b", "c"}) AddComponent(name, &builder);
  int seen = 0;
  const OfflineRegistry registry = WithComponents(builder.Build());
  EXPECT_TRUE(VisitComponents(registry, [&](const Component&) { return ++seen < 2; }).ok());
  EXPECT_EQ(seen, 2);
}

TEST(VisitComponents, NotThereIsNotTheSameAsNotReadable) {
  HiveBuilder empty;
  EXPECT_TRUE(absl::IsNotFound(Components(WithComponents(empty.Build())).status));
  EXPECT_TRUE(absl::IsUnavailable(Components(OfflineRegistry(MemorySource())).status));
  EXPECT_TRUE(absl::IsUnavailable(Components(WithComponents("no hive")).status));
  HiveBuilder link;
  link.root()->AddKey(R"(DerivedData\Components)")->set_symbolic_link("\\Registry\\Elsewhere");
  EXPECT_TRUE(absl::IsDataLoss(Components(WithComponents(link.Build())).status));
}

TEST(VisitComponents, AKeyWithoutComponentsIsNoError) {
  HiveBuilder builder;
  builder.root()->AddKey(R"(DerivedData\Components)");
  const auto seen = Components(WithComponents(builder.Build()));
  EXPECT_TRUE(seen.status.ok());
  EXPECT_THAT(seen.records, IsEmpty());
}

// Damage to one component costs what it held, no other component, and shows.
TEST(VisitComponents, DamageIsToldAndCostsNoOtherRecord) {
  HiveBuilder builder;
  HiveBuilder::Key* const broken = AddComponent("b", &builder)->SetBinary("c!one", "");
  AddComponent("a", &builder);
  AddComponent("c", &builder);
  const std::string sound = builder.Build();
  const struct {
    const char* name;
    size_t offset;
    char byte;
    size_t records;
    const char* message;
  } cases[] = {
      {"data of a value", builder.RecordOffset(broken->data_cell("identity")) - 1, '\0', 3,
       "DerivedData\\Components with damage: 1; first: "},
      {"record of a value", builder.RecordOffset(broken->value_cell("S256H")), 'x', 3,
       "values of b cannot be read"},
      {"value list", builder.RecordOffset(broken->value_list_cell()) + 3, '\x70', 3,
       "values of b cannot be read"},
      {"key node", builder.RecordOffset(broken->cell()), 'x', 2,
       "subkeys of Components cannot be read"},
  };
  for (const auto& c : cases) {
    std::string hive = sound;
    hive[c.offset] = c.byte;
    const auto seen = Components(WithComponents(hive));
    EXPECT_TRUE(absl::IsDataLoss(seen.status)) << c.name << ": " << seen.status;
    EXPECT_THAT(std::string(seen.status.message()), HasSubstr(c.message)) << c.name;
    ASSERT_EQ(seen.records.size(), c.records) << c.name;
    for (const Component& component : seen.records) {
      EXPECT_EQ(component.damaged, component.key == "b") << c.name;
    }
  }
}

TEST(VisitDeployments, CountsWhatRefersToPackages) {
  HiveBuilder builder;
  const std::string thumbprint(64, 'a');
  builder.root()
      ->AddKey(R"(CanonicalData\Deployments\contoso_1)")
      ->SetBinary("appid", kIdentity)
      ->SetString("CatalogThumbprint", thumbprint)
      ->SetBinary("p!CBS_contoso_1", std::string("\4\0\0\0\0\0\0\0abcd", 12))
      ->SetBinary("p!CBS_contoso_2", std::string("\4\0\0\0\1\0\0\0abcd\1", 13))
      ->SetBinary("s!CBS_contoso_1", "")
      ->SetBinary("s!CBS_contoso_2", "")
      ->SetBinary("i!CBS_contoso_1", "");
  builder.root()->AddKey(R"(CanonicalData\Deployments\contoso_2)");
  const auto seen = Deployments(WithComponents(builder.Build()));
  ASSERT_TRUE(seen.status.ok()) << seen.status;
  ASSERT_EQ(seen.records.size(), 2u);
  EXPECT_EQ(seen.records[0].key, "contoso_1");
  EXPECT_EQ(seen.records[0].identity, kIdentity);
  EXPECT_EQ(seen.records[0].catalog_thumbprint, thumbprint);
  EXPECT_EQ(seen.records[0].packages, 2u);
  EXPECT_EQ(seen.records[0].installed, 1u);
  EXPECT_EQ(seen.records[0].staged, 2u);
  EXPECT_EQ(Text(seen.records[0].oddities), "");
  EXPECT_EQ(seen.records[1].identity, "");
  EXPECT_EQ(seen.records[1].catalog_thumbprint, "");
  EXPECT_EQ(seen.records[1].packages + seen.records[1].installed + seen.records[1].staged, 0u);
}

TEST(VisitDeployments, OddShapes) {
  HiveBuilder builder;
  builder.root()
      ->AddKey(R"(CanonicalData\Deployments\d)")
      ->SetString("appid", "x")
      ->SetBinary("CatalogThumbprint", "aa");
  const auto seen = Deployments(WithComponents(builder.Build()));
  ASSERT_EQ(seen.records.size(), 1u);
  EXPECT_EQ(seen.records[0].identity, "");
  EXPECT_EQ(seen.records[0].catalog_thumbprint, "");
  EXPECT_EQ(Text(seen.records[0].oddities),
            "appid: REG_SZ of 4 bytes, expected text in REG_BINARY; "
            "CatalogThumbprint: REG_BINARY of 2 bytes, expected REG_SZ");
}

TEST(VisitCatalogs, ReadsLinks) {
  HiveBuilder builder;
  const std::string thumbprint(64, 'b');
  builder.root()
      ->AddKey(absl::StrCat(R"(CanonicalData\Catalogs\)", thumbprint))
      ->SetBinary("c!one", "")
      ->SetDword("c!two", 1);
  const auto seen = Catalogs(WithComponents(builder.Build()));
  ASSERT_TRUE(seen.status.ok()) << seen.status;
  ASSERT_EQ(seen.records.size(), 1u);
  EXPECT_EQ(seen.records[0].key, thumbprint);
  EXPECT_THAT(seen.records[0].deployments, ElementsAre("one", "two"));
  EXPECT_EQ(Text(seen.records[0].oddities),
            "c!two: REG_DWORD of 4 bytes, expected REG_BINARY of 0 bytes");
  EXPECT_TRUE(absl::IsNotFound(Catalogs(WithComponents(HiveBuilder().Build())).status));
}

constexpr char kWinners[] = R"(Microsoft\Windows\CurrentVersion\SideBySide\Winners)";

TEST(VisitWinners, OneForEachBranch) {
  HiveBuilder builder;
  HiveBuilder::Key* const winners = builder.root()->AddKey(kWinners);
  winners->AddKey(R"(family_a\5.82)")
      ->SetString("", "5.82.26100.8037")
      ->SetBinary("5.82.26100.8037", "\1");
  winners->AddKey(R"(family_a\6.0)")->SetString("", "6.0.26100.8037");
  winners->AddKey(R"(family_b\10.0)")->SetBinary("10.0.26100.1", "\1");
  winners->AddKey(R"(family_c\10.0)")->SetString("", "");
  winners->AddKey("family_d");
  winners->AddKey(R"(family_e\10.0)")->SetString("", "10.0.26100.2");
  const auto seen = Winners(WithSoftware(builder.Build()));
  ASSERT_TRUE(seen.status.ok()) << seen.status;
  std::vector<std::string> found;
  for (const Winner& winner : seen.records) {
    found.push_back(absl::StrCat(winner.family, " ", winner.version));
  }
  EXPECT_THAT(found, ElementsAre("family_a 5.82.26100.8037", "family_a 6.0.26100.8037",
                                 "family_e 10.0.26100.2"));
  int visited = 0;
  EXPECT_TRUE(VisitWinners(WithSoftware(builder.Build()), [&](const Winner&) {
                return ++visited < 1;
              }).ok());
  EXPECT_EQ(visited, 1) << "not the next family either";
}

TEST(VisitWinners, AVersionThatIsNoTextIsLost) {
  HiveBuilder builder;
  HiveBuilder::Key* const winners = builder.root()->AddKey(kWinners);
  winners->AddKey(R"(family_a\10.0)")->SetDword("", 10);
  winners->AddKey(R"(family_b\10.0)")->SetString("", "10.0.26100.2");
  const auto seen = Winners(WithSoftware(builder.Build()));
  EXPECT_TRUE(absl::IsDataLoss(seen.status));
  EXPECT_THAT(std::string(seen.status.message()),
              HasSubstr("default value of family_a\\10.0: REG_DWORD of 4 bytes, expected REG_SZ"));
  EXPECT_EQ(seen.records.size(), 1u);
  EXPECT_TRUE(absl::IsUnavailable(Winners(OfflineRegistry(MemorySource())).status));
  EXPECT_TRUE(absl::IsNotFound(Winners(WithSoftware(HiveBuilder().Build())).status));
}

TEST(CountFamilies, OfTheNewestStack) {
  HiveBuilder builder;
  HiveBuilder::Key* const index = builder.root()->AddKey(R"(DerivedData\VersionedIndex)");
  // In the order of names 9 comes last.
  index->AddKey(R"(10.0.26100.9\ComponentFamilies\old)");
  for (const char* family : {"a", "b", "c"}) {
    index->AddKey(
        absl::StrCat(R"(10.0.26100.8037 (WinBuild.160101.0800)\ComponentFamilies\)", family));
  }
  index->AddKey(R"(10.0.26100\ComponentFamilies\short)");
  index->AddKey(R"(99.0.x.1\ComponentFamilies\other)");
  const auto count = CountFamilies(WithComponents(builder.Build()));
  ASSERT_TRUE(count.ok()) << count.status();
  EXPECT_EQ(*count, 3u);
}

TEST(CountFamilies, Errors) {
  HiveBuilder builder;
  EXPECT_TRUE(absl::IsNotFound(CountFamilies(WithComponents(builder.Build())).status()));
  builder.root()->AddKey(R"(DerivedData\VersionedIndex\other)");
  EXPECT_TRUE(absl::IsNotFound(CountFamilies(WithComponents(builder.Build())).status()));
  builder.root()->AddKey(R"(DerivedData\VersionedIndex\10.0.26100.1)");
  EXPECT_TRUE(absl::IsNotFound(CountFamilies(WithComponents(builder.Build())).status()));
  EXPECT_TRUE(absl::IsUnavailable(CountFamilies(OfflineRegistry(MemorySource())).status()));
}

// Whatever a damaged hive says, nothing is read that is not there, and what is missing is told.
TEST(ComponentIndex, SurvivesRandomDamage) {
  HiveBuilder builder;
  for (int i = 0; i < 20; ++i) {
    AddComponent(absl::StrCat("component", i), &builder)
        ->SetBinary(absl::StrCat("c!deployment", i), "")
        ->SetDword("f!file.dll", 1);
  }
  builder.root()->AddKey(R"(DerivedData\VersionedIndex\10.0.26100.1\ComponentFamilies\a)");
  const std::string sound = builder.Build();
  std::mt19937 random(20261122);
  int lost = 0;
  for (int i = 0; i < 2'000; ++i) {
    std::string hive = sound;
    for (unsigned edits = 1 + random() % 4; edits > 0; --edits) {
      hive[4096 + random() % (hive.size() - 4096)] = static_cast<char>(random());
    }
    const OfflineRegistry registry = WithComponents(hive);
    const auto seen = Components(registry);
    ASSERT_LE(seen.records.size(), 20u);
    ASSERT_TRUE(seen.records.size() == 20 || !seen.status.ok());
    for (const Component& component : seen.records) {
      ASSERT_FALSE(component.damaged && seen.status.ok());
    }
    lost += !seen.status.ok();
    (void)CountFamilies(registry).status();
  }
  EXPECT_GT(lost, 100);
}

}  // namespace
}  // namespace patchgate::store
