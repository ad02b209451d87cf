#include <map>
#include <set>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gate/checks/boot_images.h"
#include "gate/checks/checks.h"
#include "gate/file_version.h"
#include "gate/images.h"
#include "servicing/base/utf16.h"

namespace patchgate::gate::checks {
namespace {

constexpr char kBootManager[] = "Windows/Boot/EFI/bootmgfw.efi";
// The same, signed by the Windows UEFI CA 2023: hosts that were moved to it boot from this one.
constexpr char kBootManager2023[] = "Windows/Boot/EFI_EX/bootmgfw_EX.efi";

bool SameHash(absl::string_view a, absl::string_view b) {
  return !a.empty() && absl::EqualsIgnoreCase(a, b);
}

absl::string_view LastPart(absl::string_view path) {
  return path.substr(path.find_last_of('/') + 1);
}

std::string VersionText(absl::string_view version) {
  return version.empty() ? "of unknown version" : std::string(version);
}

class Judge {
 public:
  Judge(const Snapshot& snapshot, FindingBuilder* finding)
      : snapshot_(snapshot), finding_(finding) {
    for (const BootFile& file : snapshot.boot_files().files()) {
      boot_files_.insert(UpcaseUtf8(file.path()));
    }
  }

  // Files against what the component store has for their places.
  void Store() {
    struct Place {
      bool matched = false;
      const StoreBootFile* newest = nullptr;
    };
    std::map<std::string, Place> places;  // By upper-cased destination.
    for (const StoreBootFile& stored : snapshot_.store_verification().boot_files()) {
      const ImageFacts* image = FindImage(snapshot_, stored.destination());
      if (!WasRead(image)) continue;
      Place& place = places[UpcaseUtf8(stored.destination())];
      place.matched = place.matched || SameHash(image->sha256(), stored.sha256()) ||
                      SameHash(image->sha256(), stored.payload_sha256());
      if (place.newest == nullptr ||
          CompareFileVersions(place.newest->payload_version(), stored.payload_version())
                  .value_or(0) < 0) {
        place.newest = &stored;
      }
    }
    for (const auto& [destination, place] : places) {
      ++compared_;
      in_store_.insert(destination);
      if (!place.matched) Differs(*place.newest, *FindImage(snapshot_, destination));
    }
  }

  void Copies() {
    for (const BootFile& file : snapshot_.boot_files().files()) {
      if (file.source_path().empty() || file.path() == kBootManager2023) continue;
      const ImageFacts* copy = Readable(file.path());
      const ImageFacts* source = Readable(file.source_path());
      if (copy == nullptr || source == nullptr) continue;
      if (IsOnSystemPartition(file)) {
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

  // `image` is none of the store's files for its place.
  void Differs(const StoreBootFile& stored, const ImageFacts& image) {
    const std::string& path = image.collection().source();
    const absl::optional<int> order =
        CompareFileVersions(image.file_version(), stored.payload_version());
    const bool boots = boot_files_.count(UpcaseUtf8(path)) != 0;
    std::string summary =
        order && *order != 0
            ? absl::StrCat(LastPart(path), " is ", image.file_version(),
                           ", its copy in the store is ", stored.payload_version())
            : absl::StrCat(LastPart(path), " is another file than its copy in the store");
    finding_->Report(
        order && *order < 0 && boots ? Finding::BLOCK : Finding::WARN, summary, path,
        absl::StrCat("is ", VersionText(image.file_version()), ", SHA-256 ", image.sha256(), "; ",
                     stored.payload(), " is ", VersionText(stored.payload_version()), ", SHA-256 ",
                     stored.sha256()),
        image.collection().modified_filetime());
  }

  void WindowsCopy(const BootFile& file, const ImageFacts& copy, const ImageFacts& source) {
    const absl::optional<int> order =
        CompareFileVersions(copy.file_version(), source.file_version());
    if (!order) return;
    ++compared_;
    // What the store has for both places was compared with it, and may differ.
    if (*order == 0 || (in_store_.count(UpcaseUtf8(file.path())) != 0 &&
                        in_store_.count(UpcaseUtf8(file.source_path())) != 0)) {
      return;
    }
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
  std::set<std::string> boot_files_;  // Upper-cased paths.
  std::set<std::string> in_store_;    // Upper-cased destinations that were compared.
  int compared_ = 0;
};

}  // namespace

// A rollback that stopped half-way leaves boot files of two updates, which do not fit together.
Finding MixedBootVersions(const CheckInput& input) {
  FindingBuilder finding;
  finding.Needs(input.snapshot.boot_files().system_partition());
  Judge judge(input.snapshot, &finding);
  judge.Store();
  judge.Copies();
  if (!judge.HasCompared()) {
    return finding.NotApplicable("there are no two copies of a boot file to compare");
  }
  return finding.Done("copies of the same boot file have the same version");
}

}  // namespace patchgate::gate::checks
