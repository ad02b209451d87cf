// Decoding manifests: small ones of a few file elements, as most of a store are, and one of a large
// driver. Each line says how many manifests and how many megabytes of XML come out in a second, and
// how many allocations one manifest costs.

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <new>
#include <random>
#include <string>
#include <vector>

#include "absl/base/attributes.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "benchmark/benchmark.h"
#include "servicing/delta/dcm.h"
#include "servicing/delta/delta.h"
#include "servicing/delta/pa30_encoder.h"

namespace {
std::atomic<uint64_t> allocations{0};
}  // namespace

// Not inlined: the compiler would take malloc and free for a mismatch of the two.
ABSL_ATTRIBUTE_NOINLINE void* operator new(size_t size) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  if (void* memory = std::malloc(size == 0 ? 1 : size)) return memory;
  std::abort();
}
ABSL_ATTRIBUTE_NOINLINE void operator delete(void* memory) noexcept { std::free(memory); }
ABSL_ATTRIBUTE_NOINLINE void operator delete(void* memory, size_t) noexcept { std::free(memory); }

namespace patchgate::delta {
namespace {

void AddFile(std::mt19937* random, std::string* xml) {
  std::string digest(32, '\0');
  for (char& c : digest) c = static_cast<char>((*random)());
  absl::StrAppend(
      xml, "  <file name=\"file", (*random)() % 100'000,
      ".dll\" destinationPath=\"$(runtime.system32)\\\" sourceName=\"\" importPath=\"\">\r\n",
      "    <securityDescriptor name=\"WRP_FILE_DEFAULT_SDDL\" />\r\n",
      "    <asmv2:hash xmlns:asmv2=\"urn:schemas-microsoft-com:asm.v2\"><dsig:Transforms>",
      "<dsig:Transform Algorithm=\"urn:schemas-microsoft-com:HashTransforms.Identity\" />",
      "</dsig:Transforms><dsig:DigestValue>", absl::Base64Escape(digest),
      "</dsig:DigestValue></asmv2:hash>\r\n  </file>\r\n");
}

std::string MakeManifest(size_t files, uint32_t seed) {
  std::mt19937 random(seed);
  std::string xml = absl::StrCat(
      "<?xml version=\"1.0\" encoding=\"utf-8\" standalone=\"yes\"?>\r\n",
      "<assembly xmlns=\"urn:schemas-microsoft-com:asm.v3\" manifestVersion=\"1.0\">\r\n",
      "  <assemblyIdentity name=\"Component-", random(), "\" version=\"10.0.26100.",
      random() % 9999,
      "\" processorArchitecture=\"amd64\" language=\"neutral\" "
      "publicKeyToken=\"31bf3856ad364e35\" ",
      "versionScope=\"nonSxS\" />\r\n");
  for (size_t i = 0; i < files; ++i) AddFile(&random, &xml);
  return xml + "</assembly>\r\n";
}

// One manifest of each shape, and some of the elements that others have: 9 KiB, as the real one.
const std::string& Base() {
  static const auto* const base = new std::string(MakeManifest(18, 1));
  return *base;
}

std::vector<std::string> Files(size_t count, size_t files_each) {
  Pa30Encoder encoder(Base());
  std::vector<std::string> files;
  for (size_t i = 0; i < count; ++i) {
    files.push_back(encoder.EncodeDcm(MakeManifest(files_each, static_cast<uint32_t>(i + 2))));
  }
  return files;
}

void BM_DecodeManifest(benchmark::State& state) {
  const std::vector<std::string> files =
      Files(state.range(0) > 100 ? 4 : 500, static_cast<size_t>(state.range(0)));
  Pa30Decoder decoder;
  std::string buffer;
  for (const std::string& file : files) {
    DecodeManifest(file, Base(), &decoder, &buffer).IgnoreError();
  }
  uint64_t bytes_in = 0, bytes_out = 0, manifests = 0;
  const uint64_t allocations_before = allocations;
  for (auto _ : state) {
    const std::string& file = files[manifests++ % files.size()];
    const auto xml = DecodeManifest(file, Base(), &decoder, &buffer);
    if (!xml.ok()) return state.SkipWithError("a manifest is not decoded");
    bytes_in += file.size();
    bytes_out += xml->size();
  }
  const uint64_t allocated = allocations - allocations_before;
  state.SetItemsProcessed(static_cast<int64_t>(manifests));
  state.SetBytesProcessed(static_cast<int64_t>(bytes_out));
  const auto each = [&](uint64_t total) {
    return static_cast<double>(total) / static_cast<double>(manifests);
  };
  state.counters["bytes_in"] = each(bytes_in);
  state.counters["bytes_out"] = each(bytes_out);
  state.counters["allocations"] = each(allocated);
}
BENCHMARK(BM_DecodeManifest)->ArgName("files")->Arg(0)->Arg(1)->Arg(4)->Arg(10)->Arg(150);

void BM_ReadHeader(benchmark::State& state) {
  const std::string delta = EncodePa30(MakeManifest(4, 2), Base());
  for (auto _ : state) benchmark::DoNotOptimize(ReadPa30Header(delta));
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BM_ReadHeader);

// What one decoder for all manifests saves: the default codes and the buffers.
void BM_MakeDecoder(benchmark::State& state) {
  for (auto _ : state) {
    Pa30Decoder decoder;
    benchmark::DoNotOptimize(&decoder);
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BM_MakeDecoder);

// What codes of its own cost a manifest before its first byte.
void BM_DecodeOwnCodes(benchmark::State& state) {
  EncodeOptions options;
  options.codes = EncodeOptions::Codes::kOwn;
  const std::string file = EncodeDcm(MakeManifest(1, 2), Base(), options);
  Pa30Decoder decoder;
  std::string buffer;
  for (auto _ : state) {
    benchmark::DoNotOptimize(DecodeManifest(file, Base(), &decoder, &buffer));
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BM_DecodeOwnCodes);

void BM_EncodeManifest(benchmark::State& state) {
  Pa30Encoder encoder(Base());
  const std::string xml = MakeManifest(static_cast<size_t>(state.range(0)), 2);
  for (auto _ : state) benchmark::DoNotOptimize(encoder.EncodeDcm(xml));
  state.SetItemsProcessed(state.iterations());
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(xml.size()));
}
BENCHMARK(BM_EncodeManifest)->ArgName("files")->Arg(10);

}  // namespace
}  // namespace patchgate::delta
