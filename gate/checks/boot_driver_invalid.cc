#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "gate/checks/boot_drivers.h"
#include "gate/checks/checks.h"
#include "gate/images.h"
#include "servicing/pe/image_facts.h"

namespace patchgate::gate::checks {
namespace {

constexpr uint32_t kNativeSubsystem = 1;

// `machine` is the kernel's; 0 if it is not known.
void JudgeImage(const BootDriver& driver, const ImageFacts& image, uint32_t machine,
                FindingBuilder* finding) {
  const Finding::Result severity = SeverityOfLoss(driver);
  const std::string& where = image.collection().source();
  const FileTime modified = image.collection().modified_filetime();
  if (!image.is_image()) {
    finding->Report(
        severity, absl::StrCat("boot driver ", driver.name(), " is no valid image"), where,
        absl::StrCat(image.size(), " bytes, ", image.image_error(), ReasonOfSeverity(driver)),
        modified);
    return;
  }
  if (machine != 0 && image.machine() != machine) {
    finding->Report(severity,
                    absl::StrCat("boot driver ", driver.name(), " is for another machine"), where,
                    absl::StrCat("is for ", pe::MachineName(image.machine()), ", ", kKernelPath,
                                 " is for ", pe::MachineName(machine), ReasonOfSeverity(driver)),
                    modified);
  }
  if (image.subsystem() != kNativeSubsystem) {
    finding->Report(
        std::min(severity, Finding::WARN),
        absl::StrCat("boot driver ", driver.name(), " is no native image"), where,
        absl::StrCat("subsystem is ", image.subsystem(), ", of drivers it is ", kNativeSubsystem),
        modified);
  }
}

}  // namespace

// The boot loader refuses such a file as it refuses none at all. Drivers without a file are for
// boot.driver-missing.
Finding BootDriverInvalid(const CheckInput& input) {
  const BootDrivers& facts = input.snapshot.boot_drivers();
  const uint32_t machine = KernelMachine(input.snapshot);
  FindingBuilder finding;
  NeedsDrivers(input.snapshot, &finding);
  const DriverFiles files(input.snapshot);
  if (machine == 0) {
    const ImageFacts* kernel = FindImage(input.snapshot, kKernelPath);
    finding.Indeterminate("which machine drivers must be for is not known", kKernelPath,
                          WasRead(kernel) ? kernel->image_error() : "not read");
  }
  for (const BootDriver& driver : facts.drivers()) {
    if (!IsBootDriver(driver)) continue;
    const DriverFile file = files.Find(driver);
    if (file.state == DriverFile::kRead) {
      JudgeImage(driver, *file.image, machine, &finding);
    } else if (file.state == DriverFile::kUnknown) {
      ReportUnknownFile(input.snapshot, driver, file, &finding);
    }
  }
  return finding.Done("every boot driver that is there is a valid image of the right machine");
}

}  // namespace patchgate::gate::checks
