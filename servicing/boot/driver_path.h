// Where the file of a driver lies on the volume of its Windows.
#ifndef SERVICING_BOOT_DRIVER_PATH_H_
#define SERVICING_BOOT_DRIVER_PATH_H_

#include <string>

#include "absl/strings/string_view.h"

namespace patchgate::boot {

// One of the two is empty.
struct DriverPath {
  std::string path;     // "Windows/System32/drivers/disk.sys"; '/' between its parts.
  std::string problem;  // Why that cannot be said: "on drive D:, and Windows is on C:".
};

// The file of the driver `service`, from its ImagePath as stored, in any of the forms that drivers
// have: below the Windows folder ("System32\drivers\x.sys", "\SystemRoot\…", "%SystemRoot%\…"), on
// a drive ("C:\…", "\??\C:\…"), or without one, which means System32\drivers\<service>.sys
// (Microsoft: HKLM\SYSTEM\CurrentControlSet\Services; DOMAIN §2.4). Quotes, blanks and what follows
// a NUL do not count. `system_drive` is the letter by which this Windows calls its volume. The
// spelling is that of ImagePath, but for Windows, System32 and drivers at its start. Never leads
// out of the volume, nor through more than 31 folders.
DriverPath ResolveDriverPath(absl::string_view service, absl::string_view image_path,
                             char system_drive);

}  // namespace patchgate::boot

#endif  // SERVICING_BOOT_DRIVER_PATH_H_
