// The commands, each a function from its options to an exit code.
#ifndef GATE_CLI_COMMANDS_H_
#define GATE_CLI_COMMANDS_H_

#include <string>
#include <vector>

#include "gate/cli/cli.h"
#include "gate/cli/exit_style.h"
#include "gate/cli/load.h"

namespace patchgate::cli {

struct CheckOptions {
  EvidencePaths evidence;
  std::string policy;                // Text-format policy; empty for the default.
  std::string now;                   // RFC 3339; empty for the present.
  std::string profile;               // "quick", "full"; empty for quick. Of a volume only.
  std::vector<std::string> outputs;  // FORMAT[=PATH]; empty for text.
  std::string exit_style = "native";
  std::string timeout;     // Seconds, a positive number; empty for no limit.
  bool event_log = false;  // The verdict goes to the Windows Event Log too.
};
// What Run needs besides the native exit code, to translate it.
struct CheckTraits {
  ExitStyle style = ExitStyle::kNative;
  bool busy = false;  // As in RunResult.
  bool warned = false;
};
int Check(const CheckOptions& options, const Streams& streams, CheckTraits* traits);

struct CollectCommandOptions {
  EvidencePaths evidence;  // Without a snapshot.
  std::string output;
  std::string profile;  // As in CheckOptions.
  std::string timeout;  // As in CheckOptions.
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

struct VerifyPatchOptions {
  EvidencePaths evidence;
  std::string target;                // KB number or build; may be empty.
  std::vector<std::string> updates;  // Files of descriptors (manifests/update.proto).
  std::vector<std::string> outputs;  // As in CheckOptions.
};
int VerifyPatch(const VerifyPatchOptions& options, const Streams& streams);

struct ImportUpdateOptions {
  std::string kb;
  std::string title;                  // Empty: made of the KB number.
  std::string kind;                   // UpdateDescriptor.Kind; empty: what is known, or CUMULATIVE.
  std::string released;               // "2025-12-09"; may be empty.
  std::vector<std::string> builds;    // "26100.7462"
  std::vector<std::string> csv;       // The vendor's lists of files.
  std::vector<std::string> mum;       // Package manifests.
  std::vector<std::string> manifest;  // Component manifests, decoded.
  std::string output;
};
int ImportUpdate(const ImportUpdateOptions& options, const Streams& streams);

struct TimelineOptions {
  std::string root;  // As in EvidencePaths.
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

// Writes "patchgate: MESSAGE" as one line, control characters escaped, and leaves the message in
// streams.failure. Returns kFailed.
int Fail(const Streams& streams, const std::string& message);

}  // namespace patchgate::cli

#endif  // GATE_CLI_COMMANDS_H_
