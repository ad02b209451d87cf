#include "servicing/store/component_verifier.h"

#include <iterator>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "servicing/base/status_macros.h"
#include "servicing/base/utf16.h"
#include "servicing/delta/dcm.h"
#include "servicing/digest/digest.h"
#include "servicing/store/component_index.h"
#include "servicing/store/identity.h"

namespace patchgate::store {
namespace {

constexpr size_t kMostBootFiles = 2000;  // A host has a few hundred.

absl::string_view Raw(const digest::Sha256Digest& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

std::unique_ptr<evidence::Source> EnterOrNull(const evidence::Source& source,
                                              absl::string_view path) {
  absl::StatusOr<std::unique_ptr<evidence::Source>> folder = source.Enter(path);
  return folder.ok() ? *std::move(folder) : nullptr;
}

const std::string& EmptySha256() {
  static const auto& digest = *new std::string(Raw(digest::Sha256("")));
  return digest;
}

// A delta to make the file from when it is needed. A reverse delta is none: it makes an older file
// from this one.
bool HasDelta(const evidence::Source& folder, absl::string_view name) {
  return folder.Stat(absl::StrCat("f/", name)).ok() || folder.Stat(absl::StrCat("n/", name)).ok();
}

// Nothing is known of the file then, as opposed to: it is wrong.
bool IsUnverifiable(const absl::Status& status) {
  return absl::IsUnimplemented(status) || absl::IsResourceExhausted(status);
}

absl::string_view LastPart(absl::string_view path) { return path.substr(path.rfind('/') + 1); }

// The file `name` of a component's folder; kNotFound too where it is a folder, or has no bytes and
// should. The folder was listed once; only what lies deeper is asked for by its path.
absl::StatusOr<evidence::FileInfo> FindFile(const evidence::Source* folder, const Folder* names,
                                            const std::string& name, absl::string_view sha256) {
  evidence::FileInfo info;
  if (folder != nullptr && absl::StrContains(name, "/")) {
    PG_ASSIGN_OR_RETURN(info, folder->Stat(name));
  } else {
    const evidence::FileInfo* found = names == nullptr ? nullptr : names->Find(name);
    if (found == nullptr) return absl::NotFoundError("");
    info = *found;
  }
  if (info.is_directory) return absl::NotFoundError("a folder");
  const bool empty = info.size == 0 && !info.is_link;
  if (empty && !sha256.empty() && sha256 != EmptySha256()) return absl::NotFoundError("0 bytes");
  return info;
}

// A winner's files are linked into the system: they are there, and plain.
bool MustBeWhole(const IndexedComponent& component, const StoreRoles& roles) {
  return component.standing == Standing::kWinner || roles.servicing_stack();
}

}  // namespace

ComponentVerifier::ComponentVerifier(const evidence::Source& source, const StoreIndex& index,
                                     const std::vector<std::string>& bases,
                                     const VerifyOptions& options, DamageLog* log,
                                     SharedState* shared)
    : source_(source),
      index_(index),
      bases_(bases),
      options_(options),
      log_(log),
      shared_(shared),
      manifests_(EnterOrNull(source, kManifests)),
      winsxs_(EnterOrNull(source, kWinSxS)),
      catalogs_(EnterOrNull(source, kCatalogs)),
      reader_(options.stop, &shared->bytes_read, shared->memory) {}

void ComponentVerifier::Unverified(absl::string_view component, absl::string_view path,
                                   const absl::Status& status, const StoreRoles& roles) {
  if (absl::IsCancelled(status)) return;  // The result says so as a whole.
  log_->AddUnverified(component, path, status.message(), roles);
}

// A manifest that is not what it should be. A compressed one may only seem so.
void ComponentVerifier::Fail(StoreDamageKind kind, const IndexedComponent& component,
                             absl::string_view path, absl::string_view expected,
                             absl::string_view found) {
  if (delta::CodingOf(stored_) != delta::ManifestCoding::kDcm) {
    log_->Add(kind, component.key, path, expected, found, component.roles);
    return;
  }
  StoreDamage failure;
  failure.set_kind(kind);
  failure.set_component(CleanUtf8(component.key));
  failure.set_path(CleanUtf8(path));
  failure.set_expected(CleanUtf8(expected));
  failure.set_found(CleanUtf8(found));
  *failure.mutable_roles() = component.roles;
  compressed_failures_.push_back(std::move(failure));
}

// Decodes stored_ into decoded_ with whichever base makes it what COMPONENTS says; otherwise with
// the first. False, reported, if none makes anything of it.
bool ComponentVerifier::Decode(const IndexedComponent& component, const std::string& path) {
  if (delta::CodingOf(stored_) == delta::ManifestCoding::kPlain) {
    counts_.set_manifests_plain(counts_.manifests_plain() + 1);
    decoded_ = stored_;
    return true;
  }
  if (delta::CodingOf(stored_) == delta::ManifestCoding::kDcm && bases_.empty()) {
    Unverified(component.key, path,
               absl::NotFoundError("compressed, and there is no base manifest to decode it with"),
               component.roles);
    return false;
  }
  absl::Status first_failure;
  absl::optional<std::string> first_decoded;
  for (size_t i = 0; i < bases_.size() || i == 0; ++i) {
    const absl::string_view base = bases_.empty() ? "" : absl::string_view(bases_[i]);
    const absl::StatusOr<absl::string_view> xml =
        delta::DecodeManifest(stored_, base, &decoder_, &decoded_);
    if (!xml.ok()) {
      if (first_failure.ok()) first_failure = xml.status();
      continue;
    }
    if (component.manifest_hash.empty()) return true;
    if (Raw(digest::Sha256(decoded_)) == component.manifest_hash) {
      ++manifests_proven_;
      return true;
    }
    if (!first_decoded) first_decoded = decoded_;
  }
  if (first_decoded) {
    decoded_ = *std::move(first_decoded);
    return true;
  }
  if (IsUnverifiable(first_failure)) {
    Unverified(component.key, path, first_failure, component.roles);
  } else {
    Fail(MANIFEST_UNDECODABLE, component, path, "", first_failure.message());
  }
  return false;
}

bool ComponentVerifier::ReadComponentManifest(const IndexedComponent& component) {
  if (manifests_ == nullptr) return false;  // A gap already.
  const std::string file = index_.ManifestFile(component.folder);
  const std::string path = absl::StrCat(kManifests, "/", file);
  const absl::Status read = reader_.Read(*manifests_, file, delta::kLargestManifest, &stored_);
  if (!read.ok()) {
    Unverified(component.key, path, read, component.roles);
    return false;
  }
  if (!Decode(component, path)) return false;
  counts_.set_manifests_decoded(counts_.manifests_decoded() + 1);
  if (!component.manifest_hash.empty()) {
    const digest::Sha256Digest found = digest::Sha256(decoded_);
    if (Raw(found) != component.manifest_hash) {
      log_->Add(MANIFEST_HASH_MISMATCH, component.key, path, digest::ToHex(component.manifest_hash),
                digest::ToHex(found), component.roles);
      return false;
    }
  }
  const absl::Status parsed = ReadManifest(decoded_, &manifest_);
  if (!parsed.ok()) {
    log_->Add(MANIFEST_UNDECODABLE, component.key, path, "", parsed.message(), component.roles);
    return false;
  }
  if (!absl::EqualsIgnoreCase(manifest_.key, component.folder)) {
    log_->Add(MANIFEST_IDENTITY_MISMATCH, component.key, path, component.folder, manifest_.key,
              component.roles);
    return false;
  }
  return true;
}

void ComponentVerifier::VerifyComponent(const IndexedComponent& component) {
  if (!component.has_manifest || !ReadComponentManifest(component)) return;
  if ((component.flags & kPayloadDeleted) != 0) {
    counts_.set_payload_deleted(counts_.payload_deleted() + 1);
    // What is projected can be looked at without it.
    if (component.standing != Standing::kWinner) return;
  }
  VerifyPayload(component);
}

void ComponentVerifier::VerifyPayload(const IndexedComponent& component) {
  if (manifest_.files.empty()) return;
  // Without any component's folder, the payload was not copied with the rest: a gap already.
  if (winsxs_ == nullptr || !index_.has_component_folders()) return;
  counts_.set_payload_files(counts_.payload_files() + manifest_.files.size());

  StoreRoles roles = component.roles;
  if (component.standing != Standing::kSuperseded && Roles::MayBoot(component.key)) {
    for (const ManifestFile& file : manifest_.files) {
      if (index_.roles().IsBootFile(file.name)) roles.set_boot(true);
    }
  }
  const evidence::FileInfo* info = index_.winsxs().Find(component.folder);
  const std::string path = absl::StrCat(kWinSxS, "/", component.folder);
  if (info == nullptr || (!info->is_directory && !info->is_link)) {
    // Windows takes the files of a superseded version away and keeps what it needs to make them
    // again, or nothing.
    if (component.standing == Standing::kSuperseded) return;
    for (const ManifestFile& file : manifest_.files) {
      VerifyFile(component, roles, nullptr, nullptr, file);
    }
    return;
  }
  const absl::StatusOr<std::unique_ptr<evidence::Source>> folder = winsxs_->Enter(info->name);
  if (!folder.ok()) {
    Unverified(component.key, path, folder.status(), roles);
    NoteUnreadBootFiles(component, path);
    return;
  }
  const Folder names(**folder, "");
  if (!names.status().ok()) {
    Unverified(component.key, path, names.status(), roles);
    NoteUnreadBootFiles(component, path);
    return;
  }
  for (const ManifestFile& file : manifest_.files) {
    if (options_.stop != nullptr && options_.stop->requested()) return;
    VerifyFile(component, roles, folder->get(), &names, file);
  }
}

absl::StatusOr<files::FileDigest> ComponentVerifier::ReadFile(const evidence::Source& folder,
                                                              absl::string_view name,
                                                              const StoreRoles& roles,
                                                              std::string* version) {
  // By its name too: whoever comes to it first, by whichever component, examines it.
  if (!roles.boot() && !roles.servicing_stack() && !index_.roles().IsBootFile(LastPart(name))) {
    return reader_.Digest(folder, name);
  }
  absl::StatusOr<files::FileDigest> digest = reader_.Examine(folder, name, &image_);
  if (absl::IsResourceExhausted(digest.status())) return reader_.Digest(folder, name);
  if (digest.ok()) *version = image_.file_version();
  return digest;
}

// The files of a component whose folder cannot be looked at should be where they should be, too.
void ComponentVerifier::NoteUnreadBootFiles(const IndexedComponent& component,
                                            absl::string_view folder) {
  if (options_.level < STORE_LEVEL_PAYLOAD) return;
  for (const ManifestFile& file : manifest_.files) {
    NoteBootFile(component, file, absl::StrCat(folder, "/", file.name), nullptr, "");
  }
}

void ComponentVerifier::VerifyFile(const IndexedComponent& component, const StoreRoles& roles,
                                   const evidence::Source* folder, const Folder* names,
                                   const ManifestFile& file) {
  const bool hash = options_.level >= STORE_LEVEL_PAYLOAD;
  const std::string name = absl::StrReplaceAll(file.name, {{"\\", "/"}});
  const std::string path = absl::StrCat(kWinSxS, "/", component.folder, "/", name);
  const absl::StatusOr<evidence::FileInfo> info = FindFile(folder, names, name, file.sha256);
  absl::Status status = info.status();
  evidence::FileId id;
  absl::optional<files::FileDigest> digest;
  std::string version;
  if (status.ok() && hash && !file.sha256.empty()) {
    absl::StatusOr<files::FileDigest> read =
        ReadFile(*folder, absl::StrContains(name, "/") ? name : info->name, roles, &version);
    status = read.status();
    if (read.ok()) {
      id = read->id;
      digest = *std::move(read);
      counts_.set_files_hashed(counts_.files_hashed() + 1);
    }
  } else if (status.ok()) {
    id = info->id;
    if (hash) counts_.set_payload_unhashed(counts_.payload_unhashed() + 1);
  }
  if (hash) NoteBootFile(component, file, path, digest ? &*digest : nullptr, version);
  if (absl::IsNotFound(status)) {
    if (component.standing == Standing::kSuperseded) return;
    if (!MustBeWhole(component, roles) && folder != nullptr && HasDelta(*folder, name)) {
      counts_.set_payload_unhashed(counts_.payload_unhashed() + 1);
      return;
    }
    if ((component.flags & kPayloadDeleted) == 0) {
      log_->Add(PAYLOAD_MISSING, component.key, path, "", status.message(), roles);
    }
  } else if (!status.ok()) {
    Unverified(component.key, path, status, roles);
    return;
  }
  if (digest && Raw(digest->sha256) != file.sha256) {
    if (!MustBeWhole(component, roles) && !delta::WrapperName(digest->first_bytes).empty()) {
      counts_.set_payload_unhashed(counts_.payload_unhashed() + 1);
      return;  // Its hash is that of the file in the wrapper.
    }
    log_->Add(PAYLOAD_HASH_MISMATCH, component.key, path, digest::ToHex(file.sha256),
              absl::StrCat(digest::ToHex(digest->sha256), ", ", digest->size, " bytes"), roles);
  }
  if (hash) NoteProjection(component, roles, file, id);
}

absl::optional<std::string> ComponentVerifier::Destination(const IndexedComponent& component,
                                                           const ManifestFile& file) const {
  absl::string_view architecture = ArchitectureOfKey(component.key);
  if (architecture == "x86" && !index_.is_64_bit()) architecture = "amd64";
  return ProjectedPath(file.destination, file.name, architecture);
}

void ComponentVerifier::NoteBootFile(const IndexedComponent& component, const ManifestFile& file,
                                     absl::string_view path, const files::FileDigest* payload,
                                     absl::string_view version) {
  if (component.standing != Standing::kWinner || file.destination.empty() || file.sha256.empty() ||
      !Roles::MayBoot(component.key) || !index_.roles().IsBootFile(file.name)) {
    return;
  }
  const absl::optional<std::string> destination = Destination(component, file);
  if (!destination) return;
  StoreBootFile entry;
  entry.set_component(CleanUtf8(component.key));
  entry.set_payload(CleanUtf8(path));
  entry.set_destination(CleanUtf8(*destination));
  entry.set_sha256(digest::ToHex(file.sha256));
  if (payload != nullptr) entry.set_payload_sha256(digest::ToHex(payload->sha256));
  entry.set_payload_version(CleanUtf8(version));
  const std::lock_guard<std::mutex> lock(shared_->mutex);
  auto& all = shared_->boot_files;
  all.emplace(std::make_tuple(UpcaseUtf8(*destination), component.key, std::string(path)),
              std::move(entry));
  // The last in their order go, whichever came last.
  if (all.size() > kMostBootFiles) all.erase(std::prev(all.end()));
}

void ComponentVerifier::NoteProjection(const IndexedComponent& component, const StoreRoles& roles,
                                       const ManifestFile& file, const evidence::FileId& payload) {
  if (component.standing != Standing::kWinner || file.destination.empty()) return;
  // Drivers go where Plug and Play puts them; those that start at boot are there in any case.
  const bool elsewhere = absl::StrContains(manifest_.identity, ", Type=dualModeDriver") &&
                         !index_.roles().IsBootFile(file.name);
  absl::optional<std::string> destination;
  if (!file.writable && !file.sha256.empty() && !elsewhere) {
    destination = Destination(component, file);
  }
  if (!destination) {
    counts_.set_projections_skipped(counts_.projections_skipped() + 1);
    return;
  }
  counts_.set_projections(counts_.projections() + 1);
  const size_t cut = destination->rfind('/');
  const std::shared_ptr<const Folder> folder = shared_->folders.Get(destination->substr(0, cut));
  const evidence::FileInfo* info = folder->Find(destination->substr(cut + 1));
  if (info != nullptr && payload.known()) {
    evidence::FileId id = info->id;
    if (!id.known()) {  // The listing does not tell on this system; the open file does.
      const auto stream = source_.OpenStream(*destination);
      if (stream.ok()) id = (*stream)->info().id;
    }
    if (id == payload) {
      counts_.set_projections_linked(counts_.projections_linked() + 1);
      return;
    }
  }
  const std::lock_guard<std::mutex> lock(shared_->mutex);
  shared_->projections[UpcaseUtf8(*destination)].push_back(
      {*destination, component.key, file.sha256, roles});
}

void ComponentVerifier::VerifyProjection(const std::vector<Projection>& claims) {
  const Projection* first = &claims.front();  // By component, for a result without chance.
  for (const Projection& claim : claims) {
    if (claim.component < first->component) first = &claim;
  }
  const std::string& path = first->path;
  std::string version;
  const absl::StatusOr<files::FileDigest> digest = ReadFile(source_, path, {}, &version);
  if (absl::IsNotFound(digest.status())) {
    log_->Add(PROJECTION_MISSING, first->component, path, digest::ToHex(first->sha256), "",
              first->roles);
    return;
  }
  if (!digest.ok()) {
    Unverified(first->component, path, digest.status(), first->roles);
    return;
  }
  counts_.set_files_hashed(counts_.files_hashed() + 1);
  for (const Projection& claim : claims) {
    if (Raw(digest->sha256) == claim.sha256) return;  // A copy instead of a link.
  }
  log_->Add(PROJECTION_MISMATCH, first->component, path, digest::ToHex(first->sha256),
            absl::StrCat(digest::ToHex(digest->sha256), ", ", digest->size, " bytes"),
            first->roles);
}

void ComponentVerifier::VerifyCatalog(const IndexedCatalog& catalog) {
  if (catalogs_ == nullptr) return;
  const std::string name = absl::StrCat(catalog.thumbprint, ".cat");
  const std::string path = absl::StrCat(kCatalogs, "/", name);
  const absl::StatusOr<files::FileDigest> digest = reader_.Digest(*catalogs_, name);
  if (!digest.ok()) {
    Unverified(catalog.thumbprint, path, digest.status(), catalog.roles);
    return;
  }
  counts_.set_files_hashed(counts_.files_hashed() + 1);
  const std::string found = digest::ToHex(digest->sha256);
  if (!absl::EqualsIgnoreCase(found, catalog.thumbprint)) {
    log_->Add(CATALOG_HASH_MISMATCH, catalog.thumbprint, path, catalog.thumbprint, found,
              catalog.roles);
  }
}

}  // namespace patchgate::store
