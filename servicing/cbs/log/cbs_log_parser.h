// Stage two of the CBS.log reader: turns candidate lines into facts. One parser reads all files of
// a host in their order, so that a session or a start-up that spans a rotation stays one.
#ifndef SERVICING_CBS_LOG_CBS_LOG_PARSER_H_
#define SERVICING_CBS_LOG_CBS_LOG_PARSER_H_

#include <string>

#include "absl/strings/string_view.h"
#include "servicing/cbs/cbs_log.pb.h"
#include "servicing/cbs/log/line_scanner.h"
#include "servicing/cbs/log/log_clock.h"
#include "servicing/cbs/log/mark_list.h"
#include "servicing/cbs/log/session_parser.h"
#include "servicing/cbs/log/startup_parser.h"
#include "servicing/cbs/log/store_check_parser.h"

namespace patchgate::cbs {

//   CbsLogParser parser(&log);
//   parser.BeginFile(log.add_files());
//   parser.Feed(piece); …
//   parser.EndFile();
//   parser.Finish();
//
// Memory: the facts, whose lists are bounded, and one line. Nothing is dropped from `log.files`.
class CbsLogParser {
 public:
  // Both pointers live as long as the parser; `file` must stay where it is.
  explicit CbsLogParser(CbsLog* log);

  void BeginFile(CbsLogFile* file);
  void Feed(absl::string_view piece);
  // Fills counts, times and gaps of the file.
  void EndFile();
  // Text between the last line and the next one is missing.
  void TextLost();

  // Brings the lists to their bounds and the log's first and last time in.
  void Finish();

  // The whole text of a CheckSUR.log: a store check's lines without dates (DOMAIN §4.7).
  void ParseUndatedStoreCheck(absl::string_view text);

 private:
  void OnLine(const LogLine& line);
  void StampFirst();
  // True if the line became a fact.
  bool Parse(const LogLine& line, FileTime local);
  bool ParseCbs(absl::string_view message, FileTime local);
  // Phrases that CBS and CSI may both write.
  bool ParseShared(absl::string_view message, const Stamp& time);
  void AddMark(CbsMark::Kind kind, absl::string_view subject, const Stamp& time,
               absl::string_view message);

  CbsLog* log_;
  CbsLogFile* file_ = nullptr;
  uint64_t bad_dates_ = 0;  // In this file.
  LineScanner scanner_;
  LogClock clock_;
  MarkList marks_;
  StartupParser startups_;
  SessionParser sessions_;
  StoreCheckParser store_checks_;
  SfcParser sfc_runs_;
  std::string failed_inf_;  // Of the last "Doqe: Recording result" that is a failure.
};

}  // namespace patchgate::cbs

#endif  // SERVICING_CBS_LOG_CBS_LOG_PARSER_H_
