// Programs and drivers for fake volumes: PE images that say which version they are, as those of
// Windows do.
#ifndef TESTDATA_FAKE_IMAGES_H_
#define TESTDATA_FAKE_IMAGES_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "servicing/base/filetime.h"
#include "servicing/evidence/memory_source.h"
#include "servicing/pe/format.h"

namespace patchgate::testdata {

struct ImageSpec {
  std::string name;     // "ntoskrnl.exe"; decides the subsystem: native for .sys, EFI for .efi.
  std::string version;  // "10.0.26100.7462"
  uint16_t machine = pe::kMachineAmd64;
  const char* company = "Microsoft Corporation";
  // Which build of this version: images of different marks have different bytes.
  std::string mark = {};
};
std::string ImageBytes(const ImageSpec& spec);

// Whether Windows has its version in files of this name: programs, libraries, drivers.
bool IsImageName(absl::string_view name);

// What every Windows has beside the small component store: the programs and drivers of the
// cumulative update with the build revision `revision`, boot files in their places, those of the
// system partition in the root of the volume. Existing ones are replaced.
void AddSystemImages(uint32_t revision, FileTime modified, evidence::MemorySource* volume);

// A driver that starts at boot, and how.
struct SystemDriver {
  const char* service;  // "disk"
  uint32_t start;
  bool has_image_path;      // Without, it is System32\drivers\<service>.sys.
  bool overridden = false;  // StartOverride\0 is 3: a controller that is not in this host.
};
// Those that a physical Windows 11 has at least (DOMAIN §2.4), but for the one in the store.
extern const SystemDriver kSystemDrivers[];
extern const size_t kSystemDriverCount;

// "Windows/System32/drivers/disk.sys"
std::string DriverPath(absl::string_view service);

}  // namespace patchgate::testdata

#endif  // TESTDATA_FAKE_IMAGES_H_
