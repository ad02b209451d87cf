#include <string>

#include "absl/strings/string_view.h"
#include "benchmark/benchmark.h"
#include "servicing/digest/digest.h"

namespace patchgate::digest {
namespace {

// Whole messages of `range(0)` bytes.
template <typename Digest>
void Measure(benchmark::State& state, Digest digest) {
  const std::string message(static_cast<size_t>(state.range(0)), 'x');
  for (auto _ : state) benchmark::DoNotOptimize(digest(message));
  state.SetBytesProcessed(state.iterations() * state.range(0));
}

void BM_Sha256(benchmark::State& state) {
  Measure(state, Sha256);
  state.SetLabel(Sha256Implementation());
}
BENCHMARK(BM_Sha256)->Arg(64)->Arg(4 << 10)->Arg(1 << 20)->Arg(64 << 20);

void BM_Sha1(benchmark::State& state) { Measure(state, Sha1); }
BENCHMARK(BM_Sha1)->Arg(1 << 20);

void BM_Md5(benchmark::State& state) { Measure(state, Md5); }
BENCHMARK(BM_Md5)->Arg(1 << 20);

// A file read in pieces of `range(0)` bytes.
void BM_Sha256Stream(benchmark::State& state) {
  const std::string piece(static_cast<size_t>(state.range(0)), 'x');
  Sha256Stream stream;
  for (auto _ : state) stream.Update(piece);
  benchmark::DoNotOptimize(stream.Finish());
  state.SetBytesProcessed(state.iterations() * state.range(0));
  state.SetLabel(Sha256Implementation());
}
BENCHMARK(BM_Sha256Stream)->Arg(64 << 10);

}  // namespace
}  // namespace patchgate::digest
