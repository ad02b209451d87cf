// Writes a Windows volume with a synthetic component store, for benchmarks and the demo:
// make_store [options] DIR. Prints what is in it.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "testdata/directory_sink.h"
#include "testdata/synthetic_store.h"

namespace patchgate::testdata {
namespace {

constexpr char kUsage[] =
    "usage: make_store [options] DIR\n"
    "  --seed N              the same seed gives the same bytes (1)\n"
    "  --components N        with packages and payload in proportion (28000)\n"
    "  --payload-mib N       payload in all, in MiB (in proportion: 1024)\n"
    "  --damage KIND=N,...   damage of these kinds, as in PAYLOAD_MISSING=2; ALL=N for every kind\n"
    "  --hive clean|dirty|missing|truncated    what becomes of COMPONENTS (clean)\n"
    "  --expect FILE         write what a verification must find: KIND, component and path, with\n"
    "                        tabs between them\n";

absl::Status ParseDamage(absl::string_view text, std::vector<Injection>* damage) {
  for (const absl::string_view part : absl::StrSplit(text, ',')) {
    const std::pair<absl::string_view, absl::string_view> kind_and_count =
        absl::StrSplit(part, absl::MaxSplits('=', 1));
    Injection injection;
    const bool all = kind_and_count.first == "ALL";
    if ((!all && !StoreDamageKind_Parse(std::string(kind_and_count.first), &injection.kind)) ||
        !absl::SimpleAtoi(kind_and_count.second, &injection.count)) {
      return absl::InvalidArgumentError(absl::StrCat("no damage: ", part));
    }
    for (int kind = 1; kind <= StoreDamageKind_MAX; ++kind) {
      if (!StoreDamageKind_IsValid(kind) || (!all && kind != injection.kind)) continue;
      damage->push_back({static_cast<StoreDamageKind>(kind), injection.count});
    }
  }
  return absl::OkStatus();
}

struct Command {
  StoreShape shape;
  std::string directory, expect;
};

absl::StatusOr<Command> ParseCommand(const std::vector<std::string>& arguments) {
  Command command;
  uint64_t payload_mib = 0;
  const auto invalid = [](absl::string_view what) {
    return absl::InvalidArgumentError(absl::StrCat(what, "\n", kUsage));
  };
  for (size_t i = 0; i < arguments.size(); ++i) {
    const std::string& name = arguments[i];
    if (!absl::StartsWith(name, "--")) {
      if (!command.directory.empty()) return invalid("one DIR only");
      command.directory = name;
      continue;
    }
    if (++i == arguments.size()) return invalid(absl::StrCat(name, " needs a value"));
    const std::string& value = arguments[i];
    bool good = true;
    if (name == "--seed") {
      good = absl::SimpleAtoi(value, &command.shape.seed);
    } else if (name == "--components") {
      good = absl::SimpleAtoi(value, &command.shape.components);
    } else if (name == "--payload-mib") {
      good = absl::SimpleAtoi(value, &payload_mib) && payload_mib > 0;
    } else if (name == "--damage") {
      good = ParseDamage(value, &command.shape.damage).ok();
    } else if (name == "--hive") {
      constexpr const char* kStates[] = {"clean", "dirty", "missing", "truncated"};
      good = false;
      for (int state = 0; state < 4; ++state) {
        if (value != kStates[state]) continue;
        command.shape.hive = static_cast<ComponentsHive>(state);
        good = true;
      }
    } else if (name == "--expect") {
      command.expect = value;
    } else {
      return invalid(absl::StrCat("no option ", name));
    }
    if (!good) return invalid(absl::StrCat(name, ": no such value: ", value));
  }
  if (command.directory.empty()) return invalid("no DIR");
  command.shape = command.shape.Scaled();
  if (payload_mib > 0) command.shape.payload_bytes = payload_mib << 20;
  return command;
}

absl::Status Make(const Command& command) {
  namespace fs = std::filesystem;
  std::error_code error;
  const fs::path directory = fs::u8path(command.directory);
  fs::create_directories(directory, error);
  if (error || !fs::is_empty(directory, error)) {
    return absl::FailedPreconditionError(
        absl::StrCat(command.directory, ": is no empty directory"));
  }
  DirectorySink sink(command.directory);
  const absl::StatusOr<SyntheticStore> store = WriteSyntheticStore(command.shape, &sink);
  if (!store.ok()) return store.status();
  if (!sink.status().ok()) return sink.status();
  if (!command.expect.empty()) {
    std::ofstream file(fs::u8path(command.expect), std::ios::binary);
    for (const StoreDamage& damage : store->expected) {
      file << StoreDamageKind_Name(damage.kind()) << '\t' << damage.component() << '\t'
           << damage.path() << '\n';
    }
    file.close();
    if (!file) return absl::UnknownError(absl::StrCat(command.expect, ": cannot be written"));
  }
  std::cout << "components " << store->components << "\nfamilies " << store->families
            << "\nwinners " << store->winners << "\ndeployments " << store->deployments
            << "\ncatalogs " << store->catalogs << "\npackages " << store->packages
            << "\nplain manifests " << store->plain_manifests << "\npayload deleted "
            << store->payload_deleted << "\nwithout folder " << store->without_folder
            << "\nwithout CF " << store->without_flags << "\npayload files " << store->payload_files
            << "\npayload bytes " << store->payload_bytes << "\nprojections " << store->projections
            << "\nexpected findings " << store->expected.size() << "\n";
  return absl::OkStatus();
}

}  // namespace
}  // namespace patchgate::testdata

int main(int argc, char** argv) {
  const auto command =
      patchgate::testdata::ParseCommand(std::vector<std::string>(argv + 1, argv + argc));
  const absl::Status status = command.ok() ? patchgate::testdata::Make(*command) : command.status();
  if (status.ok()) return EXIT_SUCCESS;
  std::cerr << "make_store: " << status.message() << "\n";
  return EXIT_FAILURE;
}
