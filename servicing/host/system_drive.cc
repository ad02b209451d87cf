#include "servicing/host/system_drive.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace patchgate::host {

std::string SystemDriveLetter(const OsIdentity& os) {
  const std::string& root = os.system_root();
  if (root.size() < 2 || root[1] != ':' || !absl::ascii_isalpha(root[0])) return "C:";
  return absl::AsciiStrToUpper(root.substr(0, 2));
}

const MountedDevice* FindSystemDrive(const OsIdentity& os, const MountedDevices& mounted) {
  const std::string name = absl::StrCat("\\DosDevices\\", SystemDriveLetter(os));
  for (const MountedDevice& device : mounted.devices()) {
    if (absl::EqualsIgnoreCase(device.name(), name)) return &device;
  }
  return nullptr;
}

bool BootsByUefi(const OsIdentity& os, const MountedDevices& mounted) {
  const MountedDevice* drive = FindSystemDrive(os, mounted);
  return drive != nullptr && !drive->partition_guid().empty();
}

}  // namespace patchgate::host
