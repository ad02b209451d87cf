// The checks over the time line of updates, on whole volumes.
#include "gate/checks/check_testing.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "servicing/eventlog/event_fixtures.h"
#include "testdata/fake_volume.h"
#include "testdata/scenarios.h"

namespace patchgate::gate::checks {
namespace {

using evidence::MemorySource;
using testdata::December;
using testdata::FindScenario;
using testdata::Time;

constexpr char kSetupEvents[] = "Windows/System32/winevt/Logs/Setup.evtx";
constexpr char kSystemEvents[] = "Windows/System32/winevt/Logs/System.evtx";
constexpr char kFailedUpdate[] = "history.failed-update";
constexpr char kUnfinishedUpdate[] = "history.unfinished-update";
constexpr char kUpdateLoop[] = "history.update-loop";
constexpr char kContradictions[] = "history.contradictions";

FakeVolume AugustVolume() { return FakeVolume(FakeVolume::LastUpdate::kAugust); }

// One byte of the first chunk is wrong, which its checksum tells.
MemorySource WithDamage(const char* path, MemorySource volume) {
  std::string bytes((*volume.Open(path))->bytes());
  bytes[4096 + 600] ^= 1;
  volume.AddFile(path, bytes);
  return volume;
}

TEST(FailedUpdate, Cases) {
  RunCases(
      kFailedUpdate,
      {{"healthy", Unchanged, Finding::PASS, "no update failed since 2025-12-10T09:1"},
       {"rolled back, with leftovers",
        [](FakeVolume&) { return FindScenario("failed-rollback").build(); },
        Finding::BLOCK,
        "KB5072033 (26100.7462) was rolled back with 0x800f0922 (CBS_E_INSTALLERS_FAILED), and "
        "nothing has succeeded since",
        {{"Setup.evtx record", "pended"}, {"Setup.evtx record", "failed 0x800f0922"}}},
       {"rolled back, and only the logs know",
        [](FakeVolume&) { return FindScenario("clean-rollback").build(); }, Finding::BLOCK,
        "was rolled back with 0x800f0922"},
       {"rolled back, then installed",
        [](FakeVolume&) { return FindScenario("rolled-back-then-updated").build(); }, Finding::PASS,
        "no update failed since 2025-12-12T09:1"},
       {"failed before anything was changed",
        [](FakeVolume&) {
          FakeVolume volume = AugustVolume();
          volume.logs()->Fail(December(), Time("2025-12-10T09:00:00Z"), 0x800F0984, "x");
          return volume.Build();
        },
        Finding::BLOCK, "KB5072033 (26100.7462) failed with 0x800f0984"},
       {"failed for a cause that goes away",
        [](FakeVolume&) {
          FakeVolume volume = AugustVolume();
          volume.logs()->Fail(December(), Time("2025-12-10T09:00:00Z"), 0x800F0816, "x");
          return volume.Build();
        },
        Finding::WARN, "failed with 0x800f0816"},
       {"only the update agent failed",
        [](FakeVolume& volume) {
          volume.logs()->AgentFails(testdata::January(), Time("2025-12-15T08:00:00Z"), 0x80248007);
          return volume.Build();
        },
        Finding::INFO, "KB5074109 failed with 0x80248007"},
       {"the agent found an update undone of which servicing tells nothing",
        [](FakeVolume& volume) {
          volume.logs()->AgentFails(testdata::January(), Time("2025-12-15T08:00:00Z"), 0x80242016);
          return volume.Build();
        },
        Finding::WARN, "failed with 0x80242016"},
       {"the agent found an update undone, and Setup.evtx was cleared",
        [](FakeVolume& volume) {
          volume.logs()->AgentFails(testdata::January(), Time("2025-12-15T08:00:00Z"), 0x80242016);
          MemorySource built = volume.Build();
          built.AddFile(kSetupEvents, eventlog::EvtxBuilder().Build());
          return built;
        },
        Finding::BLOCK, "failed with 0x80242016"},
       {"not applicable is no failure",
        [](FakeVolume& volume) {
          eventlog::AddServicingEvent(Time("2025-12-15T08:00:00Z"), 3, "KB5074109", 0, 112,
                                      0x800F081E, "wusa", volume.logs()->setup());
          return volume.Build();
        },
        Finding::INFO, "failed with 0x800f081e"},
       {"busy first, then a real failure",
        [](FakeVolume& volume) {
          for (const uint32_t code : {0x800F0902u, 0x800F0922u}) {
            eventlog::AddServicingEvent(Time("2025-12-15T08:00:00Z") + code % 2, 3, "KB5074109", 0,
                                        112, code, "UpdateAgentLCU", volume.logs()->setup());
          }
          return volume.Build();
        },
        Finding::BLOCK, "KB5074109 failed"},
       {"an old update could not be taken off",
        [](FakeVolume& volume) {
          eventlog::AddServicingEvent(Time("2025-12-15T08:00:00Z"), 1, "KB5063878", 112, 0, 0,
                                      "CbsTask", volume.logs()->setup());
          eventlog::AddServicingEvent(Time("2025-12-15T08:00:10Z"), 3, "KB5063878", 112, 0,
                                      0x800F0825, "CbsTask", volume.logs()->setup());
          return volume.Build();
        },
        Finding::WARN, "KB5063878: its removal failed with 0x800f0825"},
       {"repaired by an in-place upgrade",
        [](FakeVolume&) {
          FakeVolume volume = AugustVolume();
          volume.Pend(December(), Time("2025-12-10T09:00:00Z"));
          volume.RollBack(December(), Time("2025-12-10T09:35:00Z"));
          volume.setup()
              ->AddKey("Source OS (Updated on 12/12/2025 10:00:00)")
              ->SetString("CurrentBuild", "26100")
              ->set_last_written(Time("2025-12-12T10:00:00Z"));
          return volume.Build();
        },
        Finding::PASS, "no update failed since 2025-12-12T10:00:00Z"},
       {"Setup.evtx begins later",
        [](FakeVolume& volume) {
          eventlog::EvtxBuilder late;
          eventlog::AddServicingEvent(Time("2025-12-14T09:00:00Z"), 2, "KB5001111", 0, 112, 0,
                                      "wusa", &late);
          MemorySource built = volume.Build();
          built.AddFile(kSetupEvents, late.Build());
          return built;
        },
        Finding::INDETERMINATE, "Setup.evtx does not reach back to 2025-12-10"},
       {"no cumulative update is known",
        [](FakeVolume& volume) {
          volume.cbs()->RemoveKey("Packages");
          MemorySource built = volume.Build();
          built.Remove("Windows/Logs/CBS");
          built.Remove("Windows/servicing/Sessions/Sessions.xml");
          return built;
        },
        Finding::INDETERMINATE, "nothing tells when a cumulative update was last installed"},
       {"a failure counts even if the rest is unknown",
        [](FakeVolume&) {
          MemorySource built = FindScenario("failed-rollback").build();
          built.Remove(kSetupEvents);
          return built;
        },
        Finding::BLOCK, "was rolled back"},
       {"no Setup.evtx",
        [](FakeVolume& volume) {
          MemorySource built = volume.Build();
          built.Remove(kSetupEvents);
          return built;
        },
        Finding::INDETERMINATE, "Setup.evtx"},
       {"damaged Setup.evtx",
        [](FakeVolume& volume) { return WithDamage(kSetupEvents, volume.Build()); },
        Finding::INDETERMINATE, "could not be measured"}});
}

TEST(UnfinishedUpdate, Cases) {
  RunCases(
      kUnfinishedUpdate,
      {{"healthy", Unchanged, Finding::PASS, "every update that was begun has a result"},
       {"waits for its restart", [](FakeVolume&) { return FindScenario("reboot-pending").build(); },
        Finding::BLOCK, "KB5072033 (26100.7462) waits for a restart; restart first"},
       {"the restart came",
        [](FakeVolume&) { return FindScenario("pended-never-finished").build(); }, Finding::BLOCK,
        "waited for a restart, the host was started 2025-12-15T06:20:00Z, and the update "
        "never finished"},
       {"only fast start-up came",
        [](FakeVolume&) {
          FakeVolume volume = AugustVolume();
          volume.Pend(December(), Time("2025-12-10T09:00:00Z"));
          eventlog::AddFastStartup(Time("2025-12-11T07:00:00Z"), volume.logs()->system());
          return volume.Build();
        },
        Finding::BLOCK, "waits for a restart; restart first"},
       {"begun, and nothing else",
        [](FakeVolume& volume) {
          eventlog::AddServicingEvent(Time("2025-12-15T08:00:00Z"), 1, "KB5074109", 0, 112, 0,
                                      "UpdateAgentLCU", volume.logs()->setup());
          return volume.Build();
        },
        Finding::WARN, "installation of KB5074109 was begun 2025-12-15T08:00:00Z and has no"},
       {"a feature on demand waits",
        [](FakeVolume& volume) {
          eventlog::AddServicingEvent(
              Time("2025-12-15T08:00:00Z"), 4,
              "Microsoft-Windows-Printing-Package~31bf3856ad364e35~amd64~~10.0.26100.1", 0, 112, 0,
              "DISM Package Manager Provider", volume.logs()->setup());
          return volume.Build();
        },
        Finding::WARN, "waits for a restart"},
       {"no Setup.evtx",
        [](FakeVolume& volume) {
          MemorySource built = volume.Build();
          built.Remove(kSetupEvents);
          return built;
        },
        Finding::INDETERMINATE, "Setup.evtx"},
       {"damaged Setup.evtx",
        [](FakeVolume& volume) { return WithDamage(kSetupEvents, volume.Build()); },
        Finding::INDETERMINATE, "could not be measured"}});
}

TEST(UnfinishedUpdate, OnlyAPendedUpdateAsksForARestart) {
  EXPECT_THAT(RunCheck(kUnfinishedUpdate, FindScenario("reboot-pending").build()).resolution(),
              testing::HasSubstr("Restart the host"));
  EXPECT_EQ(RunCheck(kUnfinishedUpdate, FindScenario("pended-never-finished").build()).resolution(),
            "");  // As the record says.
}

TEST(UpdateLoop, Cases) {
  RunCases(kUpdateLoop,
           {{"healthy", Unchanged, Finding::PASS, "no update fails again and again"},
            {"three failures of servicing",
             [](FakeVolume&) { return FindScenario("update-loop").build(); }, Finding::BLOCK,
             "KB5072033 (26100.7462) failed 3 times in a row, last with 0x800f0984"},
            {"two are no loop",
             [](FakeVolume&) {
               FakeVolume volume = AugustVolume();
               volume.logs()->Fail(December(), Time("2025-12-10T09:00:00Z"), 0x800F0984, "x");
               volume.logs()->Fail(December(), Time("2025-12-11T09:00:00Z"), 0x800F0984, "x");
               return volume.Build();
             },
             Finding::PASS, "no update fails"},
            {"three, then a success",
             [](FakeVolume&) {
               FakeVolume volume = AugustVolume();
               for (const char* t :
                    {"2025-12-07T09:00:00Z", "2025-12-08T09:00:00Z", "2025-12-09T09:00:00Z"}) {
                 volume.logs()->Fail(December(), Time(t), 0x800F0984, "x");
               }
               volume.Pend(December(), Time("2025-12-10T09:00:00Z"));
               volume.Finish(December(), Time("2025-12-10T09:10:00Z"));
               return volume.Build();
             },
             Finding::PASS, "no update fails"},
            {"three failures of the agent alone",
             [](FakeVolume& volume) {
               for (const char* t :
                    {"2025-12-13T09:00:00Z", "2025-12-14T09:00:00Z", "2025-12-15T09:00:00Z"}) {
                 volume.logs()->AgentFails(testdata::January(), Time(t), 0x80248007);
               }
               return volume.Build();
             },
             Finding::WARN, "KB5074109 failed 3 times in a row, last with 0x80248007"},
            {"no System.evtx",
             [](FakeVolume& volume) {
               MemorySource built = volume.Build();
               built.Remove(kSystemEvents);
               return built;
             },
             Finding::INDETERMINATE, "System.evtx"},
            {"damaged System.evtx",
             [](FakeVolume& volume) { return WithDamage(kSystemEvents, volume.Build()); },
             Finding::INDETERMINATE, "could not be measured"}});
}

TEST(Contradictions, Cases) {
  RunCases(kContradictions, {{"healthy", Unchanged, Finding::PASS, "no source contradicts another"},
                             {"revision behind the installed package",
                              [](FakeVolume& volume) {
                                volume.current_version()->SetDword("UBR", 4946);
                                return volume.Build();
                              },
                              Finding::WARN,
                              "UBR is 4946",
                              {{"CBS\\Packages", "26100.7462.1.9 is Installed"}}},
                             {"revision of a hotpatch",
                              [](FakeVolume& volume) {
                                volume.current_version()->SetDword("UBR", 7781);
                                return volume.Build();
                              },
                              Finding::INFO, "UBR is 7781"},
                             {"a session that is complete in the journal only",
                              [](FakeVolume& volume) {
                                volume.AddSession(Time("2025-12-10T09:00:19Z"), 0);
                                return volume.Build();
                              },
                              Finding::WARN, "Sessions.xml says \"complete\""},
                             {"the agent took staged for installed",
                              [](FakeVolume&) { return FindScenario("clean-rollback").build(); },
                              Finding::INFO, "KB5072033: System.evtx record"},
                             {"no CBS at all",
                              [](FakeVolume& volume) {
                                volume.software()->RemoveKey("Microsoft");
                                return volume.Build();
                              },
                              Finding::INDETERMINATE, ""}});
}

TEST(Contradictions, NeedsSoftware) { ExpectNeeds(kContradictions, {testdata::kSoftwareHive}); }

}  // namespace
}  // namespace patchgate::gate::checks
