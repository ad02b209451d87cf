#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gate/checks/checks.h"
#include "gate/checks/presence.h"
#include "manifests/hresults.h"

namespace patchgate::gate::checks {
namespace {

constexpr char kRollback[] = "$WINDOWS.~BT/Sources/Rollback";

// SetupDiag's word for an upgrade that did not fail.
constexpr char kNoFailure[] = "FindSuccessfulUpgrade";

std::string Times(uint32_t count) { return absl::StrCat(count, count == 1 ? " time" : " times"); }

// The last upgrade that succeeded; null if there was none. One of the future is not believed.
const UpgradedFrom* LastUpgrade(const FeatureUpdates& facts, FileTime now) {
  const UpgradedFrom* last = nullptr;
  for (const UpgradedFrom& upgrade : facts.upgrades()) {
    if (upgrade.key_written_filetime() > now) continue;
    if (last == nullptr || upgrade.key_written_filetime() > last->key_written_filetime()) {
      last = &upgrade;
    }
  }
  return last;
}

// Microsoft's own diagnosis, as far as it goes.
std::string Diagnosis(const SetupDiagnosis& diag) {
  std::vector<std::string> parts;
  const auto add = [&](absl::string_view name, const std::string& text) {
    if (!text.empty()) parts.push_back(absl::StrCat(name, text));
  };
  add("", diag.profile_name());
  add("", diag.failure_data());
  add("", diag.failure_details());
  add("last phase ", diag.last_setup_phase());
  add("last operation ", diag.last_setup_operation());
  add("of ", diag.date_time());
  return parts.empty() ? "a result without a word" : absl::StrJoin(parts, "; ");
}

// Reports failures, more mildly where a feature update succeeded after them.
class Failures {
 public:
  Failures(const CheckInput& input, FindingBuilder* finding)
      : facts_(input.snapshot.feature_updates()),
        last_upgrade_(LastUpgrade(facts_, input.now)),
        finding_(finding) {}

  // What Windows Setup keeps in the registry, of which its last result speaks too.
  void OfSetup(absl::string_view summary, absl::string_view below, absl::string_view what,
               FileTime written) {
    const std::string where = Below(facts_.collection(), below);
    if (!IsPast(written) && facts_.has_box_result() && facts_.box_result() == 0) {
      finding_->Info(absl::StrCat(summary, "; the last run of Windows Setup succeeded"), where,
                     absl::StrCat(what, "; MoSetup\\Volatile\\BoxResult is 0"), written);
      return;
    }
    Any(summary, where, what, written);
  }

  void Any(absl::string_view summary, absl::string_view where, absl::string_view what,
           FileTime written) {
    if (!IsPast(written)) return finding_->Warn(summary, where, what, written);
    finding_->Info(
        absl::StrCat(summary, "; a later feature update succeeded"), where,
        absl::StrCat(what, "; later, ", FormatFileTime(last_upgrade_->key_written_filetime()), ": ",
                     last_upgrade_->key()),
        written);
  }

 private:
  bool IsPast(FileTime written) const {
    return last_upgrade_ != nullptr && written != 0 &&
           written < last_upgrade_->key_written_filetime();
  }

  const FeatureUpdates& facts_;
  const UpgradedFrom* last_upgrade_;
  FindingBuilder* finding_;
};

void JudgeRollback(const FeatureUpdates& facts, FindingBuilder* finding, Failures* failures) {
  const auto folder = std::find_if(
      facts.folders().begin(), facts.folders().end(), [](const SetupFolder& candidate) {
        return absl::EqualsIgnoreCase(candidate.collection().source(), kRollback);
      });
  const bool looked = folder != facts.folders().end();
  if (looked && folder->collection().status() == Collection::ABSENT) return;
  if (!looked || !IsThere(folder->collection())) {
    // The folder alone would be a warning, so that not knowing of it is no more.
    finding->Warn("whether Windows Setup rolled a feature update back is not known", kRollback,
                  looked && !folder->collection().reason().empty() ? folder->collection().reason()
                                                                   : "not collected");
    return;
  }
  const FileTime newest = folder->newest_filetime() != 0 ? folder->newest_filetime()
                                                         : folder->collection().modified_filetime();
  failures->Any(
      "Windows Setup rolled a feature update back", kRollback,
      absl::StrCat("present, with ", folder->files(), folder->files() == 1 ? " file" : " files"),
      newest);
}

}  // namespace

// What failed feature updates leave in SYSTEM\Setup, measured on a host with four of them, and
// Setup's folder of a rollback (DOMAIN 2.3, 4.8). Whether one is at work right now is for
// host.setup-in-progress to say.
Finding FeatureUpdateFailed(const CheckInput& input) {
  const FeatureUpdates& facts = input.snapshot.feature_updates();
  FindingBuilder finding;
  NeedsPresent(facts.collection(), &finding);
  Failures failures(input, &finding);

  const SetupDiagnosis& diag = facts.setup_diag();
  if (diag.present() && !absl::EqualsIgnoreCase(diag.profile_name(), kNoFailure)) {
    failures.OfSetup(
        absl::StrCat("a feature update failed, says SetupDiag: ",
                     diag.profile_name().empty() ? "for no named reason" : diag.profile_name()),
        "setupdiag\\results", Diagnosis(diag), diag.key_written_filetime());
  }
  for (const FailedInstallation& failed : facts.failed_installations()) {
    if (failed.count() == 0) continue;
    failures.OfSetup(
        absl::StrCat("the feature update to ", failed.build(), " failed ", Times(failed.count())),
        "FailedInstallations", absl::StrCat(failed.build(), " is ", failed.count()),
        failed.key_written_filetime());
  }
  if (facts.failure_count() != 0) {
    std::string what = absl::StrCat("FailureCount is ", facts.failure_count());
    if (facts.has_install_attempts()) {
      absl::StrAppend(&what, ", InstallAttempts is ", facts.install_attempts());
    }
    failures.OfSetup(absl::StrCat("feature updates failed ", Times(facts.failure_count())),
                     "MoSetup\\Tracking", what, facts.tracking_written_filetime());
  }
  JudgeRollback(facts, &finding, &failures);
  if (facts.box_result() != 0) {
    const std::string result = HresultText(facts.box_result());
    finding.Info(absl::StrCat("the last run of Windows Setup ended with ", result),
                 Below(facts.collection(), "MoSetup\\Volatile\\BoxResult"),
                 absl::StrCat("is ", result));
  }
  return finding.Done("no feature update has failed on this host");
}

}  // namespace patchgate::gate::checks
