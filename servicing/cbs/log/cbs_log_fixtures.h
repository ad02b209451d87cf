// Text of CBS.log for tests: what Windows writes around an update, from its first session to the
// boot that finishes it or does not. The lines are laid out as real ones and tell the sequences of
// DOMAIN §4.6, with some of the noise between them.
//
//   CbsLogBuilder log(/*utc_offset_minutes=*/-360);
//   log.Boot(t).PendedUpdate(t + kMinute, package, "KB5072033");
//   log.Shutdown(t + 2 * kMinute).Boot(t + 3 * kMinute).CompletedStartup(t + 4 * kMinute, package);
//   source.AddFile("Windows/Logs/CBS/CBS.log", log.Text());
#ifndef SERVICING_CBS_LOG_CBS_LOG_FIXTURES_H_
#define SERVICING_CBS_LOG_CBS_LOG_FIXTURES_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "servicing/base/filetime.h"

namespace patchgate::cbs {

// Times are FILETIMEs in UTC and are written as local ones. Methods add lines at that time and
// return the builder.
class CbsLogBuilder {
 public:
  enum class Startup {
    kCompleted,    // S_OK, the package is installed.
    kRestart,      // Primitives are done, one more restart is due: 0x80070bc2.
    kFailed,       // poqexec fails, is moved to SetupExecute; 0x80070bc2.
    kRolledBack,   // An advanced installer fails: rollback, then 0x800f0922.
    kHang,         // A hang was detected: rollback is initiated and does not end.
    kInterrupted,  // The log ends while primitives are processed.
  };
  struct Corruption {
    std::string kind;  // "CSI Payload Corrupt"
    std::string path;
    char mark = 'n';  // 'n' not repaired, 'w' from Windows Update, 'b' from the backup.
  };

  explicit CbsLogBuilder(int utc_offset_minutes = 0) : offset_minutes_(utc_offset_minutes) {}

  // One line: "<local time>, <level> <component> <message>".
  CbsLogBuilder& Line(FileTime utc, absl::string_view message, absl::string_view level = "Info",
                      absl::string_view component = "CBS");
  // The same for a message of CSI, with a number in front.
  CbsLogBuilder& Csi(FileTime utc, absl::string_view message, absl::string_view level = "Info");
  // Text as it is: continuation lines, NULs.
  CbsLogBuilder& Raw(absl::string_view text);

  // The Trusted Installer starts for the first time after a boot at `utc`, 30 seconds later;
  // "Universal Time is" and the servicing stack's version belong to it.
  CbsLogBuilder& Boot(FileTime utc, absl::string_view stack_version = "10.0.26100.7019");
  // A session that installs `package` at once: S_OK.
  CbsLogBuilder& InstalledUpdate(FileTime utc, absl::string_view package, absl::string_view kb);
  // A session that stages it and asks for a restart: 0x80070bc2, reboot mark set.
  CbsLogBuilder& PendedUpdate(FileTime utc, absl::string_view package, absl::string_view kb);
  // A session that fails with `hresult`, and its failure report.
  CbsLogBuilder& FailedUpdate(FileTime utc, absl::string_view package, absl::string_view kb,
                              uint32_t hresult, absl::string_view name);
  // A session that an earlier transaction stops: 0x80070bc9.
  CbsLogBuilder& BlockedUpdate(FileTime utc, absl::string_view package, absl::string_view kb);
  // Shutdown processing of what is pending.
  CbsLogBuilder& Shutdown(FileTime utc);
  // Start-up processing of what is pending, as DOMAIN §4.6 has it.
  CbsLogBuilder& StartUp(FileTime utc, Startup how, absl::string_view package);
  CbsLogBuilder& CompletedStartup(FileTime utc, absl::string_view package) {
    return StartUp(utc, Startup::kCompleted, package);
  }
  CbsLogBuilder& FailedStartup(FileTime utc, absl::string_view package) {
    return StartUp(utc, Startup::kFailed, package);
  }
  // The boot that rolls back and the one after it, five minutes apart.
  CbsLogBuilder& Rollback(FileTime utc, absl::string_view package);
  // A report of the store. `result` other than 0: the check did not run to its end.
  CbsLogBuilder& StoreCheck(FileTime utc, absl::string_view operation, uint32_t result,
                            const std::vector<Corruption>& corruptions);

  // The session id that a session begun at `utc` gets.
  static std::string SessionId(FileTime utc);

  // The log so far, with BOM and CRLF as Windows writes it.
  std::string Text() const { return "\xEF\xBB\xBF" + text_; }

 private:
  std::string LocalTime(FileTime utc, bool milliseconds) const;
  CbsLogBuilder& BeginSession(FileTime utc, absl::string_view package, absl::string_view kb);
  CbsLogBuilder& EndSession(FileTime begun, FileTime utc, absl::string_view package,
                            absl::string_view kb, absl::string_view reboot,
                            absl::string_view result);

  int offset_minutes_;
  uint32_t csi_number_ = 0;
  std::string text_;
};

}  // namespace patchgate::cbs

#endif  // SERVICING_CBS_LOG_CBS_LOG_FIXTURES_H_
