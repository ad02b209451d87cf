// Visiting every component of an index as large as that of a real image, and reading manifests of
// two sizes. Each line says how many components or megabytes it read in a second.

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "benchmark/benchmark.h"
#include "servicing/evidence/memory_source.h"
#include "servicing/regf/hive_builder.h"
#include "servicing/registry/offline_registry.h"
#include "servicing/store/component_index.h"
#include "servicing/store/identity.h"
#include "servicing/store/manifest.h"

namespace patchgate::store {
namespace {

// As in a clean image of build 26100: two values each, 46,269 links, and files.
constexpr int kComponents = 28'069;
constexpr int kValues = 230'000;

void Require(bool condition) {
  if (!condition) std::abort();
}

struct Store {
  Store() {
    regf::HiveBuilder builder;
    auto* const components = builder.root()->AddKey(R"(DerivedData\Components)");
    int values = 0;
    for (int i = 0; i < kComponents; ++i) {
      const std::string name = absl::StrCat("Microsoft-Windows-Component-Number-", i * 7919);
      Identity identity;
      identity.name = name;
      identity.version = "10.0.26100.8037";
      identity.public_key_token = "31bf3856ad364e35";
      identity.architecture = i % 4 == 0 ? "wow64" : "amd64";
      identity.version_scope = "nonSxS";
      auto* const key = components->AddDuplicateKey(ComponentKey(identity));
      key->SetBinary("identity", FormatIdentity(identity));
      key->SetBinary("S256H", std::string(32, static_cast<char>(i)));
      values += 2;
      for (int link = 0; link <= i % 3 / 2 + (i % 3 == 0); ++link, ++values) {
        key->SetBinary(
            absl::StrFormat("c!microsoft-w..ployment%03d_31bf3856ad364e35_10.0.26100.8037_%016x",
                            i % 400 + link, i % 400 + link),
            "");
      }
      const int wanted = static_cast<int>(int64_t{kValues} * (i + 1) / kComponents);
      for (int file = 0; values < wanted; ++file, ++values) {
        key->SetDword(absl::StrCat("f!component", i, "-", file, ".dll"), 1);
      }
    }
    volume.AddFile("Windows/System32/config/COMPONENTS", builder.Build());
    registry = std::make_unique<registry::OfflineRegistry>(volume);
  }
  evidence::MemorySource volume;
  std::unique_ptr<registry::OfflineRegistry> registry;
};

const Store& TheStore() {
  static const auto* const store = new Store;
  return *store;
}

void EveryComponent(benchmark::State& state) {
  const Store& store = TheStore();
  uint64_t components = 0, names = 0;
  for (auto _ : state) {
    const absl::Status status = VisitComponents(*store.registry, [&](const Component& component) {
      ++components;
      names += component.deployments.size() + component.files.size();
      return component.manifest_hash.has_value() && component.oddities.empty();
    });
    Require(status.ok());
  }
  Require(components == kComponents * static_cast<uint64_t>(state.iterations()));
  state.counters["components/s"] =
      benchmark::Counter(static_cast<double>(components), benchmark::Counter::kIsRate);
  state.counters["names"] = static_cast<double>(names) / static_cast<double>(state.iterations());
}
BENCHMARK(EveryComponent)->Unit(benchmark::kMillisecond);

// A manifest of `files` files, and registry keys as many manifests have.
std::string MakeManifest(int files, int keys) {
  std::string xml = R"(<?xml version="1.0" encoding="utf-8" standalone="yes"?>
<assembly xmlns="urn:schemas-microsoft-com:asm.v3" manifestVersion="1.0">
  <assemblyIdentity name="Contoso-Windows-Sample" version="10.0.26100.1" )"
                    R"(processorArchitecture="amd64" language="neutral" buildType="release" )"
                    R"(publicKeyToken="31bf3856ad364e35" versionScope="nonSxS" />
)";
  for (int i = 0; i < files; ++i) {
    absl::StrAppend(&xml, R"(  <file name="sample)", i,
                    R"(.dll" destinationPath="$(runtime.system32)\" sourceName="sample.dll">
    <asmv2:hash xmlns:asmv2="urn:schemas-microsoft-com:asm.v2" xmlns:dsig="http://www.w3.org/2000/09/xmldsig#">
      <dsig:Transforms>
        <dsig:Transform Algorithm="urn:schemas-microsoft-com:HashTransforms.Identity" />
      </dsig:Transforms>
      <dsig:DigestMethod Algorithm="http://www.w3.org/2000/09/xmldsig#sha256" />
      <dsig:DigestValue>AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=</dsig:DigestValue>
    </asmv2:hash>
  </file>
)");
  }
  xml += "  <registryKeys>\n";
  for (int i = 0; i < keys; ++i) {
    absl::StrAppend(&xml, R"(    <registryKey keyName="HKEY_LOCAL_MACHINE\SOFTWARE\Contoso\Sample)",
                    i,
                    R"(">
      <registryValue name="Value" valueType="REG_SZ" value="$(runtime.system32)\sample.dll" />
    </registryKey>
)");
  }
  return xml + "  </registryKeys>\n</assembly>\n";
}

void OneManifest(benchmark::State& state) {
  const auto files = static_cast<int>(state.range(0));
  const std::string xml = MakeManifest(files, static_cast<int>(state.range(1)));
  Manifest manifest;
  for (auto _ : state) {
    Require(ReadManifest(xml, &manifest).ok());
    Require(manifest.files.size() == static_cast<size_t>(files));
  }
  state.counters["bytes"] = static_cast<double>(xml.size());
  state.SetItemsProcessed(state.iterations());
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(xml.size()));
}
// The median of a real store, and the largest.
BENCHMARK(OneManifest)->Args({1, 2})->Args({2, 15'000});

}  // namespace
}  // namespace patchgate::store
