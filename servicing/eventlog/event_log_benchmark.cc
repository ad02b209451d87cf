// Reading a System log of 20 MB, which is Windows' default size: its structure alone, what
// patchgate keeps of it, every field of every event; and a log made to be slow. Each line says how
// many records and megabytes it read in a second.

#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "benchmark/benchmark.h"
#include "servicing/eventlog/event.h"
#include "servicing/eventlog/event_fixtures.h"
#include "servicing/eventlog/event_reader.h"
#include "servicing/eventlog/evtx.h"
#include "servicing/eventlog/evtx_builder.h"

namespace patchgate::eventlog {
namespace {

constexpr size_t kSize = 20 << 20;
constexpr size_t kRecords = 40'000;
constexpr FileTime kTime = 134000000000000000;

// Every tenth event is one that patchgate keeps.
const std::string& SystemLog() {
  static const auto* const log = [] {
    EvtxBuilder builder;
    for (uint64_t i = 0; i < kRecords; ++i) {
      const FileTime time = kTime + i * kFileTimeTicksPerSecond;
      switch (i % 50) {
        case 0:
          AddVolumeState(time, "C:", 0, &builder);
          break;
        case 10:
          AddDiskError(time, 153, &builder);
          break;
        case 20:
        case 30:
        case 40:
          AddUpdateClientEvent(time, 19, "KB5072033", 0, &builder);
          break;
        default:
          builder.Add({"Service Control Manager",
                       "{555908d1-a6d7-4695-8e1e-26931d2012f4}",
                       7036,
                       time,
                       "System",
                       {{"param1", absl::StrCat("The service with the rather long name number ", i,
                                                " on this host, which is one of many services "
                                                "that start and stop all day long")},
                        {"param2", "running"}},
                       "",
                       0x4000});
      }
    }
    return new std::string(builder.Build());
  }();
  return *log;
}

// Chunks full of small records that share one template as large as can be.
const std::string& HostileLog() {
  static const auto* const log = [] {
    const std::string name(12'000, 'n');
    EvtxBuilder builder;
    std::string chunk;
    for (int i = 0; i < 200; ++i) {
      builder.Add({"Microsoft-Windows-Servicing", "", 3, kTime, "Setup",
                   std::vector<EvtxBuilder::Field>(8, {name, "v"}), "E"});
    }
    const std::string one = builder.Build();
    auto* all = new std::string(one.substr(0, file_header::kSize));
    while (all->size() < kSize) all->append(one.substr(file_header::kSize, chunk::kSize));
    return all;
  }();
  return *log;
}

void SetCounters(const std::string& log, uint64_t records, benchmark::State& state) {
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * log.size()));
  state.SetItemsProcessed(static_cast<int64_t>(state.iterations() * records));
  state.counters["log_bytes"] = static_cast<double>(log.size());
  state.counters["records"] = static_cast<double>(records);
}

void BM_Structure(benchmark::State& state) {
  const std::string& log = SystemLog();
  uint64_t records = 0;
  for (auto _ : state) {
    DamageLog damage;
    records = VisitRecords(
                  log, [](const Record&) { return absl::OkStatus(); }, &damage)
                  ->records;
    if (!damage.empty()) std::abort();
  }
  SetCounters(log, records, state);
}
BENCHMARK(BM_Structure)->Unit(benchmark::kMillisecond);

void BM_ReadEventLogFile(benchmark::State& state) {
  const std::string& log = SystemLog();
  uint64_t records = 0;
  for (auto _ : state) {
    EventLogs logs;
    ReadEventLogFile("System.evtx", log, &logs);
    records = logs.files(0).records();
    if (records != kRecords) std::abort();
  }
  SetCounters(log, records, state);
}
BENCHMARK(BM_ReadEventLogFile)->Unit(benchmark::kMillisecond);

void BM_EveryField(benchmark::State& state) {
  const std::string& log = SystemLog();
  uint64_t records = 0;
  for (auto _ : state) {
    DamageLog damage;
    EventDecoder decoder;
    Event event;
    const auto everything = [](const Event&) { return true; };
    const auto decode = [&](const Record& record) {
      return decoder.Decode(record, everything, &event);
    };
    records = VisitRecords(log, decode, &damage)->records;
  }
  SetCounters(log, records, state);
}
BENCHMARK(BM_EveryField)->Unit(benchmark::kMillisecond);

void BM_HostileLog(benchmark::State& state) {
  const std::string& log = HostileLog();
  uint64_t records = 0;
  for (auto _ : state) {
    EventLogs logs;
    ReadEventLogFile("Setup.evtx", log, &logs);
    records = logs.files(0).records() + logs.files(0).bad_records();
  }
  SetCounters(log, records, state);
}
BENCHMARK(BM_HostileLog)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace patchgate::eventlog
