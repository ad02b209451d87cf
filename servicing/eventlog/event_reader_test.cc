#include "servicing/eventlog/event_reader.h"

#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "servicing/base/filetime.h"
#include "servicing/base/little_endian.h"
#include "servicing/eventlog/event_fixtures.h"
#include "servicing/eventlog/evtx_builder.h"
#include "servicing/evidence/memory_source.h"

namespace patchgate::eventlog {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr FileTime kTime = 134000000000000000;
constexpr char kSetup[] = "Windows/System32/winevt/Logs/Setup.evtx";
constexpr char kSystem[] = "Windows/System32/winevt/Logs/System.evtx";

// The failure that precedes an improper state: initiated, failed, repaired.
std::string SetupLog() {
  EvtxBuilder setup;
  AddServicingEvent(kTime, 1, "KB5072033", 0, 112, 0, "UpdateAgentLCU", &setup);
  AddServicingEvent(kTime + 1, 3, "KB5072033", 0, 112, 0x800f0984, "UpdateAgentLCU", &setup);
  AddStoreRepairStart(kTime + 2, false, true, &setup);
  AddStoreRepairFinish(kTime + 3, 0, 1, 3, &setup);
  return setup.Build();
}

std::string SystemLog() {
  EvtxBuilder system;
  AddBoot(kTime, &system);
  AddUpdateClientEvent(kTime + 1, 20, "KB5072033", 0x80248007, &system);
  AddStoreAppEvent(kTime + 2, 20, 0x80073cf9, &system);
  AddOtherEvent(kTime + 3, &system);
  AddRestartRequest(kTime + 4, "C:\\Windows\\servicing\\TrustedInstaller.exe", &system);
  AddShutdown(kTime + 5, &system);
  AddBootAfterFailure(kTime + 6, false, false, &system);
  AddUnexpectedShutdown(kTime + 7, 0xED, &system);
  AddBugcheck(kTime + 8, 0xED, &system);
  AddVolumeState(kTime + 9, "C:", 3, &system);
  AddVolumeCorruption(kTime + 10, "C:", &system);
  AddDiskError(kTime + 11, 153, &system);
  AddFastStartup(kTime + 12, &system);
  return system.Build();
}

TEST(EventReaderTest, BothLogsOfAVolume) {
  evidence::MemorySource source;
  source.AddFile(kSetup, SetupLog(), 11);
  source.AddFile(kSystem, SystemLog(), 12);
  source.AddFile("Windows/System32/winevt/Logs/Application.evtx", "not read");
  const EventLogs logs = ReadEventLogs(source);

  EXPECT_EQ(logs.collection().status(), Collection::COLLECTED);
  EXPECT_EQ(logs.collection().source(), "Windows/System32/winevt/Logs");
  ASSERT_EQ(logs.files_size(), 2);
  const EventLogFile& setup = logs.files(0);
  EXPECT_EQ(setup.name(), "Setup.evtx");
  EXPECT_EQ(setup.collection().status(), Collection::COLLECTED);
  EXPECT_EQ(setup.collection().source(), kSetup);
  EXPECT_EQ(setup.collection().modified_filetime(), 11u);
  EXPECT_EQ(setup.collection().gaps_size(), 0);
  EXPECT_EQ(setup.size(), SetupLog().size());
  EXPECT_EQ(setup.chunks(), 1u);
  EXPECT_EQ(setup.records(), 4u);
  EXPECT_EQ(setup.first_record_id(), 1u);
  EXPECT_EQ(setup.last_record_id(), 4u);
  EXPECT_EQ(setup.first_filetime(), kTime);
  EXPECT_EQ(setup.last_filetime(), kTime + 3);
  ASSERT_EQ(setup.counts_size(), 4);
  EXPECT_EQ(setup.counts(2).provider(), "Microsoft-Windows-Servicing");
  EXPECT_EQ(setup.counts(2).id(), 1013u);
  EXPECT_EQ(setup.counts(2).count(), 1u);

  ASSERT_EQ(logs.servicing_size(), 2);
  EXPECT_EQ(logs.servicing(0).kind(), ServicingEvent::INITIATED);
  EXPECT_EQ(logs.servicing(0).package(), "KB5072033");
  EXPECT_EQ(logs.servicing(0).initial_state(), "Absent");
  EXPECT_EQ(logs.servicing(0).intended_state(), "Installed");
  EXPECT_EQ(logs.servicing(0).filetime(), kTime);
  EXPECT_FALSE(logs.servicing(0).has_error_code());
  EXPECT_EQ(logs.servicing(1).kind(), ServicingEvent::FAILED);
  EXPECT_EQ(logs.servicing(1).error_code(), 0x800f0984u);
  EXPECT_EQ(logs.servicing(1).client(), "UpdateAgentLCU");
  ASSERT_EQ(logs.store_repairs_size(), 2);
  EXPECT_TRUE(logs.store_repairs(0).auto_triggered());
  EXPECT_EQ(logs.store_repairs(1).total_corruption(), 3u);

  ASSERT_EQ(logs.update_client_size(), 2);
  EXPECT_EQ(logs.update_client(0).kb(), "KB5072033");
  EXPECT_EQ(logs.update_client(0).error_code(), 0x80248007u);
  EXPECT_EQ(logs.update_client(1).kb(), "");
  EXPECT_EQ(logs.update_client(1).service_guid(), "{855e8a7c-ecb4-4ca3-b045-1dfa50104289}");

  std::vector<BootEvent::Kind> kinds;
  for (const BootEvent& boot : logs.boots()) kinds.push_back(boot.kind());
  using Boot = BootEvent;
  EXPECT_THAT(kinds,
              ElementsAre(Boot::STARTED, Boot::BOOT_STATUS, Boot::BOOT_TYPE, Boot::LOG_STARTED,
                          Boot::RESTART_ASKED, Boot::LOG_STOPPED, Boot::STOPPED, Boot::STARTED,
                          Boot::BOOT_STATUS, Boot::BOOT_TYPE, Boot::LOG_STARTED, Boot::POWER_LOST,
                          Boot::UNEXPECTED, Boot::BUGCHECK, Boot::STARTED, Boot::BOOT_STATUS,
                          Boot::BOOT_TYPE, Boot::LOG_STARTED));
  EXPECT_EQ(logs.boots(0).started_filetime(), kTime);
  EXPECT_EQ(logs.boots(4).process(), "TrustedInstaller.exe");
  EXPECT_TRUE(logs.boots(8).has_last_boot_good());
  EXPECT_FALSE(logs.boots(8).last_boot_good());
  EXPECT_EQ(logs.boots(11).bugcheck(), 0xEDu);
  EXPECT_EQ(logs.boots(13).bugcheck(), 0xEDu);
  EXPECT_EQ(logs.boots(16).boot_type(), 1u);

  ASSERT_EQ(logs.volumes_size(), 3);
  EXPECT_EQ(logs.volumes(0).drive(), "C:");
  EXPECT_EQ(logs.volumes(0).corruption_action(), 3u);
  EXPECT_EQ(logs.volumes(2).kind(), VolumeEvent::DISK_ERROR);
  EXPECT_EQ(logs.dropped(), 0u);
}

TEST(EventReaderTest, WhatIsNotThereIsSaid) {
  evidence::MemorySource source;
  const EventLogs none = ReadEventLogs(source);
  EXPECT_EQ(none.collection().status(), Collection::ABSENT);
  ASSERT_EQ(none.files_size(), 2);
  EXPECT_EQ(none.files(1).collection().status(), Collection::ABSENT);
  EXPECT_EQ(none.files(1).collection().source(), kSystem);

  source.AddFile(kSetup, "this is no log");
  source.AddFile(kSystem, SystemLog());
  source.AddError(kSystem, absl::PermissionDeniedError("access is denied"));
  const EventLogs bad = ReadEventLogs(source);
  EXPECT_EQ(bad.collection().status(), Collection::COLLECTED);
  EXPECT_EQ(bad.files(0).collection().status(), Collection::UNREADABLE);
  EXPECT_THAT(bad.files(0).collection().reason(), HasSubstr("not an event log"));
  EXPECT_EQ(bad.files(1).collection().status(), Collection::UNREADABLE);
  EXPECT_EQ(bad.files(1).collection().reason(), "access is denied");
}

TEST(EventReaderTest, DamageBecomesGaps) {
  std::string bytes = SystemLog();
  bytes[ChunkOffset(0) + chunk::kRecords + record::kWritten] ^= 1;
  EventLogs logs;
  ReadEventLogFile("System.evtx", bytes, &logs);
  const EventLogFile& file = logs.files(0);
  EXPECT_EQ(file.collection().status(), Collection::COLLECTED);
  EXPECT_EQ(file.bad_chunks(), 1u);
  ASSERT_EQ(file.collection().gaps_size(), 1);
  EXPECT_EQ(file.collection().gaps(0).where(), "System.evtx at 0x1034");
  EXPECT_THAT(file.collection().gaps(0).what(), HasSubstr("chunk: records' checksum"));
  EXPECT_EQ(logs.volumes_size(), 3) << "the records can still be read";
}

TEST(EventReaderTest, ManyGapsAreSummed) {
  EvtxBuilder builder;
  for (int i = 0; i < 260; ++i) AddOtherEvent(kTime + static_cast<FileTime>(i), &builder);
  std::string bytes = builder.Build();
  for (size_t i = 0; i < 260; i += 2) bytes[builder.record_offset(i) + record::kXml] = 0x7f;
  FixChecksums(&bytes);
  EventLogs logs;
  ReadEventLogFile("System.evtx", bytes, &logs);
  EXPECT_EQ(logs.files(0).bad_records(), 130u);
  EXPECT_EQ(logs.files(0).records(), 130u);
  ASSERT_EQ(logs.files(0).collection().gaps_size(), static_cast<int>(DamageLog::kKept) + 1);
  EXPECT_EQ(logs.files(0).collection().gaps(100).what(), "30 more places are damaged");
}

TEST(EventReaderTest, FactsAreInTimeOrderWhereverTheRingBegins) {
  EvtxBuilder::Options options;
  options.max_records_per_chunk = 10;
  options.oldest_chunk = 3;
  EvtxBuilder builder(options);
  for (uint64_t i = 0; i < 45; ++i) AddVolumeState(kTime + i, "C:", 0, &builder);
  EventLogs logs;
  ReadEventLogFile("System.evtx", builder.Build(), &logs);
  ASSERT_EQ(logs.volumes_size(), 45);
  for (uint64_t i = 0; i < 45; ++i) {
    EXPECT_EQ(logs.volumes(static_cast<int>(i)).filetime(), kTime + i);
  }
}

// Two and a half times as many as are kept, the newest first.
TEST(EventReaderTest, TheNewestOfALongListAreKept) {
  constexpr uint64_t kEvents = kMaxVolumes * 5 / 2;
  EvtxBuilder builder;
  for (uint64_t i = 0; i < kEvents; ++i) {
    AddVolumeState(kTime + kEvents - 1 - i, "C:", 0, &builder);
  }
  EventLogs logs;
  ReadEventLogFile("System.evtx", builder.Build(), &logs);
  ASSERT_EQ(logs.volumes_size(), kMaxVolumes);
  EXPECT_EQ(logs.dropped(), kEvents - kMaxVolumes);
  EXPECT_EQ(logs.volumes(0).filetime(), kTime + kEvents - kMaxVolumes);
  EXPECT_EQ(logs.volumes(kMaxVolumes - 1).filetime(), kTime + kEvents - 1);
  EXPECT_EQ(logs.files(0).records(), kEvents);
}

TEST(EventReaderTest, AFloodPushesNoCorruptVolumeOut) {
  EvtxBuilder builder;
  AddVolumeCorruption(kTime, "C:", &builder);
  for (uint64_t i = 1; i <= kMaxVolumes * 3; ++i) AddDiskError(kTime + i, 51, &builder);
  EventLogs logs;
  ReadEventLogFile("System.evtx", builder.Build(), &logs);
  ASSERT_EQ(logs.volumes_size(), kMaxVolumes);
  EXPECT_EQ(logs.volumes(0).kind(), VolumeEvent::NTFS_CORRUPT);
}

TEST(EventReaderTest, KindsOfEventsBeyondTheCountsAreSaid) {
  EvtxBuilder builder;
  for (uint32_t id = 0; id < kMaxCounts + 5; ++id) builder.Add({"P", "", id, kTime, "System"});
  EventLogs logs;
  ReadEventLogFile("System.evtx", builder.Build(), &logs);
  EXPECT_EQ(logs.files(0).counts_size(), kMaxCounts);
  ASSERT_EQ(logs.files(0).collection().gaps_size(), 1);
  EXPECT_THAT(logs.files(0).collection().gaps(0).what(), HasSubstr("5 events beyond"));
}

}  // namespace
}  // namespace patchgate::eventlog
