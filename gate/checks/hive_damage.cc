#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "gate/checks/checks.h"
#include "gate/checks/hives.h"

namespace patchgate::gate::checks {

// A damaged hive may still load, in Windows as here. Nobody knows what its lost parts held, so what
// is absent from it may have been there. Of a loaded hive the running Windows vouches for what it
// shows, and its file is in use.
Finding HiveDamage(const CheckInput& input) {
  constexpr int kShown = 20;
  FindingBuilder finding;
  std::vector<std::string> sound, loaded;
  ForEachHive(input.snapshot, &finding, [&](const HiveFacts& hive) {
    const std::string& file = hive.collection().source();
    const FileTime written = hive.collection().modified_filetime();
    (hive.state() == HiveFacts::LOADED ? loaded : sound).push_back(hive.name());
    const uint64_t total =
        std::max<uint64_t>(hive.damage_total(), static_cast<uint64_t>(hive.damage_size()));
    const uint64_t shown = std::min<uint64_t>(hive.damage_size(), kShown);
    for (uint64_t i = 0; i < shown; ++i) {
      const auto& damage = hive.damage(static_cast<int>(i));
      finding.Indeterminate(
          absl::StrCat("hive ", hive.name(), " is damaged in ", total,
                       " place(s): facts may be lost"),
          absl::StrFormat("%s at 0x%x", file, damage.file_offset()),
          absl::StrCat(damage.what(), damage.key_path().empty() ? "" : ", in key ",
                       damage.key_path()),
          written);
    }
    if (total > shown) {
      finding.Indeterminate(absl::StrCat("hive ", hive.name(), " is damaged"), file,
                            absl::StrCat("and ", total - shown, " more damaged places"), written);
    }
  });
  if (loaded.empty()) return finding.Done("SYSTEM, SOFTWARE and COMPONENTS show no damage");
  std::string summary = absl::StrCat(LoadedText(loaded), ": whether ",
                                     loaded.size() == 1 ? "its file is" : "their files are",
                                     " damaged was not looked at");
  if (!sound.empty()) {
    absl::StrAppend(&summary, "; ", ListText(sound), sound.size() == 1 ? " shows" : " show",
                    " no damage");
  }
  return finding.Done(summary);
}

}  // namespace patchgate::gate::checks
