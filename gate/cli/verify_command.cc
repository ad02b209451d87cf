#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gate/cli/choice.h"
#include "gate/cli/commands.h"
#include "gate/cli/json.h"
#include "gate/cli/load.h"
#include "gate/cli/outputs.h"
#include "gate/cli/progress_line.h"
#include "gate/report/store_report.h"
#include "gate/store_verdict.h"
#include "servicing/base/status_macros.h"
#include "servicing/base/stop.h"
#include "servicing/base/utf16.h"
#include "servicing/store/verify.h"

namespace patchgate::cli {
namespace {

absl::StatusOr<store::VerifyOptions> ParseOptions(const VerifyCommandOptions& options) {
  constexpr StoreLevel kLevels[] = {STORE_LEVEL_INDEX, STORE_LEVEL_MANIFESTS, STORE_LEVEL_PAYLOAD};
  constexpr StoreScope kScopes[] = {STORE_SCOPE_BOOT, STORE_SCOPE_LCU, STORE_SCOPE_ALL};
  const auto names = [](const auto& values, auto name_of) {
    std::vector<std::string> result;
    for (const auto value : values) result.push_back(name_of(value));
    return result;
  };
  PG_ASSIGN_OR_RETURN(const size_t level,
                      Choose("level", options.level, names(kLevels, gate::StoreLevelName)));
  PG_ASSIGN_OR_RETURN(const size_t scope,
                      Choose("scope", options.scope, names(kScopes, gate::StoreScopeName)));
  store::VerifyOptions verify;
  verify.level = kLevels[level];
  verify.scope = kScopes[scope];
  verify.jobs = options.jobs > 0 ? options.jobs : HardwareThreads();
  return verify;
}

absl::StatusOr<StoreVerdict> VerifyVolume(const std::string& root, store::VerifyOptions options,
                                          bool quiet, const Streams& streams) {
  PG_ASSIGN_OR_RETURN(const Host host, OpenHost("verify", {root, "", ""}));
  const Stop stop(streams.cancel_on_interrupt == nullptr ? nullptr : streams.cancel_on_interrupt());
  options.stop = &stop;
  std::unique_ptr<ProgressLine> line;
  if (streams.err_is_terminal && !quiet) {
    line = std::make_unique<ProgressLine>(&streams.err);
    options.progress = [&line](const store::Progress& progress) { line->Show(progress); };
  }
  const std::unique_ptr<registry::Registry> registry = host.open_registry(*host.volume);
  return gate::JudgeStore(store::Verify(*host.volume, *registry, options),
                          CleanUtf8(host.volume->description()));
}

int ExitCodeOf(StoreVerdict::Outcome outcome) {
  switch (outcome) {
    case StoreVerdict::CLEAN:
      return kOk;
    case StoreVerdict::DAMAGED:
      return kNoGo;
    default:
      return kIndeterminate;
  }
}

}  // namespace

int HardwareThreads() {
  const unsigned threads = std::thread::hardware_concurrency();  // 0 if it cannot be told.
  return threads == 0 ? 1 : static_cast<int>(threads);
}

int Verify(const VerifyCommandOptions& options, const Streams& streams) {
  const auto fail = [&](const absl::Status& status) {
    return Fail(streams, std::string(status.message()));
  };
  const absl::StatusOr<std::vector<Output>> outputs =
      ParseOutputs(options.outputs, {"text", "json", "one-line"});
  if (!outputs.ok()) return fail(outputs.status());
  absl::StatusOr<store::VerifyOptions> verify = ParseOptions(options);
  if (!verify.ok()) return fail(verify.status());
  absl::Status status = CheckTargets(*outputs, options.root, {});
  if (!status.ok()) return fail(status);
  const absl::StatusOr<StoreVerdict> verdict =
      VerifyVolume(options.root, *std::move(verify), options.quiet, streams);
  if (!verdict.ok()) return fail(verdict.status());
  const absl::StatusOr<std::string> json = ToJson(*verdict);
  if (!json.ok()) return fail(json.status());

  const auto render = [&](const Output& output) {
    if (output.format == "json") return *json;
    if (output.format == "one-line") return gate::StoreOneLineReport(*verdict);
    gate::TextOptions text;
    text.color = streams.color && output.path.empty();
    return gate::StoreTextReport(*verdict, text);
  };
  status = WriteOutputs(*outputs, render, streams);
  if (!status.ok()) return fail(status);
  return ExitCodeOf(verdict->outcome());
}

}  // namespace patchgate::cli
