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

// Of IMAGE_SERVICE types: kernel driver, file system driver, file system recognizer.
bool IsDriverType(uint32_t type) { return type == 1 || type == 2 || type == 8; }

bool IsOverridden(const BootDriver& driver) { return driver.start_override() != 0; }

// Folders that every Windows has: without one of them the volume is a part of itself, and says
// nothing of the files below.
bool EveryWindowsHas(absl::string_view folder) {
  constexpr absl::string_view kFolders[] = {"Windows/System32", "Windows/System32/drivers",
                                            "Windows/System32/DriverStore",
                                            "Windows/System32/DriverStore/FileRepository"};
  return !absl::StrContains(folder, '/') ||
         std::any_of(std::begin(kFolders), std::end(kFolders), [&](absl::string_view known) {
           return absl::EqualsIgnoreCase(folder, known);
         });
}

}  // namespace

bool IsBootDriver(const BootDriver& driver) {
  return driver.has_start() && driver.start() <= kSystemStart &&
         (!driver.has_type() || IsDriverType(driver.type()));
}

Finding::Result SeverityOfLoss(const BootDriver& driver) {
  constexpr uint32_t kIgnore = 0, kCritical = 3;
  if (driver.delete_flag() || IsOverridden(driver)) return Finding::INFO;
  const bool ignored = driver.has_error_control() && driver.error_control() == kIgnore;
  if (driver.start() == kBootStart) return ignored ? Finding::WARN : Finding::BLOCK;
  if (ignored) return Finding::INFO;
  return driver.error_control() == kCritical ? Finding::BLOCK : Finding::WARN;
}

std::string ReasonOfSeverity(const BootDriver& driver) {
  if (SeverityOfLoss(driver) == Finding::BLOCK) return "";
  if (driver.delete_flag()) return "; the service is to be deleted";
  if (IsOverridden(driver)) {
    return absl::StrCat("; StartOverride\\0 is ", driver.start_override(),
                        ": not loaded at boot on this host");
  }
  if (!driver.has_error_control()) return "; loaded by the kernel, not by the boot loader";
  return absl::StrCat("; Start is ", driver.start(), ", ErrorControl is ", driver.error_control(),
                      ": Windows starts without it");
}

DriverFile FindDriverFile(const Snapshot& snapshot, const BootDriver& driver) {
  DriverFile file;
  if (driver.path().empty()) {
    file.why = driver.path_problem().empty() ? "nobody said where it is" : driver.path_problem();
    return file;
  }
  const ImageFacts* image = FindImage(snapshot, driver.path());
  const Collection::Status status =
      image == nullptr ? Collection::STATUS_UNSPECIFIED : image->collection().status();
  const std::string name = driver.image_path().empty() ? driver.path() : driver.image_path();
  switch (status) {
    case Collection::COLLECTED:
      file.state = DriverFile::kRead;
      file.image = image;
      break;
    case Collection::ABSENT:
      if (EveryWindowsHas(driver.missing_folder()) && !driver.missing_folder().empty()) {
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
  const bool matters = SeverityOfLoss(driver) != Finding::INFO &&
                       (driver.path_problem().empty() || driver.start() == kBootStart);
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
