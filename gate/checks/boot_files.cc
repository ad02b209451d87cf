#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gate/checks/boot_drivers.h"
#include "gate/checks/boot_images.h"
#include "gate/checks/checks.h"
#include "gate/checks/presence.h"
#include "gate/images.h"
#include "servicing/pe/image_facts.h"

namespace patchgate::gate::checks {
namespace {

constexpr absl::string_view kNotCopied = "the boot files of Windows were not copied with the rest";

// The boot manager of BIOS begins with 16-bit code.
bool IsProgram(const BootFile& file) { return !absl::EndsWithIgnoreCase(file.path(), "bootmgr"); }

bool IsAbsent(const ImageFacts* image) {
  return image != nullptr && image->collection().status() == Collection::ABSENT;
}

class Judge {
 public:
  Judge(const Snapshot& snapshot, FindingBuilder* finding)
      : snapshot_(snapshot), facts_(snapshot.boot_files()), finding_(finding) {
    for (const BootFile& file : facts_.files()) {
      const ImageFacts* image = FindImage(snapshot_, file.path());
      if (file.role() == BootFile::KERNEL && WasRead(image) && image->is_image()) {
        machine_ = image->machine();
      }
      const bool starts = file.role() == BootFile::KERNEL || file.role() == BootFile::LOADER;
      if (IsOnSystemPartition(file.path())) {
        partition_has_files_ = partition_has_files_ || WasRead(image);
      } else if (file.expected()) {
        windows_has_files_ = windows_has_files_ || !IsAbsent(image);
        windows_is_whole_ = windows_is_whole_ || (starts && WasRead(image));
      }
    }
    windows_is_whole_ = windows_is_whole_ && HasDrivers(snapshot);
  }

  bool HasWindows() const { return windows_has_files_; }

  void Expected(const BootFile& file) {
    const ImageFacts* image = FindImage(snapshot_, file.path());
    if (image == nullptr) {
      finding_->Indeterminate(absl::StrCat(NameOf(file), " was not looked at"), file.path(),
                              "not collected");
    } else if (IsAbsent(image)) {
      Missing(file);
    } else if (!WasRead(image)) {
      finding_->Indeterminate(absl::StrCat(NameOf(file), " could not be read"), file.path(),
                              image->collection().reason());
    } else {
      Contents(Finding::BLOCK, file, *image);
    }
  }

  // A copy that the next boot does not read, but the next update may put in use.
  void Copy(const BootFile& file) {
    const ImageFacts* image = FindImage(snapshot_, file.path());
    if (WasRead(image) && !IsOnSystemPartition(file.path())) Contents(Finding::WARN, file, *image);
  }

 private:
  void Missing(const BootFile& file) {
    if (!IsOnSystemPartition(file.path())) {
      if (windows_is_whole_) {
        finding_->Block(absl::StrCat(NameOf(file), " is missing"), file.path(), "is missing");
      } else {
        finding_->Indeterminate(kNotCopied, file.path(), "is missing, and so are others");
      }
    } else if (!partition_has_files_) {
      finding_->Indeterminate(
          "the system partition holds no boot manager: it is damaged, or was copied in part",
          file.path(), "is missing, and so is every other program there");
    } else if (const BootFile* fallback = Fallback();
               fallback != nullptr && snapshot_.bcd().collection().status() != Collection::ABSENT) {
      finding_->Warn(absl::StrCat(NameOf(file), " is missing; ", NameOf(*fallback),
                                  " is what the firmware may start"),
                     file.path(), absl::StrCat("is missing; ", fallback->path(), " is there"));
    } else {
      finding_->Block(absl::StrCat(NameOf(file), " is missing"), file.path(), "is missing");
    }
  }

  // What the firmware starts where no entry of its own leads anywhere; null if it cannot.
  const BootFile* Fallback() const {
    for (const BootFile& file : facts_.files()) {
      if (file.role() != BootFile::FALLBACK) continue;
      const ImageFacts* image = FindImage(snapshot_, file.path());
      if (!WasRead(image) || !image->is_image()) continue;
      if (machine_ == 0 || image->machine() == machine_) return &file;
    }
    return nullptr;
  }

  void Contents(Finding::Result result, const BootFile& file, const ImageFacts& image) {
    const FileTime modified = image.collection().modified_filetime();
    if (image.size() == 0) {
      finding_->Report(result, absl::StrCat(NameOf(file), " is empty"), file.path(), "has 0 bytes",
                       modified);
    } else if (IsProgram(file) && !image.is_image()) {
      finding_->Report(result, absl::StrCat(NameOf(file), " is no valid image"), file.path(),
                       absl::StrCat(image.size(), " bytes, ", image.image_error()), modified);
    } else if (IsProgram(file) && machine_ != 0 && image.machine() != machine_) {
      finding_->Report(result, absl::StrCat(NameOf(file), " is for another machine"), file.path(),
                       absl::StrCat("is for ", pe::MachineName(image.machine()),
                                    ", the kernel is for ", pe::MachineName(machine_)),
                       modified);
    }
  }

  const Snapshot& snapshot_;
  const BootFiles& facts_;
  FindingBuilder* const finding_;
  uint32_t machine_ = 0;  // The kernel's; 0 if it is not known.
  bool partition_has_files_ = false;
  bool windows_has_files_ = false;
  bool windows_is_whole_ = false;  // What is missing of it is missing on the host.
};

}  // namespace

// What the firmware, the boot manager and the loader read before the first driver.
Finding BootFilesSound(const CheckInput& input) {
  const BootFiles& facts = input.snapshot.boot_files();
  const Collection& partition = facts.system_partition();
  FindingBuilder finding;
  finding.Needs(partition);
  Judge judge(input.snapshot, &finding);
  if (!judge.HasWindows()) {
    finding.Indeterminate(kNotCopied, "Windows/System32",
                          "kernel, hal.dll, ci.dll and loader are missing");
    return finding.Done("");
  }
  for (const BootFile& file : facts.files()) {
    file.expected() ? judge.Expected(file) : judge.Copy(file);
  }
  const Collection& store = input.snapshot.bcd().collection();
  if (facts.separate_partition() && store.status() == Collection::UNREADABLE) {
    finding.Indeterminate("the boot store of the system partition that was given was not read",
                          store.source(), store.reason());
  }
  if (partition.status() == Collection::ABSENT) {
    if (facts.separate_partition()) {
      finding.Indeterminate("the system partition that was given holds no boot files",
                            partition.source(), partition.reason());
    } else {
      finding.Info("kernel and loader are sound; the system partition was not at hand",
                   partition.source(), partition.reason());
    }
  }
  return finding.Done("kernel, loader and boot manager are there, for the same machine");
}

}  // namespace patchgate::gate::checks
