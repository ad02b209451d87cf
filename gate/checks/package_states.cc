#include "gate/checks/package_states.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace patchgate::gate::checks {
namespace {

constexpr Finding::Result kBlock = Finding::BLOCK, kWarn = Finding::WARN, kPass = Finding::PASS;

// Numbers and names: CbsApi.idl, and Microsoft's CBS Servicing States Chart (DOMAIN 1.3).
//
// Updates follow TSS: anything but Superseded and Installed is a broken package. Departures:
// - Absent passes: nothing of the package is on the host.
// - Permanent passes: it is Installed and cannot be removed.
// - Resolved warns: CBS knows the package but put nothing of it on the disk, as after a failed
//   installation that was cleaned up.
// - Default, Detect and Canceled warn: passing states of an evaluation, that nobody saw do harm.
//
// TSS does not judge other packages. Half of them are Staged on a clean image. What waits or broke
// off there is worth a warning, hosts take updates with an optional feature in such a state; only
// the states that CBS itself calls invalid block.
constexpr PackageStateInfo kStates[] = {
    {0, "Absent", kPass, kPass},
    {5, "UninstallPending", kBlock, kWarn},
    {16, "Resolving", kBlock, kWarn},
    {32, "Resolved", kWarn, kPass},
    {48, "Staging", kBlock, kWarn},
    {64, "Staged", kBlock, kPass},
    {80, "Superseded", kPass, kPass},
    {96, "InstallPending", kBlock, kWarn},
    {101, "PartiallyInstalled", kBlock, kWarn},
    {112, "Installed", kPass, kPass},
    {128, "Permanent", kPass, kPass},
    {4096, "Default", kWarn, kWarn},
    {4100, "Detect", kWarn, kWarn},
    {4101, "Canceled", kWarn, kWarn},
    {0xFFFFFF80, "PermanentInvalid", kBlock, kBlock},
    {0xFFFFFF90, "InstalledInvalid", kBlock, kBlock},
    {0xFFFFFFC0, "StagedInvalid", kBlock, kBlock},
    {0xFFFFFFE0, "ResolvedInvalid", kBlock, kBlock},
};

// "Package_for_KB", six or seven digits, "~".
bool IsSingleKb(absl::string_view lower) {
  if (!absl::ConsumePrefix(&lower, "package_for_kb")) return false;
  size_t digits = 0;
  while (digits < lower.size() && absl::ascii_isdigit(lower[digits])) ++digits;
  return (digits == 6 || digits == 7) && digits < lower.size() && lower[digits] == '~';
}

}  // namespace

absl::Span<const PackageStateInfo> PackageStates() { return kStates; }

const PackageStateInfo* FindPackageState(uint32_t state) {
  for (const PackageStateInfo& info : kStates) {
    if (info.state == state) return &info;
  }
  return nullptr;
}

std::string PackageStateText(uint32_t state) {
  const PackageStateInfo* info = FindPackageState(state);
  if (info == nullptr) return absl::StrCat("unknown state ", state);
  return absl::StrCat(info->name, " (", static_cast<int32_t>(state), ")");
}

bool IsUpdatePackage(absl::string_view identity) {
  const std::string lower = absl::AsciiStrToLower(identity);
  return absl::StrContains(lower, "rollup") || absl::StrContains(lower, "servicingstack") ||
         IsSingleKb(lower);
}

}  // namespace patchgate::gate::checks
