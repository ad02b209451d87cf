// Reads the files that a host boots from, other than drivers, and those that its patch level is
// measured by (DOMAIN §1.6, 4.9).
#ifndef SERVICING_BOOT_BOOT_READER_H_
#define SERVICING_BOOT_BOOT_READER_H_

#include "servicing/boot/boot.pb.h"
#include "servicing/cbs/cbs.pb.h"
#include "servicing/evidence/source.h"
#include "servicing/files/image_reader.h"

namespace patchgate::boot {

// Kernel, loaders and boot managers, of the volume into `images` and of the system partition `esp`
// into `esp_images`. Both are null if there is no such partition at hand; what lies in the root of
// the volume is taken for it then: EFI/Microsoft/Boot, or bootmgr with Boot/BCD, of which one alone
// is a leftover. To a host that `boots_by_uefi` bootmgr is nothing at all. The volume's files come
// first. Cost: a few looks at folders, and some 15 files of 1 to 15 MB, as far as `images` does not
// know them.
BootFiles ReadBootFiles(const evidence::Source& source, const evidence::Source* esp,
                        files::ImageReader* images, files::ImageReader* esp_images,
                        bool boots_by_uefi = false);

// The files that the patch level is measured by: the built-in list, probes.textproto.
ProbeSet BuiltInProbes();

// Those, and StackLibrary(stack) if there is one. Reads each into `images`.
ProbeSet ReadProbes(const ServicingStack& stack, files::ImageReader* images);

}  // namespace patchgate::boot

#endif  // SERVICING_BOOT_BOOT_READER_H_
