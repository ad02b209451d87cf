#include "servicing/cbs/log/session_parser.h"

#include "absl/strings/match.h"
#include "absl/strings/strip.h"
#include "absl/types/optional.h"
#include "servicing/cbs/cbs_reader.h"
#include "servicing/cbs/log/bounded_list.h"
#include "servicing/cbs/log/message_fields.h"

namespace patchgate::cbs {

using absl::ConsumePrefix;
using absl::StartsWith;
using absl::string_view;

namespace {

constexpr uint32_t kSuccessRebootRequired = 0x80070bc2;
constexpr uint32_t kFailRebootRequired = 0x80070bc9;

// The package of a session, added if need be; the oldest makes room.
CbsLogPackage* PackageOf(string_view identity, CbsLogSession* session, CbsLog* log) {
  auto* const packages = session->mutable_packages();
  const std::string clean = Clean(identity);
  for (CbsLogPackage& package : *packages) {
    if (package.identity() == clean) return &package;
  }
  if (packages->size() >= SessionParser::kMaxPackages) {
    log->set_dropped(log->dropped() + DropLeast(packages, 1, PackageMatters));
  }
  CbsLogPackage* const package = packages->Add();
  package->set_identity(clean);
  return package;
}

}  // namespace

CbsLogSession* SessionParser::Find(string_view id, const Stamp& time) {
  std::string clean = Clean(id);
  const auto found = by_id_.find(clean);
  if (found != by_id_.end()) return found->second;
  auto* const sessions = log_->mutable_sessions();
  const bool full = sessions->size() >= 2 * kMaxSessions;
  if (full) {
    log_->set_dropped(log_->dropped() +
                      DropLeast(sessions, sessions->size() - kMaxSessions + 1, SessionMatters));
  }
  CbsLogSession* const session = sessions->Add();
  session->set_id(clean);
  session->set_created_filetime(SessionTime(clean).value_or(0));
  *session->mutable_begun() = time;
  if (full) {
    by_id_.clear();
    for (CbsLogSession& kept : *log_->mutable_sessions()) by_id_.emplace(kept.id(), &kept);
  } else {
    by_id_.emplace(std::move(clean), session);
  }
  return session;
}

void SessionParser::End(string_view message, const Stamp& time, CbsLogSession* session) {
  *session->mutable_finished() = time;
  const absl::optional<uint32_t> result = ResultOf(message);
  if (result) {
    session->set_result(*result);
  } else {
    session->clear_result();
  }
  // The text alone can say "no" where the code says that a restart is due (measured); a "yes" is
  // taken as it is.
  session->set_reboot_required(result == kSuccessRebootRequired || result == kFailRebootRequired ||
                               absl::StrContains(message, "Reboot required: yes"));
}

// "31034772_2677689037 finalized. Reboot required: no [HRESULT = 0x00000000 - S_OK]"
bool SessionParser::ParseSession(string_view rest, const Stamp& time) {
  const string_view id = rest.substr(0, rest.find(' '));
  rest.remove_prefix(id.size());
  if (ConsumePrefix(&rest, " initialized by client ")) {
    string_view client = rest.substr(0, rest.find(", external "));
    client = absl::StripSuffix(absl::StripTrailingAsciiWhitespace(client), ".");
    Find(id, time)->set_client(Clean(client));
    return true;
  }
  if (StartsWith(rest, " finalized.")) {
    End(rest, time, Find(id, time));
    return true;
  }
  return false;
}

// "Exec: Processing started.  Client: C, Session: I, Package: P, Identifier: KB…"
// "Exec: Processing complete.  Session: I, Package: P, Identifier: KB… [HRESULT = …]"
// "Exec: Processing complete, session(Corruption Detecting): I [HRESULT = …]"
bool SessionParser::ParseExecution(string_view message, const Stamp& time) {
  string_view rest = message;
  const bool starts = ConsumePrefix(&rest, "Exec: Processing started");
  if (!starts && !ConsumePrefix(&rest, "Exec: Processing complete")) return false;
  absl::optional<string_view> id = FieldOf(rest, "Session: ");
  if (!id && StartsWith(rest, ", session(")) id = FieldOf(rest, "): ");
  if (!id || id->empty()) return false;
  CbsLogSession* const session = Find(*id, time);
  if (const auto client = FieldOf(rest, "Client: "); client && session->client().empty()) {
    session->set_client(Clean(*client));
  }
  if (starts) {
    session->clear_finished();
    session->clear_result();
    session->set_reboot_required(false);
  } else {
    End(message, time, session);
  }
  const absl::optional<string_view> identity = FieldOf(rest, "Package: ");
  if (!identity || identity->empty()) return true;
  CbsLogPackage* const package = PackageOf(*identity, session, log_);
  if (const auto kb = FieldOf(rest, "Identifier: ")) package->set_identifier(Clean(*kb));
  *package->mutable_time() = time;
  const absl::optional<uint32_t> result = starts ? absl::nullopt : ResultOf(message);
  if (result) {
    package->set_result(*result);
  } else {
    package->clear_result();
  }
  return true;
}

// "<P>, status: 0x…, failure source: Execute, start state: Staged, target state: Installed, client
// id: WindowsUpdateAgent"
void SessionParser::ParseReport(string_view rest, const Stamp& time) {
  uint64_t dropped = log_->dropped();
  CbsFailureReport* const report =
      AddBounded(log_->mutable_failure_reports(), kMaxReports, &dropped);
  log_->set_dropped(dropped);
  const auto field = [rest](string_view label) { return Clean(FieldOf(rest, label).value_or("")); };
  *report->mutable_time() = time;
  report->set_package(Clean(rest.substr(0, rest.find(", "))));
  report->set_status(ParseHex32(FieldOf(rest, ", status: ").value_or("")).value_or(0));
  report->set_failure_source(field(", failure source: "));
  report->set_start_state(field(", start state: "));
  report->set_target_state(field(", target state: "));
  report->set_client(field(", client id: "));
}

bool SessionParser::Parse(string_view message, const Stamp& time) {
  string_view rest = message;
  if (ConsumePrefix(&rest, "Session: ")) return ParseSession(rest, time);
  if (StartsWith(message, "Exec: Processing ")) return ParseExecution(message, time);
  if (ConsumePrefix(&rest, "WER: Generating failure report for package: ")) {
    ParseReport(rest, time);
    return true;
  }
  return false;
}

void SessionParser::Finish() {
  by_id_.clear();
  const int excess = log_->sessions_size() - kMaxSessions;
  uint64_t dropped = log_->dropped();
  if (excess > 0) dropped += DropLeast(log_->mutable_sessions(), excess, SessionMatters);
  KeepNewest(log_->mutable_failure_reports(), kMaxReports, &dropped);
  log_->set_dropped(dropped);
}

}  // namespace patchgate::cbs
