#include <algorithm>
#include <iterator>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "gate/checks/boot_drivers.h"
#include "gate/checks/checks.h"
#include "gate/checks/presence.h"

namespace patchgate::gate::checks {
namespace {

struct RequiredDriver {
  const char* service;
  uint32_t highest_start;    // Start types up to this are right,
  uint32_t also;             // and this one.
  uint32_t since_build = 0;  // Older Windows need not have it.
};

// DOMAIN 2.4. `volume`: measured, Windows 8.1 has none, build 16299 has.
constexpr RequiredDriver kRequired[] = {
    {"acpi", 0, 0},    {"pci", 0, 0},      {"disk", 0, 0},
    {"volmgr", 0, 0},  {"mountmgr", 0, 0}, {"volume", 0, 0, 16299},
    {"partmgr", 1, 1}, {"volsnap", 1, 3},  {"vdrvroot", 1, 3},
};

// The disk of a guest of Hyper-V hangs on these.
constexpr RequiredDriver kHyperVRequired[] = {{"vmbus", 0, 0}, {"storvsc", 0, 0}};

// Start at boot on every host that was measured; nothing says that one cannot start without.
struct MeasuredDriver {
  const char* service;
  bool expected;  // Measured on every host, also those without BitLocker.
};
constexpr MeasuredDriver kMeasured[] = {{"fvevol", false}, {"Wof", true},    {"FltMgr", true},
                                        {"CNG", true},     {"KSecDD", true}, {"CLFS", true},
                                        {"Fs_Rec", true}};

// Groups and names of services whose driver finds the disk (DOMAIN 2.4, Group measured).
constexpr absl::string_view kControllerGroup = "SCSI miniport";
constexpr absl::string_view kControllers[] = {
    "stornvme", "nvme", "storahci", "iaStor", "vmd",    "pvscsi",  "vioscsi", "viostor",
    "storvsc",  "LSI_", "megasas",  "atapi",  "sdstor", "storufs", "USBSTOR", "UASPStor",
};
constexpr uint32_t kDisabled = 4;

bool IsRight(const RequiredDriver& required, uint32_t start) {
  return start <= required.highest_start || start == required.also;
}

// Whether this Windows must have it; false if its build is not known and matters.
bool IsExpected(const RequiredDriver& required, const OsIdentity& os) {
  uint32_t build = 0;
  return required.since_build == 0 ||
         (absl::SimpleAtoi(os.current_build(), &build) && build >= required.since_build);
}

// What a section with gaps does not have may be there all the same.
bool KnowsAbsence(const Collection& services) {
  return IsThere(services) && services.gaps().empty();
}

void Judge(const Snapshot& snapshot, const RequiredDriver& required, Finding::Result severity,
           FindingBuilder* finding) {
  const Collection& services = snapshot.boot_drivers().collection();
  const BootDriver* driver = FindDriver(snapshot, required.service);
  const std::string place = Below(services, required.service);
  if (driver == nullptr || !driver->has_start()) {
    if (!KnowsAbsence(services)) return;
    if (driver == nullptr && !IsExpected(required, snapshot.os())) return;
    finding->Report(severity,
                    absl::StrCat("required boot driver ", required.service,
                                 driver == nullptr ? " is not registered" : " has no start type"),
                    place, driver == nullptr ? "not there" : "has no value Start",
                    driver == nullptr ? 0 : driver->key_written_filetime());
    return;
  }
  if (!HasDriverType(*driver)) {
    finding->Report(severity,
                    absl::StrCat("required boot driver ", required.service, " is no driver"),
                    absl::StrCat(place, "\\Type"), absl::StrCat("is ", driver->type()),
                    driver->key_written_filetime());
  }
  if (!IsRight(required, driver->start())) {
    finding->Report(
        severity,
        absl::StrCat("required boot driver ", required.service,
                     driver->start() == kDisabled ? " is disabled" : " does not start at boot"),
        absl::StrCat(place, "\\Start"), absl::StrCat("is ", driver->start()),
        driver->key_written_filetime());
  }
  if (driver->has_start_override() && !IsRight(required, driver->start_override())) {
    finding->Report(
        severity,
        absl::StrCat("required boot driver ", required.service, " is kept from starting at boot"),
        absl::StrCat(place, "\\StartOverride\\0"), absl::StrCat("is ", driver->start_override()),
        driver->key_written_filetime());
  }
}

bool IsController(const BootDriver& driver) {
  return absl::EqualsIgnoreCase(driver.group(), kControllerGroup) ||
         std::any_of(std::begin(kControllers), std::end(kControllers),
                     [&](absl::string_view prefix) {
                       return absl::StartsWithIgnoreCase(driver.name(), prefix);
                     });
}

void JudgeMeasured(const Snapshot& snapshot, const MeasuredDriver& measured,
                   FindingBuilder* finding) {
  const BootDrivers& facts = snapshot.boot_drivers();
  const BootDriver* driver = FindDriver(snapshot, measured.service);
  const std::string place = Below(facts.collection(), measured.service);
  if (driver != nullptr && driver->start() == kDisabled) {
    finding->Warn(absl::StrCat("boot driver ", measured.service, " is disabled"),
                  absl::StrCat(place, "\\Start"), absl::StrCat("is ", kDisabled),
                  driver->key_written_filetime());
  }
  if (driver == nullptr && measured.expected && KnowsAbsence(facts.collection())) {
    finding->Warn(absl::StrCat("boot driver ", measured.service, " is not registered"), place,
                  "not there");
  }
}

// Which one the disk of this host hangs on is not known; but without any there is no disk.
void JudgeControllers(const BootDrivers& facts, FindingBuilder* finding) {
  if (!KnowsAbsence(facts.collection())) return;
  if (std::any_of(facts.drivers().begin(), facts.drivers().end(), [](const BootDriver& driver) {
        return driver.has_start() && driver.start() == 0 && !IsOverridden(driver) &&
               HasDriverType(driver) && IsController(driver);
      })) {
    return;
  }
  finding->Warn("no driver of a disk controller starts at boot", facts.collection().source(),
                "none with Start 0 and without StartOverride");
}

bool IsHyperVGuest(const Platform& platform) {
  return platform.kind() == Platform::VIRTUAL && platform.hypervisor() == "Hyper-V";
}

}  // namespace

Finding BootRequiredDrivers(const CheckInput& input) {
  const BootDrivers& facts = input.snapshot.boot_drivers();
  FindingBuilder finding;
  NeedsPresent(facts.collection(), &finding);
  for (const RequiredDriver& required : kRequired) {
    Judge(input.snapshot, required, Finding::BLOCK, &finding);
  }
  if (IsHyperVGuest(input.snapshot.platform())) {
    // That this is such a guest is read off what its firmware calls itself: no more than a warning.
    for (const RequiredDriver& required : kHyperVRequired) {
      Judge(input.snapshot, required, Finding::WARN, &finding);
    }
  }
  for (const MeasuredDriver& measured : kMeasured) {
    JudgeMeasured(input.snapshot, measured, &finding);
  }
  JudgeControllers(facts, &finding);
  return finding.Done("the drivers that every Windows boots with start at boot");
}

}  // namespace patchgate::gate::checks
