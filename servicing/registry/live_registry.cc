#include "servicing/registry/live_registry.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "servicing/base/status_macros.h"
#include "servicing/base/utf16.h"
#include "servicing/registry/control_set.h"
#include "servicing/registry/hive_file.h"
#include "servicing/registry/live_key.h"

namespace patchgate::registry {
namespace {

constexpr char kBcd[] = "BCD00000000";

std::string LoadedName(HiveId hive) { return absl::StrCat("HKLM\\", HiveName(hive)); }

// The file of a loaded hive, "\Device\HarddiskVolume3\Windows\System32\config\SYSTEM", as the
// system lists it (DOMAIN §2.8); empty where it does not say.
std::string LoadedFrom(const Key& hive_list, HiveId hive) {
  const absl::StatusOr<Value> value =
      hive_list.Get(absl::StrCat("\\REGISTRY\\MACHINE\\", HiveName(hive)));
  if (!value.ok()) return "";
  return AsString(*value).value_or("");
}

absl::string_view Folder(absl::string_view path) {
  const size_t end = path.rfind('\\');
  return path.substr(0, end == absl::string_view::npos ? 0 : end);
}

bool IsLoadedOnDemand(HiveId hive) {
  return hive == HiveId::kComponents || hive == HiveId::kDrivers;
}

// The file of `hive`, if it was loaded from another folder than SYSTEM: somebody looks into another
// Windows under this name. Empty if it is this one's, or if nobody can tell.
std::string ForeignFile(HiveId hive) {
  const absl::StatusOr<std::unique_ptr<Key>> system = OpenLocalMachine("SYSTEM");
  if (!system.ok()) return "";
  const absl::StatusOr<std::unique_ptr<Key>> list =
      OpenFromRoot(HiveId::kSystem, **system, "CurrentControlSet\\Control\\hivelist");
  if (!list.ok()) return "";
  const std::string own = LoadedFrom(**list, HiveId::kSystem), file = LoadedFrom(**list, hive);
  const bool foreign = !own.empty() && !file.empty() && !NamesEqual(Folder(own), Folder(file));
  return foreign ? file : "";
}

}  // namespace

struct LiveRegistry::Slot {
  Slot(HiveId hive, const evidence::Source& volume, bool servicing_is_at_work);
  // True if it is loaded; also, with the reason, if it is and cannot be read.
  bool FindLoaded(HiveId hive);

  std::unique_ptr<HiveFile> file;  // Null if the hive is loaded.
  HiveFacts facts;                 // Of a loaded one.
  std::string if_denied;           // Why it is the file that is needed.
};

bool LiveRegistry::Slot::FindLoaded(HiveId hive) {
  const std::string name = LoadedName(hive);
  facts.set_name(std::string(HiveName(hive)));
  Collection* collection = facts.mutable_collection();
  collection->set_source(name);
  const absl::StatusOr<std::unique_ptr<Key>> root = OpenLocalMachine(HiveName(hive));
  if (absl::IsNotFound(root.status())) {
    if_denied = absl::StrCat(", and it is not loaded as ", name);
    return false;
  }
  if (!root.ok()) {
    collection->set_status(Collection::UNREADABLE);
    collection->set_reason(std::string(root.status().message()));
    return true;
  }
  const std::string foreign = IsLoadedOnDemand(hive) ? ForeignFile(hive) : "";
  if (!foreign.empty()) {
    if_denied = absl::StrCat(", and what is loaded as ", name, " is another one: ", foreign);
    return false;
  }
  facts.set_state(HiveFacts::LOADED);
  collection->set_status(Collection::COLLECTED);
  collection->set_modified_filetime((*root)->last_written());
  return true;
}

LiveRegistry::Slot::Slot(HiveId hive, const evidence::Source& volume, bool servicing_is_at_work) {
  if (FindLoaded(hive)) return;
  if (servicing_is_at_work) {
    facts.mutable_collection()->set_status(Collection::UNREADABLE);
    facts.mutable_collection()->set_reason(
        "not opened: servicing is at work, and could not load it meanwhile");
    return;
  }
  file = std::make_unique<HiveFile>(volume, hive, if_denied);
  // Perhaps it could not be had because the hive has been loaded since.
  if (absl::IsPermissionDenied(file->status()) && FindLoaded(hive)) file = nullptr;
}

LiveRegistry::LiveRegistry(const evidence::Source& volume, bool servicing_is_at_work) {
  for (const HiveId hive : kAllHives) {
    slots_[hive] = std::make_unique<Slot>(hive, volume, servicing_is_at_work);
  }
}

LiveRegistry::~LiveRegistry() = default;

absl::StatusOr<std::unique_ptr<Key>> LiveRegistry::Open(HiveId hive, absl::string_view path) const {
  const Slot& slot = *slots_.at(hive);
  absl::StatusOr<std::unique_ptr<Key>> root;
  if (slot.file != nullptr) {
    root = slot.file->Root();
  } else if (slot.facts.state() != HiveFacts::LOADED) {
    root = absl::UnavailableError(
        absl::StrCat("hive ", HiveName(hive), ": ", slot.facts.collection().reason()));
  } else {
    root = OpenLocalMachine(HiveName(hive));
    if (!root.ok()) {
      root = absl::UnavailableError(absl::StrCat(
          "hive ", HiveName(hive), absl::IsNotFound(root.status()) ? " is loaded no more: " : ": ",
          root.status().message()));
    }
  }
  PG_RETURN_IF_ERROR(root.status());
  return OpenFromRoot(hive, **root, path);
}

HiveFacts LiveRegistry::Describe(HiveId hive) const {
  const Slot& slot = *slots_.at(hive);
  return slot.file == nullptr ? slot.facts : slot.file->Describe();
}

HiveFacts LiveRegistry::Examine(HiveId hive) const {
  const Slot& slot = *slots_.at(hive);
  return slot.file == nullptr ? slot.facts : slot.file->Examine();
}

absl::StatusOr<std::unique_ptr<Key>> LiveRegistry::OpenBcd() const {
  return OpenLocalMachine(kBcd);
}

}  // namespace patchgate::registry
