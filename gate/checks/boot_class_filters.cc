#include <algorithm>
#include <iterator>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "gate/checks/boot_drivers.h"
#include "gate/checks/checks.h"
#include "gate/checks/presence.h"
#include "servicing/pe/image_facts.h"

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

// Without these of Windows' own filters there is no way to the boot volume.
constexpr absl::string_view kNeeded[] = {"partmgr", "fvevol", "volsnap"};

constexpr uint32_t kDisabled = 4;

// Which class a gap at `where` concerns: "{4d36e967-…}" of
// "SYSTEM\…\Class\{4d36e967-…}\UpperFilters".
absl::string_view ClassOf(const Collection& classes, absl::string_view where) {
  if (!absl::ConsumePrefix(&where, classes.source()) || !absl::ConsumePrefix(&where, "\\")) {
    return "";
  }
  return where.substr(0, where.find('\\'));
}

class FilterJudge {
 public:
  FilterJudge(const Snapshot& snapshot, const DriverFiles& files, const ClassFilter& filter,
              uint32_t machine, FindingBuilder* finding)
      : snapshot_(snapshot),
        files_(files),
        filter_(filter),
        known_(IsOneOf(filter.service(), kKnown)),
        needed_(!known_ || IsOneOf(filter.service(), kNeeded)),
        boot_class_(IsOneOf(filter.class_guid(), kBootClasses)),
        machine_(machine),
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
    const DriverFile file = files_.Find(*driver);
    if (file.state == DriverFile::kNotCopied) return;  // Told once for all.
    if (file.state == DriverFile::kMissing) return Missing(file.why);
    if (file.state == DriverFile::kUnknown) return Unknown(file.why);
    if (boot_class_) JudgeBootFilter(*driver, *file.image);
  }

 private:
  void JudgeBootFilter(const BootDriver& driver, const ImageFacts& image) {
    if (!image.is_image()) {
      return Report(Finding::BLOCK, " is no valid image",
                    absl::StrCat(driver.path(), ": ", image.image_error()));
    }
    if (machine_ != 0 && image.machine() != machine_) {
      return Report(Finding::BLOCK, " is for another machine",
                    absl::StrCat(driver.path(), " is for ", pe::MachineName(image.machine()), ", ",
                                 kKernelPath, " is for ", pe::MachineName(machine_)));
    }
    if (driver.has_start() && driver.start() == kDisabled) {
      Report(Finding::WARN, " is disabled: it cannot be loaded",
             absl::StrCat("Start is ", kDisabled));
    }
    if (known_) return;
    // Inventory and security tools have filters here on every host of a fleet.
    Report(image.has_signature() ? Finding::INFO : Finding::WARN,
           image.has_signature() ? " is not Windows' own" : " is not Windows' own and not signed",
           absl::StrCat(driver.path(), ": ", OriginText(image)));
  }

  void Missing(absl::string_view what) {
    Report(boot_class_ && needed_ ? Finding::BLOCK : Finding::WARN, " is missing", what);
  }
  void Unknown(absl::string_view what) {
    Report(boot_class_ && needed_ ? Finding::INDETERMINATE : Finding::INFO,
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
  const DriverFiles& files_;
  const ClassFilter& filter_;
  const bool known_;   // Windows' own.
  const bool needed_;  // In a boot class, the host does not boot without it.
  const bool boot_class_;
  const uint32_t machine_;  // The kernel's; 0 if it is not known.
  FindingBuilder* const finding_;
};

// What could not be read of other classes does not keep the host from booting.
void NeedsBootClasses(const Collection& classes, FindingBuilder* finding) {
  Collection needed = classes;
  needed.clear_gaps();
  for (const Gap& gap : classes.gaps()) {
    const absl::string_view guid = ClassOf(classes, gap.where());
    if (guid.empty() || IsOneOf(guid, kBootClasses)) {
      *needed.add_gaps() = gap;
    } else {
      finding->Info("filters of a class that the boot volume does not depend on were not read",
                    gap.where(), gap.what());
    }
  }
  NeedsPresent(needed, finding);
}

}  // namespace

// A device whose class names a filter that cannot be loaded does not start.
Finding BootClassFilters(const CheckInput& input) {
  const BootDrivers& facts = input.snapshot.boot_drivers();
  FindingBuilder finding;
  NeedsDrivers(input.snapshot, &finding);
  NeedsBootClasses(facts.classes(), &finding);
  const DriverFiles files(input.snapshot);
  const uint32_t machine = KernelMachine(input.snapshot);
  for (const ClassFilter& filter : facts.filters()) {
    FilterJudge(input.snapshot, files, filter, machine, &finding).Run();
  }
  return finding.Done("every class filter has its service and file");
}

}  // namespace patchgate::gate::checks
