#include "testdata/store_plan.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "servicing/store/identity.h"
#include "testdata/random.h"

namespace patchgate::testdata {

using absl::StrCat;

namespace {

// A clean image of build 26100 (NOTES on a clean image): 28,069 components, of which 16,216 are
// winners, 401 have a plain manifest, 3,791 no payload any more (CF 0x40), 3,103 no files at all,
// 17,127 no CF; 46,269 links to 3,983 deployments; of 3,517 packages 1,446 are installed, the rest
// is staged. The chances below were set so that these come out.
constexpr uint64_t kImage = 28069;

constexpr const char* kWords[] = {
    "Audio",    "Backup",   "Battery", "Biometric", "Bluetooth", "Camera",   "Certificate",
    "Cluster",  "Cellular", "Clip",    "Compute",   "Console",   "Crypto",   "Data",
    "Desktop",  "Device",   "Diag",    "Directory", "Display",   "Domain",   "Edge",
    "Event",    "Fax",      "Feature", "File",      "Filter",    "Firewall", "Font",
    "Gaming",   "Graphics", "Group",   "Help",      "Identity",  "Input",    "Kernel",
    "Location", "Mail",     "Media",   "Memory",    "Mobile",    "Network",  "Notify",
    "Object",   "Package",  "Photo",   "Policy",    "Port",      "Power",    "Print",
    "Profile",  "Recovery", "Remote",  "Schedule",  "Search",    "Security", "Sensor",
    "Session",  "Shell",    "Speech",  "Storage",   "Sync",      "Task",     "Terminal",
    "Theme",    "Token",    "Trace",   "Update",    "User",      "Video",    "Virtual",
    "Volume",   "Wallet",   "Web",     "Wifi",      "Window",    "Wireless", "Work",
};
constexpr uint64_t kWordCount = sizeof(kWords) / sizeof(kWords[0]);

const char* Word(Random* random) { return kWords[random->Below(kWordCount)]; }

// Streams of random numbers, kept apart so that one part of the plan does not move another.
enum Stream : uint64_t { kPackageStream = 1, kDeploymentStream, kBaseStream, kSizeStream };
Random StreamOf(uint64_t seed, Stream stream, uint64_t index) {
  return Random(seed, (uint64_t{stream} << 32) + index);
}

constexpr char kFirstVersion[] = "10.0.26100.1";
constexpr const char* kVersionsBefore[] = {"10.0.26100.1", "10.0.26100.1742", "10.0.26100.4946"};
constexpr Place kInf = {"$(runtime.inf)\\", "Windows/INF", "Windows/INF"};
constexpr Place kProgramFiles = {"$(runtime.programFiles)\\", "Program Files",
                                 "Program Files (x86)"};
constexpr Place kWbem = {"$(runtime.wbem)\\", "Windows/System32/wbem", "Windows/SysWOW64/wbem"};
constexpr uint32_t kStaged = 64, kInstalled = 112, kPayloadDeleted = 0x40;

// What a package brings with it.
enum Source { kLcu, kFeature, kOptional, kSourceCount };

class Planner {
 public:
  explicit Planner(const PlanSize& size) : size_(size) {
    plan_.seed = size.seed;
    plan_.catalogs = size.catalogs;
  }

  StorePlan Plan() {
    for (size_t i = 0; i < size_.packages; ++i) AddPackage(i);
    for (size_t i = 0; i < size_.deployments; ++i) AddDeployment(i);
    for (uint64_t base = 0; plan_.components.size() < size_.components; ++base) AddBase(base);
    plan_.components.resize(size_.components);
    SetSizes();
    return std::move(plan_);
  }

 private:
  // The first three packages are one of each source.
  Source SourceOf(size_t package, Random* random) const {
    if (package < kSourceCount) return static_cast<Source>(package);
    if (random->Chance(6, 100)) return kLcu;
    return random->Chance(1446 - 211, 3517 - 211) ? kFeature : kOptional;
  }

  void AddPackage(size_t i) {
    Random random = StreamOf(size_.seed, kPackageStream, i);
    const Source source = SourceOf(i, &random);
    sources_.push_back(source);
    const std::string identity =
        source == kLcu
            ? StrCat("Package_", i + 1, "_for_", size_.lcu_kb, "~31bf3856ad364e35~amd64~~",
                     size_.lcu_build)
            : StrCat("Microsoft-Windows-", Word(&random), Word(&random), "-", i,
                     "-Package~31bf3856ad364e35~amd64~", random.Chance(1, 3) ? "en-US" : "", "~",
                     random.Chance(1, 2) ? kFirstVersion : size_.lcu_version);
    plan_.packages.push_back({identity, source == kOptional ? kStaged : kInstalled});
  }

  void AddDeployment(size_t i) {
    Random random = StreamOf(size_.seed, kDeploymentStream, i);
    const size_t package = i % size_.packages;
    const Source source = sources_[package];
    IdentityParts a;
    a.name = StrCat("Microsoft-Windows-", Word(&random), "-", Word(&random), "-Deployment", i);
    a.version = source == kLcu ? size_.lcu_version : kFirstVersion;
    plan_.deployments.push_back({IdentityOf(a), package, i % size_.catalogs});
    plan_.deployment_keys.push_back(
        store::DeploymentKey(*store::ParseIdentity(plan_.deployments.back().identity)));
    deployments_[source].push_back(i);
  }

  // What all components of one name have in common.
  struct Base {
    std::string name, stem;
    Source source = kFeature;
    bool driver = false, dual_mode = false;  // Those of Plug and Play are dual.
    bool win32 = false, settings = false;
    std::vector<ComponentFile> files;
  };

  // One name with its versions, its 32-bit sibling and its resources.
  void AddBase(uint64_t number) {
    Random random = StreamOf(size_.seed, kBaseStream, number);
    Base base;
    const char* a = Word(&random);
    const char* b = Word(&random);
    base.source = random.Chance(34, 100) ? kOptional : random.Chance(35, 100) ? kLcu : kFeature;
    const uint64_t kind = random.Below(1000);
    base.driver = kind < 75;
    base.dual_mode = kind < 40;
    base.win32 = kind >= 75 && kind < 95;
    base.settings = kind >= 95 && kind < 262;
    base.stem = absl::AsciiStrToLower(StrCat(a, b, absl::Hex(number)));
    base.name = base.dual_mode ? StrCat("dual_", base.stem, ".inf")
                : base.win32   ? StrCat("Microsoft.Windows.", a, b, number)
                               : StrCat("Microsoft-Windows-", a, b, "-", Word(&random), number);
    AddFiles(&random, &base);

    IdentityParts identity;
    identity.name = base.name;
    identity.version = base.source == kLcu ? size_.lcu_version : kVersionsBefore[random.Below(3)];
    if (base.dual_mode) identity.type = "dualModeDriver";
    if (base.win32) {
      identity.type = "win32";
      identity.public_key_token = "6595b64144ccf1df";
      identity.version_scope = "";
    }
    Add(identity, base, base.files, false, &random);
    if (base.driver) AddBootDriver(base, plan_.components.back(), &random);
    const bool updated = identity.version != kFirstVersion;
    if (updated && base.source != kOptional && random.Chance(40, 100)) {
      IdentityParts before = identity;
      before.version = kFirstVersion;
      Add(before, base, base.files, true, &random);
    }
    if (base.driver || base.win32 || base.settings) return;
    const Place& place = base.files[0].place;
    if (absl::string_view(place.folder) != place.folder32 && random.Chance(32, 100)) {
      IdentityParts sibling = identity;
      sibling.architecture = "wow64";
      Add(sibling, base, {base.files[0]}, false, &random);
    }
    for (const auto& [culture, percent] :
         {std::pair<const char*, int>{"en-US", 35}, {"de-DE", 9}}) {
      if (!random.Chance(percent, 100)) continue;
      IdentityParts resources;
      resources.name = StrCat(base.name, ".Resources");
      resources.version = kFirstVersion;
      resources.culture = culture;
      ComponentFile file{StrCat(base.files[0].name, ".mui"), base.files[0].place, culture};
      Add(resources, base, {file}, false, &random);
    }
  }

  void AddFiles(Random* random, Base* base) {
    const auto add = [&](const std::string& name, const Place& place,
                         const std::string& subfolder = "") {
      base->files.push_back({name, place, subfolder});
    };
    if (base->settings) return;
    if (base->driver) {
      if (base->dual_mode) add(StrCat(base->stem, ".inf"), kInf);
      if (random->Chance(1, 2)) {
        add(StrCat(base->stem, ".sys"), kDrivers);
      } else {
        add(StrCat(base->stem, ".sys"), kSystem32, "drivers");
      }
      return;
    }
    if (base->win32) return add(StrCat(base->stem, ".dll"), kStoreOnly);
    const uint64_t place = random->Below(100);
    if (place < 5) {
      add(StrCat(base->stem, ".exe"), kProgramFiles, StrCat("Windows ", base->stem));
    } else if (place < 8) {
      add(StrCat(base->stem, ".exe"), kWindows);
    } else if (place < 14) {
      add(StrCat(base->stem, ".dll"), kWbem);
    } else if (place < 30) {
      add(StrCat("Windows.Internal.", base->stem, ".dll"), kSystem32);
    } else {
      add(StrCat(base->stem, ".dll"), kSystem32);
    }
    for (int i = 1; i < 6 && random->Chance(42, 100); ++i) {
      add(StrCat(base->stem, i, random->Chance(1, 4) ? ".exe" : ".dll"), kSystem32);
    }
  }

  void Add(const IdentityParts& identity, const Base& base, std::vector<ComponentFile> files,
           bool superseded, Random* random) {
    PlannedComponent component;
    ComponentSpec& spec = component.spec;
    component.superseded = superseded;
    spec.identity = IdentityOf(identity);
    spec.files = std::move(files);
    spec.winner = base.source != kOptional && !superseded;
    spec.plain_manifest = random->Chance(401, kImage);
    spec.registry_keys = static_cast<int>(random->Below(4) + random->Below(4));
    if (random->Chance(1, 50)) spec.registry_keys += 40;
    const bool lcu = base.source == kLcu && identity.version == size_.lcu_version;
    if (!spec.files.empty() &&
        (superseded ? random->Chance(80, 100) : !spec.winner && random->Chance(20, 100))) {
      spec.flags = random->Chance(1, 4) ? kPayloadDeleted | 0x10 : kPayloadDeleted;
    } else if (random->Chance(29, 100)) {
      constexpr uint32_t kFlags[] = {0x10, 0x80, 0x280};
      spec.flags = kFlags[random->Below(3)];
    }
    if (lcu && !spec.flags.has_value()) {
      for (ComponentFile& file : spec.files) file.with_deltas = random->Chance(1, 2);
    }
    AddOwner(lcu ? kLcu : base.source == kOptional ? kOptional : kFeature, random, &spec);
    if (random->Chance(65, 100)) {
      AddOwner(base.source == kOptional ? kOptional : kFeature, random, &spec);
    }
    plan_.components.push_back(std::move(component));
  }

  void AddOwner(Source source, Random* random, ComponentSpec* spec) {
    const std::vector<size_t>& candidates = deployments_[source];
    const std::string& key = plan_.deployment_keys[candidates[random->Below(candidates.size())]];
    if (spec->deployments.empty() || spec->deployments[0] != key) spec->deployments.push_back(key);
  }

  // Some 90 of a host's drivers are loaded by the boot loader (DOMAIN §2.4).
  void AddBootDriver(const Base& base, const PlannedComponent& component, Random* random) {
    if (!component.spec.winner || plan_.boot_drivers.size() >= 90 || !random->Chance(1, 5)) return;
    plan_.boot_drivers.push_back({base.stem, StrCat("System32\\drivers\\", base.stem, ".sys")});
  }

  // Most files are of some dozen KB, few of some MB: a binomial exponent, scaled to the sum.
  void SetSizes() {
    uint64_t sum = 0;
    for (size_t i = 0; i < plan_.components.size(); ++i) {
      PlannedComponent& component = plan_.components[i];
      Random random = StreamOf(size_.seed, kSizeStream, i);
      const bool deleted = (component.spec.flags.value_or(0) & kPayloadDeleted) != 0;
      for (size_t file = 0; file < component.spec.files.size(); ++file) {
        uint64_t exponent = 8;
        for (uint64_t coins = random.Below(1 << 12); coins != 0; coins >>= 1) exponent += coins & 1;
        const uint64_t size = (uint64_t{1} << exponent) + random.Below(uint64_t{1} << exponent);
        component.sizes.push_back(static_cast<uint32_t>(size));
        if (!deleted) sum += size;
      }
    }
    for (PlannedComponent& component : plan_.components) {
      for (uint32_t& size : component.sizes) {
        size = static_cast<uint32_t>(std::clamp<uint64_t>(
            size * size_.payload_bytes / std::max<uint64_t>(sum, 1), 64, uint64_t{1} << 30));
      }
    }
  }

  const PlanSize& size_;
  StorePlan plan_;
  std::vector<Source> sources_;  // Of the packages.
  std::vector<size_t> deployments_[kSourceCount];
};

}  // namespace

std::string StorePlan::Catalog(size_t catalog) const {
  const std::string name = StrCat("catalog ", seed, " ", catalog);
  return CatalogBytes(name, 600 + SeedOf(name) % 16000);
}

PreparedComponent StorePlan::Component(size_t component) const {
  const PlannedComponent& planned = components[component];
  ComponentSpec spec = planned.spec;
  const bool deleted = (spec.flags.value_or(0) & kPayloadDeleted) != 0;
  for (size_t i = 0; i < spec.files.size(); ++i) {
    // What nobody stores needs only a hash.
    spec.files[i].bytes = PayloadBytes(StrCat(seed, spec.identity, spec.files[i].name),
                                       deleted ? 64 : planned.sizes[i]);
  }
  return Prepare(std::move(spec));
}

absl::StatusOr<StorePlan> PlanStore(const PlanSize& size) {
  if (size.packages < kSourceCount || size.deployments < size.packages || size.catalogs == 0 ||
      size.deployments < size.catalogs || size.components == 0 ||
      size.payload_bytes > uint64_t{1} << 40) {
    return absl::InvalidArgumentError(
        StrCat("no store of ", size.components, " components, ", size.packages, " packages, ",
               size.deployments, " deployments, ", size.catalogs, " catalogs, ", size.payload_bytes,
               " bytes: at least 3 packages, as many deployments as packages "
               "and catalogs, at most 1 TiB"));
  }
  return Planner(size).Plan();
}

}  // namespace patchgate::testdata
