// The checks over CBS.log, on whole volumes.
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "gate/checks/check_testing.h"
#include "gtest/gtest.h"
#include "servicing/cbs/log/cbs_log_fixtures.h"
#include "servicing/eventlog/event_fixtures.h"
#include "testdata/fake_volume.h"
#include "testdata/scenarios.h"

namespace patchgate::gate::checks {
namespace {

using cbs::CbsLogBuilder;
using evidence::MemorySource;
using testdata::December;
using testdata::FindScenario;
using testdata::January;
using testdata::Time;

constexpr char kCbsLog[] = "Windows/Logs/CBS/CBS.log";
constexpr FileTime kMinute = 60 * kFileTimeTicksPerSecond;

FileTime BeforeDecember() { return Time("2025-11-20T08:00:00Z"); }
FileTime AfterDecember() { return Time("2025-12-15T08:00:00Z"); }

// A healthy volume whose CBS.log goes on like this; or, for what is past, began like this.
std::function<MemorySource(FakeVolume&)> After(std::function<void(CbsLogBuilder*)> tell) {
  return [tell](FakeVolume& volume) {
    tell(volume.logs()->cbs());
    return volume.Build();
  };
}
std::function<MemorySource(FakeVolume&)> Before(std::function<void(CbsLogBuilder*)> tell) {
  return [tell](FakeVolume&) {
    FakeVolume volume(FakeVolume::LastUpdate::kAugust);
    tell(volume.logs()->cbs());
    volume.Pend(December(), Time("2025-12-10T09:00:00Z"));
    volume.Finish(December(), Time("2025-12-10T09:10:00Z"));
    return volume.Build();
  };
}

// Without CBS.log, with one that cannot be read, and with one that is damaged.
void ExpectNeedsCbsLog(absl::string_view id) {
  const MemorySource healthy = FakeVolume().Build();
  MemorySource absent = healthy;
  absent.Remove("Windows/Logs/CBS");
  EXPECT_THAT(RunCheck(id, absent), ResultIs(Finding::INDETERMINATE));
  MemorySource unreadable = healthy;
  unreadable.AddError(kCbsLog, absl::PermissionDeniedError("access denied"));
  EXPECT_THAT(RunCheck(id, unreadable), ResultIs(Finding::INDETERMINATE));
  MemorySource foreign = healthy;
  foreign.AddFile(kCbsLog, std::string("\xFF\xFE"
                                       "2\0",
                                       4));
  EXPECT_THAT(RunCheck(id, foreign), ResultIs(Finding::INDETERMINATE));
}

TEST(StartupServicing, Cases) {
  const auto start_up = [](CbsLogBuilder::Startup how) {
    return [how](CbsLogBuilder* log) {
      log->Boot(AfterDecember()).StartUp(AfterDecember() + kMinute, how, January().package);
    };
  };
  RunCases("cbs.startup-servicing",
           {{"healthy", Unchanged, Finding::PASS, "the last start-up servicing ended 2025-12-10"},
            {"poqexec failed",
             After(start_up(CbsLogBuilder::Startup::kFailed)),
             Finding::BLOCK,
             "start-up servicing failed 2025-12-15T08:01:11Z with 0x80070057",
             {{"CBS.log", "poqexec was moved to SetupExecute"}}},
            {"another restart is due", After(start_up(CbsLogBuilder::Startup::kRestart)),
             Finding::BLOCK, "was not done; it wants another restart"},
            {"the restart came, and it did not go on",
             [&](FakeVolume& volume) {
               start_up(CbsLogBuilder::Startup::kRestart)(volume.logs()->cbs());
               volume.Boot(AfterDecember() + 60 * kMinute);
               return volume.Build();
             },
             Finding::BLOCK, "did not go on at the restart 2025-12-15T09:00:00Z"},
            {"its result cannot be read", After([](CbsLogBuilder* log) {
               log->Line(AfterDecember(), "Startup: BlockTime: 10800000ms");
               log->Line(AfterDecember(), "Startup: Processing complete. [HRESULT = 0x800f09");
             }),
             Finding::INDETERMINATE, "the result of start-up servicing"},
            {"cut off", After(start_up(CbsLogBuilder::Startup::kInterrupted)), Finding::BLOCK,
             "began 2025-12-15T08:01:00Z and never ended"},
            {"hung", After(start_up(CbsLogBuilder::Startup::kHang)), Finding::BLOCK,
             "hung: 0x800f0920 (CBS_E_HANG_DETECTED)"},
            {"rolled back",
             After([](CbsLogBuilder* log) { log->Rollback(AfterDecember(), January().package); }),
             Finding::BLOCK, "0x800f0922"},
            {"rolled back, and the next start-up went well", After([&](CbsLogBuilder* log) {
               start_up(CbsLogBuilder::Startup::kRolledBack)(log);
               log->Boot(AfterDecember() + 60 * kMinute);
               log->CompletedStartup(AfterDecember() + 61 * kMinute, "Foo~31bf~amd64~~10.0.1.1");
             }),
             Finding::BLOCK, "rolled an update back 2025-12-15T08:01:00Z, and no cumulative"},
            {"failed, and a cumulative update was installed since", Before([&](CbsLogBuilder* log) {
               log->Boot(BeforeDecember())
                   .StartUp(BeforeDecember() + kMinute, CbsLogBuilder::Startup::kFailed,
                            December().package);
             }),
             Finding::PASS, "ended 2025-12-10"},
            {"failed, and the success has left no start-up in the log",
             [&](FakeVolume&) {
               FakeVolume volume(FakeVolume::LastUpdate::kAugust);
               volume.logs()->cbs()->Boot(BeforeDecember());
               volume.logs()->cbs()->FailedStartup(BeforeDecember() + kMinute, January().package);
               volume.AddPackage(December().package, 112, Time("2025-12-10T09:12:30Z"));
               return volume.Build();
             },
             Finding::INFO, "a cumulative update succeeded 2025-12-10T09:12:30Z"},
            {"no start-up on record",
             [](FakeVolume& volume) {
               MemorySource built = volume.Build();
               built.Remove("Windows/Logs/CBS");
               built.AddFile(kCbsLog, CbsLogBuilder().Boot(AfterDecember()).Text());
               return built;
             },
             Finding::PASS, "tell of no start-up servicing"}});
  ExpectNeedsCbsLog("cbs.startup-servicing");
}

TEST(TransactionRefused, Cases) {
  RunCases("cbs.transaction-refused",
           {{"healthy", Unchanged, Finding::PASS, "no transaction that was refused"},
            {"refused", [](FakeVolume&) { return FindScenario("transaction-refused").build(); },
             Finding::BLOCK, "servicing was refused 2025-12-15T07:00:0"},
            {"refused, and then start-up servicing went through", After([](CbsLogBuilder* log) {
               log->BlockedUpdate(AfterDecember(), January().package, January().kb);
               log->Boot(AfterDecember() + kMinute);
               log->CompletedStartup(AfterDecember() + 2 * kMinute, January().package);
             }),
             Finding::INFO, "a transaction stood in the way until 2025-12-15"},
            {"refused, and then start-up servicing failed", After([](CbsLogBuilder* log) {
               log->BlockedUpdate(AfterDecember(), January().package, January().kb);
               log->Boot(AfterDecember() + kMinute);
               log->FailedStartup(AfterDecember() + 2 * kMinute, January().package);
             }),
             Finding::BLOCK, "servicing was refused"},
            {"refused, and then a cumulative update was installed", Before([](CbsLogBuilder* log) {
               log->BlockedUpdate(BeforeDecember(), December().package, December().kb);
             }),
             Finding::INFO, "stood in the way until"}});
  ExpectNeedsCbsLog("cbs.transaction-refused");
}

TEST(RestartStuck, Cases) {
  const auto skip = [](FileTime t, CbsLogBuilder* log) {
    log->Line(t,
              "TI: started and RebootPending volatile key indicates that a reboot is pending, "
              "skip startup processing.");
  };
  RunCases("cbs.restart-stuck",
           {{"healthy", Unchanged, Finding::PASS, "no restart mark that outlived a restart"},
            {"skipped once", After([&](CbsLogBuilder* log) { skip(AfterDecember(), log); }),
             Finding::INFO, "was skipped 2025-12-15T08:00:00Z because a restart was due"},
            {"skipped again after a restart",
             [&](FakeVolume& volume) {
               skip(AfterDecember(), volume.logs()->cbs());
               volume.Boot(AfterDecember() + 60 * kMinute);
               skip(AfterDecember() + 65 * kMinute, volume.logs()->cbs());
               return volume.Build();
             },
             Finding::BLOCK, "the restart mark came back after 1 restart"},
            {"twice within one boot", After([&](CbsLogBuilder* log) {
               skip(AfterDecember(), log);
               skip(AfterDecember() + kMinute, log);
             }),
             Finding::INFO, "because a restart was due"},
            {"a cumulative update was installed since",
             [&](FakeVolume&) {
               FakeVolume volume(FakeVolume::LastUpdate::kAugust);
               skip(BeforeDecember(), volume.logs()->cbs());
               volume.Boot(BeforeDecember() + 60 * kMinute);
               skip(BeforeDecember() + 65 * kMinute, volume.logs()->cbs());
               volume.Pend(December(), Time("2025-12-10T09:00:00Z"));
               volume.Finish(December(), Time("2025-12-10T09:10:00Z"));
               return volume.Build();
             },
             Finding::INFO, "because a restart was due"}});
  ExpectNeedsCbsLog("cbs.restart-stuck");
}

TEST(StackState, Cases) {
  const auto say = [](FileTime t, const char* text) {
    return [t, text](CbsLogBuilder* log) { log->Line(t, text); };
  };
  constexpr char kRepair[] = "Servicing stack state needed repair and can't continue";
  constexpr char kCrashed[] =
      "TI: It looks like TI crashed or was interrupted last time it was started";
  RunCases(
      "cbs.stack-state",
      {{"healthy", Unchanged, Finding::PASS, "no trouble of the servicing stack"},
       {"needed repair", After(say(AfterDecember(), kRepair)), Finding::BLOCK,
        "needed repair and could not go on 2025-12-15T08:00:00Z"},
       {"needed repair, before the last cumulative update", Before(say(BeforeDecember(), kRepair)),
        Finding::INFO, "servicing succeeded 2025-12-10"},
       {"interrupted", After(say(AfterDecember(), kCrashed)), Finding::WARN,
        "TrustedInstaller was interrupted 2025-12-15"},
       {"interrupted, and then a session finished", Before(say(BeforeDecember(), kCrashed)),
        Finding::INFO, "servicing succeeded"}});
  ExpectNeedsCbsLog("cbs.stack-state");
}

TEST(CorruptionReported, Cases) {
  const std::vector<CbsLogBuilder::Corruption> payload = {
      {"CSI Payload Corrupt",
       "amd64_x_31bf3856ad364e35_10.0.26100.1_none_0123456789abcdef\\x.dll"}};
  const std::vector<CbsLogBuilder::Corruption> manifest = {
      {"CSI Manifest Corrupt", "amd64_x_31bf3856ad364e35_10.0.26100.1_none_0123456789abcdef"}};
  const std::vector<CbsLogBuilder::Corruption> reverse_delta = {
      {"CSI Payload Corrupt",
       "amd64_x_31bf3856ad364e35_10.0.26100.1_none_0123456789abcdef\\r\\x.dll"}};
  const std::vector<CbsLogBuilder::Corruption> repaired = {
      {"CSI Payload Corrupt", "amd64_x_31bf3856ad364e35_10.0.26100.1_none_0123456789abcdef\\x.dll",
       'w'}};
  const auto check = [](FileTime t, std::vector<CbsLogBuilder::Corruption> corruptions,
                        uint32_t result = 0) {
    return
        [=](CbsLogBuilder* log) { log->StoreCheck(t, "Detect and Repair", result, corruptions); };
  };
  RunCases(
      "store.corruption-reported",
      {{"healthy", Unchanged, Finding::PASS, "no unrepaired corruption"},
       {"the scenario",
        [](FakeVolume&) { return FindScenario("store-corruption").build(); },
        Finding::BLOCK,
        "2 unrepaired corruptions, package or component manifests among them",
        {{"CBS.log", "CBS MUM Missing: servicing\\Packages"}, {"Setup.evtx record", "event 1014"}}},
       {"payload", After(check(AfterDecember(), payload)), Finding::WARN,
        "has 1 unrepaired corruption"},
       {"manifest", After(check(AfterDecember(), manifest)), Finding::BLOCK,
        "manifests among them"},
       {"reverse delta", After(check(AfterDecember(), reverse_delta)), Finding::PASS, "no unrep"},
       {"repaired", After(check(AfterDecember(), repaired)), Finding::PASS, "no unrepaired"},
       {"nothing found", After(check(AfterDecember(), {})), Finding::PASS, "no unrepaired"},
       // "Total Detected Corruption: 0" of a check that never ran.
       {"did not run", After(check(AfterDecember(), {}, 0x80070BC9)), Finding::WARN,
        "did not run to its end: 0x80070bc9"},
       {"did not run, and then ran", After([&](CbsLogBuilder* log) {
          check(AfterDecember(), {}, 0x80070BC9)(log);
          check(AfterDecember() + kMinute, {})(log);
        }),
        Finding::PASS, "no unrepaired"},
       {"damage, and a later check found none", After([&](CbsLogBuilder* log) {
          check(AfterDecember(), manifest)(log);
          check(AfterDecember() + kMinute, {})(log);
        }),
        Finding::PASS, "no unrepaired"},
       {"damage, and a cumulative update was installed since",
        Before(check(BeforeDecember(), manifest)), Finding::INFO,
        "a cumulative update succeeded 2025-12-10"},
       {"corruption mark on an update's package", After([](CbsLogBuilder* log) {
          log->Line(
              AfterDecember(),
              absl::StrCat("Store corruption, manifest missing for package: ", December().package),
              "Error");
        }),
        Finding::BLOCK, "servicing found the store corrupt"},
       {"corruption mark on something else", After([](CbsLogBuilder* log) {
          log->Line(AfterDecember(),
                    "Store corruption, manifest missing for package: "
                    "Microsoft-Windows-Foo-Package~31bf3856ad364e35~amd64~~10.0.26100.1",
                    "Error");
        }),
        Finding::WARN, "servicing found the store corrupt"},
       {"automatic repair could not mend all",
        [](FakeVolume& volume) {
          eventlog::AddStoreRepairFinish(AfterDecember(), 0, 1, 3, volume.logs()->setup());
          return volume.Build();
        },
        Finding::WARN, "automatic repair mended 1 of 3 corruptions"},
       {"automatic repair mended all",
        [](FakeVolume& volume) {
          eventlog::AddStoreRepairFinish(AfterDecember(), 0, 3, 3, volume.logs()->setup());
          return volume.Build();
        },
        Finding::PASS, "no unrepaired"},
       {"an update failed because of the store",
        [](FakeVolume&) {
          FakeVolume volume(FakeVolume::LastUpdate::kAugust);
          volume.logs()->Fail(December(), Time("2025-12-10T09:00:00Z"), 0x80073712, "x");
          return volume.Build();
        },
        Finding::BLOCK, "failed with 0x80073712 (ERROR_SXS_COMPONENT_STORE_CORRUPT): the store"}});
  ExpectNeedsCbsLog("store.corruption-reported");
}

// The mark stays until a repair takes it away; a check that found nothing since makes it an old
// one.
TEST(StoreCorruptionFlag, ALaterCleanCheckMakesItStale) {
  const auto mark = [](FileTime written, std::vector<CbsLogBuilder::Corruption> corruptions) {
    FakeVolume volume;
    volume.components()->SetDword("CorruptionDetectedDuringAcr", 1)->set_last_written(written);
    volume.logs()->cbs()->StoreCheck(AfterDecember(), "Detect only", 0, corruptions);
    return RunCheck("store.corruption-flag", volume.Build());
  };
  EXPECT_THAT(mark(BeforeDecember(), {}), ResultIs(Finding::INFO));
  EXPECT_THAT(mark(BeforeDecember(), {}),
              SummaryHas("found nothing 2025-12-15T08:00:00Z, after that was written"));
  EXPECT_THAT(mark(BeforeDecember(), {{"CSI Payload Corrupt", "x\\x.dll"}}),
              ResultIs(Finding::WARN));
  EXPECT_THAT(mark(AfterDecember() + kMinute, {}), ResultIs(Finding::WARN));
}

TEST(Logs, Cases) {
  const auto without = [](const char* path) {
    return [path](FakeVolume& volume) {
      MemorySource built = volume.Build();
      built.Remove(path);
      return built;
    };
  };
  RunCases("evidence.logs",
           {{"healthy", Unchanged, Finding::PASS, "reach back to the last cumulative update"},
            {"no Setup.evtx", without("Windows/System32/winevt/Logs/Setup.evtx"),
             Finding::INDETERMINATE, "Setup.evtx"},
            {"no System.evtx", without("Windows/System32/winevt/Logs/System.evtx"),
             Finding::INDETERMINATE, "System.evtx"},
            {"no folder of event logs", without("Windows/System32/winevt/Logs"),
             Finding::INDETERMINATE, "winevt"},
            {"rotated away",
             [](FakeVolume&) { return FindScenario("logs-rotated-away").build(); },
             Finding::INDETERMINATE,
             "Setup.evtx",
             {{"CBS.log", "the last cumulative update was installed 2025-12-10"}}},
            {"CBS.log begins later",
             [](FakeVolume& volume) {
               MemorySource built = volume.Build();
               built.Remove("Windows/Logs/CBS");
               built.AddFile(kCbsLog, CbsLogBuilder().Boot(AfterDecember()).Text());
               return built;
             },
             Finding::INFO, "CBS.log (from 2025-12-15T08:00:30Z)"}});
  ExpectNeedsCbsLog("evidence.logs");
}

}  // namespace
}  // namespace patchgate::gate::checks
