#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gate/checks/checks.h"
#include "gate/checks/package_states.h"
#include "gate/checks/presence.h"
#include "manifests/hresults.h"
#include "servicing/history/package_name.h"

namespace patchgate::gate::checks {
namespace {

// Evidence lines; a registry that is broken through and through has thousands.
constexpr size_t kShown = 50;

struct Judged {
  Finding::Result result;
  const CbsPackage* package;
  std::string what;
};

Judged Judge(const CbsPackage& package) {
  if (!package.has_current_state()) {
    return {Finding::INDETERMINATE, &package, "has no readable CurrentState"};
  }
  const PackageStateInfo* info = FindPackageState(package.current_state());
  const bool update = IsUpdatePackage(package.identity());
  // Of an update package, a state that nobody knows is not one of those that Microsoft accepts.
  Finding::Result result = update ? Finding::BLOCK : Finding::WARN;
  if (info != nullptr) result = update ? info->update : info->other;
  std::string what = absl::StrCat("is ", PackageStateText(package.current_state()));
  if (package.last_error() != 0) {
    absl::StrAppend(&what, ", last error ", HresultText(package.last_error()));
    // What an error of long ago means for a package that was installed since is not known.
    if (update) result = std::max(result, Finding::INFO);
  }
  return {result, &package, what};
}

const CbsPackage* FindRollup(const CbsPackages& packages, uint32_t state) {
  for (const CbsPackage& package : packages.packages()) {
    if (history::IsRollupFix(package.identity()) && package.has_current_state() &&
        package.current_state() == state) {
      return &package;
    }
  }
  return nullptr;
}

}  // namespace

Finding PackageState(const CheckInput& input) {
  const CbsPackages& facts = input.snapshot.cbs_packages();
  FindingBuilder finding;
  NeedsPresent(facts.collection(), &finding);
  if (IsThere(facts.collection()) && facts.packages().empty()) {
    finding.Indeterminate("could not be measured: not one package is registered",
                          facts.collection().source(), "no subkey");
  }

  std::vector<Judged> judged;
  for (const CbsPackage& package : facts.packages()) {
    Judged one = Judge(package);
    if (one.result > Finding::PASS) judged.push_back(std::move(one));
  }
  std::stable_sort(judged.begin(), judged.end(),
                   [](const Judged& a, const Judged& b) { return a.result > b.result; });

  // Both states at once were seen on a host that no update could leave again (DOMAIN 1.3).
  const CbsPackage* coming = FindRollup(facts, 96);
  const CbsPackage* going = FindRollup(facts, 5);
  std::string stuck;
  if (coming != nullptr && going != nullptr) {
    stuck = absl::StrCat("two cumulative updates are caught half way: ", coming->identity(),
                         " waits to be installed, ", going->identity(), " to be removed");
  }
  for (size_t i = 0; i < std::min(judged.size(), kShown); ++i) {
    const auto& [result, package, what] = judged[i];
    std::string summary = absl::StrCat("package ", package->identity(), " ", what);
    if (judged.size() > 1) absl::StrAppend(&summary, "; ", judged.size() - 1, " more to look at");
    finding.Report(result, stuck.empty() ? summary : stuck,
                   CbsKey(absl::StrCat("Packages\\", package->identity())), what,
                   package->key_written_filetime());
  }
  if (judged.size() > kShown) {
    finding.Evidence(CbsKey("Packages"), absl::StrCat("and ", judged.size() - kShown, " more"));
  }
  return finding.Done(
      absl::StrCat("none of ", facts.packages_size(), " packages is unfinished or broken"));
}

}  // namespace patchgate::gate::checks
