// Side by side in one process: what ThreadSanitizer is to watch (--config=tsan).
#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "gate/capi/patchgate.h"
#include "gate/volume_folder.h"
#include "gtest/gtest.h"
#include "testdata/fake_volume.h"
#include "testdata/scenarios.h"

#ifndef _WIN32
#include <pthread.h>
#endif

namespace patchgate {
namespace {

using gate::VolumeFolder;

const char* const kScenarios[] = {"healthy",       "failed-rollback", "no-components",
                                  "damaged-store", "reboot-pending",  "dirty-pending",
                                  "update-loop",   "virtual-machine"};

patchgate_options Defaults() {
  patchgate_options options;
  EXPECT_EQ(patchgate_options_init(&options, sizeof(options)), PATCHGATE_OK);
  options.now = testdata::Time("2025-12-16T18:00:00Z");
  return options;
}

std::string JsonOf(const std::string& root, const patchgate_options& options) {
  patchgate_verdict* verdict = nullptr;
  char why[PATCHGATE_ERROR_SIZE];
  if (patchgate_evaluate_directory(root.data(), root.size(), &options, &verdict, why,
                                   sizeof(why)) != PATCHGATE_OK) {
    return why;
  }
  size_t size = 0;
  const char* const json = patchgate_verdict_json(verdict, &size);
  const std::string copy(json, size);
  patchgate_verdict_free(verdict);
  return copy;
}

// Everything that a verdict says, through every function that reads one.
std::string Read(const patchgate_verdict* verdict) {
  std::string all = patchgate_verdict_json(verdict, nullptr);
  all += patchgate_verdict_line(verdict, nullptr);
  all += static_cast<char>('0' + patchgate_verdict_busy(verdict));
  all += std::to_string(patchgate_verdict_outcome(verdict));
  for (size_t i = 0; i < patchgate_finding_count(verdict); ++i) {
    patchgate_finding finding;
    finding.size = sizeof(finding);
    EXPECT_EQ(patchgate_finding_get(verdict, i, &finding), PATCHGATE_OK);
    all.append(finding.summary.data, finding.summary.size);
    for (size_t k = 0; k < finding.evidence_count; ++k) {
      patchgate_evidence evidence;
      evidence.size = sizeof(evidence);
      EXPECT_EQ(patchgate_evidence_get(verdict, i, k, &evidence), PATCHGATE_OK);
      all.append(evidence.what.data, evidence.what.size);
    }
  }
  return all;
}

TEST(ThreadsTest, DifferentRootsAtOnceGiveWhatTheyGiveAlone) {
  std::vector<VolumeFolder> folders;
  for (const char* name : kScenarios) {
    folders.emplace_back(name, testdata::FindScenario(name).build());
  }
  const size_t count = folders.size();
  patchgate_options options = Defaults();
  options.jobs = 2;
  // The first calls of all run at once: what is made at a first call is made by several.
  std::vector<std::string> together(count), alone(count);
  std::vector<std::thread> threads;
  for (size_t i = 0; i < count; ++i) {
    threads.emplace_back([&, i] { together[i] = JsonOf(folders[i].root(), options); });
  }
  for (std::thread& thread : threads) thread.join();
  for (size_t i = 0; i < count; ++i) {
    alone[i] = JsonOf(folders[i].root(), options);
    EXPECT_EQ(alone[i][0], '{') << alone[i];
    EXPECT_EQ(together[i], alone[i]) << kScenarios[i];
    if (i > 0) {
      EXPECT_NE(alone[i], alone[0]);
    }
  }
}

TEST(ThreadsTest, OneRootInSeveralThreads) {
  const VolumeFolder folder("shared", testdata::FindScenario("failed-rollback").build());
  const patchgate_options options = Defaults();
  std::vector<std::string> results(4);
  std::vector<std::thread> threads;
  for (std::string& result : results) {
    threads.emplace_back([&] { result = JsonOf(folder.root(), options); });
  }
  for (std::thread& thread : threads) thread.join();
  for (const std::string& result : results) EXPECT_EQ(result, results[0]);
}

TEST(ThreadsTest, AVerdictIsReadBySeveralThreads) {
  const VolumeFolder folder("read", testdata::FindScenario("failed-rollback").build());
  const patchgate_options options = Defaults();
  patchgate_verdict* verdict = nullptr;
  const std::string root = folder.root();
  ASSERT_EQ(patchgate_evaluate_directory(root.data(), root.size(), &options, &verdict, nullptr, 0),
            PATCHGATE_OK);
  std::vector<std::string> results(8);
  std::vector<std::thread> threads;
  for (std::string& result : results) {
    threads.emplace_back([&] { result = Read(verdict); });
  }
  for (std::thread& thread : threads) thread.join();
  for (const std::string& result : results) EXPECT_EQ(result, results[0]);
  patchgate_verdict_free(verdict);
}

TEST(ThreadsTest, OneCancellationEndsCallsOfSeveralThreads) {
  const VolumeFolder folder("cancel", testdata::FindScenario("healthy").build());
  const std::string root = folder.root();
  patchgate_cancellation* const cancellation = patchgate_cancellation_create();
  patchgate_options options = Defaults();
  options.cancellation = cancellation;
  options.jobs = 2;
  std::atomic<int> started{0};
  std::vector<int32_t> last(4, PATCHGATE_OK);
  std::vector<std::thread> threads;
  for (int32_t& error : last) {
    threads.emplace_back([&] {
      while (error == PATCHGATE_OK) {  // Until it is cancelled.
        patchgate_verdict* verdict = nullptr;
        ++started;
        error =
            patchgate_evaluate_directory(root.data(), root.size(), &options, &verdict, nullptr, 0);
        patchgate_verdict_free(verdict);
      }
    });
  }
  while (started < 4) std::this_thread::yield();
  patchgate_cancellation_request(cancellation);
  for (std::thread& thread : threads) thread.join();
  for (const int32_t error : last) EXPECT_EQ(error, PATCHGATE_CANCELLED);
  patchgate_cancellation_free(cancellation);
}

#ifndef _WIN32
TEST(ThreadsTest, TheStackThatTheHeaderNamesIsEnough) {
  struct Call {
    std::string root;
    std::string result;
  };
  const VolumeFolder folder("stack", testdata::FindScenario("failed-rollback").build());
  Call call{folder.root(), ""};
  pthread_attr_t attributes;
  ASSERT_EQ(pthread_attr_init(&attributes), 0);
  ASSERT_EQ(pthread_attr_setstacksize(&attributes, 256 * 1024), 0);
  pthread_t thread;
  const auto run = [](void* data) -> void* {
    Call* const call = static_cast<Call*>(data);
    call->result = JsonOf(call->root, Defaults());
    return nullptr;
  };
  ASSERT_EQ(pthread_create(&thread, &attributes, run, &call), 0);
  ASSERT_EQ(pthread_join(thread, nullptr), 0);
  pthread_attr_destroy(&attributes);
  EXPECT_EQ(call.result, JsonOf(folder.root(), Defaults()));
}
#endif

}  // namespace
}  // namespace patchgate
