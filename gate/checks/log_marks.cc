#include "gate/checks/log_marks.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gate/checks/dated_reports.h"
#include "gate/checks/dating.h"
#include "gate/checks/presence.h"
#include "manifests/hresults.h"

namespace patchgate::gate::checks {

using history::When;

void JudgeMarks(const CheckInput& input, absl::Span<const MarkRule> rules,
                FindingBuilder* finding) {
  NeedsCbsLog(input.snapshot, finding);
  const When success = LastCumulativeSuccess(input.timeline);
  DatedReports reports;
  for (const CbsMark& mark : input.snapshot.cbs_log().marks()) {
    for (const MarkRule& rule : rules) {
      if (mark.kind() != rule.kind) continue;
      const When last = StampWhen(input.snapshot, mark.last());
      const bool past = history::DefinitelyAfter(success, last);
      std::string summary = absl::StrCat(rule.what, ", last seen ", WhenText(last));
      if (mark.has_hresult()) absl::StrAppend(&summary, ": ", HresultText(mark.hresult()));
      if (past) {
        absl::StrAppend(&summary, "; a cumulative update was installed since, ", WhenText(success));
      }
      std::string what = mark.text().empty() ? mark.subject() : mark.text();
      if (mark.count() > 1) absl::StrAppend(&what, " (", mark.count(), " times)");
      reports.Add(past ? Finding::INFO : rule.result, std::move(summary), kCbsLogPath,
                  std::move(what), last);
    }
  }
  reports.Tell(finding);
}

}  // namespace patchgate::gate::checks
