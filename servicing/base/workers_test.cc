#include "servicing/base/workers.h"

#include <atomic>
#include <fstream>
#include <new>

#include "gtest/gtest.h"

#ifndef _WIN32
#include <sys/resource.h>
#include <unistd.h>
#endif

namespace patchgate {
namespace {

TEST(WorkersTest, AllWorkIsDoneWhenJoinReturns) {
  std::atomic<int> done{0};
  Workers workers;
  for (int i = 0; i < 8; ++i) ASSERT_TRUE(workers.Start([&] { ++done; }));
  workers.Join();
  EXPECT_EQ(done, 8);
  workers.Join();  // Nothing is left to wait for.
}

TEST(WorkersTest, WhatAThreadThrowsIsThrownOnceByJoin) {
  std::atomic<int> done{0};
  Workers workers;
  for (int i = 0; i < 4; ++i) {
    ASSERT_TRUE(workers.Start([&, i] {
      ++done;
      if (i % 2 == 0) throw std::bad_alloc();
    }));
  }
  EXPECT_THROW(workers.Join(), std::bad_alloc);
  EXPECT_EQ(done, 4);
  workers.Join();
}

TEST(WorkersTest, AnExceptionThatPassesByWaitsForTheThreads) {
  std::atomic<int> done{0};
  const auto run = [&] {
    Workers workers;
    for (int i = 0; i < 4; ++i) {
      workers.Start([&] {
        std::this_thread::yield();
        ++done;
      });
    }
    throw std::bad_alloc();
  };
  EXPECT_THROW(run(), std::bad_alloc);
  EXPECT_EQ(done, 4);
}

// A sanitizer needs address space of its own.
#if !defined(_WIN32) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
TEST(WorkersTest, NoThreadToBeHadIsSaid) {
  size_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages;
  rlimit before;
  ASSERT_EQ(getrlimit(RLIMIT_AS, &before), 0);
  rlimit limit = before;
  limit.rlim_cur = pages * static_cast<size_t>(sysconf(_SC_PAGESIZE)) + (size_t{64} << 20);
  std::atomic<bool> end{false};
  std::atomic<int> done{0};
  int started = 0;
  {
    Workers workers;
    ASSERT_EQ(setrlimit(RLIMIT_AS, &limit), 0);
    // Each keeps its stack, until there is no room for another one.
    while (started < 1000 && workers.Start([&] {
      while (!end) std::this_thread::yield();
      ++done;
    })) {
      ++started;
    }
    ASSERT_EQ(setrlimit(RLIMIT_AS, &before), 0);
    end = true;
  }
  EXPECT_LT(started, 1000);
  EXPECT_EQ(done, started);
}
#endif

}  // namespace
}  // namespace patchgate
