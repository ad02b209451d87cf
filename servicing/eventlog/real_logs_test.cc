// Real event logs. They are not ours to publish: the folder is named by the environment variable
// PATCHGATE_TEST_DATA; without it the tests say that they were skipped.

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "servicing/base/filetime.h"
#include "servicing/eventlog/event.h"
#include "servicing/eventlog/event_reader.h"
#include "servicing/eventlog/evtx.h"

namespace patchgate::eventlog {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

// The bytes of a log; empty if there is no such file.
std::string Read(absl::string_view name) {
  const char* folder = std::getenv("PATCHGATE_TEST_DATA");
  if (folder == nullptr) return "";
  std::ifstream file(absl::StrCat(folder, "/evtx/", name), std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

struct RealLog {
  explicit RealLog(absl::string_view name) : bytes(Read(name)) {
    if (bytes.empty()) return;
    ReadEventLogFile(name, bytes, &logs);
    for (const Gap& gap : logs.files(0).collection().gaps()) {
      gaps.push_back(absl::StrCat(gap.where(), ": ", gap.what()));
    }
  }
  const EventLogFile& file() const { return logs.files(0); }

  std::string bytes;
  EventLogs logs;
  std::vector<std::string> gaps;
};

#define SKIP_WITHOUT(log) \
  if ((log).bytes.empty()) GTEST_SKIP() << "no real logs: PATCHGATE_TEST_DATA is not set"

TEST(RealLogsTest, SystemOfABuild15063) {
  const RealLog log("system.evtx");
  SKIP_WITHOUT(log);
  EXPECT_THAT(log.gaps, IsEmpty());
  EXPECT_TRUE(log.file().dirty()) << "its header knows of 3 of 15 chunks";
  EXPECT_EQ(log.file().chunks(), 15u);
  EXPECT_EQ(log.file().records(), 1'881u);
  EXPECT_EQ(log.file().bad_records(), 0u);
  EXPECT_EQ(log.file().first_record_id(), 1u);
  EXPECT_EQ(log.file().last_record_id(), 1'881u);

  uint64_t counted = 0;
  std::map<uint32_t, uint64_t> update_client;
  for (const EventCount& count : log.file().counts()) {
    counted += count.count();
    if (count.provider() == "Microsoft-Windows-WindowsUpdateClient") {
      update_client[count.id()] = count.count();
    }
  }
  EXPECT_EQ(counted, 1'881u);
  EXPECT_EQ(update_client,
            (std::map<uint32_t, uint64_t>{{19, 116}, {20, 5}, {43, 119}, {44, 137}}));
  EXPECT_EQ(log.logs.update_client_size(), 377);

  std::map<std::string, int> failures;
  for (const UpdateClientEvent& event : log.logs.update_client()) {
    EXPECT_THAT(event.update_guid(), SizeIs(38)) << event.record_id();
    EXPECT_EQ(event.has_error_code(), event.event_id() == 20) << event.record_id();
    if (event.event_id() != 20) continue;
    EXPECT_EQ(event.service_guid(), "{9482f4b4-e343-43b6-b170-9a65bc822c77}");
    ++failures[absl::StrFormat("%s 0x%08x", event.kb(), event.error_code())];
  }
  EXPECT_EQ(failures,
            (std::map<std::string, int>{{"KB4025342 0x80248007", 4}, {"KB890830 0x80246013", 1}}));

  std::map<BootEvent::Kind, int> boots;
  std::vector<std::string> restarts;
  for (const BootEvent& event : log.logs.boots()) {
    ++boots[event.kind()];
    EXPECT_EQ(event.started_filetime() > 0, event.kind() == BootEvent::STARTED);
    EXPECT_EQ(event.has_boot_type(), event.kind() == BootEvent::BOOT_TYPE);
    EXPECT_EQ(event.last_boot_good(), event.kind() == BootEvent::BOOT_STATUS);
    if (event.kind() == BootEvent::RESTART_ASKED) restarts.push_back(event.process());
  }
  EXPECT_EQ(boots, (std::map<BootEvent::Kind, int>{{BootEvent::STARTED, 3},
                                                   {BootEvent::STOPPED, 2},
                                                   {BootEvent::BOOT_STATUS, 2},
                                                   {BootEvent::BOOT_TYPE, 3},
                                                   {BootEvent::LOG_STARTED, 3},
                                                   {BootEvent::LOG_STOPPED, 2},
                                                   {BootEvent::RESTART_ASKED, 2}}));
  EXPECT_THAT(restarts, ElementsAre("winlogon.exe", "msiexec.exe"));
  ASSERT_EQ(log.logs.volumes_size(), 10);
  EXPECT_EQ(log.logs.volumes(0).drive(), "C:");
  EXPECT_EQ(log.logs.volumes(0).corruption_action(), 0u);
}

// Every record, every field: whatever Windows wrote can be read.
TEST(RealLogsTest, EveryFieldOfTheSystemLog) {
  const std::string bytes = Read("system.evtx");
  if (bytes.empty()) GTEST_SKIP() << "no real logs: PATCHGATE_TEST_DATA is not set";
  EventDecoder decoder;
  Event event;
  DamageLog damage;
  uint64_t fields = 0, user_data = 0;
  const auto summary = VisitRecords(
      bytes,
      [&](const Record& record) {
        absl::Status status = decoder.Decode(
            record, [](const Event&) { return true; }, &event);
        fields += event.fields.size();
        user_data += event.user_data.empty() ? 0 : 1;
        EXPECT_EQ(event.channel, "System") << record.id;
        // Records are written within moments of their events.
        const FileTime distance =
            event.time > record.written ? event.time - record.written : record.written - event.time;
        EXPECT_LT(distance, 3600 * kFileTimeTicksPerSecond) << record.id;
        return status;
      },
      &damage);
  ASSERT_TRUE(summary.ok());
  EXPECT_EQ(summary->records, 1'881u);
  EXPECT_TRUE(damage.empty());
  EXPECT_GT(fields, 5'000u);
  EXPECT_EQ(user_data, 51u);
}

TEST(RealLogsTest, WithoutChecksums) {
  const RealLog log("Application_no_crc32.evtx");
  SKIP_WITHOUT(log);
  EXPECT_THAT(log.gaps, IsEmpty());
  EXPECT_EQ(log.file().records(), 17u) << "and 34 stale records of the previous round";
  EXPECT_EQ(log.file().first_record_id(), 426u);
  EXPECT_EQ(log.file().last_record_id(), 442u);
}

TEST(RealLogsTest, ARecordWithoutASize) {
  const RealLog log("sample-with-zero-data-size-event.evtx");
  SKIP_WITHOUT(log);
  EXPECT_EQ(log.file().records(), 449u);
  EXPECT_EQ(log.file().bad_records(), 1u);
  EXPECT_EQ(log.file().bad_chunks(), 1u);
  EXPECT_THAT(log.gaps, ElementsAre(AllOf(HasSubstr("at 0x1034"), HasSubstr("records' checksum")),
                                    AllOf(HasSubstr("at 0x1820"), HasSubstr("size 0x0"))));
}

// Pages of zeros in several chunks, two of which lost their headers with them.
TEST(RealLogsTest, ChunksWithHoles) {
  const RealLog log("sample_with_a_bad_chunk_magic.evtx");
  SKIP_WITHOUT(log);
  EXPECT_EQ(log.file().collection().status(), Collection::COLLECTED);
  EXPECT_EQ(log.file().chunks(), 6u);
  EXPECT_EQ(log.file().bad_chunks(), 5u);
  EXPECT_EQ(log.file().records(), 298u);
  EXPECT_EQ(log.file().bad_records(), 87u);
  const std::vector<const char*> expected = {
      "at 0x1034: chunk: records' checksum",
      "at 0x2fc0: record: size 0x1d8, its copy behind it 0x0",
      "at 0x61000: chunk: signature 0000000000000000",
      "at 0xa1000: chunk: signature 0000000000000000",
      "at 0x9ee40: record: size 0x1f8, its copy behind it 0x0",
      "records 46741 to 47612 are in no chunk",
  };
  for (const char* part : expected) {
    EXPECT_THAT(log.gaps, testing::Contains(HasSubstr(part)));
  }
}

}  // namespace
}  // namespace patchgate::eventlog
