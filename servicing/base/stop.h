// When a long run is to end early: another thread, or Ctrl-C, asks for it, or its time is up.
#ifndef SERVICING_BASE_STOP_H_
#define SERVICING_BASE_STOP_H_

#include <atomic>
#include <chrono>

#include "absl/status/status.h"

namespace patchgate {

class Stop {
 public:
  // `also`, if given, asks too; it must outlive this.
  explicit Stop(const std::atomic<bool>* also = nullptr) : also_(also) {}
  Stop(const Stop&) = delete;
  Stop& operator=(const Stop&) = delete;

  // May be called from any thread, more than once.
  void Cancel() { cancelled_.store(true, std::memory_order_relaxed); }

  // Before the run starts: it has this long, from now; 0 is no limit. A limit of more than a
  // century is one of a century.
  void SetTimeLimit(std::chrono::milliseconds limit);

  // kOk to go on; kCancelled; kDeadlineExceeded, with the limit in its text. Once it asks to end it
  // does so for good.
  absl::Status status() const;
  bool requested() const;

 private:
  std::atomic<bool> cancelled_{false};
  const std::atomic<bool>* also_;
  std::chrono::milliseconds limit_{0};  // 0: none.
  std::chrono::steady_clock::time_point end_;
};

}  // namespace patchgate

#endif  // SERVICING_BASE_STOP_H_
