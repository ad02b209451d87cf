#include "servicing/boot/bcd_reader.h"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "servicing/base/guid.h"
#include "servicing/base/little_endian.h"
#include "servicing/base/utf16.h"
#include "servicing/boot/bcd_format.h"
#include "servicing/boot/bcd_names.h"
#include "servicing/regf/types.h"
#include "servicing/registry/hive_file.h"
#include "servicing/registry/value.h"

namespace patchgate::boot {
namespace {

constexpr int kMaxGaps = 50;    // A heavily damaged store needs no more examples.
constexpr size_t kMaxRaw = 64;  // Bytes of a value that is kept raw.
constexpr int kMaxNesting = 4;  // Devices in devices; real ones have one.

// "{…}" in lower case; empty if `text` is no GUID.
std::string Guid(absl::string_view text) {
  const absl::optional<std::string> bytes = ParseGuid(text);
  return bytes ? FormatGuid(*bytes) : "";
}

// ---------------------------------------------------------------- devices

std::string PathAt(absl::string_view bytes) {
  const std::string path = Utf16LeToUtf8(bytes);
  return path.substr(0, path.find('\0'));
}

// `bytes` starts with a device and may go on behind it. The device's length, or 0 with `problem`.
size_t ReadDevice(absl::string_view bytes, int nesting, BcdDevice* out, std::string* problem) {
  const size_t available = bytes.size();
  if (available < device::kHeaderSize) {
    *problem = absl::StrFormat("device of %u bytes, shorter than its header", available);
    return 0;
  }
  out->set_type(LoadLe32(bytes.data() + device::kType));
  out->set_flags(LoadLe32(bytes.data() + device::kFlags));
  const size_t length = LoadLe32(bytes.data() + device::kLength);
  if (length < device::kMinSize || length > available) {
    *problem = absl::StrFormat("device of type %u: length 0x%x, of 0x%x bytes", out->type(), length,
                               available);
    return 0;
  }
  bytes = bytes.substr(0, length);
  out->set_kind(BcdDevice::OTHER);
  if (out->type() == device::kBootDevice) {
    out->set_kind(BcdDevice::BOOT);
  } else if (out->type() == device::kLocateDevice) {
    out->set_kind(BcdDevice::LOCATE);
  } else if (out->type() == device::kPartitionDevice) {
    const uint32_t disk_type = LoadLe32(bytes.data() + device::kDiskType);
    const uint32_t style = LoadLe32(bytes.data() + device::kPartitionStyle);
    const char* disk = bytes.data() + device::kDisk;
    if (disk_type == device::kVirtualDisk) {
      out->set_kind(BcdDevice::VIRTUAL_DISK);
    } else if (disk_type == device::kLocalDisk && style == device::kGpt) {
      out->set_kind(BcdDevice::PARTITION);
      out->set_partition_guid(FormatGuid(bytes.substr(device::kPartition, kGuidSize)));
      out->set_disk_guid(FormatGuid(bytes.substr(device::kDisk, kGuidSize)));
    } else if (disk_type == device::kLocalDisk && style == device::kMbr) {
      out->set_kind(BcdDevice::PARTITION);
      out->set_partition_offset(LoadLe64(bytes.data() + device::kPartition));
      out->set_disk_signature(LoadLe32(disk));
    }
  } else if (out->type() == device::kDiskDevice &&
             LoadLe32(bytes.data() + device::kLocalType) == device::kRamdisk) {
    out->set_kind(BcdDevice::RAMDISK);
    if (nesting >= kMaxNesting) {
      *problem = absl::StrFormat("devices nested more than %d deep", kMaxNesting);
      return length;
    }
    const absl::string_view rest = bytes.substr(device::kFileDevice);
    const size_t parent = ReadDevice(rest, nesting + 1, out->mutable_parent(), problem);
    if (parent == 0) return length;
    out->set_path(PathAt(rest.substr(parent)));
    if (out->path().empty()) *problem = "RAM disk without the path of its file";
  }
  return length;
}

// ---------------------------------------------------------------- elements

// Sets the value as the format of `out` has it; what is wrong, or empty.
std::string ReadTyped(const registry::Value& value, BcdElement* out) {
  const ElementFormat format = FormatOf(out->id());
  const absl::string_view data = value.data;
  switch (format) {
    case ElementFormat::kString: {
      absl::StatusOr<std::string> text = registry::AsString(value);
      if (!text.ok()) return std::string(text.status().message());
      out->set_text(*std::move(text));
      return "";
    }
    case ElementFormat::kObject: {
      const absl::StatusOr<std::string> text = registry::AsString(value);
      if (!text.ok()) return std::string(text.status().message());
      const std::string guid = Guid(*text);
      if (guid.empty()) return "not a GUID";
      out->mutable_objects()->add_guids(guid);
      return "";
    }
    case ElementFormat::kObjectList: {
      const absl::StatusOr<std::vector<std::string>> texts = registry::AsMultiString(value);
      if (!texts.ok()) return std::string(texts.status().message());
      std::vector<std::string> guids;
      for (const std::string& text : *texts) {
        guids.push_back(Guid(text));
        if (guids.back().empty()) {
          return absl::StrFormat("entry %u of %u is not a GUID", guids.size(), texts->size());
        }
      }
      for (std::string& guid : guids) out->mutable_objects()->add_guids(std::move(guid));
      out->mutable_objects();  // An empty list is a list.
      return "";
    }
    case ElementFormat::kDevice:
    case ElementFormat::kInteger:
    case ElementFormat::kBoolean:
    case ElementFormat::kIntegerList:
      break;
    default:
      return absl::StrFormat("format %u is unknown", static_cast<uint32_t>(format));
  }
  if (value.type != regf::kRegBinary) {
    return absl::StrCat(regf::ValueTypeName(value.type), ", expected REG_BINARY");
  }
  if (format == ElementFormat::kDevice) {
    std::string problem;
    BcdDevice device = ReadBcdDevice(data, &problem);
    if (device.kind() != BcdDevice::KIND_UNSPECIFIED) *out->mutable_device() = std::move(device);
    return problem;
  }
  if (format == ElementFormat::kIntegerList) {
    if (data.size() % 8 != 0) return absl::StrCat(data.size(), " bytes, not a multiple of 8");
    out->mutable_integers();
    for (size_t i = 0; i < data.size(); i += 8) {
      out->mutable_integers()->add_values(LoadLe64(data.data() + i));
    }
    return "";
  }
  // Installation media have integers of one byte and upwards.
  if (data.empty() || data.size() > 8) {
    return absl::StrCat(data.size(), " bytes, expected 1 to 8");
  }
  std::string wide(data);
  wide.resize(8, '\0');
  const uint64_t integer = LoadLe64(wide.data());
  if (format == ElementFormat::kInteger) {
    out->set_integer(integer);
  } else {
    out->set_boolean(integer != 0);
  }
  return "";
}

// ---------------------------------------------------------------- the store

class StoreReader {
 public:
  explicit StoreReader(BcdStore* store) : store_(store) {}

  void Read(const registry::Key& root) {
    store_->set_root_name(root.name());
    if (const auto description = Subkey(root, "Description", "")) {
      store_->set_has_description(true);
      if (const auto name = Get(*description, "KeyName", "Description", registry::AsString)) {
        store_->set_key_name(*name);
      }
      if (const auto v = Get(*description, "System", "Description", registry::AsDword)) {
        store_->set_system(*v);
      }
      if (const auto v = Get(*description, "TreatAsSystem", "Description", registry::AsDword)) {
        store_->set_treat_as_system(*v);
      }
    }
    if (const auto objects = Subkey(root, "Objects", "")) {
      store_->set_has_objects(true);
      Subkeys(*objects, "Objects", [&](const registry::Key& key) { ReadObject(key); });
    }
  }

 private:
  void Gap(absl::string_view where, absl::string_view what) {
    if (store_->collection().gaps_size() >= kMaxGaps) return;
    patchgate::Gap* gap = store_->mutable_collection()->add_gaps();
    gap->set_where(absl::StrCat("BCD\\", where));
    gap->set_what(std::string(what));
  }

  // Keys that lists share would be told as often as they are reached: a small hostile hive could
  // make a huge message.
  bool IsNew(const registry::Key& key, absl::string_view path) {
    if (key.id() == 0 || seen_.insert(key.id()).second) return true;
    Gap(path, absl::StrFormat("the key at 0x%x was met before", key.id()));
    return false;
  }

  std::unique_ptr<registry::Key> Subkey(const registry::Key& key, absl::string_view name,
                                        absl::string_view path) {
    absl::StatusOr<std::unique_ptr<registry::Key>> subkey = key.Open(name);
    const std::string below = absl::StrCat(path, path.empty() ? "" : "\\", name);
    if (!subkey.ok()) {
      if (!absl::IsNotFound(subkey.status())) Gap(below, subkey.status().message());
      return nullptr;
    }
    if (!IsNew(**subkey, below)) return nullptr;
    return *std::move(subkey);
  }

  void Subkeys(const registry::Key& key, absl::string_view path,
               absl::FunctionRef<void(const registry::Key&)> visit) {
    const absl::Status status = key.VisitSubkeys([&](const registry::Key& subkey) {
      if (IsNew(subkey, path)) visit(subkey);
      return true;
    });
    if (!status.ok()) Gap(path, status.message());
  }

  // nullopt where there is none, or with a gap where it is unreadable.
  absl::optional<registry::Value> Raw(const registry::Key& key, absl::string_view name,
                                      absl::string_view path, bool* readable = nullptr) {
    absl::StatusOr<registry::Value> value = key.Get(name);
    if (value.ok()) return *std::move(value);
    if (!absl::IsNotFound(value.status())) {
      Gap(absl::StrCat(path, "\\", name), value.status().message());
      if (readable != nullptr) *readable = false;
    }
    return absl::nullopt;
  }

  template <typename T>
  absl::optional<T> Get(const registry::Key& key, absl::string_view name, absl::string_view path,
                        absl::StatusOr<T> (*convert)(const registry::Value&)) {
    const absl::optional<registry::Value> value = Raw(key, name, path);
    if (!value) return absl::nullopt;
    absl::StatusOr<T> typed = convert(*value);
    if (typed.ok()) return *std::move(typed);
    Gap(absl::StrCat(path, "\\", name), typed.status().message());
    return absl::nullopt;
  }

  void ReadObject(const registry::Key& key) {
    const std::string path = absl::StrCat("Objects\\", key.name());
    const std::string guid = Guid(key.name());
    if (guid.empty()) {
      Gap(path, "the name of the object is not a GUID");
      return;
    }
    BcdObject* object = store_->add_objects();
    object->set_guid(guid);
    object->set_well_known(std::string(ObjectName(guid)));
    if (const auto description = Subkey(key, "Description", path)) {
      const std::string below = absl::StrCat(path, "\\Description");
      if (const auto type = Get(*description, "Type", below, registry::AsDword)) {
        object->set_type(*type);
      }
      // A word for an object that firmware knows too, or the firmware's own variable as it is.
      if (const auto value = Raw(*description, "FirmwareVariable", below)) {
        const absl::StatusOr<uint32_t> dword = registry::AsDword(*value);
        object->set_firmware_variable(dword.ok() ? *dword : 1);
      }
    }
    object->set_type_name(std::string(ObjectTypeName(object->type())));
    if (const auto elements = Subkey(key, "Elements", path)) {
      const std::string below = absl::StrCat(path, "\\Elements");
      Subkeys(*elements, below,
              [&](const registry::Key& element) { ReadElement(element, below, object); });
    }
    std::stable_sort(object->mutable_elements()->begin(), object->mutable_elements()->end(),
                     [](const BcdElement& a, const BcdElement& b) { return a.id() < b.id(); });
  }

  void ReadElement(const registry::Key& key, absl::string_view elements, BcdObject* object) {
    const std::string path = absl::StrCat(elements, "\\", key.name());
    uint32_t id = 0;
    const std::string name = key.name();
    if (name.size() != 8 || !std::all_of(name.begin(), name.end(), absl::ascii_isxdigit) ||
        !absl::SimpleHexAtoi(name, &id)) {
      Gap(path, "the name of the element is not a number of 8 hexadecimal digits");
      return;
    }
    bool readable = true;
    const absl::optional<registry::Value> value = Raw(key, "Element", path, &readable);
    if (!readable) return;
    BcdElement* element = object->add_elements();
    element->set_id(id);
    element->set_name(std::string(ElementName(id, object->type())));
    element->set_problem(value ? ReadTyped(*value, element) : "it has no value Element");
    if (element->value_case() == BcdElement::VALUE_NOT_SET) {
      element->set_raw(
          absl::BytesToHexString(absl::string_view(value ? value->data : "").substr(0, kMaxRaw)));
    }
  }

  BcdStore* store_;
  absl::flat_hash_set<uint64_t> seen_;  // Ids of keys.
};

constexpr char kUefiStore[] = "EFI/Microsoft/Boot/BCD", kBiosStore[] = "Boot/BCD";

// Where the store lies below `source`: its path, kNotFound with words, or why nobody can tell.
absl::StatusOr<std::string> FindStore(const evidence::Source& source, bool boots_by_uefi) {
  for (const char* path : {kUefiStore, kBiosStore}) {
    const absl::StatusOr<evidence::FileInfo> info = source.Stat(path);
    if (info.ok() && boots_by_uefi && path == kBiosStore) {
      return absl::NotFoundError("Boot/BCD is there, but this host boots by UEFI: a leftover");
    }
    if (info.ok()) return std::string(path);
    if (!absl::IsNotFound(info.status())) return info.status();
  }
  return absl::NotFoundError("no EFI/Microsoft/Boot/BCD and no Boot/BCD");
}

}  // namespace

BcdDevice ReadBcdDevice(absl::string_view bytes, std::string* problem) {
  BcdDevice device;
  problem->clear();
  if (bytes.size() < device::kOptionsSize + device::kHeaderSize) {
    *problem = absl::StrFormat("device element of %u bytes, shorter than its header", bytes.size());
    return device;
  }
  const absl::string_view options = bytes.substr(0, device::kOptionsSize);
  if (options.find_first_not_of('\0') != absl::string_view::npos) {
    device.set_options(FormatGuid(options));
  }
  ReadDevice(bytes.substr(device::kOptionsSize), 0, &device, problem);
  return device;
}

bool LooksLikeBcd(const regf::Hive& hive) {
  const absl::StatusOr<regf::Key> description = hive.Find("Description");
  if (!description.ok()) return false;
  if (const auto record = description->FindValue("KeyName"); record.ok()) {
    const absl::StatusOr<std::string> data = record->Data();
    if (data.ok() && absl::StartsWith(Utf16LeToUtf8(*data), "BCD")) return true;
  }
  const absl::StatusOr<regf::Key> objects = hive.Find("Objects");
  if (!objects.ok()) return false;
  bool found = false;
  objects->VisitSubkeys(
      [&](const regf::Key& key) {
        found = ParseGuid(key.name()).has_value();
        return false;  // The first one tells.
      },
      nullptr);
  return found;
}

void ReadBcdHive(const regf::Hive& hive, BcdStore* store) {
  StoreReader(store).Read(*registry::RootKey(hive));
}

BcdStore ReadLoadedBcd(const registry::Registry& registry, bool is_efi) {
  constexpr char kSource[] = "HKLM\\BCD00000000";
  BcdStore store;
  Collection* collection = store.mutable_collection();
  collection->set_source(kSource);
  store.set_is_efi(is_efi);
  const absl::StatusOr<std::unique_ptr<registry::Key>> root = registry.OpenBcd();
  if (!root.ok()) {
    // This Windows was booted by some store: one that is not loaded is not one that is not there.
    collection->set_status(Collection::UNREADABLE);
    collection->set_reason(absl::IsNotFound(root.status())
                               ? absl::StrCat("the boot store is not loaded as ", kSource)
                               : std::string(root.status().message()));
    return store;
  }
  collection->set_status(Collection::COLLECTED);
  collection->set_modified_filetime((*root)->last_written());
  HiveFacts* facts = store.mutable_hive();
  facts->set_name("BCD");
  facts->set_state(HiveFacts::LOADED);
  *facts->mutable_collection() = *collection;
  StoreReader(&store).Read(**root);
  return store;
}

BcdStore ReadBcd(const evidence::Source& volume, const evidence::Source* esp, bool boots_by_uefi) {
  const evidence::Source& source = esp == nullptr ? volume : *esp;
  const absl::string_view prefix = esp == nullptr ? "" : evidence::kEspPrefix;
  BcdStore store;
  Collection* collection = store.mutable_collection();
  const absl::StatusOr<std::string> path = FindStore(source, boots_by_uefi);
  absl::StatusOr<registry::OpenHive> open = path.ok()
                                                ? registry::OpenHiveFile(source, *path)
                                                : absl::StatusOr<registry::OpenHive>(path.status());
  collection->set_source(absl::StrCat(prefix, path.ok() ? *path : kUefiStore));
  store.set_is_efi(path.ok() && *path == kUefiStore);
  if (store.is_efi() && source.Stat(kBiosStore).ok()) {
    store.add_other_stores(absl::StrCat(prefix, kBiosStore));
  }
  if (!open.ok()) {
    const absl::string_view reason = open.status().message();
    collection->set_status(absl::IsNotFound(open.status()) ? Collection::ABSENT
                                                           : Collection::UNREADABLE);
    collection->set_reason(std::string(reason));
    // What the hive reader says of the bytes names the hive; all else is about getting at them.
    if (absl::IsDataLoss(open.status()) && absl::StartsWith(reason, "hive ")) {
      store.set_not_a_hive(std::string(reason));
    }
    return store;
  }
  HiveFacts* facts = store.mutable_hive();
  *facts = registry::DescribeHive(*open->hive, "BCD");
  regf::DamageLog damage;
  open->hive->Walk([](const regf::Key&, absl::string_view) {}, &damage);
  open->hive->CheckBins(&damage);
  for (const regf::Damage& one : damage.kept()) {
    HiveDamage* out = facts->add_damage();
    out->set_file_offset(one.file_offset);
    out->set_what(one.what);
    out->set_key_path(one.key_path);
  }
  facts->set_damage_total(facts->damage_total() + damage.total());
  const evidence::FileInfo& info = open->files.front()->info();
  facts->set_size(info.size);
  facts->mutable_collection()->set_source(collection->source());
  facts->mutable_collection()->set_modified_filetime(info.modified);
  collection->set_status(Collection::COLLECTED);
  collection->set_modified_filetime(info.modified);
  if (facts->state() == HiveFacts::POSSIBLY_STALE) {
    Gap* gap = collection->add_gaps();
    gap->set_where("hive BCD");
    gap->set_what("dirty, and its logs could not bring it up to date: possibly stale");
  }
  ReadBcdHive(*open->hive, &store);
  return store;
}

}  // namespace patchgate::boot
