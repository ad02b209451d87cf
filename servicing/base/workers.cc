#include "servicing/base/workers.h"

#include <system_error>
#include <utility>

namespace patchgate {

Workers::~Workers() { Wait(); }

bool Workers::Start(std::function<void()> work) {
  threads_.reserve(threads_.size() + 1);  // Nothing may throw between a thread's start and here.
  try {
    threads_.emplace_back([this, work = std::move(work)] {
      try {
        work();
      } catch (...) {
        const std::lock_guard<std::mutex> lock(mutex_);
        if (!escaped_) escaped_ = std::current_exception();
      }
    });
  } catch (const std::system_error&) {
    return false;
  }
  return true;
}

void Workers::Join() {
  Wait();
  if (escaped_) std::rethrow_exception(std::exchange(escaped_, nullptr));
}

void Workers::Wait() {
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

}  // namespace patchgate
