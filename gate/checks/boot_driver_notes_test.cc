// The checks that only tell: boot.third-party-drivers and boot.orphan-drivers.
#include <string>

#include "absl/strings/str_cat.h"
#include "gate/checks/check_testing.h"
#include "gtest/gtest.h"
#include "servicing/pe/pe_builder.h"
#include "testdata/fake_images.h"

namespace patchgate::gate::checks {
namespace {

constexpr char kThirdParty[] = "boot.third-party-drivers";
constexpr char kOrphans[] = "boot.orphan-drivers";
constexpr char kSensor[] = "Windows/System32/drivers/sensor.sys";

evidence::MemorySource WithSensor(FakeVolume& volume, uint32_t start, const char* company) {
  volume.service("Sensor")->SetDword("Type", 1)->SetDword("Start", start);
  testdata::ImageSpec image;
  image.name = "sensor.sys";
  image.version = "7.11.18110.0";
  image.company = company;
  volume.files()->AddFile(kSensor, testdata::ImageBytes(image));
  return volume.Build();
}

TEST(BootThirdPartyDrivers, Cases) {
  const auto with = [](uint32_t start, const char* company) {
    return [=](FakeVolume& volume) { return WithSensor(volume, start, company); };
  };
  RunCases(kThirdParty,
           {{"healthy", Unchanged, Finding::PASS, "Microsoft's"},
            {"boot",
             with(0, "Contoso, Ltd."),
             Finding::INFO,
             "not Microsoft's: 1",
             {{"Services\\Sensor", "sensor.sys: Contoso, Ltd., 7.11.18110.0"}}},
            {"system", with(1, "Contoso, Ltd."), Finding::INFO, "not Microsoft's: 1"},
            {"manual", with(3, "Contoso, Ltd."), Finding::PASS, "Microsoft's"},
            {"no company",
             with(0, ""),
             Finding::INFO,
             "not Microsoft's: 1",
             {{"Services\\Sensor", "names no company"}}},
            {"Microsoft's", with(0, "Microsoft Corporation"), Finding::PASS, "Microsoft's"},
            {"no image",
             [](FakeVolume& volume) {
               evidence::MemorySource built = WithSensor(volume, 0, "");
               built.AddFile(kSensor, "x");
               return built;
             },
             Finding::INFO, "unknown origin: 1"}});
}

TEST(BootThirdPartyDrivers, NeedsItsEvidence) { ExpectNeeds(kThirdParty, {kSystemHive}); }

TEST(BootOrphanDrivers, Cases) {
  const auto with = [](int count, const char* modified) {
    return [=](FakeVolume& volume) {
      for (int i = 0; i < count; ++i) {
        volume.files()->AddFile(absl::StrCat("Windows/System32/drivers/left", i, ".sys"), "x",
                                testdata::Time(modified));
      }
      return volume.Build();
    };
  };
  // The last update was installed on 2025-12-10.
  RunCases(
      kOrphans,
      {{"healthy", Unchanged, Finding::PASS, "older than the last update"},
       {"older", with(1, "2025-12-09T09:00:00Z"), Finding::PASS, "older than the last update"},
       {"newer",
        with(1, "2025-12-14T09:00:00Z"),
        Finding::INFO,
        "newer than the last cumulative update: 1",
        {{"Windows/System32/drivers/left0.sys", "no service names it; 1 bytes"}}},
       {"many newer", with(25, "2025-12-14T09:00:00Z"), Finding::INFO, "cumulative update: 25"},
       {"none",
        [](FakeVolume& volume) {
          volume.service("dxgmms1")->SetDword("Start", 3);
          for (const char* name : {"tcpip", "ntfs", "srv2", "afd", "http"}) {
            volume.service(name)->SetDword("Start", 3);
          }
          return volume.Build();
        },
        Finding::PASS, "belongs to a service"}});
  FakeVolume volume;
  EXPECT_EQ(RunCheck(kOrphans, with(25, "2025-12-14T09:00:00Z")(volume)).evidence_size(), 10);
}

TEST(BootOrphanDrivers, AllWithoutATimeToCompareWith) {
  Snapshot snapshot = CollectFrom(FakeVolume().Build());
  snapshot.clear_cbs_packages();
  snapshot.clear_cbs_log();
  snapshot.clear_event_logs();
  snapshot.clear_session_journal();
  snapshot.clear_reporting_events();
  snapshot.clear_dism_log();
  const Finding finding = RunCheck(kOrphans, snapshot);
  EXPECT_THAT(finding, ResultIs(Finding::INFO));
  EXPECT_THAT(finding, HasEvidence("drivers/dxgmms1.sys", "no service names it"));
}

TEST(BootOrphanDrivers, NeedsItsEvidence) {
  ExpectNeeds(kOrphans, {kSystemHive, "Windows/System32/drivers"});
}

}  // namespace
}  // namespace patchgate::gate::checks
