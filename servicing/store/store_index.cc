#include "servicing/store/store_index.h"

#include <algorithm>
#include <initializer_list>
#include <map>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "servicing/base/utf16.h"
#include "servicing/base/workers.h"
#include "servicing/cbs/cbs_reader.h"
#include "servicing/digest/digest.h"
#include "servicing/store/component_index.h"
#include "servicing/store/identity.h"
#include "servicing/text/section_file.h"

namespace patchgate::store {
namespace {

constexpr absl::string_view kManifestSuffix = ".manifest";
constexpr absl::string_view kComponentsKey = "COMPONENTS\\DerivedData\\Components\\";
constexpr absl::string_view kDeploymentsKey = "COMPONENTS\\CanonicalData\\Deployments\\";
constexpr absl::string_view kCatalogsKey = "COMPONENTS\\CanonicalData\\Catalogs\\";

// A package from staged on has its files (DOMAIN §1.3); states above the last are transient or
// broken, which is the business of the packages' own checks.
bool HasFiles(uint32_t state) {
  constexpr uint32_t kStaged = 64, kPermanent = 128;
  return state >= kStaged && state <= kPermanent;
}

void Merge(const StoreRoles& from, StoreRoles* into) {
  into->set_servicing_stack(into->servicing_stack() || from.servicing_stack());
  into->set_boot(into->boot() || from.boot());
  into->set_lcu(into->lcu() || from.lcu());
}

// What stands where a file with contents is expected; empty if that is one.
std::string NoFile(const evidence::FileInfo* info) {
  if (info == nullptr) return "not there";
  if (info->is_directory) return "a folder";
  return info->size == 0 && !info->is_link ? "0 bytes" : "";
}

// A reference to something that is not there, by its name.
struct Dangling {
  std::string first;  // Who refers to it.
  uint64_t references = 0;
  StoreRoles roles;
};
using DanglingByName = std::map<std::string, Dangling>;

void AddDangling(absl::string_view name, absl::string_view from, const StoreRoles& roles,
                 DanglingByName* dangling) {
  Dangling& d = (*dangling)[std::string(name)];
  if (d.references++ == 0) d.first = std::string(from);
  Merge(roles, &d.roles);
}

std::string Describe(const Dangling& dangling) {
  if (dangling.references == 1) return absl::StrCat("named by ", dangling.first);
  return absl::StrCat("named by ", dangling.references, ", first by ", dangling.first);
}

}  // namespace

bool InScope(const StoreRoles& roles, StoreScope scope) {
  switch (scope) {
    case STORE_SCOPE_BOOT:
      return roles.boot() || roles.servicing_stack();
    case STORE_SCOPE_LCU:
      return IsGraver(roles);
    default:
      return true;
  }
}

// Builds a StoreIndex, one part of it after the other.
class StoreIndex::Builder {
 public:
  Builder(const registry::Registry& registry, const VerifyOptions& options, DamageLog* log,
          StoreVerification* result, StoreIndex* index)
      : registry_(registry), options_(options), log_(log), result_(result), index_(*index) {}

  void ReadWinners();
  void ReadCatalogs();
  void ReadDeployments();
  void ReadComponents();
  void DoubtPhantomWinners();
  void KeepWhatIsInScope();
  void FindUnindexedManifests();
  void CheckPackages(const CbsPackages& packages);

 private:
  bool complete(const absl::Status& status, absl::string_view what);
  bool cancelled() const { return options_.stop != nullptr && options_.stop->requested(); }
  void Report(StoreDamageKind kind, absl::string_view component, absl::string_view path,
              absl::string_view expected, absl::string_view found, const StoreRoles& roles) {
    const StoreScope scope = options_.index_of_all ? STORE_SCOPE_ALL : options_.scope;
    if (InScope(roles, scope)) log_->Add(kind, component, path, expected, found, roles);
  }
  void AddComponent(const Component& component);
  Standing StandingOf(const Identity& identity) const;
  // Gaps for all but those of values that are `reported` otherwise, and of links and files (c!,
  // f!), which name what they name whatever they hold.
  void AddOddities(absl::string_view path, const std::vector<Oddity>& oddities,
                   std::initializer_list<absl::string_view> reported);

  const registry::Registry& registry_;
  const VerifyOptions& options_;
  DamageLog* const log_;
  StoreVerification* const result_;
  StoreIndex& index_;

  bool winners_known_ = false;
  absl::flat_hash_map<std::string, std::vector<std::string>> winners_;  // Versions by family.
  bool catalogs_complete_ = false, deployments_complete_ = false, components_complete_ = false;
  absl::flat_hash_set<std::string> catalog_keys_, deployment_keys_;  // Upper-cased.
  absl::flat_hash_map<std::string, StoreRoles> catalog_roles_;       // Of the deployments in it.
  std::vector<std::pair<std::string, std::vector<std::string>>> catalog_links_;
  absl::flat_hash_set<std::string> indexed_manifests_;  // Upper-cased file names.
  DanglingByName missing_deployments_;
  absl::flat_hash_set<std::string> winners_met_;        // Families whose winner is a component.
  std::vector<std::pair<size_t, std::string>> losers_;  // Places in components_, families.
};

// Whether a visit saw everything. What it could not see is a gap.
bool StoreIndex::Builder::complete(const absl::Status& status, absl::string_view what) {
  if (status.ok()) return !cancelled();
  text::AddGap(result_->mutable_collection(), what, status.message());
  return false;
}

void StoreIndex::Builder::AddOddities(absl::string_view path, const std::vector<Oddity>& oddities,
                                      std::initializer_list<absl::string_view> reported) {
  for (const Oddity& oddity : oddities) {
    if (std::find(reported.begin(), reported.end(), oddity.value) != reported.end()) continue;
    if (absl::StartsWithIgnoreCase(oddity.value, "c!") ||
        absl::StartsWithIgnoreCase(oddity.value, "f!")) {
      continue;
    }
    text::AddGap(result_->mutable_collection(), absl::StrCat(path, "\\", oddity.value),
                 oddity.what);
  }
}

void StoreIndex::Builder::ReadWinners() {
  const absl::Status status = VisitWinners(registry_, [&](const Winner& winner) {
    std::vector<std::string>& versions = winners_[absl::AsciiStrToLower(winner.family)];
    versions.push_back(winner.version);
    result_->mutable_counts()->set_winners(result_->counts().winners() + 1);
    return true;
  });
  winners_known_ = complete(status, "SOFTWARE\\…\\SideBySide\\Winners") && !winners_.empty();
}

Standing StoreIndex::Builder::StandingOf(const Identity& identity) const {
  if (!winners_known_) return Standing::kUnknown;
  const auto it = winners_.find(absl::AsciiStrToLower(FamilyKey(identity)));
  if (it == winners_.end()) return Standing::kNotInstalled;
  const std::vector<std::string>& versions = it->second;
  return std::find(versions.begin(), versions.end(), identity.version) != versions.end()
             ? Standing::kWinner
             : Standing::kSuperseded;
}

void StoreIndex::Builder::ReadCatalogs() {
  const absl::Status status = VisitCatalogs(registry_, [&](const Catalog& catalog) {
    catalog_keys_.insert(absl::AsciiStrToUpper(catalog.key));
    catalog_links_.emplace_back(catalog.key, catalog.deployments);
    AddOddities(absl::StrCat(kCatalogsKey, catalog.key), catalog.oddities, {});
    return !cancelled();
  });
  catalogs_complete_ = complete(status, "COMPONENTS\\CanonicalData\\Catalogs");
  result_->mutable_counts()->set_catalogs(catalog_keys_.size());
}

void StoreIndex::Builder::ReadDeployments() {
  DanglingByName missing_catalogs;
  const absl::Status status = VisitDeployments(registry_, [&](const Deployment& deployment) {
    deployment_keys_.insert(absl::AsciiStrToUpper(deployment.key));
    const std::string path = absl::StrCat(kDeploymentsKey, deployment.key);
    StoreRoles roles;
    const absl::StatusOr<Identity> identity = ParseIdentity(deployment.identity);
    if (identity.ok()) {
      roles = index_.roles_->OfVersion(identity->version);
      const std::string key = DeploymentKey(*identity);
      if (!absl::EqualsIgnoreCase(key, deployment.key)) {
        Report(DEPLOYMENT_KEY_MISMATCH, deployment.key, path, key, deployment.key, roles);
      }
    } else if (!deployment.identity.empty() || !deployment.damaged) {
      Report(DEPLOYMENT_IDENTITY_INVALID, deployment.key, path, "", identity.status().message(),
             roles);
    }
    AddOddities(path, deployment.oddities, {"appid"});
    const std::string thumbprint = absl::AsciiStrToUpper(deployment.catalog_thumbprint);
    if (!thumbprint.empty()) {
      Merge(roles, &catalog_roles_[thumbprint]);
      if (!catalog_keys_.contains(thumbprint)) {
        AddDangling(deployment.catalog_thumbprint, deployment.key, roles, &missing_catalogs);
      }
    }
    return !cancelled();
  });
  deployments_complete_ = complete(status, "COMPONENTS\\CanonicalData\\Deployments");
  result_->mutable_counts()->set_deployments(deployment_keys_.size());

  if (catalogs_complete_) {
    for (const auto& [thumbprint, dangling] : missing_catalogs) {
      Report(CATALOG_KEY_MISSING, dangling.first, absl::StrCat(kCatalogsKey, thumbprint),
             thumbprint, Describe(dangling), dangling.roles);
      catalog_keys_.insert(absl::AsciiStrToUpper(thumbprint));  // Its file is not a second finding.
    }
  }
  for (const auto& [thumbprint, deployments] : catalog_links_) {
    StoreRoles roles = catalog_roles_[absl::AsciiStrToUpper(thumbprint)];
    for (const std::string& deployment : deployments) {
      if (!deployment_keys_.contains(absl::AsciiStrToUpper(deployment))) {
        AddDangling(deployment, absl::StrCat("catalog ", thumbprint), roles, &missing_deployments_);
      }
    }
    if (!index_.catalog_files_->status().ok()) continue;
    const std::string file = absl::StrCat(thumbprint, ".cat");
    if (const std::string no_file = NoFile(index_.catalog_files_->Find(file)); !no_file.empty()) {
      Report(CATALOG_MISSING, thumbprint, absl::StrCat(kCatalogs, "/", file), "", no_file, roles);
    } else if (options_.index_of_all || InScope(roles, options_.scope)) {
      index_.catalogs_.push_back({thumbprint, roles});
    }
  }
  if (!catalogs_complete_) return;
  index_.catalog_files_->ForEach([&](const evidence::FileInfo& info) {
    std::string thumbprint = absl::AsciiStrToUpper(info.name);
    if (info.is_directory || !absl::EndsWith(thumbprint, ".CAT")) return;
    thumbprint.resize(thumbprint.size() - 4);
    if (catalog_keys_.contains(thumbprint)) return;
    Report(CATALOG_UNINDEXED, absl::AsciiStrToLower(thumbprint),
           absl::StrCat(kCatalogs, "/", info.name), "", "", {});
  });
}

void StoreIndex::Builder::AddComponent(const Component& component) {
  IndexedComponent entry;
  entry.key = component.key;
  entry.folder = component.key;
  entry.flags = component.flags;
  entry.roles = index_.roles_->OfComponent(component.key);

  const absl::StatusOr<Identity> identity = ParseIdentity(component.identity);
  if (identity.ok()) {
    entry.standing = StandingOf(*identity);
    std::string family = absl::AsciiStrToLower(FamilyKey(*identity));
    if (entry.standing == Standing::kWinner)
      winners_met_.insert(std::move(family));
    else if (entry.standing == Standing::kSuperseded) {
      losers_.emplace_back(index_.components_.size(), std::move(family));
    }
  }
  entry.has_boot_file =
      Roles::MayBoot(component.key) &&
      (Roles::IsBootComponent(component.key) ||
       std::any_of(component.files.begin(), component.files.end(),
                   [&](const std::string& file) { return index_.roles_->IsBootFile(file); }));
  // What lost against another version is not what the host boots from.
  entry.roles.set_boot(entry.has_boot_file && entry.standing != Standing::kSuperseded);
  const std::string path = absl::StrCat(kComponentsKey, component.key);
  const bool manifests_known = index_.manifests_->status().ok();
  entry.has_manifest = !index_.ManifestFile(component.key).empty();
  if (identity.ok()) {
    std::string key = ComponentKey(*identity);
    if (!absl::EqualsIgnoreCase(key, component.key)) {
      Report(COMPONENT_KEY_MISMATCH, component.key, path, key, component.key, entry.roles);
      // If it is the key's name that was damaged, folder and manifest have the right one.
      if (!entry.has_manifest && !index_.ManifestFile(key).empty()) {
        entry.folder = std::move(key);
        entry.has_manifest = true;
      }
    }
  } else if (!component.identity.empty() || !component.damaged) {
    Report(COMPONENT_IDENTITY_INVALID, component.key, path, "", identity.status().message(),
           entry.roles);
  }
  if (component.manifest_hash) {
    entry.manifest_hash = *component.manifest_hash;
  } else if (!component.damaged) {
    std::string found = "not there";
    for (const Oddity& oddity : component.oddities) {
      if (oddity.value == "S256H") found = oddity.what;
    }
    Report(COMPONENT_HASH_INVALID, component.key, path + "\\S256H", "32 bytes of REG_BINARY", found,
           entry.roles);
  }
  AddOddities(path, component.oddities, {"identity", "S256H"});
  if (component.deployments.empty() && !component.damaged) {
    Report(COMPONENT_UNOWNED, component.key, path, "", "", entry.roles);
  }
  for (const std::string& deployment : component.deployments) {
    if (!deployment_keys_.contains(absl::AsciiStrToUpper(deployment))) {
      AddDangling(deployment, component.key, entry.roles, &missing_deployments_);
    }
  }
  if (manifests_known) {
    indexed_manifests_.insert(UpcaseUtf8(absl::StrCat(entry.folder, kManifestSuffix)));
    if (!entry.has_manifest) {
      const std::string file = absl::StrCat(component.key, kManifestSuffix);
      Report(MANIFEST_MISSING, component.key, absl::StrCat(kManifests, "/", file), "",
             NoFile(index_.manifests_->Find(file)), entry.roles);
    }
  }
  index_.has_component_folders_ =
      index_.has_component_folders_ || index_.winsxs_->Find(entry.folder) != nullptr;
  index_.components_.push_back(std::move(entry));
}

// A version that lost against one that COMPONENTS does not know: nothing says that its files may be
// gone. SOFTWARE and COMPONENTS are of different times then.
void StoreIndex::Builder::DoubtPhantomWinners() {
  for (const auto& [place, family] : losers_) {
    if (winners_met_.contains(family)) continue;
    IndexedComponent& component = index_.components_[place];
    component.standing = Standing::kUnknown;
    component.roles.set_boot(component.has_boot_file);
  }
}

void StoreIndex::Builder::KeepWhatIsInScope() {
  std::vector<IndexedComponent>& all = index_.components_;
  all.erase(std::remove_if(all.begin(), all.end(),
                           [&](const IndexedComponent& component) {
                             return !InScope(component.roles, options_.scope);
                           }),
            all.end());
}

void StoreIndex::Builder::ReadComponents() {
  uint64_t count = 0;
  const absl::Status status = VisitComponents(registry_, [&](const Component& component) {
    AddComponent(component);
    ++count;
    return !cancelled();
  });
  components_complete_ = complete(status, "COMPONENTS\\DerivedData\\Components");
  result_->mutable_counts()->set_components(count);
  if (!deployments_complete_) return;  // What was not seen may still be there.
  for (const auto& [deployment, dangling] : missing_deployments_) {
    Report(DEPLOYMENT_MISSING, deployment, absl::StrCat(kDeploymentsKey, deployment), "",
           Describe(dangling), dangling.roles);
  }
}

void StoreIndex::Builder::FindUnindexedManifests() {
  uint64_t count = 0;
  index_.manifests_->ForEach([&](const evidence::FileInfo& info) {
    if (info.is_directory || !absl::EndsWithIgnoreCase(info.name, kManifestSuffix)) return;
    ++count;
    if (!components_complete_ || indexed_manifests_.contains(UpcaseUtf8(info.name))) return;
    const std::string key = absl::AsciiStrToLower(
        absl::string_view(info.name).substr(0, info.name.size() - kManifestSuffix.size()));
    Report(MANIFEST_UNINDEXED, key, absl::StrCat(kManifests, "/", info.name), "", "",
           index_.roles_->OfComponent(key));
  });
  result_->mutable_counts()->set_manifests(count);
}

void StoreIndex::Builder::CheckPackages(const CbsPackages& packages) {
  result_->mutable_counts()->set_packages(packages.packages_size());
  if (!index_.package_files_->status().ok()) return;
  absl::flat_hash_set<std::string> known;
  for (const CbsPackage& package : packages.packages()) {
    known.insert(UpcaseUtf8(package.identity()));
    if (!HasFiles(package.current_state())) continue;
    const StoreRoles roles = index_.roles_->OfPackage(package.identity());
    const std::pair<StoreDamageKind, const char*> kFiles[] = {{PACKAGE_MANIFEST_MISSING, ".mum"},
                                                              {PACKAGE_CATALOG_MISSING, ".cat"}};
    for (const auto& [kind, suffix] : kFiles) {
      const std::string file = absl::StrCat(package.identity(), suffix);
      const std::string no_file = NoFile(index_.package_files_->Find(file));
      if (no_file.empty()) continue;
      Report(kind, package.identity(), absl::StrCat(kPackages, "/", file), "", no_file, roles);
    }
  }
  if (packages.collection().status() != Collection::COLLECTED ||
      packages.collection().gaps_size() > 0) {
    return;
  }
  index_.package_files_->ForEach([&](const evidence::FileInfo& info) {
    if (info.is_directory || !absl::EndsWithIgnoreCase(info.name, ".mum")) return;
    const std::string identity = info.name.substr(0, info.name.size() - 4);
    if (known.contains(UpcaseUtf8(identity))) return;
    Report(PACKAGE_UNINDEXED, identity, absl::StrCat(kPackages, "/", info.name), "", "",
           index_.roles_->OfPackage(identity));
  });
}

StoreIndex::StoreIndex(const evidence::Source& source, const registry::Registry& registry,
                       const VerifyOptions& options, DamageLog* log, StoreVerification* result) {
  Collection* section = result->mutable_collection();
  const auto list = [&] {
    winsxs_ = std::make_unique<Folder>(source, kWinSxS);
    manifests_ = std::make_unique<Folder>(source, kManifests);
    catalog_files_ = std::make_unique<Folder>(source, kCatalogs);
    package_files_ = std::make_unique<Folder>(source, kPackages);
  };
  // Listing 60,000 names takes as long as reading the hives, and neither needs the other.
  Workers lister;
  if (options.jobs <= 1 || !lister.Start(list)) list();
  CbsPackages own;
  if (options.packages == nullptr) own = cbs::ReadPackages(registry);
  const CbsPackages& packages = options.packages == nullptr ? own : *options.packages;
  if (packages.collection().status() != Collection::COLLECTED) {
    text::AddGap(section, packages.collection().source(), packages.collection().reason());
  }
  roles_ = std::make_unique<Roles>(registry, packages, options.boot_files, section);
  result->set_lcu_build(roles_->lcu_build());
  Builder builder(registry, options, log, result, this);
  builder.ReadWinners();

  lister.Join();
  const std::pair<const Folder*, const char*> folders[] = {{winsxs_.get(), kWinSxS},
                                                           {manifests_.get(), kManifests},
                                                           {catalog_files_.get(), kCatalogs},
                                                           {package_files_.get(), kPackages}};
  for (const auto& [folder, path] : folders) {
    if (!folder->status().ok()) text::AddGap(section, path, folder->status().message());
  }
  winsxs_->ForEach([&](const evidence::FileInfo& info) {
    is_64_bit_ = is_64_bit_ || absl::StartsWithIgnoreCase(info.name, "amd64_") ||
                 absl::StartsWithIgnoreCase(info.name, "arm64_");
  });
  builder.ReadCatalogs();
  builder.ReadDeployments();
  builder.ReadComponents();
  builder.DoubtPhantomWinners();
  builder.KeepWhatIsInScope();
  builder.FindUnindexedManifests();
  builder.CheckPackages(packages);
  const absl::StatusOr<uint64_t> families = CountFamilies(registry);
  if (families.ok()) result->mutable_counts()->set_families(*families);
  result->mutable_counts()->set_components_in_scope(components_.size());
}

std::string StoreIndex::ManifestFile(absl::string_view folder) const {
  const evidence::FileInfo* info = manifests_->Find(absl::StrCat(folder, kManifestSuffix));
  return NoFile(info).empty() ? info->name : "";
}

}  // namespace patchgate::store
