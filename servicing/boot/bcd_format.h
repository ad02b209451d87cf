// Numbers of the Boot Configuration Data: identifiers of elements and objects, layout of device
// elements (DOMAIN §7.1).
#ifndef SERVICING_BOOT_BCD_FORMAT_H_
#define SERVICING_BOOT_BCD_FORMAT_H_

#include <cstddef>
#include <cstdint>

namespace patchgate::boot {

// What an element's value is: bits 24 to 27 of its id.
enum class ElementFormat : uint32_t {
  kDevice = 1,
  kString = 2,
  kObject = 3,
  kObjectList = 4,
  kInteger = 5,
  kBoolean = 6,
  kIntegerList = 7,
};
constexpr ElementFormat FormatOf(uint32_t element) {
  return static_cast<ElementFormat>((element >> 24) & 0xF);
}

// Who an element is meant for: the highest 4 bits of its id.
enum class ElementClass : uint32_t {
  kLibrary = 1,
  kApplication = 2,
  kDevice = 3,
  kTemplate = 4,
  kOem = 5,
};
constexpr ElementClass ClassOf(uint32_t element) {
  return static_cast<ElementClass>(element >> 28);
}

// Elements that somebody here looks at; all that have names are in bcd_names.cc.
namespace element {
// Library: of every object.
inline constexpr uint32_t kDevice = 0x11000001;
inline constexpr uint32_t kPath = 0x12000002;
inline constexpr uint32_t kDescription = 0x12000004;
inline constexpr uint32_t kLocale = 0x12000005;
inline constexpr uint32_t kInherit = 0x14000006;
inline constexpr uint32_t kRecoverySequence = 0x14000008;
inline constexpr uint32_t kRecoveryEnabled = 0x16000009;
inline constexpr uint32_t kBadMemoryAccess = 0x1600000B;
inline constexpr uint32_t kDebugType = 0x15000011;
inline constexpr uint32_t kBootEms = 0x16000020;
inline constexpr uint32_t kNoIntegrityChecks = 0x16000048;
inline constexpr uint32_t kTestSigning = 0x16000049;
inline constexpr uint32_t kIsolatedContext = 0x16000060;
inline constexpr uint32_t kDisplayMessage = 0x15000065;
inline constexpr uint32_t kDisplayMessageOverride = 0x15000066;
inline constexpr uint32_t kAllowedInMemorySettings = 0x17000077;
// Boot manager.
inline constexpr uint32_t kDefault = 0x23000003;
inline constexpr uint32_t kBootManagerResumeObject = 0x23000006;
inline constexpr uint32_t kDisplayOrder = 0x24000001;
inline constexpr uint32_t kBootSequence = 0x24000002;
inline constexpr uint32_t kToolsDisplayOrder = 0x24000010;
inline constexpr uint32_t kTimeout = 0x25000004;
// Operating system loader.
inline constexpr uint32_t kOsDevice = 0x21000001;
inline constexpr uint32_t kSystemRoot = 0x22000002;
inline constexpr uint32_t kLoaderResumeObject = 0x23000003;
inline constexpr uint32_t kWinPe = 0x26000022;
inline constexpr uint32_t kNx = 0x25000020;
inline constexpr uint32_t kSafeBoot = 0x25000080;
inline constexpr uint32_t kBootMenuPolicy = 0x250000C2;
inline constexpr uint32_t kHypervisorDebugType = 0x250000F3;
inline constexpr uint32_t kHypervisorDebugPort = 0x250000F4;
inline constexpr uint32_t kHypervisorBaudRate = 0x250000F5;
// Resume loader.
inline constexpr uint32_t kFileDevice = 0x21000001;
inline constexpr uint32_t kFilePath = 0x22000002;
inline constexpr uint32_t kResumeBootMenuPolicy = 0x25000008;
inline constexpr uint32_t kDebugOptionEnabled = 0x26000006;
// Device options.
inline constexpr uint32_t kRamdiskSdiDevice = 0x31000003;
inline constexpr uint32_t kRamdiskSdiPath = 0x32000004;
// Template.
inline constexpr uint32_t kRecoveryOs = 0x46000010;
}  // namespace element

namespace object_type {
inline constexpr uint32_t kFirmwareBootManager = 0x10100001;
inline constexpr uint32_t kBootManager = 0x10100002;
inline constexpr uint32_t kFirmwareApplication = 0x101FFFFF;
inline constexpr uint32_t kOsLoader = 0x10200003;
inline constexpr uint32_t kResumeLoader = 0x10200004;
inline constexpr uint32_t kMemoryTester = 0x10200005;
inline constexpr uint32_t kInheritable = 0x20100000;     // By any object.
inline constexpr uint32_t kLoaderSettings = 0x20200003;  // By loaders.
inline constexpr uint32_t kResumeSettings = 0x20200004;  // By resume loaders.
inline constexpr uint32_t kDeviceOptions = 0x30000000;
}  // namespace object_type

// Objects that have the same name everywhere.
namespace guid {
inline constexpr char kBootManager[] = "{9dea862c-5cdd-4e70-acc1-f32b344d4795}";
inline constexpr char kFirmwareBootManager[] = "{a5a30fa2-3d06-4e9f-b5f4-a01df9d1fcba}";
inline constexpr char kMemoryTester[] = "{b2721d73-1db4-4c62-bf78-c548a880142d}";
inline constexpr char kGlobalSettings[] = "{7ea2e1ac-2e61-4728-aaa3-896d9d0a9f0e}";
inline constexpr char kLoaderSettings[] = "{6efb52bf-1766-41db-a6b3-0ee5eff72bd7}";
inline constexpr char kResumeSettings[] = "{1afa9c49-16ab-4a5c-901b-212802da9460}";
inline constexpr char kHypervisorSettings[] = "{7ff607e0-4395-11db-b0de-0800200c9a66}";
inline constexpr char kDebuggerSettings[] = "{4636856e-540f-4170-a130-a84776f4c654}";
inline constexpr char kEmsSettings[] = "{0ce4991b-e6b3-4b16-b23c-5e0d9250e5d9}";
inline constexpr char kBadMemory[] = "{5189b25c-5558-4bf2-bca4-289b11bd29e2}";
inline constexpr char kRamdiskOptions[] = "{ae5534e0-a924-466c-b836-758539a3ee3a}";
}  // namespace guid

// A device element: the GUID of the object with additional options, then a device. Offsets in bytes
// from the start of the device, measured on real stores; that of the MBR form and the meaning of
// the numbers agree with the headers of ReactOS' boot environment library.
namespace device {
inline constexpr size_t kOptionsSize = 16;  // Before the device.
inline constexpr size_t kType = 0;
inline constexpr size_t kFlags = 4;
inline constexpr size_t kLength = 8;  // Of the device, this header included.
inline constexpr size_t kHeaderSize = 16;
inline constexpr size_t kMinSize = 0x48;  // Shorter ones do not occur.
// PARTITION
inline constexpr size_t kPartition = 16;  // GUID, or for MBR the offset in bytes, 8 bytes.
inline constexpr size_t kDiskType = 32;
inline constexpr size_t kPartitionStyle = 36;
inline constexpr size_t kDisk = 40;  // GUID, or for MBR the signature, 4 bytes.
// DISK
inline constexpr size_t kLocalType = 16;
// RAM disk: a file. Its offsets are from the start of the RAM disk's device.
inline constexpr size_t kFileVersion = 40;  // 1
inline constexpr size_t kFileLength = 44;   // From kFileVersion to the end of the path.
inline constexpr size_t kFileType = 48;     // 5
inline constexpr size_t kFileDevice = 52;   // A whole device; the path, UTF-16LE with NUL, follows.

enum Type : uint32_t { kDiskDevice = 0, kBootDevice = 5, kPartitionDevice = 6, kLocateDevice = 8 };
enum LocalType : uint32_t { kLocalDisk = 0, kRamdisk = 3, kVirtualDisk = 6 };
enum Style : uint32_t { kGpt = 0, kMbr = 1 };
}  // namespace device

}  // namespace patchgate::boot

#endif  // SERVICING_BOOT_BCD_FORMAT_H_
