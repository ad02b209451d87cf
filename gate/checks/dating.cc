#include "gate/checks/dating.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace patchgate::gate::checks {

using history::When;

When LastBoot(const Timeline& timeline) {
  return {timeline.last_boot().filetime(), timeline.last_boot().local()};
}

When LastSession(const Timeline& timeline) {
  return {timeline.last_session().filetime(), timeline.last_session().local()};
}

When LastCumulativeSuccess(const Timeline& timeline) {
  const TimePoint& last = timeline.last_cumulative_success();
  return {last.filetime(), last.local()};
}

When StampWhen(const Snapshot& snapshot, const Stamp& stamp) {
  return history::HostClock(snapshot).Of(stamp);
}

std::string WhenText(When when) {
  if (when.time == 0) return "an unknown time";
  const std::string text = FormatFileTime(when.time);
  return when.local ? absl::StrCat(absl::StripSuffix(text, "Z"), " local time") : text;
}

std::string AttemptName(const Attempt& attempt) {
  if (attempt.kind() == Attempt::FEATURE_UPDATE) {
    return absl::StrCat("feature update ", attempt.build());
  }
  const std::string& name = attempt.kb().empty() ? attempt.package() : attempt.kb();
  return attempt.build().empty() ? name : absl::StrCat(name, " (", attempt.build(), ")");
}

const Phase& LastPhase(const Attempt& attempt) { return attempt.phases(attempt.phases_size() - 1); }

const Phase& LastPhase(const Attempt& attempt, history::Seen seen) {
  for (int i = attempt.phases_size() - 1; i >= 0; --i) {
    if (attempt.phases(i).name() == history::SeenName(seen)) return attempt.phases(i);
  }
  return LastPhase(attempt);
}

bool IsServicedUpdate(const Attempt& attempt) {
  return attempt.kind() == Attempt::CUMULATIVE || attempt.kind() == Attempt::SERVICING_STACK ||
         attempt.kind() == Attempt::UNKNOWN_KB;
}

}  // namespace patchgate::gate::checks
