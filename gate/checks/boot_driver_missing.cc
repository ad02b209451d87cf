#include "absl/strings/str_cat.h"
#include "gate/checks/boot_drivers.h"
#include "gate/checks/checks.h"

namespace patchgate::gate::checks {

// A service that a rollback left registered without its file is the classic leftover (DOMAIN 2.4).
Finding BootDriverMissing(const CheckInput& input) {
  const BootDrivers& facts = input.snapshot.boot_drivers();
  FindingBuilder finding;
  NeedsDrivers(input.snapshot, &finding);
  const DriverFiles files(input.snapshot);
  for (const BootDriver& driver : facts.drivers()) {
    if (!IsBootDriver(driver)) continue;
    const DriverFile file = files.Find(driver);
    if (file.state == DriverFile::kMissing) {
      finding.Report(
          SeverityOfLoss(driver), absl::StrCat("boot driver ", driver.name(), " has no file"),
          ImagePathPlace(input.snapshot, driver), absl::StrCat(file.why, ReasonOfSeverity(driver)),
          driver.key_written_filetime());
    } else if (file.state == DriverFile::kUnknown) {
      ReportUnknownFile(input.snapshot, driver, file, &finding);
    }
  }
  return finding.Done("every boot driver has its file");
}

}  // namespace patchgate::gate::checks
