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
  std::string profile;               // "quick", "full"; empty for quick. Of a volume only.
  std::vector<std::string> outputs;  // FORMAT[=PATH]; empty for text.
};
int Check(const CheckOptions& options, const Streams& streams);

struct CollectCommandOptions {
  std::string root;
  std::string output;
  std::string profile;  // As in CheckOptions.
};
int Collect(const CollectCommandOptions& options, const Streams& streams);

struct VerifyCommandOptions {
  std::string root;
  std::string level = "payload";     // "index", "manifests", "payload"
  std::string scope = "all";         // "boot", "lcu", "all"
  int jobs = 0;                      // Threads; 0 for as many as the host has.
  bool quiet = false;                // No progress, on a terminal neither.
  std::vector<std::string> outputs;  // As in CheckOptions.
};
int Verify(const VerifyCommandOptions& options, const Streams& streams);

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
  std::string base;     // Of a manifest: base manifest, or a wcp.dll that carries it.
  bool decode = false;  // Of a manifest: its XML instead of JSON.
};
int Inspect(const InspectOptions& options, const Streams& streams);

// `id` is a check, or an error code by number or name.
int Explain(const std::string& id, const Streams& streams);
int List(const Streams& streams);
int Version(const Streams& streams);

// Threads that the host runs at once, at least 1.
int HardwareThreads();

// Writes "patchgate: MESSAGE" as one line, control characters escaped. Returns kFailed.
int Fail(const Streams& streams, const std::string& message);

}  // namespace patchgate::cli

#endif  // GATE_CLI_COMMANDS_H_
