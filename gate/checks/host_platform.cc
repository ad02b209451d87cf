#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "gate/checks/checks.h"
#include "gate/checks/presence.h"

namespace patchgate::gate::checks {
namespace {

// "Dell Inc. Latitude 7440"
std::string ModelOf(const Platform& platform) {
  const std::string model = absl::StrCat(platform.manufacturer(), " ", platform.product());
  return std::string(absl::StripAsciiWhitespace(model));
}

// The running Windows knows what booted it; of another one the boot store tells.
const char* FirmwareOf(const Snapshot& snapshot) {
  switch (snapshot.live_host().firmware()) {
    case LiveHost::BIOS:
      return ", booted by BIOS";
    case LiveHost::UEFI:
      return ", booted by UEFI";
    default:
      break;
  }
  if (!IsThere(snapshot.bcd().collection())) return "";
  return snapshot.bcd().is_efi() ? ", booted by UEFI" : ", booted by BIOS";
}

}  // namespace

// Incidents often hit either kind of machine only; this says which kind the host is.
Finding HostPlatform(const CheckInput& input) {
  const Platform& platform = input.snapshot.platform();
  FindingBuilder finding;
  finding.Needs(platform.collection());
  const std::string firmware = FirmwareOf(input.snapshot);
  const std::string where = platform.config().empty()
                                ? platform.collection().source()
                                : Below(platform.collection(), platform.config());
  switch (platform.kind()) {
    case Platform::PHYSICAL:
      finding.Info(absl::StrCat("a physical machine, ", ModelOf(platform), firmware), where,
                   platform.kind_reason(), platform.last_use_filetime());
      break;
    case Platform::VIRTUAL:
      finding.Info(absl::StrCat("a virtual machine on ", platform.hypervisor(), firmware), where,
                   platform.kind_reason(), platform.last_use_filetime());
      break;
    default:
      return finding.NotApplicable(platform.collection().status() == Collection::ABSENT
                                       ? "this Windows does not record its hardware"
                                       : "the registry does not say what the machine is");
  }
  if (!platform.bios_version().empty()) {
    finding.Evidence(
        where,
        absl::StrCat("firmware ", platform.bios_vendor(), platform.bios_vendor().empty() ? "" : " ",
                     platform.bios_version(), platform.bios_release_date().empty() ? "" : " of ",
                     platform.bios_release_date()));
  }
  return finding.Done("");
}

}  // namespace patchgate::gate::checks
