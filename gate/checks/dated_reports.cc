#include "gate/checks/dated_reports.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "gate/checks/dating.h"

namespace patchgate::gate::checks {

using history::When;

FileTime Written(When when) { return when.local ? 0 : when.time; }

void DatedReports::Add(Finding::Result result, std::string summary, std::string where,
                       std::string what, When when) {
  if (when.local && when.time != 0) absl::StrAppend(&what, ", ", WhenText(when));
  reports_.push_back({result, std::move(summary), std::move(where), std::move(what), when});
}

void DatedReports::Tell(FindingBuilder* finding) {
  std::stable_sort(reports_.begin(), reports_.end(), [](const Report& a, const Report& b) {
    return a.result != b.result ? a.result > b.result : a.when.time > b.when.time;
  });
  for (size_t i = 0; i < reports_.size(); ++i) {
    const Report& report = reports_[i];
    if (i == kShown) {
      // A line of its own, so that no waiver of the ones that are shown covers the rest.
      finding->Report(report.result, report.summary, report.where,
                      absl::StrCat("and ", reports_.size() - i, " more"), 0);
      break;
    }
    finding->Report(report.result, report.summary, report.where, report.what, Written(report.when));
  }
  reports_.clear();
}

}  // namespace patchgate::gate::checks
