#include "servicing/store/component_index.h"

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "servicing/base/status_macros.h"
#include "servicing/base/utf16.h"
#include "servicing/regf/types.h"
#include "servicing/store/identity.h"

namespace patchgate::store {
namespace {

using registry::HiveId;
using registry::Key;
using registry::Registry;
using registry::Value;

constexpr absl::string_view kComponentsPath = R"(DerivedData\Components)";
constexpr absl::string_view kDeploymentsPath = R"(CanonicalData\Deployments)";
constexpr absl::string_view kCatalogsPath = R"(CanonicalData\Catalogs)";
constexpr absl::string_view kVersionedIndexPath = R"(DerivedData\VersionedIndex)";
constexpr absl::string_view kWinnersPath = R"(Microsoft\Windows\CurrentVersion\SideBySide\Winners)";

constexpr size_t kSha256Size = 32;

// What could not be read below a key, put together into one status at the end.
class Damage {
 public:
  // False if `status` tells of damage.
  bool Add(const absl::Status& status) {
    if (status.ok()) return true;
    if (total_++ == 0) first_ = std::string(status.message());
    return false;
  }

  absl::Status Outcome(absl::string_view path) const {
    if (total_ == 0) return absl::OkStatus();
    return absl::DataLossError(
        absl::StrCat("keys at or below ", path, " with damage: ", total_, "; first: ", first_));
  }

 private:
  uint64_t total_ = 0;
  std::string first_;
};

absl::StatusOr<std::unique_ptr<Key>> OpenKey(const Registry& registry, HiveId hive,
                                             absl::string_view path) {
  absl::StatusOr<std::unique_ptr<Key>> key = registry.Open(hive, path);
  // A link or a tombstone where Windows has neither: nobody knows what stood there.
  if (absl::IsFailedPrecondition(key.status())) return absl::DataLossError(key.status().message());
  return key;
}

class OddityList {
 public:
  explicit OddityList(std::vector<Oddity>* oddities) : oddities_(oddities) {}

  void Start() { oddities_->clear(); }

  // True if `fits`; the shape of `value` is odd otherwise.
  bool Expect(bool fits, const Value& value, absl::string_view expected) {
    if (!fits) {
      Add(value.name, absl::StrCat(regf::ValueTypeName(value.type), " of ", value.data.size(),
                                   " bytes, expected ", expected));
    }
    return fits;
  }

  // True the first time.
  bool First(const Value& value, bool* seen) {
    if (*seen) Twice(value.name);
    return !std::exchange(*seen, true);
  }

  void Twice(absl::string_view name) { Add(name, "stands twice"); }

 private:
  void Add(absl::string_view name, std::string what) {
    if (oddities_->size() >= kMaxOddities) return;
    oddities_->push_back({std::string(name), std::move(what)});
  }

  std::vector<Oddity>* oddities_;
};

// FNV-1a of `text` with ASCII letters in upper case.
uint64_t UpperAsciiHash(absl::string_view text) {
  uint64_t hash = 0xCBF29CE484222325;
  for (const char c : text) {
    hash = (hash ^ static_cast<unsigned char>(absl::ascii_toupper(c))) * 0x100000001B3;
  }
  return hash;
}

// Equal for names that the registry takes for the same, and seldom for others.
uint64_t NameHash(absl::string_view name) {
  const bool ascii =
      std::all_of(name.begin(), name.end(), [](unsigned char c) { return c < 0x80; });
  return ascii ? UpperAsciiHash(name) : UpperAsciiHash(UpcaseUtf8(name));
}

// The names behind a prefix like "c!". Their strings keep their memory from one record to the next.
class NameList {
 public:
  NameList(absl::string_view prefix, std::vector<std::string>* names, OddityList* oddities)
      : prefix_(prefix), names_(names), oddities_(oddities) {}

  void Start() {
    used_ = 0;
    hashes_.clear();
  }

  // False if the name of `value` does not start with the prefix.
  bool Takes(const Value& value) const { return absl::StartsWithIgnoreCase(value.name, prefix_); }

  void Add(const Value& value) {
    const absl::string_view name = absl::string_view(value.name).substr(prefix_.size());
    if (used_ < names_->size()) {
      (*names_)[used_].assign(name.data(), name.size());
    } else {
      names_->emplace_back(name);
    }
    ++used_;
    hashes_.push_back(NameHash(name));
  }

  // Cuts off what the last record left, and names that the registry takes for the same.
  void Finish() {
    names_->resize(used_);
    std::sort(hashes_.begin(), hashes_.end());
    if (std::adjacent_find(hashes_.begin(), hashes_.end()) != hashes_.end()) RemoveRepeated();
  }

 private:
  void RemoveRepeated() {
    absl::flat_hash_set<std::string> met;
    size_t kept = 0;
    for (size_t i = 0; i < used_; ++i) {
      std::string& name = (*names_)[i];
      if (!met.insert(UpcaseUtf8(name)).second) {
        oddities_->Twice(absl::StrCat(prefix_, name));
      } else if (kept++ != i) {
        (*names_)[kept - 1] = std::move(name);
      }
    }
    names_->resize(kept);
  }

  absl::string_view prefix_;
  std::vector<std::string>* names_;
  OddityList* oddities_;
  size_t used_ = 0;
  std::vector<uint64_t> hashes_;
};

bool IsNamed(const Value& value, absl::string_view name) {
  return absl::EqualsIgnoreCase(value.name, name);
}

bool IsBinary(const Value& value) { return value.type == regf::kRegBinary; }

// An identity or appid: ASCII without a terminator in all 28,069 and 3,983 of a real image.
void TakeIdentity(const Value& value, OddityList* oddities, std::string* identity) {
  if (oddities->Expect(IsBinary(value) && !value.data.empty(), value, "text in REG_BINARY")) {
    *identity = value.data;
  }
}

void TakeLink(const Value& value, OddityList* oddities, NameList* links) {
  oddities->Expect(IsBinary(value) && value.data.empty(), value, "REG_BINARY of 0 bytes");
  links->Add(value);
}

// The readers of the three kinds of records: Start, Add for each value, Finish.

class ComponentReader {
 public:
  using Record = Component;

  void Start(std::string key) {
    record_.key = std::move(key);
    record_.identity.clear();
    record_.manifest_hash.reset();
    record_.flags = 0;
    oddities_.Start();
    deployments_.Start();
    files_.Start();
    has_identity_ = has_hash_ = has_flags_ = false;
  }

  void Add(const Value& value) {
    if (deployments_.Takes(value)) {
      TakeLink(value, &oddities_, &deployments_);
    } else if (files_.Takes(value)) {
      oddities_.Expect(registry::AsDword(value).ok(), value, "REG_DWORD of 4 bytes");
      files_.Add(value);
    } else if (IsNamed(value, "identity")) {
      if (oddities_.First(value, &has_identity_)) {
        TakeIdentity(value, &oddities_, &record_.identity);
      }
    } else if (IsNamed(value, "S256H")) {
      if (!oddities_.First(value, &has_hash_)) return;
      if (oddities_.Expect(IsBinary(value) && value.data.size() == kSha256Size, value,
                           "REG_BINARY of 32 bytes")) {
        record_.manifest_hash = value.data;
      }
    } else if (IsNamed(value, "CF")) {
      if (!oddities_.First(value, &has_flags_)) return;
      const absl::StatusOr<uint32_t> flags = registry::AsDword(value);
      if (oddities_.Expect(flags.ok(), value, "REG_DWORD of 4 bytes")) record_.flags = *flags;
    }
  }

  const Component& Finish(bool damaged) {
    deployments_.Finish();
    files_.Finish();
    record_.damaged = damaged;
    return record_;
  }

 private:
  Component record_;
  OddityList oddities_{&record_.oddities};
  NameList deployments_{"c!", &record_.deployments, &oddities_};
  NameList files_{"f!", &record_.files, &oddities_};
  bool has_identity_ = false, has_hash_ = false, has_flags_ = false;
};

class DeploymentReader {
 public:
  using Record = Deployment;

  void Start(std::string key) {
    record_.key = std::move(key);
    record_.identity.clear();
    record_.catalog_thumbprint.clear();
    oddities_.Start();
    for (NameList* list : {&packages_, &installed_, &staged_}) list->Start();
    has_identity_ = has_catalog_ = false;
  }

  void Add(const Value& value) {
    for (NameList* list : {&packages_, &installed_, &staged_}) {
      // What these hold is not documented and not looked at.
      if (list->Takes(value)) return list->Add(value);
    }
    if (IsNamed(value, "appid")) {
      if (oddities_.First(value, &has_identity_)) {
        TakeIdentity(value, &oddities_, &record_.identity);
      }
    } else if (IsNamed(value, "CatalogThumbprint")) {
      if (!oddities_.First(value, &has_catalog_)) return;
      if (oddities_.Expect(value.type == regf::kRegSz, value, "REG_SZ")) {
        record_.catalog_thumbprint = *registry::AsString(value);
      }
    }
  }

  const Deployment& Finish(bool damaged) {
    for (NameList* list : {&packages_, &installed_, &staged_}) list->Finish();
    record_.packages = static_cast<uint32_t>(package_names_.size());
    record_.installed = static_cast<uint32_t>(installed_names_.size());
    record_.staged = static_cast<uint32_t>(staged_names_.size());
    record_.damaged = damaged;
    return record_;
  }

 private:
  Deployment record_;
  std::vector<std::string> package_names_, installed_names_, staged_names_;
  OddityList oddities_{&record_.oddities};
  NameList packages_{"p!", &package_names_, &oddities_};
  NameList installed_{"i!", &installed_names_, &oddities_};
  NameList staged_{"s!", &staged_names_, &oddities_};
  bool has_identity_ = false, has_catalog_ = false;
};

class CatalogReader {
 public:
  using Record = Catalog;

  void Start(std::string key) {
    record_.key = std::move(key);
    oddities_.Start();
    deployments_.Start();
  }

  void Add(const Value& value) {
    if (deployments_.Takes(value)) TakeLink(value, &oddities_, &deployments_);
  }

  const Catalog& Finish(bool damaged) {
    deployments_.Finish();
    record_.damaged = damaged;
    return record_;
  }

 private:
  Catalog record_;
  OddityList oddities_{&record_.oddities};
  NameList deployments_{"c!", &record_.deployments, &oddities_};
};

template <typename Reader>
absl::Status VisitRecords(const Registry& registry, absl::string_view path,
                          absl::FunctionRef<bool(const typename Reader::Record&)> visit) {
  PG_ASSIGN_OR_RETURN(const std::unique_ptr<Key> parent,
                      OpenKey(registry, HiveId::kComponents, path));
  Damage damage;
  Reader reader;
  damage.Add(parent->VisitSubkeys([&](const Key& key) {
    reader.Start(key.name());
    const bool whole = damage.Add(key.VisitValues([&](const Value& value) {
      reader.Add(value);
      return true;
    }));
    return visit(reader.Finish(!whole));
  }));
  return damage.Outcome(path);
}

}  // namespace

absl::Status VisitComponents(const Registry& registry,
                             absl::FunctionRef<bool(const Component&)> visit) {
  return VisitRecords<ComponentReader>(registry, kComponentsPath, visit);
}

absl::Status VisitDeployments(const Registry& registry,
                              absl::FunctionRef<bool(const Deployment&)> visit) {
  return VisitRecords<DeploymentReader>(registry, kDeploymentsPath, visit);
}

absl::Status VisitCatalogs(const Registry& registry,
                           absl::FunctionRef<bool(const Catalog&)> visit) {
  return VisitRecords<CatalogReader>(registry, kCatalogsPath, visit);
}

absl::Status VisitWinners(const Registry& registry, absl::FunctionRef<bool(const Winner&)> visit) {
  PG_ASSIGN_OR_RETURN(const std::unique_ptr<Key> winners,
                      OpenKey(registry, HiveId::kSoftware, kWinnersPath));
  Damage damage;
  Winner winner;
  damage.Add(winners->VisitSubkeys([&](const Key& family) {
    winner.family = family.name();
    bool more = true;
    damage.Add(family.VisitSubkeys([&](const Key& branch) {
      const absl::StatusOr<Value> value = branch.Get("");
      if (absl::IsNotFound(value.status())) return true;
      if (!damage.Add(value.status())) return true;
      absl::StatusOr<std::string> version = registry::AsString(*value);
      if (!version.ok()) {
        damage.Add(
            absl::DataLossError(absl::StrCat("default value of ", winner.family, "\\",
                                             branch.name(), ": ", version.status().message())));
        return true;
      }
      if (version->empty()) return true;
      winner.version = *std::move(version);
      return more = visit(winner);
    }));
    return more;
  }));
  return damage.Outcome(kWinnersPath);
}

absl::StatusOr<uint64_t> CountFamilies(const Registry& registry) {
  PG_ASSIGN_OR_RETURN(const std::unique_ptr<Key> index,
                      OpenKey(registry, HiveId::kComponents, kVersionedIndexPath));
  absl::optional<std::array<uint32_t, 4>> newest;
  std::string name;
  PG_RETURN_IF_ERROR(index->VisitSubkeys([&](const Key& stack) {
    const auto version = ParseVersion(stack.name());
    if (version && (!newest || *version > *newest)) {
      newest = version;
      name = stack.name();
    }
    return true;
  }));
  if (!newest) {
    return absl::NotFoundError(absl::StrCat(kVersionedIndexPath, " has no stack version"));
  }
  PG_ASSIGN_OR_RETURN(
      const std::unique_ptr<Key> families,
      OpenKey(registry, HiveId::kComponents,
              absl::StrCat(kVersionedIndexPath, "\\", name, "\\ComponentFamilies")));
  uint64_t count = 0;
  PG_RETURN_IF_ERROR(families->VisitSubkeys([&](const Key&) {
    ++count;
    return true;
  }));
  return count;
}

}  // namespace patchgate::store
