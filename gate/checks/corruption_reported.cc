#include <algorithm>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gate/checks/checks.h"
#include "gate/checks/dated_reports.h"
#include "gate/checks/dating.h"
#include "gate/checks/package_states.h"
#include "gate/checks/presence.h"
#include "manifests/hresults.h"

namespace patchgate::gate::checks {
namespace {

using history::When;

constexpr int kShown = 20;

// Damage that the check found, did not repair, and that matters: lines below \r\ are reported for
// ever and are harmless (DOMAIN §3.8).
uint32_t Unrepaired(const CbsStoreCheck& check) {
  const auto less = [](uint32_t all, uint32_t some) { return all - std::min(all, some); };
  // A line may bear the mark of a repair that the totals know nothing of; the larger number counts.
  return less(std::max(check.unrepaired_total(), less(check.detected(), check.repaired())),
              check.unrepaired_reverse_deltas());
}

class Judge {
 public:
  Judge(const CheckInput& input, FindingBuilder* finding)
      : input_(input), finding_(finding), success_(LastCumulativeSuccess(input.timeline)) {}

  void StoreChecks() {
    const CbsStoreCheck* last = nullptr;       // That ran to its end.
    const CbsStoreCheck* never_ran = nullptr;  // After it.
    for (const CbsStoreCheck& check : input_.snapshot.cbs_log().store_checks()) {
      const bool ran = check.has_result() && check.result() == 0;
      if (ran) last = &check;
      never_ran = ran ? nullptr : &check;
    }
    if (never_ran != nullptr) {
      // "Total Detected Corruption: 0" means nothing here: nobody counted.
      Report(Finding::WARN,
             absl::StrCat("a store check did not run to its end: ",
                          never_ran->has_result() ? HresultText(never_ran->result()) : "no result"),
             absl::StrCat(never_ran->operation(), ", last step: ", never_ran->last_step()),
             never_ran->time());
    }
    if (last == nullptr) return;
    const uint32_t unrepaired = Unrepaired(*last);
    if (unrepaired == 0) {
      clean_ = StampWhen(input_.snapshot, last->time());
      return;
    }
    const bool metadata = last->unrepaired_metadata() > 0;
    Report(metadata ? Finding::BLOCK : Finding::WARN,
           absl::StrCat("the component store has ", unrepaired, " unrepaired ",
                        unrepaired == 1 ? "corruption" : "corruptions",
                        metadata ? ", package or component manifests among them" : ""),
           absl::StrCat(last->operation(), ": ", last->detected(), " detected, ", last->repaired(),
                        " repaired"),
           last->time());
    int shown = 0;
    for (const CbsCorruption& corruption : last->corruptions()) {
      if (corruption.repaired() || absl::StrContains(corruption.path(), "\\r\\")) continue;
      if (++shown > kShown) break;
      finding_->Evidence(kCbsLogPath, absl::StrCat(corruption.kind(), ": ", corruption.path()));
    }
  }

  void Marks() {
    for (const CbsMark& mark : input_.snapshot.cbs_log().marks()) {
      if (mark.kind() != CbsMark::STORE_CORRUPT && mark.kind() != CbsMark::MANIFEST_MISSING) {
        continue;
      }
      Report(IsUpdatePackage(mark.subject()) ? Finding::BLOCK : Finding::WARN,
             absl::StrCat("servicing found the store corrupt: ", mark.subject()), mark.text(),
             mark.last());
    }
  }

  void Events() {
    const StoreRepairEvent* last = nullptr;
    for (const StoreRepairEvent& event : input_.snapshot.event_logs().store_repairs()) {
      if (event.has_total_corruption()) last = &event;
    }
    if (last == nullptr || last->total_corruption() <= last->repaired()) return;
    ReportAt(Finding::WARN,
             absl::StrCat("automatic repair mended ", last->repaired(), " of ",
                          last->total_corruption(), " corruptions"),
             absl::StrCat("Setup.evtx record ", last->record_id()),
             absl::StrCat("event ", last->event_id()), {last->filetime()});
  }

  void Attempts() {
    for (const Attempt& attempt : input_.timeline.attempts()) {
      if (attempt.has_superseded_by() || !attempt.has_hresult()) continue;
      if (attempt.outcome() != Attempt::FAILED && attempt.outcome() != Attempt::ROLLED_BACK) {
        continue;
      }
      const HresultRecord* error = FindHresult(attempt.hresult());
      if (error == nullptr || !error->store_corruption()) continue;
      const Phase& phase = LastPhase(attempt);
      ReportAt(IsServicedUpdate(attempt) ? Finding::BLOCK : Finding::WARN,
               absl::StrCat(AttemptName(attempt), " failed with ", HresultText(attempt.hresult()),
                            ": the store is damaged"),
               phase.source(), phase.name(), {phase.filetime(), phase.local()});
    }
  }

 private:
  void Report(Finding::Result result, const std::string& summary, const std::string& what,
              const Stamp& time) {
    ReportAt(result, summary, kCbsLogPath, what, StampWhen(input_.snapshot, time));
  }

  // What a later success, or a later check that found nothing, has overtaken is only told.
  void ReportAt(Finding::Result result, const std::string& summary, const std::string& where,
                const std::string& what, When when) {
    const bool updated = history::DefinitelyAfter(success_, when);
    const bool checked = history::DefinitelyAfter(clean_, when);
    if (updated || checked) {
      finding_->Report(
          Finding::INFO,
          absl::StrCat(summary, "; ",
                       updated ? "a cumulative update succeeded " : "a later check found nothing ",
                       WhenText(updated ? success_ : clean_)),
          where, what, Written(when));
      return;
    }
    finding_->Report(result, summary, where, what, Written(when));
  }

  const CheckInput& input_;
  FindingBuilder* finding_;
  When success_;
  When clean_;
};

}  // namespace

Finding CorruptionReported(const CheckInput& input) {
  FindingBuilder finding;
  NeedsCbsLog(input.snapshot, &finding);
  Judge judge(input, &finding);
  judge.StoreChecks();  // First: it knows whether a later check found nothing.
  judge.Marks();
  judge.Events();
  judge.Attempts();
  return finding.Done("no unrepaired corruption of the component store is on record");
}

}  // namespace patchgate::gate::checks
