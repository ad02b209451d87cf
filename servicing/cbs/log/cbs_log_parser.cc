#include "servicing/cbs/log/cbs_log_parser.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/types/optional.h"
#include "servicing/base/log_time.h"
#include "servicing/cbs/log/message_fields.h"

namespace patchgate::cbs {

using absl::ConsumePrefix;
using absl::StartsWith;
using absl::StrContains;
using absl::string_view;

namespace {

constexpr uint32_t kFileNotFound = 0x80070002;
constexpr uint32_t kFailRebootRequired = 0x80070bc9;

constexpr size_t kDateSize = 19;  // "2023-05-23 10:02:36"

// Phrases of CBS that are a mark and nothing else.
struct PlainMark {
  string_view phrase;
  CbsMark::Kind kind;
};
constexpr PlainMark kPlainMarks[] = {
    {"TI: CBS has signaled that a reboot is required", CbsMark::REBOOT_REQUIRED},
    {"Reboot mark set", CbsMark::REBOOT_REQUIRED},
    {"Reboot mark cleared", CbsMark::REBOOT_MARK_CLEARED},
    {"TI: started and RebootPending volatile key", CbsMark::STARTUP_SKIPPED},
    {"TI: It looks like TI crashed or was interrupted", CbsMark::TI_INTERRUPTED},
    {"TrustedInstaller terminated with pending operations", CbsMark::TI_ENDED_PENDING},
    {"Servicing stack state needed repair", CbsMark::STACK_NEEDS_REPAIR},
    {"Exec: Failed to commit CSI transaction to execute changes", CbsMark::COMMIT_FAILED},
    {"Failed to process single phase execution", CbsMark::COMMIT_FAILED},
};

void AddGap(CbsLogFile* file, std::string what) {
  Gap* const gap = file->mutable_collection()->add_gaps();
  gap->set_where(file->collection().source());
  gap->set_what(std::move(what));
}

// A package name at the front of `text`: names have no blanks, and a sentence may end behind one.
string_view PackageName(string_view text) {
  text = WithoutResult(text);
  return absl::StripSuffix(text.substr(0, text.find(' ')), ".");
}

bool IsLogFullCode(uint32_t code) {
  for (const string_view text : CandidateCodes()) {
    if (ParseHex32(text) == code) return true;
  }
  return false;
}

// "Hydration failed for component C, version …, on file F with NTSTATUS …" as "C\F".
std::string HydrationSubject(string_view message) {
  string_view component = message;
  if (!ConsumePrefix(&component, "Hydration failed for component ")) return "";
  constexpr string_view kOnFile = " on file ";
  const size_t at = component.find(kOnFile);
  if (at == string_view::npos) return std::string(component.substr(0, component.find(", ")));
  const string_view file = component.substr(at + kOnFile.size());
  return absl::StrCat(component.substr(0, component.find(", ")), "\\",
                      file.substr(0, file.find(" with ")));
}

}  // namespace

CbsLogParser::CbsLogParser(CbsLog* log)
    : log_(log), marks_(log), startups_(log), sessions_(log), store_checks_(log), sfc_runs_(log) {}

void CbsLogParser::BeginFile(CbsLogFile* file) {
  file_ = file;
  scanner_ = LineScanner();
  clock_.BeginFile();
}

void CbsLogParser::Feed(string_view piece) {
  scanner_.Feed(piece, [this](const LogLine& line) { OnLine(line); });
}

void CbsLogParser::EndFile() {
  scanner_.Finish([this](const LogLine& line) { OnLine(line); });
  file_->set_size(scanner_.size());
  file_->set_lines(scanner_.lines());
  if (!clock_.offset_minutes()) {
    // The second best witness: CSI writes both clocks into some of its lines.
    const auto local = ParseLogTime(scanner_.csi_date());
    const auto utc = ParseLogTime(scanner_.csi_utc());
    if (local && utc) clock_.SetUniversalTime(*local, *utc, log_);
  }
  StampFirst();
  if (const auto time = ParseLogTime(scanner_.last_date())) {
    *file_->mutable_last() = clock_.At(*time);
  }
  if (const auto offset = clock_.offset_minutes()) file_->set_utc_offset_minutes(*offset);
  clock_.EndFile(log_);
  if (scanner_.lines() == 0) {
    AddGap(file_, scanner_.size() == 0 ? std::string("the file is empty")
                                       : absl::StrCat("none of ", scanner_.size(),
                                                      " bytes is in a line with a date"));
  }
  if (bad_dates_ > 0) {
    AddGap(file_, absl::StrCat(bad_dates_, " lines that may matter have a date that is none"));
    bad_dates_ = 0;
  }
  if (scanner_.nul_bytes() > 0) {
    AddGap(file_, absl::StrFormat("%d NUL bytes, the first at offset 0x%x: text was lost there",
                                  scanner_.nul_bytes(), scanner_.first_nul()));
  }
  if (scanner_.long_lines() > 0) {
    AddGap(file_, absl::StrCat(scanner_.long_lines(), " lines longer than ", LineScanner::kMaxLine,
                               " bytes were read to that length only"));
  }
  if (scanner_.unended_bytes() > 0) {
    AddGap(file_, absl::StrCat("the last line, of ", scanner_.unended_bytes(),
                               " bytes, has no end: it may be cut short"));
  }
  file_ = nullptr;
}

void CbsLogParser::TextLost() {
  startups_.Break();
  store_checks_.Break();
  sfc_runs_.Break();
  failed_inf_.clear();
}

void CbsLogParser::Finish() {
  marks_.Finish();
  startups_.Finish();
  sessions_.Finish();
  store_checks_.Finish();
  sfc_runs_.Finish();
  for (const CbsLogFile& file : log_->files()) {
    if (file.has_first() && !log_->has_first()) *log_->mutable_first() = file.first();
    if (file.has_last()) *log_->mutable_last() = file.last();
  }
}

// The first line's time waits for the file's first "Universal Time is"; by the end of the file the
// clock may have been changed.
void CbsLogParser::StampFirst() {
  if (file_->has_first()) return;
  if (const auto time = ParseLogTime(scanner_.first_date())) {
    *file_->mutable_first() = clock_.At(*time);
  }
}

void CbsLogParser::OnLine(const LogLine& line) {
  StampFirst();
  const absl::optional<FileTime> local = ParseLogTime(line.date);
  if (!local) ++bad_dates_;
  if (local && Parse(line, *local)) file_->set_matched(file_->matched() + 1);
}

void CbsLogParser::AddMark(CbsMark::Kind kind, string_view subject, const Stamp& time,
                           string_view message) {
  marks_.Add(kind, subject, ResultOf(message), time, message);
}

bool CbsLogParser::ParseShared(string_view message, const Stamp& time) {
  string_view rest = message;
  if (StartsWith(message, "Failed to get transaction analysis because of pending operations") ||
      StartsWith(message, "Pending transaction content must be resolved") ||
      StartsWith(message, "A pending repair transaction already exists") ||
      (StartsWith(message, "Failed to create CSI transaction") &&
       ResultOf(message) == kFailRebootRequired)) {
    AddMark(CbsMark::TRANSACTION_PENDING, "", time, message);
  } else if (ConsumePrefix(&rest, "Attempting to mark store corrupt with category ")) {
    AddMark(CbsMark::STORE_CORRUPT, CsiStringOf(rest).value_or(""), time, message);
  } else if (ConsumePrefix(&rest, "Mark store corruption flag because of package: ")) {
    AddMark(CbsMark::STORE_CORRUPT, PackageName(rest), time, message);
  } else if (ConsumePrefix(&rest, "Store corruption, manifest missing for package: ")) {
    AddMark(CbsMark::MANIFEST_MISSING, PackageName(rest), time, message);
  } else if (StartsWith(message, "Hydration failed")) {
    AddMark(CbsMark::HYDRATION_FAILED, HydrationSubject(message), time, message);
  } else if (StartsWith(message, "SpaceCheck: Insufficient free space") ||
             StartsWith(message, "ServicingBootFiles failed. Error = 0x70") ||
             StartsWith(message, "BFSVC Error: ServicingBootFiles failed. Error = 0x70")) {
    AddMark(CbsMark::SPACE_INSUFFICIENT, "", time, message);
  } else if (StartsWith(message, "Bfs Hypervisor Launch Type mirroring failed")) {
    AddMark(CbsMark::BOOT_CONFIGURATION, "", time, message);
  } else if (StartsWith(message, "No more queue entries, deleted pending.xml")) {
    return startups_.Parse(message, time);
  } else {
    return false;
  }
  return true;
}

bool CbsLogParser::ParseCbs(string_view message, FileTime local) {
  const Stamp time = clock_.At(local);
  if (startups_.Parse(message, time)) {
    if (StartsWith(message, "Startup: Rolling back KTM, because drivers failed")) {
      AddMark(CbsMark::DRIVERS_FAILED, failed_inf_, time, message);
    }
    return true;
  }
  if (sessions_.Parse(message, time)) {
    if (StartsWith(message, "Exec: Processing started")) startups_.OnExecutionStarted();
    if (StartsWith(message, "Exec: Processing complete")) startups_.OnExecutionComplete();
    return true;
  }
  if (store_checks_.Parse(message, time)) return true;
  for (const PlainMark& mark : kPlainMarks) {
    if (!StartsWith(message, mark.phrase)) continue;
    AddMark(mark.kind, "", time, message);
    return true;
  }
  string_view rest = message;
  if (StartsWith(message, "TI: --- Initializing Trusted Installer ---")) {
    TextLost();
    return false;
  }
  if (ConsumePrefix(&rest, "Universal Time is: ")) {
    const absl::optional<FileTime> utc = ParseLogTime(rest);
    return utc && clock_.SetUniversalTime(local, *utc, log_);
  }
  if (ConsumePrefix(&rest, "TI: Last boot time: ")) {
    // Local time too; to the second, so that one boot is one mark.
    const absl::optional<FileTime> boot = ParseLogTime(rest);
    if (!boot) return false;
    marks_.Add(CbsMark::BOOTED, rest.substr(0, kDateSize), absl::nullopt, time, message)
        ->set_event_filetime(clock_.BareAt(*boot));
    return true;
  }
  if (ConsumePrefix(&rest, "Loaded Servicing Stack v")) {
    AddMark(CbsMark::STACK_LOADED, rest.substr(0, rest.find(' ')), time, message);
    return true;
  }
  if (ConsumePrefix(&rest, "Doqe: Recording result: ")) {
    // No fact of its own: the name for the failure that follows.
    if (ParseHex32(rest).value_or(0) >> 31 != 0) {
      failed_inf_ = Clean(FieldOf(rest, "for Inf: ").value_or(""));
    }
    return false;
  }
  if (StartsWith(message, "Doqe: Failed installing driver updates")) {
    startups_.OnDriversFailed();
    AddMark(CbsMark::DRIVERS_FAILED, failed_inf_, time, message);
    return true;
  }
  if (StartsWith(message, "Failure in poqexec.exe while processing updates")) {
    startups_.OnPoqexecFailed(ResultOf(message));
    AddMark(CbsMark::POQEXEC_FAILED, "", time, message);
    return true;
  }
  if (StartsWith(message, "Not able to add pending.xml to Windows Error Report")) {
    if (ResultOf(message) != kFileNotFound) return false;
    AddMark(CbsMark::PENDING_XML_ABSENT, "", time, message);
    return true;
  }
  return ParseShared(message, time);
}

bool CbsLogParser::Parse(const LogLine& line, FileTime local) {
  bool is_fact = false;
  switch (line.component) {
    case Component::kBlank:
    case Component::kCbs: {
      string_view message = line.message;
      ConsumePrefix(&message, "arbiter: ");
      is_fact = ParseCbs(message, local);
      break;
    }
    case Component::kCsi:
      is_fact = sfc_runs_.Parse(line.message, local, clock_.At(local)) ||
                ParseShared(line.message, clock_.At(local));
      break;
    case Component::kDeploy:
      is_fact = sfc_runs_.Parse(line.message, local, clock_.At(local));
      break;
    case Component::kOther:
      return false;
  }
  if (!is_fact && line.level == 'E') {
    for (const string_view text : CandidateErrors()) {
      if (!StrContains(line.message, text)) continue;
      const bool is_boot = StartsWith(text, "Bfs ");
      AddMark(is_boot ? CbsMark::BOOT_CONFIGURATION : CbsMark::SPACE_INSUFFICIENT, "",
              clock_.At(local), line.message);
      is_fact = true;
      break;
    }
  }
  if (const auto code = ResultOrGleOf(line.message); code && IsLogFullCode(*code)) {
    marks_.Add(CbsMark::LOG_FULL, "", code, clock_.At(local), line.message);
    is_fact = true;
  }
  return is_fact;
}

void CbsLogParser::ParseUndatedStoreCheck(string_view text) {
  for (string_view line : absl::StrSplit(text, '\n')) {
    ConsumePrefix(&line, "\xEF\xBB\xBF");
    store_checks_.Parse(absl::StripSuffix(line.substr(0, LineScanner::kMaxLine), "\r"), Stamp());
  }
}

}  // namespace patchgate::cbs
