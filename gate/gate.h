// From a host to its verdict, in one call. A complete program: examples/verdict.cc.
//
//   absl::StatusOr<Verdict> verdict = gate::EvaluateDirectory("/mnt/windows");
//   if (!verdict.ok()) return Refuse(verdict.status());      // Not judged is not GO.
//   if (verdict->outcome() != Verdict::GO) return Refuse(gate::OneLineReport(*verdict));
//
// No globals: calls may run side by side in as many threads as one likes. Nothing throws, but for
// std::bad_alloc; nothing is printed, and no signal or exception handler is touched.
//
// Evidence is read into memory, never mapped: a file that another program cuts short, or a disk
// that fails, is evidence that could not be read, and no fault in the program that linked this. So
// the largest hives and logs cost their size in memory while they are looked at.
#ifndef GATE_GATE_H_
#define GATE_GATE_H_

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "gate/verdict.pb.h"
#include "servicing/base/filetime.h"
#include "servicing/base/stop.h"
#include "servicing/collector.h"

namespace patchgate::gate {

inline constexpr int kMaxJobs = 1024;

struct Options {
  std::string esp;     // Directory of the system partition; may be empty.
  std::string policy;  // Text of a policy (manifests/policy.proto); empty for the default.
  FileTime now = 0;    // The time to judge as of; 0 for the present.
  CollectOptions::Profile profile = CollectOptions::Profile::kQuick;
  int jobs = 0;  // Threads for reading, at most kMaxJobs; 0 for as many as the host runs at once.
  const Stop* stop = nullptr;                            // Ends the call early; no verdict then.
  std::function<void(const store::Progress&)> progress;  // May be empty.
};

// Errors of all: kInvalidArgument for a policy that is none, for options that are out of range and
// for a path that is empty or holds a NUL; kCancelled and kDeadlineExceeded as `stop` says. There
// is no verdict then: treat it as a refusal.

// The Windows volume at `root` (UTF-8, native path). kNotFound, kPermissionDenied and
// kFailedPrecondition if there is none.
absl::StatusOr<Verdict> EvaluateDirectory(const std::string& root, const Options& options = {});

// The Windows that runs here. kUnimplemented elsewhere than on Windows; kFailedPrecondition for a
// 32-bit build on a 64-bit Windows.
absl::StatusOr<Verdict> EvaluateLiveHost(const Options& options = {});

// Bytes of a file that `patchgate collect` wrote. kInvalidArgument, kUnimplemented as
// ParseSnapshot. `esp`, `profile` and `jobs` say how to collect, and are not used.
absl::StatusOr<Verdict> EvaluateSnapshot(absl::string_view bytes, const Options& options = {});

// What is wrong with the text of a policy, as the calls above would say it.
absl::Status CheckPolicy(absl::string_view policy);

}  // namespace patchgate::gate

#endif  // GATE_GATE_H_
