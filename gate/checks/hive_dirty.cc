#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gate/checks/checks.h"
#include "gate/checks/hives.h"

namespace patchgate::gate::checks {

// Windows may write a hive file up to an hour after its log. A dirty hive is normal on a disk that
// was not shut down in order, and sound once its logs are replayed; without them it may be out of
// date, and no absence in it can be believed (DOMAIN 3.9). A loaded hive was read as the running
// Windows sees it, whatever its file lacks.
Finding HiveDirty(const CheckInput& input) {
  FindingBuilder finding;
  std::vector<std::string> clean, replayed, loaded;
  ForEachHive(input.snapshot, &finding, [&](const HiveFacts& hive) {
    const std::string& file = hive.collection().source();
    const FileTime written = hive.collection().modified_filetime();
    const std::string sequence = hive.checksum_valid()
                                     ? absl::StrCat("sequence numbers ", hive.primary_sequence(),
                                                    " and ", hive.secondary_sequence())
                                     : "the checksum of its base block is wrong";
    switch (hive.state()) {
      case HiveFacts::CLEAN:
        clean.push_back(hive.name());
        return;
      case HiveFacts::LOADED:
        if (input.snapshot.live()) {
          loaded.push_back(hive.name());
          finding.Evidence(hive.name(), "read through the running Windows");
        } else {
          finding.Indeterminate(
              absl::StrCat("hive ", hive.name(), " is loaded, on a host that does not run"), file,
              "no state of the file in the snapshot");
        }
        return;
      case HiveFacts::REPLAYED:
        replayed.push_back(absl::StrCat(hive.name(), " (", hive.entries_applied(), " entries, ",
                                        hive.pages_applied(), " pages)"));
        finding.Evidence(file, absl::StrCat("dirty, ", sequence, "; brought up to date in memory"),
                         written);
        break;
      case HiveFacts::POSSIBLY_STALE:
        finding.Indeterminate(
            absl::StrCat("hive ", hive.name(),
                         " is dirty and its logs could not bring it up to date: it may be stale"),
            file, absl::StrCat("dirty, ", sequence), written);
        break;
      default:
        finding.Indeterminate(absl::StrCat("whether hive ", hive.name(), " is dirty is not known"),
                              file, "no state in the snapshot", written);
        return;
    }
    if (hive.base_block_recovered()) finding.Evidence(file, "base block taken from a log", written);
    for (const HiveLogFacts& log : hive.logs()) {
      finding.Evidence(log.name(),
                       absl::StrCat(log.entries_applied(), " entries with ", log.pages_applied(),
                                    " pages applied", log.note().empty() ? "" : "; ", log.note()));
    }
  });
  std::vector<std::string> parts;
  if (!loaded.empty()) parts.push_back(LoadedText(loaded));
  if (!replayed.empty()) {
    parts.push_back(absl::StrCat("brought up to date in memory from transaction logs: ",
                                 absl::StrJoin(replayed, ", ")));
  }
  if (!loaded.empty() && !clean.empty()) {
    parts.push_back(
        absl::StrCat(ListText(clean), clean.size() == 1 ? " is not dirty" : " are not dirty"));
  }
  if (parts.empty()) parts.push_back("none of SYSTEM, SOFTWARE and COMPONENTS is dirty");
  return finding.Done(absl::StrJoin(parts, "; "));
}

}  // namespace patchgate::gate::checks
