// The logs of a fake Windows volume: CBS.log and one rotated predecessor, Setup.evtx, System.evtx,
// Sessions.xml, ReportingEvents.log and dism.log. Each step of an update's life is told in all of
// them, the way Windows does it.
#ifndef TESTDATA_FAKE_LOGS_H_
#define TESTDATA_FAKE_LOGS_H_

#include <string>

#include "absl/strings/string_view.h"
#include "servicing/base/filetime.h"
#include "servicing/cbs/log/cbs_log_fixtures.h"
#include "servicing/eventlog/evtx_builder.h"
#include "servicing/evidence/memory_source.h"

namespace patchgate::testdata {

// A cumulative update.
struct Update {
  const char* kb;       // "KB5072033"
  const char* package;  // "Package_for_RollupFix~…"
  uint32_t revision;    // Of the build that it makes: 7462.
};

class FakeLogs {
 public:
  // Steps; times are UTC. An update is begun 19 seconds after `t`, pended two minutes after it.
  void Boot(FileTime t);
  void Pend(const Update& update, FileTime t);
  void Fail(const Update& update, FileTime t, uint32_t hresult, absl::string_view name);
  // What the boot at `boot` made of a pended update, 150 seconds later.
  void Finish(const Update& update, FileTime begun, FileTime boot);
  // The same with a rollback, which needs a second boot, 330 seconds after the first.
  void RollBack(const Update& update, FileTime begun, FileTime boot);
  // A step that only the update agent knows.
  void AgentFails(const Update& update, FileTime t, uint32_t hresult);

  // From here on in CBS.log; what is there so far is rotated away to CbsPersist_<time>.log.
  void RotateCbsLog(FileTime t);

  cbs::CbsLogBuilder* cbs() { return &cbs_; }
  eventlog::EvtxBuilder* setup() { return &setup_; }
  eventlog::EvtxBuilder* system() { return &system_; }

  void WriteTo(evidence::MemorySource* volume, FileTime written);

 private:
  void Begin(const Update& update, FileTime t);
  void Journal(const Update& update, FileTime begun, FileTime complete, uint32_t status);
  void Report(absl::string_view id_and_name, const Update& update, FileTime t, uint32_t hresult,
              absl::string_view outcome);

  cbs::CbsLogBuilder cbs_{kUtcOffsetMinutes};
  eventlog::EvtxBuilder setup_, system_;
  std::string rotated_name_, rotated_;
  std::string journal_, reporting_;

  static constexpr int kUtcOffsetMinutes = -360;
};

}  // namespace patchgate::testdata

#endif  // TESTDATA_FAKE_LOGS_H_
