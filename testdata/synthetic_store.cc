#include "testdata/synthetic_store.h"

#include <algorithm>
#include <memory>
#include <set>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "servicing/base/status_macros.h"
#include "servicing/regf/log_builder.h"
#include "servicing/store/identity.h"
#include "testdata/damage_injector.h"
#include "testdata/fake_volume.h"
#include "testdata/healthy_store.h"
#include "testdata/store_plan.h"

namespace patchgate::testdata {

using absl::StrCat;
using regf::HiveBuilder;

namespace {

constexpr uint32_t kPayloadDeleted = 0x40;
constexpr const char* kBootFiles[] = {"ntoskrnl.exe", "hal.dll", "ci.dll", "winload.efi",
                                      "disk.sys"};

FileTime Written() { return Time("2025-12-10T09:12:30Z"); }

bool IsDeleted(const ComponentSpec& spec) {
  return (spec.flags.value_or(0) & kPayloadDeleted) != 0;
}

const HealthyStore& SmallStore() { return HealthyStoreOf(December().revision, December().package); }
// Packages of a healthy volume: two cumulative updates and those of its small store.
constexpr int kSmallPackages = 5;

std::string LcuVersion() { return StrCat("10.0.26100.", December().revision); }

// Kinds with few possible victims choose first.
int Victims(StoreDamageKind kind) {
  switch (kind) {
    case CATALOG_KEY_MISSING:
      return 0;
    case PAYLOAD_MISSING:
    case PROJECTION_MISSING:
    case PROJECTION_MISMATCH:
      return 1;
    default:
      return 2;
  }
}

class Writer {
 public:
  Writer(const StoreShape& shape, StorePlan plan, FileSink* out)
      : shape_(shape),
        plan_(std::move(plan)),
        sink_(out),
        builder_(volume_.components(), volume_.software(), &sink_, {Written(), kStackVersion}),
        injector_(shape.seed, candidates_, volume_.components(), &sink_) {}

  absl::StatusOr<SyntheticStore> Write() {
    Describe();
    std::vector<Injection> damage = shape_.damage;
    std::stable_sort(damage.begin(), damage.end(), [](const Injection& a, const Injection& b) {
      return Victims(a.kind) < Victims(b.kind);
    });
    for (const Injection& injection : damage) {
      PG_RETURN_IF_ERROR(injector_.Plan(injection.kind, injection.count));
    }
    store_.expected = injector_.Expected();
    WriteIndex();
    for (size_t i = 0; i < plan_.components.size(); ++i) WriteComponent(plan_.Component(i));
    for (const PreparedComponent& component : SmallStore().components) Count(component);
    store_.families = families_.size();
    injector_.Finish(Written());
    WriteVolume();
    return std::move(store_);
  }

 private:
  // What the injector may choose from.
  void Describe() {
    candidates_.lcu_version = LcuVersion();
    for (const char* file : kBootFiles) boot_files_.insert(file);
    for (const PlannedDriver& driver : plan_.boot_drivers) {
      boot_files_.insert(StrCat(driver.service, ".sys"));
    }
    for (const PreparedComponent& component : SmallStore().components) {
      DescribeComponent(component.spec, false, [&component] { return component; });
    }
    for (size_t i = 0; i < plan_.components.size(); ++i) {
      DescribeComponent(plan_.components[i].spec, plan_.components[i].superseded,
                        [this, i] { return plan_.Component(i); });
    }
    for (size_t i = 0; i < plan_.deployments.size(); ++i) {
      const PlannedDeployment& planned = plan_.deployments[i];
      DamageCandidates::Deployment deployment;
      deployment.key = plan_.deployment_keys[i];
      deployment.identity = planned.identity;
      deployment.roles.set_lcu(absl::StrContains(planned.identity, LcuVersion()));
      deployment.catalog = Thumbprint(planned.catalog);
      // Deployments take the catalogs in turn.
      deployment.only_one_of_catalog =
          i < plan_.catalogs && i + plan_.catalogs >= plan_.deployments.size();
      candidates_.deployments.push_back(std::move(deployment));
    }
    for (const HealthyStore::Deployment& d : SmallStore().deployments) {
      DamageCandidates::Deployment deployment;
      deployment.identity = d.deployment.identity;
      deployment.key = store::DeploymentKey(*store::ParseIdentity(deployment.identity));
      deployment.roles.set_lcu(absl::StrContains(deployment.identity, LcuVersion()));
      deployment.roles.set_servicing_stack(absl::StrContains(deployment.identity, kStackVersion));
      deployment.catalog = digest::ToHex(digest::Sha256(d.catalog_bytes));
      deployment.only_one_of_catalog = true;
      candidates_.deployments.push_back(std::move(deployment));
    }
    for (const PlannedPackage& package : plan_.packages) DescribePackage(package.identity);
    for (const char* package : {kStackPackage, December().package}) DescribePackage(package);
  }

  void DescribeComponent(const ComponentSpec& spec, bool superseded,
                         std::function<PreparedComponent()> make) {
    const store::Identity identity = *store::ParseIdentity(spec.identity);
    PreparedComponent named;  // As far as paths need it.
    named.key = store::ComponentKey(identity);
    named.architecture = std::string(identity.architecture);
    named.spec = spec;
    DamageCandidates::Component component;
    component.key = named.key;
    component.identity = spec.identity;
    // The small store's superseded component has no payload to miss.
    component.superseded = superseded;
    component.deployments = spec.deployments;
    component.make = std::move(make);
    component.roles.set_servicing_stack(
        absl::StrContains(component.key, "_microsoft-windows-servicingstack_"));
    component.roles.set_lcu(identity.version == LcuVersion());
    for (size_t i = 0; i < spec.files.size(); ++i) {
      const ComponentFile& file = spec.files[i];
      if (!superseded && identity.architecture == "amd64" && boot_files_.count(file.name) != 0) {
        component.roles.set_boot(true);
      }
      if (IsDeleted(spec) || file.name == "wcp.dll") continue;
      component.payload.push_back(file.name);
      if (!file.with_deltas) component.lonely_payload.push_back(file.name);
      const std::string projection = CheckedProjection(named, i);
      if (!projection.empty()) component.projections.push_back(projection);
    }
    candidates_.components.push_back(std::move(component));
  }

  // Where drivers of Plug and Play end up is not the store's to say, but for those that boot.
  std::string CheckedProjection(const PreparedComponent& component, size_t file) const {
    const bool elsewhere = absl::StrContains(component.spec.identity, "Type=dualModeDriver") &&
                           boot_files_.count(component.spec.files[file].name) == 0;
    return elsewhere ? "" : ProjectionPath(component, file);
  }

  void DescribePackage(const std::string& identity) {
    DamageCandidates::Package package;
    package.identity = identity;
    package.roles.set_servicing_stack(absl::StrContains(identity, "ServicingStack"));
    package.roles.set_lcu(identity == December().package);
    candidates_.packages.push_back(std::move(package));
  }

  std::string Thumbprint(size_t catalog) {
    if (thumbprints_.empty()) {
      for (size_t i = 0; i < plan_.catalogs; ++i) {
        thumbprints_.push_back(digest::ToHex(digest::Sha256(plan_.Catalog(i))));
      }
    }
    return thumbprints_[catalog];
  }

  // All that is no component.
  void WriteIndex() {
    for (const PlannedPackage& package : plan_.packages) {
      builder_.AddPackage(package.identity, package.state);
    }
    for (size_t i = 0; i < plan_.catalogs; ++i) builder_.AddCatalog(plan_.Catalog(i));
    for (const PlannedDeployment& deployment : plan_.deployments) {
      const PlannedPackage& package = plan_.packages[deployment.package];
      builder_.AddDeployment({deployment.identity,
                              Thumbprint(deployment.catalog),
                              {{package.identity, package.state == 112}}});
    }
    for (const PlannedDriver& driver : plan_.boot_drivers) {
      volume_.service(driver.service)
          ->SetDword("Start", 0)
          ->SetDword("Type", 1)
          ->SetExpandString("ImagePath", driver.image_path);
    }
    store_.packages = plan_.packages.size() + kSmallPackages;
    store_.catalogs = plan_.catalogs + SmallStore().deployments.size();
    store_.deployments = plan_.deployments.size() + SmallStore().deployments.size();
  }

  void WriteComponent(const PreparedComponent& component) {
    builder_.AddComponent(component);
    Count(component);
  }

  void Count(const PreparedComponent& component) {
    const ComponentSpec& spec = component.spec;
    const bool has_folder = !spec.files.empty() && !IsDeleted(spec);
    families_.insert(component.family);
    ++store_.components;
    store_.winners += spec.winner;
    store_.plain_manifests += spec.plain_manifest;
    store_.payload_deleted += IsDeleted(spec);
    store_.without_folder += !has_folder;
    store_.without_flags += !spec.flags.has_value();
    if (!has_folder) return;
    for (size_t i = 0; i < spec.files.size(); ++i) {
      ++store_.payload_files;
      store_.payload_bytes += spec.files[i].bytes.size();
      store_.projections += !CheckedProjection(component, i).empty();
    }
  }

  void WriteVolume() {
    evidence::MemorySource built = volume_.Build();
    const std::string after = volume_.BuildComponents();
    switch (shape_.hive) {
      case ComponentsHive::kClean:
        break;
      case ComponentsHive::kDirty: {
        const std::string before = ComponentsBefore();
        built.AddFile(kComponentsHive, regf::Dirty(before, 42, 41), Written());
        built.AddFile(StrCat(kComponentsHive, ".LOG1"),
                      regf::NewLog(after, 42, regf::DiffStates({before, after}, 42)), Written());
        built.AddFile(StrCat(kComponentsHive, ".LOG2"), "", Written());
        break;
      }
      case ComponentsHive::kMissing:
        built.Remove(kComponentsHive);
        break;
      case ComponentsHive::kTruncated:
        built.AddFile(kComponentsHive, after.substr(0, after.size() / 4 * 3), Written());
        break;
    }
    CopyVolume(built, &sink_);
  }

  // The hive before the small store's manifests were written: their hashes are others.
  std::string ComponentsBefore() {
    HiveBuilder::Key* components = volume_.components()->AddKey("DerivedData\\Components");
    const auto set_all = [&](bool before) {
      for (const PreparedComponent& component : SmallStore().components) {
        digest::Sha256Digest hash = component.manifest_hash;
        if (before) hash.fill(0);
        components->AddKey(component.key)
            ->SetBinary("S256H", {reinterpret_cast<const char*>(hash.data()), hash.size()});
      }
    };
    set_all(true);
    std::string before = volume_.BuildComponents();
    set_all(false);
    return before;
  }

  const StoreShape& shape_;
  const StorePlan plan_;
  FakeVolume volume_;
  DamagingSink sink_;
  StoreBuilder builder_;
  DamageCandidates candidates_;
  DamageInjector injector_;
  std::set<std::string> boot_files_;
  std::vector<std::string> thumbprints_;
  std::set<std::string> families_;
  SyntheticStore store_;
};

}  // namespace

StoreShape StoreShape::Scaled() const {
  StoreShape scaled = *this;
  const auto part = [&](uint64_t full, uint64_t least) {
    return std::max(full * static_cast<uint64_t>(components) / kComponents, least);
  };
  scaled.packages = static_cast<int>(part(3500, 8));
  scaled.deployments = static_cast<int>(part(4000, 10));
  scaled.catalogs = static_cast<int>(part(2300, 6));
  scaled.payload_bytes = part(uint64_t{1} << 30, 1);
  return scaled;
}

absl::StatusOr<SyntheticStore> WriteSyntheticStore(const StoreShape& shape, FileSink* sink) {
  const int own = static_cast<int>(SmallStore().components.size());
  const int own_deployments = static_cast<int>(SmallStore().deployments.size());
  PlanSize size;
  size.seed = shape.seed;
  size.components = std::max(shape.components - own, 0);
  size.packages = std::max(shape.packages - kSmallPackages, 0);
  size.deployments = std::max(shape.deployments - own_deployments, 0);
  size.catalogs = std::max(shape.catalogs - own_deployments, 0);
  size.payload_bytes = shape.payload_bytes;
  size.lcu_version = LcuVersion();
  // The last of "Package_for_RollupFix~31bf3856ad364e35~amd64~~26100.7462.1.9".
  const std::string rollup = December().package;
  size.lcu_build = rollup.substr(rollup.rfind('~') + 1);
  size.lcu_kb = December().kb;
  PG_ASSIGN_OR_RETURN(StorePlan plan, PlanStore(size));
  return std::make_unique<Writer>(shape, std::move(plan), sink)->Write();
}

}  // namespace patchgate::testdata
