#include "gate/checks/boot_drivers.h"

#include <algorithm>
#include <iterator>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gate/checks/presence.h"
#include "gate/images.h"
#include "servicing/base/utf16.h"

namespace patchgate::gate::checks {
namespace {

constexpr uint32_t kBootStart = 0, kSystemStart = 1;

constexpr char kDriversFolder[] = "Windows/System32/drivers/";
constexpr absl::string_view kNtfs = "Ntfs";

// Windows reaches its volume through these (DOMAIN 2.4).
constexpr absl::string_view kRequired[] = {"acpi",    "pci",    "disk",    "volmgr",   "mountmgr",
                                           "partmgr", "volume", "volsnap", "vdrvroot", kNtfs};

// Folders that every Windows has: without one of them the volume is a part of itself, and says
// nothing of the files below. The folder of a product goes with the product.
constexpr absl::string_view kCommonFolders[] = {"Windows",
                                                "Windows/System32",
                                                "Windows/System32/drivers",
                                                "Windows/System32/DriverStore",
                                                "Windows/System32/DriverStore/FileRepository",
                                                "Program Files",
                                                "Program Files (x86)",
                                                "ProgramData",
                                                "Users"};

template <typename Names>
bool IsOneOf(absl::string_view name, const Names& names) {
  return std::any_of(std::begin(names), std::end(names),
                     [&](absl::string_view other) { return absl::EqualsIgnoreCase(name, other); });
}

bool IsNtfs(const BootDriver& driver) { return absl::EqualsIgnoreCase(driver.name(), kNtfs); }

// Of the drivers that the boot loader loads from the drivers folder.
struct DriverCount {
  int found = 0;
  int all = 0;
};

DriverCount CountDrivers(const Snapshot& snapshot) {
  DriverCount count;
  for (const BootDriver& driver : snapshot.boot_drivers().drivers()) {
    if (!IsBootDriver(driver) || driver.start() != kBootStart || IsOverridden(driver) ||
        !absl::StartsWithIgnoreCase(driver.path(), kDriversFolder)) {
      continue;
    }
    ++count.all;
    const ImageFacts* image = FindImage(snapshot, driver.path());
    if (image != nullptr && (image->collection().status() == Collection::COLLECTED ||
                             image->collection().status() == Collection::UNREADABLE)) {
      ++count.found;
    }
  }
  return count;
}

}  // namespace

bool HasDriverType(const BootDriver& driver) {
  // Of IMAGE_SERVICE types.
  return !driver.has_type() || driver.type() == 1 || driver.type() == 2 || driver.type() == 8;
}

bool IsOverridden(const BootDriver& driver) { return driver.start_override() != 0; }

bool IsBootDriver(const BootDriver& driver) {
  if (IsNtfs(driver)) return true;
  return driver.has_start() && driver.start() <= kSystemStart && HasDriverType(driver);
}

Finding::Result SeverityOfLoss(const BootDriver& driver) {
  constexpr uint32_t kIgnore = 0, kCritical = 3;
  if (IsNtfs(driver)) return Finding::BLOCK;
  if (IsOverridden(driver)) return Finding::INFO;
  if (IsOneOf(driver.name(), kRequired)) return Finding::BLOCK;
  if (driver.delete_flag() && driver.error_control() != kCritical) return Finding::INFO;
  const bool ignored = driver.has_error_control() && driver.error_control() == kIgnore;
  if (driver.start() == kBootStart) return ignored ? Finding::WARN : Finding::BLOCK;
  if (ignored) return Finding::INFO;
  return driver.error_control() == kCritical ? Finding::BLOCK : Finding::WARN;
}

std::string ReasonOfSeverity(const BootDriver& driver) {
  if (SeverityOfLoss(driver) == Finding::BLOCK) return "";
  if (IsOverridden(driver)) {
    return absl::StrCat("; StartOverride\\0 is ", driver.start_override(),
                        ": not loaded at boot on this host");
  }
  if (driver.delete_flag()) return "; the service is to be deleted";
  if (!driver.has_error_control()) return "; loaded by the kernel, not by the boot loader";
  if (driver.error_control() == 2) {
    return absl::StrCat("; Start is ", driver.start(),
                        ", ErrorControl is 2: Windows tries another control set");
  }
  return absl::StrCat("; Start is ", driver.start(), ", ErrorControl is ", driver.error_control(),
                      ": Windows starts without it");
}

bool HasDrivers(const Snapshot& snapshot) {
  const DriverCount count = CountDrivers(snapshot);
  return IsThere(snapshot.boot_drivers().folder()) && count.all > 0 && 2 * count.found >= count.all;
}

void NeedsDrivers(const Snapshot& snapshot, FindingBuilder* finding) {
  const BootDrivers& facts = snapshot.boot_drivers();
  NeedsPresent(facts.collection(), finding);
  NeedsPresent(facts.folder(), finding);
  if (!IsThere(facts.collection()) || !IsThere(facts.folder()) || HasDrivers(snapshot)) return;
  const DriverCount count = CountDrivers(snapshot);
  finding->Indeterminate(
      "the drivers were not copied with the rest", facts.folder().source(),
      absl::StrCat("holds ", count.found, " of ", count.all, " drivers with Start 0"));
}

uint32_t KernelMachine(const Snapshot& snapshot) {
  const ImageFacts* kernel = FindImage(snapshot, kKernelPath);
  return WasRead(kernel) && kernel->is_image() ? kernel->machine() : 0;
}

DriverFile DriverFiles::Find(const BootDriver& driver) const {
  DriverFile file;
  if (driver.path().empty()) {
    file.why = driver.path_problem().empty() ? "nobody said where it is" : driver.path_problem();
    return file;
  }
  const ImageFacts* image = FindImage(snapshot_, driver.path());
  const Collection::Status status =
      image == nullptr ? Collection::STATUS_UNSPECIFIED : image->collection().status();
  const std::string name = driver.image_path().empty() ? driver.path() : driver.image_path();
  switch (status) {
    case Collection::COLLECTED:
      file.state = DriverFile::kRead;
      file.image = image;
      break;
    case Collection::ABSENT:
      if (!has_drivers_) {
        file.state = DriverFile::kNotCopied;
        file.why = "the drivers were not copied with the rest";
      } else if (IsOneOf(driver.missing_folder(), kCommonFolders)) {
        file.why = absl::StrCat("the volume has no ", driver.missing_folder());
      } else {
        file.state = DriverFile::kMissing;
        file.why = absl::StrCat(name, " is not there");
      }
      break;
    case Collection::UNREADABLE:
      file.why = absl::StrCat(name, ": ", image->collection().reason());
      break;
    default:
      file.why = absl::StrCat(name, " was not looked at");
      break;
  }
  return file;
}

std::string ImagePathPlace(const Snapshot& snapshot, const BootDriver& driver) {
  return Below(snapshot.boot_drivers().collection(),
               absl::StrCat(driver.name(), driver.image_path().empty() ? "" : "\\ImagePath"));
}

void ReportUnknownFile(const Snapshot& snapshot, const BootDriver& driver, const DriverFile& file,
                       FindingBuilder* finding) {
  const Finding::Result severity = SeverityOfLoss(driver);
  const bool matters = severity == Finding::BLOCK ||
                       (severity != Finding::INFO &&
                        (driver.path_problem().empty() || driver.start() == kBootStart));
  finding->Report(matters ? Finding::INDETERMINATE : Finding::INFO,
                  absl::StrCat("the file of boot driver ", driver.name(), " could not be measured"),
                  ImagePathPlace(snapshot, driver), file.why, driver.key_written_filetime());
}

const BootDriver* FindDriver(const Snapshot& snapshot, absl::string_view service) {
  const auto& drivers = snapshot.boot_drivers().drivers();
  const auto found = std::lower_bound(drivers.begin(), drivers.end(), service,
                                      [](const BootDriver& driver, absl::string_view name) {
                                        return CompareNames(driver.name(), name) < 0;
                                      });
  return found != drivers.end() && NamesEqual(found->name(), service) ? &*found : nullptr;
}

std::string OriginText(const ImageFacts& image) {
  std::string text = image.company().empty() ? "names no company" : image.company();
  absl::StrAppend(&text, ", ", image.file_version().empty() ? "no version" : image.file_version());
  if (!image.description().empty()) absl::StrAppend(&text, ", ", image.description());
  return text;
}

bool SaysMicrosoft(const ImageFacts& image) {
  return absl::StartsWithIgnoreCase(image.company(), "Microsoft");
}

}  // namespace patchgate::gate::checks
