#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gate/checks/checks.h"
#include "gate/checks/last_boot.h"
#include "gate/checks/presence.h"

namespace patchgate::gate::checks {
namespace {

// Updates that are named; the mark counts, not what is in it.
constexpr int kShown = 5;

std::string Updates(const RestartMarks& facts) {
  const int count = facts.reboot_required_updates_size();
  if (count == 0) return "";
  const auto first = facts.reboot_required_updates().begin();
  const std::vector<std::string> shown(first, first + std::min(count, kShown));
  return absl::StrCat(" for ", count,
                      count == 1 ? " update: " : " updates: ", absl::StrJoin(shown, ", "),
                      count > kShown ? ", ..." : "");
}

}  // namespace

// The update agent's own mark; servicing does not know it. One that a restart did not take away is
// stale: it says that something went wrong, not that another restart is due (DOMAIN 1.5).
Finding UpdateRestartRequired(const CheckInput& input) {
  constexpr char kMark[] = "RebootRequired";
  const RestartMarks& facts = input.snapshot.restart_marks();
  FindingBuilder finding;
  NeedsPart(facts.update_agent(), kMark, &finding);
  if (facts.has_reboot_required_written_filetime()) {
    const FileTime written = facts.reboot_required_written_filetime();
    const std::string where = Below(facts.update_agent(), kMark);
    const std::string what = absl::StrCat("present", Updates(facts));
    switch (AgeOf(written, input)) {
      case Age::kBeforeBoot:
        finding.Warn("the update agent's restart mark is stale: the host was restarted since",
                     where, absl::StrCat(what, "; older than ", LastBootText(input)), written);
        break;
      case Age::kSinceBoot:
        finding.Block("the update agent asks for a restart", where,
                      absl::StrCat(what, "; newer than ", LastBootText(input)), written);
        break;
      case Age::kUnknown:
        finding.Block("the update agent asks for a restart", where,
                      absl::StrCat(what, "; whether the host was restarted since is not known"),
                      written);
        break;
    }
  }
  return finding.Done("the update agent does not ask for a restart");
}

}  // namespace patchgate::gate::checks
