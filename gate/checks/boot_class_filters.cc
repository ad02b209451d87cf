#include <algorithm>
#include <iterator>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gate/checks/boot_drivers.h"
#include "gate/checks/checks.h"
#include "gate/checks/presence.h"

namespace patchgate::gate::checks {
namespace {

// DiskDrive, HDC, SCSIAdapter, System, Volume: devices of these classes lie between Windows and its
// volume.
constexpr absl::string_view kBootClasses[] = {
    "{4d36e967-e325-11ce-bfc1-08002be10318}", "{4d36e96a-e325-11ce-bfc1-08002be10318}",
    "{4d36e97b-e325-11ce-bfc1-08002be10318}", "{4d36e97d-e325-11ce-bfc1-08002be10318}",
    "{71a27cdd-812a-11d0-bec7-08002be2092f}",
};

// Windows' own filters of disks and volumes (DOMAIN 2.4).
constexpr absl::string_view kKnown[] = {"partmgr", "fvevol",  "iorate",   "storqosflt",
                                        "wcifs",   "volsnap", "rdyboost", "ehstorclass",
                                        "spldr",   "volmgrx", "storflt"};

template <typename Names>
bool IsOneOf(absl::string_view name, const Names& names) {
  return std::any_of(std::begin(names), std::end(names),
                     [&](absl::string_view other) { return absl::EqualsIgnoreCase(name, other); });
}

class FilterJudge {
 public:
  FilterJudge(const Snapshot& snapshot, const ClassFilter& filter, FindingBuilder* finding)
      : snapshot_(snapshot),
        filter_(filter),
        known_(IsOneOf(filter.service(), kKnown)),
        boot_class_(IsOneOf(filter.class_guid(), kBootClasses)),
        finding_(finding) {}

  void Run() {
    const Collection& services = snapshot_.boot_drivers().collection();
    if (!IsThere(services)) return;
    const BootDriver* driver = FindDriver(snapshot_, filter_.service());
    if (!filter_.service_present()) {
      // What a section with gaps does not have may be there all the same.
      if (services.gaps().empty()) Missing("no such service");
      return;
    }
    if (driver == nullptr) return Unknown("the service was not looked at");
    const DriverFile file = FindDriverFile(snapshot_, *driver);
    if (file.state == DriverFile::kMissing) return Missing(file.why);
    if (file.state == DriverFile::kUnknown) return Unknown(file.why);
    if (known_ || !boot_class_) return;
    // Inventory and security tools have filters here on every host of a fleet.
    const bool sound = file.image->is_image() && file.image->has_signature();
    Report(
        sound ? Finding::INFO : Finding::WARN,
        sound ? " is not Windows' own" : " is not Windows' own and not signed",
        absl::StrCat(driver->path(), ": ",
                     file.image->is_image() ? OriginText(*file.image) : file.image->image_error()));
  }

 private:
  void Missing(absl::string_view what) {
    Report(boot_class_ && !known_ ? Finding::BLOCK : Finding::WARN, " is missing", what);
  }
  void Unknown(absl::string_view what) {
    Report(boot_class_ && !known_ ? Finding::INDETERMINATE : Finding::INFO,
           " could not be measured", what);
  }
  void Report(Finding::Result result, absl::string_view summary, absl::string_view what) {
    const std::string& name =
        filter_.class_name().empty() ? filter_.class_guid() : filter_.class_name();
    finding_->Report(
        result, absl::StrCat("filter ", filter_.service(), " of class ", name, summary),
        Below(snapshot_.boot_drivers().classes(),
              absl::StrCat(filter_.class_guid(),
                           filter_.upper() ? "\\UpperFilters" : "\\LowerFilters")),
        absl::StrCat("names ", filter_.service(), ": ", what), filter_.key_written_filetime());
  }

  const Snapshot& snapshot_;
  const ClassFilter& filter_;
  const bool known_;
  const bool boot_class_;
  FindingBuilder* const finding_;
};

}  // namespace

// A device whose class names a filter that cannot be loaded does not start.
Finding BootClassFilters(const CheckInput& input) {
  const BootDrivers& facts = input.snapshot.boot_drivers();
  FindingBuilder finding;
  NeedsPresent(facts.collection(), &finding);
  NeedsPresent(facts.classes(), &finding);
  NeedsPresent(facts.folder(), &finding);
  for (const ClassFilter& filter : facts.filters()) {
    FilterJudge(input.snapshot, filter, &finding).Run();
  }
  return finding.Done("every class filter has its service and file");
}

}  // namespace patchgate::gate::checks
