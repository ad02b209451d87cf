#include "gate/checks/log_testing.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace patchgate::gate::checks {
namespace {

constexpr char kId[] = "host.boot-files-space";

TEST(BootFilesSpace, Cases) {
  const auto space = [](const char* time, Snapshot* s) {
    AddMark(CbsMark::SPACE_INSUFFICIENT, time, "ServicingBootFiles failed. Error = 0x70", s);
  };
  const auto configuration = [](const char* time, Snapshot* s) {
    AddMark(CbsMark::BOOT_CONFIGURATION, time, "Bfs Hypervisor Launch Type mirroring failed", s);
  };
  RunCases(kId,
           std::vector<SnapshotCase>{
               {"healthy", [](Snapshot*) {}, Finding::PASS, "no boot files"},
               {"no space since the last update",
                [&](Snapshot* s) { space(kAfter, s); },
                Finding::BLOCK,
                "too little space on the system partition, last seen 2025-12-12",
                {{"CBS.log", "Error = 0x70"}}},
               {"no space, but an update since", [&](Snapshot* s) { space(kBefore, s); },
                Finding::INFO, "installed since"},
               {"no space, no success known",
                [&](Snapshot* s) {
                  space(kLongBefore, s);
                  ForgetSuccess(s);
                },
                Finding::BLOCK, "too little space"},
               {"boot configuration since the last update",
                [&](Snapshot* s) { configuration(kAfter, s); },
                Finding::WARN,
                "may have the wrong type",
                {{"CBS.log", "mirroring failed"}}},
               {"boot configuration, but an update since",
                [&](Snapshot* s) { configuration(kBefore, s); }, Finding::INFO, "installed since"},
               {"both: the graver one speaks",
                [&](Snapshot* s) {
                  configuration(kAfterBoot, s);
                  space(kAfter, s);
                },
                Finding::BLOCK,
                "too little space",
                {{"CBS.log", "Error = 0x70"}, {"CBS.log", "mirroring failed"}}},
           });
}

TEST(BootFilesSpace, NeedsItsEvidence) { ExpectNeedsCbsLog(kId); }

}  // namespace
}  // namespace patchgate::gate::checks
