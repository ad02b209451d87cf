#include "absl/strings/str_cat.h"
#include "gate/checks/checks.h"
#include "gate/checks/dating.h"
#include "gate/checks/presence.h"

namespace patchgate::gate::checks {

namespace {

// When a check of the store that ran to its end last found nothing to repair.
history::When LastCleanCheck(const Snapshot& snapshot) {
  history::When clean;
  for (const CbsStoreCheck& check : snapshot.cbs_log().store_checks()) {
    const bool ran = check.has_result() && check.result() == 0;
    const bool found = check.detected() != 0 || check.corruptions_total() != 0 || check.flagged();
    if (ran) clean = found ? history::When() : StampWhen(snapshot, check.time());
  }
  return clean;
}

}  // namespace

// The mark that automatic repair leaves when it could not mend everything, and that DISM
// /CheckHealth reads. Unserviceable is known from one community source (DOMAIN 3.1). Both are words
// about the store, no measurement of it: a warning.
Finding StoreCorruptionFlag(const CheckInput& input) {
  constexpr struct {
    const char* name;
    const char* summary;
  } kFlags[] = {
      {"CorruptionDetectedDuringAcr",
       "Windows found the component store corrupt and could not repair all of it"},
      {"Unserviceable", "Windows marked the component store as not serviceable"},
  };
  const ComponentsRoot& facts = input.snapshot.components_root();
  const history::When clean = LastCleanCheck(input.snapshot);
  FindingBuilder finding;
  NeedsPresent(facts.collection(), &finding);
  for (const ComponentsFlag& flag : facts.flags()) {
    for (const auto& [name, summary] : kFlags) {
      if (!flag.set() || flag.name() != name) continue;
      const bool is_key = flag.type() == "key";
      const history::When written{facts.collection().modified_filetime()};
      if (!is_key && history::DefinitelyAfter(clean, written)) {
        finding.Info(absl::StrCat(summary, "; a check of the store found nothing ", WhenText(clean),
                                  ", after that was written"),
                     Below(facts.collection(), name),
                     absl::StrCat("is ", flag.data(), " (", flag.type(), ")"), written.time);
        continue;
      }
      finding.Warn(
          summary, Below(facts.collection(), name),
          is_key ? "key is present" : absl::StrCat("is ", flag.data(), " (", flag.type(), ")"),
          is_key ? 0 : facts.collection().modified_filetime());
    }
  }
  return finding.Done("the component store is not marked as corrupt");
}

}  // namespace patchgate::gate::checks
