#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

#include "absl/strings/str_cat.h"
#include "gate/checks/check_testing.h"
#include "gtest/gtest.h"

namespace patchgate::gate::checks {
namespace {

constexpr char kId[] = "boot.required-drivers";

CheckCase Start(const char* service, uint32_t start, Finding::Result result, const char* summary) {
  CheckCase c = {absl::StrCat(service, " with Start ", start),
                 [=](FakeVolume& volume) {
                   volume.service(service)->SetDword("Start", start);
                   return volume.Build();
                 },
                 result, summary};
  if (result != Finding::PASS) {
    c.evidence = {{absl::StrCat("Services\\", service, "\\Start"), absl::StrCat("is ", start)}};
  }
  return c;
}

CheckCase Override(const char* service, uint32_t start, Finding::Result result) {
  return {absl::StrCat(service, " with StartOverride ", start),
          [=](FakeVolume& volume) {
            volume.service(service)->AddKey("StartOverride")->SetDword("0", start);
            return volume.Build();
          },
          result, result == Finding::PASS ? "start at boot" : "kept from starting at boot"};
}

TEST(BootRequiredDrivers, StartTypes) {
  RunCases(kId, {{"healthy", Unchanged, Finding::PASS, "start at boot"},
                 Start("disk", 1, Finding::BLOCK, "disk does not start at boot"),
                 Start("disk", 3, Finding::BLOCK, "disk does not start at boot"),
                 Start("disk", 4, Finding::BLOCK, "required boot driver disk is disabled"),
                 Start("acpi", 4, Finding::BLOCK, "acpi is disabled"),
                 Start("pci", 3, Finding::BLOCK, "pci"),
                 Start("volmgr", 3, Finding::BLOCK, "volmgr"),
                 Start("mountmgr", 3, Finding::BLOCK, "mountmgr"),
                 Start("volume", 3, Finding::BLOCK, "volume"),
                 Start("partmgr", 1, Finding::PASS, "start at boot"),
                 Start("partmgr", 3, Finding::BLOCK, "partmgr"),
                 Start("volsnap", 3, Finding::PASS, "start at boot"),
                 Start("volsnap", 2, Finding::BLOCK, "volsnap"),
                 Start("volsnap", 4, Finding::BLOCK, "volsnap is disabled"),
                 Start("vdrvroot", 3, Finding::PASS, "start at boot"),
                 Start("vdrvroot", 4, Finding::BLOCK, "vdrvroot is disabled"),
                 Start("fvevol", 4, Finding::WARN, "boot driver fvevol is disabled"),
                 Start("fvevol", 3, Finding::PASS, "start at boot"),
                 Start("storahci", 4, Finding::PASS, "start at boot"),
                 Override("disk", 0, Finding::PASS),
                 Override("disk", 3, Finding::BLOCK),
                 Override("volsnap", 3, Finding::PASS),
                 Override("volsnap", 4, Finding::BLOCK)});
}

TEST(BootRequiredDrivers, NotRegistered) {
  const auto without = [](const char* service, const char* build) {
    return [=](FakeVolume& volume) {
      volume.system()->AddKey("ControlSet001\\Services")->RemoveKey(service);
      volume.current_version()->SetString("CurrentBuild", build);
      return volume.Build();
    };
  };
  RunCases(
      kId,
      {{"disk",
        without("disk", "26100"),
        Finding::BLOCK,
        "required boot driver disk is not registered",
        {{"Services\\disk", "not there"}}},
       {"volume", without("volume", "26100"), Finding::BLOCK, "volume is not registered"},
       {"volume of Windows 8.1", without("volume", "9600"), Finding::PASS, "start at boot"},
       {"volume of nobody knows what", without("volume", "x"), Finding::PASS, "start at boot"},
       {"fvevol", without("fvevol", "26100"), Finding::PASS, "start at boot"},
       {"FltMgr", without("FltMgr", "26100"), Finding::WARN, "driver FltMgr is not registered"},
       {"CNG", without("CNG", "26100"), Finding::WARN, "CNG is not registered"},
       {"KSecDD", without("KSecDD", "26100"), Finding::WARN, "KSecDD is not registered"},
       {"CLFS", without("CLFS", "26100"), Finding::WARN, "CLFS is not registered"},
       {"Wof", without("Wof", "26100"), Finding::WARN, "Wof is not registered"},
       {"Fs_Rec", without("Fs_Rec", "26100"), Finding::WARN, "Fs_Rec is not registered"},
       {"no driver",
        [](FakeVolume& volume) {
          volume.service("disk")->SetDword("Type", 0x10);
          return volume.Build();
        },
        Finding::BLOCK,
        "required boot driver disk is no driver",
        {{"Services\\disk\\Type", "is 16"}}},
       {"no start type",
        [](FakeVolume& volume) {
          volume.service("disk")->RemoveValue("Start");
          return volume.Build();
        },
        Finding::BLOCK, "disk has no start type"}});
}

TEST(BootRequiredDrivers, Controllers) {
  constexpr char kNone[] = "no driver of a disk controller starts at boot";
  const auto with = [](const char* service, const char* group, uint32_t start) {
    return [=](FakeVolume& volume) {
      volume.service("stornvme")->SetDword("Start", 4);
      regf::HiveBuilder::Key* key = volume.service(service)->SetDword("Type", 1);
      key->SetDword("Start", start)->SetString("Group", group);
      return volume.Build();
    };
  };
  RunCases(kId, {{"disabled",
                  with("x", "SCSI miniport", 4),
                  Finding::WARN,
                  kNone,
                  {{"CurrentControlSet\\Services", "none with Start 0"}}},
                 {"overridden",
                  [](FakeVolume& volume) {
                    volume.service("stornvme")->AddKey("StartOverride")->SetDword("0", 3);
                    return volume.Build();
                  },
                  Finding::WARN, kNone},
                 {"of the group", with("x", "SCSI Miniport", 0), Finding::PASS, "start at boot"},
                 {"of another group", with("x", "SCSI Class", 0), Finding::WARN, kNone},
                 {"by name", with("iaStorAC", "", 0), Finding::PASS, "start at boot"},
                 {"by name, started late", with("iaStorAC", "", 3), Finding::WARN, kNone},
                 {"VMware's", with("pvscsi", "", 0), Finding::PASS, "start at boot"}});
}

TEST(BootRequiredDrivers, GuestsOfHyperV) {
  // Controllers of Hyper-V are overridden in a fake volume, as on any other host.
  Snapshot snapshot = CollectFrom(FakeVolume().Build());
  snapshot.mutable_platform()->set_kind(Platform::VIRTUAL);
  snapshot.mutable_platform()->set_hypervisor("VMware");
  EXPECT_THAT(RunCheck(kId, snapshot), ResultIs(Finding::PASS));
  snapshot.mutable_platform()->set_hypervisor("Hyper-V");
  const Finding finding = RunCheck(kId, snapshot);
  EXPECT_THAT(finding, ResultIs(Finding::WARN));
  EXPECT_THAT(finding, HasEvidence("Services\\vmbus\\StartOverride\\0", "is 3"));
  EXPECT_THAT(finding, HasEvidence("Services\\storvsc\\StartOverride\\0", "is 3"));
  for (BootDriver& driver : *snapshot.mutable_boot_drivers()->mutable_drivers()) {
    driver.clear_start_override();
  }
  EXPECT_THAT(RunCheck(kId, snapshot), ResultIs(Finding::PASS));
  snapshot.mutable_platform()->set_kind(Platform::PHYSICAL);
  EXPECT_THAT(RunCheck(kId, snapshot), ResultIs(Finding::PASS));
}

TEST(BootRequiredDrivers, DamagedEvidence) {
  RunCases(kId, {{"start type of a wrong type",
                  [](FakeVolume& volume) {
                    volume.service("disk")->SetString("Start", "0");
                    return volume.Build();
                  },
                  Finding::INDETERMINATE, "could not be measured"},
                 {"broken value list",
                  [](FakeVolume& volume) {
                    const auto* disk = volume.service("disk");
                    evidence::MemorySource built = volume.Build();
                    BreakValues(kSystemHive, *disk, &built);
                    return built;
                  },
                  Finding::INDETERMINATE, "could not be measured in full"},
                 {"broken list of services",
                  [](FakeVolume& volume) {
                    const auto* services = volume.system()->AddKey("ControlSet001\\Services");
                    evidence::MemorySource built = volume.Build();
                    BreakSubkeys(kSystemHive, *services, &built);
                    return built;
                  },
                  Finding::INDETERMINATE, "could not be measured in full"}});
}

TEST(BootRequiredDrivers, NeedsItsEvidence) { ExpectNeeds(kId, {kSystemHive}); }

// Real hives, which are not ours to publish: see servicing/regf/real_hives_test.cc. They are of
// hosts that boot.
std::string RealFile(absl::string_view name) {
  const char* folder = std::getenv("PATCHGATE_TEST_DATA");
  if (folder == nullptr) return "";
  std::ifstream file(absl::StrCat(folder, "/hives/", name), std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

TEST(BootRequiredDrivers, RealHives) {
  struct Case {
    const char* file;
    const char* build;
    Finding::Result result;  // INDETERMINATE: stale, or damaged.
    Finding::Result without_gaps;
  };
  const Case kCases[] = {
      {"SYSTEM_B", "16299", Finding::PASS, Finding::PASS},
      {"SYSTEM_2", "9600", Finding::INDETERMINATE, Finding::PASS},
      // Windows XP, which had neither volmgr nor vdrvroot.
      {"corrupted_system_hive", "2600", Finding::INDETERMINATE, Finding::BLOCK},
  };
  for (const Case& c : kCases) {
    SCOPED_TRACE(c.file);
    if (std::getenv("PATCHGATE_TEST_DATA") == nullptr) {
      GTEST_SKIP() << "no real hives: PATCHGATE_TEST_DATA is not set";
    }
    const std::string hive = RealFile(c.file);
    ASSERT_FALSE(hive.empty());
    FakeVolume fake;
    fake.current_version()->SetString("CurrentBuild", c.build);
    evidence::MemorySource volume = fake.Build();
    volume.AddFile(kSystemHive, hive);
    for (const char* suffix : {".LOG1", ".LOG2"}) {
      const std::string log = RealFile(absl::StrCat(c.file, suffix));
      if (!log.empty()) volume.AddFile(absl::StrCat(kSystemHive, suffix), log);
    }
    Snapshot snapshot = CollectFrom(volume);
    EXPECT_THAT(RunCheck(kId, snapshot), ResultIs(c.result));
    snapshot.mutable_boot_drivers()->mutable_collection()->clear_gaps();
    EXPECT_THAT(RunCheck(kId, snapshot), ResultIs(c.without_gaps));
  }
}

}  // namespace
}  // namespace patchgate::gate::checks
