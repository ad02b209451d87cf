#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gate/checks/checks.h"
#include "gate/checks/presence.h"

namespace patchgate::gate::checks {

// On an idle host the service is started on demand. It sets itself to automatic when work has to go
// on at the next boot; disabled, no update can be installed (DOMAIN 2.5). Whether automatic is
// right depends on what is pending: pending.transaction judges that.
Finding TrustedInstallerStart(const CheckInput& input) {
  constexpr uint32_t kAutomatic = 2, kOnDemand = 3, kDisabled = 4;
  const TrustedInstaller& facts = input.snapshot.trusted_installer();
  const StoreFolders& folders = input.snapshot.store_folders();
  const std::string where = Below(facts.collection(), "Start");
  const std::string start = absl::StrCat("is ", facts.start());
  const FileTime written = facts.collection().modified_filetime();
  FindingBuilder finding;
  NeedsPresent(facts.collection(), &finding);
  NeedsPresent(folders.servicing(), &finding);

  if (IsThere(facts.collection()) && !facts.has_start()) {
    finding.Indeterminate("the start type of TrustedInstaller is not known", where,
                          "not there, or unreadable", written);
  } else if (facts.start() == kDisabled) {
    finding.Block("TrustedInstaller is disabled: no update can be installed", where, start,
                  written);
  } else if (facts.start() == kAutomatic) {
    finding.Warn("TrustedInstaller is to go on with unfinished work at the next boot", where, start,
                 written);
  } else if (facts.has_start() && facts.start() != kOnDemand) {
    finding.Warn("TrustedInstaller has a start type that Windows never gives it", where, start,
                 written);
  }
  if (!facts.notification_events().empty()) {
    const bool create_session =
        absl::EqualsIgnoreCase(facts.notification_events(), "CreateSession");
    finding.Report(create_session ? Finding::WARN : Finding::INFO,
                   create_session ? "TrustedInstaller is to hold up the next logon for servicing"
                                  : "TrustedInstaller is to be told of logon events",
                   "SYSTEM\\CurrentControlSet\\Control\\Winlogon\\Notifications\\Components\\"
                   "TrustedInstaller\\Events",
                   absl::StrCat("is ", facts.notification_events()),
                   facts.notification_written_filetime());
  }
  const Collection& program = folders.trusted_installer();
  if (IsThere(folders.servicing()) && program.status() == Collection::ABSENT) {
    finding.Block("TrustedInstaller.exe is missing: no update can be installed", program.source(),
                  "not found");
  }
  NeedsExistence(program, &finding);
  return finding.Done("TrustedInstaller starts on demand and has nothing to do at the next boot");
}

}  // namespace patchgate::gate::checks
