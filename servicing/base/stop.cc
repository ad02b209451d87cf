#include "servicing/base/stop.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace patchgate {

void Stop::SetTimeLimit(std::chrono::milliseconds limit) {
  constexpr std::chrono::milliseconds kLongest = std::chrono::hours(24 * 366 * 100);
  limit_ = std::min(limit, kLongest);  // More could not be added to the clock.
  end_ = std::chrono::steady_clock::now() + limit_;
}

bool Stop::requested() const {
  return cancelled_.load(std::memory_order_relaxed) ||
         (also_ != nullptr && also_->load(std::memory_order_relaxed)) ||
         (limit_.count() > 0 && std::chrono::steady_clock::now() >= end_);
}

absl::Status Stop::status() const {
  if (!requested()) return absl::OkStatus();
  if (cancelled_.load(std::memory_order_relaxed) ||
      (also_ != nullptr && also_->load(std::memory_order_relaxed))) {
    return absl::CancelledError("cancelled");
  }
  return absl::DeadlineExceededError(absl::StrCat("not done within ", limit_.count(), " ms"));
}

}  // namespace patchgate
