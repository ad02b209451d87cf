#include "servicing/host/platform_reader.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "servicing/base/guid.h"
#include "servicing/base/little_endian.h"
#include "servicing/host/hypervisors.h"
#include "servicing/registry/section_reader.h"

namespace patchgate::host {
namespace {

using registry::HiveId;
using registry::KeyReader;
using registry::SectionReader;

// REG_BINARY of 8 bytes (measured); 0 if it is not there or has another size.
FileTime LastUse(const KeyReader& config) {
  const absl::optional<registry::Value> value = config.Raw("LastUse");
  return value && value->data.size() == sizeof(FileTime) ? LoadLe64(value->data.data()) : 0;
}

// The configuration that LastConfig names; without it the one that was used last, or the only one.
std::string CurrentConfig(const KeyReader& root) {
  std::string config = root.String("LastConfig").value_or("");
  if (!config.empty()) return config;
  FileTime newest = 0;
  root.Subkeys([&](const KeyReader& key) {
    const FileTime used = LastUse(key);
    if (config.empty() || used > newest) {
      config = key.name();
      newest = used;
    }
  });
  return config;
}

void Classify(absl::string_view bios, Platform* platform) {
  const std::string &manufacturer = platform->manufacturer(), &product = platform->product();
  if (manufacturer.empty() && product.empty() && bios.empty()) return;
  const absl::string_view hypervisor = HypervisorOf(manufacturer, product, bios);
  if (!hypervisor.empty()) {
    platform->set_kind(Platform::VIRTUAL);
    platform->set_hypervisor(std::string(hypervisor));
  } else if (manufacturer.empty() && product.empty()) {
    return;  // A BIOS version alone says nothing of a machine.
  } else {
    platform->set_kind(Platform::PHYSICAL);
  }
  platform->set_kind_reason(manufacturer.empty() && product.empty()
                                ? absl::StrCat("SystemBiosVersion is ", bios)
                                : absl::StrCat("SystemManufacturer is \"", manufacturer,
                                               "\", SystemProductName is \"", product, "\""));
}

// The configuration in HardwareConfig. Its first SystemBiosVersion goes to `bios`.
void ReadConfig(const registry::Registry& registry, Platform* platform, std::string* bios) {
  const SectionReader root(registry, HiveId::kSystem, "HardwareConfig",
                           platform->mutable_collection());
  platform->set_config(CurrentConfig(root));
  if (platform->config().empty()) return;
  bool found = false;
  root.Subkey(platform->config(), [&](const KeyReader& key) {
    found = true;
    platform->set_manufacturer(key.String("SystemManufacturer").value_or(""));
    platform->set_product(key.String("SystemProductName").value_or(""));
    platform->set_bios_vendor(key.String("BIOSVendor").value_or(""));
    platform->set_bios_version(key.String("BIOSVersion").value_or(""));
    platform->set_bios_release_date(key.String("BIOSReleaseDate").value_or(""));
    platform->set_last_use_filetime(LastUse(key));
    const auto versions = key.MultiString("SystemBiosVersion");
    if (versions && !versions->empty()) *bios = versions->front();
  });
  if (!found) {
    root.AddGap("LastConfig", absl::StrCat("names ", platform->config(), ", which is not there"));
  }
}

// Control\SystemInformation is of this very boot, and no hive file holds it. Where it names the
// machine it counts before HardwareConfig, of which nothing is kept if that is of another machine.
void ReadThisBoot(const registry::Registry& registry, Platform* platform, std::string* bios) {
  Collection section;
  const SectionReader key(registry, HiveId::kSystem,
                          "CurrentControlSet\\Control\\SystemInformation", &section);
  const std::string manufacturer = key.String("SystemManufacturer").value_or("");
  const std::string product = key.String("SystemProductName").value_or("");
  const std::string version = key.String("BIOSVersion").value_or("");
  const std::string date = key.String("BIOSReleaseDate").value_or("");
  if (manufacturer.empty() && product.empty()) {
    // Of a hive as a whole HardwareConfig has said what is wrong.
    if (platform->collection().status() != Collection::UNREADABLE &&
        section.status() != Collection::ABSENT) {
      registry::MergeSection(section, platform->mutable_collection());
    }
    return;
  }
  if (platform->manufacturer() != manufacturer || platform->product() != product) {
    platform->Clear();
    bios->clear();
  }
  platform->clear_config();
  *platform->mutable_collection() = std::move(section);
  platform->set_manufacturer(manufacturer);
  platform->set_product(product);
  if (!version.empty()) platform->set_bios_version(version);
  if (!date.empty()) platform->set_bios_release_date(date);
}

}  // namespace

Platform ReadPlatform(const registry::Registry& registry) {
  Platform platform;
  std::string bios;
  ReadConfig(registry, &platform, &bios);
  ReadThisBoot(registry, &platform, &bios);
  Classify(bios, &platform);
  return platform;
}

MountedDevices ReadMountedDevices(const registry::Registry& registry) {
  // Layouts: GPT measured (DOMAIN §0.2, SYSTEM_B), MBR [WRKB].
  constexpr absl::string_view kLetter = "\\DosDevices\\";
  constexpr absl::string_view kGpt = "DMIO:ID:";
  constexpr size_t kMbrSize = sizeof(uint32_t) + sizeof(uint64_t);
  MountedDevices mounted;
  const SectionReader key(registry, HiveId::kSystem, "MountedDevices",
                          mounted.mutable_collection());
  key.Values([&](const registry::Value& value) {
    if (!absl::StartsWithIgnoreCase(value.name, kLetter)) return;
    const absl::string_view data = value.data;
    const bool gpt = absl::StartsWith(data, kGpt) && data.size() == kGpt.size() + kGuidSize;
    if (!gpt && data.size() != kMbrSize) return;  // A device path: removable, optical, virtual.
    MountedDevice* device = mounted.add_devices();
    device->set_name(value.name);
    if (gpt) {
      device->set_partition_guid(FormatGuid(data.substr(kGpt.size())));
    } else {
      device->set_disk_signature(LoadLe32(data.data()));
      device->set_partition_offset(LoadLe64(data.data() + sizeof(uint32_t)));
    }
  });
  return mounted;
}

}  // namespace patchgate::host
