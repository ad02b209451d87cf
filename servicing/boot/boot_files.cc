#include <string>

#include "absl/strings/string_view.h"
#include "servicing/boot/boot_reader.h"
#include "servicing/pe/format.h"

namespace patchgate::boot {
namespace {

enum class Firmware { kUnknown, kUefi, kBios };

// Which hosts have the file, all of them.
enum class Expected { kNobody, kEverybody, kUnlessBios, kBios };

struct KnownFile {
  const char* path;
  BootFile::Role role;
  Expected expected;
  const char* source;  // What it is a copy of.
};

constexpr char kLoader[] = "Windows/System32/winload.efi";
constexpr char kBiosLoader[] = "Windows/System32/winload.exe";
constexpr char kResumeLoader[] = "Windows/System32/winresume.efi";
constexpr char kBootManager[] = "Windows/Boot/EFI/bootmgfw.efi";

// Names and copies: DOMAIN §4.9 and 7.1. Windows of today brings both loaders, whatever the
// firmware; the one that it boots with is the one that counts.
constexpr KnownFile kVolumeFiles[] = {
    {"Windows/System32/ntoskrnl.exe", BootFile::KERNEL, Expected::kEverybody, ""},
    {"Windows/System32/hal.dll", BootFile::HAL, Expected::kEverybody, ""},
    {"Windows/System32/ci.dll", BootFile::CODE_INTEGRITY, Expected::kEverybody, ""},
    {kLoader, BootFile::LOADER, Expected::kUnlessBios, ""},
    {kBiosLoader, BootFile::LOADER, Expected::kBios, ""},
    {kResumeLoader, BootFile::RESUME_LOADER, Expected::kNobody, ""},
    {"Windows/System32/Boot/winload.efi", BootFile::LOADER, Expected::kNobody, kLoader},
    {"Windows/System32/Boot/winload.exe", BootFile::LOADER, Expected::kNobody, kBiosLoader},
    {"Windows/System32/Boot/winresume.efi", BootFile::RESUME_LOADER, Expected::kNobody,
     kResumeLoader},
    {kBootManager, BootFile::BOOT_MANAGER, Expected::kNobody, ""},
    {"Windows/Boot/EFI_EX/bootmgfw_EX.efi", BootFile::BOOT_MANAGER, Expected::kNobody,
     kBootManager},  // The same, signed by the Windows UEFI CA 2023.
    {"Windows/Boot/EFI/bootmgr.efi", BootFile::BOOT_MANAGER, Expected::kNobody, ""},
    {"Windows/Boot/PCAT/bootmgr", BootFile::BOOT_MANAGER, Expected::kNobody, ""},
};

constexpr KnownFile kUefiFiles[] = {
    {"EFI/Microsoft/Boot/bootmgfw.efi", BootFile::BOOT_MANAGER, Expected::kEverybody, kBootManager},
    {"EFI/Microsoft/Boot/bootmgr.efi", BootFile::BOOT_MANAGER, Expected::kNobody,
     "Windows/Boot/EFI/bootmgr.efi"},
};
constexpr KnownFile kFallback = {"EFI/Boot/bootx64.efi", BootFile::FALLBACK, Expected::kNobody,
                                 kBootManager};
constexpr KnownFile kFallbackArm64 = {"EFI/Boot/bootaa64.efi", BootFile::FALLBACK,
                                      Expected::kNobody, kBootManager};

constexpr KnownFile kBiosFiles[] = {
    {"bootmgr", BootFile::BOOT_MANAGER, Expected::kEverybody, "Windows/Boot/PCAT/bootmgr"},
};

bool IsExpected(Expected expected, Firmware firmware) {
  switch (expected) {
    case Expected::kNobody:
      return false;
    case Expected::kEverybody:
      return true;
    case Expected::kUnlessBios:
      return firmware != Firmware::kBios;
    case Expected::kBios:
      return firmware == Firmware::kBios;
  }
  return false;
}

void AddFile(const KnownFile& known, Firmware firmware, files::ImageReader* images,
             BootFiles* facts) {
  BootFile* file = facts->add_files();
  file->set_role(known.role);
  file->set_path(images->Read(known.path).collection().source());
  file->set_source_path(known.source);
  file->set_expected(IsExpected(known.expected, firmware));
}

// Why bootmgr in the root of a partition is no sign of BIOS; empty if it is one. A partition that
// was `given` as the one that boots needs no store for that.
std::string WhyLeftover(const evidence::Source& partition, bool given, bool boots_by_uefi) {
  if (boots_by_uefi) return "bootmgr is there, but this host boots by UEFI: a leftover";
  if (given) return "";
  const absl::StatusOr<evidence::FileInfo> store = partition.Stat("Boot/BCD");
  return absl::IsNotFound(store.status()) ? "bootmgr is there without Boot/BCD: a leftover" : "";
}

// Finds the boot files in the root of `partition`, and says how that went.
Firmware FindBootFiles(const evidence::Source& partition, bool given, bool boots_by_uefi,
                       Collection* section) {
  const absl::string_view prefix = given ? evidence::kEspPrefix : "";
  const struct {
    const char* path;
    bool is_directory;
    Firmware firmware;
  } kPlaces[] = {{"EFI/Microsoft/Boot", true, Firmware::kUefi},
                 {"bootmgr", false, Firmware::kBios}};
  std::string why;
  for (const auto& place : kPlaces) {
    const absl::StatusOr<evidence::FileInfo> info = partition.Stat(place.path);
    section->set_source(std::string(prefix) + place.path);
    if (info.ok() && info->is_directory == place.is_directory) {
      if (place.firmware == Firmware::kBios) why = WhyLeftover(partition, given, boots_by_uefi);
      if (!why.empty()) break;
      section->set_status(Collection::COLLECTED);
      section->set_modified_filetime(info->modified);
      return place.firmware;
    }
    if (!info.ok() && !absl::IsNotFound(info.status())) {
      section->set_status(Collection::UNREADABLE);
      section->set_reason(std::string(info.status().message()));
      return Firmware::kUnknown;
    }
  }
  section->set_source(std::string(prefix) + kPlaces[0].path);
  section->set_status(Collection::ABSENT);
  section->set_reason(why.empty() ? "neither EFI/Microsoft/Boot nor bootmgr is there" : why);
  return Firmware::kUnknown;
}

}  // namespace

BootFiles ReadBootFiles(const evidence::Source& source, const evidence::Source* esp,
                        files::ImageReader* images, files::ImageReader* esp_images,
                        bool boots_by_uefi) {
  BootFiles facts;
  facts.set_separate_partition(esp != nullptr);
  const Firmware firmware = FindBootFiles(esp != nullptr ? *esp : source, esp != nullptr,
                                          boots_by_uefi, facts.mutable_system_partition());
  for (const KnownFile& known : kVolumeFiles) AddFile(known, firmware, images, &facts);

  if (esp == nullptr) esp_images = images;
  if (firmware == Firmware::kUefi) {
    for (const KnownFile& known : kUefiFiles) AddFile(known, firmware, esp_images, &facts);
    const bool arm64 = images->Read(kVolumeFiles[0].path).machine() == pe::kMachineArm64;
    AddFile(arm64 ? kFallbackArm64 : kFallback, firmware, esp_images, &facts);
  } else if (firmware == Firmware::kBios) {
    for (const KnownFile& known : kBiosFiles) AddFile(known, firmware, esp_images, &facts);
  }
  return facts;
}

}  // namespace patchgate::boot
