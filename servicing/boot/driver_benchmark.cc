// Reading 400 boot drivers of 200 KB each, from memory and from a folder, whose files are in the
// system's cache after the first round. Each line says how many drivers it read in a second.

#include <chrono>  // NOLINT: names a folder, measures nothing.
#include <cstdint>
#include <cstdlib>
#include <filesystem>  // NOLINT: a folder of its own, for a benchmark.
#include <memory>
#include <string>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "benchmark/benchmark.h"
#include "google/protobuf/repeated_ptr_field.h"
#include "servicing/boot/driver_reader.h"
#include "servicing/evidence/directory_source.h"
#include "servicing/evidence/memory_source.h"
#include "servicing/files/file_memory.h"
#include "servicing/files/image_reader.h"
#include "servicing/registry/offline_registry.h"
#include "testdata/boot_drivers.h"
#include "testdata/fake_volume.h"

namespace patchgate::boot {
namespace {

constexpr int kDrivers = 400;
constexpr size_t kBytes = 200'000;

void Require(bool condition) {
  if (!condition) std::abort();
}

const evidence::MemorySource& TheVolume() {
  static const auto* const volume = [] {
    testdata::FakeVolume fake;
    testdata::AddBootDrivers(&fake, kDrivers, kBytes);
    return new evidence::MemorySource(fake.Build());
  }();
  return *volume;
}

// The same volume below a folder that is gone afterwards.
class Folder {
 public:
  Folder()
      : path_(std::filesystem::temp_directory_path() /
              absl::StrCat("patchgate_driver_benchmark_",
                           std::chrono::steady_clock::now().time_since_epoch().count())) {
    Require(std::filesystem::create_directory(path_));
    Require(testdata::WriteVolume(TheVolume(), path_.string()).ok());
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  std::string path() const { return path_.string(); }

 private:
  std::filesystem::path path_;
};

void ReadAll(const evidence::Source& source, benchmark::State& state) {
  uint64_t drivers = 0, bytes = 0;
  for (auto _ : state) {
    const registry::OfflineRegistry registry(source);
    files::FileMemory memory;
    files::ImageReader images(source, "", &memory);
    const BootDrivers facts = ReadBootDrivers(registry, source, &images);
    google::protobuf::RepeatedPtrField<ImageFacts> read;
    images.AddTo(&read);
    Require(facts.drivers_size() >= kDrivers);
    drivers += static_cast<uint64_t>(read.size());
    for (const ImageFacts& image : read) {
      Require(image.is_image());
      bytes += image.size();
    }
  }
  state.counters["drivers/s"] =
      benchmark::Counter(static_cast<double>(drivers), benchmark::Counter::kIsRate);
  state.SetBytesProcessed(static_cast<int64_t>(bytes));
}

void FromMemory(benchmark::State& state) { ReadAll(TheVolume(), state); }
BENCHMARK(FromMemory)->Unit(benchmark::kMillisecond)->UseRealTime();

void FromFolder(benchmark::State& state) {
  const Folder folder;
  const auto source = evidence::OpenDirectory(folder.path());
  Require(source.ok());
  ReadAll(**source, state);
}
BENCHMARK(FromFolder)->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace
}  // namespace patchgate::boot
