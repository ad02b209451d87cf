#include <string>

#include "gate/checks/check_testing.h"
#include "gate/patch_state_testing.h"
#include "gtest/gtest.h"

namespace patchgate::gate::checks {
namespace {

constexpr char kId[] = "state.claims-agree";

struct Case {
  std::string name;
  PatchHostBuilder host;
  Finding::Result result;
  std::string summary;
  std::string where = "", what = "";
};

TEST(ClaimsAgree, Cases) {
  const auto host = [] { return PatchHostBuilder("26100", 7462); };
  const Case kCases[] = {
      {"healthy", host(), Finding::PASS, "2 claims, none disagrees with 26100.7462"},
      {"with LCUVer and an older package",
       host().LcuVer("10.0.26100.7462").Package("26100.4946", 112), Finding::PASS, "3 claims"},
      {"UBR behind", host().Ubr(4946), Finding::WARN,
       "UBR 4946 is behind the installed package of 26100.7462", "RollupFix",
       "CurrentState is 112"},
      {"UBR ahead", host().Ubr(7500), Finding::WARN, "UBR 7500 is ahead", "UBR", "UBR is 7500"},
      {"hotpatch ahead of its baseline", host().Build("26200").Ubr(7392).Rollup("26100.6899"),
       Finding::PASS, "a hotpatch"},
      {"package ahead of a hotpatch", host().Build("26200").Ubr(7392), Finding::WARN,
       "UBR 7392 is behind"},
      {"LCUVer", host().LcuVer("10.0.26100.4946"), Finding::WARN, "LCUVer says 26100.4946"},
      {"LCUVer of another Windows", host().LcuVer("6.3.9600.1"), Finding::PASS, "2 claims"},
      {"stack", host().Stack("10.0.26100.7295").StackPackage("26100.4933"), Finding::INFO,
       "CBS loads the servicing stack 26100.7295"},
      {"one claim", host().NoRollup(), Finding::NOT_APPLICABLE, "only one claim, 26100.7462"},
      {"none", host().NoRollup().NoUbr(), Finding::NOT_APPLICABLE, "nothing is claimed"},
      {"staged package is no claim", host().Package("26100.7623", 64), Finding::PASS, "2 claims"},
  };
  for (const Case& c : kCases) {
    SCOPED_TRACE(c.name);
    const Finding finding = RunCheck(kId, c.host.Build());
    EXPECT_THAT(finding, ResultIs(c.result));
    EXPECT_THAT(finding, SummaryHas(c.summary));
    if (!c.where.empty()) {
      EXPECT_THAT(finding, HasEvidence(c.where, c.what));
    }
  }
}

TEST(ClaimsAgree, OnVolumes) {
  RunCases(kId, {{"healthy", Unchanged, Finding::PASS, "none disagrees with 26100.7462"},
                 {"UBR behind",
                  [](FakeVolume& volume) {
                    volume.current_version()->SetDword("UBR", 4946);
                    return volume.Build();
                  },
                  Finding::WARN,
                  "UBR 4946 is behind",
                  {{"Package_for_RollupFix", "Installed"}}},
                 {"UBR of a wrong type",
                  [](FakeVolume& volume) {
                    volume.current_version()->SetString("UBR", "7462");
                    return volume.Build();
                  },
                  Finding::INDETERMINATE, "expected REG_DWORD"}});
}

TEST(ClaimsAgree, NeedsItsEvidence) { ExpectNeeds(kId, {kSoftwareHive}); }

}  // namespace
}  // namespace patchgate::gate::checks
