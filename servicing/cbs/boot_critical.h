// Which files a host boots from.
#ifndef SERVICING_CBS_BOOT_CRITICAL_H_
#define SERVICING_CBS_BOOT_CRITICAL_H_

#include "absl/strings/string_view.h"

namespace patchgate::cbs {

// Whether the file at an upper-cased NT path takes part in booting: a driver under
// System32\drivers, an EFI application of a boot folder, a boot manager or loader, the kernel,
// hal.dll or ci.dll (DOMAIN §4.2, 1.6). A copy in the component store is none. Cost: no allocation.
bool IsBootCritical(absl::string_view upper_path);

}  // namespace patchgate::cbs

#endif  // SERVICING_CBS_BOOT_CRITICAL_H_
