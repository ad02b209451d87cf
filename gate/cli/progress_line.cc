#include "gate/cli/progress_line.h"

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace patchgate::cli {
namespace {

constexpr absl::Duration kBetween = absl::Milliseconds(100);
constexpr size_t kColumns = 79;  // A line that the terminal breaks cannot be written over.

}  // namespace

void ProgressLine::Show(const store::Progress& progress) {
  const absl::Time now = now_();
  if (now - shown_ < kBetween) return;
  shown_ = now;
  std::string line(progress.step);
  if (progress.total > 0) absl::StrAppend(&line, ": ", progress.done, " of ", progress.total);
  const double megabytes = static_cast<double>(progress.bytes) / 1e6;
  const double seconds = absl::ToDoubleSeconds(now - begun_);
  if (progress.bytes > 0) absl::StrAppendFormat(&line, ", %.0f MB", megabytes);
  if (progress.bytes > 0 && seconds > 0) {
    absl::StrAppendFormat(&line, ", %.0f MB/s", megabytes / seconds);
  }
  line.resize(std::min(line.size(), kColumns));
  const size_t width = line.size();
  if (width < width_) line.append(width_ - width, ' ');
  width_ = width;
  *out_ << '\r' << line << std::flush;
}

void ProgressLine::Clear() {
  if (width_ == 0) return;
  *out_ << '\r' << std::string(width_, ' ') << '\r' << std::flush;
  width_ = 0;
}

}  // namespace patchgate::cli
