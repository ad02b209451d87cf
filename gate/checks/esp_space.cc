#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gate/checks/checks.h"
#include "gate/checks/presence.h"
#include "gate/checks/volume_space.h"

namespace patchgate::gate::checks {

// Servicing writes new boot files beside the old ones. With 10 MB or less free the update of May
// 2026 was rolled back with 0x800F0922 (DOMAIN 8.3, KB5089549).
Finding EspSpace(const CheckInput& input) {
  constexpr uint64_t kTooLittle = 10 * kMegabyte, kTight = 15 * kMegabyte;
  FindingBuilder finding;
  const VolumeSpace* esp = FindVolume(input.snapshot, "ESP", &finding);
  if (esp == nullptr) return finding.Done("");
  const Collection& section = esp->collection();
  if (section.status() == Collection::ABSENT) {
    return finding.NotApplicable("the system partition was not at hand, its space is not known");
  }
  if (section.status() != Collection::COLLECTED) {
    return finding.NotApplicable(
        absl::StrCat("free space of the system partition is not known: ", section.reason()));
  }
  // Of a partition without it, BIOS' or another one, updates need no such room.
  const Collection& boot = input.snapshot.boot_files().system_partition();
  if (boot.status() != Collection::STATUS_UNSPECIFIED &&
      (!IsThere(boot) || !absl::EndsWith(boot.source(), "EFI/Microsoft/Boot"))) {
    return finding.NotApplicable("what was given is no EFI system partition of Windows");
  }
  const HostSpace& space = input.snapshot.space();
  const std::string free = SizeText(esp->free_bytes());
  if (esp->free_bytes() <= kTooLittle) {
    if (space.has_esp_padding_percent() && space.esp_padding_percent() == 0) {
      finding.Warn(absl::StrCat("the system partition has ", free,
                                " free; EspPaddingPercent is 0, so updates reserve nothing there"),
                   section.source(), FreeText(*esp));
    } else {
      finding.Block(
          absl::StrCat("the system partition has ", free, " free, updates need more than 10 MB"),
          section.source(), FreeText(*esp));
    }
  } else if (esp->free_bytes() < kTight) {
    finding.Info(absl::StrCat("the system partition has only ", free, " free"), section.source(),
                 FreeText(*esp));
  }
  return finding.Done(absl::StrCat("the system partition has ", free, " free"));
}

}  // namespace patchgate::gate::checks
