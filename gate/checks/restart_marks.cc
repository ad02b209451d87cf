#include <string>

#include "absl/strings/str_cat.h"
#include "gate/checks/checks.h"
#include "gate/checks/last_boot.h"
#include "gate/checks/presence.h"

namespace patchgate::gate::checks {
namespace {

constexpr char kPendingServices[] =
    "SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\WindowsUpdate\\Services\\Pending";

}  // namespace

// What the usual restart checks look at beside servicing. None of it belongs to servicing, so none
// blocks an update; a restart before it keeps two installations from getting into each other's way
// (DOMAIN 1.5).
Finding RestartMarksSet(const CheckInput& input) {
  const RestartMarks& facts = input.snapshot.restart_marks();
  const std::string agent = facts.update_agent().source();
  const std::string& microsoft = facts.installers().source();
  FindingBuilder finding;
  finding.Needs(facts.update_agent());
  NeedsPresent(facts.installers(), &finding);
  const auto present = [&](FileTime written) -> std::string {
    if (AgeOf(written, input) != Age::kBeforeBoot) return "present";
    return absl::StrCat("present, older than ", LastBootText(input));
  };
  if (facts.pending_services() != 0) {
    finding.Warn("the update agent has services whose registration is pending", kPendingServices,
                 absl::StrCat("holds ", facts.pending_services(),
                              facts.pending_services() == 1 ? " subkey" : " subkeys"));
  }
  if (facts.update_exe_volatile() != 0) {
    finding.Warn("an installer of the update.exe kind waits for a restart",
                 absl::StrCat(microsoft, "\\Updates\\UpdateExeVolatile"),
                 absl::StrCat("is ", facts.update_exe_volatile()));
  }
  if (facts.dvd_reboot_signal()) {
    finding.Warn("a role or feature waits for a restart",
                 absl::StrCat(microsoft, "\\Windows\\CurrentVersion\\RunOnce\\DVDRebootSignal"),
                 "present");
  }
  if (facts.has_server_manager_written_filetime()) {
    const FileTime written = facts.server_manager_written_filetime();
    finding.Warn("Server Manager waits for a restart",
                 absl::StrCat(microsoft, "\\ServerManager\\CurrentRebootAttempts"),
                 present(written), written);
  }
  if (facts.has_msi_in_progress_written_filetime()) {
    const FileTime written = facts.msi_in_progress_written_filetime();
    finding.Warn("an installation by Windows Installer is at work, or was suspended",
                 absl::StrCat(microsoft, "\\Windows\\CurrentVersion\\Installer\\InProgress"),
                 present(written), written);
  }
  if (facts.has_post_reboot_reporting_written_filetime()) {
    const FileTime written = facts.post_reboot_reporting_written_filetime();
    finding.Info("the update agent has results to report since a restart",
                 absl::StrCat(agent, "\\PostRebootReporting"), present(written), written);
  }
  return finding.Done("no other installer waits for a restart");
}

}  // namespace patchgate::gate::checks
