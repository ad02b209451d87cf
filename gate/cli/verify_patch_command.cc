#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gate/cli/commands.h"
#include "gate/cli/json.h"
#include "gate/cli/load.h"
#include "gate/cli/outputs.h"
#include "gate/patch_state.h"
#include "gate/report/patch_report.h"
#include "manifests/updates.h"
#include "servicing/base/filetime.h"
#include "servicing/base/status_macros.h"
#include "servicing/evidence/directory_source.h"
#include "servicing/history/timeline.h"

namespace patchgate::cli {
namespace {

struct Updates {
  UpdateCatalog catalog;                  // Built-in ones and those of the files.
  std::vector<std::string> extra_probes;  // Paths that the files name.
};

absl::StatusOr<Updates> LoadUpdates(const std::vector<std::string>& paths) {
  Updates updates;
  PG_ASSIGN_OR_RETURN(updates.catalog, LoadBuiltInUpdates());
  for (const std::string& path : paths) {
    PG_ASSIGN_OR_RETURN(const std::unique_ptr<evidence::File> file, evidence::OpenNativeFile(path));
    PG_ASSIGN_OR_RETURN(const UpdateSet set, ParseUpdateSet(path, file->bytes()));
    PG_RETURN_IF_ERROR(updates.catalog.Add(path, set));
    for (std::string& probe : gate::DescribedPaths(set)) {
      updates.extra_probes.push_back(std::move(probe));
    }
  }
  return updates;
}

absl::StatusOr<PatchState> VerifyHost(const VerifyPatchOptions& options, const Streams& streams) {
  absl::optional<gate::PatchTarget> target;
  if (!options.target.empty()) {
    PG_ASSIGN_OR_RETURN(target, gate::ParsePatchTarget(options.target));
  }
  PG_ASSIGN_OR_RETURN(Updates updates, LoadUpdates(options.updates));
  CollectOptions collect;
  collect.jobs = HardwareThreads();
  collect.extra_probes = std::move(updates.extra_probes);
  PG_ASSIGN_OR_RETURN(
      const Snapshot snapshot,
      LoadSnapshot("verify-patch", options.evidence, FromAbslTime(absl::Now()), collect, streams));
  return gate::JudgePatchState(snapshot, history::BuildTimeline(snapshot), updates.catalog, target);
}

int ExitCodeOf(PatchState::Outcome outcome) {
  switch (outcome) {
    case PatchState::CONFIRMED:
      return kOk;
    case PatchState::CONTRADICTED:
      return kNoGo;
    default:
      return kIndeterminate;
  }
}

}  // namespace

int VerifyPatch(const VerifyPatchOptions& options, const Streams& streams) {
  const auto fail = [&](const absl::Status& status) {
    return Fail(streams, std::string(status.message()));
  };
  const absl::StatusOr<std::vector<Output>> outputs =
      ParseOutputs(options.outputs, {"text", "json", "one-line"});
  if (!outputs.ok()) return fail(outputs.status());
  std::vector<std::string> inputs = options.updates;
  inputs.push_back(options.evidence.snapshot);
  absl::Status status = CheckTargets(*outputs, options.evidence.root, inputs);
  if (!status.ok()) return fail(status);
  const absl::StatusOr<PatchState> state = VerifyHost(options, streams);
  if (!state.ok()) return fail(state.status());
  const absl::StatusOr<std::string> json = ToJson(*state);
  if (!json.ok()) return fail(json.status());

  const auto render = [&](const Output& output) {
    if (output.format == "json") return *json;
    if (output.format == "one-line") return gate::PatchOneLineReport(*state);
    gate::TextOptions text;
    text.color = streams.color && output.path.empty();
    return gate::PatchTextReport(*state, text);
  };
  status = WriteOutputs(*outputs, render, streams);
  if (!status.ok()) return fail(status);
  return ExitCodeOf(state->outcome());
}

}  // namespace patchgate::cli
