#include "gate/gate.h"

#include <algorithm>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gate/evaluate.h"
#include "google/protobuf/stubs/logging.h"
#include "manifests/catalog.h"
#include "manifests/policy.h"
#include "servicing/base/status_macros.h"
#include "servicing/collect_host.h"
#include "servicing/evidence/live_volume.h"

namespace patchgate::gate {
namespace {

absl::StatusOr<Policy> PolicyOf(absl::string_view text, const Catalog& catalog) {
  if (text.empty()) return DefaultPolicy();
  return ParsePolicy(text, catalog);
}

absl::Status CheckPath(absl::string_view what, absl::string_view path) {
  if (path.find('\0') == absl::string_view::npos) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(what, " holds a NUL"));
}

std::unique_ptr<evidence::Source> NotMapped(std::unique_ptr<evidence::Source> source) {
  std::string description = source->description();
  return evidence::ReadNotMapped(std::move(source), std::move(description));
}

// What to judge by, made and checked before anything is read.
struct Judge {
  Catalog catalog;
  Policy policy;
  FileTime now;
  const Options& options;

  // The verdict about facts that are whole: what was still being read when the call was to end is
  // no evidence.
  absl::StatusOr<Verdict> operator()(const absl::StatusOr<Snapshot>& snapshot) const {
    if (options.stop != nullptr) PG_RETURN_IF_ERROR(options.stop->status());
    PG_RETURN_IF_ERROR(snapshot.status());
    return Evaluate(*snapshot, catalog, policy, now, /*pinned=*/options.now != 0);
  }

  CollectOptions Collect() const {
    CollectOptions collect;
    collect.profile = options.profile;
    collect.jobs = options.jobs != 0
                       ? options.jobs
                       : static_cast<int>(std::min<unsigned>(
                             std::max(std::thread::hardware_concurrency(), 1u), kMaxJobs));
    collect.stop = options.stop;
    collect.progress = options.progress;
    return collect;
  }
};

absl::StatusOr<Judge> MakeJudge(const Options& options) {
  if (options.jobs < 0 || options.jobs > kMaxJobs) {
    return absl::InvalidArgumentError(
        absl::StrCat("jobs is ", options.jobs, ", not 0 to ", kMaxJobs));
  }
  PG_RETURN_IF_ERROR(CheckPath("esp", options.esp));
  PG_ASSIGN_OR_RETURN(Catalog catalog, LoadBuiltInCatalog());
  PG_ASSIGN_OR_RETURN(Policy policy, PolicyOf(options.policy, catalog));
  if (options.stop != nullptr) PG_RETURN_IF_ERROR(options.stop->status());
  const FileTime now = options.now != 0 ? options.now : FromAbslTime(absl::Now());
  return Judge{std::move(catalog), std::move(policy), now, options};
}

}  // namespace

absl::StatusOr<Verdict> EvaluateDirectory(const std::string& root, const Options& options) {
  if (root.empty()) return absl::InvalidArgumentError("root is empty");
  PG_RETURN_IF_ERROR(CheckPath("root", root));
  PG_ASSIGN_OR_RETURN(const Judge judge, MakeJudge(options));
  PG_ASSIGN_OR_RETURN(Host host, OpenDirectoryHost(root, options.esp));
  host.volume = NotMapped(std::move(host.volume));
  if (host.esp != nullptr) host.esp = NotMapped(std::move(host.esp));
  return judge(CollectHost(host, judge.now, judge.Collect()));
}

absl::StatusOr<Verdict> EvaluateLiveHost(const Options& options) {
  PG_ASSIGN_OR_RETURN(const Judge judge, MakeJudge(options));
  return judge(CollectLiveHost(options.esp, judge.now, judge.Collect()));
}

absl::StatusOr<Verdict> EvaluateSnapshot(absl::string_view bytes, const Options& options) {
  const google::protobuf::LogSilencer quiet;  // It tells standard error of damaged input.
  PG_ASSIGN_OR_RETURN(const Judge judge, MakeJudge(options));
  return judge(ParseSnapshot(bytes));
}

absl::Status CheckPolicy(absl::string_view policy) {
  PG_ASSIGN_OR_RETURN(const Catalog catalog, LoadBuiltInCatalog());
  return PolicyOf(policy, catalog).status();
}

}  // namespace patchgate::gate
