#include <string>
#include <vector>

#include "gate/checks/check_testing.h"
#include "gate/patch_state_testing.h"
#include "gtest/gtest.h"

namespace patchgate::gate::checks {
namespace {

constexpr char kId[] = "state.claimed-vs-measured";

struct Case {
  std::string name;
  PatchHostBuilder host;
  Finding::Result result;
  std::string summary;
  std::string where = "", what = "";  // Of one evidence line.
};

TEST(ClaimedVsMeasured, Cases) {
  const auto host = [] { return PatchHostBuilder("26100", 7462); };
  const Case kCases[] = {
      {"healthy", host(), Finding::PASS, "26100.7462 is confirmed: 3 files carry it", "UBR",
       "UBR is 7462"},
      {"kernel ahead", host().Set("ntoskrnl.exe", "10.0.26100.7623"), Finding::BLOCK,
       "1 file is newer than every claim", "System32/ntoskrnl.exe",
       "10.0.26100.7623, expected 10.0.26100.7462"},
      {"one file ahead", host().Set("ntdll.dll", "10.0.26100.7623"), Finding::WARN,
       "newer than every claim", "ntdll.dll", "10.0.26100.7623"},
      {"files ahead of UBR alone", host().Ubr(4946), Finding::BLOCK,
       "3 files are newer than UBR says: Windows/System32/ci.dll is 10.0.26100.7462, claimed is "
       "10.0.26100.4946; another claim goes as far",
       "System32/ci.dll", "10.0.26100.7462, expected 10.0.26100.4946"},
      {"older than the store",
       host().Set("ci.dll", "10.0.26100.4946").Store("ci.dll", "10.0.26100.7462"), Finding::BLOCK,
       "1 file that the host boots from is older", "System32/ci.dll", "expected SHA-256 "},
      {"no support", host().AllFiles("10.0.26100.4946"), Finding::WARN,
       "no file supports the claimed 26100.7462"},
      {"kernel of an earlier Windows", host().Set("ntoskrnl.exe", "10.0.22621.6345"),
       Finding::BLOCK, "1 file is of an earlier Windows than the host", "System32/ntoskrnl.exe",
       "10.0.22621.6345, expected 10.0.26100"},
      {"kernel absent", host().Absent("ntoskrnl.exe"), Finding::INDETERMINATE,
       "the version of Windows/System32/ntoskrnl.exe could not be read: not there"},
      {"one stray file", host().AllFiles("10.0.26100.4946").Set("ntdll.dll", "10.0.26100.7462"),
       Finding::WARN, "probes at mixed revisions", "System32/ntoskrnl.exe", "10.0.26100.4946"},
      {"boot manager of a branch of its own",
       PatchHostBuilder("26200", 8037)
           .Probe("Windows/Boot/EFI/bootmgfw.efi", "10.0.28000.317", true, /*lcu=*/false),
       Finding::PASS, "26200.8037 is confirmed"},
      {"hotpatch", host().Build("26200").Ubr(7392).Rollup("26100.6899").AllFiles("10.0.26100.6899"),
       Finding::INFO, "26200.7392 is neither confirmed nor contradicted: it is a hotpatch"},
      {"enablement", PatchHostBuilder("26200", 7462), Finding::PASS, "26200.7462 is confirmed"},
      {"no file could be read", host().NoFiles(), Finding::INDETERMINATE, "none could be read"},
      {"no probes", host().NoProbes(), Finding::INDETERMINATE, "has no versions of files"},
      {"damaged kernel", host().NoImage("ntoskrnl.exe"), Finding::INDETERMINATE,
       "the version of Windows/System32/ntoskrnl.exe could not be read: no MZ signature at 0x0"},
      {"only a package", host().NoUbr(), Finding::PASS, "26100.7462 is confirmed"},
      {"nothing claimed", host().NoUbr().NoRollup(), Finding::NOT_APPLICABLE, "nothing is claimed"},
      {"claims among themselves are for another check",
       host().Ubr(4946).AllFiles("10.0.26100.4946"), Finding::PASS, "26100.4946 is confirmed"},
  };
  for (const Case& c : kCases) {
    SCOPED_TRACE(c.name);
    const Finding finding = RunCheck(kId, c.host.Build());
    EXPECT_THAT(finding, ResultIs(c.result));
    EXPECT_THAT(finding, SummaryHas(c.summary));
    if (c.result != Finding::NOT_APPLICABLE) {
      EXPECT_THAT(finding, HasEvidence(c.where, c.what));
    }
  }
}

TEST(ClaimedVsMeasured, NeedsItsEvidence) { ExpectNeeds(kId, {kSoftwareHive}); }

TEST(ClaimedVsMeasured, EmptySnapshot) {
  EXPECT_THAT(RunCheck(kId, Snapshot()), ResultIs(Finding::INDETERMINATE));
}

}  // namespace
}  // namespace patchgate::gate::checks
