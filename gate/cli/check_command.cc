#include <chrono>
#include <cmath>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gate/cli/atomic_file.h"
#include "gate/cli/commands.h"
#include "gate/cli/event_log.h"
#include "gate/cli/exit_style.h"
#include "gate/cli/load.h"
#include "gate/cli/outputs.h"
#include "gate/evaluate.h"
#include "gate/report/report.h"
#include "manifests/catalog.h"
#include "manifests/policy.h"
#include "servicing/base/status_macros.h"
#include "servicing/base/stop.h"
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

// Empty: 0, no limit.
absl::StatusOr<std::chrono::milliseconds> ParseTimeout(const std::string& text) {
  if (text.empty()) return std::chrono::milliseconds(0);
  constexpr double kMostSeconds = 1e9;  // So that no clock overflows.
  double seconds = 0;
  if (!absl::SimpleAtod(text, &seconds) || !(seconds > 0 && seconds <= kMostSeconds)) {
    return absl::InvalidArgumentError(
        absl::StrCat("--timeout ", text, " is no number of seconds above 0 and up to 1000000000"));
  }
  return std::chrono::milliseconds(static_cast<int64_t>(std::ceil(seconds * 1000)));
}

// Files, then the event, then the screen: who sees a verdict can rely on the rest of it.
absl::Status Report(const Verdict& verdict, const std::vector<Output>& outputs, bool event_log,
                    const Streams& streams) {
  std::vector<Output> files, screen;
  for (const Output& output : outputs) (output.path.empty() ? screen : files).push_back(output);
  const auto render = [&](const Output& output) {
    return Render(verdict, output, streams.color && output.path.empty());
  };
  PG_RETURN_IF_ERROR(WriteOutputs(files, render, streams));
  if (event_log) PG_RETURN_IF_ERROR(streams.write_event(VerdictEvent(verdict)));
  return WriteOutputs(screen, render, streams);
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

int Check(const CheckOptions& options, const Streams& streams, CheckTraits* traits) {
  const auto fail = [&](const absl::Status& status) {
    return Fail(streams, std::string(status.message()));
  };
  const absl::StatusOr<ExitStyle> style = ParseExitStyle(options.exit_style);
  if (!style.ok()) return fail(style.status());
  traits->style = *style;
  if (options.event_log && !streams.write_event) {
    return Fail(streams, "check: --event-log needs the Event Log of Windows; there is none here");
  }
  const absl::StatusOr<std::chrono::milliseconds> limit = ParseTimeout(options.timeout);
  if (!limit.ok()) return fail(limit.status());
  const absl::StatusOr<std::vector<Output>> outputs =
      ParseOutputs(options.outputs, {"text", "json", "one-line"});
  if (!outputs.ok()) return fail(outputs.status());
  absl::Status status =
      CheckTargets(*outputs, options.evidence.root, {options.evidence.snapshot, options.policy});
  if (status.ok()) status = CheckTargets(*outputs, options.evidence.esp, {});
  if (!status.ok()) return fail(status);
  if (!options.profile.empty() && !options.evidence.snapshot.empty()) {
    return Fail(streams,
                "check: --profile says how deep a volume is read; a snapshot holds what was read "
                "when it was collected: give --profile to collect");
  }
  absl::StatusOr<CollectOptions> collect = ParseProfile(options.profile);
  if (!collect.ok()) return fail(collect.status());
  const absl::StatusOr<FileTime> now = ParseNow(options.now);
  if (!now.ok()) return fail(now.status());
  const absl::StatusOr<Catalog> catalog = LoadBuiltInCatalog();
  if (!catalog.ok()) return fail(catalog.status());
  const absl::StatusOr<Policy> policy = LoadPolicy(options.policy, *catalog);
  if (!policy.ok()) return fail(policy.status());
  Stop stop(streams.cancel_on_interrupt != nullptr ? streams.cancel_on_interrupt() : nullptr);
  if (limit->count() > 0) stop.SetTimeLimit(*limit);
  collect->stop = &stop;
  const absl::StatusOr<Snapshot> snapshot =
      LoadSnapshot("check", options.evidence, *now, *collect, streams);
  if (!snapshot.ok()) return fail(snapshot.status());

  const Verdict verdict =
      gate::Evaluate(*snapshot, *catalog, *policy, *now, /*pinned=*/!options.now.empty());
  status = stop.status();
  if (!status.ok()) return Fail(streams, absl::StrCat("check: ", status.message()));
  status = Report(verdict, *outputs, options.event_log, streams);
  if (!status.ok()) return fail(status);
  traits->busy = verdict.busy();
  traits->warned = verdict.summary().warn() > 0;
  return ExitCodeOf(verdict.outcome());
}

int Collect(const CollectCommandOptions& options, const Streams& streams) {
  absl::StatusOr<CollectOptions> collect = ParseProfile(options.profile);
  if (!collect.ok()) return Fail(streams, std::string(collect.status().message()));
  const absl::StatusOr<std::chrono::milliseconds> limit = ParseTimeout(options.timeout);
  if (!limit.ok()) return Fail(streams, std::string(limit.status().message()));
  Stop stop(streams.cancel_on_interrupt == nullptr ? nullptr : streams.cancel_on_interrupt());
  stop.SetTimeLimit(*limit);
  collect->stop = &stop;
  absl::Status status = CheckOutsideRoot(options.evidence.root, options.output);
  if (status.ok()) status = CheckOutsideRoot(options.evidence.esp, options.output);
  if (!status.ok()) return Fail(streams, std::string(status.message()));
  const absl::StatusOr<Snapshot> snapshot =
      CollectVolume("collect", options.evidence, FromAbslTime(absl::Now()), *collect, streams);
  if (!snapshot.ok()) return Fail(streams, std::string(snapshot.status().message()));
  status = WriteFileAtomically(options.output, SerializeSnapshot(*snapshot));
  if (!status.ok()) return Fail(streams, std::string(status.message()));
  return kOk;
}

}  // namespace patchgate::cli
