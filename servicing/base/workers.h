// Threads that cannot end the process: not when none can be started, and not when memory runs out
// in one of them.
//
//   Workers workers;
//   for (int i = 1; i < jobs; ++i) {
//     if (!workers.Start(work)) break;  // Fewer threads do the same work.
//   }
//   work();
//   workers.Join();
#ifndef SERVICING_BASE_WORKERS_H_
#define SERVICING_BASE_WORKERS_H_

#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace patchgate {

class Workers {
 public:
  Workers() = default;
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;
  // Waits. What `work` uses must outlive this, also when an exception passes by.
  ~Workers();

  // Runs `work` on a thread of its own; false if the system gives none.
  bool Start(std::function<void()> work);

  // Waits for all, then throws what escaped first from one of them.
  void Join();

 private:
  void Wait();

  std::vector<std::thread> threads_;
  std::mutex mutex_;
  std::exception_ptr escaped_;  // Guarded by mutex_.
};

}  // namespace patchgate

#endif  // SERVICING_BASE_WORKERS_H_
