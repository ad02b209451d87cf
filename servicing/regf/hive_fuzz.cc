// Fuzz target of the hive reader and of log replay.
//
// Random bytes make no hive, so an input is a list of edits to a sound one: byte 0 chooses the hive
// (low two bits) and whether base-block checksums (0x10) and log hashes (0x20) are made right again
// after the edits, which lets damage pass the first line of defence. Each edit has 8 bytes: the
// file (primary, LOG1, LOG2; bit 7 says whether four bytes are stored or one), 24 bits of offset,
// and the value. Byte 0 = 0xFF takes what follows as the primary file itself.
//
// Inputs of more than 64 KiB say nothing that smaller ones do not, and are refused.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "servicing/base/little_endian.h"
#include "servicing/regf/format.h"
#include "servicing/regf/hive.h"
#include "servicing/regf/hive_builder.h"
#include "servicing/regf/hive_dump.h"
#include "servicing/regf/log_builder.h"
#include "servicing/regf/recovery.h"

namespace patchgate::regf {
namespace {

constexpr size_t kLargestInput = 64 << 10;
constexpr int kLookups = 64;  // A lookup may read a whole list; this bounds one input's cost.

void Require(bool condition) {
  if (!condition) std::abort();
}

// A dirty hive and its logs.
struct Seed {
  std::string primary;
  std::vector<std::string> logs;
};

Seed MakeSeed(uint32_t minor_version, bool old_log) {
  HiveBuilder::Options options;
  options.minor_version = minor_version;
  options.max_leaf_elements = 3;
  HiveBuilder builder(options);
  HiveBuilder::Key* key = builder.root()->AddKey(R"(A\B)")->set_class_name("class");
  key->SetDword("Dword", 1)->SetString("", "default")->SetBinary("Big", std::string(16'400, 'b'));
  for (int i = 0; i < 8; ++i) builder.root()->AddKey(absl::StrCat("Key", i))->SetQword("\u03a9", i);
  builder.root()->AddKey("Link")->set_symbolic_link("target");
  std::vector<std::string> states = {builder.Build()};
  key->SetDword("Step", 1);
  states.push_back(builder.Build());
  builder.root()->AddKey("Added")->SetBinary("Data", std::string(5'000, 'd'));
  states.push_back(builder.Build());
  Seed seed;
  seed.primary = Dirty(states[0], 2, 1);
  if (old_log) {
    OldLogOptions log;
    log.primary_sequence = log.secondary_sequence = 2;
    seed.logs = {OldLog(states[0], states[2], log), ""};
  } else {
    seed.logs = {NewLog(states[2], 3, DiffStates({states[1], states[2]}, 3)),
                 NewLog(states[1], 2, DiffStates({states[0], states[1]}, 2))};
  }
  return seed;
}

const Seed& SeedNumber(size_t i) {
  static const auto* const seeds = new std::vector<Seed>{MakeSeed(5, false), MakeSeed(6, true),
                                                         MakeSeed(3, true), MakeSeed(1, false)};
  return (*seeds)[i % seeds->size()];
}

void Apply(const char* edit, Seed* seed) {
  const unsigned char where = static_cast<unsigned char>(edit[0]);
  std::string* file = where % 4 == 0 ? &seed->primary : &seed->logs[where % 2];
  const bool four_bytes = (where & 0x80) != 0;
  const size_t size = four_bytes ? 4 : 1;
  if (file->size() < size) return;
  const size_t at = (LoadLe32(edit) >> 8) % (file->size() - size + 1);
  file->replace(at, size, edit + 4, size);
}

// Whatever the hive says, the reader must agree with itself.
void Read(const Hive& hive) {
  const HiveDump dump = Dump(hive);
  Require(dump.totals.keys >= 1);
  Require(dump.totals.keys <= hive.hive_bins_size() / 8);
  Require(dump.totals.values <= hive.hive_bins_size() / 8);
  int lookups = 0;
  const WalkTotals again = hive.Walk(
      [&](const Key& key, absl::string_view) {
        key.VisitSubkeys(
            [&](const Key& subkey) {
              Require(key.FindSubkey(subkey.name()).ok());
              return ++lookups < kLookups;
            },
            nullptr);
        key.VisitValues(
            [&](const Value& value) {
              Require(key.FindValue(value.name()).ok());
              return ++lookups < kLookups;
            },
            nullptr);
      },
      nullptr);
  Require(again.keys == dump.totals.keys && again.values == dump.totals.values);
}

void OpenAndRead(const Seed& seed) {
  for (const bool replay : {false, true}) {
    Hive::Options options;
    options.replay = replay;
    const auto hive = Hive::Open(FilesOf(seed.primary, seed.logs), options);
    if (!hive.ok()) {
      Require(!hive.status().message().empty());
      continue;
    }
    uint32_t pages = 0;
    for (const LogOutcome& log : (*hive)->recovery().logs) pages += log.pages_applied;
    Require(pages == (*hive)->recovery().pages_applied);
    Require(replay || pages == 0);
    Read(**hive);
  }
}

}  // namespace
}  // namespace patchgate::regf

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace patchgate::regf;  // NOLINT: the entry point cannot be in the namespace.
  if (size == 0 || size > kLargestInput) return 0;
  const absl::string_view edits(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (data[0] == 0xFF) {
    OpenAndRead({std::string(edits), {}});
    return 0;
  }
  Seed seed = SeedNumber(data[0] & 3);
  for (size_t at = 0; at + 8 <= edits.size(); at += 8) Apply(edits.data() + at, &seed);
  if (data[0] & 0x20) {
    for (std::string& log : seed.logs) FixEntryHashes(&log);
  }
  if (data[0] & 0x10) {
    FixChecksum(&seed.primary);
    for (std::string& log : seed.logs) {
      if (log.size() >= base_block::kSectorSize) FixChecksum(&log);
    }
  }
  OpenAndRead(seed);
  return 0;
}
