#include "gate/patch_evidence.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gate/file_version.h"
#include "gate/images.h"
#include "servicing/base/utf16.h"
#include "servicing/pe/format.h"
#include "servicing/store/identity.h"

namespace patchgate::gate {
namespace {

// How a file's version stands to the expected one; OTHER where either cannot be read or they are
// the same.
PatchEvidence::Relation CompareVersions(absl::string_view found, absl::string_view expected) {
  const int order = CompareFileVersions(found, expected).value_or(0);
  if (order == 0) return PatchEvidence::OTHER;
  return order < 0 ? PatchEvidence::OLDER : PatchEvidence::NEWER;
}

// As descriptors name it.
absl::string_view ArchitectureOf(const ImageFacts& image) {
  switch (image.machine()) {
    case pe::kMachineAmd64:
      return "x64";
    case pe::kMachineArm64:
      return "arm64";
    case pe::kMachineI386:
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
  return file.version().empty() || CompareFileVersions(file.version(), image.file_version()) == 0;
}

bool IsInStore(absl::string_view path) {
  return absl::StartsWithIgnoreCase(path, "Windows/WinSxS/");
}

absl::optional<PatchLevel> LevelOf(const UpdateCatalog& updates, absl::string_view version) {
  const auto level = ParsePatchLevel(version);
  if (!level) return absl::nullopt;
  return updates.Base(*level);
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

PatchEvidence PatchFiles::Found(absl::string_view path, const ImageFacts* image) {
  PatchEvidence row;
  row.set_path(std::string(path));
  if (image == nullptr || image->collection().status() == Collection::STATUS_UNSPECIFIED) {
    row.set_relation(PatchEvidence::UNREADABLE);
    row.set_note(kNobodyLooked);
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
    : snapshot_(snapshot), architecture_(HostArchitecture(snapshot)) {
  AddProbes(updates);
  for (const StoreBootFile& boot : snapshot.store_verification().boot_files()) {
    AddStored(boot, updates);
  }
  AddNames();
}

void PatchFiles::AddProbes(const UpdateCatalog& updates) {
  for (const Probe& probe : snapshot_.probes().probes()) {
    if (!probe.lcu() || IsOnSystemPartition(probe.path())) continue;
    PatchFile file;
    file.key = UpcaseUtf8(probe.path());
    file.found = Found(probe.path(), FindImage(snapshot_, probe.path()));
    file.level = LevelOf(updates, file.found.found_version());
    if (file.found.relation() == PatchEvidence::RELATION_UNSPECIFIED && !file.level) {
      file.found.set_relation(PatchEvidence::UNREADABLE);
      file.found.set_note("its version is none of Windows 10.0");
    }
    file.boot_critical = probe.boot_critical();
    probe_keys_.insert(file.key);
    probes_.push_back(std::move(file));
  }
  std::sort(probes_.begin(), probes_.end(), [](const PatchFile& a, const PatchFile& b) {
    return CompareNames(a.found.path(), b.found.path()) < 0;
  });
}

void PatchFiles::AddStored(const StoreBootFile& boot, const UpdateCatalog& updates) {
  if (IsOnSystemPartition(boot.destination())) return;
  const ImageFacts* const image = FindImage(snapshot_, boot.destination());
  // The version of a component is that of its files as a rule; better than to pass over the file.
  const std::string version = boot.payload_version().empty() && !boot.sha256().empty()
                                  ? std::string(store::VersionOfKey(boot.component()))
                                  : boot.payload_version();
  const auto payload = LevelOf(updates, version);
  const std::string& sha256 = boot.sha256().empty() ? boot.payload_sha256() : boot.sha256();
  if (image == nullptr || !payload || sha256.empty()) return;
  StoreFile file;
  file.key = UpcaseUtf8(boot.destination());
  file.row = Found(boot.destination(), image);
  file.payload = *payload;
  file.level = LevelOf(updates, file.row.found_version());
  file.row.set_expected_version(version);
  file.row.set_expected_sha256(sha256);
  file.row.set_basis("component store");
  if (WasRead(image)) {
    // A file whose version cannot be read is not the one of the store either.
    file.row.clear_note();
    file.row.set_relation(image->sha256() == sha256
                              ? PatchEvidence::MATCHES
                              : CompareVersions(image->file_version(), version));
  }
  const bool matches = file.row.relation() == PatchEvidence::MATCHES;
  if (!matches) {
    file.row.set_note(absl::StrCat("component ", boot.component(),
                                   file.row.note().empty() ? "" : "; ", file.row.note()));
  }
  const auto [place, is_new] = stored_.emplace(file.key, store_.size());
  if (is_new) {
    store_.push_back(std::move(file));
    return;
  }
  StoreFile& other = store_[place->second];
  const bool other_matches = other.row.relation() == PatchEvidence::MATCHES;
  if (matches == other_matches ? other.payload < file.payload : matches) other = std::move(file);
}

void PatchFiles::AddNames() {
  for (const ImageFacts& image : snapshot_.images()) {
    const std::string& path = image.collection().source();
    // A name says nothing about what is not there; copies in the store are of many versions.
    if (!WasRead(&image) || IsOnSystemPartition(path) || IsInStore(path)) continue;
    std::string key = UpcaseUtf8(path);
    const std::string name = key.substr(key.find_last_of("/\\") + 1);
    by_name_[name].push_back({std::move(key), &image});
  }
}

const StoreFile* PatchFiles::FindStored(const std::string& key) const {
  const auto found = stored_.find(key);
  return found == stored_.end() ? nullptr : &store_[found->second];
}

absl::optional<PatchLevel> PatchFiles::Newest(uint32_t base) const {
  absl::optional<PatchLevel> newest;
  for (const PatchFile& probe : probes_) {
    if (!probe.level || probe.level->build != base) continue;
    if (!newest || *newest < *probe.level) newest = probe.level;
  }
  return newest;
}

std::vector<std::string> PatchFiles::Unplaced(const UpdateDescriptor& update) const {
  std::set<std::string> names;  // Upper-cased.
  std::vector<std::string> unplaced;
  for (const ExpectedFile& file : update.files()) {
    if (!file.path().empty()) continue;
    const std::string name = UpcaseUtf8(file.name());
    if (by_name_.count(name) == 0 && names.insert(name).second) unplaced.push_back(file.name());
  }
  return unplaced;
}

std::vector<PatchEvidence> PatchFiles::Described(const UpdateDescriptor& update) const {
  std::map<std::string, std::vector<const ExpectedFile*>> by_name, by_path;
  for (const ExpectedFile& file : update.files()) {
    if (!file.architecture().empty() && !architecture_.empty() &&
        file.architecture() != architecture_) {
      continue;
    }
    if (!file.path().empty()) {
      if (!IsOnSystemPartition(file.path())) by_path[UpcaseUtf8(file.path())].push_back(&file);
    } else if (!file.version().empty() || !file.sha256().empty()) {
      // A size alone tells no file from another of its name.
      by_name[UpcaseUtf8(file.name())].push_back(&file);
    }
  }
  const std::string basis =
      absl::StrCat(update.kb().empty() ? update.title() : update.kb(), " file list");
  std::vector<PatchEvidence> rows;
  for (const auto& [key, expected] : by_path) {
    const std::string& path = expected.front()->path();
    const ImageFacts* const image = FindImage(snapshot_, path);
    rows.push_back(Compare(path, image, expected, basis));
  }
  for (const auto& [name, expected] : by_name) {
    const auto named = by_name_.find(name);
    if (named == by_name_.end()) continue;
    for (const NamedImage& file : named->second) {
      if (by_path.count(file.key) > 0) continue;
      rows.push_back(Compare(file.image->collection().source(), file.image, expected, basis));
    }
  }
  return rows;
}

}  // namespace patchgate::gate
