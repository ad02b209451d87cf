#include "gate/patch_state.h"

#include <algorithm>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gate/patch_state_testing.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "servicing/history/timeline.h"

namespace patchgate::gate {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

PatchState JudgeHost(const PatchHostBuilder& host, absl::string_view target = "",
                     const UpdateCatalog& updates = BuiltInUpdates()) {
  const Snapshot snapshot = host.Build();
  absl::optional<PatchTarget> wanted;
  if (!target.empty()) wanted = ParsePatchTarget(target).value();
  return JudgePatchState(snapshot, history::BuildTimeline(snapshot), updates, wanted);
}

const PatchClaim* Find(const PatchState& state, PatchClaim::Kind kind) {
  for (const PatchClaim& claim : state.claims()) {
    if (claim.kind() == kind) return &claim;
  }
  return nullptr;
}

std::string Verdict(const PatchState& state, PatchClaim::Kind kind) {
  const PatchClaim* claim = Find(state, kind);
  return claim == nullptr ? "" : PatchClaim::Verdict_Name(claim->verdict());
}

// "BLOCK 1 file is newer…", "WARN* UBR …" of claims among themselves.
std::vector<std::string> Problems(const PatchState& state) {
  std::vector<std::string> problems;
  for (const PatchProblem& problem : state.problems()) {
    problems.push_back(absl::StrCat(PatchProblem::Severity_Name(problem.severity()),
                                    problem.among_claims() ? "* " : " ", problem.summary()));
  }
  return problems;
}

struct Case {
  std::string name;
  PatchHostBuilder host;
  PatchState::Outcome outcome;
  std::string ubr;                    // Verdict on UBR.
  std::string rollup;                 // On the newest package.
  std::vector<std::string> problems;  // Parts of them, in order; no others.
  std::string why = "";               // Part of the word on UBR.
};

std::vector<Case> Cases() {
  const auto host = [] { return PatchHostBuilder("26100", 7462); };
  return {
      {"healthy", host(), PatchState::CONFIRMED, "CONFIRMED", "CONFIRMED", {}, "3 files carry it"},
      {"probes of older updates are normal",
       host().Set("ntdll.dll", "10.0.26100.6899").Set("hal.dll", "10.0.26100.1"),
       PatchState::CONFIRMED,
       "CONFIRMED",
       "CONFIRMED",
       {},
       "3 are older, which is normal"},
      {"enablement: 26200 has files of 26100",
       PatchHostBuilder("26200", 7462),
       PatchState::CONFIRMED,
       "CONFIRMED",
       "CONFIRMED",
       {}},
      {"enablement of Windows 10",
       PatchHostBuilder("19045", 6691).Rebase("19041"),
       PatchState::CONFIRMED,
       "CONFIRMED",
       "CONFIRMED",
       {}},
      {"server with revisions of its own",
       PatchHostBuilder("26100", 32230).Server(),
       PatchState::CONFIRMED,
       "CONFIRMED",
       "CONFIRMED",
       {}},
      {"hotpatch: files and package of the baseline",
       host().Ubr(7392).Build("26200").Rollup("26100.6899").AllFiles("10.0.26100.6899"),
       PatchState::NOT_MEASURABLE,
       "NOT_MEASURABLE",
       "CONFIRMED",
       {},
       "it is a hotpatch"},
      {"hotpatch: package of the hotpatch itself",
       host().Ubr(7392).Build("26200").Rollup("26100.7392").AllFiles("10.0.26100.6899"),
       PatchState::NOT_MEASURABLE,
       "NOT_MEASURABLE",
       "NOT_MEASURABLE",
       {}},
      {"hotpatch: store ahead of the files",
       host()
           .Ubr(7392)
           .Build("26200")
           .Rollup("26100.6899")
           .AllFiles("10.0.26100.6899")
           .Store("ntoskrnl.exe", "10.0.26100.7392"),
       PatchState::NOT_MEASURABLE,
       "NOT_MEASURABLE",
       "CONFIRMED",
       {}},
      {"hotpatch does not excuse a mixed baseline",
       host()
           .Ubr(7392)
           .Build("26200")
           .Rollup("26100.6899")
           .AllFiles("10.0.26100.6899")
           .Set("ntoskrnl.exe", "10.0.26100.6584")
           .Store("ntoskrnl.exe", "10.0.26100.6899"),
       PatchState::CONTRADICTED,
       "CONTRADICTED",
       "CONTRADICTED",
       {"BLOCK 1 file that the host boots from is older"}},
      {"level that nobody knows, store ahead of all files",
       host().Ubr(7500).Store("ntoskrnl.exe", "10.0.26100.7500"),
       PatchState::NOT_MEASURABLE,
       "NOT_MEASURABLE",
       "CONFIRMED",
       {"WARN no file supports the claimed 26100.7500",
        "WARN* UBR 7500 is ahead of every installed package"}},
      {"level that nobody knows, in half on the disk",
       host()
           .Ubr(7500)
           .Rollup("26100.7500")
           .Set("ci.dll", "10.0.26100.7500")
           .Store("ntoskrnl.exe", "10.0.26100.7500"),
       PatchState::CONTRADICTED,
       "CONTRADICTED",
       "CONTRADICTED",
       {"BLOCK 1 file that the host boots from is older"}},
      {"unknown hotpatch",
       host().Ubr(7500),
       PatchState::NOT_MEASURABLE,
       "NOT_MEASURABLE",
       "CONFIRMED",
       {"WARN no file supports the claimed 26100.7500",
        "WARN* UBR 7500 is ahead of every installed package"}},
      {"kernel ahead of every claim",
       host().Set("ntoskrnl.exe", "10.0.26100.7623"),
       PatchState::CONTRADICTED,
       "CONTRADICTED",
       "CONTRADICTED",
       {"BLOCK 1 file is newer than every claim: Windows/System32/ntoskrnl.exe is "
        "10.0.26100.7623, claimed is 10.0.26100.7462"},
       "newer than the expected 10.0.26100.7462"},
      {"one file that is not boot-critical ahead",
       host().Set("ntdll.dll", "10.0.26100.7623"),
       PatchState::CONTRADICTED,
       "CONTRADICTED",
       "CONTRADICTED",
       {"WARN 1 file is newer than every claim"}},
      {"two such files ahead",
       host().Set("ntdll.dll", "10.0.26100.7623").Set("win32kfull.sys", "10.0.26100.7623"),
       PatchState::CONTRADICTED,
       "CONTRADICTED",
       "CONTRADICTED",
       {"BLOCK 2 files are newer than every claim"}},
      {"kernel of another Windows ahead",
       host().Set("ntoskrnl.exe", "10.0.28000.1"),
       PatchState::CONTRADICTED,
       "CONTRADICTED",
       "CONTRADICTED",
       {"BLOCK 1 file is newer than every claim"}},
      {"files ahead while their update waits for a restart",
       host().Set("ntoskrnl.exe", "10.0.26100.7623").Package("26100.7623", 96),
       PatchState::CONTRADICTED,
       "CONTRADICTED",
       "CONTRADICTED",
       {"WARN 1 file is newer than every claim"}},
      {"the system partition never speaks",
       host().Probe("ESP:/EFI/Microsoft/Boot/bootmgfw.efi", "10.0.26100.8000", true),
       PatchState::CONFIRMED,
       "CONFIRMED",
       "CONFIRMED",
       {}},
      {"nor where it is the root of the volume",
       host()
           .Probe("EFI/Microsoft/Boot/bootmgfw.efi", "10.0.26100.8000", true)
           .Probe("bootmgr", "10.0.26100.8000", true),
       PatchState::CONFIRMED,
       "CONFIRMED",
       "CONFIRMED",
       {}},
      {"what does not follow the update never speaks",
       host().Probe("Windows/System32/drivers/vendor.sys", "99.0.0.1", true, false),
       PatchState::CONFIRMED,
       "CONFIRMED",
       "CONFIRMED",
       {}},
      {"half of the files older than the store",
       host()
           .Set("ntoskrnl.exe", "10.0.26100.4946")
           .Set("ci.dll", "10.0.26100.4946")
           .Store("ntoskrnl.exe", "10.0.26100.7462")
           .Store("ci.dll", "10.0.26100.7462"),
       PatchState::CONTRADICTED,
       "CONTRADICTED",
       "CONTRADICTED",
       {"BLOCK 2 files that the host boots from are older than the component store has installed"},
       "2 files speak against it, 1 speaks for it"},
      {"the same while a restart is due",
       host()
           .Set("ntoskrnl.exe", "10.0.26100.4946")
           .Store("ntoskrnl.exe", "10.0.26100.7462")
           .Package("26100.7623", 96),
       PatchState::CONTRADICTED,
       "CONTRADICTED",
       "CONTRADICTED",
       {"WARN 1 file that the host boots from is older"}},
      {"file newer than its winner, within the claim",
       host().Store("ntoskrnl.exe", "10.0.26100.4946"),
       PatchState::CONTRADICTED,
       "CONTRADICTED",
       "CONTRADICTED",
       {"WARN 1 file that the host boots from is newer"}},
      {"store ahead of every claim",
       host().Store("ntoskrnl.exe", "10.0.26100.7623"),
       PatchState::CONFIRMED,
       "CONFIRMED",
       "CONFIRMED",
       {"WARN 1 file that the host boots from is older than the component store has, which is "
        "ahead"}},
      {"other bytes of the same version",
       host().Store("ntoskrnl.exe", "10.0.26100.7462", "other bytes"),
       PatchState::CONTRADICTED,
       "CONTRADICTED",
       "CONTRADICTED",
       {"WARN 1 file that the host boots from is not the file that the component store has: "
        "Windows/System32/ntoskrnl.exe is 10.0.26100.7462, and has not the store's bytes"},
       "not with the expected bytes"},
      {"store and files agree",
       host().Store("ntoskrnl.exe", "10.0.26100.7462", "ntoskrnl.exe 10.0.26100.7462"),
       PatchState::CONFIRMED,
       "CONFIRMED",
       "CONFIRMED",
       {},
       "1 file held against the component store"},
      {"two winners for one place, of which the file is the newer",
       host()
           .Store("ntoskrnl.exe", "10.0.26100.7462", "ntoskrnl.exe 10.0.26100.7462")
           .Store("ntoskrnl.exe", "10.0.26100.4946"),
       PatchState::CONFIRMED,
       "CONFIRMED",
       "CONFIRMED",
       {},
       "1 file held against the component store"},
      {"two winners for one place, of which the file is the older",
       host()
           .Set("ntdll.dll", "10.0.26100.6899")
           .Store("ntdll.dll", "10.0.26100.7462")
           .Store("NTDLL.DLL", "10.0.26100.6899", "ntdll.dll 10.0.26100.6899"),
       PatchState::CONFIRMED,
       "CONFIRMED",
       "CONFIRMED",
       {},
       "1 file held against the component store"},
      {"three winners for one place, none of them the file",
       host()
           .Set("ci.dll", "10.0.26100.4946")
           .Store("ci.dll", "10.0.26100.6899")
           .Store("ci.dll", "10.0.26100.7462")
           .Store("ci.dll", "10.0.26100.6584"),
       PatchState::CONTRADICTED,
       "CONTRADICTED",
       "CONTRADICTED",
       {"BLOCK 1 file that the host boots from is older than the component store has installed: "
        "Windows/System32/ci.dll is 10.0.26100.4946, not 10.0.26100.7462"},
       "1 file speaks against it"},
      {"claim that no file supports",
       host().AllFiles("10.0.26100.4946"),
       PatchState::NOT_MEASURABLE,
       "NOT_MEASURABLE",
       "NOT_MEASURABLE",
       {"WARN no file supports the claimed 26100.7462: the newest is 10.0.26100.4946"}},
      {"UBR behind package and files",
       host().Ubr(4946),
       PatchState::CONTRADICTED,
       "CONTRADICTED",
       "CONFIRMED",
       {"BLOCK 3 files are newer than UBR says", "WARN* UBR 4946 is behind the installed package"}},
      {"UBR behind the package, files as UBR says",
       host().Ubr(4946).AllFiles("10.0.26100.4946"),
       PatchState::CONFIRMED,
       "CONFIRMED",
       "NOT_MEASURABLE",
       {"WARN* UBR 4946 is behind the installed package of 26100.7462"}},
      {"LCUVer agrees",
       host().LcuVer("10.0.26100.7462"),
       PatchState::CONFIRMED,
       "CONFIRMED",
       "CONFIRMED",
       {}},
      {"LCUVer disagrees",
       host().LcuVer("10.0.26100.4946"),
       PatchState::CONTRADICTED,
       "CONFIRMED",
       "CONFIRMED",
       {"WARN* LCUVer says 26100.4946, UBR says 26100.7462"}},
      {"LCUVer of the baseline on a hotpatch",
       host()
           .Ubr(7392)
           .Build("26200")
           .Rollup("26100.6899")
           .AllFiles("10.0.26100.6899")
           .LcuVer("10.0.26100.6899"),
       PatchState::NOT_MEASURABLE,
       "NOT_MEASURABLE",
       "CONFIRMED",
       {}},
      {"package ahead of a hotpatch",
       host().Ubr(7392),
       PatchState::CONTRADICTED,
       "CONTRADICTED",
       "CONFIRMED",
       {"BLOCK 3 files are newer than UBR says", "WARN* UBR 7392 is behind"}},
      {"no package", host().NoRollup(), PatchState::CONFIRMED, "CONFIRMED", "", {}},
      {"staged package claims nothing",
       host().Package("26100.7623", 64),
       PatchState::CONFIRMED,
       "CONFIRMED",
       "CONFIRMED",
       {}},
      {"older installed package",
       host().Package("26100.4946", 112),
       PatchState::CONFIRMED,
       "CONFIRMED",
       "CONFIRMED",
       {}},
      {"no UBR", host().NoUbr(), PatchState::NOT_MEASURABLE, "", "CONFIRMED", {}},
      {"no files",
       host().NoFiles(),
       PatchState::NOT_MEASURABLE,
       "NOT_MEASURABLE",
       "NOT_MEASURABLE",
       {"INDETERMINATE the patch level could not be measured: of 6 files none"}},
      {"no probes",
       host().NoProbes(),
       PatchState::NOT_MEASURABLE,
       "NOT_MEASURABLE",
       "NOT_MEASURABLE",
       {"INDETERMINATE the patch level could not be measured: the evidence has no versions"}},
      {"kernel unreadable",
       host().Unreadable("ntoskrnl.exe", "I/O error"),
       PatchState::NOT_MEASURABLE,
       "SUPPORTED_IN_PART",
       "SUPPORTED_IN_PART",
       {"INDETERMINATE the version of Windows/System32/ntoskrnl.exe could not be read: I/O error"}},
      {"kernel is no image",
       host().NoImage("ntoskrnl.exe"),
       PatchState::NOT_MEASURABLE,
       "SUPPORTED_IN_PART",
       "SUPPORTED_IN_PART",
       {"INDETERMINATE the version of Windows/System32/ntoskrnl.exe could not be read: no MZ"}},
      {"another file unreadable",
       host().Unreadable("win32kfull.sys", "I/O error"),
       PatchState::NOT_MEASURABLE,
       "SUPPORTED_IN_PART",
       "SUPPORTED_IN_PART",
       {}},
      {"file absent",
       host().Absent("win32kfull.sys"),
       PatchState::CONFIRMED,
       "CONFIRMED",
       "CONFIRMED",
       {}},
      {"boot manager of a branch of its own",
       PatchHostBuilder("26200", 8037)
           .Probe("Windows/Boot/EFI/bootmgfw.efi", "10.0.28000.317", true, /*lcu=*/false),
       PatchState::CONFIRMED,
       "CONFIRMED",
       "CONFIRMED",
       {}},
      {"hotpatch does not excuse an installed package that is not there",
       host()
           .Build("26200")
           .Ubr(7392)
           .AllFiles("10.0.26100.6899")
           .Store("ntoskrnl.exe", "10.0.26100.7462")
           .Store("ci.dll", "10.0.26100.7462"),
       PatchState::CONTRADICTED,
       "NOT_MEASURABLE",
       "CONTRADICTED",
       {"BLOCK 2 files that the host boots from are older", "WARN* UBR 7392 is behind"}},
      {"the same without a store",
       host().Build("26200").Ubr(7392).AllFiles("10.0.26100.6899"),
       PatchState::NOT_MEASURABLE,
       "NOT_MEASURABLE",
       "NOT_MEASURABLE",
       {"WARN no file supports the claimed 26100.7462: the newest is 10.0.26100.6899",
        "WARN* UBR 7392 is behind"}},
      {"month that nobody knows, store ahead of the files, package installed",
       PatchHostBuilder("26200", 8037)
           .AllFiles("10.0.26100.7840")
           .Store("ntoskrnl.exe", "10.0.26100.8037")
           .Store("ci.dll", "10.0.26100.8037"),
       PatchState::CONTRADICTED,
       "CONTRADICTED",
       "CONTRADICTED",
       {"BLOCK 2 files that the host boots from are older"}},
      {"a Windows without hotpatches, store ahead of the files",
       PatchHostBuilder("19045", 7184)
           .AllFiles("10.0.19041.6937")
           .Rollup("19041.6937")
           .Store("ntoskrnl.exe", "10.0.19041.7184"),
       PatchState::CONTRADICTED,
       "CONTRADICTED",
       "CONFIRMED",
       {"BLOCK 1 file that the host boots from is older", "WARN* UBR 7184 is ahead"}},
      {"kernel of an earlier Windows",
       host().Set("ntoskrnl.exe", "10.0.22621.6345"),
       PatchState::CONTRADICTED,
       "CONTRADICTED",
       "CONTRADICTED",
       {"BLOCK 1 file is of an earlier Windows than the host: Windows/System32/ntoskrnl.exe is "
        "10.0.22621.6345, files of the host carry build 26100"},
       "older than the expected 10.0.26100.7462"},
      {"another file of an earlier Windows",
       host().Set("ntdll.dll", "10.0.22621.6345"),
       PatchState::CONTRADICTED,
       "CONTRADICTED",
       "CONTRADICTED",
       {"WARN 1 file is of an earlier Windows"}},
      {"all files of an earlier Windows",
       host().AllFiles("10.0.22621.6345"),
       PatchState::CONTRADICTED,
       "CONTRADICTED",
       "CONTRADICTED",
       {"BLOCK 6 files are of an earlier Windows"}},
      {"one stray file",
       host().AllFiles("10.0.26100.4946").Set("ntdll.dll", "10.0.26100.7462"),
       PatchState::NOT_MEASURABLE,
       "SUPPORTED_IN_PART",
       "SUPPORTED_IN_PART",
       {"WARN probes at mixed revisions: Windows/System32/ntoskrnl.exe is 10.0.26100.4946, "
        "Windows/System32/ntdll.dll is 10.0.26100.7462"},
       "5 are older, among them Windows/System32/ntoskrnl.exe, 10.0.26100.4946"},
      {"old kernel that the store has",
       host()
           .Set("ntoskrnl.exe", "10.0.26100.4946")
           .Store("ntoskrnl.exe", "10.0.26100.4946", "ntoskrnl.exe 10.0.26100.4946"),
       PatchState::CONFIRMED,
       "CONFIRMED",
       "CONFIRMED",
       {}},
      {"files built before the update",
       PatchHostBuilder("19045", 5131).Rollup("19041.5131").AllFiles("10.0.19041.5129"),
       PatchState::CONFIRMED,
       "CONFIRMED",
       "CONFIRMED",
       {},
       "6 files carry it"},
      {"files built before the update, as the store has them",
       PatchHostBuilder("26200", 8037)
           .AllFiles("10.0.26100.8036")
           .Store("ntoskrnl.exe", "10.0.26100.8036", "ntoskrnl.exe 10.0.26100.8036"),
       PatchState::CONFIRMED,
       "CONFIRMED",
       "CONFIRMED",
       {}},
      {"an update is known between files and claim",
       PatchHostBuilder("26200", 8037).AllFiles("10.0.26100.8036").Package("26100.8036", 80),
       PatchState::NOT_MEASURABLE,
       "NOT_MEASURABLE",
       "NOT_MEASURABLE",
       {"WARN no file supports the claimed 26200.8037"}},
      {"files far below the claim, and nobody knows an update between",
       PatchHostBuilder("19045", 5131).Rollup("19041.5131").AllFiles("10.0.19041.5000"),
       PatchState::NOT_MEASURABLE,
       "NOT_MEASURABLE",
       "NOT_MEASURABLE",
       {"INFO no file supports the claimed 19045.5131: the newest is 10.0.19041.5000, below "
        "which"}},
      {"kernel absent",
       host().Absent("ntoskrnl.exe"),
       PatchState::NOT_MEASURABLE,
       "SUPPORTED_IN_PART",
       "SUPPORTED_IN_PART",
       {"INDETERMINATE the version of Windows/System32/ntoskrnl.exe could not be read: not there"}},
      {"loader of UEFI absent",
       host().Absent("winload.efi"),
       PatchState::NOT_MEASURABLE,
       "SUPPORTED_IN_PART",
       "SUPPORTED_IN_PART",
       {"INDETERMINATE the version of Windows/System32/winload.efi could not be read: not there"}},
      {"loader of UEFI absent where BIOS boots",
       host()
           .Absent("winload.efi")
           .Probe("Windows/System32/winload.exe", "10.0.26100.7462", true,
                  /*lcu=*/false),
       PatchState::CONFIRMED,
       "CONFIRMED",
       "CONFIRMED",
       {}},
      {"partly installed package excuses nothing",
       host().Set("ntoskrnl.exe", "10.0.26100.7623").Package("26100.7623", 101),
       PatchState::CONTRADICTED,
       "CONTRADICTED",
       "CONTRADICTED",
       {"BLOCK 1 file is newer than every claim"}},
      {"nor does one that is to be taken off",
       host().Set("ntoskrnl.exe", "10.0.26100.7623").Package("26100.7623", 5),
       PatchState::CONTRADICTED,
       "CONTRADICTED",
       "CONTRADICTED",
       {"BLOCK 1 file is newer than every claim"}},
      {"store row without a version",
       host().Set("ci.dll", "10.0.26100.4946").StoreWithoutVersion("ci.dll", "10.0.26100.7462"),
       PatchState::CONTRADICTED,
       "CONTRADICTED",
       "CONTRADICTED",
       {"BLOCK 1 file that the host boots from is older than the component store has installed"}},
      {"files of a build that no family has",
       PatchHostBuilder("26220", 7344).Rebase("26100"),
       PatchState::NOT_MEASURABLE,
       "NOT_MEASURABLE",
       "CONFIRMED",
       {"WARN no file supports the claimed 26220.7344; the files are of another Windows"}},
  };
}

TEST(JudgePatchState, Cases) {
  for (const Case& c : Cases()) {
    const PatchState state = JudgeHost(c.host);
    SCOPED_TRACE(absl::StrCat(c.name, "\n", state.DebugString()));
    EXPECT_EQ(PatchState::Outcome_Name(state.outcome()), PatchState::Outcome_Name(c.outcome));
    EXPECT_EQ(Verdict(state, PatchClaim::UBR), c.ubr);
    EXPECT_EQ(Verdict(state, PatchClaim::ROLLUP_PACKAGE), c.rollup);
    const std::vector<std::string> problems = Problems(state);
    EXPECT_THAT(problems, SizeIs(c.problems.size()));
    for (size_t i = 0; i < std::min(problems.size(), c.problems.size()); ++i) {
      EXPECT_THAT(problems[i], HasSubstr(c.problems[i]));
    }
    if (!c.why.empty()) {
      EXPECT_THAT(Find(state, PatchClaim::UBR)->why(), HasSubstr(c.why));
    }
  }
}

TEST(JudgePatchState, EvidenceNamesFileVersionAndHash) {
  const PatchState state = JudgeHost(PatchHostBuilder("26100", 7462)
                                         .Set("ci.dll", "10.0.26100.4946")
                                         .Store("ci.dll", "10.0.26100.7462"));
  const PatchClaim* ubr = Find(state, PatchClaim::UBR);
  ASSERT_NE(ubr, nullptr);
  EXPECT_EQ(ubr->source(), "SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\UBR");
  EXPECT_EQ(ubr->says(), "CurrentBuild is 26100, UBR is 7462");
  EXPECT_EQ(ubr->update(), "KB5072033");
  const PatchEvidence& first = ubr->evidence(0);
  EXPECT_EQ(first.path(), "Windows/System32/ci.dll");
  EXPECT_EQ(first.expected_version(), "10.0.26100.7462");
  EXPECT_EQ(first.found_version(), "10.0.26100.4946");
  EXPECT_EQ(first.relation(), PatchEvidence::OLDER);
  EXPECT_EQ(first.basis(), "component store");
  EXPECT_TRUE(first.against());
  EXPECT_THAT(first.expected_sha256(), SizeIs(64));
  EXPECT_THAT(first.found_sha256(), SizeIs(64));
  EXPECT_NE(first.found_sha256(), first.expected_sha256());
  EXPECT_THAT(first.note(), HasSubstr("component amd64_"));
}

TEST(JudgePatchState, Targets) {
  const auto host = [] { return PatchHostBuilder("26100", 7462); };
  struct TargetCase {
    const char* name;
    PatchHostBuilder host;
    const char* target;
    const char* verdict;
    const char* why;
    PatchState::Outcome outcome;
  };
  const TargetCase kCases[] = {
      {"reached", host(), "KB5072033", "CONFIRMED", "carry", PatchState::CONFIRMED},
      {"by build", host(), "26100.7462", "CONFIRMED", "carry", PatchState::CONFIRMED},
      {"by build of the family", PatchHostBuilder("26200", 7462), "26100.7462", "CONFIRMED",
       "carry", PatchState::CONFIRMED},
      {"later build of the family", host(), "26200.7462", "CONTRADICTED",
       "not reached: the host is build 26100, not 26200", PatchState::CONTRADICTED},
      {"built before",
       PatchHostBuilder("19045", 5131).Rollup("19041.5131").AllFiles("10.0.19041.5129"),
       "19045.5131", "CONFIRMED", "carry", PatchState::CONFIRMED},
      {"a little above what the host claims", PatchHostBuilder("26100", 7460), "26100.7462",
       "CONTRADICTED", "not reached: the host claims 26100.7460", PatchState::CONTRADICTED},
      {"level of clients, on a server", PatchHostBuilder("26100", 32230).Server(), "26100.7840",
       "CONTRADICTED", "not reached: 26100.7840 is known, but not of updates for Server",
       PatchState::CONTRADICTED},
      {"an earlier one", host(), "KB5063878", "CONFIRMED", "what came after",
       PatchState::CONFIRMED},
      {"not reached", host(), "KB5074109", "CONTRADICTED",
       "not reached: the host claims 26100.7462, and the newest file that was measured is "
       "10.0.26100.7462",
       PatchState::CONTRADICTED},
      {"claimed but not on disk", host().Ubr(7623).Rollup("26100.7623"), "KB5074109",
       "NOT_MEASURABLE", "no file carries it", PatchState::NOT_MEASURABLE},
      {"a lone file ahead does not reach it", host().Set("ntoskrnl.exe", "10.0.26100.7623"),
       "KB5074109", "CONTRADICTED", "files of it are there that nobody claims",
       PatchState::CONTRADICTED},
      {"in half", host().Set("ci.dll", "10.0.26100.1").Store("ci.dll", "10.0.26100.7462"),
       "KB5072033", "CONTRADICTED", "speaks against", PatchState::CONTRADICTED},
      {"hotpatch", host().Ubr(7392).Build("26200").Rollup("26100.6899").AllFiles("10.0.26100.6899"),
       "KB5072014", "NOT_MEASURABLE", "hotpatch", PatchState::NOT_MEASURABLE},
      {"hotpatch on a host that is beyond it", host(), "KB5072014", "CONFIRMED", "came after",
       PatchState::CONFIRMED},
      {"of another Windows", PatchHostBuilder("19045", 6691).Rebase("19041"), "KB5072033",
       "CONTRADICTED", "not reached: KB5072033 is for another Windows", PatchState::CONTRADICTED},
      {"of clients, on a server", PatchHostBuilder("26100", 32230).Server(), "KB5074109",
       "CONTRADICTED", "not reached: KB5074109 is for another Windows", PatchState::CONTRADICTED},
      {"build of another Windows", host(), "22631.6345", "CONTRADICTED", "another Windows",
       PatchState::CONTRADICTED},
      {"unknown level of another line, on a server", PatchHostBuilder("26100", 32230).Server(),
       "26100.8037", "NOT_MEASURABLE", "a line of revisions of its own",
       PatchState::NOT_MEASURABLE},
      {"installed before the line of its own",
       PatchHostBuilder("26100", 32230).Server().Package("26100.1742", 112), "26100.1742",
       "CONFIRMED", "came after", PatchState::CONFIRMED},
      {"without a build", host(), "KB5077744", "NOT_MEASURABLE", "--updates",
       PatchState::NOT_MEASURABLE},
      {"unknown", host(), "KB9999999", "NOT_MEASURABLE", "nothing is known of KB9999999",
       PatchState::NOT_MEASURABLE},
      {"servicing stack", host(), "KB5065381", "NOT_MEASURABLE", "servicing stack",
       PatchState::NOT_MEASURABLE},
      {"no files", host().NoFiles(), "KB5072033", "NOT_MEASURABLE", "no file could be measured",
       PatchState::NOT_MEASURABLE},
  };
  for (const TargetCase& c : kCases) {
    const PatchState state = JudgeHost(c.host, c.target);
    SCOPED_TRACE(absl::StrCat(c.name, "\n", state.DebugString()));
    ASSERT_GT(state.claims_size(), 0);
    EXPECT_EQ(state.claims(0).kind(), PatchClaim::TARGET);
    EXPECT_TRUE(state.claims(0).main());
    EXPECT_EQ(PatchClaim::Verdict_Name(state.claims(0).verdict()), c.verdict);
    EXPECT_THAT(state.claims(0).why(), HasSubstr(c.why));
    EXPECT_EQ(PatchState::Outcome_Name(state.outcome()), PatchState::Outcome_Name(c.outcome));
  }
}

TEST(ParsePatchTarget, Cases) {
  EXPECT_EQ(ParsePatchTarget("kb5072033")->kb, "KB5072033");
  EXPECT_EQ(ParsePatchTarget("5072033")->kb, "KB5072033");
  EXPECT_EQ(FormatPatchLevel(*ParsePatchTarget("10.0.26100.7462")->level), "26100.7462");
  for (const char* text : {"", "7462", "KB", "26100", "26100.7462.1", "now"}) {
    const auto target = ParsePatchTarget(text);
    EXPECT_EQ(target.status().code(), absl::StatusCode::kInvalidArgument) << text;
    EXPECT_THAT(target.status().message(), HasSubstr(absl::StrCat("\"", text, "\"")));
  }
}

UpdateCatalog With(absl::string_view files) {
  UpdateCatalog catalog = LoadBuiltInUpdates().value();
  const auto set = ParseUpdateSet(
      "test", absl::StrCat("updates { kb: \"KB5072033\" title: \"x\" kind: CUMULATIVE "
                           "sources: \"x\" trust: A ",
                           files, "}"));
  EXPECT_TRUE(set.ok()) << set.status();
  EXPECT_TRUE(catalog.Add("test", *set).ok());
  return catalog;
}

TEST(JudgePatchState, FileListsOfUpdates) {
  const std::string hash = FileHash("ntdll.dll 10.0.26100.6899");
  struct ListCase {
    const char* name;
    std::string files;
    const char* target;  // Verdict on KB5072033.
    const char* ubr;
  };
  const ListCase kCases[] = {
      {"by name", "files { name: \"NTDLL.dll\" version: \"10.0.26100.6899\" }", "CONFIRMED",
       "CONFIRMED"},
      {"one of several rows",
       "files { name: \"ntdll.dll\" version: \"10.0.26100.1\" }"
       "files { name: \"ntdll.dll\" version: \"10.0.26100.6899\" }",
       "CONFIRMED", "CONFIRMED"},
      {"older than the list", "files { name: \"ntdll.dll\" version: \"10.0.26100.7462\" }",
       "CONTRADICTED", "CONTRADICTED"},
      {"newer than the list", "files { name: \"ntdll.dll\" version: \"10.0.26100.6000\" }",
       "CONFIRMED", "CONTRADICTED"},
      {"of another architecture",
       "files { name: \"ntdll.dll\" version: \"10.0.26100.7462\" architecture: \"arm64\" }",
       "CONFIRMED", "CONFIRMED"},
      {"of this architecture",
       "files { name: \"ntdll.dll\" version: \"10.0.26100.7462\" architecture: \"x64\" }",
       "CONTRADICTED", "CONTRADICTED"},
      // A list of which nothing was compared confirms nothing.
      {"not on this host", "files { name: \"tcpip.sys\" version: \"10.0.26100.7462\" }",
       "SUPPORTED_IN_PART", "CONFIRMED"},
      {"one is, one is not",
       "files { name: \"ntdll.dll\" version: \"10.0.26100.6899\" }"
       "files { name: \"tcpip.sys\" version: \"10.0.26100.7462\" }",
       "CONFIRMED", "CONFIRMED"},
      {"path that is not there", "files { path: \"Windows/gone.dll\" version: \"1.2.3.4\" }",
       "CONTRADICTED", "SUPPORTED_IN_PART"},
      {"path that nobody looked at", "files { path: \"Windows/unseen.dll\" version: \"1.2.3.4\" }",
       "SUPPORTED_IN_PART", "SUPPORTED_IN_PART"},
      {"by path and hash",
       absl::StrCat("files { path: \"windows/system32/NTDLL.DLL\" sha256: \"", hash, "\" }"),
       "CONFIRMED", "CONFIRMED"},
      {"another hash",
       absl::StrCat("files { path: \"Windows/System32/ntoskrnl.exe\" sha256: \"", hash, "\" }"),
       "CONTRADICTED", "CONTRADICTED"},
      {"the same version, written otherwise",
       "files { name: \"ntdll.dll\" version: \"10.0.26100.06899\" }", "CONFIRMED", "CONFIRMED"},
      {"a size says nothing of a name", "files { name: \"ntdll.dll\" size: 5 }", "CONFIRMED",
       "CONFIRMED"},
  };
  for (const ListCase& c : kCases) {
    const PatchState state = JudgeHost(PatchHostBuilder("26100", 7462)
                                           .Set("ntdll.dll", "10.0.26100.6899")
                                           .AbsentFile("Windows/gone.dll"),
                                       "KB5072033", With(c.files));
    SCOPED_TRACE(absl::StrCat(c.name, "\n", state.DebugString()));
    EXPECT_EQ(Verdict(state, PatchClaim::TARGET), c.target);
    EXPECT_EQ(Verdict(state, PatchClaim::UBR), c.ubr);
  }
}

TEST(JudgePatchState, FileListsSayNothingOfTheSystemPartition) {
  const UpdateCatalog updates = With(
      "files { name: \"bootmgfw.efi\" version: \"10.0.26100.7462\" }"
      "files { name: \"bootmgr\" version: \"10.0.26100.7462\" }"
      "files { path: \"EFI/Boot/bootx64.efi\" version: \"10.0.26100.7462\" }");
  const struct {
    const char* path;
    const char* target;
    const char* ubr;
  } kCases[] = {
      {"ESP:/EFI/Microsoft/Boot/bootmgfw.efi", "SUPPORTED_IN_PART", "CONFIRMED"},
      {"EFI/Microsoft/Boot/bootmgfw.efi", "SUPPORTED_IN_PART", "CONFIRMED"},
      {"efi/boot/BOOTX64.EFI", "SUPPORTED_IN_PART", "CONFIRMED"},
      {"ESP:/bootmgr", "SUPPORTED_IN_PART", "CONFIRMED"},
      {"bootmgr", "SUPPORTED_IN_PART", "CONFIRMED"},
      // That is where the update puts it.
      {"Windows/Boot/EFI/bootmgfw.efi", "CONTRADICTED", "CONTRADICTED"},
  };
  for (const auto& c : kCases) {
    const PatchState state = JudgeHost(
        PatchHostBuilder("26100", 7462).Probe(c.path, "10.0.26100.1", true, /*lcu=*/false),
        "KB5072033", updates);
    SCOPED_TRACE(absl::StrCat(c.path, "\n", state.DebugString()));
    EXPECT_EQ(Verdict(state, PatchClaim::TARGET), c.target);
    EXPECT_EQ(Verdict(state, PatchClaim::UBR), c.ubr);
  }
}

TEST(JudgePatchState, TellsWhatAListNamesAndNobodyCompared) {
  const PatchState state =
      JudgeHost(PatchHostBuilder("26100", 7462).Set("ntdll.dll", "10.0.26100.6899"), "KB5072033",
                With("files { name: \"ntdll.dll\" version: \"10.0.26100.6899\" }"
                     "files { name: \"notepad.exe\" version: \"10.0.26100.9999\" }"));
  EXPECT_THAT(state.notes(),
              testing::Contains(HasSubstr("file list of KB5072033: not compared, since")));
  EXPECT_THAT(state.notes(), testing::Contains(HasSubstr("1 file, notepad.exe")));
}

// Neither the level of the target nor the descriptor has a KB number: they are not of one update.
TEST(JudgePatchState, TargetOfAnUnknownLevelHasNoFileList) {
  UpdateCatalog updates = LoadBuiltInUpdates().value();
  const auto set = ParseUpdateSet("test", R"pb(
    updates {
      title: "another"
      builds: "26100.7777"
      kind: CUMULATIVE
      sources: "x"
      trust: A
      files { name: "ntoskrnl.exe" version: "10.0.26100.7777" }
    }
  )pb");
  ASSERT_TRUE(set.ok()) << set.status();
  ASSERT_TRUE(updates.Add("test", *set).ok());
  const PatchState state = JudgeHost(PatchHostBuilder("26100", 7500), "26100.7500", updates);
  EXPECT_EQ(Verdict(state, PatchClaim::TARGET), "CONFIRMED") << state.DebugString();
  for (const PatchEvidence& row : state.claims(0).evidence()) {
    EXPECT_THAT(row.basis(), Not(HasSubstr("file list")));
  }
}

TEST(JudgePatchState, ServicingStack) {
  const auto host = [] {
    return PatchHostBuilder("26100", 7462).StackPackage("26100.7295").Stack("10.0.26100.7295");
  };
  struct StackCase {
    const char* name;
    PatchHostBuilder host;
    const char* registration;
    const char* package;
    std::vector<std::string> problems;
  };
  const StackCase kCases[] = {
      {"agrees", host().Wcp("10.0.26100.7295"), "CONFIRMED", "CONFIRMED", {}},
      {"stack ahead of UBR is normal",
       host().Stack("10.0.26100.7600").StackPackage("26100.7600").Wcp("10.0.26100.7600"),
       "CONFIRMED",
       "CONFIRMED",
       {}},
      {"folder of another volume",
       host().StackFolder("").Wcp("10.0.26100.7295"),
       "NOT_MEASURABLE",
       "NOT_MEASURABLE",
       {}},
      {"nobody looked", host(), "NOT_MEASURABLE", "NOT_MEASURABLE", {}},
      {"wcp.dll older", host().Wcp("10.0.26100.4933"), "NOT_MEASURABLE", "NOT_MEASURABLE", {}},
      {"wcp.dll of another Windows",
       host().Wcp("10.0.22621.4933"),
       "CONTRADICTED",
       "CONTRADICTED",
       {"WARN the servicing stack claims 26100.7295, its wcp.dll is 10.0.22621.4933"}},
      {"wcp.dll newer",
       host().Wcp("10.0.26100.7455"),
       "CONTRADICTED",
       "CONFIRMED",
       {"WARN the servicing stack claims 26100.7295, its wcp.dll is 10.0.26100.7455"}},
      {"package behind",
       host().StackPackage("26100.4933").Wcp("10.0.26100.7295"),
       "CONFIRMED",
       "CONFIRMED",
       {"INFO* CBS loads the servicing stack 26100.7295"}},
      {"two registered",
       host().Stack("10.0.26100.7295").Wcp("10.0.26100.7295").SecondStack("10.0.26100.4933"),
       "NOT_MEASURABLE",
       "NOT_MEASURABLE",
       {"INFO*"}},
  };
  for (const StackCase& c : kCases) {
    const PatchState state = JudgeHost(c.host);
    SCOPED_TRACE(absl::StrCat(c.name, "\n", state.DebugString()));
    EXPECT_EQ(Verdict(state, PatchClaim::STACK_REGISTRATION), c.registration);
    EXPECT_EQ(Verdict(state, PatchClaim::STACK_PACKAGE), c.package);
    const auto problems = Problems(state);
    ASSERT_THAT(problems, SizeIs(c.problems.size()));
    for (size_t i = 0; i < problems.size(); ++i) {
      EXPECT_THAT(problems[i], HasSubstr(c.problems[i]));
    }
  }
}

TEST(JudgePatchState, History) {
  Timeline timeline;
  const auto add = [&](const char* kb, const char* build, uint64_t time, Attempt::Outcome outcome,
                       Attempt::Kind kind) {
    Attempt* attempt = timeline.add_attempts();
    attempt->set_kb(kb);
    attempt->set_build(build);
    attempt->set_last_filetime(time);
    attempt->set_outcome(outcome);
    attempt->set_kind(kind);
    attempt->add_phases()->set_source("Setup.evtx record 7");
  };
  const auto judge = [&](const PatchHostBuilder& host) {
    return JudgePatchState(host.Build(), timeline, BuiltInUpdates());
  };
  const auto host = [] { return PatchHostBuilder("26100", 7462); };
  add("KB5063878", "26100.4946", 10, Attempt::SUCCEEDED, Attempt::CUMULATIVE);
  add("KB5072033", "", 20, Attempt::SUCCEEDED, Attempt::UNKNOWN_KB);
  add("KB5065381", "26100.4933", 30, Attempt::SUCCEEDED, Attempt::SERVICING_STACK);
  add("KB5074109", "26100.7623", 40, Attempt::ROLLED_BACK, Attempt::CUMULATIVE);
  const PatchState same = judge(host());
  EXPECT_EQ(Verdict(same, PatchClaim::HISTORY), "CONFIRMED") << same.DebugString();
  EXPECT_EQ(Find(same, PatchClaim::HISTORY)->update(), "KB5072033");
  EXPECT_EQ(Find(same, PatchClaim::HISTORY)->source(), "Setup.evtx record 7");
  EXPECT_THAT(Problems(same), IsEmpty());

  const PatchState gone = judge(host().Ubr(4946).Rollup("26100.4946").AllFiles("10.0.26100.4946"));
  EXPECT_EQ(Verdict(gone, PatchClaim::HISTORY), "CONTRADICTED") << gone.DebugString();
  EXPECT_THAT(Find(gone, PatchClaim::HISTORY)->why(), HasSubstr("not the state now"));
  EXPECT_EQ(Verdict(gone, PatchClaim::UBR), "CONFIRMED");
  EXPECT_EQ(gone.outcome(), PatchState::CONFIRMED) << "the history alone is a problem only";
  EXPECT_THAT(Problems(gone),
              ElementsAre("WARN* the history calls 26100.7462 installed, the host claims "
                          "26100.4946"));
}

TEST(JudgePatchState, HistoryOfWhatWasTakenOffOrIsOfAnotherWindows) {
  Timeline timeline;
  const auto add = [&](const char* kb, const char* build, uint64_t time, bool removal) {
    Attempt* attempt = timeline.add_attempts();
    attempt->set_kb(kb);
    attempt->set_build(build);
    attempt->set_last_filetime(time);
    attempt->set_outcome(Attempt::SUCCEEDED);
    attempt->set_kind(Attempt::CUMULATIVE);
    attempt->set_removal(removal);
  };
  const auto judge = [&](const PatchHostBuilder& host) {
    return JudgePatchState(host.Build(), timeline, BuiltInUpdates());
  };
  add("KB5074109", "26100.7623", 10, false);
  add("KB5074109", "26100.7623", 20, true);
  const PatchState removed = judge(PatchHostBuilder("26100", 7462));
  EXPECT_EQ(Find(removed, PatchClaim::HISTORY), nullptr) << removed.DebugString();
  EXPECT_THAT(Problems(removed), IsEmpty());

  add("KB5074109", "26100.7623", 30, false);
  const PatchState again = judge(PatchHostBuilder("26100", 7623));
  EXPECT_EQ(Verdict(again, PatchClaim::HISTORY), "CONFIRMED") << again.DebugString();

  const PatchState other = judge(PatchHostBuilder("22631", 6345).Rebase("22621"));
  EXPECT_EQ(Find(other, PatchClaim::HISTORY), nullptr) << other.DebugString();
  EXPECT_EQ(other.outcome(), PatchState::CONFIRMED);
  EXPECT_THAT(other.notes(), testing::Contains(HasSubstr("1 update of another Windows")));
}

TEST(JudgePatchState, EmptySnapshot) {
  const PatchState state = JudgePatchState(Snapshot(), Timeline(), BuiltInUpdates(),
                                           ParsePatchTarget("KB5072033").value());
  EXPECT_EQ(state.outcome(), PatchState::NOT_MEASURABLE);
  EXPECT_EQ(state.claims_size(), 1);
}

TEST(JudgePatchState, ManyPackagesAndFiles) {
  PatchHostBuilder host("26100", 7462);
  for (int i = 0; i < 2000; ++i) {
    host.Package(absl::StrCat("26100.", i), 112);
    host.Store("ntoskrnl.exe", "10.0.26100.7462", "ntoskrnl.exe 10.0.26100.7462");
  }
  const PatchState state = JudgeHost(host);
  EXPECT_EQ(state.outcome(), PatchState::CONFIRMED);
  EXPECT_EQ(state.claims_size(), 1 + 8);
  EXPECT_THAT(state.notes(0), HasSubstr("1993 older packages"));
}

// Whatever a snapshot holds, judging it ends, and with an outcome.
TEST(JudgePatchState, DamagedSnapshots) {
  const std::string sound = PatchHostBuilder("26200", 7392)
                                .LcuVer("10.0.26100.6899")
                                .Stack("10.0.26100.7295")
                                .StackPackage("26100.7295")
                                .Wcp("10.0.26100.7295")
                                .Store("ntoskrnl.exe", "10.0.26100.7392")
                                .Store("ci.dll", "10.0.26100.6899")
                                .Build()
                                .SerializeAsString();
  std::mt19937 random(20261122);
  int parsed = 0;
  for (int i = 0; i < 3000; ++i) {
    std::string bytes = sound;
    for (int edits = 0; edits < 3; ++edits) {
      bytes[random() % bytes.size()] = static_cast<char>(random() % 0x80);
    }
    Snapshot snapshot;
    parsed += snapshot.ParseFromString(bytes);
    const PatchState state = JudgePatchState(snapshot, Timeline(), BuiltInUpdates());
    EXPECT_NE(state.outcome(), PatchState::OUTCOME_UNSPECIFIED);
  }
  EXPECT_GT(parsed, 100);
}

TEST(DescribedPaths, EachOnce) {
  const auto set = ParseUpdateSet("x", R"pb(
    updates {
      kb: "KB5072033"
      title: "x"
      kind: OTHER
      sources: "x"
      trust: A
      files { path: "Windows/a.dll" size: 1 }
      files { path: "windows/A.dll" size: 2 }
      files { name: "b.dll" size: 1 }
      files { path: "Windows/c.dll" size: 1 }
    }
  )pb");
  ASSERT_TRUE(set.ok()) << set.status();
  EXPECT_THAT(DescribedPaths(*set), ElementsAre("Windows/a.dll", "Windows/c.dll"));
}

}  // namespace
}  // namespace patchgate::gate
