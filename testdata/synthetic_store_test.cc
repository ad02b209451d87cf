#include "testdata/synthetic_store.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "servicing/delta/dcm.h"
#include "servicing/digest/digest.h"
#include "servicing/registry/offline_registry.h"
#include "servicing/store/component_index.h"
#include "servicing/store/identity.h"
#include "servicing/store/manifest.h"
#include "servicing/store/verify.h"
#include "testdata/base_manifest.h"
#include "testdata/fake_volume.h"
#include "testdata/store_builder.h"
#include "testdata/store_plan.h"

namespace patchgate::testdata {
namespace {

using evidence::MemorySource;
using testing::IsEmpty;

struct Volume {
  MemorySource source;
  SyntheticStore store;
};

StoreShape Small() {
  StoreShape shape;
  shape.components = 300;
  shape = shape.Scaled();
  shape.payload_bytes = 1 << 20;
  return shape;
}

Volume Make(const StoreShape& shape) {
  Volume volume;
  MemorySink sink(&volume.source);
  absl::StatusOr<SyntheticStore> store = WriteSyntheticStore(shape, &sink);
  EXPECT_TRUE(store.ok()) << store.status();
  if (store.ok()) volume.store = *std::move(store);
  return volume;
}

Volume MakeDamaged(StoreDamageKind kind, int count) {
  StoreShape shape = Small();
  shape.damage = {{kind, count}};
  return Make(shape);
}

std::vector<StoreDamageKind> AllKinds() {
  std::vector<StoreDamageKind> kinds;
  for (int kind = 1; kind <= StoreDamageKind_MAX; ++kind) {
    if (StoreDamageKind_IsValid(kind)) kinds.push_back(static_cast<StoreDamageKind>(kind));
  }
  return kinds;
}

// Time and bytes of every file by path.
std::map<std::string, std::string> Contents(const MemorySource& volume) {
  std::map<std::string, std::string> contents;
  volume.ForEach(
      [&](const std::string& path, const evidence::FileInfo& info, const std::string& bytes) {
        if (!info.is_directory) contents[path] = absl::StrCat(info.modified, " ", bytes);
      });
  return contents;
}

// Of all contents, and of which names are one file's.
std::string DigestOf(const MemorySource& volume) {
  std::string all;
  std::map<uint64_t, std::string> first_names;
  volume.ForEach([&](const std::string& path, const evidence::FileInfo& info,
                     const std::string& bytes) {
    absl::StrAppend(&all, path, " ", info.modified, " ",
                    info.is_directory ? "" : first_names.emplace(info.id.index, path).first->second,
                    " ", digest::ToHex(digest::Sha256(bytes)), "\n");
  });
  return digest::ToHex(digest::Sha256(all));
}

std::set<std::string> NamesIn(const MemorySource& volume, const std::string& folder,
                              const std::string& suffix) {
  std::set<std::string> names;
  const auto entries = volume.List(folder);
  EXPECT_TRUE(entries.ok()) << entries.status();
  for (const evidence::FileInfo& info : *entries) {
    if (!absl::EndsWith(info.name, suffix)) continue;
    names.insert(info.name.substr(0, info.name.size() - suffix.size()));
  }
  return names;
}

TEST(SyntheticStore, FilesAndKeysAreOneToOne) {
  const Volume volume = Make(Small());
  const registry::OfflineRegistry registry(volume.source);
  delta::Pa30Decoder decoder;
  std::string buffer;
  std::set<std::string> components, deployments, catalogs, owners;
  uint64_t deleted = 0, without_flags = 0;
  ASSERT_TRUE(
      store::VisitComponents(registry, [&](const store::Component& component) {
        components.insert(component.key);
        EXPECT_THAT(component.oddities, IsEmpty());
        const auto identity = store::ParseIdentity(component.identity);
        EXPECT_TRUE(identity.ok()) << identity.status();
        EXPECT_EQ(identity.ok() ? store::ComponentKey(*identity) : "", component.key);
        owners.insert(component.deployments.begin(), component.deployments.end());
        EXPECT_FALSE(component.deployments.empty());
        deleted += (component.flags & store::kPayloadDeleted) != 0;
        without_flags += component.flags == 0;
        const auto file = volume.source.Open(ManifestPath(component.key));
        EXPECT_TRUE(file.ok()) << file.status();
        if (!file.ok()) return true;
        const auto xml = delta::DecodeManifest((*file)->bytes(), BaseManifest(), &decoder, &buffer);
        EXPECT_TRUE(xml.ok()) << xml.status();
        if (!xml.ok()) return true;
        const digest::Sha256Digest hash = digest::Sha256(*xml);
        EXPECT_EQ(component.manifest_hash.value_or(""), std::string(hash.begin(), hash.end()));
        return true;
      }).ok());
  ASSERT_TRUE(store::VisitDeployments(registry, [&](const store::Deployment& deployment) {
                deployments.insert(deployment.key);
                EXPECT_EQ(store::DeploymentKey(*store::ParseIdentity(deployment.identity)),
                          deployment.key);
                EXPECT_GT(deployment.packages, 0u);
                return true;
              }).ok());
  ASSERT_TRUE(store::VisitCatalogs(registry, [&](const store::Catalog& catalog) {
                catalogs.insert(catalog.key);
                const auto file = volume.source.Open(CatalogPath(catalog.key));
                EXPECT_TRUE(file.ok()) << file.status();
                if (file.ok()) {
                  EXPECT_EQ(digest::ToHex(digest::Sha256((*file)->bytes())), catalog.key);
                }
                for (const std::string& owner : catalog.deployments) {
                  EXPECT_EQ(deployments.count(owner), 1u) << owner;
                }
                return true;
              }).ok());
  uint64_t winners = 0;
  ASSERT_TRUE(store::VisitWinners(registry, [&](const store::Winner&) {
                ++winners;
                return true;
              }).ok());
  EXPECT_EQ(components, NamesIn(volume.source, "Windows/WinSxS/Manifests", ".manifest"));
  EXPECT_EQ(catalogs, NamesIn(volume.source, "Windows/WinSxS/Catalogs", ".cat"));
  EXPECT_EQ(NamesIn(volume.source, "Windows/servicing/Packages", ".mum"),
            NamesIn(volume.source, "Windows/servicing/Packages", ".cat"));
  EXPECT_EQ(NamesIn(volume.source, "Windows/servicing/Packages", ".mum").size(),
            volume.store.packages);
  for (const std::string& owner : owners) EXPECT_EQ(deployments.count(owner), 1u) << owner;
  EXPECT_EQ(components.size(), volume.store.components);
  EXPECT_EQ(components.size(), 300u);
  EXPECT_EQ(deployments.size(), volume.store.deployments);
  EXPECT_EQ(catalogs.size(), volume.store.catalogs);
  EXPECT_EQ(winners, volume.store.winners);
  EXPECT_EQ(deleted, volume.store.payload_deleted);
  EXPECT_EQ(without_flags, volume.store.without_flags);
  EXPECT_EQ(store::CountFamilies(registry).value_or(0), volume.store.families);
  EXPECT_THAT(volume.store.expected, IsEmpty());
}

// DOMAIN's notes on a clean image of 28,069 components.
TEST(SyntheticStore, HasTheProportionsOfACleanImage) {
  PlanSize size;
  size.components = 28069;
  size.packages = 3517;
  size.deployments = 3983;
  size.catalogs = 2274;
  size.payload_bytes = uint64_t{1} << 30;
  size.lcu_version = "10.0.26100.7462";
  size.lcu_build = "26100.7462.1.9";
  size.lcu_kb = "KB5072033";
  const auto plan = PlanStore(size);
  ASSERT_TRUE(plan.ok()) << plan.status();
  double plain = 0, without_folder = 0, deleted = 0, without_flags = 0, winners = 0, links = 0;
  uint64_t bytes = 0;
  std::set<std::string> identities, destinations;
  for (const PlannedComponent& component : plan->components) {
    const ComponentSpec& spec = component.spec;
    const bool is_deleted = (spec.flags.value_or(0) & store::kPayloadDeleted) != 0;
    plain += spec.plain_manifest;
    deleted += is_deleted;
    without_folder += is_deleted || spec.files.empty();
    without_flags += !spec.flags.has_value();
    winners += spec.winner;
    links += spec.deployments.size();
    EXPECT_TRUE(identities.insert(spec.identity).second) << spec.identity;
    for (size_t i = 0; i < spec.files.size(); ++i) {
      if (is_deleted) continue;
      bytes += component.sizes[i];
      PreparedComponent named;
      named.spec = spec;
      named.architecture = std::string(store::ParseIdentity(spec.identity)->architecture);
      const std::string destination = ProjectionPath(named, i);
      if (!destination.empty()) {
        EXPECT_TRUE(destinations.insert(destination).second) << destination;
        const ComponentFile& file = spec.files[i];
        const std::string place = absl::StrCat(file.place.destination, file.subfolder,
                                               file.subfolder.empty() ? "" : "\\");
        EXPECT_EQ(store::ProjectedPath(place, file.name, named.architecture), destination);
      }
    }
  }
  double installed = 0;
  for (const PlannedPackage& package : plan->packages) installed += package.state == 112;
  EXPECT_EQ(plan->components.size(), 28069u);
  EXPECT_NEAR(plain, 401, 60);
  EXPECT_NEAR(without_folder, 6894, 350);
  EXPECT_NEAR(deleted, 3791, 200);
  EXPECT_NEAR(without_flags, 17127, 500);
  EXPECT_NEAR(winners, 16216, 500);
  EXPECT_NEAR(links, 46269, 1500);
  EXPECT_NEAR(installed, 1446, 120);
  EXPECT_NEAR(bytes, uint64_t{1} << 30, 1 << 20);
  EXPECT_GT(plan->boot_drivers.size(), 60u);
}

TEST(SyntheticStore, TheSeedDecidesEveryByte) {
  StoreShape shape = Small();
  shape.components = 100;
  shape.damage = {{PAYLOAD_MISSING, 2}, {MANIFEST_UNDECODABLE, 2}, {COMPONENT_HASH_INVALID, 1}};
  const std::string first = DigestOf(Make(shape).source);
  EXPECT_EQ(DigestOf(Make(shape).source), first);
  shape.seed = 2;
  EXPECT_NE(DigestOf(Make(shape).source), first);
}

// The digest is what Linux and Windows agree on. A wanted change of the plan changes it.
TEST(SyntheticStore, ThePlanIsTheSameOnEveryMachine) {
  const auto plan = PlanStore({7, 400, 50, 60, 40, 1 << 20, "10.0.26100.7462", "1", "KB1"});
  ASSERT_TRUE(plan.ok()) << plan.status();
  std::string all = plan->Catalog(3);
  for (size_t i = 0; i < plan->components.size(); ++i) {
    const PreparedComponent component = plan->Component(i);
    absl::StrAppend(&all, component.key, " ", component.manifest);
    for (const ComponentFile& file : component.spec.files) absl::StrAppend(&all, file.bytes);
  }
  EXPECT_EQ(digest::ToHex(digest::Sha256(all)),
            "92d0eb0692702c2f7db750742f95f7801eecae8b54f5b6cd88797729c5b83525");
}

// How many files a finding adds, takes away and changes, the hive apart; and whether the hive
// changes.
TEST(SyntheticStore, DamageChangesOnlyWhatItSays) {
  const struct {
    StoreDamageKind kind;
    int added, removed, changed;
    bool hive;
  } kCases[] = {
      {MANIFEST_MISSING, 0, 1, 0, false},          {MANIFEST_UNINDEXED, 1, 0, 0, false},
      {COMPONENT_IDENTITY_INVALID, 0, 0, 0, true}, {COMPONENT_KEY_MISMATCH, 0, 0, 0, true},
      {COMPONENT_HASH_INVALID, 0, 0, 0, true},     {COMPONENT_UNOWNED, 0, 0, 0, true},
      {DEPLOYMENT_MISSING, 0, 0, 0, true},         {DEPLOYMENT_IDENTITY_INVALID, 0, 0, 0, true},
      {DEPLOYMENT_KEY_MISMATCH, 0, 0, 0, true},    {CATALOG_KEY_MISSING, 0, 1, 0, true},
      {CATALOG_MISSING, 0, 1, 0, false},           {CATALOG_UNINDEXED, 1, 0, 0, false},
      {PACKAGE_MANIFEST_MISSING, 0, 1, 0, false},  {PACKAGE_CATALOG_MISSING, 0, 1, 0, false},
      {PACKAGE_UNINDEXED, 2, 0, 0, false},         {MANIFEST_UNDECODABLE, 0, 0, 1, false},
      {MANIFEST_HASH_MISMATCH, 0, 0, 1, false},    {MANIFEST_IDENTITY_MISMATCH, 0, 0, 1, true},
      {CATALOG_HASH_MISMATCH, 0, 0, 1, false},     {PAYLOAD_MISSING, 0, 1, 0, false},
      {PAYLOAD_HASH_MISMATCH, 0, 0, 1, false},     {PROJECTION_MISSING, 0, 1, 0, false},
      {PROJECTION_MISMATCH, 0, 0, 1, false},
  };
  EXPECT_EQ(AllKinds().size(), sizeof(kCases) / sizeof(kCases[0]));
  const std::map<std::string, std::string> sound = Contents(Make(Small()).source);
  for (const auto& c : kCases) {
    SCOPED_TRACE(StoreDamageKind_Name(c.kind));
    constexpr int kCount = 5;
    const Volume volume = MakeDamaged(c.kind, kCount);
    std::map<std::string, std::string> damaged = Contents(volume.source);
    std::set<std::string> paths;
    ASSERT_EQ(volume.store.expected.size(), static_cast<size_t>(kCount));
    for (const StoreDamage& damage : volume.store.expected) {
      EXPECT_EQ(damage.kind(), c.kind);
      EXPECT_FALSE(damage.component().empty());
      EXPECT_TRUE(paths.insert(damage.path()).second) << damage.path();
    }
    EXPECT_EQ(damaged[kComponentsHive] != sound.at(kComponentsHive), c.hive);
    int added = 0, removed = 0, changed = 0;
    for (const auto& [path, content] : damaged) {
      const auto before = sound.find(path);
      if (before == sound.end()) {
        ++added;
      } else if (path != kComponentsHive && before->second != content) {
        const bool expected = paths.count(path) != 0;
        // Another name of the same file.
        const bool linked =
            c.kind == PAYLOAD_HASH_MISMATCH && !absl::StartsWith(path, "Windows/WinSxS/");
        EXPECT_TRUE(expected || linked) << path;
        changed += expected;
      }
    }
    for (const auto& [path, content] : sound) removed += damaged.count(path) == 0;
    EXPECT_EQ(added, kCount * c.added);
    EXPECT_EQ(removed, kCount * c.removed);
    EXPECT_EQ(changed, kCount * c.changed);
  }
}

StoreVerification VerifyAll(const MemorySource& volume) {
  store::VerifyOptions options;
  options.level = STORE_LEVEL_PAYLOAD;
  options.examples = 1000;
  return store::Verify(volume, registry::OfflineRegistry(volume), options);
}

std::multiset<std::string> Lines(const std::vector<StoreDamage>& damage) {
  std::multiset<std::string> lines;
  for (const StoreDamage& d : damage) {
    lines.insert(absl::StrCat(StoreDamageKind_Name(d.kind()), " ", d.component(), " ", d.path()));
  }
  return lines;
}

std::vector<std::string> Without(const std::multiset<std::string>& lines,
                                 const std::multiset<std::string>& others) {
  std::vector<std::string> rest;
  std::set_difference(lines.begin(), lines.end(), others.begin(), others.end(),
                      std::back_inserter(rest));
  return rest;
}

TEST(SyntheticStore, VerificationFindsTheDamageAndNothingElse) {
  for (const uint64_t seed : {1, 2, 3}) {
    for (const int count : {0, 4}) {
      SCOPED_TRACE(absl::StrCat("seed ", seed, ", damage ", count));
      StoreShape shape = Small();
      shape.components = 600;
      shape.seed = seed;
      for (const StoreDamageKind kind : AllKinds()) shape.damage.push_back({kind, count});
      const Volume volume = Make(shape);
      const StoreVerification found = VerifyAll(volume.source);
      EXPECT_EQ(found.collection().status(), Collection::COLLECTED);
      EXPECT_EQ(found.collection().gaps_size(), 0);
      EXPECT_EQ(found.unverified_total(), 0u);
      EXPECT_EQ(found.counts().components(), 600u);
      if (count == 0) {
        EXPECT_EQ(found.counts().payload_files(), volume.store.payload_files);
        EXPECT_EQ(found.counts().projections(), volume.store.projections);
        EXPECT_EQ(found.counts().projections_linked(), volume.store.projections);
      }
      const std::multiset<std::string> expected = Lines(volume.store.expected);
      const std::multiset<std::string> damage =
          Lines({found.damage().begin(), found.damage().end()});
      EXPECT_THAT(Without(expected, damage), IsEmpty()) << "not found";
      EXPECT_THAT(Without(damage, expected), IsEmpty()) << "found for nothing";
    }
  }
}

TEST(SyntheticStore, TheDirtyHiveIsTheSameWithItsLog) {
  StoreShape shape = Small();
  shape.hive = ComponentsHive::kDirty;
  Volume volume = Make(shape);
  EXPECT_EQ(VerifyAll(volume.source).damage_size(), 0);
  volume.source.Remove(absl::StrCat(kComponentsHive, ".LOG1"));
  EXPECT_GT(VerifyAll(volume.source).damage_size(), 10);

  shape.hive = ComponentsHive::kMissing;
  EXPECT_FALSE(Make(shape).source.Stat(kComponentsHive).ok());
  shape.hive = ComponentsHive::kTruncated;
  const auto truncated = Make(shape).source.Stat(kComponentsHive);
  ASSERT_TRUE(truncated.ok());
  EXPECT_GT(truncated->size, 100'000u);
}

TEST(SyntheticStore, RefusesWhatCannotBe) {
  MemorySource volume;
  MemorySink sink(&volume);
  StoreShape shape = Small();
  shape.damage = {{PAYLOAD_MISSING, 10'000}};
  EXPECT_EQ(WriteSyntheticStore(shape, &sink).status().code(),
            absl::StatusCode::kResourceExhausted);
  shape.damage = {{STORE_DAMAGE_UNSPECIFIED, 1}};
  EXPECT_EQ(WriteSyntheticStore(shape, &sink).status().code(), absl::StatusCode::kInvalidArgument);
  shape.damage.clear();
  shape.deployments = 1;
  EXPECT_EQ(WriteSyntheticStore(shape, &sink).status().code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace patchgate::testdata
