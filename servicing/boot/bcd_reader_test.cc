#include "servicing/boot/bcd_reader.h"

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "servicing/base/little_endian.h"
#include "servicing/base/utf16.h"
#include "servicing/boot/bcd_builder.h"
#include "servicing/boot/bcd_format.h"
#include "servicing/evidence/memory_source.h"
#include "servicing/regf/format.h"
#include "servicing/regf/hive.h"
#include "servicing/regf/hive_builder.h"
#include "servicing/regf/log_builder.h"
#include "servicing/regf/types.h"
#include "servicing/registry/hive_file.h"
#include "servicing/registry/registry.h"

namespace patchgate::boot {
namespace {

using evidence::MemorySource;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr char kEfiPath[] = "EFI/Microsoft/Boot/BCD";
constexpr char kThis[] = "{11111111-2222-3333-4444-555555555555}";

BcdStore StoreOf(std::string bytes) {
  MemorySource volume;
  volume.AddFile(kEfiPath, std::move(bytes), 133000000000000000);
  return ReadBcd(volume, nullptr);
}

const BcdObject& Object(const BcdStore& store, absl::string_view guid) {
  for (const BcdObject& object : store.objects()) {
    if (object.guid() == guid) return object;
  }
  return BcdObject::default_instance();
}

const BcdElement& Element(const BcdObject& object, uint32_t id) {
  for (const BcdElement& element : object.elements()) {
    if (element.id() == id) return element;
  }
  return BcdElement::default_instance();
}

std::vector<std::string> Gaps(const BcdStore& store) {
  std::vector<std::string> gaps;
  for (const Gap& gap : store.collection().gaps()) {
    gaps.push_back(absl::StrCat(gap.where(), ": ", gap.what()));
  }
  return gaps;
}

TEST(BcdReader, HealthyStore) {
  const BcdStore store = StoreOf(HealthyBcd().Build());
  EXPECT_EQ(store.collection().status(), Collection::COLLECTED);
  EXPECT_EQ(store.collection().source(), kEfiPath);
  EXPECT_EQ(store.collection().modified_filetime(), 133000000000000000u);
  EXPECT_THAT(Gaps(store), IsEmpty());
  EXPECT_TRUE(store.is_efi());
  EXPECT_EQ(store.hive().state(), HiveFacts::CLEAN);
  EXPECT_EQ(store.hive().minor_version(), 3u);
  EXPECT_TRUE(store.has_description());
  EXPECT_TRUE(store.has_objects());
  EXPECT_EQ(store.key_name(), "BCD00000000");
  EXPECT_EQ(store.treat_as_system(), 1u);
  EXPECT_EQ(store.objects_size(), 14);
  for (const BcdObject& object : store.objects()) {
    EXPECT_NE(object.type_name(), "") << object.guid();
    uint32_t last = 0;
    for (const BcdElement& element : object.elements()) {
      EXPECT_NE(element.name(), "") << object.guid() << " " << element.id();
      EXPECT_EQ(element.problem(), "") << object.guid() << " " << element.id();
      EXPECT_NE(element.value_case(), BcdElement::VALUE_NOT_SET);
      EXPECT_GT(element.id(), last);
      last = element.id();
    }
  }
  const BcdObject& loader = Object(store, kWindowsLoader);
  EXPECT_EQ(loader.type_name(), "operating system loader");
  EXPECT_EQ(Element(loader, element::kPath).text(), "\\Windows\\system32\\winload.efi");
  EXPECT_THAT(Element(loader, element::kRecoverySequence).objects().guids(),
              ElementsAre(kRecoveryLoader));
  EXPECT_TRUE(Element(loader, element::kRecoveryEnabled).boolean());
  EXPECT_EQ(Element(loader, element::kDisplayMessageOverride).integer(), 3u);
}

TEST(BcdReader, Devices) {
  const std::string windows = GptPartition(kWindowsPartition, kDiskGuid);
  std::string problem;
  const auto read = [&](absl::string_view bytes) { return ReadBcdDevice(bytes, &problem); };

  BcdDevice device = read(windows);
  EXPECT_EQ(device.kind(), BcdDevice::PARTITION);
  EXPECT_EQ(device.type(), 6u);
  EXPECT_EQ(device.partition_guid(), kWindowsPartition);
  EXPECT_EQ(device.disk_guid(), kDiskGuid);
  EXPECT_EQ(device.options(), "");

  device = read(MbrPartition(0x7E00, 0xCAFE0001));
  EXPECT_EQ(device.kind(), BcdDevice::PARTITION);
  EXPECT_EQ(device.partition_guid(), "");
  EXPECT_EQ(device.partition_offset(), 0x7E00u);
  EXPECT_EQ(device.disk_signature(), 0xCAFE0001u);

  EXPECT_EQ(read(BootDevice()).kind(), BcdDevice::BOOT);
  EXPECT_EQ(read(LocateDevice()).kind(), BcdDevice::LOCATE);
  device = read(VirtualDiskPartition(kWindowsPartition));
  EXPECT_EQ(device.kind(), BcdDevice::VIRTUAL_DISK);
  EXPECT_EQ(device.partition_guid(), "");

  device = read(Ramdisk("\\a\\b.wim", windows, kRecoveryOptions));
  EXPECT_EQ(device.kind(), BcdDevice::RAMDISK);
  EXPECT_EQ(device.path(), "\\a\\b.wim");
  EXPECT_EQ(device.options(), kRecoveryOptions);
  EXPECT_EQ(device.parent().partition_guid(), kWindowsPartition);
  EXPECT_EQ(problem, "");

  std::string other = windows;
  StoreLe32(&other[16], 4);  // Network.
  EXPECT_EQ(read(other).kind(), BcdDevice::OTHER);
  other = windows;
  StoreLe32(&other[16 + device::kPartitionStyle], 2);
  EXPECT_EQ(read(other).kind(), BcdDevice::OTHER);
  EXPECT_EQ(problem, "");
}

TEST(BcdReader, DamagedDevices) {
  const std::string windows = GptPartition(kWindowsPartition, kDiskGuid);
  const std::string ramdisk = Ramdisk("\\a.wim", windows, "");
  const auto with = [](std::string bytes, size_t offset, uint32_t value) {
    std::string field(4, '\0');
    StoreLe32(&field[0], value);
    return bytes.replace(offset, field.size(), field);
  };
  std::string deep = windows;
  for (int i = 0; i < 100; ++i) deep = Ramdisk("\\x", deep, "");
  const struct {
    const char* name;
    std::string bytes;
    const char* problem;
  } cases[] = {
      {"empty", "", "device element of 0 bytes"},
      {"only options", windows.substr(0, 31), "device element of 31 bytes"},
      {"cut off", windows.substr(0, 87), "length 0x48, of 0x47 bytes"},
      {"length beyond the end", with(windows, 24, 0xFFFFFFFF), "length 0xffffffff"},
      {"length too short", with(windows, 24, 0x47), "length 0x47"},
      {"RAM disk on a cut device", with(ramdisk, 16 + device::kFileDevice + 8, 0x1000),
       "length 0x1000"},
      {"RAM disk without path", with(Ramdisk("", windows, ""), 20, 1), "without the path"},
      {"RAM disk of 72 bytes", with(with(windows, 16, 0), 32, device::kRamdisk), "length 0x0"},
      {"nested", deep, "nested more than 4 deep"},
  };
  for (const auto& c : cases) {
    std::string problem;
    ReadBcdDevice(c.bytes, &problem);
    EXPECT_THAT(problem, HasSubstr(c.problem)) << c.name;
  }
}

struct ValueCase {
  const char* name;
  uint32_t element;
  uint32_t type;
  std::string data;
  const char* expected;  // The value in short; what is raw says so.
  const char* problem;
};

std::string Short(const BcdElement& element) {
  switch (element.value_case()) {
    case BcdElement::kText:
      return absl::StrCat("text ", element.text());
    case BcdElement::kDevice:
      return absl::StrCat("device ", BcdDevice::Kind_Name(element.device().kind()));
    case BcdElement::kObjects:
      return absl::StrCat("objects ", element.objects().guids_size());
    case BcdElement::kInteger:
      return absl::StrCat("integer ", element.integer());
    case BcdElement::kBoolean:
      return absl::StrCat("boolean ", element.boolean());
    case BcdElement::kIntegers:
      return absl::StrCat("integers ", element.integers().values_size());
    case BcdElement::kRaw:
      return absl::StrCat("raw ", element.raw());
    default:
      return "none";
  }
}

TEST(BcdReader, Values) {
  const std::string list = absl::StrCat(kThis, std::string(1, '\0'), "x", std::string(2, '\0'));
  const ValueCase cases[] = {
      {"integer of 1 byte", 0x25000004, regf::kRegBinary, "\x1e", "integer 30", ""},
      {"integer of 3 bytes", 0x15000014, regf::kRegBinary, std::string("\0\xc2\1", 3),
       "integer 115200", ""},
      {"integer without bytes", 0x25000004, regf::kRegBinary, "", "raw ", "0 bytes"},
      {"integer of 9 bytes", 0x25000004, regf::kRegBinary, "123456789", "raw 313233343536373839",
       "9 bytes"},
      {"integer in a REG_DWORD", 0x25000004, regf::kRegDword, "1234", "raw 31323334",
       "REG_DWORD, expected REG_BINARY"},
      {"boolean", 0x16000049, regf::kRegBinary, "\1", "boolean 1", ""},
      {"integers", 0x17000077, regf::kRegBinary, std::string(24, '\1'), "integers 3", ""},
      {"no integers", 0x17000077, regf::kRegBinary, "", "integers 0", ""},
      {"integers cut off", 0x17000077, regf::kRegBinary, std::string(9, '\1'),
       "raw 010101010101010101", "not a multiple of 8"},
      {"text", 0x12000004, regf::kRegSz, Utf8ToUtf16Le("Linux"), "text Linux", ""},
      {"text in REG_BINARY", 0x12000004, regf::kRegBinary, "ab", "raw 6162", "expected REG_SZ"},
      {"device in REG_SZ", 0x11000001, regf::kRegSz, "ab", "raw 6162",
       "REG_SZ, expected REG_BINARY"},
      {"device cut off", 0x11000001, regf::kRegBinary, "ab", "raw 6162", "device element of 2"},
      {"object", 0x23000003, regf::kRegSz, Utf8ToUtf16Le(kThis), "objects 1", ""},
      {"object that is no GUID", 0x23000003, regf::kRegSz, Utf8ToUtf16Le("{x}"), "raw 7b0078007d00",
       "not a GUID"},
      {"objects", 0x24000001, regf::kRegMultiSz,
       Utf8ToUtf16Le(absl::StrCat(kThis, list.substr(38, 1), list.substr(38, 1))), "objects 1", ""},
      {"objects, none", 0x24000001, regf::kRegMultiSz, std::string(2, '\0'), "objects 0", ""},
      {"objects, one no GUID", 0x24000001, regf::kRegMultiSz, Utf8ToUtf16Le(list), nullptr,
       "entry 2 of 2 is not a GUID"},
      {"unknown element", 0x25FFFFFF, regf::kRegBinary, "\5", "integer 5", ""},
      {"unknown format", 0x1F000001, regf::kRegBinary, "\5", "raw 05", "format 15 is unknown"},
  };
  for (const ValueCase& c : cases) {
    BcdBuilder builder;
    builder.AddObject(kThis, object_type::kBootManager)->SetRaw(c.element, c.type, c.data);
    const BcdStore store = StoreOf(builder.Build());
    const BcdElement& element = Element(Object(store, kThis), c.element);
    if (c.expected != nullptr) {
      EXPECT_EQ(Short(element), c.expected) << c.name;
    }
    EXPECT_THAT(element.problem(), HasSubstr(c.problem)) << c.name;
    EXPECT_EQ(element.problem().empty(), *c.problem == '\0') << c.name << element.problem();
    EXPECT_THAT(Gaps(store), IsEmpty()) << c.name;
  }
}

TEST(BcdReader, RawValuesAreCut) {
  BcdBuilder builder;
  builder.AddObject(kThis, object_type::kBootManager)
      ->SetRaw(element::kTimeout, regf::kRegBinary, std::string(10'000, 'x'));
  const BcdStore store = StoreOf(builder.Build());
  EXPECT_EQ(Element(Object(store, kThis), element::kTimeout).raw().size(), 128u);
}

TEST(BcdReader, NamesInUpperCase) {
  BcdBuilder builder;
  builder.AddObject("{ABCDEF01-2345-6789-ABCD-EF0123456789}", object_type::kOsLoader)
      ->SetObject(element::kLoaderResumeObject, "{ABCDEF01-2345-6789-ABCD-EF0123456780}");
  builder.root()
      ->AddKey("Objects\\{ABCDEF01-2345-6789-ABCD-EF0123456789}\\Elements\\250000C2")
      ->SetBinary("Element", "\1");
  const BcdStore store = StoreOf(builder.Build());
  const BcdObject& object = Object(store, "{abcdef01-2345-6789-abcd-ef0123456789}");
  EXPECT_EQ(Element(object, element::kBootMenuPolicy).name(), "bootmenupolicy");
  EXPECT_THAT(Element(object, element::kLoaderResumeObject).objects().guids(),
              ElementsAre("{abcdef01-2345-6789-abcd-ef0123456780}"));
}

TEST(BcdReader, WhatIsNoObjectOrElementIsAGap) {
  BcdBuilder builder = HealthyBcd();
  builder.root()->AddKey("Objects\\junk");
  builder.AddObject(kWindowsLoader)->key()->AddKey("Elements\\0x110001");
  builder.AddObject(kWindowsLoader)->key()->AddKey("Elements\\1100000100");
  builder.AddObject(kWindowsLoader)->key()->AddKey("Elements\\25000001");
  const BcdStore store = StoreOf(builder.Build());
  EXPECT_THAT(Gaps(store), testing::UnorderedElementsAre(HasSubstr("BCD\\Objects\\junk: "),
                                                         HasSubstr("Elements\\0x110001: "),
                                                         HasSubstr("Elements\\1100000100: ")));
  EXPECT_EQ(store.objects_size(), 14);
  const BcdElement& empty = Element(Object(store, kWindowsLoader), 0x25000001);
  EXPECT_EQ(empty.problem(), "it has no value Element");
  EXPECT_EQ(empty.value_case(), BcdElement::kRaw);
}

TEST(BcdReader, DamageCostsItsSubtree) {
  BcdBuilder builder = HealthyBcd();
  std::string hive = builder.Build();
  regf::HiveBuilder::Key* loader = builder.AddObject(kWindowsLoader)->key();
  // The list of its elements points nowhere.
  const uint32_t list = loader->AddKey("Elements")->subkey_list_cell();
  StoreLe32(&hive[builder.hive()->RecordOffset(list) + regf::list::kElements], 0x7FFFFFF0);
  const BcdStore store = StoreOf(hive);
  EXPECT_EQ(store.collection().status(), Collection::COLLECTED);
  EXPECT_EQ(store.objects_size(), 14);
  EXPECT_GT(store.hive().damage_total(), 0u);
  EXPECT_THAT(Gaps(store), ElementsAre(HasSubstr("1 of the subkeys of Elements cannot be read")));
  EXPECT_EQ(Element(Object(store, kWindowsLoader), element::kOsDevice).value_case(),
            BcdElement::kDevice);
}

// A list that all objects share would make N times M elements of N plus M keys.
TEST(BcdReader, SharedKeysAreToldOnce) {
  BcdBuilder builder;
  for (int i = 0; i < 200; ++i) {
    builder.AddObject(absl::StrCat("{00000000-0000-0000-0000-000000000", 100 + i, "}"),
                      object_type::kOsLoader);
  }
  BcdBuilder::Object* first =
      builder.AddObject("{00000000-0000-0000-0000-000000000100}", object_type::kOsLoader);
  for (uint32_t i = 0; i < 200; ++i) first->SetInteger(0x25000000 + i, i);
  std::string hive = builder.Build();
  const regf::HiveBuilder::Key* elements = first->key()->FindKey("Elements");
  for (int i = 1; i < 200; ++i) {
    const regf::HiveBuilder::Key* object = builder.root()->FindKey(
        absl::StrCat("Objects\\{00000000-0000-0000-0000-000000000", 100 + i, "}"));
    // "Description" comes before "Elements".
    StoreLe32(
        &hive[builder.hive()->RecordOffset(object->subkey_list_cell()) + regf::list::kElements + 8],
        elements->cell());
  }
  const BcdStore store = StoreOf(hive);
  EXPECT_EQ(store.objects_size(), 200);
  int total = 0;
  for (const BcdObject& object : store.objects()) total += object.elements_size();
  EXPECT_EQ(total, 200);
  EXPECT_EQ(store.collection().gaps_size(), 50);
  EXPECT_THAT(Gaps(store)[0], HasSubstr("was met before"));
}

TEST(BcdReader, LogsAreReplayed) {
  BcdBuilder builder = HealthyBcd();
  const std::string before = builder.Build();
  builder.AddObject(kWindowsLoader)->SetInteger(element::kSafeBoot, 0);
  const std::string after = builder.Build();
  MemorySource volume;
  volume.AddFile(kEfiPath, regf::Dirty(before, 8, 7));
  BcdStore store = ReadBcd(volume, nullptr);
  EXPECT_EQ(store.hive().state(), HiveFacts::POSSIBLY_STALE);
  EXPECT_THAT(Gaps(store), ElementsAre(HasSubstr("possibly stale")));

  volume.AddFile(absl::StrCat(kEfiPath, ".LOG"),
                 regf::NewLog(after, 8, regf::DiffStates({before, after}, 8)));
  store = ReadBcd(volume, nullptr);
  EXPECT_EQ(store.hive().state(), HiveFacts::REPLAYED);
  EXPECT_THAT(Gaps(store), IsEmpty());
  EXPECT_EQ(Short(Element(Object(store, kWindowsLoader), element::kSafeBoot)), "integer 0");
}

TEST(BcdReader, WhereItLies) {
  const std::string efi = HealthyBcd().Build(), bios = HealthyBcd(Firmware::kBios).Build();
  MemorySource empty, both, bios_only;
  both.AddFile(kEfiPath, efi);
  both.AddFile("Boot/BCD", bios);
  bios_only.AddFile("Boot/BCD", bios);

  EXPECT_TRUE(ReadBcd(both, nullptr).is_efi());
  BcdStore store = ReadBcd(bios_only, nullptr);
  EXPECT_FALSE(store.is_efi());
  EXPECT_EQ(store.collection().source(), "Boot/BCD");
  store = ReadBcd(empty, &bios_only);
  EXPECT_EQ(store.collection().source(), "ESP:/Boot/BCD");
  EXPECT_EQ(store.collection().status(), Collection::COLLECTED);
  store = ReadBcd(empty, nullptr);
  EXPECT_EQ(store.collection().status(), Collection::ABSENT);
  EXPECT_EQ(store.collection().source(), kEfiPath);
  // The system partition that was given is the one that boots.
  EXPECT_EQ(ReadBcd(both, &empty).collection().status(), Collection::ABSENT);
}

TEST(BcdReader, OtherStores) {
  const std::string efi = HealthyBcd().Build(), bios = HealthyBcd(Firmware::kBios).Build();
  MemorySource empty, both, bios_only;
  both.AddFile(kEfiPath, efi);
  both.AddFile("Boot/BCD", bios);
  bios_only.AddFile("Boot/BCD", bios);
  EXPECT_THAT(ReadBcd(both, nullptr).other_stores(), ElementsAre("Boot/BCD"));
  EXPECT_THAT(ReadBcd(empty, &both, true).other_stores(), ElementsAre("ESP:/Boot/BCD"));
  EXPECT_THAT(ReadBcd(bios_only, nullptr).other_stores(), IsEmpty());

  // A host that boots by UEFI does not read Boot/BCD, wherever it lies.
  for (const MemorySource* esp : {static_cast<MemorySource*>(nullptr), &bios_only}) {
    const BcdStore store = ReadBcd(bios_only, esp, true);
    EXPECT_EQ(store.collection().status(), Collection::ABSENT);
    EXPECT_THAT(store.collection().reason(), HasSubstr("this host boots by UEFI"));
    EXPECT_EQ(store.objects_size(), 0);
  }
}

TEST(BcdReader, WhatIsNoHive) {
  const std::string sound = HealthyBcd().Build();
  for (const std::string& bytes : {std::string(), std::string(8192, 'x'), sound.substr(0, 100)}) {
    const BcdStore store = StoreOf(bytes);
    EXPECT_EQ(store.collection().status(), Collection::UNREADABLE);
    EXPECT_THAT(store.not_a_hive(), HasSubstr("hive BCD: ")) << bytes.size();
  }
  MemorySource volume;
  volume.AddFile(kEfiPath, sound);
  for (const absl::Status& error :
       {absl::PermissionDeniedError("sharing violation"), absl::DataLossError("read error")}) {
    volume.AddError(kEfiPath, error);
    const BcdStore store = ReadBcd(volume, nullptr);
    EXPECT_EQ(store.collection().status(), Collection::UNREADABLE);
    EXPECT_THAT(store.collection().reason(), HasSubstr(std::string(error.message())));
    EXPECT_EQ(store.not_a_hive(), "");
  }
  MemorySource folder;
  folder.AddDirectory(kEfiPath);
  EXPECT_EQ(ReadBcd(folder, nullptr).collection().status(), Collection::UNREADABLE);
  EXPECT_EQ(ReadBcd(folder, nullptr).not_a_hive(), "");
}

// A registry with this boot store, or with why it has none.
class LoadedStore : public registry::Registry {
 public:
  explicit LoadedStore(std::string bytes) { volume_.AddFile("BCD", std::move(bytes)); }
  explicit LoadedStore(absl::Status error) : error_(std::move(error)) {}

  absl::StatusOr<std::unique_ptr<registry::Key>> Open(registry::HiveId,
                                                      absl::string_view) const override {
    return absl::UnavailableError("not asked for");
  }
  HiveFacts Describe(registry::HiveId) const override { return {}; }
  absl::StatusOr<std::unique_ptr<registry::Key>> OpenBcd() const override {
    if (!error_.ok()) return error_;
    open_ = *registry::OpenHiveFile(volume_, "BCD");
    return registry::RootKey(*open_.hive);
  }

 private:
  absl::Status error_;
  MemorySource volume_;
  mutable registry::OpenHive open_;
};

TEST(BcdReader, LoadedStore) {
  const std::string bytes = HealthyBcd().Build();
  const BcdStore stored = StoreOf(bytes);
  BcdStore loaded = ReadLoadedBcd(LoadedStore(bytes), /*is_efi=*/true);
  EXPECT_EQ(loaded.collection().status(), Collection::COLLECTED);
  EXPECT_EQ(loaded.collection().source(), "HKLM\\BCD00000000");
  EXPECT_EQ(loaded.hive().name(), "BCD");
  EXPECT_EQ(loaded.hive().state(), HiveFacts::LOADED);
  EXPECT_EQ(loaded.hive().collection().source(), "HKLM\\BCD00000000");
  EXPECT_EQ(loaded.hive().size(), 0u);
  *loaded.mutable_collection() = stored.collection();
  *loaded.mutable_hive() = stored.hive();
  EXPECT_EQ(loaded.SerializeAsString(), stored.SerializeAsString());
  EXPECT_FALSE(ReadLoadedBcd(LoadedStore(bytes), /*is_efi=*/false).is_efi());
}

// This Windows was booted by some store: none that is not seen is absent.
TEST(BcdReader, LoadedStoreThatCannotBeRead) {
  const struct {
    absl::Status error;
    const char* reason;
  } cases[] = {
      {absl::NotFoundError("x"), "the boot store is not loaded as HKLM\\BCD00000000"},
      {absl::PermissionDeniedError("HKLM\\BCD00000000: access denied"),
       "HKLM\\BCD00000000: access denied"},
      {absl::UnimplementedError("offline"), "offline"},
  };
  for (const auto& c : cases) {
    const BcdStore store = ReadLoadedBcd(LoadedStore(c.error), true);
    EXPECT_EQ(store.collection().status(), Collection::UNREADABLE) << c.reason;
    EXPECT_EQ(store.collection().reason(), c.reason);
    EXPECT_EQ(store.not_a_hive(), "");
    EXPECT_EQ(store.objects_size(), 0);
  }
}

TEST(BcdReader, LooksLikeBcd) {
  const auto looks = [](regf::HiveBuilder* builder) {
    const std::string bytes = builder->Build();
    regf::HiveFiles files;
    files.primary = {"X", bytes};
    return LooksLikeBcd(**regf::Hive::Open(files));
  };
  BcdBuilder store = HealthyBcd();
  EXPECT_TRUE(looks(store.hive()));
  store.root()->AddKey("Description")->RemoveValue("KeyName");
  EXPECT_TRUE(looks(store.hive()));
  store.root()->RemoveKey("Description");
  EXPECT_FALSE(looks(store.hive()));
  regf::HiveBuilder other;
  other.root()->AddKey("Description")->SetString("KeyName", "SYSTEM");
  other.root()->AddKey("Objects\\Thing");
  EXPECT_FALSE(looks(&other));
}

}  // namespace
}  // namespace patchgate::boot
