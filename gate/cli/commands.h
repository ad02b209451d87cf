// The commands, each a function from its options to an exit code.
#ifndef GATE_CLI_COMMANDS_H_
#define GATE_CLI_COMMANDS_H_

#include <string>
#include <vector>

#include "gate/cli/cli.h"

namespace patchgate::cli {

struct CheckOptions {
  std::string root;                  // A directory that holds a Windows volume, or
  std::string snapshot;              // a file written by `collect`.
  std::string policy;                // Text-format policy; empty for the default.
  std::string now;                   // RFC 3339; empty for the present.
  std::vector<std::string> outputs;  // FORMAT[=PATH]; empty for text.
};
int Check(const CheckOptions& options, const Streams& streams);

struct CollectOptions {
  std::string root;
  std::string output;
};
int Collect(const CollectOptions& options, const Streams& streams);

struct TimelineOptions {
  std::string root;  // As in CheckOptions.
  std::string snapshot;
  std::string format = "text";  // "text", "json"
};
int ShowTimeline(const TimelineOptions& options, const Streams& streams);

struct InspectOptions {
  std::string file;
  std::string key;
  bool has_key = false;
  bool replay = true;
};
int Inspect(const InspectOptions& options, const Streams& streams);

// `id` is a check, or an error code by number or name.
int Explain(const std::string& id, const Streams& streams);
int List(const Streams& streams);
int Version(const Streams& streams);

// Writes "patchgate: MESSAGE" as one line, control characters escaped. Returns kFailed.
int Fail(const Streams& streams, const std::string& message);

}  // namespace patchgate::cli

#endif  // GATE_CLI_COMMANDS_H_
