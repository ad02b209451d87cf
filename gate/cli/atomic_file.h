// Writes a file whole or not at all.
#ifndef GATE_CLI_ATOMIC_FILE_H_
#define GATE_CLI_ATOMIC_FILE_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace patchgate::cli {

// Writes `bytes` to a new file beside `path` and renames it into place. The new file is created
// exclusively: patchgate runs as SYSTEM, and must not write through a link that somebody put there.
// kUnavailable, naming the file, if that fails; `path` is then as it was.
absl::Status WriteFileAtomically(const std::string& path, absl::string_view bytes);

// The path without links and "..", as far as it exists; for comparing paths.
std::string CanonicalPath(const std::string& path);

// kInvalidArgument if `output` lies in the directory `root`: patchgate never writes into evidence.
// An empty `root` holds nothing.
absl::Status CheckOutsideRoot(const std::string& root, const std::string& output);

}  // namespace patchgate::cli

#endif  // GATE_CLI_ATOMIC_FILE_H_
