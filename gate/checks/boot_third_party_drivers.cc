#include <string>

#include "absl/strings/str_cat.h"
#include "gate/checks/boot_drivers.h"
#include "gate/checks/checks.h"

namespace patchgate::gate::checks {

// Security products among them have kept fleets from booting; who looks for the cause needs the
// list.
Finding BootThirdPartyDrivers(const CheckInput& input) {
  const BootDrivers& facts = input.snapshot.boot_drivers();
  FindingBuilder finding;
  NeedsDrivers(input.snapshot, &finding);
  const DriverFiles files(input.snapshot);
  int found = 0, unknown = 0;
  for (const BootDriver& driver : facts.drivers()) {
    if (!IsBootDriver(driver)) continue;
    const DriverFile file = files.Find(driver);
    if (file.state == DriverFile::kNotCopied) continue;
    if (file.state != DriverFile::kRead || !file.image->is_image()) {
      ++unknown;
      continue;
    }
    if (SaysMicrosoft(*file.image)) continue;
    ++found;
    finding.Evidence(ImagePathPlace(input.snapshot, driver),
                     absl::StrCat(driver.path(), ": ", OriginText(*file.image)),
                     driver.key_written_filetime());
  }
  if (found > 0) {
    finding.Judge(Finding::INFO, absl::StrCat("boot drivers that are not Microsoft's: ", found));
  }
  if (unknown > 0) {
    finding.Info(absl::StrCat("boot drivers of unknown origin: ", unknown),
                 facts.collection().source(), "their files could not be read");
  }
  return finding.Done("every boot driver says that it is Microsoft's");
}

}  // namespace patchgate::gate::checks
