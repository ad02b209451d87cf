#include "servicing/cbs/log/cbs_log_fixtures.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/time.h"

namespace patchgate::cbs {

using absl::StrCat;
using absl::string_view;

namespace {

constexpr FileTime kSecond = kFileTimeTicksPerSecond;
constexpr string_view kSuccess = "0x00000000 - S_OK";
constexpr string_view kRebootRequired = "0x80070bc2 - ERROR_SUCCESS_REBOOT_REQUIRED";
constexpr string_view kFailReboot = "0x80070bc9 - ERROR_FAIL_REBOOT_REQUIRED";
constexpr string_view kInstallersFailed = "0x800f0922 - CBS_E_INSTALLERS_FAILED";
constexpr string_view kPoqexec =
    R"(C:\Windows\System32\poqexec.exe /display_progress \SystemRoot\WinSxS\pending.xml)";

std::string Result(string_view result) { return StrCat(" [HRESULT = ", result, "]"); }

}  // namespace

std::string CbsLogBuilder::LocalTime(FileTime utc, bool milliseconds) const {
  return absl::FormatTime(milliseconds ? "%Y-%m-%d %H:%M:%E3S" : "%Y-%m-%d %H:%M:%S",
                          ToAbslTime(utc) + absl::Minutes(offset_minutes_), absl::UTCTimeZone());
}

CbsLogBuilder& CbsLogBuilder::Line(FileTime utc, string_view message, string_view level,
                                   string_view component) {
  absl::StrAppendFormat(&text_, "%s, %-22s%-7s%s\r\n", LocalTime(utc, false), level, component,
                        message);
  return *this;
}

CbsLogBuilder& CbsLogBuilder::Csi(FileTime utc, string_view message, string_view level) {
  return Line(utc, absl::StrFormat("%08x %s", ++csi_number_, message), level, "CSI");
}

CbsLogBuilder& CbsLogBuilder::Raw(string_view text) {
  absl::StrAppend(&text_, text);
  return *this;
}

std::string CbsLogBuilder::SessionId(FileTime utc) {
  return StrCat(utc >> 32, "_", static_cast<uint32_t>(utc));
}

CbsLogBuilder& CbsLogBuilder::Boot(FileTime utc, string_view stack_version) {
  const FileTime t = utc + 30 * kSecond;
  const std::string universal =
      absl::FormatTime("%Y-%m-%d %H:%M:%E3S", ToAbslTime(t), absl::UTCTimeZone());
  Line(t, "TI: --- Initializing Trusted Installer ---");
  Line(t, StrCat("TI: Last boot time: ", LocalTime(utc, true)));
  Line(t, "Starting TrustedInstaller initialization.");
  Line(t, "Lock: New lock added: CCbsPublicSessionClassFactory, level: 30, total lock:4");
  Line(t, "Starting TiWorker initialization.");
  Line(t, StrCat("Universal Time is: ", universal));
  Line(t, StrCat("Loaded Servicing Stack v", stack_version,
                 " with Core: C:\\Windows\\winsxs\\amd64_microsoft-windows-servicingstack_"
                 "31bf3856ad364e35_",
                 stack_version, "_none_0123456789abcdef\\cbscore.dll"));
  return Csi(t, StrCat("WcpInitialize: wcp.dll version ", stack_version));
}

CbsLogBuilder& CbsLogBuilder::BeginSession(FileTime utc, string_view package, string_view kb) {
  const std::string id = SessionId(utc);
  Line(utc, StrCat("Session: ", id,
                   " initialized by client UpdateAgentLCU, external staging directory: (null), "
                   "external registry directory: (null)"));
  Line(utc, "Appl:LCU package and revision compare set to explicit");
  return Line(utc, StrCat("Exec: Processing started.  Session: ", id, ", Package: ", package,
                          ", Identifier: ", kb));
}

CbsLogBuilder& CbsLogBuilder::EndSession(FileTime begun, FileTime utc, string_view package,
                                         string_view kb, string_view reboot, string_view result) {
  const std::string id = SessionId(begun);
  Line(utc, StrCat("Exec: Processing complete.  Session: ", id, ", Package: ", package,
                   ", Identifier: ", kb, Result(result)));
  return Line(utc,
              StrCat("Session: ", id, " finalized. Reboot required: ", reboot, Result(result)));
}

CbsLogBuilder& CbsLogBuilder::InstalledUpdate(FileTime utc, string_view package, string_view kb) {
  BeginSession(utc, package, kb);
  Line(utc, "Disabling LKG boot option");
  Line(utc + kSecond, "Setting ExecuteState key to: CbsExecuteStateComplete");
  Line(utc + kSecond, "Setting ExecuteState key to: ExecuteStateNone");
  Line(utc + kSecond, "Setting RollbackFailed flag to 0");
  Line(utc + kSecond, "Enabling LKG boot option");
  return EndSession(utc, utc + 2 * kSecond, package, kb, "no", kSuccess);
}

CbsLogBuilder& CbsLogBuilder::PendedUpdate(FileTime utc, string_view package, string_view kb) {
  BeginSession(utc, package, kb);
  Csi(utc + kSecond, "Performing 2 operations as follows:");
  Raw("  (0)  Install: flags: 0 tlc: x\r\n  (1)  Install: flags: 0 tlc: y\r\n");
  Line(utc + 2 * kSecond, "Reboot mark set");
  Line(utc + 2 * kSecond, "TI: CBS has signaled that a reboot is required.");
  return EndSession(utc, utc + 3 * kSecond, package, kb, "yes", kRebootRequired);
}

CbsLogBuilder& CbsLogBuilder::FailedUpdate(FileTime utc, string_view package, string_view kb,
                                           uint32_t hresult, string_view name) {
  const std::string result = absl::StrFormat("0x%08x - %s", hresult, name);
  BeginSession(utc, package, kb);
  Line(utc + kSecond, StrCat("Failed to execute execution chain.", Result(result)));
  Line(utc + kSecond, StrCat("Failed to process single phase execution.", Result(result)), "Error");
  Line(utc + kSecond,
       StrCat("WER: Generating failure report for package: ", package,
              absl::StrFormat(", status: 0x%08x", hresult),
              ", failure source: Execute, start state: Staged, target state: Installed, client id: "
              "UpdateAgentLCU"));
  return EndSession(utc, utc + 2 * kSecond, package, kb, "no", result);
}

CbsLogBuilder& CbsLogBuilder::BlockedUpdate(FileTime utc, string_view package, string_view kb) {
  BeginSession(utc, package, kb);
  Csi(utc, "Pending transaction content must be resolved, cannot begin another transaction yet");
  Line(utc, StrCat("Failed to get transaction analysis because of pending operations. Disposition "
                   "from Analyze: 0x1",
                   Result(kFailReboot)));
  Line(utc, StrCat("Failed to get inventory.", Result(kFailReboot)));
  return EndSession(utc, utc + kSecond, package, kb, "no", kFailReboot);
}

CbsLogBuilder& CbsLogBuilder::Shutdown(FileTime utc) {
  Line(utc, "Shtd: Begin shutdown processing.");
  Line(utc, "Setting ExecuteState key to: CbsExecuteStateStageDrivers");
  return Line(utc + kSecond, "Shtd: Shutdown processing complete.");
}

CbsLogBuilder& CbsLogBuilder::StartUp(FileTime utc, Startup how, string_view package) {
  const FileTime t = utc + kSecond;
  Line(utc, "Startup: BlockTime: 10800000ms, BlockTimeIncrement: 900000ms");
  Line(utc,
       "Retrieved original failure status: 0x00000000, last forward execute state: "
       "CbsExecuteStateStageDrivers");
  Line(utc, "Startup: current ExecuteState is CbsExecuteStateStageDrivers");
  Line(utc, "Disabling LKG boot option");
  Line(utc, "Startup: Initializing driver operations queue.");
  Line(utc, "Startup: Initializing advanced operation queue.");
  Line(utc, "Startup: Waiting for SC autostart event");
  Line(t, "Startup: SC autostart event signaled");
  if (how == Startup::kHang) {
    Line(t, "Clearing HangDetect value");
    Line(t,
         "Startup: A possible hang was detected on the last boot." +
             Result("0x800f0920 - CBS_E_HANG_DETECTED"),
         "Error");
    Line(t,
         "Startup: No progress detected while needing to process the advanced operation queue, "
         "rolling back and cancelling the transaction." +
             Result("0x80004005 - E_FAIL"),
         "Error");
    return Line(t,
                "Setting ExecuteState key to: CbsExecuteStateInitiateRollback | "
                "CbsExecuteStateFlagAdvancedInstallersFailed");
  }
  Line(t, StrCat("Obtained poqexec from PoqexecCmdline: ", kPoqexec));
  Line(t, "Setting ExecuteState key to: CbsExecuteStatePrimitives");
  Line(t, "Startup: Processing primitive operations queue.");
  Line(t, "Configured poqexec to pend to SetupExecute.");
  if (how == Startup::kInterrupted) return *this;
  const FileTime u = t + 10 * kSecond;
  if (how == Startup::kFailed) {
    Line(u, StrCat("Failure in poqexec.exe while processing updates.",
                   Result("0x80070057 - E_INVALIDARG")));
    Line(u, StrCat("Added poqexec to SetupExecute. Cmdline: ", kPoqexec, "."));
    Line(u,
         "Startup: Failed while processing non-critical primitive operations queue. "
         "Non-critical primitives will be retried from SMSS." +
             Result("0x80070057 - E_INVALIDARG"),
         "Error");
    Line(u, "Setting ExecuteState key to: CbsExecuteStateResolvePending");
    Line(u,
         "Setting original failure status: 0x80070057, last forward execute state: "
         "CbsExecuteStateResolvePending");
    Line(u, "Startup: Failed, restart required to try again.");
    return Line(u, StrCat("Startup: Processing complete.", Result(kRebootRequired)));
  }
  Line(u, StrCat("Poqexec.exe completed.", Result(kSuccess)));
  Line(u, "Startup: Primitive operations completed successfully.");
  Line(u, "Setting ExecuteState key to: CbsExecuteStateResolvePending");
  if (how == Startup::kRestart) {
    Line(u, "Startup: Success, restart required to continue processing.");
    Line(u, StrCat("Startup: Processing complete.", Result(kRebootRequired)));
    Line(u, "Setting reboot in progress flag");
    return Line(u,
                "Startup: received notification that startup processing completed and a restart "
                "has been initiated.");
  }
  Line(u, "Startup: Processing advanced operation queue, startupPhase: 0");
  if (how == Startup::kRolledBack) {
    Line(u,
         "Startup: Failed to process advanced operation queue, startupPhase: 0.  A rollback "
         "transaction will be created." +
             Result(kInstallersFailed),
         "Error");
    Line(u,
         "Setting ExecuteState key to: CbsExecuteStateInitiateRollback | "
         "CbsExecuteStateFlagAdvancedInstallersFailed");
    Line(u,
         "Setting original failure status: 0x800f0922, last forward execute state: "
         "CbsExecuteStateResolvePending");
    Line(u,
         "Startup: Failed to process advanced operation queue.  Drivers and primitives will be "
         "rolled back and a restart initiated.");
    return Line(u, StrCat("Startup: Processing complete.", Result(kRebootRequired)));
  }
  Csi(u, "No more queue entries, deleted pending.xml");
  Line(u, "Setting ExecuteState key to: CbsExecuteStateComplete");
  Line(u, "Clearing original failure status");
  Line(u, "Setting ExecuteState key to: ExecuteStateNone");
  Line(u, "Clearing HangDetect value");
  Line(u, StrCat("Startup: Package: ", package,
                 " completed startup processing, new state: Installed, original: Staged, targeted: "
                 "Installed.  hr = 0x0"));
  Line(u, StrCat("Startup: Processing complete.", Result(kSuccess)));
  Line(u, "Enabling LKG boot option");
  return Line(u, "Reboot mark cleared");
}

CbsLogBuilder& CbsLogBuilder::Rollback(FileTime utc, string_view package) {
  StartUp(utc, Startup::kRolledBack, package);
  const FileTime boot = utc + 270 * kSecond, t = utc + 300 * kSecond;
  Boot(boot);
  Line(t, "Startup: BlockTime: 10800000ms, BlockTimeIncrement: 900000ms");
  Line(t,
       "Retrieved original failure status: 0x800f0922, last forward execute state: "
       "CbsExecuteStateResolvePending");
  Line(t, "Startup: Processing advanced operation queue, startupPhase: 0");
  Line(t, StrCat("WER: Generating failure report for package: ", package,
                 ", status: 0x800f0922, failure source: AI, start state: Staged, target state: "
                 "Installed, client id: UpdateAgentLCU"));
  Line(t, "Setting ExecuteState key to: CbsExecuteStateComplete");
  Line(t, "Clearing original failure status");
  Line(t, "Setting ExecuteState key to: ExecuteStateNone");
  Line(t, StrCat("Startup: Package: ", package,
                 " completed startup processing, new state: Staged, original: Staged, targeted: "
                 "Installed.  hr = 0x800f0922"));
  Line(t, StrCat("Startup: Processing complete.", Result(kInstallersFailed)));
  return Line(t, "Enabling LKG boot option");
}

CbsLogBuilder& CbsLogBuilder::StoreCheck(FileTime utc, string_view operation, uint32_t result,
                                         const std::vector<Corruption>& corruptions) {
  size_t repaired = 0;
  Line(utc, "").Line(utc, "=================================");
  Line(utc, "Checking System Update Readiness.").Line(utc, "");
  for (const Corruption& c : corruptions) {
    if (c.mark != 'n') ++repaired;
    Line(utc, StrCat("(p)\t", c.kind, "\t(", string_view(&c.mark, 1), ")\t\t\t", c.path));
  }
  Line(utc, "").Line(utc, "Summary:");
  Line(utc, StrCat("Operation: ", operation, " "));
  Line(utc, absl::StrFormat("Operation result: 0x%x", result));
  Line(utc, StrCat("Last Successful Step: ", result == 0 ? "Stage package" : "CBS store",
                   " detection completes."));
  Line(utc, StrCat("Total Detected Corruption:\t", corruptions.size()));
  Line(utc, "\tCBS Manifest Corruption:\t0");
  Line(utc, StrCat("Total Repaired Corruption:\t", repaired));
  Line(utc, "\tCSI Store Metadata refreshed:\tTrue");
  Line(utc, "");
  Line(utc, "Total Operation Time: 51 seconds.");
  if (repaired < corruptions.size()) {
    Line(utc,
         "Not all CSI corruption was fixed, create CorruptionDetectedDuringAcr flag for slow "
         "mode reset");
    Line(utc, "Count of times corruption detected: 1");
  }
  return *this;
}

}  // namespace patchgate::cbs
