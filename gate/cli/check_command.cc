#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gate/cli/atomic_file.h"
#include "gate/cli/commands.h"
#include "gate/cli/load.h"
#include "gate/cli/outputs.h"
#include "gate/evaluate.h"
#include "gate/report/report.h"
#include "manifests/catalog.h"
#include "manifests/policy.h"
#include "servicing/base/status_macros.h"
#include "servicing/collector.h"
#include "servicing/evidence/directory_source.h"

namespace patchgate::cli {
namespace {

absl::StatusOr<FileTime> ParseNow(const std::string& text) {
  if (text.empty()) return FromAbslTime(absl::Now());
  const absl::optional<FileTime> now = ParseRfc3339(text);
  if (!now || *now == 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("--now ", text, " is no time like 2025-12-16T18:00:00Z"));
  }
  return *now;
}

absl::StatusOr<Policy> LoadPolicy(const std::string& path, const Catalog& catalog) {
  if (path.empty()) return DefaultPolicy();
  PG_ASSIGN_OR_RETURN(const std::unique_ptr<evidence::File> file, evidence::OpenNativeFile(path));
  absl::StatusOr<Policy> policy = ParsePolicy(file->bytes(), catalog);
  if (!policy.ok()) {
    return absl::Status(policy.status().code(),
                        absl::StrCat(path, ": ", policy.status().message()));
  }
  return policy;
}

std::string Render(const Verdict& verdict, const Output& output, bool color) {
  if (output.format == "json") return gate::JsonReport(verdict);
  if (output.format == "one-line") return gate::OneLineReport(verdict);
  gate::TextOptions options;
  options.color = color;
  return gate::TextReport(verdict, options);
}

int ExitCodeOf(Verdict::Outcome outcome) {
  switch (outcome) {
    case Verdict::GO:
      return kGo;
    case Verdict::NO_GO:
      return kNoGo;
    default:
      return kIndeterminate;
  }
}

}  // namespace

int Check(const CheckOptions& options, const Streams& streams) {
  const absl::StatusOr<std::vector<Output>> outputs =
      ParseOutputs(options.outputs, {"text", "json", "one-line"});
  if (!outputs.ok()) return Fail(streams, std::string(outputs.status().message()));
  absl::Status status =
      CheckTargets(*outputs, options.evidence.root, {options.evidence.snapshot, options.policy});
  if (status.ok()) status = CheckTargets(*outputs, options.evidence.esp, {});
  if (!status.ok()) return Fail(streams, std::string(status.message()));
  if (!options.profile.empty() && !options.evidence.snapshot.empty()) {
    return Fail(streams,
                "check: --profile says how deep a volume is read; a snapshot holds what was read "
                "when it was collected: give --profile to collect");
  }
  const absl::StatusOr<CollectOptions> collect = ParseProfile(options.profile);
  if (!collect.ok()) return Fail(streams, std::string(collect.status().message()));
  const absl::StatusOr<FileTime> now = ParseNow(options.now);
  if (!now.ok()) return Fail(streams, std::string(now.status().message()));
  const absl::StatusOr<Catalog> catalog = LoadBuiltInCatalog();
  if (!catalog.ok()) return Fail(streams, std::string(catalog.status().message()));
  const absl::StatusOr<Policy> policy = LoadPolicy(options.policy, *catalog);
  if (!policy.ok()) return Fail(streams, std::string(policy.status().message()));
  const absl::StatusOr<Snapshot> snapshot =
      LoadSnapshot("check", options.evidence, *now, *collect, streams);
  if (!snapshot.ok()) return Fail(streams, std::string(snapshot.status().message()));

  const Verdict verdict =
      gate::Evaluate(*snapshot, *catalog, *policy, *now, /*pinned=*/!options.now.empty());
  const auto render = [&](const Output& output) {
    return Render(verdict, output, streams.color && output.path.empty());
  };
  status = WriteOutputs(*outputs, render, streams);
  if (!status.ok()) return Fail(streams, std::string(status.message()));
  return ExitCodeOf(verdict.outcome());
}

int Collect(const CollectCommandOptions& options, const Streams& streams) {
  const absl::StatusOr<CollectOptions> collect = ParseProfile(options.profile);
  if (!collect.ok()) return Fail(streams, std::string(collect.status().message()));
  absl::Status status = CheckOutsideRoot(options.evidence.root, options.output);
  if (status.ok()) status = CheckOutsideRoot(options.evidence.esp, options.output);
  if (!status.ok()) return Fail(streams, std::string(status.message()));
  const absl::StatusOr<Snapshot> snapshot =
      CollectVolume(options.evidence, FromAbslTime(absl::Now()), *collect, streams);
  if (!snapshot.ok()) return Fail(streams, std::string(snapshot.status().message()));
  status = WriteFileAtomically(options.output, SerializeSnapshot(*snapshot));
  if (!status.ok()) return Fail(streams, std::string(status.message()));
  return kOk;
}

}  // namespace patchgate::cli
