#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "gate/checks/check_testing.h"
#include "gtest/gtest.h"
#include "servicing/pe/pe_builder.h"

namespace patchgate::gate::checks {
namespace {

constexpr char kId[] = "boot.class-filters";
constexpr char kDiskDrive[] = "{4d36e967-e325-11ce-bfc1-08002be10318}";
constexpr char kVolumeClass[] = "{71A27CDD-812A-11D0-BEC7-08002BE2092F}";
constexpr char kKeyboard[] = "{4d36e96b-e325-11ce-bfc1-08002be10318}";
constexpr char kSensor[] = "Windows/System32/drivers/sensor.sys";

// A class whose upper filter is `filter`.
void NameFilter(FakeVolume& volume, const char* guid, const char* filter) {
  volume.AddClassFilters(guid, "Class of the test", {filter}, {});
}

void AddSensor(FakeVolume& volume) {
  volume.service("Sensor")
      ->SetDword("Type", 1)
      ->SetDword("Start", 3)
      ->SetString("ImagePath", "System32\\drivers\\sensor.sys");
}

CheckCase NoService(const char* name, const char* guid, const char* filter,
                    Finding::Result result) {
  return {name,
          [=](FakeVolume& volume) {
            volume.system()->AddKey("ControlSet001\\Services")->RemoveKey(filter);
            NameFilter(volume, guid, filter);
            return volume.Build();
          },
          result,
          " of class Class of the test is missing",
          {{"\\UpperFilters", "no such service"}}};
}

TEST(BootClassFilters, Missing) {
  RunCases(kId, {{"healthy", Unchanged, Finding::PASS, "every class filter"},
                 NoService("unknown, disks", kDiskDrive, "Sensor", Finding::BLOCK),
                 NoService("unknown, volumes, GUID in another case", kVolumeClass, "Sensor",
                           Finding::BLOCK),
                 NoService("unknown, controllers", "{4d36e96a-e325-11ce-bfc1-08002be10318}",
                           "Sensor", Finding::BLOCK),
                 NoService("unknown, SCSI", "{4d36e97b-e325-11ce-bfc1-08002be10318}", "Sensor",
                           Finding::BLOCK),
                 NoService("unknown, system", "{4d36e97d-e325-11ce-bfc1-08002be10318}", "Sensor",
                           Finding::BLOCK),
                 NoService("unknown, keyboards", kKeyboard, "Sensor", Finding::WARN),
                 NoService("Windows' own, disks", kDiskDrive, "EhStorClass", Finding::WARN),
                 NoService("partitions", kDiskDrive, "partmgr", Finding::BLOCK),
                 NoService("BitLocker", kVolumeClass, "fvevol", Finding::BLOCK),
                 NoService("snapshots", kVolumeClass, "volsnap", Finding::BLOCK),
                 NoService("Windows' own, keyboards", kKeyboard, "wcifs", Finding::WARN),
                 {"no file, BitLocker",
                  [](FakeVolume& volume) {
                    volume.files()->Remove("Windows/System32/drivers/fvevol.sys");
                    return volume.Build();
                  },
                  Finding::BLOCK, "filter fvevol of class Volume is missing"},
                 {"no file, Windows' own",
                  [](FakeVolume& volume) {
                    volume.files()->Remove("Windows/System32/drivers/iorate.sys");
                    return volume.Build();
                  },
                  Finding::WARN, "filter iorate of class Volume is missing"},
                 {"no file",
                  [](FakeVolume& volume) {
                    AddSensor(volume);
                    NameFilter(volume, kDiskDrive, "sensor");
                    return volume.Build();
                  },
                  Finding::BLOCK,
                  "filter sensor of class Class of the test is missing",
                  {{"Class\\{4d36e967-e325-11ce-bfc1-08002be10318}\\UpperFilters",
                    "System32\\drivers\\sensor.sys is not there"}}},
                 {"no file, keyboards",
                  [](FakeVolume& volume) {
                    AddSensor(volume);
                    NameFilter(volume, kKeyboard, "Sensor");
                    return volume.Build();
                  },
                  Finding::WARN, "is missing"}});
}

TEST(BootClassFilters, OtherVendors) {
  const auto with = [](const char* guid, const std::string& bytes) {
    return [=](FakeVolume& volume) {
      AddSensor(volume);
      NameFilter(volume, guid, "Sensor");
      volume.files()->AddFile(kSensor, bytes);
      return volume.Build();
    };
  };
  const std::string unsigned_image = pe::PeBuilder().Build();
  pe::PeBuilder::Options x86;
  x86.machine = pe::kMachineI386;
  const std::string x86_image = pe::PeBuilder(x86).Build();
  RunCases(kId, {{"unsigned, disks",
                  with(kDiskDrive, unsigned_image),
                  Finding::WARN,
                  "is not Windows' own and not signed",
                  {{"UpperFilters", "names no company"}}},
                 {"no image, disks",
                  with(kDiskDrive, "x"),
                  Finding::BLOCK,
                  "filter Sensor of class Class of the test is no valid image",
                  {{"UpperFilters", "sensor.sys"}}},
                 {"empty, disks", with(kDiskDrive, ""), Finding::BLOCK, "is no valid image"},
                 {"no image, keyboards", with(kKeyboard, "x"), Finding::PASS, "every class"},
                 {"x86, disks",
                  with(kDiskDrive, x86_image),
                  Finding::BLOCK,
                  "is for another machine",
                  {{"UpperFilters", "is for x86, Windows/System32/ntoskrnl.exe is for x64"}}},
                 {"x86, kernel not known",
                  [=](FakeVolume& volume) {
                    evidence::MemorySource built = with(kDiskDrive, x86_image)(volume);
                    built.Remove("Windows/System32/ntoskrnl.exe");
                    return built;
                  },
                  Finding::WARN, "not signed"},
                 {"Windows' own, no image",
                  [](FakeVolume& volume) {
                    evidence::MemorySource built = volume.Build();
                    built.AddFile("Windows/System32/drivers/iorate.sys", "x");
                    return built;
                  },
                  Finding::BLOCK, "filter iorate of class Volume is no valid image"},
                 {"Windows' own, disabled",
                  [](FakeVolume& volume) {
                    volume.service("fvevol")->SetDword("Start", 4);
                    return volume.Build();
                  },
                  Finding::WARN,
                  "filter fvevol of class Volume is disabled: it cannot be loaded",
                  {{"LowerFilters", "Start is 4"}}},
                 {"disabled, disks",
                  [=](FakeVolume& volume) {
                    AddSensor(volume);
                    volume.service("Sensor")->SetDword("Start", 4);
                    NameFilter(volume, kDiskDrive, "Sensor");
                    volume.files()->AddFile(kSensor, unsigned_image);
                    return volume.Build();
                  },
                  Finding::WARN, "is disabled: it cannot be loaded"},
                 {"unsigned, keyboards", with(kKeyboard, unsigned_image), Finding::PASS,
                  "every class"}});

  FakeVolume volume;
  Snapshot snapshot = CollectFrom(with(kDiskDrive, unsigned_image)(volume));
  for (ImageFacts& image : *snapshot.mutable_images()) {
    if (image.collection().source() != kSensor) continue;
    image.set_has_signature(true);
    image.set_company("Contoso, Ltd.");
    image.set_file_version("7.11.0.1");
    image.set_description("Contoso Sensor");
  }
  const Finding finding = RunCheck(kId, snapshot);
  EXPECT_THAT(finding, ResultIs(Finding::INFO));
  EXPECT_THAT(finding, SummaryHas("filter Sensor of class Class of the test is not Windows' own"));
  EXPECT_THAT(finding, HasEvidence("UpperFilters", "Contoso, Ltd., 7.11.0.1, Contoso Sensor"));
}

TEST(BootClassFilters, WhatCannotBeSaid) {
  const auto elsewhere = [](const char* guid, const char* filter) {
    return [=](FakeVolume& volume) {
      volume.service(filter)->SetDword("Start", 3)->SetString("ImagePath", "D:\\x.sys");
      NameFilter(volume, guid, filter);
      return volume.Build();
    };
  };
  RunCases(kId, {{"on another drive",
                  elsewhere(kDiskDrive, "Sensor"),
                  Finding::INDETERMINATE,
                  "could not be measured",
                  {{"UpperFilters", "on drive D:"}}},
                 {"on another drive, keyboards", elsewhere(kKeyboard, "Sensor"), Finding::INFO,
                  "could not be measured"},
                 {"unreadable",
                  [](FakeVolume& volume) {
                    AddSensor(volume);
                    NameFilter(volume, kDiskDrive, "Sensor");
                    evidence::MemorySource built = volume.Build();
                    built.AddFile(kSensor, "x");
                    built.AddError(kSensor, absl::PermissionDeniedError("denied"));
                    return built;
                  },
                  Finding::INDETERMINATE,
                  "could not be measured",
                  {{"UpperFilters", "denied"}}},
                 {"filters of a wrong type",
                  [](FakeVolume& volume) {
                    volume.system()
                        ->AddKey("ControlSet001\\Control\\Class\\{1}")
                        ->SetDword("UpperFilters", 1);
                    return volume.Build();
                  },
                  Finding::INFO,
                  "that the boot volume does not depend on",
                  {{"Class\\{1}\\UpperFilters", "REG_DWORD"}}},
                 {"filters of a wrong type, disks",
                  [](FakeVolume& volume) {
                    volume.system()
                        ->AddKey(absl::StrCat("ControlSet001\\Control\\Class\\", kDiskDrive))
                        ->SetDword("UpperFilters", 1);
                    return volume.Build();
                  },
                  Finding::INDETERMINATE, "could not be measured"},
                 {"no classes",
                  [](FakeVolume& volume) {
                    volume.system()->AddKey("ControlSet001\\Control")->RemoveKey("Class");
                    return volume.Build();
                  },
                  Finding::INDETERMINATE, "could not be measured"},
                 {"broken list of services",
                  [](FakeVolume& volume) {
                    const auto* services = volume.system()->AddKey("ControlSet001\\Services");
                    NameFilter(volume, kDiskDrive, "Sensor");
                    evidence::MemorySource built = volume.Build();
                    BreakSubkeys(kSystemHive, *services, &built);
                    return built;
                  },
                  Finding::INDETERMINATE, "could not be measured in full"}});
}

TEST(BootClassFilters, NeedsItsEvidence) { ExpectNeeds(kId, {kSystemHive}); }

}  // namespace
}  // namespace patchgate::gate::checks
