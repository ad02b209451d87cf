#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gate/cli/commands.h"
#include "gate/cli/json.h"
#include "gate/cli/load.h"
#include "gate/report/report.h"
#include "servicing/history/timeline.h"

namespace patchgate::cli {

int ShowTimeline(const TimelineOptions& options, const Streams& streams) {
  if (options.format != "text" && options.format != "json") {
    return Fail(streams,
                absl::StrCat("unknown format \"", options.format, "\"; formats: text, json"));
  }
  CollectOptions collect;
  collect.profile = CollectOptions::Profile::kNone;
  const absl::StatusOr<Snapshot> snapshot =
      LoadSnapshot("timeline", {options.root, "", options.snapshot}, FromAbslTime(absl::Now()),
                   collect, streams);
  if (!snapshot.ok()) return Fail(streams, std::string(snapshot.status().message()));
  const Timeline timeline = history::BuildTimeline(*snapshot);
  if (options.format == "text") {
    gate::TextOptions text;
    text.color = streams.color;
    streams.out << gate::TimelineReport(timeline, snapshot->source(), text) << std::flush;
    return kOk;
  }
  const absl::StatusOr<std::string> json = ToJson(timeline);
  if (!json.ok()) return Fail(streams, std::string(json.status().message()));
  streams.out << *json << std::flush;
  return kOk;
}

}  // namespace patchgate::cli
