#include <string>

#include "absl/strings/str_cat.h"
#include "benchmark/benchmark.h"

namespace {

void BM_StrCat(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(absl::StrCat("KB", 5074109));
}
BENCHMARK(BM_StrCat);

}  // namespace
