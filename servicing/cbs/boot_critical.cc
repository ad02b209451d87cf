#include "servicing/cbs/boot_critical.h"

#include <algorithm>
#include <iterator>

#include "absl/strings/match.h"

namespace patchgate::cbs {
namespace {

constexpr absl::string_view kNames[] = {
    "BOOTMGFW.EFI", "BOOTMGR",     "BOOTMGR.EFI", "CI.DLL",        "HAL.DLL",
    "NTOSKRNL.EXE", "WINLOAD.EFI", "WINLOAD.EXE", "WINRESUME.EFI", "WINRESUME.EXE",
};

}  // namespace

bool IsBootCritical(absl::string_view upper_path) {
  const absl::string_view name = upper_path.substr(upper_path.rfind('\\') + 1);
  const bool driver =
      absl::EndsWith(name, ".SYS") && absl::StrContains(upper_path, "\\SYSTEM32\\DRIVERS\\");
  const bool application = absl::EndsWith(name, ".EFI") && absl::StrContains(upper_path, "\\EFI\\");
  const bool known = std::find(std::begin(kNames), std::end(kNames), name) != std::end(kNames);
  return (driver || application || known) && !absl::StrContains(upper_path, "\\WINSXS\\") &&
         !absl::StrContains(upper_path, "\\SYSWOW64\\");
}

}  // namespace patchgate::cbs
