// Reports of the component store's health (DOMAIN §4.7) and runs of sfc (§4.6).
#ifndef SERVICING_CBS_LOG_STORE_CHECK_PARSER_H_
#define SERVICING_CBS_LOG_STORE_CHECK_PARSER_H_

#include <string>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/string_view.h"
#include "servicing/base/filetime.h"
#include "servicing/cbs/cbs_log.pb.h"

namespace patchgate::cbs {

// Fed the messages of the component CBS in their order.
class StoreCheckParser {
 public:
  static constexpr int kMaxChecks = 200;
  static constexpr int kMaxCorruptions = 500;  // Of one check; the rest are counted.

  explicit StoreCheckParser(CbsLog* log) : log_(log) {}

  // False if the message says nothing of a store check. Most of its lines count only between
  // "Checking System Update Readiness." and "Total Operation Time".
  bool Parse(absl::string_view message, const Stamp& time);

  // Text was lost, or the Trusted Installer started: a block is over.
  void Break() { is_open_ = false, check_ = nullptr; }
  void Finish();

 private:
  CbsStoreCheck* Begin(const Stamp& time);
  // A line of the list, "(p)\tCSI Payload Corrupt\t(n)\t\t\t<path>".
  void AddCorruption(absl::string_view line);

  CbsLog* log_;
  CbsStoreCheck* check_ = nullptr;  // The last one.
  bool is_open_ = false;            // Whether its block still goes on.
};

// Fed the messages of CSI ("[SR] …") and DEPLOY ("[Pnp] …") in their order.
class SfcParser {
 public:
  static constexpr int kMaxRuns = 100;
  static constexpr int kMaxFiles = 100;        // Named, of one run.
  static constexpr size_t kMaxCounted = 5000;  // Told apart, of one run.

  explicit SfcParser(CbsLog* log) : log_(log) {}

  // `local` is the log's own time.
  bool Parse(absl::string_view message, FileTime local, const Stamp& time);
  void Break() { run_ = nullptr; }
  void Finish();

 private:
  CbsSfcRun* Run(FileTime local, const Stamp& time);
  // A file counts once, however often sfc names it: `key` tells files apart.
  void AddUnrepaired(absl::string_view key, absl::string_view name);
  void AddDamagedMember(absl::string_view text);
  void RemoveUnrepaired(absl::string_view name);

  CbsLog* log_;
  CbsSfcRun* run_ = nullptr;
  FileTime last_ = 0;                                  // Of the run's last line.
  bool is_closed_ = false;                             // "Repair complete" came.
  absl::flat_hash_set<std::string> unrepaired_;        // Keys.
  absl::flat_hash_set<std::string> unrepaired_names_;  // Names without path, in upper case.
};

}  // namespace patchgate::cbs

#endif  // SERVICING_CBS_LOG_STORE_CHECK_PARSER_H_
