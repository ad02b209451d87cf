#include "servicing/registry/offline_registry.h"

#include <memory>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "servicing/base/little_endian.h"
#include "servicing/evidence/memory_source.h"
#include "servicing/regf/hive_builder.h"
#include "servicing/regf/log_builder.h"
#include "servicing/registry/section_reader.h"

namespace patchgate::registry {
namespace {

using evidence::MemorySource;
using regf::HiveBuilder;
using testing::HasSubstr;

constexpr char kSystem[] = "Windows/System32/config/SYSTEM";

HiveBuilder SystemHive(uint32_t current) {
  HiveBuilder builder;
  builder.root()->AddKey("Select")->SetDword("Current", current);
  builder.root()->AddKey("ControlSet001\\Control")->SetDword("Which", 1);
  builder.root()->AddKey("ControlSet002\\Control")->SetDword("Which", 2);
  return builder;
}

uint32_t Which(const MemorySource& source) {
  const OfflineRegistry registry(source);
  const auto key = registry.Open(HiveId::kSystem, "currentcontrolset\\control");
  if (!key.ok()) return 0;
  return *AsDword(*(*key)->Get("which"));
}

TEST(OfflineRegistry, CurrentControlSetIsTheSelectedOne) {
  for (const uint32_t current : {1u, 2u}) {
    MemorySource source;
    source.AddFile(kSystem, SystemHive(current).Build());
    EXPECT_EQ(Which(source), current);
  }
  MemorySource source;
  source.AddFile(kSystem, SystemHive(3).Build());
  const OfflineRegistry registry(source);
  const absl::Status status = registry.Open(HiveId::kSystem, "CurrentControlSet\\x").status();
  EXPECT_TRUE(absl::IsUnavailable(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("ControlSet003"));
}

TEST(OfflineRegistry, UnknownControlSetIsNotAnAbsentKey) {
  HiveBuilder builder = SystemHive(1);
  builder.root()->RemoveKey("Select");
  MemorySource source;
  source.AddFile(kSystem, builder.Build());
  const OfflineRegistry registry(source);
  const absl::Status status = registry.Open(HiveId::kSystem, "CurrentControlSet\\Control").status();
  EXPECT_TRUE(absl::IsUnavailable(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("current control set is unknown"));
}

TEST(OfflineRegistry, MissingAndUnreadableHives) {
  MemorySource source;
  source.AddFile(kSystem, SystemHive(1).Build());
  source.AddFile("Windows/System32/config/SOFTWARE", "");
  const OfflineRegistry registry(source);
  EXPECT_EQ(registry.Describe(HiveId::kSystem).collection().status(), Collection::COLLECTED);
  EXPECT_EQ(registry.Describe(HiveId::kSystem).state(), HiveFacts::CLEAN);
  EXPECT_EQ(registry.Describe(HiveId::kSoftware).collection().status(), Collection::UNREADABLE);
  EXPECT_EQ(registry.Describe(HiveId::kSoftware).collection().reason(),
            "hive SOFTWARE: the file is empty");
  EXPECT_EQ(registry.Describe(HiveId::kComponents).collection().status(), Collection::ABSENT);
  for (const HiveId hive : {HiveId::kSoftware, HiveId::kComponents}) {
    EXPECT_TRUE(absl::IsUnavailable(registry.Open(hive, "").status()));
  }
}

TEST(OfflineRegistry, ReplaysLogsBesideTheHive) {
  HiveBuilder before = SystemHive(1);
  HiveBuilder after = SystemHive(2);
  const std::string old_state = before.Build(), new_state = after.Build();
  MemorySource source;
  source.AddFile(kSystem, regf::Dirty(old_state, 8, 7));
  source.AddFile("Windows/System32/config/SYSTEM.LOG1",
                 regf::NewLog(new_state, 8, regf::DiffStates({old_state, new_state}, 8)));
  EXPECT_EQ(Which(source), 2u);
  EXPECT_EQ(OfflineRegistry(source).Describe(HiveId::kSystem).state(), HiveFacts::REPLAYED);

  source.AddError("Windows/System32/config/SYSTEM.LOG1", absl::PermissionDeniedError("denied"));
  EXPECT_EQ(Which(source), 1u);
  const HiveFacts facts = OfflineRegistry(source).Describe(HiveId::kSystem);
  EXPECT_EQ(facts.state(), HiveFacts::POSSIBLY_STALE);
  ASSERT_EQ(facts.logs_size(), 1);
  EXPECT_EQ(facts.logs(0).kind(), "unreadable");
}

TEST(OfflineRegistry, SymbolicLinksAreReportedNotFollowed) {
  HiveBuilder builder = SystemHive(1);
  builder.root()->AddKey("Link")->set_symbolic_link("\\Registry\\Machine\\SYSTEM\\ControlSet001");
  MemorySource source;
  source.AddFile(kSystem, builder.Build());
  const absl::Status status =
      OfflineRegistry(source).Open(HiveId::kSystem, "Link\\Control").status();
  EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
}

class SectionReaderTest : public testing::Test {
 protected:
  // Reads `path` of a SYSTEM hive and leaves the outcome in section_.
  SectionReader Read(const std::string& hive, absl::string_view path) {
    source_.AddFile(kSystem, hive);
    registry_ = std::make_unique<OfflineRegistry>(source_);
    return SectionReader(*registry_, HiveId::kSystem, path, &section_);
  }
  std::string FirstGap() const {
    return section_.gaps().empty() ? "" : section_.gaps(0).where() + ": " + section_.gaps(0).what();
  }
  MemorySource source_;
  std::unique_ptr<OfflineRegistry> registry_;
  Collection section_;
};

TEST_F(SectionReaderTest, CollectedAndAbsent) {
  HiveBuilder builder = SystemHive(1);
  builder.root()->FindKey("Select");
  builder.root()->AddKey("Select")->set_last_written(77);
  const SectionReader reader = Read(builder.Build(), "Select");
  EXPECT_EQ(section_.status(), Collection::COLLECTED);
  EXPECT_EQ(section_.modified_filetime(), 77u);
  EXPECT_EQ(reader.Dword("Current"), 1u);
  EXPECT_FALSE(reader.Dword("Nothing").has_value());
  EXPECT_EQ(FirstGap(), "");

  const SectionReader absent = Read(builder.Build(), "Nothing");
  EXPECT_EQ(section_.status(), Collection::ABSENT);
  EXPECT_FALSE(absent.has_key());
  EXPECT_FALSE(absent.Dword("Current").has_value());
}

TEST_F(SectionReaderTest, WrongTypeIsAGap) {
  HiveBuilder builder = SystemHive(1);
  builder.root()->AddKey("Select")->SetString("Current", "1");
  const SectionReader reader = Read(builder.Build(), "Select");
  EXPECT_FALSE(reader.Dword("Current").has_value());
  EXPECT_EQ(FirstGap(), "SYSTEM\\Select\\Current: REG_SZ of 4 bytes, expected REG_DWORD");
}

TEST_F(SectionReaderTest, DamageIsAGapNotAnAbsence) {
  HiveBuilder builder = SystemHive(1);
  HiveBuilder::Key* select = builder.root()->AddKey("Select")->SetDword("Other", 5);
  std::string hive = builder.Build();
  // The value record of Other loses its signature.
  hive[builder.RecordOffset(select->value_cell("Other"))] = 'x';
  const SectionReader reader = Read(hive, "Select");
  EXPECT_FALSE(reader.Dword("Other").has_value());
  EXPECT_THAT(FirstGap(), HasSubstr("SYSTEM\\Select\\Other: hive SYSTEM: value Other"));
}

TEST_F(SectionReaderTest, StaleHiveLeavesAGap) {
  HiveBuilder builder = SystemHive(1);
  const SectionReader reader = Read(regf::Dirty(builder.Build(), 8, 7), "Select");
  EXPECT_EQ(reader.Dword("Current"), 1u);
  EXPECT_THAT(FirstGap(), HasSubstr("possibly stale"));
}

TEST_F(SectionReaderTest, MergesWhatIsMissing) {
  Collection unreadable, absent, whole;
  unreadable.set_status(Collection::UNREADABLE);
  unreadable.set_source("SYSTEM\\x");
  unreadable.set_reason("why");
  absent.set_status(Collection::ABSENT);
  MergeSection(absent, &whole);
  EXPECT_EQ(whole.gaps_size(), 0);
  MergeSection(unreadable, &whole);
  ASSERT_EQ(whole.gaps_size(), 1);
  EXPECT_EQ(whole.gaps(0).what(), "why");
}

}  // namespace
}  // namespace patchgate::registry
