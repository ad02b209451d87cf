#include "servicing/boot/bcd_builder.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "servicing/base/guid.h"
#include "servicing/base/little_endian.h"
#include "servicing/base/utf16.h"
#include "servicing/regf/types.h"

namespace patchgate::boot {

using regf::HiveBuilder;

namespace {

// `text` must be a GUID; empty stands for the null GUID.
std::string GuidBytes(absl::string_view text) {
  return text.empty() ? std::string(kGuidSize, '\0') : ParseGuid(text).value();
}

// A device of `size` bytes with its header, behind the options.
std::string Device(uint32_t type, uint32_t flags, size_t size, absl::string_view options) {
  std::string bytes(size, '\0');
  StoreLe32(&bytes[device::kType], type);
  StoreLe32(&bytes[device::kFlags], flags);
  StoreLe32(&bytes[device::kLength], static_cast<uint32_t>(size));
  return GuidBytes(options) + bytes;
}

void Overwrite(absl::string_view what, size_t offset, std::string* element) {
  element->replace(device::kOptionsSize + offset, what.size(), what.data(), what.size());
}

void AddSettings(BcdBuilder* bcd) {
  bcd->AddObject(guid::kEmsSettings, object_type::kInheritable)->SetBool(element::kBootEms, false);
  bcd->AddObject(guid::kDebuggerSettings, object_type::kInheritable)
      ->SetInteger(element::kDebugType, 4);
  bcd->AddObject(guid::kBadMemory, object_type::kInheritable);
  bcd->AddObject(guid::kGlobalSettings, object_type::kInheritable)
      ->SetObjects(element::kInherit,
                   {guid::kDebuggerSettings, guid::kEmsSettings, guid::kBadMemory});
  bcd->AddObject(guid::kHypervisorSettings, object_type::kLoaderSettings)
      ->SetInteger(element::kHypervisorDebugType, 0)
      ->SetInteger(element::kHypervisorDebugPort, 1)
      ->SetInteger(element::kHypervisorBaudRate, 115200);
  bcd->AddObject(guid::kLoaderSettings, object_type::kLoaderSettings)
      ->SetObjects(element::kInherit, {guid::kGlobalSettings, guid::kHypervisorSettings});
  bcd->AddObject(guid::kResumeSettings, object_type::kResumeSettings)
      ->SetObjects(element::kInherit, {guid::kGlobalSettings});
}

}  // namespace

HiveBuilder::Key* BcdBuilder::Object::Element(uint32_t element) {
  return key_->AddKey(absl::StrFormat("Elements\\%08x", element));
}
BcdBuilder::Object* BcdBuilder::Object::SetRaw(uint32_t element, uint32_t type,
                                               absl::string_view data) {
  Element(element)->SetValue("Element", type, data);
  return this;
}
BcdBuilder::Object* BcdBuilder::Object::SetDevice(uint32_t element, absl::string_view device) {
  return SetRaw(element, regf::kRegBinary, device);
}
BcdBuilder::Object* BcdBuilder::Object::SetString(uint32_t element, absl::string_view text) {
  Element(element)->SetString("Element", text);
  return this;
}
BcdBuilder::Object* BcdBuilder::Object::SetObject(uint32_t element, absl::string_view guid) {
  return SetString(element, guid);
}
BcdBuilder::Object* BcdBuilder::Object::SetObjects(uint32_t element,
                                                   const std::vector<std::string>& guids) {
  Element(element)->SetMultiString("Element", guids);
  return this;
}
BcdBuilder::Object* BcdBuilder::Object::SetInteger(uint32_t element, uint64_t value) {
  return SetIntegers(element, {value});
}
BcdBuilder::Object* BcdBuilder::Object::SetBool(uint32_t element, bool value) {
  return SetRaw(element, regf::kRegBinary, value ? "\1" : absl::string_view("\0", 1));
}
BcdBuilder::Object* BcdBuilder::Object::SetIntegers(uint32_t element,
                                                    const std::vector<uint64_t>& values) {
  std::string bytes(8 * values.size(), '\0');
  for (size_t i = 0; i < values.size(); ++i) StoreLe64(&bytes[8 * i], values[i]);
  return SetRaw(element, regf::kRegBinary, bytes);
}
BcdBuilder::Object* BcdBuilder::Object::Remove(uint32_t element) {
  key_->AddKey("Elements")->RemoveKey(absl::StrFormat("%08x", element));
  return this;
}
BcdBuilder::Object* BcdBuilder::Object::SetType(uint32_t type) {
  key_->AddKey("Description")->SetDword("Type", type);
  return this;
}

BcdBuilder::BcdBuilder() {
  HiveBuilder::Options options;
  options.minor_version = 3;
  options.root_name = "NewStoreRoot";
  hive_ = std::make_unique<HiveBuilder>(options);
  root()
      ->AddKey("Description")
      ->SetString("KeyName", "BCD00000000")
      ->SetDword("System", 1)
      ->SetDword("TreatAsSystem", 1);
  root()->AddKey("Objects");
}

BcdBuilder::Object* BcdBuilder::AddObject(absl::string_view guid, uint32_t type) {
  std::unique_ptr<Object>& object = objects_[absl::AsciiStrToLower(guid)];
  if (object == nullptr) {
    object = std::make_unique<Object>(root()->AddKey(absl::StrCat("Objects\\", guid)));
  }
  if (type != 0) object->SetType(type);
  return object.get();
}

bool BcdBuilder::RemoveObject(absl::string_view guid) {
  objects_.erase(absl::AsciiStrToLower(guid));
  return root()->AddKey("Objects")->RemoveKey(guid);
}

std::string GptPartition(absl::string_view partition, absl::string_view disk) {
  std::string element = Device(device::kPartitionDevice, 0, device::kMinSize, "");
  Overwrite(GuidBytes(partition), device::kPartition, &element);
  Overwrite(GuidBytes(disk), device::kDisk, &element);
  return element;
}

std::string MbrPartition(uint64_t offset, uint32_t signature) {
  std::string element = Device(device::kPartitionDevice, 0, device::kMinSize, "");
  StoreLe64(&element[device::kOptionsSize + device::kPartition], offset);
  StoreLe32(&element[device::kOptionsSize + device::kPartitionStyle], device::kMbr);
  StoreLe32(&element[device::kOptionsSize + device::kDisk], signature);
  return element;
}

std::string BootDevice() { return Device(device::kBootDevice, 0, device::kMinSize, ""); }

std::string LocateDevice() { return Device(device::kLocateDevice, 0, device::kMinSize, ""); }

std::string Ramdisk(absl::string_view path, absl::string_view parent, absl::string_view options) {
  const std::string name = Utf8ToUtf16Le(path) + std::string(2, '\0');
  parent.remove_prefix(device::kOptionsSize);
  const size_t size = device::kFileDevice + parent.size() + name.size();
  std::string element = Device(device::kDiskDevice, 1, size, options);
  char* disk = &element[device::kOptionsSize];
  StoreLe32(disk + device::kLocalType, device::kRamdisk);
  StoreLe32(disk + device::kFileVersion, 1);
  StoreLe32(disk + device::kFileLength, static_cast<uint32_t>(size - device::kFileVersion));
  StoreLe32(disk + device::kFileType, 5);
  Overwrite(absl::StrCat(parent, name), device::kFileDevice, &element);
  return element;
}

std::string VirtualDiskPartition(absl::string_view partition) {
  std::string element = GptPartition(partition, "");
  StoreLe32(&element[device::kOptionsSize + device::kDiskType], device::kVirtualDisk);
  return element;
}

BcdBuilder HealthyBcd(Firmware firmware) {
  const bool efi = firmware == Firmware::kEfi;
  const std::string extension = efi ? ".efi" : ".exe";
  const std::string system =
      efi ? GptPartition(kSystemPartition, kDiskGuid) : MbrPartition(0x100000, kDiskSignature);
  const std::string windows = efi ? GptPartition(kWindowsPartition, kDiskGuid)
                                  : MbrPartition(kWindowsOffset, kDiskSignature);
  const std::string recovery =
      efi ? GptPartition(kRecoveryPartition, kDiskGuid) : MbrPartition(0xF00000000, kDiskSignature);
  BcdBuilder bcd;
  AddSettings(&bcd);
  BcdBuilder::Object* manager = bcd.AddObject(guid::kBootManager, object_type::kBootManager)
                                    ->SetDevice(element::kDevice, system)
                                    ->SetString(element::kDescription, "Windows Boot Manager")
                                    ->SetString(element::kLocale, "en-US")
                                    ->SetObjects(element::kInherit, {guid::kGlobalSettings})
                                    ->SetObject(element::kDefault, kWindowsLoader)
                                    ->SetObject(element::kBootManagerResumeObject, kWindowsResume)
                                    ->SetObjects(element::kDisplayOrder, {kWindowsLoader})
                                    ->SetObjects(element::kToolsDisplayOrder, {guid::kMemoryTester})
                                    ->SetInteger(element::kTimeout, 30);
  if (efi) {
    manager->SetString(element::kPath, "\\EFI\\Microsoft\\Boot\\bootmgfw.efi");
    bcd.AddObject(guid::kFirmwareBootManager, object_type::kFirmwareBootManager)
        ->SetObjects(element::kDisplayOrder, {guid::kBootManager})
        ->SetInteger(element::kTimeout, 0);
  }
  bcd.AddObject(guid::kMemoryTester, object_type::kMemoryTester)
      ->SetDevice(element::kDevice, system)
      ->SetString(element::kPath,
                  efi ? "\\EFI\\Microsoft\\Boot\\memtest.efi" : "\\boot\\memtest.exe")
      ->SetString(element::kDescription, "Windows Memory Diagnostic")
      ->SetString(element::kLocale, "en-US")
      ->SetObjects(element::kInherit, {guid::kGlobalSettings})
      ->SetBool(element::kBadMemoryAccess, true);
  bcd.AddObject(kWindowsResume, object_type::kResumeLoader)
      ->SetDevice(element::kDevice, windows)
      ->SetString(element::kPath, "\\Windows\\system32\\winresume" + extension)
      ->SetString(element::kDescription, "Windows Resume Application")
      ->SetString(element::kLocale, "en-US")
      ->SetObjects(element::kInherit, {guid::kResumeSettings})
      ->SetObjects(element::kRecoverySequence, {kRecoveryLoader})
      ->SetBool(element::kRecoveryEnabled, true)
      ->SetIntegers(element::kAllowedInMemorySettings, {0x15000075})
      ->SetDevice(element::kFileDevice, windows)
      ->SetString(element::kFilePath, "\\hiberfil.sys")
      ->SetInteger(element::kResumeBootMenuPolicy, 1)
      ->SetBool(element::kDebugOptionEnabled, false);
  bcd.AddObject(kWindowsLoader, object_type::kOsLoader)
      ->SetDevice(element::kDevice, windows)
      ->SetString(element::kPath, "\\Windows\\system32\\winload" + extension)
      ->SetString(element::kDescription, "Windows 11")
      ->SetString(element::kLocale, "en-US")
      ->SetObjects(element::kInherit, {guid::kLoaderSettings})
      ->SetObjects(element::kRecoverySequence, {kRecoveryLoader})
      ->SetInteger(element::kDisplayMessageOverride, 3)
      ->SetBool(element::kRecoveryEnabled, true)
      ->SetBool(element::kIsolatedContext, true)
      ->SetIntegers(element::kAllowedInMemorySettings, {0x15000075})
      ->SetDevice(element::kOsDevice, windows)
      ->SetString(element::kSystemRoot, "\\Windows")
      ->SetObject(element::kLoaderResumeObject, kWindowsResume)
      ->SetInteger(element::kNx, 0)
      ->SetInteger(element::kBootMenuPolicy, 1);
  const std::string ramdisk =
      Ramdisk("\\Recovery\\WindowsRE\\Winre.wim", recovery, kRecoveryOptions);
  bcd.AddObject(kRecoveryLoader, object_type::kOsLoader)
      ->SetDevice(element::kDevice, ramdisk)
      ->SetString(element::kPath, "\\windows\\system32\\winload" + extension)
      ->SetString(element::kDescription, "Windows Recovery Environment")
      ->SetString(element::kLocale, "en-us")
      ->SetObjects(element::kInherit, {guid::kLoaderSettings})
      ->SetInteger(element::kDisplayMessage, 3)
      ->SetDevice(element::kOsDevice, ramdisk)
      ->SetString(element::kSystemRoot, "\\windows")
      ->SetInteger(element::kNx, 0)
      ->SetInteger(element::kBootMenuPolicy, 1)
      ->SetBool(element::kWinPe, true)
      ->SetBool(element::kRecoveryOs, true);
  bcd.AddObject(kRecoveryOptions, object_type::kDeviceOptions)
      ->SetString(element::kDescription, "Windows Recovery")
      ->SetDevice(element::kRamdiskSdiDevice, recovery)
      ->SetString(element::kRamdiskSdiPath, "\\Recovery\\WindowsRE\\boot.sdi");
  return bcd;
}

}  // namespace patchgate::boot
