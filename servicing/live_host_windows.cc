#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "servicing/base/status_macros.h"
#include "servicing/collect_host.h"
#include "servicing/evidence/live_volume.h"
#include "servicing/host/live_host_reader.h"
#include "servicing/open_system_partition.h"
#include "servicing/registry/control_set.h"
#include "servicing/registry/live_key.h"
#include "servicing/registry/live_registry.h"

namespace patchgate {
namespace {

// Windows PE, and with it the recovery environment, has this key. It runs from a disk in memory;
// the Windows that is to be judged lies on another volume.
absl::Status CheckIsNoWindowsPe() {
  constexpr char kMark[] = "CurrentControlSet\\Control\\MiniNT";
  const absl::StatusOr<std::unique_ptr<registry::Key>> system =
      registry::OpenLocalMachine("SYSTEM");
  if (!system.ok() || !registry::OpenFromRoot(registry::HiveId::kSystem, **system, kMark).ok()) {
    return absl::OkStatus();
  }
  return absl::FailedPreconditionError(
      absl::StrCat("this is Windows PE (SYSTEM\\", kMark,
                   " is there), not the Windows of a host: give its volume with --root DIR"));
}

// The system partition as Setup noted it (DOMAIN 2.3).
absl::StatusOr<std::unique_ptr<evidence::Source>> OpenOwnPartition() {
  PG_ASSIGN_OR_RETURN(const std::unique_ptr<registry::Key> setup,
                      registry::OpenLocalMachine("SYSTEM\\Setup"));
  PG_ASSIGN_OR_RETURN(const registry::Value value, setup->Get("SystemPartition"));
  PG_ASSIGN_OR_RETURN(const std::string device, registry::AsString(value));
  return evidence::OpenLivePartition(device);
}

}  // namespace

absl::StatusOr<Host> OpenLiveHost(const std::string& esp) {
  PG_RETURN_IF_ERROR(CheckIsNoWindowsPe());
  Host host;
  PG_ASSIGN_OR_RETURN(host.volume, evidence::OpenLiveVolume());
  host.live = host::ReadLiveHost();
  bool servicing = false;
  for (const LiveActivity& activity : host.live->activities()) {
    servicing = servicing || activity.kind() == LiveActivity::SERVICING;
  }
  host.open_registry = [servicing](const evidence::Source& volume) {
    return std::make_unique<registry::LiveRegistry>(volume, servicing);
  };
  if (!esp.empty()) {
    PG_ASSIGN_OR_RETURN(host.esp, OpenSystemPartition(esp));
    return host;
  }
  absl::StatusOr<std::unique_ptr<evidence::Source>> partition = OpenOwnPartition();
  if (partition.ok()) {
    host.esp = *std::move(partition);
  } else {
    host.esp_reason =
        absl::StrCat("the system partition cannot be opened: ", partition.status().message());
  }
  return host;
}

}  // namespace patchgate
