// States of a package in the registry (CBS\Packages\<identity>\CurrentState, DOMAIN §1.3).
#ifndef SERVICING_HISTORY_PACKAGE_STATE_H_
#define SERVICING_HISTORY_PACKAGE_STATE_H_

#include <cstdint>

namespace patchgate::history {

inline constexpr uint32_t kUninstallPending = 5;
inline constexpr uint32_t kStaged = 64;
inline constexpr uint32_t kSuperseded = 80;
inline constexpr uint32_t kInstallPending = 96;
inline constexpr uint32_t kInstalled = 112;
inline constexpr uint32_t kPermanent = 128;

// Whether the package is or was part of the running system, rather than on its way in or out.
constexpr bool IsInstalledState(uint32_t state) {
  return state == kSuperseded || state == kInstalled || state == kPermanent;
}

}  // namespace patchgate::history

#endif  // SERVICING_HISTORY_PACKAGE_STATE_H_
