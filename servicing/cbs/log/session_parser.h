// Sessions, the executions of packages in them, and failure reports (DOMAIN §4.6).
#ifndef SERVICING_CBS_LOG_SESSION_PARSER_H_
#define SERVICING_CBS_LOG_SESSION_PARSER_H_

#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "servicing/cbs/cbs_log.pb.h"

namespace patchgate::cbs {

// Fed the messages of the component CBS in their order.
class SessionParser {
 public:
  static constexpr int kMaxSessions = 5000;
  static constexpr int kMaxPackages = 25;  // Of one session.
  static constexpr int kMaxReports = 500;

  explicit SessionParser(CbsLog* log) : log_(log) {}

  // False if the message says nothing of a session.
  bool Parse(absl::string_view message, const Stamp& time);

  void Finish();

 private:
  CbsLogSession* Find(absl::string_view id, const Stamp& time);
  static void End(absl::string_view message, const Stamp& time, CbsLogSession* session);
  bool ParseSession(absl::string_view rest, const Stamp& time);
  bool ParseExecution(absl::string_view message, const Stamp& time);
  void ParseReport(absl::string_view rest, const Stamp& time);

  CbsLog* log_;
  absl::flat_hash_map<std::string, CbsLogSession*> by_id_;
};

}  // namespace patchgate::cbs

#endif  // SERVICING_CBS_LOG_SESSION_PARSER_H_
