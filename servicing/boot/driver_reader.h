// Reads which drivers a Windows boots with, and whether their files are there (DOMAIN §2.4).
#ifndef SERVICING_BOOT_DRIVER_READER_H_
#define SERVICING_BOOT_DRIVER_READER_H_

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "servicing/boot/boot.pb.h"
#include "servicing/evidence/source.h"
#include "servicing/files/image_reader.h"
#include "servicing/registry/registry.h"

namespace patchgate::boot {

// Services of a Start other than 0 and 1 that ReadBootDrivers lists all the same: whoever looks for
// them in vain can say that they are not there.
absl::Span<const absl::string_view> WatchedServices();

// Services with Start 0 and 1, class filters, and files of the drivers folder that nobody names.
// Reads the file of each driver into `images`, the first 2,000 of them; a hive that registers more
// leaves a gap, as does one that names more than 2,000 filters.
//
// Which drive is this volume's comes from SystemRoot in SOFTWARE; without it, C:.
//
// Cost: one pass over Services (some 700 keys) and one over Control\Class (some 100); one listing
// of Windows/System32/drivers; each driver's file once; for each file that is not there, a look at
// each of its folders.
BootDrivers ReadBootDrivers(const registry::Registry& registry, const evidence::Source& source,
                            files::ImageReader* images);

}  // namespace patchgate::boot

#endif  // SERVICING_BOOT_DRIVER_READER_H_
