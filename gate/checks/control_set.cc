#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "gate/checks/checks.h"
#include "gate/checks/presence.h"

namespace patchgate::gate::checks {
namespace {

bool Exists(const ControlSetFacts& facts, uint32_t number) {
  return std::find(facts.existing().begin(), facts.existing().end(), number) !=
         facts.existing().end();
}

std::string Name(uint32_t number) { return absl::StrFormat("ControlSet%03u", number); }

}  // namespace

// Select says which control set is the configuration of this Windows. Where it cannot be believed,
// no fact that was read through CurrentControlSet can (DOMAIN 2.1).
Finding ControlSet(const CheckInput& input) {
  const ControlSetFacts& facts = input.snapshot.control_set();
  const FileTime written = facts.collection().modified_filetime();
  const auto where = [&](absl::string_view name) { return Below(facts.collection(), name); };
  FindingBuilder finding;
  NeedsPresent(facts.collection(), &finding);
  if (!IsThere(facts.collection())) return finding.Done("the current control set is known");

  if (!facts.has_current()) {
    finding.Indeterminate("the current control set is not known", where("Current"),
                          "not there, or unreadable", written);
  } else if (!Exists(facts, facts.current())) {
    finding.Indeterminate(absl::StrCat("the current control set ", Name(facts.current()),
                                       " is not in the SYSTEM hive"),
                          where("Current"), absl::StrCat("is ", facts.current()), written);
  }
  if (!facts.has_default_()) {
    finding.Indeterminate("the control set of the next start is not known", where("Default"),
                          "not there, or unreadable", written);
  }
  if (facts.has_current() && facts.has_default_() && facts.current() != facts.default_()) {
    finding.Warn(absl::StrCat("this Windows was started with ", Name(facts.current()),
                              ", the next start takes ", Name(facts.default_())),
                 where("Default"), absl::StrCat("is ", facts.default_()), written);
  }
  if (facts.failed() != 0) {
    finding.Warn(absl::StrCat(Name(facts.failed()), " once failed to start Windows"),
                 where("Failed"), absl::StrCat("is ", facts.failed()), written);
  }
  if (facts.has_last_known_good() && !Exists(facts, facts.last_known_good())) {
    finding.Info(absl::StrCat("the last known good control set ", Name(facts.last_known_good()),
                              " is not in the SYSTEM hive"),
                 where("LastKnownGood"), absl::StrCat("is ", facts.last_known_good()), written);
  }
  return finding.Done(absl::StrCat(Name(facts.current()), " is current and the default"));
}

}  // namespace patchgate::gate::checks
