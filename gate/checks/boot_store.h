// Reads of the boot store that several checks need.
#ifndef GATE_CHECKS_BOOT_STORE_H_
#define GATE_CHECKS_BOOT_STORE_H_

#include <cstdint>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "gate/check.h"
#include "servicing/boot/bcd.pb.h"
#include "servicing/snapshot.pb.h"

namespace patchgate::gate::checks {

// What every check but boot.bcd-store says where there is no boot store at hand, or none with
// anything in it: that one tells why.
inline constexpr char kNoBootStore[] = "no boot store was read";

// Whether there is a store with objects to judge; what could not be read of it goes to `finding`.
bool HasBootStore(const Snapshot& snapshot, FindingBuilder* finding);

// The objects of a store by GUID, for who looks for many. The store must outlive it.
class ObjectIndex {
 public:
  explicit ObjectIndex(const BcdStore& store);
  const BcdObject* Find(absl::string_view guid) const;  // Null if there is none.

 private:
  absl::flat_hash_map<absl::string_view, const BcdObject*> objects_;
};

// Null if there is none.
const BcdObject* FindObject(const BcdStore& store, absl::string_view guid);
const BcdObject* FindBootManager(const BcdStore& store);
const BcdElement* FindElement(const BcdObject& object, uint32_t element);
// Of the object itself, or else of the settings that it inherits, the first few of them: real ones
// inherit from six objects.
const BcdElement* FindInherited(const ObjectIndex& objects, const BcdObject& object,
                                uint32_t element);

// The object that the boot manager boots by default, if it is there, whatever it is: where it has
// no default at all, the first of the menu.
const BcdObject* FindDefault(const BcdStore& store);
// Likewise, if it is a loader of Windows.
const BcdObject* FindDefaultLoader(const BcdStore& store);
bool IsLoader(const BcdObject& object);

// Entries of a list that are told; hostile ones are longer.
inline constexpr int kMostEntries = 20;

// The element's text, or the first of the objects that it names; empty where it has none.
std::string TextOf(const BcdElement* element);
std::string FirstObject(const BcdElement* element);
bool IsTrue(const BcdElement* element);

// "Windows 11 {…}"
std::string Title(const BcdObject& object);
// For evidence lines: "EFI/Microsoft/Boot/BCD: {…}\safeboot". `element` may be 0.
std::string PlaceOf(const BcdStore& store, const BcdObject& object, uint32_t element = 0);

// Whether the device is the volume that this Windows runs from. kUnknown where nobody can tell: the
// device is no partition, or the partition of the system drive is not known.
enum class Volume { kUnknown, kThisWindows, kOther };
Volume VolumeOf(const Snapshot& snapshot, const BcdDevice& device);

// "partition {…}", "MBR partition at 1048576 of disk 0x1b0f39a4", "RAM disk \sources\boot.wim".
std::string Describe(const BcdDevice& device);

}  // namespace patchgate::gate::checks

#endif  // GATE_CHECKS_BOOT_STORE_H_
