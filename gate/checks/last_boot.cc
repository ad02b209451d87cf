#include "gate/checks/last_boot.h"

#include "absl/strings/str_cat.h"
#include "gate/checks/dating.h"

namespace patchgate::gate::checks {
namespace {

constexpr FileTime kBootLasts = 180 * kFileTimeTicksPerSecond;

bool WellAfter(history::When a, history::When b) {
  if (a.time == 0 || b.time == 0 || a.time <= kBootLasts) return false;
  return history::DefinitelyAfter({a.time - kBootLasts, a.local}, b);
}

}  // namespace

Age AgeOf(FileTime written, const CheckInput& input) {
  const history::When boot = LastBoot(input.timeline), mark{written, false};
  if (written > input.now || WellAfter(boot, {input.now, false})) return Age::kUnknown;
  if (WellAfter(boot, mark)) return Age::kBeforeBoot;
  return WellAfter(mark, boot) ? Age::kSinceBoot : Age::kUnknown;
}

std::string LastBootText(const CheckInput& input) {
  return absl::StrCat("the last boot (", WhenText(LastBoot(input.timeline)), ", ",
                      input.timeline.last_boot().source(), ")");
}

}  // namespace patchgate::gate::checks
