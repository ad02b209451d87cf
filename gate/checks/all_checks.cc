#include "gate/check.h"
#include "gate/checks/checks.h"

namespace patchgate::gate {

absl::Span<const Check> AllChecks() {
  static constexpr Check kChecks[] = {
      {"cbs.component-detect", checks::ComponentDetect},
      {"cbs.driver-operations", checks::DriverOperations},
      {"cbs.exclusive-session", checks::ExclusiveSession},
      {"cbs.package-state", checks::PackageState},
      {"cbs.packages-pending", checks::PackagesPending},
      {"cbs.postponed-online-actions", checks::PostponedOnlineActions},
      {"cbs.reboot-in-progress", checks::RebootInProgress},
      {"cbs.reboot-pending", checks::RebootPending},
      {"cbs.reserves-reboot-pending", checks::ReservesRebootPending},
      {"cbs.servicing-in-progress", checks::ServicingInProgress},
      {"cbs.servicing-stack-registration", checks::ServicingStackRegistration},
      {"cbs.sessions-pending", checks::SessionsPending},
      {"cbs.trustedinstaller-interrupted", checks::TrustedInstallerInterrupted},
      {"cbs.trustedinstaller-start", checks::TrustedInstallerStart},
      {"host.os-identity", checks::OsIdentityKnown},
      {"host.setup-in-progress", checks::SetupInProgress},
      {"host.update-services", checks::UpdateServicesDisabled},
      {"pending.boot-execute", checks::BootExecuteCommands},
      {"pending.components-flags", checks::ComponentsFlags},
      {"pending.file-renames", checks::PendingFileRenames},
      {"pending.setup-execute", checks::SetupExecuteCommands},
      {"pending.transaction", checks::PendingTransaction},
      {"pending.xml-variants", checks::PendingXmlVariants},
      {"registry.control-set", checks::ControlSet},
      {"registry.hive-damage", checks::HiveDamage},
      {"registry.hive-dirty", checks::HiveDirty},
      {"store.corruption-flag", checks::StoreCorruptionFlag},
      {"store.required-folders", checks::RequiredFolders},
  };
  return kChecks;
}

}  // namespace patchgate::gate
