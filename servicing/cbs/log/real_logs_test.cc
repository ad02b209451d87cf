// Real logs. They are not ours to publish: the folder is named by the environment variable
// PATCHGATE_TEST_DATA; without it the tests say that they were skipped.

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "servicing/base/filetime.h"
#include "servicing/cbs/log/cbs_log_reader.h"

namespace patchgate::cbs {
namespace {

using testing::ElementsAre;
using testing::EndsWith;
using testing::IsEmpty;

// The bytes of a log; empty if there is no such file.
std::string Read(absl::string_view name) {
  const char* folder = std::getenv("PATCHGATE_TEST_DATA");
  if (folder == nullptr) return "";
  std::ifstream file(absl::StrCat(folder, "/logs/", name), std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

std::string Utc(const Stamp& stamp) {
  return absl::StrCat(FormatFileTime(stamp.filetime()), stamp.local() ? " local" : "");
}

const CbsMark* FindMark(const CbsLog& log, CbsMark::Kind kind) {
  for (const CbsMark& mark : log.marks()) {
    if (mark.kind() == kind) return &mark;
  }
  return nullptr;
}

TEST(RealLogsTest, FailedStartup) {
  const std::string text = Read("cbs_failed_startup_excerpt.log");
  if (text.empty()) GTEST_SKIP() << "PATCHGATE_TEST_DATA names no folder with this log";
  CbsLog log;
  ReadCbsLogText("CBS.log", text, &log);
  ASSERT_EQ(log.files_size(), 1);
  EXPECT_EQ(log.files(0).utc_offset_minutes(), -360);
  EXPECT_EQ(log.files(0).lines(), 221u);  // Of 237; 16 go on with the line before.
  EXPECT_THAT(log.files(0).collection().gaps(), IsEmpty());
  EXPECT_EQ(Utc(log.first()), "2023-05-23T16:02:36Z");
  EXPECT_EQ(Utc(log.last()), "2023-05-23T16:38:38Z");

  ASSERT_EQ(log.startups_size(), 1);
  const CbsStartup& startup = log.startups(0);
  EXPECT_EQ(Utc(startup.begun()), "2023-05-23T16:22:57Z");
  EXPECT_EQ(Utc(startup.finished()), "2023-05-23T16:23:06Z");
  EXPECT_EQ(startup.result(), 0x80070bc2);
  EXPECT_TRUE(startup.restart_required());
  EXPECT_EQ(startup.retrieved_failure_status(), 0u);
  EXPECT_TRUE(startup.has_retrieved_failure_status());
  EXPECT_EQ(startup.last_forward_state(), "CbsExecuteStateStageDrivers");
  EXPECT_EQ(startup.set_failure_status(), 0x80070057);
  EXPECT_TRUE(startup.moved_to_setup_execute());
  EXPECT_TRUE(startup.primitives_failed());
  EXPECT_EQ(startup.primitives_result(), 0x80070057);
  EXPECT_FALSE(startup.rollback());
  EXPECT_FALSE(startup.lkg_enabled());
  EXPECT_THAT(startup.execute_states(),
              ElementsAre("CbsExecuteStatePrimitives", "CbsExecuteStatePrimitives [2]",
                          "CbsExecuteStateResolvePending"));

  ASSERT_EQ(log.store_checks_size(), 2);
  const CbsStoreCheck& stopped = log.store_checks(0);
  EXPECT_EQ(Utc(stopped.time()), "2023-05-23T16:17:36Z");
  EXPECT_EQ(stopped.operation(), "Detect and Repair");
  EXPECT_EQ(stopped.result(), 0x80070bc9);
  EXPECT_EQ(stopped.detected(), 0u);
  EXPECT_EQ(stopped.corruptions_total(), 0u);
  const CbsStoreCheck& whole = log.store_checks(1);
  EXPECT_EQ(Utc(whole.time()), "2023-05-23T16:36:37Z");
  EXPECT_EQ(whole.operation(), "Detect only");
  EXPECT_EQ(whole.result(), 0u);
  EXPECT_EQ(whole.last_step(), "Stage package detection completes.");
  EXPECT_EQ(whole.detected(), 10u);
  EXPECT_EQ(whole.repaired(), 0u);
  EXPECT_EQ(whole.corruptions_total(), 10u);
  EXPECT_EQ(whole.unrepaired_total(), 7u);  // Three are marked (b).
  EXPECT_EQ(whole.unrepaired_reverse_deltas(), 0u);
  EXPECT_EQ(whole.unrepaired_metadata(), 0u);
  EXPECT_TRUE(whole.flagged());
  EXPECT_EQ(whole.times_detected(), 5u);
  ASSERT_EQ(whole.corruptions_size(), 10);
  EXPECT_THAT(whole.corruptions(9).path(), EndsWith("\\f\\srmclient.dll"));
  EXPECT_FALSE(whole.corruptions(9).repaired());
  EXPECT_THAT(whole.corruptions(7).path(), EndsWith("\\ntdll.dll"));
  EXPECT_TRUE(whole.corruptions(7).repaired());

  ASSERT_EQ(log.sessions_size(), 2);
  EXPECT_EQ(log.sessions(0).id(), "31034772_2677689037");
  EXPECT_EQ(FormatFileTime(log.sessions(0).created_filetime()), "2023-05-23T16:35:45Z");
  EXPECT_TRUE(log.sessions(0).has_finished());
  EXPECT_EQ(log.sessions(0).result(), 0u);
  EXPECT_EQ(log.sessions(1).client(), "DISM Package Manager Provider");
  EXPECT_FALSE(log.sessions(1).has_finished());

  // The boot's time is local as well: a quarter of an hour before this start, not six hours.
  EXPECT_EQ(FormatFileTime(FindMark(log, CbsMark::BOOTED)->event_filetime()),
            "2023-05-23T15:46:57Z");
  EXPECT_EQ(FindMark(log, CbsMark::TRANSACTION_PENDING)->count(), 2u);
  EXPECT_EQ(FindMark(log, CbsMark::STORE_CORRUPT)->subject(), "CorruptPayloadFile");
  EXPECT_EQ(FindMark(log, CbsMark::STACK_LOADED)->subject(), "10.0.19041.2905");
  EXPECT_EQ(FindMark(log, CbsMark::REBOOT_REQUIRED)->count(), 2u);
  EXPECT_EQ(FindMark(log, CbsMark::POQEXEC_FAILED)->hresult(), 0x80070057);
  EXPECT_EQ(Utc(FindMark(log, CbsMark::REBOOT_MARK_CLEARED)->last()), "2023-05-23T16:36:37Z");
  int hydration = 0;
  for (const CbsMark& mark : log.marks()) {
    hydration += mark.kind() == CbsMark::HYDRATION_FAILED && !mark.subject().empty();
  }
  EXPECT_EQ(hydration, 4);
}

TEST(RealLogsTest, InstallerRolledBack) {
  const std::string text = Read("winmedic_cbs_container_installer_rolled_back.log");
  if (text.empty()) GTEST_SKIP() << "PATCHGATE_TEST_DATA names no folder with this log";
  CbsLog log;
  ReadCbsLogText("CBS.log", text, &log);
  EXPECT_EQ(log.files(0).utc_offset_minutes(), 120);  // By CSI's own times.
  ASSERT_EQ(log.startups_size(), 2);
  EXPECT_TRUE(log.startups(0).rollback());
  EXPECT_TRUE(log.startups(0).installers_failed());
  EXPECT_EQ(log.startups(0).result(), 0x80070bc2);
  EXPECT_EQ(log.startups(1).result(), 0x800f0922);
  EXPECT_EQ(Utc(log.startups(1).finished()), "2026-10-08T18:55:39Z");
}

TEST(RealLogsTest, CorruptComponentValue) {
  const std::string text = Read("mslearn_0x80073712_CorruptComponentValue.log");
  if (text.empty()) GTEST_SKIP() << "PATCHGATE_TEST_DATA names no folder with this log";
  CbsLog log;
  ReadCbsLogText("CBS.log", text, &log);
  EXPECT_EQ(FindMark(log, CbsMark::STORE_CORRUPT)->subject(), "CorruptComponentValue");
  EXPECT_EQ(Utc(FindMark(log, CbsMark::STORE_CORRUPT)->last()), "2025-02-27T11:58:35Z");
  EXPECT_EQ(FindMark(log, CbsMark::COMMIT_FAILED)->hresult(), 0x80073712);
  ASSERT_EQ(log.failure_reports_size(), 1);
  EXPECT_EQ(log.failure_reports(0).package(),
            "Package_for_ServicingStack_3081~31bf3856ad364e35~amd64~~20348.3081.1.1");
  EXPECT_EQ(log.failure_reports(0).status(), 0x80073712);
  EXPECT_EQ(log.failure_reports(0).failure_source(), "Resolve");
}

TEST(RealLogsTest, CheckSur) {
  const std::string name = "mslearn_KB947821_checksur_partial.log", text = Read(name);
  if (text.empty()) GTEST_SKIP() << "PATCHGATE_TEST_DATA names no folder with this log";
  CbsLog log;
  ReadCbsLogText(name, text, &log);
  ASSERT_EQ(log.store_checks_size(), 1);
  EXPECT_EQ(log.store_checks(0).result(), 0x800f081f);
  EXPECT_EQ(log.store_checks(0).detected(), 4u);
  EXPECT_EQ(log.store_checks(0).repaired(), 1u);
  EXPECT_EQ(log.store_checks(0).corruptions_total(), 4u);
  EXPECT_EQ(log.store_checks(0).unrepaired_total(), 3u);
  EXPECT_EQ(log.store_checks(0).unrepaired_metadata(), 2u);
}

}  // namespace
}  // namespace patchgate::cbs
