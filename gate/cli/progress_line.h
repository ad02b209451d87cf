// One line on a terminal that says how far a long run has come.
#ifndef GATE_CLI_PROGRESS_LINE_H_
#define GATE_CLI_PROGRESS_LINE_H_

#include <cstddef>
#include <functional>
#include <ostream>
#include <utility>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "servicing/store/verify.h"

namespace patchgate::cli {

// "manifests and payload: 12345 of 28069, 4321 MB, 890 MB/s", written over itself with a
// carriage return, at most ten times a second; 1 MB is a million bytes. Calls must not overlap.
class ProgressLine {
 public:
  // `out` is a terminal. `now` is for tests.
  explicit ProgressLine(std::ostream* out, std::function<absl::Time()> now = absl::Now)
      : out_(out), now_(std::move(now)), begun_(now_()) {}
  ~ProgressLine() { Clear(); }
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  void Show(const store::Progress& progress);

  // Leaves an empty line with the cursor at its beginning. Needs no terminal that knows ANSI codes.
  void Clear();

 private:
  std::ostream* const out_;
  const std::function<absl::Time()> now_;
  const absl::Time begun_;
  absl::Time shown_ = absl::InfinitePast();
  size_t width_ = 0;  // Of what stands in the line.
};

}  // namespace patchgate::cli

#endif  // GATE_CLI_PROGRESS_LINE_H_
