// What the checks of boot drivers have in common.
#ifndef GATE_CHECKS_BOOT_DRIVERS_H_
#define GATE_CHECKS_BOOT_DRIVERS_H_

#include <string>

#include "absl/strings/string_view.h"
#include "gate/check.h"
#include "gate/verdict.pb.h"
#include "servicing/snapshot.pb.h"

namespace patchgate::gate::checks {

// A driver that the boot loader (Start 0) or the kernel (Start 1) loads, unless StartOverride keeps
// it out.
bool IsBootDriver(const BootDriver& driver);

// What it is to the next boot if such a driver cannot be loaded, as far as the registry tells.
// Microsoft: with ErrorControl 0 and 1 the start goes on, with 2 and 3 another control set is
// tried, and with 3 the start then stops. Start 0 blocks (DOMAIN 2.4), and warns with ErrorControl
// 0; Start 1 blocks with ErrorControl 3, warns, and with ErrorControl 0 is only told: Defender's
// own drivers of past definitions stay registered so (measured).
Finding::Result SeverityOfLoss(const BootDriver& driver);
// Why that is less than BLOCK: "; ErrorControl is 0: Windows starts without it"; empty for BLOCK.
std::string ReasonOfSeverity(const BootDriver& driver);

struct DriverFile {
  enum State {
    kRead,
    kMissing,
    kUnknown,  // Unreadable, elsewhere, or on a volume of which there is only a part.
  };
  State state = kUnknown;
  const ImageFacts* image = nullptr;  // kRead
  std::string why;                    // The others: "System32\drivers\disk.sys is not there"
};
DriverFile FindDriverFile(const Snapshot& snapshot, const BootDriver& driver);

// Where the registry names the file: "SYSTEM\CurrentControlSet\Services\disk\ImagePath".
std::string ImagePathPlace(const Snapshot& snapshot, const BootDriver& driver);

// A driver whose file nobody could look at: open if its loss would matter, told if not.
void ReportUnknownFile(const Snapshot& snapshot, const BootDriver& driver, const DriverFile& file,
                       FindingBuilder* finding);

// The service of this name, of any start type; null if the snapshot has none.
const BootDriver* FindDriver(const Snapshot& snapshot, absl::string_view service);

// Of what vendor and version a file says that it is: "Contoso, Ltd., 7.11.0.1, Contoso Sensor".
std::string OriginText(const ImageFacts& image);
bool SaysMicrosoft(const ImageFacts& image);

}  // namespace patchgate::gate::checks

#endif  // GATE_CHECKS_BOOT_DRIVERS_H_
