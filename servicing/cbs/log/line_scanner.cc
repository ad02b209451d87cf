#include "servicing/cbs/log/line_scanner.h"

#include <algorithm>
#include <cstring>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/strip.h"
#include "servicing/base/little_endian.h"

namespace patchgate::cbs {
namespace {

using absl::string_view;

constexpr string_view kLiterals[] = {
    // The Trusted Installer and its stack.
    "TI: --- Initializing Trusted Installer ---",
    "TI: Last boot time: ",
    "TI: CBS has signaled that a reboot is required",
    "TI: It looks like TI crashed or was interrupted",
    "TI: started and RebootPending volatile key",
    "TrustedInstaller terminated with pending operations",
    "Universal Time is: ",
    "Loaded Servicing Stack v",
    "Reboot mark set",
    "Reboot mark cleared",
    "Servicing stack state needed repair",
    "arbiter: Servicing stack state needed repair",
    // Start-up and shutdown.
    "Startup: ",
    "Shtd: ",
    "Retrieved original failure status: ",
    "Setting ExecuteState key to: ",
    "Setting original failure status: ",
    "Clearing original failure status",
    "Setting RollbackFailed flag to ",
    "Disabling LKG boot option",
    "Enabling LKG boot option",
    "Doqe: Recording result: ",
    "Doqe: Failed installing driver updates",
    "Failure in poqexec.exe while processing updates",
    "Poqexec.exe completed",
    "Added poqexec to SetupExecute",
    "No more queue entries, deleted pending.xml",
    // Sessions.
    "Session: ",
    "Exec: Processing ",
    "Exec: Failed to commit CSI transaction to execute changes",
    "Failed to process single phase execution",
    "WER: Generating failure report for package: ",
    "Failed to get transaction analysis because of pending operations",
    "Failed to create CSI transaction",
    "Pending transaction content must be resolved",
    "A pending repair transaction already exists",
    "Not able to add pending.xml to Windows Error Report",
    // The store.
    "Attempting to mark store corrupt with category ",
    "Mark store corruption flag because of package: ",
    "Store corruption, manifest missing for package: ",
    "Hydration failed",
    "Checking System Update Readiness.",
    "(p)\t",
    "(f)\t",
    "Operation: ",
    "Operation result: ",
    "Last Successful Step: ",
    "Total Detected Corruption:",
    "Total Repaired Corruption:",
    "Total Operation Time: ",
    "Not all CSI corruption was fixed, create CorruptionDetectedDuringAcr flag",
    "Count of times corruption detected: ",
    "[SR] ",
    "[Pnp] Corrupt file: ",
    "[Pnp] Repaired file: ",
    // Boot files.
    "SpaceCheck: Insufficient free space",
    "ServicingBootFiles failed. Error = 0x70",
    "BFSVC Error: ServicingBootFiles failed. Error = 0x70",
};

// ERROR_LOG_FULL, STATUS_LOG_FULL (as an HRESULT it carries the NT bit), ERROR_LOG_GROWTH_FAILED.
constexpr string_view kCodes[] = {"0x800719e4", "0xc01a001d", "0xd01a001d", "0x80071ab1"};

constexpr string_view kErrors[] = {
    "Bfs Hypervisor Launch Type mirroring failed",
    "SpaceCheck: Insufficient free space",
    "ServicingBootFiles failed. Error = 0x70",
};

// "2023-05-23 10:02:36," and a space.
constexpr size_t kDateSize = 19;
constexpr size_t kHeadSize = 21;
// Columns of a line as every Windows since Vista writes it, counted from 0.
constexpr size_t kLevelColumn = 21;
constexpr size_t kComponentColumn = 43;
constexpr size_t kMessageColumn = 50;

// Whether a line begins "dddd-dd-dd dd:dd:dd, ". The digits are only looked at by their high
// nibble; whoever needs the date parses it.
bool BeginsWithDate(string_view line) {
  if (line.size() < kHeadSize) return false;
  const char* const p = line.data();
  constexpr uint64_t kMask1 = 0xFFF0F0FF'F0F0F0F0, kYearMonth = 0x2D30302D'30303030;
  constexpr uint64_t kMask2 = 0xF0F0FFF0'F0FFF0F0, kDayHour = 0x30303A30'30203030;
  return (LoadLe64(p) & kMask1) == kYearMonth && (LoadLe64(p + 8) & kMask2) == kDayHour &&
         p[16] == ':' && absl::ascii_isdigit(p[17]) && absl::ascii_isdigit(p[18]) && p[19] == ',' &&
         p[20] == ' ';
}

Component ToComponent(string_view name) {
  if (name == "CBS") return Component::kCbs;
  if (name == "CSI") return Component::kCsi;
  if (name == "DEPLOY") return Component::kDeploy;
  return Component::kOther;
}

// Takes "0000031b ", "0000031b@2023/5/23:16:17:26.297 " and then "(F) " from the front of a CSI
// message. A message too long for one line goes on in lines with a date and without a number
// (measured); those are data, so they give nothing.
bool TakeCsiHead(string_view* message, string_view* utc) {
  constexpr size_t kDigits = 8;
  constexpr size_t kMaxTime = 40;
  if (message->size() <= kDigits) return false;
  for (size_t i = 0; i < kDigits; ++i) {
    if (!absl::ascii_isxdigit((*message)[i])) return false;
  }
  if ((*message)[kDigits] == ' ') {
    message->remove_prefix(kDigits + 1);
  } else if ((*message)[kDigits] == '@') {
    const size_t space = message->substr(0, kMaxTime).find(' ');
    if (space == string_view::npos) return false;
    *utc = message->substr(kDigits + 1, space - kDigits - 1);
    message->remove_prefix(space + 1);
  } else {
    return false;
  }
  if (message->size() > 4 && (*message)[0] == '(' && absl::ascii_isalpha((*message)[1]) &&
      (*message)[2] == ')' && (*message)[3] == ' ') {
    message->remove_prefix(4);
  }
  return true;
}

string_view TakeToken(string_view* text) {
  const string_view token = text->substr(0, text->find(' '));
  text->remove_prefix(token.size());
  *text = absl::StripLeadingAsciiWhitespace(*text);
  return token;
}

// Parses a line whose level, component and message stand in their columns; false if they do not.
bool ParseColumns(string_view line, LogLine* out) {
  if (line.size() <= kMessageColumn || line[kLevelColumn] == ' ' ||
      line[kComponentColumn - 1] != ' ' || line[kMessageColumn - 1] != ' ') {
    return false;
  }
  const string_view field = absl::StripTrailingAsciiWhitespace(
      line.substr(kComponentColumn, kMessageColumn - kComponentColumn));
  out->component = field.empty() ? Component::kBlank : ToComponent(field);
  if (out->component == Component::kOther) return false;
  if (out->component == Component::kBlank && line[kMessageColumn] == ' ') return false;
  out->level = line[kLevelColumn];
  out->message = line.substr(kMessageColumn);
  return true;
}

// Parses a line laid out in another way: level, perhaps "[0x01806a]", perhaps a component.
void ParseLoosely(string_view rest, LogLine* out) {
  rest = absl::StripLeadingAsciiWhitespace(rest);
  if (!rest.empty()) out->level = rest[0];
  TakeToken(&rest);
  if (absl::StartsWith(rest, "[0x")) TakeToken(&rest);
  const string_view before = rest;
  out->component = ToComponent(TakeToken(&rest));
  if (out->component == Component::kOther) {
    // No component, or one that says nothing of interest ("SXS", "DPX").
    const string_view word = before.substr(0, before.find(' '));
    const bool is_name = word.size() == 3 && std::all_of(word.begin(), word.end(), [](char c) {
                           return absl::ascii_isupper(c);
                         });
    if (!is_name) out->component = Component::kBlank;
    rest = before;
  }
  out->message = rest;
}

// Whether the bracket that ends a message holds one of the codes.
bool EndsWithCode(string_view message) {
  constexpr size_t kMaxBracket = 80;
  if (message.empty() || message.back() != ']') return false;
  const size_t from = message.size() > kMaxBracket ? message.size() - kMaxBracket : 0;
  string_view tail = message.substr(from);
  const size_t bracket = tail.rfind('[');
  if (bracket == string_view::npos) return false;
  tail.remove_prefix(bracket);
  if (!absl::ConsumePrefix(&tail, "[HRESULT = ") && !absl::ConsumePrefix(&tail, "[gle=")) {
    return false;
  }
  return std::any_of(std::begin(kCodes), std::end(kCodes),
                     [tail](string_view code) { return absl::StartsWithIgnoreCase(tail, code); });
}

uint32_t Bucket(const char* p) { return LoadLe32(p) * 0x9E3779B1u >> 22; }

}  // namespace

absl::Span<const string_view> CandidateLiterals() { return kLiterals; }
absl::Span<const string_view> CandidateCodes() { return kCodes; }
absl::Span<const string_view> CandidateErrors() { return kErrors; }

LineScanner::LineScanner() {
  static_assert(std::size(kLiterals) < std::tuple_size<decltype(next_)>::value);
  static_assert(std::size(kLiterals) < kEnd);
  first_.fill(kEnd);
  for (size_t i = std::size(kLiterals); i-- > 0;) {
    uint8_t& head = first_[Bucket(kLiterals[i].data())];
    next_[i] = head;
    head = static_cast<uint8_t>(i);
  }
}

bool LineScanner::IsCandidate(const LogLine& line) const {
  const string_view message = line.message;
  if (message.size() >= sizeof(uint32_t)) {
    for (uint8_t i = first_[Bucket(message.data())]; i != kEnd; i = next_[i]) {
      if (absl::StartsWith(message, kLiterals[i])) return true;
    }
  }
  if (EndsWithCode(message)) return true;
  return line.level == 'E' &&
         std::any_of(std::begin(kErrors), std::end(kErrors),
                     [message](string_view text) { return absl::StrContains(message, text); });
}

void LineScanner::ScanLine(string_view line, Sink sink) {
  line = line.substr(0, kMaxLine);
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  // Only the first line of a file has a BOM in front; nothing else that begins so has a date.
  if (lines_ == 0) absl::ConsumePrefix(&line, "\xEF\xBB\xBF");
  if (!BeginsWithDate(line)) return;
  LogLine out;
  out.date = line.substr(0, kDateSize);
  if (lines_++ == 0) first_date_ = std::string(out.date);
  last_date_.assign(out.date.data(), out.date.size());
  if (!ParseColumns(line, &out)) ParseLoosely(line.substr(kHeadSize), &out);
  if (out.component == Component::kOther) return;
  if (out.component == Component::kCsi) {
    string_view utc;
    if (!TakeCsiHead(&out.message, &utc)) return;
    if (csi_utc_.empty() && !utc.empty()) {
      csi_date_ = std::string(out.date);
      csi_utc_ = std::string(utc);
    }
  }
  if (IsCandidate(out)) sink(out);
}

void LineScanner::ScanPiece(string_view piece, bool has_nul, Sink sink) {
  const char* p = piece.data();
  const char* const end = p + piece.size();
  while (p != end) {
    const char* stop;
    if (has_nul) {
      stop = std::find_if(p, end, [](char c) { return c == '\n' || c == '\0'; });
    } else {
      stop = static_cast<const char*>(std::memchr(p, '\n', static_cast<size_t>(end - p)));
      if (stop == nullptr) stop = end;
    }
    const string_view line(p, static_cast<size_t>(stop - p));
    const bool is_ended = stop != end;
    if (carry_size_ == 0 && is_ended) {
      if (line.size() > kMaxLine) ++long_lines_;
      ScanLine(line, sink);
    } else {
      if (carry_.size() < kMaxLine) {
        const string_view kept = line.substr(0, kMaxLine - carry_.size());
        carry_.append(kept.data(), kept.size());
      }
      carry_size_ += line.size();
      if (is_ended) {
        if (carry_size_ > kMaxLine) ++long_lines_;
        ScanLine(carry_, sink);
        carry_.clear();
        carry_size_ = 0;
      }
    }
    p = is_ended ? stop + 1 : end;
  }
}

void LineScanner::Feed(string_view piece, Sink sink) {
  const size_t nul = piece.find('\0');
  if (nul != string_view::npos) {
    if (nul_bytes_ == 0) first_nul_ = size_ + nul;
    nul_bytes_ += static_cast<uint64_t>(std::count(piece.begin() + nul, piece.end(), '\0'));
  }
  ScanPiece(piece, nul != string_view::npos, sink);
  size_ += piece.size();
}

void LineScanner::Finish(Sink sink) {
  unended_bytes_ = carry_size_;
  if (carry_size_ == 0) return;
  if (carry_size_ > kMaxLine) ++long_lines_;
  ScanLine(carry_, sink);
  carry_.clear();
  carry_size_ = 0;
}

}  // namespace patchgate::cbs
