#include "servicing/store/verify.h"

#include <algorithm>
#include <array>
#include <memory>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "servicing/base/workers.h"
#include "servicing/files/file_reader.h"
#include "servicing/registry/section_reader.h"
#include "servicing/store/base_manifest.h"
#include "servicing/store/component_verifier.h"
#include "servicing/store/damage_log.h"
#include "servicing/store/identity.h"
#include "servicing/store/store_index.h"
#include "servicing/text/section_file.h"

namespace patchgate::store {
namespace {

constexpr size_t kMostBases = 4;    // A host has one or two servicing stacks.
constexpr size_t kMostStacks = 16;  // Whose wcp.dll is read.

// Folders of servicing stacks in WinSxS: the current ones first, then the newest.
std::vector<std::string> StackFolders(const StoreIndex& index) {
  std::vector<std::tuple<bool, std::array<uint32_t, 4>, std::string>> found;
  const std::vector<std::string>& current = index.roles().stack_versions();
  index.winsxs().ForEach([&](const evidence::FileInfo& info) {
    if (!info.is_directory || !absl::StrContains(info.name, "_microsoft-windows-servicingstack_") ||
        absl::StartsWith(info.name, "wow64_")) {
      return;
    }
    const absl::string_view version = VersionOfKey(info.name);
    const bool is_current = std::find(current.begin(), current.end(), version) != current.end();
    found.emplace_back(is_current, ParseVersion(version).value_or(std::array<uint32_t, 4>{}),
                       info.name);
  });
  std::sort(found.rbegin(), found.rend());
  std::vector<std::string> folders;
  for (auto& [is_current, version, name] : found) folders.push_back(std::move(name));
  if (folders.size() > kMostStacks) folders.resize(kMostStacks);
  return folders;
}

// The base manifests of the host's servicing stacks, each once. None is a gap.
std::vector<std::string> ReadBases(const evidence::Source& source, const StoreIndex& index,
                                   SharedState* shared, StoreVerification* result) {
  files::FileReader reader(nullptr, &shared->bytes_read, shared->memory);
  std::vector<std::string> bases;
  std::string failures;
  for (const std::string& folder : StackFolders(index)) {
    absl::StatusOr<BaseManifest> base =
        ReadBaseManifest(source, absl::StrCat(kWinSxS, "/", folder), &reader);
    if (!base.ok()) {
      // One stack's base is enough, and it is mostly that of all.
      absl::StrAppend(&failures, "; ", base.status().message());
      continue;
    }
    if (bases.empty()) {
      result->set_base_manifest(base->path);
      result->set_base_manifest_sha256(digest::ToHex(base->sha256));
    }
    if (std::find(bases.begin(), bases.end(), base->bytes) == bases.end()) {
      bases.push_back(std::move(base->bytes));
    }
    if (bases.size() == kMostBases) break;
  }
  if (bases.empty()) {
    text::AddGap(result->mutable_collection(), kWinSxS,
                 absl::StrCat("no servicing stack has a base manifest, so compressed manifests "
                              "cannot be decoded",
                              failures));
  }
  return bases;
}

// Tells the caller how far it is, now and then.
class Reporter {
 public:
  Reporter(const VerifyOptions& options, const std::atomic<uint64_t>& bytes)
      : options_(options), bytes_(bytes) {}

  void Start(absl::string_view step, uint64_t total) {
    step_ = step;
    total_ = total;
    done_ = 0;
    Tell();
  }
  void Done(uint64_t items) {
    done_ += items;
    if (!options_.progress) return;
    const std::unique_lock<std::mutex> lock(mutex_, std::try_to_lock);
    if (!lock.owns_lock() || absl::Now() - last_ < absl::Milliseconds(100)) return;
    Tell();
  }

 private:
  void Tell() {
    if (!options_.progress) return;
    last_ = absl::Now();
    Progress progress;
    progress.step = step_;
    progress.done = done_;
    progress.total = total_;
    progress.bytes = bytes_;
    options_.progress(progress);
  }

  const VerifyOptions& options_;
  const std::atomic<uint64_t>& bytes_;
  std::mutex mutex_;
  absl::Time last_;
  absl::string_view step_;
  uint64_t total_ = 0;
  std::atomic<uint64_t> done_{0};
};

// Calls `work(verifier, i)` for each i below `total`, on as many threads as there are verifiers.
// Neighbours go to one thread together: they share folders.
void RunAll(std::vector<std::unique_ptr<ComponentVerifier>>* verifiers, size_t total,
            const VerifyOptions& options, Reporter* reporter,
            absl::FunctionRef<void(ComponentVerifier*, size_t)> work) {
  constexpr size_t kBatch = 8;
  std::atomic<size_t> next{0};
  const auto run = [&](ComponentVerifier* verifier) {
    while (options.stop == nullptr || !options.stop->requested()) {
      const size_t first = next.fetch_add(kBatch);
      if (first >= total) return;
      const size_t last = std::min(first + kBatch, total);
      for (size_t i = first; i < last; ++i) work(verifier, i);
      reporter->Done(last - first);
    }
  };
  Workers workers;
  for (size_t i = 1; i < verifiers->size(); ++i) {
    ComponentVerifier* const verifier = (*verifiers)[i].get();
    if (!workers.Start([&run, verifier] { run(verifier); })) break;  // Those that run do it all.
  }
  run(verifiers->front().get());
  workers.Join();
}

void AddCounts(const StoreCounts& from, StoreCounts* to) {
  to->set_manifests_decoded(to->manifests_decoded() + from.manifests_decoded());
  to->set_manifests_plain(to->manifests_plain() + from.manifests_plain());
  to->set_payload_files(to->payload_files() + from.payload_files());
  to->set_payload_deleted(to->payload_deleted() + from.payload_deleted());
  to->set_files_hashed(to->files_hashed() + from.files_hashed());
  to->set_projections(to->projections() + from.projections());
  to->set_projections_linked(to->projections_linked() + from.projections_linked());
  to->set_payload_unhashed(to->payload_unhashed() + from.payload_unhashed());
  to->set_projections_skipped(to->projections_skipped() + from.projections_skipped());
}

bool IsExamined(const IndexedComponent* component) {
  return component->roles.boot() || component->roles.servicing_stack();
}

void VerifyDeeper(const evidence::Source& source, const StoreIndex& index,
                  const VerifyOptions& options, DamageLog* log, SharedState* shared,
                  Reporter* reporter, StoreVerification* result) {
  const std::vector<std::string> bases = ReadBases(source, index, shared, result);
  if (!index.has_component_folders() && !index.components().empty() &&
      index.winsxs().status().ok()) {
    text::AddGap(result->mutable_collection(), kWinSxS,
                 "no component has a folder here: nothing is known of the payload");
  }
  std::vector<std::unique_ptr<ComponentVerifier>> verifiers;
  for (int i = 0; i < std::max(options.jobs, 1); ++i) {
    verifiers.push_back(
        std::make_unique<ComponentVerifier>(source, index, bases, options, log, shared));
  }
  // The files of the graver components are examined, others only hashed. Those go first, or a file
  // that is of both would be read twice, now and then.
  std::vector<const IndexedComponent*> components;
  for (const IndexedComponent& component : index.components()) components.push_back(&component);
  const size_t graver =
      std::stable_partition(components.begin(), components.end(), IsExamined) - components.begin();
  const size_t catalogs = index.catalogs().size();
  reporter->Start("manifests and payload", components.size() + catalogs);
  RunAll(&verifiers, graver, options, reporter,
         [&](ComponentVerifier* verifier, size_t i) { verifier->VerifyComponent(*components[i]); });
  const size_t others = components.size() - graver;
  RunAll(&verifiers, others + catalogs, options, reporter,
         [&](ComponentVerifier* verifier, size_t i) {
           if (i < others) {
             verifier->VerifyComponent(*components[graver + i]);
           } else {
             verifier->VerifyCatalog(index.catalogs()[i - others]);
           }
         });
  std::vector<const std::vector<Projection>*> projections;
  for (const auto& [path, claims] : shared->projections) projections.push_back(&claims);
  reporter->Start("projections", projections.size());
  RunAll(
      &verifiers, projections.size(), options, reporter,
      [&](ComponentVerifier* verifier, size_t i) { verifier->VerifyProjection(*projections[i]); });

  for (auto& [place, file] : shared->boot_files) *result->add_boot_files() = std::move(file);

  uint64_t proven = 0;
  std::vector<const StoreDamage*> failures;
  for (const auto& verifier : verifiers) {
    AddCounts(verifier->counts(), result->mutable_counts());
    proven += verifier->manifests_proven();
    for (const StoreDamage& failure : verifier->compressed_failures()) failures.push_back(&failure);
  }
  const bool wrong_base = proven == 0 && failures.size() > 1;
  for (const StoreDamage* failure : failures) {
    if (wrong_base) {
      log->AddUnverified(failure->component(), failure->path(),
                         "no compressed manifest decodes to its hash: the base manifest may not be "
                         "the one that they need",
                         failure->roles());
    } else {
      log->Add(failure->kind(), failure->component(), failure->path(), failure->expected(),
               failure->found(), failure->roles());
    }
  }
}

}  // namespace

StoreVerification Verify(const evidence::Source& source, const registry::Registry& registry,
                         const VerifyOptions& options) {
  StoreVerification result;
  result.set_level(options.level);
  result.set_scope(options.scope);
  result.set_index_of_all(options.index_of_all || options.scope == STORE_SCOPE_ALL);
  const registry::SectionReader components(registry, registry::HiveId::kComponents, "",
                                           result.mutable_collection());
  if (!components.has_key()) return result;

  files::FileMemory own_memory(KeepBaseManifest);
  SharedState shared(source, options.memory == nullptr ? &own_memory : options.memory);
  Reporter reporter(options, shared.bytes_read);
  reporter.Start("index", 0);
  DamageLog log(options.examples);
  const StoreIndex index(source, registry, options, &log, &result);
  if (options.level >= STORE_LEVEL_MANIFESTS) {
    VerifyDeeper(source, index, options, &log, &shared, &reporter, &result);
  }
  result.set_cancelled(options.stop != nullptr && options.stop->requested());
  result.mutable_counts()->set_bytes_read(shared.bytes_read);
  log.MoveTo(&result);
  return result;
}

}  // namespace patchgate::store
