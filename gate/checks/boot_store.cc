#include "gate/checks/boot_store.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "gate/checks/presence.h"
#include "servicing/boot/bcd_format.h"
#include "servicing/boot/bcd_names.h"
#include "servicing/host/system_drive.h"

namespace patchgate::gate::checks {
namespace {

// What may be booted by default, named by an element of the boot manager.
const BcdObject* FirstNamed(const BcdStore& store, const BcdObject& manager, uint32_t element) {
  return FindObject(store, FirstObject(FindElement(manager, element)));
}

}  // namespace

bool HasBootStore(const Snapshot& snapshot, FindingBuilder* finding) {
  const BcdStore& store = snapshot.bcd();
  finding->Needs(store.collection());
  return IsThere(store.collection()) && store.has_objects();
}

ObjectIndex::ObjectIndex(const BcdStore& store) {
  for (const BcdObject& object : store.objects()) objects_.emplace(object.guid(), &object);
}

const BcdObject* ObjectIndex::Find(absl::string_view guid) const {
  const auto found = objects_.find(guid);
  return found == objects_.end() ? nullptr : found->second;
}

const BcdObject* FindObject(const BcdStore& store, absl::string_view guid) {
  for (const BcdObject& object : store.objects()) {
    if (object.guid() == guid) return &object;
  }
  return nullptr;
}

const BcdObject* FindBootManager(const BcdStore& store) {
  return FindObject(store, boot::guid::kBootManager);
}

const BcdElement* FindElement(const BcdObject& object, uint32_t element) {
  const auto found = std::lower_bound(
      object.elements().begin(), object.elements().end(), element,
      [](const BcdElement& candidate, uint32_t id) { return candidate.id() < id; });
  return found != object.elements().end() && found->id() == element ? &*found : nullptr;
}

const BcdElement* FindInherited(const ObjectIndex& objects, const BcdObject& object,
                                uint32_t element) {
  // Breadth first: what is nearer comes before what that inherits itself.
  constexpr size_t kMostObjects = 32;
  std::vector<const BcdObject*> queue = {&object};
  for (size_t i = 0; i < queue.size(); ++i) {
    if (const BcdElement* found = FindElement(*queue[i], element)) return found;
    const BcdElement* inherit = FindElement(*queue[i], boot::element::kInherit);
    if (inherit == nullptr) continue;
    const auto& guids = inherit->objects().guids();
    for (int entry = 0; entry < std::min(guids.size(), kMostEntries); ++entry) {
      const BcdObject* settings = objects.Find(guids[entry]);
      if (settings == nullptr || queue.size() >= kMostObjects) continue;
      if (std::find(queue.begin(), queue.end(), settings) == queue.end()) queue.push_back(settings);
    }
  }
  return nullptr;
}

const BcdObject* FindDefault(const BcdStore& store) {
  const BcdObject* manager = FindBootManager(store);
  if (manager == nullptr) return nullptr;
  const bool has_default = FindElement(*manager, boot::element::kDefault) != nullptr;
  return FirstNamed(store, *manager,
                    has_default ? boot::element::kDefault : boot::element::kDisplayOrder);
}

const BcdObject* FindDefaultLoader(const BcdStore& store) {
  const BcdObject* object = FindDefault(store);
  return object != nullptr && IsLoader(*object) ? object : nullptr;
}

bool IsLoader(const BcdObject& object) { return object.type() == boot::object_type::kOsLoader; }

std::string TextOf(const BcdElement* element) { return element == nullptr ? "" : element->text(); }

std::string FirstObject(const BcdElement* element) {
  return element == nullptr || element->objects().guids().empty() ? ""
                                                                  : element->objects().guids(0);
}

bool IsTrue(const BcdElement* element) { return element != nullptr && element->boolean(); }

std::string Title(const BcdObject& object) {
  const std::string description = TextOf(FindElement(object, boot::element::kDescription));
  return absl::StrCat(description, description.empty() ? "" : " ", object.guid());
}

std::string PlaceOf(const BcdStore& store, const BcdObject& object, uint32_t element) {
  std::string place = absl::StrCat(store.collection().source(), ": ", object.guid());
  if (element == 0) return place;
  const absl::string_view name = boot::ElementName(element, object.type());
  return absl::StrCat(place, "\\", name.empty() ? absl::StrFormat("%08x", element) : name);
}

Volume VolumeOf(const Snapshot& snapshot, const BcdDevice& device) {
  const MountedDevice* drive = host::FindSystemDrive(snapshot.os(), snapshot.mounted_devices());
  if (drive == nullptr || device.kind() != BcdDevice::PARTITION) return Volume::kUnknown;
  const bool is_gpt = !drive->partition_guid().empty();
  if (!is_gpt && drive->disk_signature() == 0) return Volume::kUnknown;
  // Where one is of a GPT disk and the other of an MBR disk they are not the same: there are two
  // disks, or a conversion that the store did not follow.
  const bool same = is_gpt ? device.partition_guid() == drive->partition_guid()
                           : device.partition_guid().empty() &&
                                 device.disk_signature() == drive->disk_signature() &&
                                 device.partition_offset() == drive->partition_offset();
  return same ? Volume::kThisWindows : Volume::kOther;
}

std::string Describe(const BcdDevice& device) {
  switch (device.kind()) {
    case BcdDevice::PARTITION:
      if (!device.partition_guid().empty()) {
        return absl::StrCat("partition ", device.partition_guid());
      }
      return absl::StrFormat("MBR partition at byte %u of disk 0x%08x", device.partition_offset(),
                             device.disk_signature());
    case BcdDevice::RAMDISK:
      return absl::StrCat("RAM disk ", device.path());
    case BcdDevice::BOOT:
      return "the device that was booted from";
    case BcdDevice::LOCATE:
      return "the volume that is found to hold it";
    case BcdDevice::VIRTUAL_DISK:
      return "partition of a virtual disk";
    default:
      return absl::StrCat("device of type ", device.type());
  }
}

}  // namespace patchgate::gate::checks
