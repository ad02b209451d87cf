// What the checks of boot drivers have in common.
#ifndef GATE_CHECKS_BOOT_DRIVERS_H_
#define GATE_CHECKS_BOOT_DRIVERS_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "gate/check.h"
#include "gate/verdict.pb.h"
#include "servicing/snapshot.pb.h"

namespace patchgate::gate::checks {

// A driver that the boot loader (Start 0) or the kernel (Start 1) loads, unless StartOverride keeps
// it out; and Ntfs, whose Start is 3: the boot loader loads the file system of the boot volume.
bool IsBootDriver(const BootDriver& driver);

// Kernel driver, file system driver or file system recognizer; true if the registry does not say.
bool HasDriverType(const BootDriver& driver);

// StartOverride\0 other than 0: not loaded at boot on this host.
bool IsOverridden(const BootDriver& driver);

// What it is to the next boot if such a driver cannot be loaded, as far as the registry tells.
// Microsoft: with ErrorControl 0 and 1 the start goes on, with 2 and 3 another control set is
// tried, and with 3 the start then stops. Start 0 blocks (DOMAIN 2.4), and warns with ErrorControl
// 0; Start 1 blocks with ErrorControl 3, warns, and with ErrorControl 0 is only told: Defender's
// own drivers of past definitions stay registered so (measured). DeleteFlag excuses all but
// ErrorControl 3. Those that every Windows reaches its volume through block whatever the registry
// says.
Finding::Result SeverityOfLoss(const BootDriver& driver);
// Why that is less than BLOCK: "; ErrorControl is 0: Windows starts without it"; empty for BLOCK.
std::string ReasonOfSeverity(const BootDriver& driver);

struct DriverFile {
  enum State {
    kRead,
    kMissing,
    kUnknown,    // Unreadable, elsewhere, or below a folder that every Windows has.
    kNotCopied,  // Not there, but neither are most drivers: NeedsDrivers tells it once for all.
  };
  State state = kUnknown;
  const ImageFacts* image = nullptr;  // kRead
  std::string why;                    // The others: "System32\drivers\disk.sys is not there"
};

// Whether the drivers folder is whole enough that a file which it does not have is missing. Copied
// evidence often has no more of it than etc/hosts or a few files. True if at least half of the
// drivers with Start 0 that are loaded from there were found. Cost: each of them looked up once.
bool HasDrivers(const Snapshot& snapshot);

// The files of the drivers of a snapshot, which must outlive this.
class DriverFiles {
 public:
  explicit DriverFiles(const Snapshot& snapshot)
      : snapshot_(snapshot), has_drivers_(HasDrivers(snapshot)) {}
  DriverFile Find(const BootDriver& driver) const;

 private:
  const Snapshot& snapshot_;
  const bool has_drivers_;
};

// NeedsPresent for services and drivers folder; INDETERMINATE too unless HasDrivers.
void NeedsDrivers(const Snapshot& snapshot, FindingBuilder* finding);

// Which machine drivers must be for: that of the kernel; 0 if it is not known.
inline constexpr char kKernelPath[] = "Windows/System32/ntoskrnl.exe";
uint32_t KernelMachine(const Snapshot& snapshot);

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
