#include "servicing/cbs/log/cbs_log_reader.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "servicing/cab/cab_builder.h"
#include "servicing/cbs/log/cbs_log_fixtures.h"
#include "servicing/evidence/memory_source.h"

namespace patchgate::cbs {
namespace {

using absl::StrCat;
using absl::string_view;
using evidence::MemorySource;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr FileTime kSecond = kFileTimeTicksPerSecond, kMinute = 60 * kSecond;
constexpr char kPackage[] = "Package_for_RollupFix~31bf3856ad364e35~amd64~~26100.7462.1.9";
constexpr char kFolder[] = "Windows/Logs/CBS/";

FileTime At(string_view rfc3339) { return *ParseRfc3339(rfc3339); }
const FileTime kTime = At("2026-01-13T18:00:00Z");

CbsLog ReadText(string_view text) {
  CbsLog log;
  ReadCbsLogText("CBS.log", text, &log);
  return log;
}
CbsLog ReadBuilt(const CbsLogBuilder& builder) { return ReadText(builder.Text()); }

std::vector<std::string> GapsOf(const Collection& collection) {
  std::vector<std::string> gaps;
  for (const Gap& gap : collection.gaps()) gaps.push_back(StrCat(gap.where(), ": ", gap.what()));
  return gaps;
}

const CbsMark* FindMark(const CbsLog& log, CbsMark::Kind kind) {
  for (const CbsMark& mark : log.marks()) {
    if (mark.kind() == kind) return &mark;
  }
  return nullptr;
}

// Everything that a text may say, apart from the file's own description.
std::string FactsOf(CbsLog log) {
  log.clear_files();
  log.clear_collection();
  log.clear_first();
  log.clear_last();
  return log.DebugString();
}

// The life of an update

TEST(CbsLogTest, HealthyUpdate) {
  CbsLogBuilder b(-360);
  b.Boot(kTime).PendedUpdate(kTime + kMinute, kPackage, "KB5072033");
  b.Shutdown(kTime + 5 * kMinute).Boot(kTime + 6 * kMinute);
  b.StartUp(kTime + 7 * kMinute, CbsLogBuilder::Startup::kRestart, kPackage);
  b.Boot(kTime + 8 * kMinute).CompletedStartup(kTime + 9 * kMinute, kPackage);
  const CbsLog log = ReadBuilt(b);
  EXPECT_EQ(log.collection().status(), Collection::COLLECTED);
  EXPECT_THAT(GapsOf(log.files(0).collection()), IsEmpty());
  EXPECT_EQ(log.files(0).utc_offset_minutes(), -360);
  EXPECT_EQ(log.dropped(), 0u);

  ASSERT_EQ(log.sessions_size(), 1);
  const CbsLogSession& session = log.sessions(0);
  EXPECT_EQ(session.id(), CbsLogBuilder::SessionId(kTime + kMinute));
  EXPECT_EQ(session.created_filetime(), kTime + kMinute);
  EXPECT_EQ(session.client(), "UpdateAgentLCU");
  EXPECT_EQ(session.begun().filetime(), kTime + kMinute);
  EXPECT_EQ(session.finished().filetime(), kTime + kMinute + 3 * kSecond);
  EXPECT_EQ(session.result(), 0x80070bc2);
  EXPECT_TRUE(session.reboot_required());
  ASSERT_EQ(session.packages_size(), 1);
  EXPECT_EQ(session.packages(0).identity(), kPackage);
  EXPECT_EQ(session.packages(0).identifier(), "KB5072033");
  EXPECT_EQ(session.packages(0).result(), 0x80070bc2);

  ASSERT_EQ(log.startups_size(), 3);
  EXPECT_TRUE(log.startups(0).shutdown());
  EXPECT_THAT(log.startups(0).execute_states(), ElementsAre("CbsExecuteStateStageDrivers"));
  EXPECT_TRUE(log.startups(0).has_finished());
  const CbsStartup& first = log.startups(1);
  EXPECT_EQ(first.result(), 0x80070bc2);
  EXPECT_TRUE(first.restart_required());
  EXPECT_EQ(first.primitives_result(), 0u);
  EXPECT_FALSE(first.primitives_failed());
  EXPECT_FALSE(first.lkg_enabled());
  const CbsStartup& last = log.startups(2);
  EXPECT_EQ(last.begun().filetime(), kTime + 9 * kMinute);
  EXPECT_FALSE(last.begun().local());
  EXPECT_EQ(last.result(), 0u);
  EXPECT_TRUE(last.has_result());
  EXPECT_THAT(last.execute_states(),
              ElementsAre("CbsExecuteStatePrimitives", "CbsExecuteStateResolvePending",
                          "CbsExecuteStateComplete", "ExecuteStateNone"));
  EXPECT_TRUE(last.lkg_enabled());
  EXPECT_TRUE(last.pending_deleted());
  EXPECT_TRUE(last.cleared_failure_status());
  EXPECT_EQ(last.retrieved_failure_status(), 0u);
  EXPECT_EQ(last.last_forward_state(), "CbsExecuteStateStageDrivers");
  EXPECT_FALSE(last.rollback());
  ASSERT_EQ(last.packages_size(), 1);
  EXPECT_EQ(last.packages(0).identity(), kPackage);
  EXPECT_EQ(last.packages(0).new_state(), "Installed");
  EXPECT_EQ(last.packages(0).original_state(), "Staged");
  EXPECT_EQ(last.packages(0).target_state(), "Installed");
  EXPECT_EQ(last.packages(0).result(), 0u);

  const CbsMark* booted = FindMark(log, CbsMark::BOOTED);
  ASSERT_NE(booted, nullptr);
  EXPECT_EQ(booted->event_filetime(), kTime);
  EXPECT_EQ(FindMark(log, CbsMark::STACK_LOADED)->subject(), "10.0.26100.7019");
  EXPECT_EQ(FindMark(log, CbsMark::STACK_LOADED)->count(), 3u);
  EXPECT_EQ(FindMark(log, CbsMark::REBOOT_REQUIRED)->count(), 2u);
  EXPECT_NE(FindMark(log, CbsMark::REBOOT_MARK_CLEARED), nullptr);
}

struct StartupCase {
  const char* name;
  CbsLogBuilder::Startup how;
  uint32_t result;  // 0xFFFFFFFF: the run did not finish.
  bool rollback, hang, installers_failed, primitives_failed;
};
class Startups : public testing::TestWithParam<StartupCase> {};

TEST_P(Startups, LeaveTheirFacts) {
  const CbsLog log = ReadBuilt(CbsLogBuilder(60).Boot(kTime).StartUp(kTime, GetParam().how, "P"));
  ASSERT_EQ(log.startups_size(), 1);
  const CbsStartup& startup = log.startups(0);
  const bool finished = GetParam().result != 0xFFFFFFFF;
  EXPECT_EQ(startup.has_finished(), finished);
  EXPECT_EQ(startup.has_result(), finished);
  if (finished) {
    EXPECT_EQ(startup.result(), GetParam().result);
  }
  EXPECT_EQ(startup.rollback(), GetParam().rollback);
  EXPECT_EQ(startup.hang_detected(), GetParam().hang);
  EXPECT_EQ(startup.installers_failed(), GetParam().installers_failed);
  EXPECT_EQ(startup.primitives_failed(), GetParam().primitives_failed);
  EXPECT_EQ(startup.moved_to_setup_execute(), GetParam().primitives_failed);
  EXPECT_EQ(FindMark(log, CbsMark::POQEXEC_FAILED) != nullptr, GetParam().primitives_failed);
}

INSTANTIATE_TEST_SUITE_P(
    All, Startups,
    testing::Values(
        StartupCase{"Completed", CbsLogBuilder::Startup::kCompleted, 0, false, false, false, false},
        StartupCase{"Restart", CbsLogBuilder::Startup::kRestart, 0x80070bc2, false, false, false,
                    false},
        StartupCase{"Failed", CbsLogBuilder::Startup::kFailed, 0x80070bc2, false, false, false,
                    true},
        StartupCase{"RolledBack", CbsLogBuilder::Startup::kRolledBack, 0x80070bc2, true, false,
                    true, false},
        StartupCase{"Hang", CbsLogBuilder::Startup::kHang, 0xFFFFFFFF, true, true, true, false},
        StartupCase{"Interrupted", CbsLogBuilder::Startup::kInterrupted, 0xFFFFFFFF, false, false,
                    false, false}),
    [](const auto& test) { return test.param.name; });

TEST(CbsLogTest, RollbackWith0x800f0922) {
  const CbsLog log = ReadBuilt(CbsLogBuilder(0).Boot(kTime).Rollback(kTime, kPackage));
  ASSERT_EQ(log.startups_size(), 2);
  EXPECT_EQ(log.startups(0).set_failure_status(), 0x800f0922);
  EXPECT_EQ(log.startups(1).retrieved_failure_status(), 0x800f0922);
  EXPECT_EQ(log.startups(1).result(), 0x800f0922);
  EXPECT_EQ(log.startups(1).packages(0).new_state(), "Staged");
  EXPECT_EQ(log.startups(1).packages(0).result(), 0x800f0922);
  ASSERT_EQ(log.failure_reports_size(), 1);
  EXPECT_EQ(log.failure_reports(0).package(), kPackage);
  EXPECT_EQ(log.failure_reports(0).status(), 0x800f0922);
  EXPECT_EQ(log.failure_reports(0).failure_source(), "AI");
  EXPECT_EQ(log.failure_reports(0).start_state(), "Staged");
  EXPECT_EQ(log.failure_reports(0).target_state(), "Installed");
  EXPECT_EQ(log.failure_reports(0).client(), "UpdateAgentLCU");
}

TEST(CbsLogTest, AnEarlierTransactionBlocks) {
  const CbsLog log = ReadBuilt(CbsLogBuilder(0).Boot(kTime).BlockedUpdate(kTime, "P", "KB1"));
  EXPECT_EQ(FindMark(log, CbsMark::TRANSACTION_PENDING)->count(), 1u);  // With a code, and …
  int pending = 0;
  for (const CbsMark& mark : log.marks()) pending += mark.kind() == CbsMark::TRANSACTION_PENDING;
  EXPECT_EQ(pending, 2);  // … CSI's without.
  ASSERT_EQ(log.sessions_size(), 1);
  EXPECT_TRUE(log.sessions(0).reboot_required());
}

TEST(CbsLogTest, FailedUpdate) {
  const CbsLog log = ReadBuilt(
      CbsLogBuilder(0).FailedUpdate(kTime, kPackage, "KB1", 0x800f0831, "CBS_E_STORE_CORRUPTION"));
  EXPECT_EQ(log.sessions(0).result(), 0x800f0831);
  EXPECT_EQ(FindMark(log, CbsMark::COMMIT_FAILED)->hresult(), 0x800f0831);
  EXPECT_EQ(log.failure_reports_size(), 1);
}

// A session without restart sets states, LKG and the rollback flag too; no start-up is to be made
// of it, and the one before must not change.
TEST(CbsLogTest, SessionsDoNotTouchStartups) {
  CbsLogBuilder b(0);
  b.Boot(kTime).CompletedStartup(kTime, kPackage);
  const std::string before = ReadBuilt(b).startups(0).DebugString();
  b.InstalledUpdate(kTime + 60 * kMinute, "P", "KB1");
  b.Line(kTime + 70 * kMinute, "Exec: Processing started.  Session: 1_2, Package: P");
  b.Line(kTime + 70 * kMinute, "Disabling LKG boot option");
  b.Line(kTime + 70 * kMinute, "Setting ExecuteState key to: CbsExecuteStateInitiateRollback");
  b.Line(kTime + 70 * kMinute, "Setting RollbackFailed flag to 1");
  const CbsLog log = ReadBuilt(b);
  ASSERT_EQ(log.startups_size(), 1);
  EXPECT_EQ(log.startups(0).DebugString(), before);
}

TEST(CbsLogTest, RollbackOutsideAnyRunIsARunUntilASessionClaimsIt) {
  CbsLogBuilder b(0);
  b.Line(kTime, "Setting ExecuteState key to: CbsExecuteStateInitiateRollback");
  EXPECT_EQ(ReadBuilt(b).startups_size(), 1);
  b.Line(kTime,
         "Exec: Processing complete.  Session: 1_2, Package: P "
         "[HRESULT = 0x800f0922 - CBS_E_INSTALLERS_FAILED]");
  EXPECT_EQ(ReadBuilt(b).startups_size(), 0);
}

TEST(CbsLogTest, AnInterruptedStartupStaysUnfinished) {
  CbsLogBuilder b(0);
  b.Boot(kTime).StartUp(kTime, CbsLogBuilder::Startup::kInterrupted, kPackage);
  b.Boot(kTime + 5 * kMinute);
  b.Line(kTime + 6 * kMinute, "Enabling LKG boot option");
  const CbsLog log = ReadBuilt(b);
  ASSERT_EQ(log.startups_size(), 1);
  EXPECT_FALSE(log.startups(0).has_finished());
  EXPECT_FALSE(log.startups(0).lkg_enabled());
}

// Store checks

TEST(CbsLogTest, StoreCheck) {
  CbsLogBuilder b(0);
  b.StoreCheck(kTime, "Detect only", 0,
               {{"CSI Payload Corrupt", "amd64_a\\x.dll"},
                {"CSI Payload Corrupt", "amd64_b\\r\\y.dll"},
                {"CSI Payload Corrupt", "amd64_c\\f\\z.dll", 'b'},
                {"CBS MUM Missing", "servicing\\Packages\\p.mum"},
                {"CSI Manifest Corrupt", "amd64_d", 'w'}});
  b.Line(kTime, "(p)\tCBS Catalog Missing\t(w)\t(Fixed)\toutside");  // The block is over.
  const CbsLog log = ReadBuilt(b);
  ASSERT_EQ(log.store_checks_size(), 1);
  const CbsStoreCheck& check = log.store_checks(0);
  EXPECT_EQ(check.operation(), "Detect only");
  EXPECT_EQ(check.result(), 0u);
  EXPECT_TRUE(check.has_result());
  EXPECT_EQ(check.last_step(), "Stage package detection completes.");
  EXPECT_EQ(check.detected(), 5u);
  EXPECT_EQ(check.repaired(), 2u);
  EXPECT_EQ(check.corruptions_total(), 5u);
  EXPECT_EQ(check.unrepaired_total(), 3u);
  EXPECT_EQ(check.unrepaired_reverse_deltas(), 1u);
  EXPECT_EQ(check.unrepaired_metadata(), 1u);
  EXPECT_TRUE(check.flagged());
  EXPECT_EQ(check.times_detected(), 1u);
  EXPECT_EQ(check.corruptions(1).path(), "amd64_b\\r\\y.dll");
  EXPECT_TRUE(check.corruptions(2).repaired());
}

TEST(CbsLogTest, CorruptionLines) {
  const struct {
    const char* line;
    const char* kind;
    const char* path;
    bool repaired;
  } kCases[] = {
      {"(p)\tCSI Manifest Corrupt\t\t(w)\t(Fixed)\twow64_a", "CSI Manifest Corrupt", "wow64_a",
       true},
      {"(p)\tCBS MUM Missing\t\t\t\t(n)\t\t\tP~1", "CBS MUM Missing", "P~1", false},
      {"(f)\tCBS MUM Corrupt\t0x00000000\tservicing\\Packages\\P.mum\t\tExpected file name P.mum",
       "CBS MUM Corrupt", "servicing\\Packages\\P.mum", false},
      {"(p)\tCSI Payload Corrupt\t(x)\t\t\tnew mark", "CSI Payload Corrupt", "new mark", false},
      {"(p)\t", "", "", false},
      {"(p)\tCSI Payload Corrupt\t(n)\t\t\t(b)", "CSI Payload Corrupt", "", true},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.line);
    const CbsLog log = ReadBuilt(
        CbsLogBuilder(0).Line(kTime, "Checking System Update Readiness.").Line(kTime, c.line));
    ASSERT_EQ(log.store_checks(0).corruptions_size(), 1);
    EXPECT_EQ(log.store_checks(0).corruptions(0).kind(), c.kind);
    EXPECT_EQ(log.store_checks(0).corruptions(0).path(), c.path);
    EXPECT_EQ(log.store_checks(0).corruptions(0).repaired(), c.repaired);
  }
}

TEST(CbsLogTest, ACheckThatDidNotRun) {
  const CbsLog log =
      ReadBuilt(CbsLogBuilder(0).StoreCheck(kTime, "Detect and Repair", 0x80070bc9, {}));
  EXPECT_EQ(log.store_checks(0).result(), 0x80070bc9);
  EXPECT_EQ(log.store_checks(0).detected(), 0u);
  // Nothing was repaired: the fact is there, and it is zero.
  EXPECT_TRUE(log.store_checks(0).has_repaired());
  EXPECT_FALSE(log.store_checks(0).flagged());
}

TEST(CbsLogTest, CheckSurLogHasNoDates) {
  CbsLog log;
  ReadCbsLogText("C:\\Windows\\Logs\\CBS\\CheckSUR.log",
                 "\xEF\xBB\xBF"
                 "Checking System Update Readiness.\r\n"
                 "(f)\tCBS MUM Corrupt\t0x00000000\tservicing\\Packages\\P.mum\r\n"
                 "Operation result: 0x800f081f\r\nTotal Detected Corruption:\t1\r\n",
                 &log);
  ASSERT_EQ(log.store_checks_size(), 1);
  EXPECT_EQ(log.store_checks(0).time().filetime(), 0u);
  EXPECT_EQ(log.store_checks(0).unrepaired_metadata(), 1u);
  EXPECT_EQ(log.store_checks(0).result(), 0x800f081f);
}

TEST(CbsLogTest, Sfc) {
  CbsLogBuilder b(0);
  b.Csi(kTime, "[SR] Verifying 100 components").Csi(kTime, "[SR] Verify complete");
  b.Csi(kTime, "[SR] Repairing 2 components");
  for (int i = 0; i < 2; ++i) {  // sfc says so once when it verifies and once when it repairs.
    b.Csi(kTime,
          "[SR] Cannot repair member file [l:9]'ntdll.dll' of Microsoft-Windows-Ntdll, version "
          "10.0.19041.2788, arch amd64, nonSxS, pkt {l:8 b:31bf3856ad364e35} in the store, hash "
          "mismatch");
  }
  b.Csi(kTime,
        "[SR] Cannot repair member file [l:18{9}]\"img11.jpg\" of Microsoft-Windows-Shell, Version "
        "= 6.0.5720.0, in the store, hash mismatch");
  b.Csi(kTime,
        "[SR] Could not reproject corrupted file [l:23 ml:24]'\\??\\C:\\Windows\\System32'\\"
        "[l:9]'ntdll.dll'; source file in store is also corrupted");
  b.Csi(kTime, "[SR] Repaired file \\SystemRoot\\a by copying from backup");
  b.Csi(kTime, "[SR] Repair complete");
  b.Line(kTime, "[Pnp] Corrupt file: C:\\Windows\\System32\\drivers\\a.sys", "Info", "DEPLOY");
  b.Line(kTime, "[Pnp] Repaired file: C:\\WINDOWS\\System32\\drivers\\A.sys", "Info", "DEPLOY");
  b.Line(kTime, "[Pnp] Corrupt file: C:\\Windows\\System32\\drivers\\b.sys", "Info", "DEPLOY");
  b.Csi(kTime + kMinute, "[SR] Verifying 100 components");
  b.Csi(kTime + 120 * kMinute, "[SR] Verifying 100 components");
  b.Csi(kTime + 120 * kMinute, "[SR] Verify complete");
  const CbsLog log = ReadBuilt(b);
  ASSERT_EQ(log.sfc_runs_size(), 3);
  EXPECT_EQ(log.sfc_runs(0).cannot_repair(), 3u);
  EXPECT_EQ(log.sfc_runs(0).repaired(), 2u);
  EXPECT_TRUE(log.sfc_runs(0).complete());
  EXPECT_THAT(
      log.sfc_runs(0).unrepaired_files(),
      ElementsAre("ntdll.dll of Microsoft-Windows-Ntdll", "img11.jpg of Microsoft-Windows-Shell",
                  "C:\\Windows\\System32\\drivers\\b.sys"));
  EXPECT_FALSE(log.sfc_runs(1).complete());
  EXPECT_TRUE(log.sfc_runs(2).complete());
}

// Marks

struct MarkCase {
  const char* message;
  CbsMark::Kind kind;
  const char* subject = "";
  uint32_t hresult = 0;
  const char* component = "CBS";
  const char* level = "Info";
};

TEST(CbsLogTest, Marks) {
  const MarkCase kCases[] = {
      {"TI: CBS has signaled that a reboot is required.", CbsMark::REBOOT_REQUIRED},
      {"Reboot mark set", CbsMark::REBOOT_REQUIRED},
      {"Reboot mark cleared", CbsMark::REBOOT_MARK_CLEARED},
      {"TI: started and RebootPending volatile key indicates that a reboot is pending, skip "
       "startup "
       "processing.",
       CbsMark::STARTUP_SKIPPED},
      {"TI: It looks like TI crashed or was interrupted last time it was started",
       CbsMark::TI_INTERRUPTED},
      {"TrustedInstaller terminated with pending operations.", CbsMark::TI_ENDED_PENDING},
      {"Servicing stack state needed repair and can't continue", CbsMark::STACK_NEEDS_REPAIR, "", 0,
       ""},
      {"arbiter: Servicing stack state needed repair and can't continue",
       CbsMark::STACK_NEEDS_REPAIR, "", 0, ""},
      {"Failed to get transaction analysis because of pending operations. Disposition from "
       "Analyze: "
       "0x1 [HRESULT = 0x80070bc9 - ERROR_FAIL_REBOOT_REQUIRED]",
       CbsMark::TRANSACTION_PENDING, "", 0x80070bc9},
      {"Failed to create CSI transaction with id: TI5.1_2:1/. A pending repair transaction already "
       "exists, reboot is required [HRESULT = 0x80070bc9 - ERROR_FAIL_REBOOT_REQUIRED]",
       CbsMark::TRANSACTION_PENDING, "", 0x80070bc9},
      {"00000006 Pending transaction content must be resolved, cannot begin another transaction "
       "yet",
       CbsMark::TRANSACTION_PENDING, "", 0, "CSI"},
      {"Exec: Failed to commit CSI transaction to execute changes. [HRESULT = 0x80070308 - "
       "ERROR_REQUEST_OUT_OF_SEQUENCE]",
       CbsMark::COMMIT_FAILED, "", 0x80070308, "CBS", "Error"},
      {"00000329@2023/5/23:16:17:36.574 (F) Attempting to mark store corrupt with category [l:18 "
       "ml:19]'CorruptPayloadFile'[gle=0x80004005]",
       CbsMark::STORE_CORRUPT, "CorruptPayloadFile", 0, "CSI", "Error"},
      {"00000329 Attempting to mark store corrupt with category [ml:42{21},l:36{18}]"
       "\"CorruptPayloadFile\"",
       CbsMark::STORE_CORRUPT, "CorruptPayloadFile", 0, "CSI"},
      {"Mark store corruption flag because of package: P~1~amd64~~6.3.1.4. [HRESULT = 0x800f0831 - "
       "CBS_E_STORE_CORRUPTION]",
       CbsMark::STORE_CORRUPT, "P~1~amd64~~6.3.1.4", 0x800f0831},
      {"Store corruption, manifest missing for package: P~1~amd64~~6.3.1.4",
       CbsMark::MANIFEST_MISSING, "P~1~amd64~~6.3.1.4"},
      {"0000031b (F) Hydration failed for component Microsoft-Windows-Ntdll, version 10.0.1.2, "
       "arch "
       "amd64, nonSxS on file ntdll.dll with NTSTATUS -1073283059.[gle=0x80004005]",
       CbsMark::HYDRATION_FAILED, "Microsoft-Windows-Ntdll\\ntdll.dll", 0, "CSI", "Error"},
      {"Doqe: Failed installing driver updates [HRESULT = 0x8007000d - ERROR_INVALID_DATA]",
       CbsMark::DRIVERS_FAILED, "", 0x8007000d},
      {"Startup: Rolling back KTM, because drivers failed.", CbsMark::DRIVERS_FAILED},
      {"SpaceCheck: Insufficient free space", CbsMark::SPACE_INSUFFICIENT},
      {"ServicingBootFiles failed. Error = 0x70", CbsMark::SPACE_INSUFFICIENT},
      {"00000055 (F) hypervisor: Bfs Hypervisor Launch Type mirroring failed",
       CbsMark::BOOT_CONFIGURATION, "", 0, "CSI", "Error"},
      {"Failure in poqexec.exe while processing updates. [HRESULT = 0x80070057 - E_INVALIDARG]",
       CbsMark::POQEXEC_FAILED, "", 0x80070057},
      {"Not able to add pending.xml to Windows Error Report. [HRESULT = 0x80070002 - "
       "ERROR_FILE_NOT_FOUND]",
       CbsMark::PENDING_XML_ABSENT, "", 0x80070002},
      {"Failed to flush. [HRESULT = 0x800719e4 - ERROR_LOG_FULL]", CbsMark::LOG_FULL, "",
       0x800719e4},
      {"00000001 (F) STATUS_LOG_FULL #1# from X(...)[gle=0xd01a001d]", CbsMark::LOG_FULL, "",
       0xd01a001d, "CSI", "Error"},
      {"Loaded Servicing Stack v10.0.26100.7019 with Core: C:\\x", CbsMark::STACK_LOADED,
       "10.0.26100.7019"},
  };
  for (const MarkCase& c : kCases) {
    SCOPED_TRACE(c.message);
    const CbsLog log = ReadBuilt(CbsLogBuilder(0).Line(kTime, c.message, c.level, c.component));
    ASSERT_EQ(log.marks_size(), 1);
    EXPECT_EQ(log.marks(0).kind(), c.kind);
    EXPECT_EQ(log.marks(0).subject(), c.subject);
    EXPECT_EQ(log.marks(0).has_hresult(), c.hresult != 0);
    EXPECT_EQ(log.marks(0).hresult(), c.hresult);
    EXPECT_EQ(log.marks(0).count(), 1u);
    EXPECT_FALSE(log.marks(0).text().empty());
    EXPECT_EQ(log.files(0).matched(), 1u);
  }
}

TEST(CbsLogTest, DriverFailuresNameTheInf) {
  CbsLogBuilder b(0);
  b.Line(kTime, "Doqe: Recording result: 0x00000000, for Inf: good.inf");
  b.Line(kTime, "Doqe: Recording result: 0x8007000d, for Inf: mshdc.inf");
  b.Line(kTime, "Doqe: Recording result: 0x00000000, for Inf: other.inf");
  b.Line(kTime, "Doqe: Failed installing driver updates [HRESULT = 0x8007000d - X]");
  EXPECT_EQ(ReadBuilt(b).marks(0).subject(), "mshdc.inf");
}

// None of these may become a fact.
TEST(CbsLogTest, NoFacts) {
  const MarkCase kCases[] = {
      // A phrase anywhere but at the beginning.
      {"Appl: Package: Reboot mark set~31bf3856ad364e35~amd64~~1.0.0.0", CbsMark::BOOTED},
      {"Deleting file C:\\Startup: Processing complete. [HRESULT = 0x800f0922 - X]",
       CbsMark::BOOTED},
      {" Reboot mark set", CbsMark::BOOTED},
      {"0000031b Created 'Pending transaction content must be resolved'", CbsMark::BOOTED, "", 0,
       "CSI"},
      // "Failed" at level Info.
      {"Failed to read DoqTime time value from registry. [HRESULT = 0x80070490 - ERROR_NOT_FOUND]",
       CbsMark::BOOTED},
      {"Failed to create CSI transaction with id: x [HRESULT = 0x80070005 - E_ACCESSDENIED]",
       CbsMark::BOOTED},
      {"Not able to add pending.xml to Windows Error Report. [HRESULT = 0x80070005 - E_X]",
       CbsMark::BOOTED},
      // A phrase from the wrong component, or the tail of a message that was split.
      {"Reboot mark set", CbsMark::BOOTED, "", 0, "SXS"},
      {"Reboot mark set", CbsMark::BOOTED, "", 0, "DPX"},
      {"Reboot mark set", CbsMark::BOOTED, "", 0, "DEPLOY"},
      {"0000031b Reboot mark set", CbsMark::BOOTED, "", 0, "CSI"},
      {"Attempting to mark store corrupt with category [l:1]'x'", CbsMark::BOOTED, "", 0, "CSI"},
      {"5): name: Hydration failed for component x", CbsMark::BOOTED, "", 0, "CSI"},
      // Not at level Error.
      {"00000055 x: Bfs Hypervisor Launch Type mirroring failed", CbsMark::BOOTED, "", 0, "CSI"},
      // Codes that are not the message's own, or cut.
      {"Wrote [HRESULT = 0x800719e4 - ERROR_LOG_FULL] to x", CbsMark::BOOTED},
      {"Failed [HRESULT = 0x800719e", CbsMark::BOOTED},
      // Lines of a report without its head; states without a run.
      {"Operation result: 0x80070bc9", CbsMark::BOOTED},
      {"(p)\tCSI Payload Corrupt\t(n)\t\t\tx", CbsMark::BOOTED},
      {"Count of times corruption detected: 5", CbsMark::BOOTED},
      {"TI: Last boot time: soon", CbsMark::BOOTED},
      {"Universal Time is: 2026-13-13 18:00:00.000", CbsMark::BOOTED},
  };
  for (const MarkCase& c : kCases) {
    SCOPED_TRACE(c.message);
    const CbsLog log = ReadBuilt(CbsLogBuilder(0).Line(kTime, c.message, c.level, c.component));
    EXPECT_EQ(FactsOf(log), "");
    EXPECT_EQ(log.files(0).lines(), 1u);
    EXPECT_EQ(log.files(0).matched(), 0u);
  }
}

TEST(CbsLogTest, EqualMarksAreOne) {
  CbsLogBuilder b(0);
  for (int i = 0; i < 3000; ++i) b.Line(kTime + i * kSecond, "Reboot mark set");
  const CbsLog log = ReadBuilt(b);
  ASSERT_EQ(log.marks_size(), 1);
  EXPECT_EQ(log.marks(0).count(), 3000u);
  EXPECT_EQ(log.marks(0).last().filetime() - log.marks(0).first().filetime(), 2999 * kSecond);
  EXPECT_EQ(log.dropped(), 0u);
}

// Sessions

struct FinalizedCase {
  const char* name;
  const char* text;
  bool has_result;
  uint32_t result;
  bool reboot_required;
};
class Finalized : public testing::TestWithParam<FinalizedCase> {};

TEST_P(Finalized, TheResultIsTrusted) {
  const CbsLog log =
      ReadBuilt(CbsLogBuilder(0).Line(kTime, StrCat("Session: 1_2 finalized. ", GetParam().text)));
  ASSERT_EQ(log.sessions_size(), 1);
  EXPECT_TRUE(log.sessions(0).has_finished());
  EXPECT_EQ(log.sessions(0).has_result(), GetParam().has_result);
  EXPECT_EQ(log.sessions(0).result(), GetParam().result);
  EXPECT_EQ(log.sessions(0).reboot_required(), GetParam().reboot_required);
}

INSTANTIATE_TEST_SUITE_P(
    All, Finalized,
    testing::Values(
        FinalizedCase{"Plain", "Reboot required: no [HRESULT = 0x00000000 - S_OK]", true, 0, false},
        FinalizedCase{"TextSaysNo",
                      "Reboot required: no [HRESULT = 0x80070bc9 - ERROR_FAIL_REBOOT_REQUIRED]",
                      true, 0x80070bc9, true},
        FinalizedCase{"TextSaysYes", "Reboot required: yes [HRESULT = 0x00000000 - S_OK]", true, 0,
                      true},
        FinalizedCase{"NoName", "Reboot required: no [HRESULT = 0x800f0922]", true, 0x800f0922,
                      false},
        FinalizedCase{"NoResult", "Reboot required: no", false, 0, false},
        FinalizedCase{"CutResult", "Reboot required: no [HRESULT = 0x8007", false, 0, false},
        FinalizedCase{"LongResult", "Reboot required: no [HRESULT = 0x800700000]", false, 0,
                      false}),
    [](const auto& test) { return test.param.name; });

TEST(CbsLogTest, SessionLines) {
  CbsLogBuilder b(0);
  b.Line(kTime, "Session: 30018265_436341867 initialized by client WindowsUpdateAgent.");
  b.Line(kTime, "Session: no-id initialized by client X, external staging directory: (null)");
  b.Line(kTime,
         "Exec: Processing complete, session(Corruption Detecting): 31034772_2677689037 "
         "[HRESULT = 0x00000000 - S_OK]");
  b.Line(kTime, "Exec: Processing started.  Client: DISM, Session: 1_3, Package: P, Identifier: I");
  b.Line(kTime, "Session: 1_3");
  const CbsLog log = ReadBuilt(b);
  ASSERT_EQ(log.sessions_size(), 4);
  EXPECT_EQ(log.sessions(0).client(), "WindowsUpdateAgent");
  EXPECT_EQ(log.sessions(0).created_filetime(), At("2009-07-22T14:31:29Z") / kSecond * kSecond +
                                                    log.sessions(0).created_filetime() % kSecond);
  EXPECT_FALSE(log.sessions(0).has_finished());
  EXPECT_EQ(log.sessions(1).created_filetime(), 0u);
  EXPECT_EQ(log.sessions(1).client(), "X");
  EXPECT_EQ(log.sessions(2).id(), "31034772_2677689037");
  EXPECT_TRUE(log.sessions(2).has_finished());
  EXPECT_EQ(log.sessions(3).client(), "DISM");
  EXPECT_EQ(log.sessions(3).packages(0).identifier(), "I");
  EXPECT_FALSE(log.sessions(3).packages(0).has_result());
}

TEST(CbsLogTest, ASecondExecutionReopensItsSession) {
  CbsLogBuilder b(0);
  b.InstalledUpdate(kTime, "P", "KB1");
  b.Line(kTime + kMinute, StrCat("Exec: Processing started.  Session: ",
                                 CbsLogBuilder::SessionId(kTime), ", Package: P"));
  const CbsLog log = ReadBuilt(b);
  ASSERT_EQ(log.sessions_size(), 1);
  EXPECT_FALSE(log.sessions(0).has_finished());
  EXPECT_FALSE(log.sessions(0).has_result());
  EXPECT_FALSE(log.sessions(0).packages(0).has_result());
}

// Times

TEST(CbsLogTest, LocalTimesBecomeUtc) {
  for (const int offset : {-720, -570, -210, 0, 345, 765, 840}) {
    SCOPED_TRACE(offset);
    CbsLogBuilder b(offset);
    b.Line(kTime, "Reboot mark set").Boot(kTime + kMinute);  // One fact before the offset is told.
    b.Line(kTime + 2 * kMinute, "Reboot mark cleared");
    const CbsLog log = ReadBuilt(b);
    EXPECT_EQ(log.files(0).utc_offset_minutes(), offset);
    EXPECT_EQ(log.marks(0).first().filetime(), kTime);
    EXPECT_FALSE(log.marks(0).first().local());
    EXPECT_EQ(FindMark(log, CbsMark::BOOTED)->event_filetime(), kTime + kMinute);
    EXPECT_EQ(FindMark(log, CbsMark::REBOOT_MARK_CLEARED)->first().filetime(), kTime + 2 * kMinute);
    EXPECT_EQ(log.first().filetime(), kTime);
    EXPECT_EQ(log.last().filetime(), kTime + 2 * kMinute);
  }
}

TEST(CbsLogTest, EachPartOfAFileHasItsOwnOffset) {
  const std::string winter = CbsLogBuilder(60).Boot(kTime).Line(kTime, "Reboot mark set").Text();
  const FileTime later = kTime + 1000 * 60 * kMinute;
  const std::string summer =
      CbsLogBuilder(120).Boot(later).Line(later, "Reboot mark cleared").Text();
  const CbsLog log = ReadText(winter + summer.substr(3));
  EXPECT_EQ(FindMark(log, CbsMark::REBOOT_REQUIRED)->first().filetime(), kTime);
  EXPECT_EQ(FindMark(log, CbsMark::REBOOT_MARK_CLEARED)->first().filetime(), later);
  EXPECT_EQ(log.files(0).utc_offset_minutes(), 120);
  EXPECT_EQ(log.files(0).first().filetime(), kTime + 30 * kSecond);
}

TEST(CbsLogTest, WithoutAnOffsetTimesStayLocal) {
  CbsLogBuilder b(-360);
  b.Line(kTime, "Reboot mark set");
  b.Line(kTime, "TI: Last boot time: 2026-01-13 09:46:57.500");
  const CbsLog log = ReadBuilt(b);
  EXPECT_TRUE(log.marks(0).first().local());
  EXPECT_EQ(log.marks(0).first().filetime(), kTime - 360 * kMinute);
  EXPECT_EQ(log.marks(1).event_filetime(), 0u);
  EXPECT_TRUE(log.first().local());
  EXPECT_FALSE(log.files(0).has_utc_offset_minutes());
}

TEST(CbsLogTest, CsiTellsTheOffsetWhereNothingElseDoes) {
  CbsLogBuilder b(-180);
  b.Line(kTime, "Reboot mark set");
  b.Line(kTime, "0000000a@2026/1/13:18:00:00.891 Created NT transaction", "Info", "CSI");
  const CbsLog log = ReadBuilt(b);
  EXPECT_EQ(log.files(0).utc_offset_minutes(), -180);
  EXPECT_EQ(log.marks(0).first().filetime(), kTime);
}

TEST(CbsLogTest, AnImpossibleOffsetIsNone) {
  CbsLogBuilder b(0);
  b.Line(kTime, "Universal Time is: 2026-01-14 09:00:00.000").Line(kTime, "Reboot mark set");
  EXPECT_TRUE(ReadBuilt(b).marks(0).first().local());
}

// Layouts and damage

TEST(CbsLogTest, LineEndsBomAndLastLine) {
  CbsLogBuilder b(0);
  b.Boot(kTime).PendedUpdate(kTime, kPackage, "KB1").FailedStartup(kTime, kPackage);
  const std::string text = b.Text(), expected = FactsOf(ReadText(text));
  EXPECT_THAT(expected, HasSubstr("restart_required"));
  EXPECT_EQ(FactsOf(ReadText(text.substr(3))), expected);
  EXPECT_EQ(FactsOf(ReadText(absl::StrReplaceAll(text, {{"\r\n", "\n"}}))), expected);
  const CbsLog unended = ReadText(text.substr(0, text.size() - 2));
  EXPECT_EQ(FactsOf(unended), expected);
  EXPECT_THAT(GapsOf(unended.files(0).collection()),
              ElementsAre(HasSubstr("has no end: it may be cut short")));
}

TEST(CbsLogTest, OtherColumns) {
  const struct {
    const char* line;
    bool is_fact;
  } kCases[] = {
      {"2026-01-13 18:00:00, Info                  CBS    Reboot mark set", true},
      {"2026-01-13 18:00:00, Error      [0x01806a] CBS    Reboot mark set", true},
      {"2026-01-13 18:00:00, Info                         Reboot mark set", true},
      {"2026-01-13 18:00:00, Info CBS Reboot mark set", true},
      {"2026-01-13 18:00:00, Info    CBS         Reboot mark set", true},
      {"2026-01-13 18:00:00, Info [0x018000] CBS Reboot mark set", true},
      {"2026-01-13 18:00:00, Info DPX Reboot mark set", false},
      {"2026-01-13 18:00:00, Info", false},
      {"2026-01-13 18:00:00, ", false},
      {"2026-01-13 18:00:00 Info                  CBS    Reboot mark set", false},
      {"2026-13-13 18:00:00, Info                  CBS    Reboot mark set", false},
      {"Reboot mark set", false},
  };
  for (const auto& c : kCases) {
    EXPECT_EQ(ReadText(StrCat(c.line, "\r\n")).marks_size(), c.is_fact ? 1 : 0) << c.line;
  }
}

TEST(CbsLogTest, ContinuationLinesAreNoLines) {
  CbsLogBuilder b(0);
  b.Csi(kTime, "Performing 1 operations as follows:");
  b.Raw("  (0)  Startup: Processing complete. [HRESULT = 0x800f0922 - X]\r\n");
  b.Raw("Startup: Processing complete. [HRESULT = 0x800f0922 - X]\r\nReboot mark set\r\n");
  b.Raw(" 2026-01-13 18:00:00, Info                  CBS    Reboot mark set\r\n");
  b.Raw("[gle=0x800719e4]\r\n");
  const CbsLog log = ReadBuilt(b);
  EXPECT_EQ(FactsOf(log), "");
  EXPECT_EQ(log.files(0).lines(), 1u);
}

TEST(CbsLogTest, LongLines) {
  CbsLogBuilder b(0);
  b.Line(kTime, StrCat("Exec: Package: ", std::string(200'000, 'x')));
  b.Line(kTime, StrCat("Session: ", std::string(100'000, '1'), " finalized."));
  b.Line(kTime, StrCat("WER: Generating failure report for package: ", std::string(10'000, 'p'),
                       ", status: 0x80070308, failure source: Execute"));
  b.Line(kTime, "Reboot mark set");
  const CbsLog log = ReadBuilt(b);
  EXPECT_EQ(log.marks_size(), 1);
  EXPECT_EQ(log.sessions_size(), 0);  // Its end is beyond what is read of a line.
  ASSERT_EQ(log.failure_reports_size(), 1);
  EXPECT_EQ(log.failure_reports(0).package().size(), 512u);
  EXPECT_EQ(log.failure_reports(0).status(), 0x80070308);
  EXPECT_THAT(
      GapsOf(log.files(0).collection()),
      ElementsAre("CBS.log: 2 lines longer than 65536 bytes were read to that length only"));
}

TEST(CbsLogTest, NulsEndALineAndAreAGap) {
  CbsLogBuilder b(0);
  b.Line(kTime, "Reboot mark set");
  b.Raw(std::string(5000, '\0'));
  b.Line(kTime, "Reboot mark cleared");
  b.Raw("2026-01-13 18:00:00, Info                  CBS    Startup: Proc")
      .Raw(std::string(3, '\0'));
  b.Line(kTime, "Startup: Success, restart required to continue processing.");
  const CbsLog log = ReadBuilt(b);
  EXPECT_EQ(log.marks_size(), 2);
  ASSERT_EQ(log.startups_size(), 1);
  EXPECT_TRUE(log.startups(0).restart_required());
  EXPECT_EQ(log.files(0).lines(), 4u);
  EXPECT_THAT(
      GapsOf(log.files(0).collection()),
      ElementsAre("CBS.log: 5003 NUL bytes, the first at offset 0x46: text was lost there"));
}

TEST(CbsLogTest, Utf16IsNotGuessedAt) {
  std::string wide = "\xFF\xFE";
  for (const char c : CbsLogBuilder(0).Line(kTime, "Reboot mark set").Text().substr(3)) {
    wide += {c, '\0'};
  }
  for (const string_view bytes : {string_view(wide), string_view(wide).substr(2)}) {
    const CbsLog log = ReadText(bytes);
    EXPECT_EQ(FactsOf(log), "");
    EXPECT_EQ(log.files(0).collection().status(), Collection::UNREADABLE);
    EXPECT_THAT(log.files(0).collection().reason(), HasSubstr("UTF-16"));
    EXPECT_EQ(log.collection().status(), Collection::UNREADABLE);
  }
}

TEST(CbsLogTest, NoLogAtAll) {
  EXPECT_THAT(GapsOf(ReadText("hello\nworld\n").files(0).collection()),
              ElementsAre("CBS.log: none of 12 bytes is in a line with a date"));
  EXPECT_EQ(FactsOf(ReadText("")), "");
}

TEST(CbsLogTest, TextBecomesUtf8) {
  const CbsLog log = ReadBuilt(
      CbsLogBuilder(0).Line(kTime, "Store corruption, manifest missing for package: P\xFF\xC3~1"));
  EXPECT_EQ(log.marks(0).subject(), "P\xEF\xBF\xBD\xEF\xBF\xBD~1");
  CbsLog copy;
  EXPECT_TRUE(copy.ParseFromString(log.SerializeAsString()));
}

// Every cut: no crash, and what is cut off is not guessed at.
TEST(CbsLogTest, EveryCut) {
  CbsLogBuilder b(-360);
  b.Boot(kTime).PendedUpdate(kTime, kPackage, "KB1").Rollback(kTime, kPackage);
  b.StoreCheck(kTime, "Detect only", 0, {{"CSI Payload Corrupt", "a\\b"}});
  const std::string text = b.Text();
  for (size_t size = 0; size < text.size(); size += 7) {
    const CbsLog log = ReadText(string_view(text).substr(0, size));
    for (const CbsLogSession& session : log.sessions()) {
      if (session.has_result()) {
        EXPECT_EQ(session.result(), 0x80070bc2) << size;
      }
    }
    for (const CbsStartup& startup : log.startups()) {
      if (!startup.has_result()) continue;
      EXPECT_TRUE(startup.result() == 0x80070bc2 || startup.result() == 0x800f0922) << size;
    }
  }
}

// Bounds

TEST(CbsLogTest, ListsKeepTheNewest) {
  CbsLogBuilder b(0);
  constexpr int kSessions = 12'000, kStartups = 1300;
  for (int i = 0; i < kSessions; ++i) {
    b.Line(kTime, StrCat("Session: 1_", i, " finalized. Reboot required: no"));
    b.Line(kTime, StrCat("Store corruption, manifest missing for package: P", i));
  }
  for (int i = 0; i < kStartups; ++i) b.Line(kTime, "Startup: BlockTime: 1ms");
  const CbsLog log = ReadBuilt(b);
  EXPECT_EQ(log.sessions_size(), 5000);
  EXPECT_EQ(log.sessions(0).id(), StrCat("1_", kSessions - 5000));
  EXPECT_EQ(log.sessions(4999).id(), StrCat("1_", kSessions - 1));
  EXPECT_EQ(log.startups_size(), 500);
  EXPECT_EQ(log.marks_size(), 2000);
  EXPECT_EQ(log.marks(0).subject(), StrCat("P", kSessions - 2000));
  EXPECT_EQ(log.marks(1999).subject(), StrCat("P", kSessions - 1));
  // Sessions that did nothing are no loss.
  EXPECT_EQ(log.dropped(), static_cast<uint64_t>(kSessions - 2000 + kStartups - 500));
}

TEST(CbsLogTest, AMarkSeenAgainStays) {
  CbsLogBuilder b(0);
  b.Line(kTime, "Reboot mark set");
  for (int i = 0; i < 9000; ++i) {
    b.Line(kTime, StrCat("Store corruption, manifest missing for package: P", i));
    if (i % 500 == 0) b.Line(kTime, "Reboot mark set");
  }
  const CbsLog log = ReadBuilt(b);
  ASSERT_NE(FindMark(log, CbsMark::REBOOT_REQUIRED), nullptr);
  EXPECT_EQ(FindMark(log, CbsMark::REBOOT_REQUIRED)->count(), 19u);
}

TEST(CbsLogTest, ManyCorruptionsAreCounted) {
  std::vector<CbsLogBuilder::Corruption> many(1200, {"CSI Payload Corrupt", "a\\r\\b"});
  const CbsLog log = ReadBuilt(CbsLogBuilder(0).StoreCheck(kTime, "Detect only", 0, many));
  EXPECT_EQ(log.store_checks(0).corruptions_size(), 500);
  EXPECT_EQ(log.store_checks(0).corruptions_total(), 1200u);
  EXPECT_EQ(log.store_checks(0).unrepaired_reverse_deltas(), 1200u);
}

TEST(CbsLogTest, OneRunIsBounded) {
  CbsLogBuilder b(0);
  b.Line(kTime, "Startup: BlockTime: 1ms");
  for (int i = 0; i < 1000; ++i) {
    b.Line(kTime, StrCat("Setting ExecuteState key to: S", i));
    b.Line(kTime, StrCat("Startup: Package: P", i, " completed startup processing, new state: X"));
    b.Line(kTime, StrCat("Exec: Processing started.  Session: 1_2, Package: P", i));
  }
  const CbsLog log = ReadBuilt(b);
  ASSERT_EQ(log.startups_size(), 1);
  EXPECT_LE(log.startups(0).execute_states_size(), 200);
  EXPECT_EQ(*log.startups(0).execute_states().rbegin(), "S999");
  EXPECT_LE(log.startups(0).packages_size(), 200);
  EXPECT_EQ(log.sessions(0).packages_size(), 25);
  EXPECT_EQ(log.sessions(0).packages(24).identity(), "P999");
}

// A thousand features do not push the update out that failed before them.
TEST(CbsLogTest, WhatMattersIsNotPushedOut) {
  const std::string rollup = "Package_for_RollupFix~31bf3856ad364e35~amd64~~26100.7462.1.9";
  CbsLogBuilder b(0);
  b.Line(kTime, "Startup: BlockTime: 1ms");
  b.Line(kTime, StrCat("Startup: Package: ", rollup,
                       " completed startup processing, new state: Staged, original: Staged, "
                       "targeted: Installed.  hr = 0x800f0922"));
  b.Line(kTime, StrCat("Exec: Processing started.  Session: 1_2, Package: ", rollup));
  for (int i = 0; i < 1000; ++i) {
    b.Line(kTime, StrCat("Startup: Package: P", i,
                         " completed startup processing, new state: Installed, original: Staged, "
                         "targeted: Installed.  hr = 0x0"));
    b.Line(kTime, StrCat("Exec: Processing started.  Session: 1_2, Package: P", i));
  }
  const CbsLog log = ReadBuilt(b);
  ASSERT_EQ(log.startups_size(), 1);
  EXPECT_EQ(log.startups(0).packages(0).identity(), rollup);
  EXPECT_EQ(log.sessions(0).packages(0).identity(), rollup);
  EXPECT_EQ(log.dropped(), 0u);  // Nothing that anybody would miss.
}

TEST(CbsLogTest, ADateThatIsNoneIsSaid) {
  CbsLogBuilder b(0);
  b.Line(kTime, "Reboot mark set");
  b.Raw(
      "2026-01-13 29:00:00, Info                  CBS    Startup: Processing complete. "
      "[HRESULT = 0x800f0922 - CBS_E_INSTALLERS_FAILED]\r\n");
  const CbsLog log = ReadBuilt(b);
  EXPECT_EQ(log.startups_size(), 0);
  ASSERT_EQ(log.files(0).collection().gaps_size(), 1);
  EXPECT_THAT(log.files(0).collection().gaps(0).what(), HasSubstr("1 lines that may matter"));
}

// Files of a volume

TEST(CbsLogFilesTest, AbsentOrUnreadable) {
  MemorySource source;
  source.AddDirectory("Windows");
  EXPECT_EQ(ReadCbsLog(source).collection().status(), Collection::ABSENT);
  source.AddDirectory(kFolder);
  EXPECT_EQ(ReadCbsLog(source).collection().status(), Collection::ABSENT);
  EXPECT_THAT(ReadCbsLog(source).collection().reason(), HasSubstr("neither CBS.log nor"));
  source.AddError(kFolder, absl::PermissionDeniedError("denied"));
  EXPECT_EQ(ReadCbsLog(source).collection().status(), Collection::UNREADABLE);
}

std::vector<std::string> PathsOf(const CbsLog& log) {
  std::vector<std::string> paths;
  for (const CbsLogFile& file : log.files()) paths.push_back(file.collection().source());
  return paths;
}

TEST(CbsLogFilesTest, OldestFirstAndNothingElse) {
  MemorySource source;
  const std::string text = CbsLogBuilder(0).Boot(kTime).Text();
  for (const char* name :
       {"CBS.log", "CbsPersist_20260101000000.log", "cbspersist_20251231235959.CAB",
        "CbsPersist_2026.log", "CbsPersist_20260101000000.txt", "CheckSUR.log", "DeepClean.log",
        "CbsPersist_20260110000000.log"}) {
    source.AddFile(StrCat(kFolder, name), text);
  }
  const CbsLog log = ReadCbsLog(source);
  EXPECT_EQ(log.collection().status(), Collection::COLLECTED);
  EXPECT_THAT(PathsOf(log), ElementsAre("Windows/Logs/CBS/cbspersist_20251231235959.CAB",
                                        "Windows/Logs/CBS/CbsPersist_20260101000000.log",
                                        "Windows/Logs/CBS/CbsPersist_20260110000000.log",
                                        "Windows/Logs/CBS/CBS.log"));
  EXPECT_THAT(GapsOf(log.collection()), IsEmpty());
}

TEST(CbsLogFilesTest, ASessionAndAStartupMaySpanARotation) {
  CbsLogBuilder b(-360);
  b.Boot(kTime).PendedUpdate(kTime, kPackage, "KB1").FailedStartup(kTime, kPackage);
  const std::string text = b.Text(), expected = FactsOf(ReadText(text));
  size_t cut = 0;
  while ((cut = text.find("\r\n", cut + 1)) != std::string::npos) {
    MemorySource source;
    source.AddFile(StrCat(kFolder, "CbsPersist_20260101000000.cab"),
                   cab::CabBuilder(cab::CabBuilder::Method::kMsZip)
                       .Add("CbsPersist_20260101000000.log", text.substr(0, cut + 2))
                       .Build());
    source.AddFile(StrCat(kFolder, "CBS.log"), text.substr(cut + 2));
    const CbsLog log = ReadCbsLog(source);
    ASSERT_EQ(log.files_size(), 2);
    EXPECT_TRUE(log.files(0).compressed());
    EXPECT_EQ(log.files(0).size(), cut + 2);
    // Before the offset is told, the first file's times are its own clock's.
    if (cut > text.find("Universal Time is")) {
      EXPECT_EQ(FactsOf(log), expected) << cut;
    }
  }
}

TEST(CbsLogFilesTest, AnOffsetHoldsForTheNextFiles) {
  MemorySource source;
  source.AddFile(StrCat(kFolder, "CbsPersist_20260101000000.log"),
                 CbsLogBuilder(-360).Line(kTime, "Reboot mark set").Text());
  source.AddFile(StrCat(kFolder, "CbsPersist_20260102000000.log"),
                 CbsLogBuilder(-360).Boot(kTime).Text());
  source.AddFile(StrCat(kFolder, "CBS.log"),
                 CbsLogBuilder(-360).Line(kTime, "Reboot mark cleared").Text());
  const CbsLog log = ReadCbsLog(source);
  EXPECT_TRUE(log.marks(0).first().local());
  EXPECT_EQ(FindMark(log, CbsMark::REBOOT_MARK_CLEARED)->first().filetime(), kTime);
  EXPECT_FALSE(log.files(2).has_utc_offset_minutes());
  EXPECT_FALSE(log.files(2).last().local());
}

TEST(CbsLogFilesTest, DamageCostsItsFileAndEndsWhatWasOpen) {
  MemorySource source;
  CbsLogBuilder before(0), after(0);
  before.Boot(kTime).StartUp(kTime, CbsLogBuilder::Startup::kInterrupted, "P");
  after.Line(kTime, "Startup: Processing complete. [HRESULT = 0x00000000 - S_OK]");
  source.AddFile(StrCat(kFolder, "CbsPersist_20260101000000.log"), before.Text());
  source.AddFile(StrCat(kFolder, "CbsPersist_20260102000000.cab"), "MSCF and then nothing");
  source.AddFile(StrCat(kFolder, "CbsPersist_20260103000000.log"), "x");
  source.AddError(StrCat(kFolder, "CbsPersist_20260103000000.log"),
                  absl::DataLossError("bad disk"));
  source.AddFile(StrCat(kFolder, "CBS.log"), after.Text());
  const CbsLog log = ReadCbsLog(source);
  EXPECT_EQ(log.files(1).collection().status(), Collection::UNREADABLE);
  EXPECT_THAT(log.files(1).collection().reason(), HasSubstr("cabinet: header is 21 bytes of 36"));
  EXPECT_EQ(log.files(2).collection().status(), Collection::UNREADABLE);
  EXPECT_THAT(GapsOf(log.collection()),
              ElementsAre(HasSubstr("20260102000000.cab"), HasSubstr("bad disk")));
  ASSERT_EQ(log.startups_size(), 2);
  EXPECT_FALSE(log.startups(0).has_finished());
  EXPECT_TRUE(log.startups(1).has_finished());
}

TEST(CbsLogFilesTest, ACabinetIsReadUpToItsDamage) {
  std::string text;
  while (text.size() < 100'000) {
    text += CbsLogBuilder(0).Boot(kTime + text.size() * kSecond).Text().substr(3);
  }
  const cab::CabBuilder builder =
      cab::CabBuilder(cab::CabBuilder::Method::kStored).Add("CbsPersist.log", text);
  MemorySource source;
  source.AddFile(StrCat(kFolder, "CbsPersist_20260101000000.cab"),
                 builder.Build().substr(0, builder.first_block() + 70'000));
  source.AddFile(StrCat(kFolder, "CBS.log"), CbsLogBuilder(0).Boot(kTime).Text());
  const CbsLog log = ReadCbsLog(source);
  EXPECT_EQ(log.files(0).collection().status(), Collection::COLLECTED);
  EXPECT_GT(log.files(0).lines(), 300u);
  EXPECT_THAT(GapsOf(log.files(0).collection()), testing::Contains(HasSubstr("cabinet: read at")));
}

TEST(CbsLogFilesTest, LimitsSkipTheOldestAndSaySo) {
  const std::string text = CbsLogBuilder(0).Boot(kTime).Text();
  MemorySource source;
  for (int day = 1; day <= 9; ++day) {
    source.AddFile(StrCat(kFolder, "CbsPersist_2026010", day, "000000.log"), text);
  }
  source.AddFile(StrCat(kFolder, "CBS.log"), text);
  CbsLogOptions options;
  options.max_rotated_bytes = text.size() * 2 + text.size() / 2;
  CbsLog log = ReadCbsLog(source, options);
  ASSERT_EQ(log.files_size(), 4);
  EXPECT_EQ(log.files(0).collection().source(), "Windows/Logs/CBS/CbsPersist_20260107000000.log");
  EXPECT_THAT(GapsOf(log.files(0).collection()), ElementsAre(HasSubstr("bytes were not read")));
  EXPECT_LT(log.files(0).lines(), log.files(1).lines());
  EXPECT_THAT(GapsOf(log.collection()),
              ElementsAre(testing::AllOf(
                  HasSubstr("CbsPersist_20260101000000.log to CbsPersist_20260106000000.log"),
                  HasSubstr("6 older files not read"))));

  options = CbsLogOptions();
  options.max_rotated_files = 8;
  log = ReadCbsLog(source, options);
  EXPECT_EQ(log.files_size(), 9);
  EXPECT_THAT(GapsOf(log.collection()),
              ElementsAre(HasSubstr("CbsPersist_20260101000000.log: 1 older files not read")));
}

TEST(CbsLogFilesTest, ABombIsSkippedWithWhatIsOlder) {
  const std::string text = CbsLogBuilder(0).Boot(kTime).Text();
  MemorySource source;
  source.AddFile(StrCat(kFolder, "CbsPersist_20260101000000.log"), text);
  source.AddFile(StrCat(kFolder, "CbsPersist_20260102000000.cab"),
                 cab::CabBuilder().AddRepeated("x.log", 3'000'000).Build());
  source.AddFile(StrCat(kFolder, "CBS.log"), text);
  CbsLogOptions options;
  options.max_rotated_bytes = 1'000'000;
  const CbsLog log = ReadCbsLog(source, options);
  EXPECT_EQ(log.files_size(), 1);
  EXPECT_THAT(GapsOf(log.collection()), ElementsAre(HasSubstr("2 older files not read")));
}

TEST(CbsLogFilesTest, TheTextOfAnInterruptedRotationIsReadOnce) {
  const std::string text = CbsLogBuilder(0).Boot(kTime).Text();
  MemorySource source;
  source.AddFile(StrCat(kFolder, "CbsPersist_20260101000000.cab"), "MSCF half written");
  source.AddFile(StrCat(kFolder, "CbsPersist_20260101000000.log"), text);
  source.AddFile(StrCat(kFolder, "CBS.log"), text);
  const CbsLog log = ReadCbsLog(source);
  EXPECT_EQ(log.files_size(), 2);
  EXPECT_THAT(GapsOf(log.collection()), IsEmpty());
}

TEST(CbsLogFilesTest, WithoutTheLiveLogThatIsAGap) {
  MemorySource source;
  source.AddFile(StrCat(kFolder, "CbsPersist_20260101000000.log"),
                 CbsLogBuilder(0).Boot(kTime).Text());
  const CbsLog log = ReadCbsLog(source);
  EXPECT_EQ(log.collection().status(), Collection::COLLECTED);
  EXPECT_THAT(GapsOf(log.collection()),
              ElementsAre("CBS.log: not found: what happened last is not known"));
}

}  // namespace
}  // namespace patchgate::cbs
