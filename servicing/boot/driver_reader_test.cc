#include "servicing/boot/driver_reader.h"

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "google/protobuf/repeated_ptr_field.h"
#include "gtest/gtest.h"
#include "servicing/evidence/memory_source.h"
#include "servicing/evidence/source.h"
#include "servicing/files/file_memory.h"
#include "servicing/files/image_reader.h"
#include "servicing/pe/pe_builder.h"
#include "servicing/regf/hive_builder.h"
#include "servicing/regf/log_builder.h"
#include "servicing/registry/offline_registry.h"

namespace patchgate::boot {
namespace {

using evidence::MemorySource;
using regf::HiveBuilder;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr char kSystem[] = "Windows/System32/config/SYSTEM";
constexpr char kSoftware[] = "Windows/System32/config/SOFTWARE";
constexpr char kDrivers[] = "Windows/System32/drivers/";

std::string DriverImage() {
  pe::PeBuilder::Options options;
  options.subsystem = 1;
  return pe::PeBuilder(options).Build();
}

// A volume with hives, a drivers folder, and what the tests add.
class DriverReaderTest : public testing::Test {
 protected:
  DriverReaderTest() {
    system_.root()->AddKey("Select")->SetDword("Current", 1);
    system_.root()->AddKey("ControlSet001\\Control\\Class");
    // Another control set is not read.
    system_.root()->AddKey("ControlSet002\\Services\\old")->SetDword("Start", 0);
    volume_.AddDirectory("Windows/System32/drivers");
  }

  HiveBuilder::Key* Service(absl::string_view name) {
    return system_.root()->AddKey(absl::StrCat("ControlSet001\\Services\\", name));
  }
  HiveBuilder::Key* AddService(absl::string_view name, uint32_t start,
                               absl::string_view image_path) {
    Service(name)->SetDword("Start", start)->SetDword("Type", 1)->SetDword("ErrorControl", 1);
    if (!image_path.empty()) Service(name)->SetExpandString("ImagePath", image_path);
    return Service(name);
  }
  HiveBuilder::Key* Class(absl::string_view guid) {
    return system_.root()->AddKey(absl::StrCat("ControlSet001\\Control\\Class\\", guid));
  }

  BootDrivers Read() {
    volume_.AddFile(kSystem, system_.Build());
    volume_.AddFile(kSoftware, software_.Build());
    return ReadAsIs();
  }
  BootDrivers ReadAsIs() {
    const registry::OfflineRegistry registry(volume_);
    files::FileMemory memory;
    files::ImageReader reader(volume_, "", &memory);
    BootDrivers facts = ReadBootDrivers(registry, volume_, &reader);
    images_.Clear();
    reader.AddTo(&images_);
    return facts;
  }

  HiveBuilder system_, software_;
  MemorySource volume_;
  google::protobuf::RepeatedPtrField<ImageFacts> images_;
};

std::vector<std::string> Names(const BootDrivers& facts) {
  std::vector<std::string> names;
  for (const BootDriver& driver : facts.drivers()) names.push_back(driver.name());
  return names;
}

std::vector<std::string> Orphans(const BootDrivers& facts) {
  std::vector<std::string> paths;
  for (const OrphanDriver& orphan : facts.orphans()) paths.push_back(orphan.path());
  return paths;
}

TEST_F(DriverReaderTest, ReadsEveryFact) {
  AddService("iaStor", 0, "System32\\drivers\\iastor.sys")
      ->SetDword("ErrorControl", 3)
      ->SetDword("DeleteFlag", 1)
      ->SetString("Group", "SCSI miniport")
      ->set_last_written(132'000'000'000'000'000)
      ->AddKey("StartOverride")
      ->SetDword("0", 3);
  volume_.AddFile(absl::StrCat(kDrivers, "iaStor.sys"), DriverImage());
  const BootDrivers facts = Read();
  EXPECT_EQ(facts.collection().status(), Collection::COLLECTED);
  EXPECT_EQ(facts.collection().source(), "SYSTEM\\CurrentControlSet\\Services");
  EXPECT_THAT(facts.collection().gaps(), IsEmpty());
  EXPECT_EQ(facts.folder().status(), Collection::COLLECTED);
  EXPECT_EQ(facts.classes().status(), Collection::COLLECTED);
  EXPECT_EQ(facts.services_total(), 1u);
  ASSERT_EQ(facts.drivers_size(), 1);
  const BootDriver& driver = facts.drivers(0);
  EXPECT_EQ(driver.name(), "iaStor");
  EXPECT_EQ(driver.start(), 0u);
  EXPECT_TRUE(driver.has_start());
  EXPECT_EQ(driver.type(), 1u);
  EXPECT_EQ(driver.error_control(), 3u);
  EXPECT_EQ(driver.group(), "SCSI miniport");
  EXPECT_EQ(driver.image_path(), "System32\\drivers\\iastor.sys");
  EXPECT_EQ(driver.path(), "Windows/System32/drivers/iaStor.sys") << "as the volume spells it";
  EXPECT_EQ(driver.path_problem(), "");
  EXPECT_EQ(driver.start_override(), 3u);
  EXPECT_EQ(driver.key_written_filetime(), 132'000'000'000'000'000u);
  EXPECT_TRUE(driver.delete_flag());
  EXPECT_EQ(driver.missing_folder(), "");
  ASSERT_EQ(images_.size(), 1);
  EXPECT_EQ(images_[0].collection().source(), "Windows/System32/drivers/iaStor.sys");
  EXPECT_TRUE(images_[0].is_image());
}

TEST_F(DriverReaderTest, ListsWhatStartsAtBootAndWhatIsWatched) {
  AddService("z", 0, "");
  AddService("a", 1, "");
  AddService("automatic", 2, "");
  AddService("manual", 3, "");
  AddService("DISK", 4, "");
  AddService("vmbus", 3, "");
  AddService("noStart", 0, "")->RemoveValue("Start");
  AddService("win32", 0, "")->SetDword("Type", 0x10);
  const BootDrivers facts = Read();
  EXPECT_THAT(Names(facts), ElementsAre("a", "DISK", "vmbus", "win32", "z"));
  EXPECT_EQ(facts.services_total(), 8u);
  EXPECT_THAT(WatchedServices(), testing::Contains("mountmgr"));
}

TEST_F(DriverReaderTest, ResolvesAgainstTheDriveOfThisWindows) {
  AddService("c", 0, "\\??\\C:\\x.sys");
  AddService("e", 0, "\\??\\E:\\x.sys");
  BootDrivers facts = Read();
  EXPECT_EQ(facts.drivers(0).path(), "x.sys");
  EXPECT_THAT(facts.drivers(1).path_problem(), HasSubstr("on drive E:"));

  software_.root()
      ->AddKey("Microsoft\\Windows NT\\CurrentVersion")
      ->SetString("SystemRoot", "E:\\Windows");
  facts = Read();
  EXPECT_THAT(facts.drivers(0).path_problem(), HasSubstr("Windows is on E:"));
  EXPECT_EQ(facts.drivers(1).path(), "x.sys");
}

TEST_F(DriverReaderTest, SaysWhichFolderIsMissing) {
  AddService("a", 0, "");
  AddService("b", 0, "System32\\drivers\\wd\\b.sys");
  AddService("c", 0, "\\SystemRoot\\System32\\DriverStore\\FileRepository\\c\\c.sys");
  AddService("d", 0, "C:\\ProgramData\\d\\d.sys");
  const BootDrivers facts = Read();
  EXPECT_EQ(facts.drivers(0).missing_folder(), "");
  EXPECT_EQ(facts.drivers(1).missing_folder(), "Windows/System32/drivers/wd");
  EXPECT_EQ(facts.drivers(2).missing_folder(), "Windows/System32/DriverStore");
  EXPECT_EQ(facts.drivers(3).missing_folder(), "ProgramData");
  for (const ImageFacts& image : images_) {
    EXPECT_EQ(image.collection().status(), Collection::ABSENT);
  }
}

TEST_F(DriverReaderTest, ReadsFiltersOfAllClasses) {
  Class("{4D36E967-E325-11CE-BFC1-08002BE10318}")
      ->SetString("Class", "DiskDrive")
      ->SetMultiString("UpperFilters", {"partmgr", "gone"})
      ->SetMultiString("LowerFilters", {"Sensor"})
      ->set_last_written(7);
  Class("{50dd5230-ba8a-11d1-bf5d-0000f805f530}")->SetString("UpperFilters", "sensor");
  Class("Properties");
  AddService("partmgr", 0, "");
  AddService("sensor", 3, "System32\\drivers\\sensor.sys");
  const BootDrivers facts = Read();
  ASSERT_EQ(facts.filters_size(), 4);
  EXPECT_EQ(facts.filters(0).ShortDebugString(),
            "class_guid: \"{4d36e967-e325-11ce-bfc1-08002be10318}\" class_name: \"DiskDrive\" "
            "upper: true service: \"partmgr\" service_present: true key_written_filetime: 7");
  EXPECT_EQ(facts.filters(1).service(), "gone");
  EXPECT_FALSE(facts.filters(1).service_present());
  EXPECT_FALSE(facts.filters(2).upper());
  EXPECT_TRUE(facts.filters(2).service_present()) << "names are compared without regard to case";
  EXPECT_EQ(facts.filters(3).class_name(), "");
  // Their services are listed whatever their start type.
  EXPECT_THAT(Names(facts), ElementsAre("partmgr", "sensor"));
  EXPECT_EQ(images_.size(), 2);
}

TEST_F(DriverReaderTest, FindsFilesThatNoServiceNames) {
  AddService("boot", 0, "");
  AddService("manual", 3, "%SystemRoot%\\system32\\DRIVERS\\Other.sys");
  AddService("program", 2, "C:\\Windows\\System32\\svchost.exe -k x");
  AddService("broken", 3, "")->SetDword("ImagePath", 1);
  for (const char* name :
       {"boot.sys", "other.SYS", "program.sys", "broken.sys", "b.sys", "a.SYS", "notes.txt"}) {
    volume_.AddFile(absl::StrCat(kDrivers, name), DriverImage(), 100);
  }
  volume_.AddFile(absl::StrCat(kDrivers, "UMDF/x.sys"), DriverImage());
  volume_.AddDirectory(absl::StrCat(kDrivers, "folder.sys"));
  const BootDrivers facts = Read();
  EXPECT_THAT(Orphans(facts),
              ElementsAre("Windows/System32/drivers/a.SYS", "Windows/System32/drivers/b.sys"));
  EXPECT_EQ(facts.orphans_total(), 2u);
  EXPECT_EQ(facts.orphans(0).size(), DriverImage().size());
  EXPECT_EQ(facts.orphans(0).modified_filetime(), 100u);
  EXPECT_THAT(facts.collection().gaps(), IsEmpty()) << "of a service that does not start at boot";
}

TEST_F(DriverReaderTest, KeepsTheNewestOfManyOrphans) {
  for (int i = 0; i < 400; ++i) {
    volume_.AddFile(absl::StrCat(kDrivers, 1000 + i, ".sys"), "", static_cast<FileTime>(i + 1));
  }
  AddService("boot", 0, "");
  const BootDrivers facts = Read();
  EXPECT_EQ(facts.orphans_total(), 400u);
  ASSERT_EQ(facts.orphans_size(), 300);
  EXPECT_EQ(facts.orphans(0).path(), "Windows/System32/drivers/1100.sys");
}

TEST_F(DriverReaderTest, SaysWhatItCouldNotRead) {
  AddService("a", 0, "")->SetString("Start", "0");
  AddService("b", 0, "")->SetDword("ImagePath", 1);
  AddService("c", 0, "")->SetString("ErrorControl", "1");
  AddService("d", 0, "")->SetMultiString("Group", {"1"});
  AddService("program", 0, "")->SetDword("Type", 0x10)->SetString("Start", "2");
  Class("{1}")->SetDword("UpperFilters", 1);
  const BootDrivers facts = Read();
  ASSERT_EQ(facts.collection().gaps_size(), 2);
  EXPECT_EQ(facts.collection().gaps(0).where(), "SYSTEM\\CurrentControlSet\\Services\\a\\Start");
  EXPECT_EQ(facts.collection().gaps(1).where(),
            "SYSTEM\\CurrentControlSet\\Services\\c\\ErrorControl");
  ASSERT_EQ(facts.classes().gaps_size(), 1);
  EXPECT_THAT(facts.classes().gaps(0).where(), HasSubstr("{1}\\UpperFilters"));
  // Never the file that the service has without an ImagePath.
  ASSERT_THAT(Names(facts), ElementsAre("b", "c", "d"));
  EXPECT_EQ(facts.drivers(0).path(), "");
  EXPECT_THAT(facts.drivers(0).path_problem(), HasSubstr("ImagePath cannot be read: REG_DWORD"));
}

TEST_F(DriverReaderTest, DamagedImagePath) {
  AddService("a", 0, "System32\\drivers\\other.sys");
  std::string hive = system_.Build();
  const size_t name = hive.find("ImagePath");
  ASSERT_NE(name, std::string::npos);
  hive.replace(name - 12, 4, "\xF0\xFF\xFF\x7F");  // Where its data lies.
  volume_.AddFile(kSystem, hive);
  volume_.AddFile(kSoftware, software_.Build());
  const BootDrivers facts = ReadAsIs();
  ASSERT_EQ(facts.drivers_size(), 1);
  EXPECT_EQ(facts.drivers(0).path(), "");
  EXPECT_THAT(facts.drivers(0).path_problem(), HasSubstr("ImagePath cannot be read"));
}

// A source that knows case looks for each missing name in a listing of its own.
// Another source, which counts who asks for files of the drivers folder one by one.
class AskedSource : public evidence::Source {
 public:
  explicit AskedSource(const evidence::Source& source) : source_(source) {}

  std::string description() const override { return source_.description(); }
  absl::StatusOr<std::unique_ptr<evidence::File>> Open(absl::string_view path) const override {
    asked_ += absl::StartsWith(path, kDrivers);
    return source_.Open(path);
  }
  absl::StatusOr<evidence::FileInfo> Stat(absl::string_view path) const override {
    asked_ += absl::StartsWith(path, kDrivers);
    return source_.Stat(path);
  }
  absl::StatusOr<std::vector<evidence::FileInfo>> List(absl::string_view path) const override {
    return source_.List(path);
  }

  int asked() const { return asked_; }

 private:
  const evidence::Source& source_;
  mutable int asked_ = 0;
};

TEST_F(DriverReaderTest, AsksOnceForTheNamesOfTheDriversFolder) {
  for (int i = 0; i < 50; ++i) AddService(absl::StrCat("gone", i), 0, "");
  AddService("short", 0, "System32\\drivers\\SHORTN~1.SYS");
  AddService("folder", 0, "System32\\drivers\\folder");
  volume_.AddDirectory(absl::StrCat(kDrivers, "folder"));
  Read();  // Lays the hives out.
  const AskedSource asked(volume_);
  const registry::OfflineRegistry registry(volume_);
  files::ImageReader reader(asked, "", nullptr);
  ReadBootDrivers(registry, asked, &reader);
  EXPECT_EQ(asked.asked(), 2) << "the short name, which no listing has, and the folder";
  EXPECT_EQ(images_.size(), 52);
  for (const ImageFacts& image : images_) {
    const bool is_folder = absl::EndsWith(image.collection().source(), "/folder");
    EXPECT_EQ(image.collection().status(), is_folder ? Collection::UNREADABLE : Collection::ABSENT)
        << image.ShortDebugString();
  }
}

TEST_F(DriverReaderTest, MissingEvidence) {
  AddService("boot", 0, "");
  volume_.AddFile(absl::StrCat(kDrivers, "other.sys"), "");
  Read();
  const MemorySource whole = volume_;

  volume_.Remove(kSystem);
  BootDrivers facts = ReadAsIs();
  EXPECT_EQ(facts.collection().status(), Collection::UNREADABLE);
  EXPECT_EQ(facts.classes().status(), Collection::UNREADABLE);
  EXPECT_EQ(facts.folder().status(), Collection::COLLECTED);
  EXPECT_THAT(facts.orphans(), IsEmpty()) << "nobody knows what services name";

  volume_ = whole;
  volume_.Remove("Windows/System32/drivers");
  facts = ReadAsIs();
  EXPECT_EQ(facts.folder().status(), Collection::ABSENT);
  EXPECT_EQ(facts.drivers(0).missing_folder(), "Windows/System32/drivers");

  volume_ = whole;
  volume_.AddError("Windows/System32/drivers", absl::PermissionDeniedError("access denied"));
  EXPECT_EQ(ReadAsIs().folder().status(), Collection::UNREADABLE);

  volume_ = whole;
  volume_.AddFile(kSystem, regf::Dirty(system_.Build(), 42, 41));
  EXPECT_THAT(ReadAsIs().collection().gaps(0).what(), HasSubstr("possibly stale"));

  system_.root()->AddKey("ControlSet001")->RemoveKey("Services");
  EXPECT_EQ(Read().collection().status(), Collection::ABSENT);
}

TEST_F(DriverReaderTest, HostileHivesAreBounded) {
  std::vector<std::string> filters;
  for (int i = 0; i < 3'000; ++i) {
    const std::string name = absl::StrCat("s", 10'000 + i);
    filters.push_back(name);
    Service(name)->SetDword("Start", 0);
  }
  Class("{1}")->SetMultiString("UpperFilters", filters);
  Service("s10000")->SetString("ImagePath", std::string(100'000, 'x'));
  Service("s10001")->SetString("Group", std::string(100'000, 'x'));
  const BootDrivers facts = Read();
  EXPECT_EQ(facts.drivers_size(), 2'000);
  EXPECT_EQ(facts.services_total(), 3'000u);
  EXPECT_THAT(facts.collection().gaps(0).what(), HasSubstr("more than 2000 drivers"));
  EXPECT_EQ(facts.filters_size(), 2'000);
  EXPECT_THAT(facts.classes().gaps(0).what(), HasSubstr("more than 2000 filters"));
  EXPECT_THAT(facts.drivers(0).path_problem(), HasSubstr("longer than any path"));
  EXPECT_LT(facts.drivers(0).image_path().size(), 1'000u);
  EXPECT_LT(facts.drivers(1).group().size(), 1'000u);
}

TEST_F(DriverReaderTest, FilesThatCannotBeRead) {
  AddService("folder", 0, "");
  AddService("locked", 0, "");
  volume_.AddDirectory(absl::StrCat(kDrivers, "folder.sys"));
  volume_.AddFile(absl::StrCat(kDrivers, "locked.sys"), "x");
  volume_.AddError(absl::StrCat(kDrivers, "locked.sys"), absl::PermissionDeniedError("denied"));
  const BootDrivers facts = Read();
  ASSERT_EQ(images_.size(), 2);
  for (const ImageFacts& image : images_) {
    EXPECT_EQ(image.collection().status(), Collection::UNREADABLE) << image.ShortDebugString();
  }
  EXPECT_EQ(facts.drivers(0).missing_folder(), "");
}

// Real hives, which are not ours to publish: see servicing/regf/real_hives_test.cc.
std::string RealFile(absl::string_view name) {
  const char* folder = std::getenv("PATCHGATE_TEST_DATA");
  if (folder == nullptr) return "";
  std::ifstream file(absl::StrCat(folder, "/hives/", name), std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

struct RealHiveCase {
  const char* file;
  uint32_t services;
  int drivers, boot, overridden, filters;
  int gaps;
};

TEST_F(DriverReaderTest, RealHives) {
  const RealHiveCase kCases[] = {
      {"SYSTEM_B", 656, 119, 86, 44, 18, 0}, {"SYSTEM_2", 469, 107, 78, 42, 12, 1},  // Stale.
  };
  for (const RealHiveCase& c : kCases) {
    SCOPED_TRACE(c.file);
    if (std::getenv("PATCHGATE_TEST_DATA") == nullptr) {
      GTEST_SKIP() << "no real hives: PATCHGATE_TEST_DATA is not set";
    }
    const std::string hive = RealFile(c.file);
    ASSERT_FALSE(hive.empty());
    volume_.AddFile(kSystem, hive);
    for (const char* suffix : {".LOG1", ".LOG2"}) {
      const std::string log = RealFile(absl::StrCat(c.file, suffix));
      if (!log.empty()) volume_.AddFile(absl::StrCat(kSystem, suffix), log);
    }
    const BootDrivers facts = ReadAsIs();
    volume_.Remove(absl::StrCat(kSystem, ".LOG1"));
    volume_.Remove(absl::StrCat(kSystem, ".LOG2"));
    EXPECT_EQ(facts.collection().status(), Collection::COLLECTED);
    EXPECT_EQ(facts.collection().gaps_size(), c.gaps);
    EXPECT_EQ(facts.services_total(), c.services);
    EXPECT_EQ(facts.drivers_size(), c.drivers);
    EXPECT_EQ(facts.filters_size(), c.filters);
    int boot = 0, overridden = 0;
    for (const BootDriver& driver : facts.drivers()) {
      if (driver.has_start() && driver.start() == 0) ++boot;
      if (driver.start_override() == 3) ++overridden;
      EXPECT_NE(driver.path(), "") << driver.name() << ": " << driver.path_problem();
    }
    EXPECT_EQ(boot, c.boot);
    EXPECT_EQ(overridden, c.overridden);
    for (const ClassFilter& filter : facts.filters()) {
      EXPECT_TRUE(filter.service_present()) << filter.service();
    }
  }
}

}  // namespace
}  // namespace patchgate::boot
