// Builds Boot Configuration Data stores in memory, for tests.
//
//   BcdBuilder bcd = HealthyBcd();
//   bcd.AddObject(kWindowsLoader)->SetInteger(element::kSafeBoot, 0);
//   std::string hive = bcd.Build();
#ifndef SERVICING_BOOT_BCD_BUILDER_H_
#define SERVICING_BOOT_BCD_BUILDER_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "servicing/boot/bcd_format.h"
#include "servicing/regf/hive_builder.h"

namespace patchgate::boot {

class BcdBuilder {
 public:
  // An object of the store. Owned by its builder; setters replace, and return the object.
  class Object {
   public:
    explicit Object(regf::HiveBuilder::Key* key) : key_(key) { key_->AddKey("Elements"); }

    // `device` is one of the device functions below.
    Object* SetDevice(uint32_t element, absl::string_view device);
    Object* SetString(uint32_t element, absl::string_view text);
    Object* SetObject(uint32_t element, absl::string_view guid);
    Object* SetObjects(uint32_t element, const std::vector<std::string>& guids);
    Object* SetInteger(uint32_t element, uint64_t value);
    Object* SetBool(uint32_t element, bool value);
    Object* SetIntegers(uint32_t element, const std::vector<uint64_t>& values);
    // Whatever its format says.
    Object* SetRaw(uint32_t element, uint32_t type, absl::string_view data);
    Object* Remove(uint32_t element);
    Object* SetType(uint32_t type);

    regf::HiveBuilder::Key* key() { return key_; }  // Objects\<guid>

   private:
    regf::HiveBuilder::Key* Element(uint32_t element);
    regf::HiveBuilder::Key* key_;
  };

  // Without objects, but for what every store has.
  BcdBuilder();

  // The object, which comes into being where it is not there yet. A type of 0 leaves it as it is.
  Object* AddObject(absl::string_view guid, uint32_t type = 0);
  bool RemoveObject(absl::string_view guid);

  regf::HiveBuilder* hive() { return hive_.get(); }
  regf::HiveBuilder::Key* root() { return hive_->root(); }

  // The hive as a file.
  std::string Build() { return hive_->Build(); }

 private:
  // The keys of `objects_` point into it: it must stay where it is.
  std::unique_ptr<regf::HiveBuilder> hive_;
  std::map<std::string, std::unique_ptr<Object>> objects_;
};

// Values of device elements. GUIDs as text; `options` is an object of additional options.
std::string GptPartition(absl::string_view partition, absl::string_view disk);
std::string MbrPartition(uint64_t offset, uint32_t signature);
std::string BootDevice();
std::string LocateDevice();
// A file of `parent`, itself a value of a device element.
std::string Ramdisk(absl::string_view path, absl::string_view parent, absl::string_view options);
// A partition on a virtual disk.
std::string VirtualDiskPartition(absl::string_view partition);

// Objects and partitions of HealthyBcd.
inline constexpr char kWindowsLoader[] = "{3a6f1e52-0b7d-11ef-9c41-806e6f6e6963}";
inline constexpr char kWindowsResume[] = "{3a6f1e51-0b7d-11ef-9c41-806e6f6e6963}";
inline constexpr char kRecoveryLoader[] = "{3a6f1e54-0b7d-11ef-9c41-806e6f6e6963}";
inline constexpr char kRecoveryOptions[] = "{3a6f1e55-0b7d-11ef-9c41-806e6f6e6963}";
inline constexpr char kDiskGuid[] = "{5d1c2f30-94a1-4a7e-8f1b-6c2e0d3b7a10}";
inline constexpr char kSystemPartition[] = "{0f3b9a44-51c6-4e0d-b8a2-1d7c5e6f9b01}";
inline constexpr char kWindowsPartition[] = "{7c2e8d15-6ab3-49f4-9e57-2f8a1b3c4d02}";
inline constexpr char kRecoveryPartition[] = "{e19f4b26-83d7-4c25-a6c9-3b5d7f8e9a03}";
inline constexpr uint32_t kDiskSignature = 0x5D1C2F30;
inline constexpr uint64_t kWindowsOffset = 0x21500000;  // MBR, bytes.

enum class Firmware { kEfi, kBios };

// The store of a host with one Windows 11 and its recovery environment, as Windows sets it up.
BcdBuilder HealthyBcd(Firmware firmware = Firmware::kEfi);

}  // namespace patchgate::boot

#endif  // SERVICING_BOOT_BCD_BUILDER_H_
