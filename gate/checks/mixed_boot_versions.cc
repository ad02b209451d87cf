#include <string>

#include "absl/strings/str_cat.h"
#include "gate/checks/boot_images.h"
#include "gate/checks/checks.h"
#include "gate/file_version.h"
#include "gate/images.h"

namespace patchgate::gate::checks {
namespace {

constexpr char kBootManager[] = "Windows/Boot/EFI/bootmgfw.efi";
// The same, signed by the Windows UEFI CA 2023: hosts that were moved to it boot from this one.
constexpr char kBootManager2023[] = "Windows/Boot/EFI_EX/bootmgfw_EX.efi";

class Judge {
 public:
  Judge(const Snapshot& snapshot, FindingBuilder* finding)
      : snapshot_(snapshot), finding_(finding) {}

  void Copies() {
    for (const BootFile& file : snapshot_.boot_files().files()) {
      if (file.source_path().empty() || file.path() == kBootManager2023) continue;
      const ImageFacts* copy = Readable(file.path());
      const ImageFacts* source = Readable(file.source_path());
      if (copy == nullptr || source == nullptr) continue;
      if (IsOnSystemPartition(file.path())) {
        PartitionCopy(file, *copy, *source);
      } else {
        WindowsCopy(file, *copy, *source);
      }
    }
  }

  bool HasCompared() const { return compared_ > 0; }

 private:
  // The file at `path`; null if it has no version that could be compared. Whoever could not read it
  // does not know.
  const ImageFacts* Readable(absl::string_view path) {
    const ImageFacts* image = FindImage(snapshot_, path);
    if (image != nullptr && image->collection().status() == Collection::UNREADABLE) {
      finding_->Indeterminate(absl::StrCat(LastPart(path), " could not be read"), path,
                              image->collection().reason());
    }
    return WasRead(image) && !image->file_version().empty() ? image : nullptr;
  }

  void WindowsCopy(const BootFile& file, const ImageFacts& copy, const ImageFacts& source) {
    const absl::optional<int> order =
        CompareFileVersions(copy.file_version(), source.file_version());
    if (!order) return;
    ++compared_;
    if (*order == 0) return;
    const ImageFacts& older = *order < 0 ? copy : source;
    const ImageFacts& newer = *order < 0 ? source : copy;
    finding_->Warn(absl::StrCat(NameOf(file), " is there in two versions"),
                   older.collection().source(),
                   absl::StrCat("is ", older.file_version(), ", ", newer.collection().source(),
                                " is ", newer.file_version()),
                   older.collection().modified_filetime());
  }

  // The system partition is brought up to date apart from Windows, and in its own time.
  void PartitionCopy(const BootFile& file, const ImageFacts& copy, const ImageFacts& source) {
    const ImageFacts* second =
        file.source_path() == kBootManager ? Readable(kBootManager2023) : nullptr;
    int older = 0, newer = 0;
    for (const ImageFacts* original : {&source, second}) {
      if (original == nullptr) continue;
      const absl::optional<int> order =
          CompareFileVersions(copy.file_version(), original->file_version());
      if (!order) continue;
      ++compared_;
      if (*order == 0) return;
      ++(*order < 0 ? older : newer);
    }
    if (older + newer == 0) return;
    const bool matters = older > 0 && newer == 0 && file.expected();
    finding_->Report(matters ? Finding::WARN : Finding::INFO,
                     absl::StrCat(NameOf(file), " on the system partition is ",
                                  newer == 0   ? "older than"
                                  : older == 0 ? "newer than"
                                               : "neither of",
                                  " what Windows has for it"),
                     file.path(),
                     absl::StrCat("is ", copy.file_version(), ", ", file.source_path(), " is ",
                                  source.file_version()),
                     copy.collection().modified_filetime());
  }

  const Snapshot& snapshot_;
  FindingBuilder* const finding_;
  int compared_ = 0;
};

}  // namespace

// A rollback that stopped half-way leaves boot files of two updates, which do not fit together.
// Only copies are compared here: what the component store has for a boot file is held against it,
// with the claims, by state.claimed-vs-measured.
Finding MixedBootVersions(const CheckInput& input) {
  FindingBuilder finding;
  finding.Needs(input.snapshot.boot_files().system_partition());
  Judge judge(input.snapshot, &finding);
  judge.Copies();
  if (!judge.HasCompared()) {
    return finding.NotApplicable("there are no two copies of a boot file to compare");
  }
  return finding.Done("copies of the same boot file have the same version");
}

}  // namespace patchgate::gate::checks
