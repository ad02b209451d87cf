#include <algorithm>
#include <memory>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "gate/cli/atomic_file.h"
#include "gate/cli/commands.h"
#include "gate/cli/load.h"
#include "gate/evaluate.h"
#include "gate/report/report.h"
#include "manifests/catalog.h"
#include "manifests/nearest.h"
#include "manifests/policy.h"
#include "servicing/base/status_macros.h"
#include "servicing/collector.h"
#include "servicing/evidence/directory_source.h"

namespace patchgate::cli {
namespace {

struct Output {
  std::string format;
  std::string path;  // Empty for standard output.
};

absl::StatusOr<std::vector<Output>> ParseOutputs(const std::vector<std::string>& specs) {
  std::vector<Output> outputs;
  int to_stdout = 0;
  for (const std::string& spec : specs) {
    const size_t equals = spec.find('=');
    Output output{spec.substr(0, equals),
                  equals == std::string::npos ? "" : spec.substr(equals + 1)};
    const std::vector<std::string> formats = {"text", "json", "one-line"};
    if (std::find(formats.begin(), formats.end(), output.format) == formats.end()) {
      return absl::InvalidArgumentError(absl::StrCat("unknown format \"", output.format, "\"",
                                                     DidYouMean(output.format, formats),
                                                     "; formats: ", absl::StrJoin(formats, ", ")));
    }
    if (equals != std::string::npos && output.path.empty()) {
      return absl::InvalidArgumentError(absl::StrCat("output ", spec, " names no file"));
    }
    to_stdout += output.path.empty();
    outputs.push_back(std::move(output));
  }
  if (to_stdout > 1) {
    return absl::InvalidArgumentError(
        "only one output can go to standard output; give the others a file");
  }
  if (outputs.empty()) outputs.push_back({"text", ""});
  return outputs;
}

// Outputs never go over each other or over what is judged: a report must not destroy evidence.
absl::Status CheckTargets(const CheckOptions& options, const std::vector<Output>& outputs) {
  std::set<std::string> seen;
  for (const Output& output : outputs) {
    if (output.path.empty()) continue;
    if (!seen.insert(CanonicalPath(output.path)).second) {
      return absl::InvalidArgumentError(absl::StrCat("two outputs go to one file, ", output.path));
    }
    for (const std::string* input : {&options.snapshot, &options.policy}) {
      if (!input->empty() && CanonicalPath(*input) == CanonicalPath(output.path)) {
        return absl::InvalidArgumentError(
            absl::StrCat("output ", output.path, " would replace an input of this check"));
      }
    }
    PG_RETURN_IF_ERROR(CheckOutsideRoot(options.root, output.path));
  }
  return absl::OkStatus();
}

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
  options.color = color && output.path.empty();
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
  const absl::StatusOr<std::vector<Output>> outputs = ParseOutputs(options.outputs);
  if (!outputs.ok()) return Fail(streams, std::string(outputs.status().message()));
  if (const absl::Status status = CheckTargets(options, *outputs); !status.ok()) {
    return Fail(streams, std::string(status.message()));
  }
  const absl::StatusOr<FileTime> now = ParseNow(options.now);
  if (!now.ok()) return Fail(streams, std::string(now.status().message()));
  const absl::StatusOr<Catalog> catalog = LoadBuiltInCatalog();
  if (!catalog.ok()) return Fail(streams, std::string(catalog.status().message()));
  const absl::StatusOr<Policy> policy = LoadPolicy(options.policy, *catalog);
  if (!policy.ok()) return Fail(streams, std::string(policy.status().message()));
  const absl::StatusOr<Snapshot> snapshot =
      LoadSnapshot("check", options.root, options.snapshot, *now);
  if (!snapshot.ok()) return Fail(streams, std::string(snapshot.status().message()));

  const Verdict verdict =
      gate::Evaluate(*snapshot, *catalog, *policy, *now, /*pinned=*/!options.now.empty());
  // Files first: a verdict on the screen whose file could not be written would be half a result.
  for (const Output& output : *outputs) {
    if (output.path.empty()) continue;
    const absl::Status status = WriteFileAtomically(output.path, Render(verdict, output, false));
    if (!status.ok()) return Fail(streams, std::string(status.message()));
  }
  for (const Output& output : *outputs) {
    if (output.path.empty()) streams.out << Render(verdict, output, streams.color) << std::flush;
  }
  return ExitCodeOf(verdict.outcome());
}

int Collect(const CollectOptions& options, const Streams& streams) {
  const absl::StatusOr<std::unique_ptr<evidence::Source>> source =
      evidence::OpenDirectory(options.root);
  if (!source.ok()) return Fail(streams, std::string(source.status().message()));
  absl::Status status = CheckOutsideRoot(options.root, options.output);
  if (status.ok()) status = CheckIsWindowsVolume(**source);
  if (status.ok()) {
    const Snapshot snapshot = patchgate::Collect(**source, FromAbslTime(absl::Now()));
    status = WriteFileAtomically(options.output, SerializeSnapshot(snapshot));
  }
  if (!status.ok()) return Fail(streams, std::string(status.message()));
  return kOk;
}

}  // namespace patchgate::cli
