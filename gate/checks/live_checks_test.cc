#include <string>

#include "gate/checks/check_testing.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "testdata/fake_volume.h"

namespace patchgate::gate::checks {
namespace {

constexpr char kBusy[] = "host.busy";
constexpr char kRights[] = "host.rights";

Snapshot Healthy() { return CollectFrom(FakeVolume().Build()); }

TEST(HostBusy, Cases) {
  Snapshot gap = Live(Healthy());
  Gap* missing = gap.mutable_live_host()->mutable_collection()->add_gaps();
  missing->set_where("service TrustedInstaller");
  missing->set_what("access denied");
  Snapshot not_asked = Live(Healthy());
  not_asked.clear_live_host();
  Snapshot absent = Live(Healthy());
  absent.mutable_live_host()->mutable_collection()->set_status(Collection::ABSENT);
  Snapshot both = Busy(Healthy(), LiveActivity::INSTALLER);
  *both.mutable_live_host()->add_activities() = Busy(Healthy()).live_host().activities(0);
  const struct {
    const char* name;
    Snapshot snapshot;
    Finding::Result result;
    const char* summary;
  } kCases[] = {
      {"offline", Healthy(), Finding::NOT_APPLICABLE, "only on the running one"},
      {"idle", Live(Healthy()), Finding::PASS, "neither servicing nor Windows Installer"},
      {"servicing", Busy(Healthy()), Finding::INDETERMINATE, "servicing is at work on the host"},
      {"installer", Busy(Healthy(), LiveActivity::INSTALLER), Finding::INDETERMINATE,
       "Windows Installer is at work"},
      {"both", both, Finding::INDETERMINATE, "servicing is at work"},
      {"could not be asked", gap, Finding::INDETERMINATE,
       "in full: service TrustedInstaller: access denied"},
      {"nobody asked", not_asked, Finding::INDETERMINATE, "could not be measured"},
      {"absent is no answer", absent, Finding::INDETERMINATE, "could not be measured"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    EXPECT_THAT(RunCheck(kBusy, c.snapshot), ResultIs(c.result));
    EXPECT_THAT(RunCheck(kBusy, c.snapshot), SummaryHas(c.summary));
  }
  EXPECT_THAT(RunCheck(kBusy, both), HasEvidence("process TiWorker.exe", "is running"));
  EXPECT_THAT(RunCheck(kBusy, both), HasEvidence("_MSIExecute", "is held"));
}

TEST(HostRights, Cases) {
  Snapshot user = Live(Healthy());
  user.mutable_live_host()->set_elevated(false);
  Snapshot from_32_bit = Live(Healthy());
  from_32_bit.mutable_live_host()->set_started_by_32_bit(true);
  Snapshot both = user;
  both.mutable_live_host()->set_started_by_32_bit(true);
  Snapshot gap = Live(Healthy());
  gap.mutable_live_host()->mutable_collection()->add_gaps()->set_where("processes");
  Snapshot not_asked = Live(Healthy());
  not_asked.clear_live_host();
  const struct {
    const char* name;
    Snapshot snapshot;
    Finding::Result result;
    const char* summary;
  } kCases[] = {
      {"offline", Healthy(), Finding::NOT_APPLICABLE, "only on the running one"},
      {"administrator", Live(Healthy()), Finding::PASS, "with administrator rights"},
      {"user", user, Finding::WARN, "without administrator rights"},
      {"32-bit parent", from_32_bit, Finding::INFO, "started by a 32-bit program"},
      {"both", both, Finding::WARN, "without administrator rights"},
      {"what else could not be asked", gap, Finding::PASS, "with administrator rights"},
      {"nobody asked", not_asked, Finding::INDETERMINATE, "was not asked"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    EXPECT_THAT(RunCheck(kRights, c.snapshot), ResultIs(c.result));
    EXPECT_THAT(RunCheck(kRights, c.snapshot), SummaryHas(c.summary));
  }
  EXPECT_THAT(RunCheck(kRights, both), HasEvidence("parent process", "32-bit"));
}

// The key that only a running Windows has: of this boot, whatever HardwareConfig says.
TEST(HostPlatform, OfTheRunningHost) {
  FakeVolume volume;
  volume.control("SystemInformation")
      ->SetString("SystemManufacturer", "VMware, Inc.")
      ->SetString("SystemProductName", "VMware7,1");
  Snapshot snapshot = Live(CollectFrom(volume.Build()));
  snapshot.mutable_live_host()->set_firmware(LiveHost::BIOS);
  const Finding finding = RunCheck("host.platform", snapshot);
  EXPECT_THAT(finding, SummaryHas("a virtual machine on VMware, booted by BIOS"));
  EXPECT_THAT(finding, HasEvidence("Control\\SystemInformation", "VMware7,1"));
}

TEST(SecureBoot, OfTheRunningHost) {
  FakeVolume volume;
  volume.control("SecureBoot\\State")->SetDword("UEFISecureBootEnabled", 1);
  EXPECT_THAT(RunCheckLive("host.secure-boot", volume.Build()), SummaryHas("Secure Boot is on"));
}

TEST(RestartRequired, TheLiveBootTellsWhetherTheMarkIsOld) {
  FakeVolume volume;
  volume.software()
      ->AddKey("Microsoft\\Windows\\CurrentVersion\\WindowsUpdate\\Auto Update\\RebootRequired")
      ->set_last_written(testdata::Time("2025-12-16T07:00:00Z"));
  Snapshot snapshot = Live(CollectFrom(volume.Build()));
  EXPECT_THAT(RunCheck("host.update-restart-required", snapshot), ResultIs(Finding::BLOCK));
  // Started again since, and no log tells of it yet.
  snapshot.mutable_live_host()->set_boot_filetime(testdata::Time("2025-12-16T09:00:00Z"));
  const Finding finding = RunCheck("host.update-restart-required", snapshot);
  EXPECT_THAT(finding, ResultIs(Finding::WARN));
  EXPECT_THAT(finding, HasEvidence("RebootRequired", "the running Windows"));
}

}  // namespace
}  // namespace patchgate::gate::checks
