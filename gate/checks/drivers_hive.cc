#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "gate/checks/checks.h"
#include "gate/checks/hives.h"
#include "gate/numbers.h"

namespace patchgate::gate::checks {
namespace {

constexpr char kName[] = "DRIVERS";
constexpr int kShown = 20;

void ReportDamage(const HiveFacts& hive, FindingBuilder* finding) {
  const std::string& file = hive.collection().source();
  const FileTime written = hive.collection().modified_filetime();
  const uint64_t total =
      std::max<uint64_t>(hive.damage_total(), static_cast<uint64_t>(hive.damage_size()));
  if (total == 0) return;
  finding->Judge(Finding::WARN, absl::StrCat("the driver database, hive DRIVERS, is damaged in ",
                                             Amount(total, "place", "places")));
  const int shown = std::min(hive.damage_size(), kShown);
  for (int i = 0; i < shown; ++i) {
    const auto& damage = hive.damage(i);
    finding->Evidence(absl::StrFormat("%s at 0x%x", file, damage.file_offset()),
                      absl::StrCat(damage.what(), damage.key_path().empty() ? "" : ", in key ",
                                   damage.key_path()),
                      written);
  }
  if (total > static_cast<uint64_t>(shown)) {
    finding->Evidence(file, absl::StrCat("and ", total - static_cast<uint64_t>(shown), " more"),
                      written);
  }
}

void ReportState(const CheckInput& input, const HiveFacts& hive, FindingBuilder* finding) {
  const std::string& file = hive.collection().source();
  const FileTime written = hive.collection().modified_filetime();
  const bool running = input.snapshot.live();
  if (hive.state() == HiveFacts::POSSIBLY_STALE) {
    finding->Warn(
        "the driver database, hive DRIVERS, is dirty and its logs could not bring it up to date",
        file,
        absl::StrCat("dirty, sequence numbers ", hive.primary_sequence(), " and ",
                     hive.secondary_sequence()),
        written);
  } else if (hive.state() != HiveFacts::CLEAN && hive.state() != HiveFacts::REPLAYED &&
             !(hive.state() == HiveFacts::LOADED && running)) {
    finding->Indeterminate("the state of hive DRIVERS is not known", file,
                           "no state in the snapshot", written);
  }
}

std::string SoundText(const HiveFacts& hive) {
  switch (hive.state()) {
    case HiveFacts::LOADED:
      return LoadedText({kName});
    case HiveFacts::REPLAYED:
      return absl::StrCat(
          "the driver database, hive DRIVERS, was brought up to date in memory from its logs (",
          hive.entries_applied(), " entries, ", hive.pages_applied(), " pages)");
    default:
      return "the driver database, hive DRIVERS, is clean and shows no damage";
  }
}

}  // namespace

// The driver database. With a damaged one the driver part of a cumulative update fails, and the
// update with it (DOMAIN 3.10, not from a primary source: so nothing here blocks). No other check
// reads it.
Finding DriversHive(const CheckInput& input) {
  FindingBuilder finding;
  const HiveFacts* hive = FindHive(input.snapshot, kName);
  if (hive == nullptr) {
    finding.Indeterminate("hive DRIVERS is not in the snapshot", "hive DRIVERS", "not collected");
    return finding.Done("");
  }
  const Collection& section = hive->collection();
  switch (section.status()) {
    case Collection::COLLECTED:
      ReportDamage(*hive, &finding);
      ReportState(input, *hive, &finding);
      finding.Needs(section);
      return finding.Done(SoundText(*hive));
    case Collection::ABSENT:
      finding.Warn("the driver database, hive DRIVERS, is missing", section.source(),
                   section.reason());
      break;
    case Collection::UNREADABLE:
      finding.Warn(
          absl::StrCat("the driver database, hive DRIVERS, cannot be read: ", section.reason()),
          section.source(), section.reason());
      break;
    default:
      finding.Needs(section);
      break;
  }
  return finding.Done("");
}

}  // namespace patchgate::gate::checks
