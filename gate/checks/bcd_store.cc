#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "gate/checks/checks.h"
#include "gate/checks/presence.h"
#include "gate/images.h"
#include "gate/numbers.h"
#include "servicing/boot/bcd.pb.h"

namespace patchgate::gate::checks {
namespace {

constexpr int kShown = 10;

void JudgeHive(const BcdStore& store, FindingBuilder* finding) {
  const std::string& file = store.collection().source();
  const FileTime written = store.collection().modified_filetime();
  const HiveFacts& hive = store.hive();
  if (hive.state() == HiveFacts::POSSIBLY_STALE) {
    // What looks damaged may be whole in the logs that are missing here.
    finding->Indeterminate(
        "the boot store is dirty and its logs could not bring it up to date: it may be stale", file,
        absl::StrCat("dirty, sequence numbers ", hive.primary_sequence(), " and ",
                     hive.secondary_sequence()),
        written);
    return;
  }
  if (hive.state() == HiveFacts::REPLAYED) {
    finding->Evidence(file, "dirty; brought up to date in memory from its logs", written);
  }
  for (int i = 0; i < std::min(hive.damage_size(), kShown); ++i) {
    const auto& damage = hive.damage(i);
    finding->Block(absl::StrCat("the boot store is damaged in ",
                                Amount(hive.damage_total(), "place", "places")),
                   absl::StrFormat("%s at 0x%x", file, damage.file_offset()),
                   absl::StrCat(damage.what(), damage.key_path().empty() ? "" : ", in key ",
                                damage.key_path()),
                   written);
  }
  if (!store.has_description()) {
    finding->Block("the boot store has no Description", file, "no key Description", written);
  }
  if (!store.has_objects()) {
    finding->Block("the boot store has no Objects", file, "no key Objects", written);
  } else if (store.objects().empty()) {
    finding->Block("the boot store has no objects", file, "Objects is empty", written);
  }
}

// The system partition that a boot manager was read from is at hand, and what is not there is
// missing.
void JudgeAbsence(const Snapshot& snapshot, FindingBuilder* finding) {
  const Collection& section = snapshot.bcd().collection();
  const BootFiles& boot = snapshot.boot_files();
  const bool has_manager =
      std::any_of(boot.files().begin(), boot.files().end(), [&](const BootFile& file) {
        return file.role() == BootFile::BOOT_MANAGER && IsOnSystemPartition(file.path()) &&
               WasRead(FindImage(snapshot, file.path()));
      });
  if (IsThere(boot.system_partition()) && has_manager) {
    finding->Block("the boot store is missing", section.source(),
                   absl::StrCat(section.reason(), ", beside a boot manager"));
  } else if (IsThere(boot.system_partition())) {
    finding->Indeterminate("the system partition has no boot store: it was copied in part",
                           section.source(),
                           absl::StrCat(section.reason(), ", and no boot manager"));
  } else if (boot.separate_partition()) {
    finding->Indeterminate("the system partition that was given has no boot store: is it another?",
                           section.source(), section.reason());
  } else {
    finding->Indeterminate("the boot store is not within reach: give --esp DIR", section.source(),
                           section.reason());
  }
}

}  // namespace

// The boot manager reads its store as a hive; what it cannot read it does not boot (DOMAIN 7.2,
// rule 1). A running Windows holds the file open, and the system partition is seldom at hand: what
// could not be looked at is no fault.
Finding BcdStoreSound(const CheckInput& input) {
  FindingBuilder finding;
  const BcdStore& store = input.snapshot.bcd();
  const Collection& section = store.collection();
  switch (section.status()) {
    case Collection::COLLECTED:
      JudgeHive(store, &finding);
      for (const std::string& other : store.other_stores()) {
        finding.Info("there is a second boot store, not judged", other,
                     absl::StrCat("this host boots with ", section.source()));
      }
      finding.Needs(section);
      break;
    case Collection::ABSENT:
      JudgeAbsence(input.snapshot, &finding);
      break;
    default:
      if (!store.not_a_hive().empty()) {
        finding.Block("the boot store is not a readable hive", section.source(), store.not_a_hive(),
                      section.modified_filetime());
      } else {
        finding.Needs(section);
      }
      break;
  }
  return finding.Done(absl::StrCat("the boot store is sound: ", store.objects_size(), " objects"));
}

}  // namespace patchgate::gate::checks
