#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "gate/checks/checks.h"
#include "gate/checks/dated_reports.h"
#include "gate/checks/dating.h"
#include "gate/checks/presence.h"

namespace patchgate::gate::checks {
namespace {

using history::When;

constexpr char kLog[] = "System.evtx";
constexpr FileTime kWeek = 7 * 24 * 3600 * kFileTimeTicksPerSecond;
constexpr int kSeveral = 3;

// The newest events of one drive.
struct Drive {
  const VolumeEvent* corrupt = nullptr;
  const VolumeEvent* state = nullptr;
  const VolumeEvent* repair = nullptr;
};

bool After(const VolumeEvent* a, const VolumeEvent* b) {
  return a != nullptr && b != nullptr && a->filetime() > b->filetime();
}

// Ntfs 130 is the begin of a repair, 131 its end (DOMAIN §5.2).
bool IsDoneRepair(const VolumeEvent& event) {
  return event.kind() == VolumeEvent::CHKDSK ||
         (event.kind() == VolumeEvent::NTFS_REPAIR && event.event_id() != 130);
}

enum class Repaired { kNo, kPerhaps, kYes };

class Judge {
 public:
  explicit Judge(const CheckInput& input)
      : logs_(input.snapshot.event_logs()), boot_(LastBoot(input.timeline)), now_(input.now) {
    for (const VolumeEvent& event : logs_.volumes()) {
      Drive& drive = drives_[absl::AsciiStrToUpper(event.drive())];
      if (event.kind() == VolumeEvent::NTFS_CORRUPT) {
        Newest(event, &drive.corrupt);
      } else if (event.kind() == VolumeEvent::NTFS_STATE && event.has_corruption_action()) {
        State(event, &drive);
      } else if (IsDoneRepair(event)) {
        Newest(event, &drive.repair);
        Newest(event, &last_repair_);
      }
    }
    unnamed_repair_ = drives_[""].repair;
  }

  void Drives() {
    for (const auto& [name, drive] : drives_) {
      if (drive.corrupt != nullptr) Corrupt(name, drive);
      if (drive.state != nullptr && drive.state->corruption_action() != 0) Unhealthy(name, drive);
    }
  }

  // Resets and bad blocks come singly on sound disks too; several in a week do not.
  void Disk() {
    FileTime end = now_;
    for (const EventLogFile& file : logs_.files()) {
      if (file.name() != kLog || file.last_filetime() == 0) continue;
      end = std::min<FileTime>(end, file.last_filetime());
    }
    const FileTime begin = end - std::min(end, kWeek);
    int recent = 0;
    for (const VolumeEvent& event : logs_.volumes()) {
      recent += event.kind() == VolumeEvent::DISK_ERROR && event.filetime() >= begin;
    }
    const std::string summary =
        recent > 0
            ? absl::StrCat("the disk failed or was reset ", recent,
                           recent == 1 ? " time" : " times", " in the last 7 days of the log")
            : "the disk failed or was reset, but not in the last 7 days of the log";
    for (const VolumeEvent& event : logs_.volumes()) {
      if (event.kind() != VolumeEvent::DISK_ERROR) continue;
      const bool counts = recent >= kSeveral && event.filetime() >= begin;
      Report(counts ? Finding::WARN : Finding::INFO, summary, event);
    }
  }

  void Tell(FindingBuilder* finding) { reports_.Tell(finding); }

 private:
  static void Newest(const VolumeEvent& event, const VolumeEvent** newest) {
    if (*newest == nullptr || event.filetime() >= (*newest)->filetime()) *newest = &event;
  }

  // Ntfs 98 comes for each volume at each boot. Volumes without a letter cannot be told from each
  // other: a sound one does not speak for another that was not, unless a boot lies between.
  void State(const VolumeEvent& event, Drive* drive) const {
    const bool others = event.drive().empty() && drive->state != nullptr &&
                        drive->state->corruption_action() != 0 && event.corruption_action() == 0 &&
                        !history::DefinitelyAfter(boot_, {drive->state->filetime()});
    if (!others) Newest(event, &drive->state);
  }

  // Whether the drive was repaired after `event`. A check of an unknown drive may have been of this
  // one, or not.
  Repaired RepairedSince(const VolumeEvent& event, const std::string& name,
                         const Drive& drive) const {
    if (!name.empty() && After(drive.repair, &event)) return Repaired::kYes;
    const VolumeEvent* perhaps = name.empty() ? last_repair_ : unnamed_repair_;
    return After(perhaps, &event) ? Repaired::kPerhaps : Repaired::kNo;
  }

  void Corrupt(const std::string& name, const Drive& drive) {
    // Windows calls its own drive C:, wherever it lies; a drive that is not named may be that.
    const bool of_system = name.empty() || name == "C:";
    const std::string what = absl::StrCat(
        "the file system of ", name.empty() ? "a drive without a name" : name, " is corrupt");
    switch (RepairedSince(*drive.corrupt, name, drive)) {
      case Repaired::kYes:
        Report(Finding::INFO,
               absl::StrCat("the file system of ", name, " was corrupt, and repaired ",
                            WhenText({drive.repair->filetime()})),
               *drive.corrupt);
        break;
      case Repaired::kPerhaps:
        Report(Finding::WARN,
               absl::StrCat(what, "; a disk was checked since, but which one is not known"),
               *drive.corrupt);
        break;
      case Repaired::kNo:
        Report(of_system ? Finding::BLOCK : Finding::WARN,
               absl::StrCat(what, ", and was not checked since"), *drive.corrupt);
        break;
    }
  }

  // What the states above 0 mean is general knowledge (DOMAIN §5.2): they warn.
  void Unhealthy(const std::string& name, const Drive& drive) {
    const uint32_t state = drive.state->corruption_action();
    const bool repaired = RepairedSince(*drive.state, name, drive) == Repaired::kYes;
    const char* wants = state == 1   ? "a spot fix"
                        : state == 2 ? "a spot fix while it is offline"
                        : state == 3 ? "a full check of the disk"
                                     : "some repair";
    Report(repaired ? Finding::INFO : Finding::WARN,
           absl::StrCat(name.empty() ? "a drive without a name" : name,
                        repaired ? " was repaired since it reported that it needs "
                                 : " reports that it needs ",
                        wants),
           *drive.state);
  }

  void Report(Finding::Result result, std::string summary, const VolumeEvent& event) {
    std::string what = absl::StrCat(event.provider(), " ", event.event_id());
    if (!event.drive().empty()) absl::StrAppend(&what, ", drive ", event.drive());
    if (event.has_corruption_action()) {
      absl::StrAppend(&what, ", CorruptionActionState ", event.corruption_action());
    }
    reports_.Add(result, std::move(summary), absl::StrCat(kLog, " record ", event.record_id()),
                 std::move(what), {event.filetime()});
  }

  const EventLogs& logs_;
  const When boot_;
  const FileTime now_;
  std::map<std::string, Drive> drives_;  // By upper-cased letter; "" if none is named.
  const VolumeEvent* last_repair_ = nullptr;
  const VolumeEvent* unnamed_repair_ = nullptr;
  DatedReports reports_;
};

}  // namespace

// An update rewrites gigabytes of system files; a file system or disk that cannot keep them turns
// that into a host that does not start.
Finding DiskErrors(const CheckInput& input) {
  FindingBuilder finding;
  NeedsEventLog(input.snapshot, kLog, &finding);
  Judge judge(input);
  judge.Drives();
  judge.Disk();
  judge.Tell(&finding);
  return finding.Done("System.evtx tells of no trouble with file systems and disks");
}

}  // namespace patchgate::gate::checks
