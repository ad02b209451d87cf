#include "testdata/fake_images.h"

#include <iterator>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "servicing/pe/pe_builder.h"
#include "servicing/pe/version_builder.h"
#include "servicing/pe/version_format.h"

namespace patchgate::testdata {
namespace {

// IMAGE_SUBSYSTEM_*
constexpr uint16_t kNative = 1, kConsole = 3, kEfiApplication = 10, kBootApplication = 16;

uint16_t SubsystemOf(absl::string_view name) {
  if (absl::EndsWithIgnoreCase(name, ".sys") || absl::StartsWithIgnoreCase(name, "ntoskrnl")) {
    return kNative;
  }
  if (!absl::EndsWithIgnoreCase(name, ".efi")) return kConsole;
  return absl::StartsWithIgnoreCase(name, "win") ? kBootApplication : kEfiApplication;
}

struct SystemImage {
  const char* path;
  bool of_update;  // Changed by every cumulative update; else as released.
};
constexpr SystemImage kSystemImages[] = {
    {"Windows/System32/ntdll.dll", true},
    {"Windows/System32/kernel32.dll", true},
    {"Windows/System32/KernelBase.dll", true},
    {"Windows/System32/win32k.sys", true},
    {"Windows/System32/win32kbase.sys", true},
    {"Windows/System32/win32kfull.sys", true},
    {"Windows/System32/securekernel.exe", true},
    {"Windows/System32/hvax64.exe", true},
    {"Windows/System32/hvix64.exe", true},
    {"Windows/System32/rpcrt4.dll", true},
    {"Windows/System32/smss.exe", true},
    {"Windows/System32/lsasrv.dll", true},
    {"Windows/System32/drivers/tcpip.sys", true},
    {"Windows/System32/drivers/ntfs.sys", true},
    {"Windows/System32/drivers/srv2.sys", true},
    {"Windows/System32/drivers/afd.sys", true},
    {"Windows/System32/drivers/http.sys", true},
    {"Windows/System32/drivers/dxgmms1.sys", false},  // No service names it.
    {"Windows/System32/Boot/winload.efi", true},
    {"Windows/System32/winresume.efi", true},
    {"Windows/System32/Boot/winresume.efi", true},
    {"Windows/Boot/EFI/bootmgfw.efi", true},
    {"Windows/Boot/EFI/bootmgr.efi", true},
    {"Windows/Boot/EFI/memtest.efi", true},
    {"Windows/Boot/EFI_EX/bootmgfw_EX.efi", true},
    {"EFI/Microsoft/Boot/bootmgfw.efi", true},
    {"EFI/Microsoft/Boot/bootmgr.efi", true},
    {"EFI/Microsoft/Boot/memtest.efi", true},
    {"EFI/Boot/bootx64.efi", true},
};

}  // namespace

const SystemDriver kSystemDrivers[] = {
    {"acpi", 0, true},        {"pci", 0, true},
    {"volmgr", 0, true},      {"mountmgr", 0, true},
    {"partmgr", 0, true},     {"volsnap", 0, true},
    {"vdrvroot", 0, true},    {"volume", 0, true},
    {"fvevol", 0, true},      {"rdyboost", 0, true},
    {"Wof", 0, false},        {"FltMgr", 0, true},
    {"CNG", 0, true},         {"KSecDD", 0, true},
    {"CLFS", 0, true},        {"Fs_Rec", 0, false},
    {"WdFilter", 0, true},    {"WdBoot", 0, true},
    {"stornvme", 0, true},    {"storahci", 0, true, true},
    {"vmbus", 0, true, true}, {"storvsc", 0, true, true},
    {"iorate", 0, true},      {"EhStorClass", 0, true},
    {"Beep", 1, false},       {"Null", 1, false},
};
const size_t kSystemDriverCount = std::size(kSystemDrivers);

std::string DriverPath(absl::string_view service) {
  return absl::StrCat("Windows/System32/drivers/", service, ".sys");
}

std::string ImageBytes(const ImageSpec& spec) {
  pe::PeBuilder::Options options;
  options.machine = spec.machine;
  options.subsystem = SubsystemOf(spec.name);
  pe::PeBuilder builder(options);
  pe::VersionInfo version;
  version.file_version = version.product_version = spec.version;
  version.texts = {{"CompanyName", spec.company},
                   {"FileDescription", spec.name},
                   {"FileVersion", absl::StrCat(spec.version, " (WinBuild.160101.0800)")},
                   {"InternalName", absl::StrCat(spec.name, spec.mark)},
                   {"OriginalFilename", spec.name},
                   {"ProductName", "Microsoft\xC2\xAE Windows\xC2\xAE Operating System"}};
  builder.AddResource(pe::kVersionResourceType, pe::kVersionResourceId, 0x409,
                      pe::BuildVersionResource(version));
  return builder.Build();
}

bool IsImageName(absl::string_view name) {
  for (const char* extension : {".exe", ".dll", ".sys", ".efi"}) {
    if (absl::EndsWithIgnoreCase(name, extension)) return true;
  }
  return false;
}

void AddSystemImages(uint32_t revision, FileTime modified, evidence::MemorySource* volume) {
  const std::string lcu = absl::StrCat("10.0.26100.", revision), released = "10.0.26100.1";
  for (const SystemImage& image : kSystemImages) {
    const absl::string_view path = image.path;
    std::string name(path.substr(path.rfind('/') + 1));
    // One file in several places has the same bytes in all of them.
    if (name == "bootx64.efi") name = "bootmgfw.efi";
    volume->AddFile(path, ImageBytes({name, image.of_update ? lcu : released}), modified);
  }
  for (const SystemDriver& driver : kSystemDrivers) {
    volume->AddFile(DriverPath(driver.service),
                    ImageBytes({absl::StrCat(driver.service, ".sys"), released}), modified);
  }
}

}  // namespace patchgate::testdata
