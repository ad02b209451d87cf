#include "servicing/base/stop.h"

#include <atomic>
#include <chrono>
#include <thread>

#include "absl/status/status.h"
#include "gtest/gtest.h"

namespace patchgate {
namespace {

TEST(Stop, GoesOnUntilItIsTold) {
  Stop stop;
  EXPECT_FALSE(stop.requested());
  EXPECT_TRUE(stop.status().ok());
  std::thread other([&stop] { stop.Cancel(); });
  other.join();
  EXPECT_TRUE(stop.requested());
  EXPECT_TRUE(absl::IsCancelled(stop.status()));
}

TEST(Stop, HearsAnotherFlag) {
  std::atomic<bool> flag{false};
  const Stop stop(&flag);
  EXPECT_TRUE(stop.status().ok());
  flag = true;
  EXPECT_TRUE(stop.requested());
  EXPECT_TRUE(absl::IsCancelled(stop.status()));
}

TEST(Stop, TimeLimit) {
  Stop far;
  far.SetTimeLimit(std::chrono::milliseconds::max());
  EXPECT_TRUE(far.status().ok());
  Stop near;
  near.SetTimeLimit(std::chrono::milliseconds(1));
  std::this_thread::sleep_for(std::chrono::milliseconds(5));
  EXPECT_TRUE(near.requested());
  EXPECT_EQ(near.status(), absl::DeadlineExceededError("not done within 1 ms"));
  near.Cancel();
  EXPECT_TRUE(absl::IsCancelled(near.status())) << "who cancels hears that it was cancelled";
}

}  // namespace
}  // namespace patchgate
