#include "testdata/damage_injector.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "servicing/store/identity.h"

namespace patchgate::testdata {

using absl::StrCat;
using HiveKey = regf::HiveBuilder::Key;

namespace {

constexpr char kComponents[] = "DerivedData\\Components\\";
constexpr char kDeployments[] = "CanonicalData\\Deployments\\";
constexpr char kCatalogs[] = "CanonicalData\\Catalogs\\";

std::string InHive(absl::string_view path) { return StrCat("COMPONENTS\\", path); }

// A flipped bit in the last digit of the version, which stays a digit.
std::string WithFlippedVersion(std::string text, absl::string_view before, absl::string_view end) {
  const size_t start = text.find(before.data(), 0, before.size()) + before.size();
  char& digit = text[text.find(end.data(), start, end.size()) - 1];
  digit = static_cast<char>(digit ^ 1);
  return text;
}

std::string WithFlippedBit(std::string bytes) {
  char& byte = bytes[bytes.size() / 2];
  byte = static_cast<char>(byte ^ 4);
  return bytes;
}

// Which values of an identity are none.
void MakeInvalid(int number, const std::string& value, const std::string& identity, HiveKey* key) {
  switch (number % 4) {
    case 0:
      key->RemoveValue(value);
      break;
    case 1:
      key->SetBinary(value, identity.substr(0, identity.find(", Version=")));
      break;
    case 2:
      key->SetBinary(value, StrCat("\xFF", identity));
      break;
    case 3:
      key->SetString(value, identity);
      break;
  }
}

// 0 for the servicing stack, 1 boot, 2 cumulative update, 3 anything else.
int RoleOf(const StoreRoles& roles) {
  return roles.servicing_stack() ? 0 : roles.boot() ? 1 : roles.lcu() ? 2 : 3;
}
constexpr int kRoles = 4;

}  // namespace

void DamagingSink::AddDirectory(absl::string_view path, FileTime modified) {
  out_->AddDirectory(path, modified);
}

void DamagingSink::AddFile(absl::string_view path, std::string bytes, FileTime modified) {
  const auto change = changes_.find(path);
  if (change == changes_.end()) return out_->AddFile(path, std::move(bytes), modified);
  if (change->second != nullptr) {
    return out_->AddFile(path, change->second(std::move(bytes)), modified);
  }
  dropped_[std::string(path)] = {std::move(bytes), modified};
}

void DamagingSink::AddLink(absl::string_view path, absl::string_view existing) {
  const auto change = changes_.find(path);
  if (change != changes_.end()) {
    if (change->second != nullptr) out_->AddFile(path, change->second(""), 0);
    return;
  }
  const auto dropped = dropped_.find(existing);
  if (dropped == dropped_.end()) return out_->AddLink(path, existing);
  out_->AddFile(path, dropped->second.bytes, dropped->second.modified);
}

// The next of a role, from a random place on. The role of the last one's neighbour first.
template <typename Candidate, typename Eligible>
const Candidate* DamageInjector::Choose(const std::vector<Candidate>& candidates,
                                        const Eligible& eligible) {
  if (candidates.empty()) return nullptr;
  const size_t start = random_.Below(candidates.size());
  for (int i = 0; i < kRoles; ++i) {
    const int role = turn_++ % kRoles;
    for (size_t j = 0; j < candidates.size(); ++j) {
      const Candidate& candidate = candidates[(start + j) % candidates.size()];
      if (RoleOf(candidate.roles) == role && eligible(candidate)) return &candidate;
    }
  }
  return nullptr;
}

void DamageInjector::Expect(StoreDamageKind kind, absl::string_view component,
                            absl::string_view path) {
  StoreDamage damage;
  damage.set_kind(kind);
  damage.set_component(std::string(component));
  damage.set_path(std::string(path));
  expected_.push_back(std::move(damage));
}

void DamageInjector::Edit(const std::string& path, std::function<void(HiveKey*)> edit) {
  edits_.emplace_back(path, std::move(edit));
}

absl::Status DamageInjector::Plan(StoreDamageKind kind, int count) {
  for (int i = 0; i < count; ++i) {
    const absl::Status status = PlanOne(kind, i);
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status DamageInjector::PlanOne(StoreDamageKind kind, int number) {
  bool found = true;
  switch (kind) {
    case MANIFEST_UNINDEXED:
    case CATALOG_UNINDEXED:
    case PACKAGE_UNINDEXED:
      PlanStranger(kind, number);
      break;
    case DEPLOYMENT_MISSING:
      found = number % 3 == 2 ? PlanCatalog(kind) : PlanComponent(kind, number);
      break;
    case DEPLOYMENT_IDENTITY_INVALID:
    case DEPLOYMENT_KEY_MISMATCH:
    case CATALOG_KEY_MISSING:
      found = PlanDeployment(kind, number);
      break;
    case CATALOG_MISSING:
    case CATALOG_HASH_MISMATCH:
      found = PlanCatalog(kind);
      break;
    case PACKAGE_MANIFEST_MISSING:
    case PACKAGE_CATALOG_MISSING:
      found = PlanPackage(kind);
      break;
    case MANIFEST_MISSING:
    case MANIFEST_UNDECODABLE:
    case MANIFEST_HASH_MISMATCH:
    case MANIFEST_IDENTITY_MISMATCH:
      found = PlanManifest(kind, number);
      break;
    case PAYLOAD_MISSING:
    case PAYLOAD_HASH_MISMATCH:
    case PROJECTION_MISSING:
    case PROJECTION_MISMATCH:
      found = PlanFile(kind, number);
      break;
    case COMPONENT_IDENTITY_INVALID:
    case COMPONENT_KEY_MISMATCH:
    case COMPONENT_HASH_INVALID:
    case COMPONENT_UNOWNED:
      found = PlanComponent(kind, number);
      break;
    default:
      return absl::InvalidArgumentError(StrCat("no damage of kind ", kind));
  }
  if (found) return absl::OkStatus();
  return absl::ResourceExhaustedError(
      StrCat("no victim left for ", StoreDamageKind_Name(kind), " number ", number + 1));
}

bool DamageInjector::PlanComponent(StoreDamageKind kind, int number) {
  const auto* victim = Choose(candidates_.components, [&](const DamageCandidates::Component& c) {
    return used_.count(c.key) == 0;
  });
  if (victim == nullptr) return false;
  used_.insert(victim->key);
  const std::string path = StrCat(kComponents, victim->key);
  switch (kind) {
    case COMPONENT_IDENTITY_INVALID:
      Edit(path, [number, identity = victim->identity](HiveKey* key) {
        MakeInvalid(number, "identity", identity, key);
      });
      break;
    case COMPONENT_KEY_MISMATCH:
      Edit(path, [identity = victim->identity](HiveKey* key) {
        key->SetBinary("identity", WithFlippedVersion(identity, ", Version=", ","));
      });
      break;
    case COMPONENT_HASH_INVALID:
      Edit(path, [number](HiveKey* key) {
        if (number % 3 == 0) {
          key->RemoveValue("S256H");
        } else if (number % 3 == 1) {
          key->SetBinary("S256H", std::string(31, 'x'));
        } else {
          key->SetString("S256H", std::string(15, 'x'));
        }
      });
      Expect(kind, victim->key, InHive(StrCat(path, "\\S256H")));
      return true;
    case COMPONENT_UNOWNED:
      Edit(path, [deployments = victim->deployments](HiveKey* key) {
        for (const std::string& deployment : deployments)
          key->RemoveValue(StrCat("c!", deployment));
      });
      break;
    default: {  // DEPLOYMENT_MISSING
      const std::string missing = store::DeploymentKey(*store::ParseIdentity(
          IdentityOf({StrCat("Microsoft-Windows-Missing", number), candidates_.lcu_version})));
      Edit(path, [missing](HiveKey* key) { key->SetBinary(StrCat("c!", missing), ""); });
      Expect(kind, missing, InHive(StrCat(kDeployments, missing)));
      return true;
    }
  }
  Expect(kind, victim->key, InHive(path));
  return true;
}

bool DamageInjector::PlanManifest(StoreDamageKind kind, int number) {
  const auto* victim = Choose(candidates_.components, [&](const DamageCandidates::Component& c) {
    return used_.count(c.key) == 0;
  });
  if (victim == nullptr) return false;
  used_.insert(victim->key);
  const std::string path = ManifestPath(victim->key);
  Expect(kind, victim->key, path);
  if (kind == MANIFEST_MISSING) {
    sink_->Drop(path);
    return true;
  }
  const PreparedComponent component = victim->make();
  const bool plain = component.spec.plain_manifest;
  if (kind == MANIFEST_UNDECODABLE) {
    // What is plain and cut off has a wrong hash as well: other damage.
    const int what = plain ? 1 + number % 2 : number % 3;
    sink_->Change(path, [what](std::string bytes) {
      if (what == 0) return bytes.substr(0, bytes.size() / 2);
      if (what == 1) return std::string(bytes.size(), '\0');
      return Random(bytes.size()).Bytes(bytes.size());
    });
    return true;
  }
  if (kind == MANIFEST_HASH_MISMATCH) {
    const std::string other = absl::StrReplaceAll(
        component.manifest, {{"buildType=\"release\"", "buildType=\"checked\""}});
    sink_->Change(path, [stored = StoredManifest(other, plain)](std::string) { return stored; });
    return true;
  }
  const std::string other = WithFlippedVersion(component.manifest, "\" version=\"", "\"");
  sink_->Change(path, [stored = StoredManifest(other, plain)](std::string) { return stored; });
  Edit(StrCat(kComponents, victim->key), [hash = digest::Sha256(other)](HiveKey* key) {
    key->SetBinary("S256H", {reinterpret_cast<const char*>(hash.data()), hash.size()});
  });
  return true;
}

bool DamageInjector::PlanFile(StoreDamageKind kind, int number) {
  const auto* victim = Choose(candidates_.components, [&](const DamageCandidates::Component& c) {
    if (used_.count(c.key) != 0) return false;
    if (kind == PAYLOAD_HASH_MISMATCH) return !c.payload.empty();
    // Of what is superseded, files may be missing.
    if (kind == PAYLOAD_MISSING) return !c.lonely_payload.empty() && !c.superseded;
    return !c.projections.empty();
  });
  if (victim == nullptr) return false;
  used_.insert(victim->key);
  const auto one_of = [&](const std::vector<std::string>& names) {
    return names[random_.Below(names.size())];
  };
  std::string path;
  if (kind == PAYLOAD_MISSING) {
    path = PayloadPath(victim->key, one_of(victim->lonely_payload));
    sink_->Drop(path);
  } else if (kind == PAYLOAD_HASH_MISMATCH) {
    path = PayloadPath(victim->key, one_of(victim->payload));
    sink_->Change(path, [number](std::string bytes) {
      return number % 2 == 0 ? WithFlippedBit(std::move(bytes)) : bytes.substr(0, bytes.size() / 2);
    });
  } else {
    path = one_of(victim->projections);
    if (kind == PROJECTION_MISSING) {
      sink_->Drop(path);
    } else {
      sink_->Change(path,
                    [path](std::string) { return PayloadBytes(StrCat("stranger ", path), 500); });
    }
  }
  Expect(kind, victim->key, path);
  return true;
}

bool DamageInjector::PlanDeployment(StoreDamageKind kind, int number) {
  const auto* victim = Choose(candidates_.deployments, [&](const DamageCandidates::Deployment& d) {
    return used_.count(d.key) == 0 && used_.count(d.catalog) == 0 &&
           (kind != CATALOG_KEY_MISSING || d.only_one_of_catalog);
  });
  if (victim == nullptr) return false;
  used_.insert(victim->key);
  const std::string path = StrCat(kDeployments, victim->key);
  if (kind == CATALOG_KEY_MISSING) {
    used_.insert(victim->catalog);
    removed_keys_.emplace_back(kCatalogs, victim->catalog);
    sink_->Drop(CatalogPath(victim->catalog));
    Expect(kind, victim->key, InHive(StrCat(kCatalogs, victim->catalog)));
    return true;
  }
  Edit(path, [kind, number, identity = victim->identity](HiveKey* key) {
    if (kind == DEPLOYMENT_IDENTITY_INVALID) {
      MakeInvalid(number, "appid", identity, key);
    } else {
      key->SetBinary("appid", WithFlippedVersion(identity, ", Version=", ","));
    }
  });
  Expect(kind, victim->key, InHive(path));
  return true;
}

bool DamageInjector::PlanCatalog(StoreDamageKind kind) {
  const auto* victim = Choose(candidates_.deployments, [&](const DamageCandidates::Deployment& d) {
    return used_.count(d.catalog) == 0;
  });
  if (victim == nullptr) return false;
  used_.insert(victim->catalog);
  const std::string path = CatalogPath(victim->catalog);
  if (kind == DEPLOYMENT_MISSING) {
    const std::string missing = store::DeploymentKey(*store::ParseIdentity(
        IdentityOf({StrCat("Microsoft-Windows-Missing-Of-Catalog", victim->catalog.substr(0, 8)),
                    candidates_.lcu_version})));
    Edit(StrCat(kCatalogs, victim->catalog),
         [missing](HiveKey* key) { key->SetBinary(StrCat("c!", missing), ""); });
    Expect(kind, missing, InHive(StrCat(kDeployments, missing)));
    return true;
  }
  if (kind == CATALOG_MISSING) {
    sink_->Drop(path);
  } else {
    sink_->Change(path, WithFlippedBit);
  }
  Expect(kind, victim->catalog, path);
  return true;
}

bool DamageInjector::PlanPackage(StoreDamageKind kind) {
  const auto* victim = Choose(candidates_.packages, [&](const DamageCandidates::Package& p) {
    return used_.count(p.identity) == 0;
  });
  if (victim == nullptr) return false;
  used_.insert(victim->identity);
  const std::string path = kind == PACKAGE_MANIFEST_MISSING ? PackageManifestPath(victim->identity)
                                                            : PackageCatalogPath(victim->identity);
  sink_->Drop(path);
  Expect(kind, victim->identity, path);
  return true;
}

void DamageInjector::PlanStranger(StoreDamageKind kind, int number) {
  const std::string name = StrCat("Microsoft-Windows-Stranger", number);
  if (kind == MANIFEST_UNINDEXED) {
    ComponentSpec spec;
    spec.identity =
        IdentityOf({name, number % 2 == 0 ? candidates_.lcu_version : std::string("10.0.26100.1")});
    spec.files = {{"stranger.dll", kSystem32, "", "stranger"}};
    const PreparedComponent component = Prepare(spec);
    strangers_.push_back({ManifestPath(component.key), component.stored_manifest});
    Expect(kind, component.key, strangers_.back().path);
  } else if (kind == CATALOG_UNINDEXED) {
    std::string bytes = CatalogBytes(name);
    const std::string thumbprint = digest::ToHex(digest::Sha256(bytes));
    strangers_.push_back({CatalogPath(thumbprint), std::move(bytes)});
    Expect(kind, thumbprint, strangers_.back().path);
  } else {
    const std::string package =
        StrCat(name, "-Package~31bf3856ad364e35~amd64~~", candidates_.lcu_version);
    strangers_.push_back({PackageCatalogPath(package), CatalogBytes(package)});
    strangers_.push_back({PackageManifestPath(package), PackageManifest(package)});
    Expect(kind, package, strangers_.back().path);
  }
}

void DamageInjector::Finish(FileTime modified) {
  for (const auto& [path, edit] : edits_) edit(hive_->AddKey(path));
  for (const auto& [parent, name] : removed_keys_) hive_->AddKey(parent)->RemoveKey(name);
  for (const Stranger& stranger : strangers_) {
    sink_->AddFile(stranger.path, stranger.bytes, modified);
  }
}

std::vector<StoreDamage> DamageInjector::Expected() const {
  std::vector<StoreDamage> sorted = expected_;
  std::sort(sorted.begin(), sorted.end(), [](const StoreDamage& a, const StoreDamage& b) {
    return a.kind() != b.kind() ? a.kind() < b.kind() : a.path() < b.path();
  });
  return sorted;
}

}  // namespace patchgate::testdata
