// Opening a hive and looking up 60 paths, against opening it alone and against a full walk, on a
// hive as large as COMPONENTS gets. Run with --benchmark_format=console; each line says how many
// keys and values the hive has, how large it is, and (Linux) how many of its 4096-byte pages one
// iteration touches.

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "benchmark/benchmark.h"
#include "servicing/regf/hive.h"
#include "servicing/regf/hive_builder.h"
#include "servicing/regf/large_hive.h"
#include "servicing/regf/recovery.h"

#ifdef __linux__
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>
#endif

namespace patchgate::regf {
namespace {

constexpr uint64_t kKeys = 250'000, kValues = 650'000;
constexpr size_t kLookups = 60;

struct LargeHive {
  LargeHive() {
    HiveBuilder builder;
    const std::vector<std::string> all = AddComponents(kKeys, kValues, &builder);
    for (size_t i = 0; i < kLookups; ++i) paths.push_back(all[i * (all.size() / kLookups)]);
    bytes = builder.Build();
  }
  std::string bytes;
  std::vector<std::string> paths;  // Spread evenly over the hive.
};

const LargeHive& TheHive() {
  static const auto* const hive = new LargeHive;
  return *hive;
}

std::unique_ptr<Hive> Open(absl::string_view bytes) {
  HiveFiles files;
  files.primary = {"LARGE", bytes};
  return *Hive::Open(files);
}

void LookUp(const Hive& hive) {
  for (const std::string& path : TheHive().paths) {
    const Key key = *hive.Find(path);
    benchmark::DoNotOptimize(*key.FindValue("identity")->Data());
  }
}

#ifdef __linux__
// Counts the pages of a buffer that a function reads: every page is forbidden, a fault allows it.
class PageCounter {
 public:
  static double Count(absl::string_view bytes, const std::function<void(absl::string_view)>& read) {
    void* copy =
        mmap(nullptr, bytes.size(), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (copy == MAP_FAILED) return -1;
    std::memcpy(copy, bytes.data(), bytes.size());
    mprotect(copy, bytes.size(), PROT_NONE);
    pages_ = 0;
    struct sigaction action = {}, previous = {};
    action.sa_sigaction = Allow;
    action.sa_flags = SA_SIGINFO;
    sigaction(SIGSEGV, &action, &previous);
    read({static_cast<const char*>(copy), bytes.size()});
    sigaction(SIGSEGV, &previous, nullptr);
    munmap(copy, bytes.size());
    return static_cast<double>(pages_);
  }

 private:
  static void Allow(int, siginfo_t* info, void*) {
    ++pages_;
    const auto page = reinterpret_cast<uintptr_t>(info->si_addr) & ~uintptr_t{4095};
    if (mprotect(reinterpret_cast<void*>(page), 4096, PROT_READ) != 0) _exit(1);
  }
  static inline volatile int64_t pages_ = 0;
};
#else
class PageCounter {
 public:
  static double Count(absl::string_view, const std::function<void(absl::string_view)>&) {
    return -1;
  }
};
#endif

void Run(benchmark::State& state, const std::function<void(absl::string_view)>& read) {
  const std::string& bytes = TheHive().bytes;
  for (auto _ : state) read(bytes);
  state.counters["keys"] = kKeys;
  state.counters["values"] = kValues;
  state.counters["hive_pages"] = static_cast<double>(bytes.size() / 4096);
  state.counters["pages_touched"] = PageCounter::Count(bytes, read);
}

void BM_Open(benchmark::State& state) {
  Run(state, [](absl::string_view bytes) { benchmark::DoNotOptimize(Open(bytes)); });
}
BENCHMARK(BM_Open);

void BM_OpenAnd60Lookups(benchmark::State& state) {
  Run(state, [](absl::string_view bytes) { LookUp(*Open(bytes)); });
}
BENCHMARK(BM_OpenAnd60Lookups);

// An absence is evidence: the whole list of 5,000 keys is compared.
void BM_OpenAndOneMiss(benchmark::State& state) {
  Run(state, [](absl::string_view bytes) {
    benchmark::DoNotOptimize(Open(bytes)->Find(R"(Family1\absent)").ok());
  });
}
BENCHMARK(BM_OpenAndOneMiss);

void BM_FullWalk(benchmark::State& state) {
  Run(state, [](absl::string_view bytes) {
    const WalkTotals totals = Open(bytes)->Walk([](const Key&, absl::string_view) {}, nullptr);
    if (totals.keys != kKeys || totals.values != kValues) std::abort();
  });
}
BENCHMARK(BM_FullWalk)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace patchgate::regf
