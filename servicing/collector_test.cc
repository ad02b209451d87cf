#include "servicing/collector.h"

#include <memory>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "google/protobuf/util/message_differencer.h"
#include "gtest/gtest.h"
#include "servicing/registry/offline_registry.h"
#include "testdata/fake_volume.h"

namespace patchgate {
namespace {

using testdata::FakeVolume;

constexpr FileTime kNow = 134'000'000'000'000'000;

TEST(Collector, ReadsTheFactsOfAHealthyHost) {
  const Snapshot s = Collect(FakeVolume().Build(), kNow);
  EXPECT_EQ(s.format_version(), kSnapshotFormatVersion);
  EXPECT_EQ(s.collected_filetime(), kNow);
  ASSERT_EQ(s.hives_size(), 4);
  for (const HiveFacts& hive : s.hives()) EXPECT_EQ(hive.state(), HiveFacts::CLEAN) << hive.name();
  EXPECT_EQ(s.control_set().current(), 1u);
  EXPECT_EQ(s.control_set().existing_size(), 1);
  EXPECT_EQ(s.os().current_build(), "26100");
  EXPECT_EQ(s.os().ubr(), 7462u);
  EXPECT_EQ(s.os().display_version(), "24H2");
  EXPECT_EQ(s.os().edition_id(), "Enterprise");
  EXPECT_EQ(s.setup().setup_type(), 0u);
  EXPECT_EQ(s.setup().system_partition(), "\\Device\\HarddiskVolume1");
  EXPECT_EQ(s.cbs_packages().packages_size(), 5);
  ASSERT_EQ(s.cbs_sessions().sessions_size(), 2);
  EXPECT_EQ(FormatFileTime(s.cbs_sessions().sessions(1).created_filetime()),
            "2025-12-10T09:00:19Z");
  EXPECT_EQ(s.cbs_component_detect().families(), 1u);
  ASSERT_EQ(s.servicing_stack().versions_size(), 1);
  EXPECT_TRUE(s.servicing_stack().versions(0).has_cbscore());
  EXPECT_TRUE(s.servicing_stack().versions(0).has_wcp());
  EXPECT_EQ(s.trusted_installer().start(), 3u);
  EXPECT_TRUE(s.trusted_installer().notification_present());
  EXPECT_EQ(s.pending_xml().collection().status(), Collection::ABSENT);
  EXPECT_EQ(s.components_root().collection().status(), Collection::COLLECTED);
  EXPECT_FALSE(s.components_root().has_pending_xml_identifier());
  EXPECT_TRUE(s.poqexec().setup_execute_present());
  EXPECT_EQ(s.poqexec().setup_execute_size(), 0);
  EXPECT_EQ(s.file_renames().total(), 1u);
  EXPECT_EQ(s.store_folders().trusted_installer().status(), Collection::COLLECTED);
}

TEST(Collector, ReadsAPendingTransaction) {
  FakeVolume volume;
  const FileTime written = testdata::Time("2025-12-15T07:00:00Z");
  volume.AddPendingXml(FakeVolume::kIdentifier, written);
  volume.SetPendingXmlIdentifier(FakeVolume::kIdentifier);
  volume.components()->SetDword("StoreDirty", 1)->SetDword("ExecutionState", 0);
  volume.components()->AddKey("CorruptionDetectedDuringAcr");
  volume.side_by_side()->SetMultiString("PoqexecCmdline", {FakeVolume::kPoqexec});
  volume.files()->AddFile("Windows/WinSxS/PENDING.XML.bad", "x", written);
  const Snapshot s = Collect(volume.Build(), kNow);
  EXPECT_EQ(s.pending_xml().collection().status(), Collection::COLLECTED);
  EXPECT_EQ(s.pending_xml().collection().modified_filetime(), written);
  EXPECT_EQ(s.pending_xml().identifier(), FakeVolume::kIdentifier);
  EXPECT_EQ(s.pending_xml().variants_size(), 1);
  EXPECT_EQ(s.components_root().pending_xml_identifier(), FakeVolume::kIdentifier);
  ASSERT_EQ(s.poqexec().poqexec_cmdline_size(), 1);
  int set = 0;
  for (const ComponentsFlag& flag : s.components_root().flags()) set += flag.set();
  EXPECT_EQ(set, 2) << "StoreDirty and the key; ExecutionState 0 is settled";
}

TEST(Collector, EverySectionSaysHowItCameToBe) {
  evidence::MemorySource empty;
  empty.AddDirectory("Windows/System32/config");
  ASSERT_TRUE(CheckIsWindowsVolume(empty).ok());
  const Snapshot s = Collect(empty, kNow);
  for (const HiveFacts& hive : s.hives()) {
    EXPECT_EQ(hive.collection().status(), Collection::ABSENT) << hive.name();
  }
  for (const Collection* section :
       {&s.control_set().collection(), &s.os().collection(), &s.setup().collection(),
        &s.boot_execute().collection(), &s.update_services().collection(),
        &s.cbs_root().collection(), &s.cbs_sessions().collection(), &s.cbs_packages().collection(),
        &s.cbs_component_detect().collection(), &s.servicing_stack().collection(),
        &s.trusted_installer().collection(), &s.pending_xml().collection(),
        &s.components_root().collection(), &s.poqexec().side_by_side(),
        &s.poqexec().session_manager(), &s.file_renames().collection()}) {
    EXPECT_EQ(section->status(), Collection::UNREADABLE) << section->source();
    EXPECT_NE(section->reason(), "") << section->source();
  }
}

TEST(Collector, NotAWindowsVolume) {
  evidence::MemorySource source;
  source.AddFile("etc/passwd", "");
  const absl::Status status = CheckIsWindowsVolume(source);
  EXPECT_TRUE(absl::IsFailedPrecondition(status));
  EXPECT_TRUE(absl::StrContains(status.message(), "holds no Windows volume")) << status;
}

// Another source for the registry, and what only the system knows; the rest is as offline.
TEST(Collector, ALiveHost) {
  const auto volume = FakeVolume().Build();
  LiveHost live;
  live.set_boot_filetime(kNow - 1);
  live.set_firmware(LiveHost::UEFI);
  int opened = 0;
  const OpenRegistry open = [&opened](const evidence::Source& source) {
    ++opened;
    return std::make_unique<registry::OfflineRegistry>(source);
  };
  CollectOptions options;
  options.esp_reason = "it has no name";
  Snapshot s = CollectLive(volume, open, live, kNow, options);
  EXPECT_EQ(opened, 1);
  EXPECT_TRUE(s.live());
  EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(s.live_host(), live));
  // This registry has no boot store loaded: the file is what is left.
  EXPECT_EQ(s.bcd().collection().source(), testdata::kBcdHive);
  ASSERT_EQ(s.space().volumes_size(), 2);
  EXPECT_EQ(s.space().volumes(1).collection().reason(), "it has no name");

  Snapshot offline = Collect(volume, kNow);
  EXPECT_EQ(offline.space().volumes(1).collection().reason(), "no system partition was given");
  EXPECT_FALSE(offline.live());
  EXPECT_FALSE(offline.has_live_host());
  for (Snapshot* snapshot : {&s, &offline}) {
    snapshot->clear_live();
    snapshot->clear_live_host();
    snapshot->clear_space();
  }
  EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(s, offline));
}

TEST(Collector, EndsWhenItIsTold) {
  Stop stop;
  stop.Cancel();
  CollectOptions options;
  options.stop = &stop;
  const Snapshot s = Collect(FakeVolume().Build(), kNow, options);
  EXPECT_EQ(s.reads().bytes(), 0u);
  for (const HiveFacts& hive : s.hives()) {
    EXPECT_EQ(hive.collection().status(), Collection::UNREADABLE) << hive.name();
  }
}

TEST(Snapshot, RoundTripsAndIsDeterministic) {
  const Snapshot s = Collect(FakeVolume().Build(), kNow);
  const std::string bytes = SerializeSnapshot(s);
  EXPECT_EQ(bytes, SerializeSnapshot(Collect(FakeVolume().Build(), kNow)));
  const auto parsed = ParseSnapshot(bytes);
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(s, *parsed));
}

TEST(Snapshot, RefusesWhatIsNotWhole) {
  const std::string bytes = SerializeSnapshot(Collect(FakeVolume().Build(), kNow));
  for (size_t length = 0; length < bytes.size(); ++length) {
    ASSERT_FALSE(ParseSnapshot(absl::string_view(bytes).substr(0, length)).ok()) << length;
  }
  for (size_t i = 0; i < bytes.size(); ++i) {
    std::string flipped = bytes;
    flipped[i] = static_cast<char>(flipped[i] ^ 0x01);
    ASSERT_FALSE(ParseSnapshot(flipped).ok()) << i;
  }
}

TEST(Snapshot, RefusesANewerFormat) {
  Snapshot s = Collect(FakeVolume().Build(), kNow);
  s.set_format_version(kSnapshotFormatVersion + 1);
  const absl::Status status = ParseSnapshot(SerializeSnapshot(s)).status();
  EXPECT_TRUE(absl::IsUnimplemented(status)) << status;
  EXPECT_TRUE(absl::StrContains(status.message(),
                                absl::StrCat("format version ", kSnapshotFormatVersion + 1)))
      << status;
  s.set_format_version(0);
  EXPECT_TRUE(absl::IsInvalidArgument(ParseSnapshot(SerializeSnapshot(s)).status()));
}

}  // namespace
}  // namespace patchgate
