#include "gate/patch_evidence.h"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gate/images.h"
#include "servicing/base/utf16.h"

namespace patchgate::gate {
namespace {

using Version = std::array<uint32_t, 4>;

absl::optional<Version> ParseVersion(absl::string_view text) {
  const std::vector<absl::string_view> parts = absl::StrSplit(text, '.');
  Version version{};
  if (parts.size() != version.size()) return absl::nullopt;
  for (size_t i = 0; i < version.size(); ++i) {
    if (!absl::SimpleAtoi(parts[i], &version[i])) return absl::nullopt;
  }
  return version;
}

// How a file's version stands to the expected one; OTHER where either cannot be read or they are
// the same.
PatchEvidence::Relation CompareVersions(absl::string_view found, absl::string_view expected) {
  const auto a = ParseVersion(found), b = ParseVersion(expected);
  if (!a || !b || *a == *b) return PatchEvidence::OTHER;
  return *a < *b ? PatchEvidence::OLDER : PatchEvidence::NEWER;
}

absl::string_view ArchitectureOf(const ImageFacts& image) {
  switch (image.machine()) {
    case 0x8664:
      return "x64";
    case 0xAA64:
      return "arm64";
    case 0x14C:
      return "x86";
    default:
      return "";
  }
}

// Of Windows, which is that of the kernel and of all that it boots with.
std::string HostArchitecture(const Snapshot& snapshot) {
  for (const Probe& probe : snapshot.probes().probes()) {
    const ImageFacts* const image = FindImage(snapshot, probe.path());
    if (!probe.boot_critical() || !WasRead(image)) continue;
    const absl::string_view architecture = ArchitectureOf(*image);
    if (!architecture.empty()) return std::string(architecture);
  }
  return "";
}

bool Fits(const ExpectedFile& file, const ImageFacts& image) {
  if (!file.sha256().empty()) return file.sha256() == image.sha256();
  if (file.size() != 0 && file.size() != image.size()) return false;
  return file.version().empty() || file.version() == image.file_version();
}

std::string BaseName(absl::string_view path) {
  return UpcaseUtf8(path.substr(path.find_last_of("/\\") + 1));
}

bool IsInStore(absl::string_view path) {
  return absl::StartsWithIgnoreCase(path, "Windows/WinSxS/");
}

// A file of the host against the rows that speak of it; there is at least one.
PatchEvidence Compare(absl::string_view path, const ImageFacts* image,
                      const std::vector<const ExpectedFile*>& rows, absl::string_view basis) {
  PatchEvidence row = PatchFiles::Found(path, image);
  row.set_basis(std::string(basis));
  const ExpectedFile* nearest = nullptr;
  for (const ExpectedFile* expected : rows) {
    if (WasRead(image) && Fits(*expected, *image)) {
      row.set_expected_version(expected->version());
      row.set_expected_sha256(expected->sha256());
      row.set_relation(PatchEvidence::MATCHES);
      row.clear_note();
      return row;
    }
    if (nearest == nullptr ||
        CompareVersions(expected->version(), nearest->version()) == PatchEvidence::NEWER) {
      nearest = expected;
    }
  }
  row.set_expected_version(nearest->version());
  row.set_expected_sha256(nearest->sha256());
  if (row.relation() == PatchEvidence::ABSENT) return row;
  if (!WasRead(image)) return row;
  row.set_relation(CompareVersions(image->file_version(), nearest->version()));
  return row;
}

}  // namespace

bool IsOnSystemPartition(absl::string_view path) {
  return absl::StartsWithIgnoreCase(path, "ESP:");
}

PatchEvidence PatchFiles::Found(absl::string_view path, const ImageFacts* image) {
  PatchEvidence row;
  row.set_path(std::string(path));
  if (image == nullptr || image->collection().status() == Collection::STATUS_UNSPECIFIED) {
    row.set_relation(PatchEvidence::UNREADABLE);
    row.set_note("nobody looked at it");
  } else if (image->collection().status() == Collection::ABSENT) {
    row.set_relation(PatchEvidence::ABSENT);
    row.set_note("not there");
  } else if (image->collection().status() == Collection::UNREADABLE) {
    row.set_relation(PatchEvidence::UNREADABLE);
    row.set_note(image->collection().reason());
  } else {
    row.set_found_version(image->file_version());
    row.set_found_sha256(image->sha256());
    if (image->file_version().empty()) {
      row.set_relation(PatchEvidence::UNREADABLE);
      row.set_note(!image->is_image() && !image->image_error().empty() ? image->image_error()
                   : !image->version_error().empty()                   ? image->version_error()
                                                                       : "has no version");
    }
  }
  return row;
}

PatchFiles::PatchFiles(const Snapshot& snapshot, const UpdateCatalog& updates)
    : snapshot_(snapshot), updates_(updates) {
  const auto level_of = [&](absl::string_view version) -> absl::optional<PatchLevel> {
    const auto level = ParsePatchLevel(version);
    if (!level) return absl::nullopt;
    return updates_.Base(*level);
  };
  for (const Probe& probe : snapshot.probes().probes()) {
    if (!probe.lcu() || IsOnSystemPartition(probe.path())) continue;
    PatchFile file;
    file.found = Found(probe.path(), FindImage(snapshot, probe.path()));
    file.level = level_of(file.found.found_version());
    if (file.found.relation() == PatchEvidence::RELATION_UNSPECIFIED && !file.level) {
      file.found.set_relation(PatchEvidence::UNREADABLE);
      file.found.set_note("its version is none of Windows 10.0");
    }
    file.boot_critical = probe.boot_critical();
    probes_.push_back(std::move(file));
  }
  std::sort(probes_.begin(), probes_.end(), [](const PatchFile& a, const PatchFile& b) {
    return CompareNames(a.found.path(), b.found.path()) < 0;
  });
  for (const StoreBootFile& boot : snapshot.store_verification().boot_files()) {
    const ImageFacts* const image = FindImage(snapshot, boot.destination());
    const auto payload = level_of(boot.payload_version());
    const std::string& sha256 = boot.sha256().empty() ? boot.payload_sha256() : boot.sha256();
    if (image == nullptr || !payload || sha256.empty()) continue;
    StoreFile file;
    file.row = Found(boot.destination(), image);
    file.payload = *payload;
    file.level = level_of(file.row.found_version());
    file.row.set_expected_version(boot.payload_version());
    file.row.set_expected_sha256(sha256);
    file.row.set_basis("component store");
    if (WasRead(image)) {
      // A file whose version cannot be read is not the one of the store either.
      file.row.clear_note();
      file.row.set_relation(image->sha256() == sha256
                                ? PatchEvidence::MATCHES
                                : CompareVersions(image->file_version(), boot.payload_version()));
    }
    if (file.row.relation() != PatchEvidence::MATCHES) {
      file.row.set_note(absl::StrCat("component ", boot.component(),
                                     file.row.note().empty() ? "" : "; ", file.row.note()));
    }
    store_.push_back(std::move(file));
  }
}

absl::optional<PatchLevel> PatchFiles::Newest(uint32_t base) const {
  absl::optional<PatchLevel> newest;
  for (const PatchFile& probe : probes_) {
    if (!probe.level || probe.level->build != base) continue;
    if (!newest || *newest < *probe.level) newest = probe.level;
  }
  return newest;
}

std::vector<PatchEvidence> PatchFiles::Described(const UpdateDescriptor& update) const {
  std::map<std::string, std::vector<const ExpectedFile*>> by_name, by_path;
  const std::string host = HostArchitecture(snapshot_);
  for (const ExpectedFile& file : update.files()) {
    if (!file.architecture().empty() && !host.empty() && file.architecture() != host) continue;
    // A size alone tells no file from another of its name.
    if (file.path().empty() && file.version().empty() && file.sha256().empty()) continue;
    if (file.path().empty()) {
      by_name[UpcaseUtf8(file.name())].push_back(&file);
    } else {
      by_path[UpcaseUtf8(file.path())].push_back(&file);
    }
  }
  const std::string basis =
      absl::StrCat(update.kb().empty() ? update.title() : update.kb(), " file list");
  std::vector<PatchEvidence> rows;
  for (const auto& [upper, expected] : by_path) {
    const std::string& path = expected.front()->path();
    const ImageFacts* const image = FindImage(snapshot_, path);
    if (image != nullptr) rows.push_back(Compare(path, image, expected, basis));
  }
  if (by_name.empty()) return rows;
  for (const ImageFacts& image : snapshot_.images()) {
    const std::string& path = image.collection().source();
    // A name says nothing about what is not there; copies in the store are of many versions.
    if (!WasRead(&image) || IsOnSystemPartition(path) || IsInStore(path)) continue;
    if (by_path.count(UpcaseUtf8(path)) > 0) continue;
    const auto named = by_name.find(BaseName(path));
    if (named != by_name.end()) rows.push_back(Compare(path, &image, named->second, basis));
  }
  return rows;
}

}  // namespace patchgate::gate
