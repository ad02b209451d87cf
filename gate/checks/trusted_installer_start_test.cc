#include "absl/strings/str_cat.h"
#include "gate/checks/check_testing.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "testdata/fake_volume.h"

namespace patchgate::gate::checks {
namespace {

constexpr char kId[] = "cbs.trustedinstaller-start";

CheckCase Start(const char* name, uint32_t start, Finding::Result result, const char* summary) {
  return {name,
          [start](FakeVolume& volume) {
            volume.service("TrustedInstaller")->SetDword("Start", start);
            return volume.Build();
          },
          result,
          summary,
          {{"Services\\TrustedInstaller\\Start", absl::StrCat("is ", start)}}};
}

TEST(TrustedInstallerStart, Cases) {
  RunCases(kId,
           {{"healthy", Unchanged, Finding::PASS, "starts on demand"},
            Start("disabled", 4, Finding::BLOCK, "TrustedInstaller is disabled"),
            Start("automatic", 2, Finding::WARN, "unfinished work at the next boot"),
            Start("at boot", 0, Finding::WARN, "that Windows never gives it"),
            {"wants the next logon",
             [](FakeVolume& volume) {
               volume.ti_notification()->SetString("Events", "createsession");
               return volume.Build();
             },
             Finding::WARN,
             "hold up the next logon",
             {{"Notifications\\Components\\TrustedInstaller\\Events", "createsession"}}},
            {"wants other events",
             [](FakeVolume& volume) {
               volume.ti_notification()->SetString("Events", "Logoff");
               return volume.Build();
             },
             Finding::INFO, "logon events"},
            {"no notification key",
             [](FakeVolume& volume) {
               volume.system()->AddKey("ControlSet001\\Control")->RemoveKey("Winlogon");
               return volume.Build();
             },
             Finding::PASS, "starts on demand"},
            {"no program",
             [](FakeVolume& volume) {
               volume.files()->Remove("Windows/servicing/TrustedInstaller.exe");
               return volume.Build();
             },
             Finding::BLOCK,
             "TrustedInstaller.exe is missing",
             {{"TrustedInstaller.exe", "not found"}}},
            {"no service",
             [](FakeVolume& volume) {
               volume.system()->AddKey("ControlSet001\\Services")->RemoveKey("TrustedInstaller");
               return volume.Build();
             },
             Finding::INDETERMINATE, "TrustedInstaller is missing"},
            {"no start type",
             [](FakeVolume& volume) {
               volume.service("TrustedInstaller")->RemoveValue("Start");
               return volume.Build();
             },
             Finding::INDETERMINATE, "is not known"},
            {"start type of a wrong type",
             [](FakeVolume& volume) {
               volume.service("TrustedInstaller")->SetString("Start", "3");
               return volume.Build();
             },
             Finding::INDETERMINATE, "expected REG_DWORD"},
            {"broken value list",
             [](FakeVolume& volume) {
               const auto* service = volume.service("TrustedInstaller");
               evidence::MemorySource built = volume.Build();
               BreakValues(kSystemHive, *service, &built);
               return built;
             },
             Finding::INDETERMINATE, "could not be measured in full"}});
}

TEST(TrustedInstallerStart, IsDated) {
  FakeVolume volume;
  volume.service("TrustedInstaller")
      ->SetDword("Start", 2)
      ->set_last_written(testdata::Time("2025-12-10T09:41:05Z"));
  EXPECT_THAT(RunCheck(kId, volume.Build()),
              HasEvidenceWritten("TrustedInstaller\\Start", "2025-12-10T09:41:05Z"));
}

TEST(TrustedInstallerStart, NeedsItsEvidence) {
  ExpectNeeds(kId, {kSystemHive, "Windows/servicing"});
}

}  // namespace
}  // namespace patchgate::gate::checks
