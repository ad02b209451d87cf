#include <windows.h>

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "servicing/base/status_macros.h"
#include "servicing/base/utf16.h"
#include "servicing/base/win32.h"
#include "servicing/evidence/directory_source.h"
#include "servicing/evidence/live_volume.h"

namespace patchgate::evidence {
namespace {

// "C:\Windows". Not from the environment, which whoever starts the program sets.
absl::StatusOr<std::string> SystemFolder() {
  wchar_t folder[MAX_PATH];
  const UINT length = GetSystemWindowsDirectoryW(folder, MAX_PATH);
  if (length == 0 || length >= MAX_PATH) {
    return absl::FailedPreconditionError(
        absl::StrCat("the system folder cannot be found: Windows error ", GetLastError()));
  }
  return win32::Narrow(folder, length);
}

absl::Status CheckBitness() {
  BOOL is_32_on_64 = FALSE;
  if (!IsWow64Process(GetCurrentProcess(), &is_32_on_64)) {
    return absl::FailedPreconditionError(absl::StrCat(
        "nobody can tell whether this is a 32-bit program: Windows error ", GetLastError()));
  }
  if (!is_32_on_64) return absl::OkStatus();
  return absl::FailedPreconditionError(
      "this is a 32-bit program on a 64-bit Windows, which shows it other files and keys than its "
      "own: use the 64-bit one");
}

}  // namespace

absl::StatusOr<std::unique_ptr<Source>> OpenLiveVolume() {
  PG_RETURN_IF_ERROR(CheckBitness());
  PG_ASSIGN_OR_RETURN(const std::string folder, SystemFolder());
  if (folder.size() < 3 || !absl::ascii_isalpha(folder[0]) ||
      !NamesEqual(folder.substr(1), ":\\Windows")) {
    return absl::FailedPreconditionError(
        absl::StrCat("the system folder of this host is ", folder,
                     "; only a Windows in \\Windows of its drive can be judged"));
  }
  PG_ASSIGN_OR_RETURN(std::unique_ptr<Source> volume,
                      OpenVolume(absl::StrCat("\\\\?\\", folder.substr(0, 2))));
  return ReadNotMapped(std::move(volume), "live host");
}

}  // namespace patchgate::evidence
