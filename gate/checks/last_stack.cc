#include <string>

#include "absl/strings/str_cat.h"
#include "absl/types/optional.h"
#include "gate/checks/checks.h"
#include "gate/checks/presence.h"
#include "gate/file_version.h"

namespace patchgate::gate::checks {
namespace {

// Without what may stand behind it: "10.0.26100.7295 (WinBuild.160101.0800)".
absl::string_view FirstWord(absl::string_view text) { return text.substr(0, text.find(' ')); }

}  // namespace

// A store that a newer servicing stack has written to than the one that is installed: the stack was
// rolled back, the store was not (DOMAIN §3.3).
Finding LastStackNewer(const CheckInput& input) {
  const LastStack& facts = input.snapshot.last_stack();
  const ServicingStack& stack = input.snapshot.servicing_stack();
  FindingBuilder finding;
  finding.Needs(facts.collection());
  finding.Needs(stack.collection());
  if (facts.last_wcp_version().empty()) {
    return finding.NotApplicable("the store does not say which servicing stack wrote to it last");
  }
  if (stack.versions_size() != 1) {
    return finding.NotApplicable("there is no single registered servicing stack to compare with");
  }
  const std::string& last = facts.last_wcp_version();
  const std::string& registered = stack.versions(0).version();
  const absl::optional<int> order = CompareFileVersions(FirstWord(last), FirstWord(registered));
  const auto report = [&](Finding::Result result, absl::string_view summary) {
    finding.Report(result, summary, Below(facts.collection(), "LastWCPVersionToAccessStore"),
                   absl::StrCat("is ", last), facts.collection().modified_filetime());
    finding.Evidence(Below(stack.collection(), registered), "the registered servicing stack",
                     stack.collection().modified_filetime());
  };
  if (!order) {
    report(Finding::INFO, "the versions of the servicing stack cannot be compared");
  } else if (*order > 0) {
    report(Finding::WARN,
           absl::StrCat("servicing stack ", last, " wrote to the store, but only the older ",
                        registered, " is registered: it was rolled back"));
  }
  return finding.Done(absl::StrCat("the store was last written by servicing stack ", last,
                                   ", not newer than the registered one"));
}

}  // namespace patchgate::gate::checks
