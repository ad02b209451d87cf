// The two stages of the CBS.log reader on 64 MiB: lines of which one in a thousand matters, and
// lines that all do.

#include <cstdint>
#include <string>

#include "absl/strings/str_cat.h"
#include "benchmark/benchmark.h"
#include "servicing/cbs/log/cbs_log_fixtures.h"
#include "servicing/cbs/log/cbs_log_reader.h"
#include "servicing/cbs/log/line_scanner.h"

namespace patchgate::cbs {
namespace {

constexpr size_t kSize = size_t{64} << 20;
constexpr FileTime kTime = 134'127'720'000'000'000;

// One update, and so many lines of noise behind it, again and again.
std::string Text(int noise) {
  CbsLogBuilder once(-360);
  once.Boot(kTime).PendedUpdate(kTime, "P~1~amd64~~1.0", "KB1").CompletedStartup(kTime, "P");
  for (int i = 0; i < noise; ++i) {
    if (i % 2 == 0) {
      once.Csi(kTime, "Created NT transaction (seq 2) result 0x00000000, handle @0x1118");
    } else {
      once.Line(kTime, absl::StrCat("Appl: Evaluating package applicability for package P~", i,
                                    "~amd64~~26100.7462.1.9, applicable state: Installed"));
    }
  }
  const std::string block = once.Text().substr(3);
  std::string text;
  while (text.size() < kSize) text += block;
  return text;
}

void ScanText(benchmark::State& state, int noise) {
  const std::string text = Text(noise);
  uint64_t candidates = 0;
  for (auto _ : state) {
    LineScanner scanner;
    scanner.Feed(text, [&](const LogLine&) { ++candidates; });
  }
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * text.size()));
  state.counters["candidates"] =
      static_cast<double>(candidates) / static_cast<double>(state.iterations());
}

void ReadText(benchmark::State& state, int noise) {
  const std::string text = Text(noise);
  for (auto _ : state) {
    CbsLog log;
    ReadCbsLogText("CBS.log", text, &log);
    benchmark::DoNotOptimize(log.files(0).matched());
  }
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * text.size()));
}

constexpr int kNoise = 40'000;
void BM_ScanNoise(benchmark::State& state) { ScanText(state, kNoise); }
BENCHMARK(BM_ScanNoise)->Unit(benchmark::kMillisecond);
void BM_ReadNoise(benchmark::State& state) { ReadText(state, kNoise); }
BENCHMARK(BM_ReadNoise)->Unit(benchmark::kMillisecond);
void BM_ReadFacts(benchmark::State& state) { ReadText(state, 0); }
BENCHMARK(BM_ReadFacts)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace patchgate::cbs
