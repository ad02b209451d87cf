// Reads the Boot Configuration Data store of a host (DOMAIN §7).
#ifndef SERVICING_BOOT_BCD_READER_H_
#define SERVICING_BOOT_BCD_READER_H_

#include <string>

#include "absl/strings/string_view.h"
#include "servicing/boot/bcd.pb.h"
#include "servicing/evidence/source.h"
#include "servicing/regf/hive.h"
#include "servicing/registry/registry.h"

namespace patchgate::boot {

// The store of the system partition `esp`, or where that is null of `volume`: a copied tree, or a
// disk that BIOS boots without a system partition of its own. EFI/Microsoft/Boot/BCD comes before
// Boot/BCD, which is no store to a host that `boots_by_uefi`, but a leftover. Transaction logs are
// replayed in memory, and the whole hive is looked at for damage. Says in the collection how that
// went. Cost: the bytes of the hive, some 30 KB.
BcdStore ReadBcd(const evidence::Source& volume, const evidence::Source* esp,
                 bool boots_by_uefi = false);

// The store that the running Windows was booted by, through its key. UNREADABLE, with the reason,
// where registry.OpenBcd() fails: it is loaded in every Windows that booted from a disk. The hive
// is LOADED, and nothing is known of its file, nor of stores beside it; `is_efi` is what the caller
// knows of the firmware. Cost: some 200 keys, opened one by one.
BcdStore ReadLoadedBcd(const registry::Registry& registry, bool is_efi);

// Objects and elements of an open hive, and nothing about where it lies. What is damaged or shared
// between objects is left out and becomes a gap, so that the facts are never larger than a multiple
// of the hive. Values that do not fit the format of their element are kept as raw bytes.
void ReadBcdHive(const regf::Hive& hive, BcdStore* store);

// Whether this hive is a store: by its KeyName, or by objects with names that are GUIDs.
bool LooksLikeBcd(const regf::Hive& hive);

// The value of a device element. `problem` is set where it is damaged; what could be read is kept.
BcdDevice ReadBcdDevice(absl::string_view bytes, std::string* problem);

}  // namespace patchgate::boot

#endif  // SERVICING_BOOT_BCD_READER_H_
