#include "absl/strings/str_cat.h"
#include "gate/checks/checks.h"
#include "gate/checks/presence.h"

namespace patchgate::gate::checks {

// Two stores of one host that cannot both be right: the strongest sign of a half undone update
// (DOMAIN §0, rule 4). Which of them is wrong only a measurement of the files can say: a warning.
Finding Contradictions(const CheckInput& input) {
  FindingBuilder finding;
  finding.Needs(input.snapshot.os().collection());
  NeedsPresent(input.snapshot.cbs_packages().collection(), &finding);
  for (const Contradiction& c : input.timeline.contradictions()) {
    finding.Report(c.explained() ? Finding::INFO : Finding::WARN,
                   absl::StrCat(c.subject(), ": ", c.claim_source(), " says \"", c.claim(), "\", ",
                                c.against_source(), " says \"", c.against(), "\""),
                   c.claim_source(), absl::StrCat(c.subject(), ": ", c.claim()), 0);
    finding.Evidence(c.against_source(), absl::StrCat(c.subject(), ": ", c.against()));
  }
  return finding.Done("no source contradicts another");
}

}  // namespace patchgate::gate::checks
