#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "gate/checks/boot_drivers.h"
#include "gate/checks/check_testing.h"
#include "gtest/gtest.h"

namespace patchgate::gate::checks {
namespace {

constexpr char kId[] = "boot.driver-missing";
constexpr char kFolder[] = "Windows/System32/drivers";

// A service of a sensor, without its file.
regf::HiveBuilder::Key* AddSensor(FakeVolume& volume, uint32_t start, uint32_t error_control) {
  return volume.service("Sensor")
      ->SetDword("Type", 1)
      ->SetDword("Start", start)
      ->SetDword("ErrorControl", error_control)
      ->SetExpandString("ImagePath", "\\SystemRoot\\System32\\drivers\\sensor.sys");
}

CheckCase Sensor(const char* name, uint32_t start, uint32_t error_control, Finding::Result result,
                 const char* summary, const char* what = "drivers\\sensor.sys is not there") {
  CheckCase c = {name,
                 [=](FakeVolume& volume) {
                   AddSensor(volume, start, error_control);
                   return volume.Build();
                 },
                 result, summary};
  if (result != Finding::PASS) c.evidence = {{"Services\\Sensor\\ImagePath", what}};
  return c;
}

TEST(BootDriverMissing, ByStartAndErrorControl) {
  constexpr char kHasNone[] = "boot driver Sensor has no file";
  RunCases(kId, {Sensor("boot, ignore", 0, 0, Finding::WARN, kHasNone, "ErrorControl is 0"),
                 Sensor("boot, normal", 0, 1, Finding::BLOCK, kHasNone),
                 Sensor("boot, severe", 0, 2, Finding::BLOCK, kHasNone),
                 Sensor("boot, critical", 0, 3, Finding::BLOCK, kHasNone),
                 Sensor("system, ignore", 1, 0, Finding::INFO, kHasNone, "ErrorControl is 0"),
                 Sensor("system, normal", 1, 1, Finding::WARN, kHasNone, "Start is 1"),
                 Sensor("system, severe", 1, 2, Finding::WARN, kHasNone),
                 Sensor("system, critical", 1, 3, Finding::BLOCK, kHasNone),
                 Sensor("automatic", 2, 3, Finding::PASS, "every boot driver"),
                 Sensor("manual", 3, 3, Finding::PASS, "every boot driver"),
                 Sensor("disabled", 4, 3, Finding::PASS, "every boot driver")});
}

TEST(BootDriverMissing, Cases) {
  RunCases(kId,
           {{"healthy", Unchanged, Finding::PASS, "every boot driver has its file"},
            {"the disk's driver",
             [](FakeVolume& volume) {
               volume.files()->Remove("Windows/System32/drivers/disk.sys");
               return volume.Build();
             },
             Finding::BLOCK,
             "boot driver disk has no file",
             {{"SYSTEM\\CurrentControlSet\\Services\\disk\\ImagePath",
               "System32\\drivers\\disk.sys is not there"}}},
            {"without ImagePath",
             [](FakeVolume& volume) {
               volume.files()->Remove("Windows/System32/drivers/Wof.sys");
               return volume.Build();
             },
             Finding::BLOCK,
             "boot driver Wof has no file",
             {{"Services\\Wof", "Windows/System32/drivers/Wof.sys is not there"}}},
            {"no ErrorControl",
             [](FakeVolume& volume) {
               AddSensor(volume, 0, 1)->RemoveValue("ErrorControl");
               return volume.Build();
             },
             Finding::BLOCK, "boot driver Sensor"},
            {"no type",
             [](FakeVolume& volume) {
               AddSensor(volume, 0, 1)->RemoveValue("Type");
               return volume.Build();
             },
             Finding::BLOCK, "boot driver Sensor"},
            {"no driver",
             [](FakeVolume& volume) {
               AddSensor(volume, 0, 1)->SetDword("Type", 0x10);
               return volume.Build();
             },
             Finding::PASS, "every boot driver"},
            {"overridden",
             [](FakeVolume& volume) {
               AddSensor(volume, 0, 3)->AddKey("StartOverride")->SetDword("0", 3);
               return volume.Build();
             },
             Finding::INFO,
             "boot driver Sensor has no file",
             {{"Sensor", "StartOverride\\0 is 3"}}},
            {"override to boot",
             [](FakeVolume& volume) {
               AddSensor(volume, 0, 3)->AddKey("StartOverride")->SetDword("0", 0);
               return volume.Build();
             },
             Finding::BLOCK, "boot driver Sensor"},
            {"to be deleted",
             [](FakeVolume& volume) {
               AddSensor(volume, 0, 1)->SetDword("DeleteFlag", 1);
               return volume.Build();
             },
             Finding::INFO,
             "boot driver Sensor has no file",
             {{"Sensor", "is to be deleted"}}},
            {"to be deleted, critical",
             [](FakeVolume& volume) {
               AddSensor(volume, 0, 3)->SetDword("DeleteFlag", 1);
               return volume.Build();
             },
             Finding::BLOCK, "boot driver Sensor has no file"},
            {"folder of a product that is gone",
             [](FakeVolume& volume) {
               AddSensor(volume, 1, 1)->SetString("ImagePath", "\\??\\C:\\Sensor\\s.sys");
               return volume.Build();
             },
             Finding::WARN,
             "boot driver Sensor has no file",
             {{"Sensor\\ImagePath", "Sensor\\s.sys is not there"}}},
            {"folder of a product that is gone, below the drivers",
             [](FakeVolume& volume) {
               AddSensor(volume, 0, 1)->SetString("ImagePath", "System32\\drivers\\Sensor\\s.sys");
               return volume.Build();
             },
             Finding::BLOCK, "boot driver Sensor has no file"},
            {"package of the driver store",
             [](FakeVolume& volume) {
               volume.files()->AddDirectory("Windows/System32/DriverStore/FileRepository");
               AddSensor(volume, 0, 1)
                   ->SetString(
                       "ImagePath",
                       "\\SystemRoot\\System32\\DriverStore\\FileRepository\\s.inf_1\\s.sys");
               return volume.Build();
             },
             Finding::BLOCK, "boot driver Sensor has no file"}});
}

TEST(BootDriverMissing, RequiredDriversWhateverTheRegistrySays) {
  const auto without = [](const char* service, const char* value, uint32_t number) {
    return [=](FakeVolume& volume) {
      volume.service(service)->SetDword(value, number);
      volume.files()->Remove(absl::StrCat(kFolder, "/", service, ".sys"));
      return volume.Build();
    };
  };
  std::vector<CheckCase> cases;
  for (const char* service :
       {"acpi", "pci", "disk", "volmgr", "mountmgr", "partmgr", "volume", "volsnap", "vdrvroot"}) {
    const std::string summary = absl::StrCat("boot driver ", service, " has no file");
    cases.push_back({absl::StrCat(service, ", ignore"), without(service, "ErrorControl", 0),
                     Finding::BLOCK, summary});
    cases.push_back({absl::StrCat(service, ", to be deleted"), without(service, "DeleteFlag", 1),
                     Finding::BLOCK, summary});
  }
  cases.push_back({"partmgr, started by the kernel", without("partmgr", "Start", 1), Finding::BLOCK,
                   "partmgr"});
  RunCases(kId, cases);
}

TEST(BootDriverMissing, FileSystemOfTheBootVolume) {
  const auto with = [](bool has_file) {
    return [=](FakeVolume& volume) {
      volume.service("Ntfs")
          ->SetDword("Start", 3)
          ->SetDword("Type", 2)
          ->SetDword("ErrorControl", 1);
      evidence::MemorySource built = volume.Build();
      if (!has_file) built.Remove("Windows/System32/drivers/ntfs.sys");
      return built;
    };
  };
  RunCases(kId, {{"there", with(true), Finding::PASS, "every boot driver"},
                 {"missing", with(false), Finding::BLOCK, "boot driver Ntfs has no file"}});
}

// Triage tools copy single files of the folder; what they left out is not missing.
TEST(BootDriverMissing, CopiedEvidence) {
  const auto keep = [](const std::vector<std::string>& names) {
    return [=](FakeVolume& volume) {
      evidence::MemorySource built = volume.Build();
      evidence::MemorySource copied = built;
      copied.Remove(kFolder);
      for (const std::string& name : names) {
        const std::string path = absl::StrCat(kFolder, "/", name);
        const auto file = built.Open(path);
        copied.AddFile(path, file.ok() ? std::string((*file)->bytes()) : "x");
      }
      return copied;
    };
  };
  constexpr char kNotCopied[] = "the drivers were not copied with the rest";
  RunCases(kId, {{"hosts", keep({"etc/hosts"}), Finding::INDETERMINATE, kNotCopied},
                 {"probes", keep({"tcpip.sys", "ntfs.sys"}), Finding::INDETERMINATE, kNotCopied},
                 {"some",
                  keep({"disk.sys", "pci.sys", "acpi.sys"}),
                  Finding::INDETERMINATE,
                  kNotCopied,
                  {{kFolder, "holds 3 of "}}}});
  FakeVolume volume;
  for (const char* id : {kId, "boot.driver-invalid", "boot.class-filters"}) {
    const Finding finding = RunCheck(id, keep({"etc/hosts"})(volume));
    EXPECT_THAT(finding, ResultIs(Finding::INDETERMINATE));
    EXPECT_EQ(finding.evidence_size(), 1) << id;
  }
}

TEST(BootDriverMissing, HalfOfTheDriversAreEnough) {
  Snapshot snapshot;
  snapshot.mutable_boot_drivers()->mutable_collection()->set_status(Collection::COLLECTED);
  EXPECT_FALSE(HasDrivers(snapshot));
  snapshot.mutable_boot_drivers()->mutable_folder()->set_status(Collection::COLLECTED);
  EXPECT_FALSE(HasDrivers(snapshot)) << "nobody says which drivers there should be";
  const auto add = [&](const char* path, uint32_t start, Collection::Status status) {
    BootDriver* driver = snapshot.mutable_boot_drivers()->add_drivers();
    driver->set_name(path);
    driver->set_start(start);
    driver->set_path(path);
    ImageFacts* image = snapshot.add_images();
    image->mutable_collection()->set_source(path);
    image->mutable_collection()->set_status(status);
    return driver;
  };
  add("ProgramData/x.sys", 0, Collection::COLLECTED);
  add("Windows/System32/drivers/a.sys", 0, Collection::COLLECTED);
  EXPECT_TRUE(HasDrivers(snapshot));
  add("Windows/System32/drivers/b.sys", 0, Collection::ABSENT);
  add("Windows/System32/drivers/c.sys", 1, Collection::ABSENT);
  add("Windows/System32/drivers/d.sys", 0, Collection::ABSENT)->set_start_override(3);
  EXPECT_TRUE(HasDrivers(snapshot)) << "one of two";
  add("Windows/System32/drivers/e.sys", 0, Collection::ABSENT);
  EXPECT_FALSE(HasDrivers(snapshot)) << "one of three";
  add("Windows/System32/drivers/f.sys", 0, Collection::UNREADABLE);
  EXPECT_TRUE(HasDrivers(snapshot)) << "two of four";
  snapshot.mutable_boot_drivers()->mutable_folder()->set_status(Collection::UNREADABLE);
  EXPECT_FALSE(HasDrivers(snapshot));
}

TEST(BootDriverMissing, WhatCannotBeSaid) {
  constexpr char kUnknown[] = "the file of boot driver Sensor could not be measured";
  const auto on = [](const char* image_path, uint32_t start) {
    return [=](FakeVolume& volume) {
      AddSensor(volume, start, 1)->SetString("ImagePath", image_path);
      return volume.Build();
    };
  };
  RunCases(
      kId,
      {{"on another drive",
        on("D:\\s.sys", 0),
        Finding::INDETERMINATE,
        kUnknown,
        {{"Sensor\\ImagePath", "on drive D:"}}},
       {"on another drive, not needed to boot", on("D:\\s.sys", 1), Finding::INFO, kUnknown},
       {"by an unknown variable", on("%Vendor%\\s.sys", 0), Finding::INDETERMINATE, kUnknown},
       {"out of the volume",
        on("C:\\..\\..\\s.sys", 0),
        Finding::INDETERMINATE,
        kUnknown,
        {{"Sensor\\ImagePath", "parent folder"}}},
       {"through many folders",
        [](FakeVolume& volume) {
          std::string path = "System32";
          for (int i = 0; i < 40; ++i) path += "\\a";
          AddSensor(volume, 0, 1)->SetString("ImagePath", path);
          return volume.Build();
        },
        Finding::INDETERMINATE, kUnknown},
       {"ImagePath of a wrong type",
        [](FakeVolume& volume) {
          AddSensor(volume, 0, 1)->SetMultiString("ImagePath", {"System32\\drivers\\disk.sys"});
          return volume.Build();
        },
        Finding::INDETERMINATE,
        kUnknown,
        {{"Services\\Sensor", "ImagePath cannot be read: REG_MULTI_SZ"}}},
       {"critical, on another drive",
        [](FakeVolume& volume) {
          AddSensor(volume, 1, 3)->SetString("ImagePath", "D:\\s.sys");
          return volume.Build();
        },
        Finding::INDETERMINATE, kUnknown},
       {"a part of a volume, without the driver store",
        on("\\SystemRoot\\System32\\DriverStore\\FileRepository\\s\\s.sys", 0),
        Finding::INDETERMINATE,
        kUnknown,
        {{"Sensor", "the volume has no Windows/System32/DriverStore"}}},
       {"a part of a volume, without its programs",
        on("\\??\\C:\\Program Files\\Sensor\\s.sys", 0),
        Finding::INDETERMINATE,
        kUnknown,
        {{"Sensor", "the volume has no Program Files"}}}});
}

TEST(BootDriverMissing, UnreadableFiles) {
  const auto locked = [](uint32_t start_override) {
    return [=](FakeVolume& volume) {
      AddSensor(volume, 0, 1)->AddKey("StartOverride")->SetDword("0", start_override);
      volume.files()->AddFile("Windows/System32/drivers/sensor.sys", "x");
      evidence::MemorySource built = volume.Build();
      built.AddError("Windows/System32/drivers/sensor.sys", absl::PermissionDeniedError("denied"));
      return built;
    };
  };
  RunCases(kId, {{"loaded at boot",
                  locked(0),
                  Finding::INDETERMINATE,
                  "could not be measured",
                  {{"Sensor", "denied"}}},
                 {"not loaded", locked(3), Finding::INFO, "could not be measured"}});
}

TEST(BootDriverMissing, DamagedEvidence) {
  RunCases(kId, {{"start type of a wrong type",
                  [](FakeVolume& volume) {
                    volume.service("Sensor")->SetString("Start", "0");
                    return volume.Build();
                  },
                  Finding::INDETERMINATE, "could not be measured"},
                 {"start type of a program of a wrong type",
                  [](FakeVolume& volume) {
                    volume.service("Agent")->SetDword("Type", 0x10)->SetString("Start", "2");
                    return volume.Build();
                  },
                  Finding::PASS, "every boot driver"},
                 {"group of a wrong type",
                  [](FakeVolume& volume) {
                    volume.service("disk")->SetMultiString("Group", {"SCSI Class"});
                    return volume.Build();
                  },
                  Finding::PASS, "every boot driver"},
                 {"broken value list",
                  [](FakeVolume& volume) {
                    const auto* disk = volume.service("disk");
                    evidence::MemorySource built = volume.Build();
                    BreakValues(kSystemHive, *disk, &built);
                    return built;
                  },
                  Finding::INDETERMINATE, "could not be measured in full"}});
}

TEST(BootDriverMissing, IsDated) {
  FakeVolume volume;
  AddSensor(volume, 0, 1)->set_last_written(testdata::Time("2025-12-10T09:41:05Z"));
  EXPECT_THAT(RunCheck(kId, volume.Build()),
              HasEvidenceWritten("Services\\Sensor", "2025-12-10T09:41:05Z"));
}

TEST(BootDriverMissing, NeedsItsEvidence) { ExpectNeeds(kId, {kSystemHive, kFolder}); }

TEST(BootDriverMissing, FilesThatNobodyLookedAt) {
  Snapshot snapshot = CollectFrom(FakeVolume().Build());
  snapshot.clear_images();
  EXPECT_THAT(RunCheck(kId, snapshot), ResultIs(Finding::INDETERMINATE));
}

}  // namespace
}  // namespace patchgate::gate::checks
