#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gate/checks/checks.h"
#include "gate/checks/dating.h"
#include "servicing/base/utf16.h"

namespace patchgate::gate::checks {
namespace {

// The four facts of the consistency matrix (DOMAIN §3.2), as sets: one bit where the fact is known,
// several where the evidence leaves it open.
enum PendingFile : unsigned { kNoFile = 1, kFile = 2 };
enum Identifier : unsigned { kNone = 1, kSame = 2, kOther = 4 };  // Without a file: none or other.
enum Runner : unsigned { kNobody = 1, kCmdline = 2, kSetupExecute = 4, kForeignPath = 8 };
enum Start : unsigned { kNotAuto = 1, kAuto = 2 };  // Of TrustedInstaller.

constexpr unsigned kAnyFile = kNoFile | kFile;
constexpr unsigned kAnyIdentifier = kNone | kSame | kOther;
constexpr unsigned kAnyRunner = kNobody | kCmdline | kSetupExecute | kForeignPath;
constexpr unsigned kRegistered = kCmdline | kSetupExecute;
constexpr unsigned kAnyStart = kNotAuto | kAuto;

struct Facts {
  unsigned file, identifier, runner, start;
};

// What to do about each kind of row, and who does it.
struct Action {
  const char* text;
  const char* actor;
};

constexpr Action kNothing = {"", ""};
constexpr Action kRestart = {"Restart the host, then check again.", "administrator"};
constexpr Action kRevert = {
    "Do not restart before there is a backup. From the recovery environment run DISM /Image:C:\\ "
    "/Cleanup-Image /RevertPendingActions; if that fails, repair the installation with an in-place "
    "upgrade from media of the same version.",
    "support"};
constexpr Action kEmptySetupExecute = {
    "Do not restart: the next boot may stop before Windows starts. Back up the disk and call "
    "support: poqexec must not be registered any more, in SetupExecute or PoqexecCmdline, before "
    "the next boot.",
    "support"};
constexpr Action kInvestigate = {"Change nothing and call your security team.", "security"};
constexpr Action kSettle = {
    "Start the host and let it idle, so that TrustedInstaller finishes what it was started for; "
    "then check again.",
    "administrator"};

struct Row {
  Facts when;
  Finding::Result result;
  const char* reading;
  const Action* action;
};

// The first row that matches holds; every combination matches one.
constexpr Row kMatrix[] = {
    {{kAnyFile, kAnyIdentifier, kForeignPath, kAnyStart},
     Finding::BLOCK,
     "poqexec is registered with a file outside WinSxS: a sign of tampering",
     &kInvestigate},
    {{kNoFile, kNone, kNobody, kNotAuto},
     Finding::PASS,
     "settled: no transaction is pending",
     &kNothing},
    {{kFile, kSame, kRegistered, kAuto},
     Finding::BLOCK,
     "a servicing transaction waits for a restart; restart first",
     &kRestart},
    {{kFile, kSame, kRegistered, kNotAuto},
     Finding::BLOCK,
     "a transaction is pending, but TrustedInstaller is not set to finish it at boot",
     &kRevert},
    {{kFile, kSame, kNobody, kAnyStart},
     Finding::BLOCK,
     "torn transaction: pending.xml is armed, but nothing is registered to run it",
     &kRevert},
    {{kFile, kNone, kAnyRunner, kAnyStart},
     Finding::BLOCK,
     "torn transaction: pending.xml is there, but COMPONENTS names none; poqexec will refuse it",
     &kRevert},
    {{kFile, kOther, kAnyRunner, kAnyStart},
     Finding::BLOCK,
     "torn transaction: pending.xml is not the one that COMPONENTS names; poqexec will refuse it",
     &kRevert},
    {{kNoFile, kSame | kOther, kRegistered, kAnyStart},
     Finding::BLOCK,
     "torn transaction: poqexec is registered for a pending.xml that is gone; the boot may fail",
     &kEmptySetupExecute},
    {{kNoFile, kSame | kOther, kNobody, kAnyStart},
     Finding::BLOCK,
     "torn transaction: COMPONENTS names a pending.xml that is gone",
     &kRevert},
    {{kNoFile, kNone, kSetupExecute, kAnyStart},
     Finding::BLOCK,
     "boot stopper: SetupExecute starts poqexec for a pending.xml that is gone",
     &kEmptySetupExecute},
    // Not documented as harmless, so it blocks until somebody shows that it is.
    {{kNoFile, kNone, kCmdline, kAnyStart},
     Finding::BLOCK,
     "leftover: poqexec is registered, but there is no pending.xml for it",
     &kRevert},
    {{kNoFile, kNone, kNobody, kAuto},
     Finding::WARN,
     "TrustedInstaller is set to continue at boot, but there is nothing to do",
     &kSettle},
};

bool Matches(const Facts& when, const Facts& fact) {
  return (when.file & fact.file) != 0 && (when.identifier & fact.identifier) != 0 &&
         (when.runner & fact.runner) != 0 && (when.start & fact.start) != 0;
}

const Row& RowFor(const Facts& fact) {
  return *std::find_if(std::begin(kMatrix), std::end(kMatrix),
                       [&](const Row& row) { return Matches(row.when, fact); });
}

// The rows of all combinations that `facts` leaves open.
std::vector<const Row*> RowsFor(const Facts& facts) {
  std::vector<const Row*> rows;
  for (unsigned file = kNoFile; file <= kFile; file <<= 1) {
    for (unsigned identifier = kNone; identifier <= kOther; identifier <<= 1) {
      if (file == kNoFile && identifier == kSame) continue;  // Nothing to be the same as.
      for (unsigned runner = kNobody; runner <= kForeignPath; runner <<= 1) {
        for (unsigned start = kNotAuto; start <= kAuto; start <<= 1) {
          if (!Matches(facts, {file, identifier, runner, start})) continue;
          const Row* row = &RowFor({file, identifier, runner, start});
          if (std::find(rows.begin(), rows.end(), row) == rows.end()) rows.push_back(row);
        }
      }
    }
  }
  return rows;
}

// Looked at, and nothing of it was lost.
bool IsWhole(const Collection& section) {
  return (section.status() == Collection::COLLECTED || section.status() == Collection::ABSENT) &&
         section.gaps().empty();
}

unsigned FileFact(const PendingXml& xml) {
  if (xml.collection().status() == Collection::COLLECTED) return kFile;
  return IsWhole(xml.collection()) ? kNoFile : kAnyFile;
}

unsigned IdentifierFact(const PendingXml& xml, const ComponentsRoot& components) {
  if (!IsWhole(components.collection())) return kAnyIdentifier;
  if (!components.has_pending_xml_identifier()) return kNone;
  if (xml.collection().status() == Collection::ABSENT) return kOther;
  if (xml.identifier().empty() && !IsWhole(xml.collection())) return kSame | kOther;
  return NamesEqual(xml.identifier(), components.pending_xml_identifier()) ? kSame : kOther;
}

bool IsPoqexec(absl::string_view command) {
  return absl::StrContains(absl::AsciiStrToLower(command), "poqexec");
}

// The file that poqexec is told to run stands last on its command line (DOMAIN §1.4).
bool NamesPendingXml(absl::string_view command) {
  command = absl::StripTrailingAsciiWhitespace(command);
  while (!command.empty() && command.back() == '"') command.remove_suffix(1);
  return absl::EndsWithIgnoreCase(command, "\\WinSxS\\pending.xml");
}

unsigned RunnerFact(const PoqexecRegistration& registration) {
  bool cmdline = false, setup_execute = false;
  for (const std::string& command : registration.poqexec_cmdline()) {
    if (!NamesPendingXml(command)) return kForeignPath;
    cmdline = true;
  }
  for (const std::string& command : registration.setup_execute()) {
    if (!IsPoqexec(command)) continue;
    if (!NamesPendingXml(command)) return kForeignPath;
    setup_execute = true;
  }
  if (setup_execute) return kSetupExecute;
  unsigned fact = cmdline ? kCmdline : kNobody;
  if (!cmdline && !IsWhole(registration.side_by_side())) fact |= kCmdline | kForeignPath;
  if (!IsWhole(registration.session_manager())) fact |= kSetupExecute | kForeignPath;
  return fact;
}

unsigned StartFact(const TrustedInstaller& service) {
  if (service.has_start()) return service.start() == 2 ? kAuto : kNotAuto;
  return IsWhole(service.collection()) ? kNotAuto : kAnyStart;
}

void AddEvidence(const Snapshot& snapshot, FindingBuilder* finding) {
  const PendingXml& xml = snapshot.pending_xml();
  if (xml.collection().status() == Collection::COLLECTED) {
    finding->Evidence("Windows/WinSxS/pending.xml",
                      absl::StrCat("present, ", xml.size(), " bytes, Identifier ",
                                   xml.identifier().empty() ? "unknown" : xml.identifier()),
                      xml.collection().modified_filetime());
  } else if (xml.collection().status() == Collection::ABSENT) {
    finding->Evidence("Windows/WinSxS/pending.xml", "absent");
  }
  const ComponentsRoot& components = snapshot.components_root();
  if (xml.collection().status() == Collection::COLLECTED && IsWhole(components.collection()) &&
      !components.has_pending_xml_identifier()) {
    finding->Evidence("COMPONENTS\\PendingXmlIdentifier", "absent",
                      components.collection().modified_filetime());
  }
  if (components.has_pending_xml_identifier()) {
    finding->Evidence("COMPONENTS\\PendingXmlIdentifier", components.pending_xml_identifier(),
                      components.collection().modified_filetime());
  }
  const PoqexecRegistration& registration = snapshot.poqexec();
  for (const std::string& command : registration.poqexec_cmdline()) {
    finding->Evidence(
        "SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\SideBySide\\Configuration\\PoqexecCmdline",
        command, registration.side_by_side().modified_filetime());
  }
  for (const std::string& command : registration.setup_execute()) {
    finding->Evidence("SYSTEM\\CurrentControlSet\\Control\\Session Manager\\SetupExecute", command,
                      registration.session_manager().modified_filetime());
  }
  if (snapshot.trusted_installer().has_start() && snapshot.trusted_installer().start() == 2) {
    finding->Evidence("SYSTEM\\CurrentControlSet\\Services\\TrustedInstaller\\Start",
                      "2 (automatic)",
                      snapshot.trusted_installer().collection().modified_filetime());
  }
}

// A transaction in good order ends with the next boot; one that is older than the last boot is
// stuck.
bool OutlivedBoot(const CheckInput& input) {
  const PendingXml& xml = input.snapshot.pending_xml();
  const history::When written{xml.collection().modified_filetime()};
  return history::DefinitelyAfter(LastBoot(input.timeline), written);
}

}  // namespace

// Whether the stores that describe a pending transaction agree. A fact that could not be read is
// taken as every value it could have: only if all of them lead to the same answer is there one.
Finding PendingTransaction(const CheckInput& input) {
  const Snapshot& snapshot = input.snapshot;
  const Facts facts{FileFact(snapshot.pending_xml()),
                    IdentifierFact(snapshot.pending_xml(), snapshot.components_root()),
                    RunnerFact(snapshot.poqexec()), StartFact(snapshot.trusted_installer())};
  const std::vector<const Row*> rows = RowsFor(facts);
  const bool all_block = std::all_of(rows.begin(), rows.end(),
                                     [](const Row* row) { return row->result == Finding::BLOCK; });

  FindingBuilder finding;
  if (rows.size() == 1 && rows.front()->action == &kRestart && OutlivedBoot(input)) {
    finding.Judge(Finding::BLOCK,
                  absl::StrCat("stuck transaction: it was due at the boot of ",
                               WhenText(LastBoot(input.timeline)), " and is still pending"));
    finding.Advise(kRevert.text, kRevert.actor);
  } else if (rows.size() == 1) {
    finding.Judge(rows.front()->result, rows.front()->reading);
    finding.Advise(rows.front()->action->text, rows.front()->action->actor);
  } else if (all_block) {
    finding.Judge(Finding::BLOCK,
                  "a servicing transaction is pending or torn; missing evidence hides which");
  }
  AddEvidence(snapshot, &finding);
  finding.Needs(snapshot.pending_xml().collection());
  finding.Needs(snapshot.components_root().collection());
  finding.Needs(snapshot.poqexec().side_by_side());
  finding.Needs(snapshot.poqexec().session_manager());
  finding.Needs(snapshot.trusted_installer().collection());
  return finding.Done(rows.front()->reading);
}

}  // namespace patchgate::gate::checks
