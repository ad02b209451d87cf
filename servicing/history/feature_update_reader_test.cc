#include "servicing/history/feature_update_reader.h"

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "servicing/evidence/memory_source.h"
#include "servicing/regf/hive_builder.h"
#include "servicing/registry/offline_registry.h"

namespace patchgate::history {
namespace {

using evidence::MemorySource;
using regf::HiveBuilder;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr char kSystem[] = "Windows/System32/config/SYSTEM";

FeatureUpdates Read(MemorySource source, HiveBuilder* hive) {
  if (hive != nullptr) source.AddFile(kSystem, hive->Build());
  const registry::OfflineRegistry registry(source);
  return ReadFeatureUpdates(registry, source);
}

TEST(FeatureUpdates, AFailedUpdate) {
  // As on a real host with four failed feature updates (DOMAIN §2.3).
  HiveBuilder hive;
  HiveBuilder::Key* setup = hive.root()->AddKey("Setup");
  setup->set_last_written(10);
  setup->AddKey("FailedInstallations")
      ->SetDword("10.0.19041.207 (vb_release_svc_prod1.200408-1800)", 4)
      ->set_last_written(11);
  setup->AddKey("MoSetup\\Tracking")
      ->SetDword("InstallAttempts", 4)
      ->SetDword("FailureCount", 3)
      ->set_last_written(12);
  setup->AddKey("MoSetup\\Volatile")->SetDword("BoxResult", 0x80070032);
  setup->AddKey("setupdiag\\results")
      ->SetString("ProfileName", "FindAbruptDownlevelFailure")
      ->SetMultiString("FailureData", {"one", "two"})
      ->SetString("FailureDetails", "ErrorCode = 0x80070032, ExCode = 0x50015, Oper = Finalize")
      ->SetString("LastSetupPhase", "Downlevel")
      ->SetDword("LastSetupOperation", 5)
      ->SetString("DateTime", "2020-06-01T10:00:00")
      ->set_last_written(13);
  setup->AddKey("Source OS (Updated on 5/12/2020 10:11:12)")
      ->SetString("CurrentBuild", "17134")
      ->set_last_written(14);
  setup->AddKey("Source Other");

  const FeatureUpdates facts = Read({}, &hive);
  EXPECT_EQ(facts.collection().status(), Collection::COLLECTED);
  EXPECT_EQ(facts.collection().source(), "SYSTEM\\Setup");
  EXPECT_THAT(facts.collection().gaps(), IsEmpty());
  ASSERT_EQ(facts.failed_installations_size(), 1);
  EXPECT_EQ(facts.failed_installations(0).build(),
            "10.0.19041.207 (vb_release_svc_prod1.200408-1800)");
  EXPECT_EQ(facts.failed_installations(0).count(), 4u);
  EXPECT_EQ(facts.failed_installations(0).key_written_filetime(), 11u);
  EXPECT_EQ(facts.install_attempts(), 4u);
  EXPECT_EQ(facts.failure_count(), 3u);
  EXPECT_EQ(facts.tracking_written_filetime(), 12u);
  EXPECT_EQ(facts.box_result(), 0x80070032u);
  EXPECT_TRUE(facts.setup_diag().present());
  EXPECT_EQ(facts.setup_diag().profile_name(), "FindAbruptDownlevelFailure");
  EXPECT_EQ(facts.setup_diag().failure_data(), "one; two");
  EXPECT_THAT(facts.setup_diag().failure_details(), HasSubstr("0x50015"));
  EXPECT_EQ(facts.setup_diag().last_setup_phase(), "Downlevel");
  EXPECT_THAT(facts.setup_diag().last_setup_operation(), HasSubstr("5")) << "quoted as it is";
  EXPECT_EQ(facts.setup_diag().date_time(), "2020-06-01T10:00:00");
  EXPECT_EQ(facts.setup_diag().key_written_filetime(), 13u);
  ASSERT_EQ(facts.upgrades_size(), 1);
  EXPECT_EQ(facts.upgrades(0).key(), "Source OS (Updated on 5/12/2020 10:11:12)");
  EXPECT_EQ(facts.upgrades(0).current_build(), "17134");
  EXPECT_EQ(facts.upgrades(0).key_written_filetime(), 14u);
}

TEST(FeatureUpdates, AHostWithoutAny) {
  HiveBuilder hive;
  hive.root()->AddKey("Setup")->SetDword("SetupType", 0);
  const FeatureUpdates facts = Read({}, &hive);
  EXPECT_EQ(facts.collection().status(), Collection::COLLECTED);
  EXPECT_THAT(facts.collection().gaps(), IsEmpty());
  EXPECT_FALSE(facts.has_install_attempts());
  EXPECT_FALSE(facts.has_failure_count());
  EXPECT_FALSE(facts.has_box_result());
  EXPECT_FALSE(facts.has_setup_diag());
  for (const SetupFolder& folder : facts.folders()) {
    EXPECT_EQ(folder.collection().status(), Collection::ABSENT) << folder.collection().source();
  }
}

TEST(FeatureUpdates, WrongTypesAreGaps) {
  HiveBuilder hive;
  hive.root()->AddKey("Setup\\FailedInstallations")->SetString("10.0", "4");
  hive.root()->AddKey("Setup\\MoSetup\\Tracking")->SetQword("FailureCount", 4);
  hive.root()->AddKey("Setup\\MoSetup\\Volatile")->SetBinary("BoxResult", "1234");
  const FeatureUpdates facts = Read({}, &hive);
  EXPECT_EQ(facts.collection().gaps_size(), 3);
  EXPECT_EQ(facts.failed_installations_size(), 0);
  EXPECT_FALSE(facts.has_failure_count());
  EXPECT_FALSE(facts.has_box_result());
}

TEST(FeatureUpdates, NoHive) {
  EXPECT_EQ(Read({}, nullptr).collection().status(), Collection::UNREADABLE);
  HiveBuilder hive;
  hive.root()->AddKey("Select");
  EXPECT_EQ(Read({}, &hive).collection().status(), Collection::ABSENT);
}

TEST(FeatureUpdates, Folders) {
  MemorySource source;
  source.AddDirectory("$WINDOWS.~BT/Sources/Rollback", 20);
  source.AddFile("$WINDOWS.~BT/Sources/Rollback/setupact.log", "text", 21);
  source.AddFile("$WINDOWS.~BT/Sources/Rollback/setupmem.dmp", "", 23);
  source.AddFile("$WINDOWS.~BT/Sources/Rollback/setupapi/x", "", 99);
  source.AddFile("$WinREAgent/Rollback.xml", "", 30);
  source.AddDirectory("$WINDOWS.~BT/NewOS");
  source.AddError("$WINDOWS.~BT/NewOS", absl::PermissionDeniedError("NewOS: is a symbolic link"));
  for (int i = 0; i < 500; ++i) source.AddFile(absl::StrCat("Windows/Panther/", i, ".log"), "");
  HiveBuilder hive;
  const FeatureUpdates facts = Read(source, &hive);
  std::vector<std::string> paths;
  const auto folder = [&](absl::string_view path) {
    for (const SetupFolder& f : facts.folders()) {
      if (f.collection().source() == path) return f;
    }
    ADD_FAILURE() << path;
    return SetupFolder();
  };
  const SetupFolder rollback = folder("$WINDOWS.~BT/Sources/Rollback");
  EXPECT_EQ(rollback.collection().status(), Collection::COLLECTED);
  EXPECT_EQ(rollback.collection().modified_filetime(), 20u);
  EXPECT_EQ(rollback.files(), 2u);
  EXPECT_EQ(rollback.newest_filetime(), 23u);
  EXPECT_THAT(rollback.names(), ElementsAre("setupact.log", "setupapi", "setupmem.dmp"));
  EXPECT_THAT(folder("$WinREAgent").names(), ElementsAre("Rollback.xml"));
  EXPECT_EQ(folder("$WinREAgent/Scratch").collection().status(), Collection::ABSENT);
  EXPECT_EQ(folder("$WINDOWS.~BT/NewOS").collection().status(), Collection::UNREADABLE);
  EXPECT_THAT(folder("$WINDOWS.~BT/NewOS").collection().reason(), HasSubstr("symbolic link"));
  EXPECT_EQ(folder("Windows/Panther").files(), 500u);
  EXPECT_EQ(folder("Windows/Panther").names_size(), 20);
}

TEST(FeatureUpdates, HostileKeysStaySmall) {
  HiveBuilder hive;
  HiveBuilder::Key* setup = hive.root()->AddKey("Setup");
  HiveBuilder::Key* failed = setup->AddKey("FailedInstallations");
  for (int i = 0; i < 2'000; ++i) {
    failed->SetDword(absl::StrCat(i), 1);
    setup->AddKey(absl::StrCat("Source OS (", i));
  }
  setup->AddKey("setupdiag\\results")->SetString("FailureData", std::string(1'000'000, 'x'));
  EXPECT_LT(Read({}, &hive).ByteSizeLong(), 20'000u);
}

// Real hives; skipped where PATCHGATE_TEST_DATA names no folder. Both hosts are healthy.
TEST(FeatureUpdates, RealHives) {
  const char* folder = std::getenv("PATCHGATE_TEST_DATA");
  if (folder == nullptr) GTEST_SKIP() << "no real hives: PATCHGATE_TEST_DATA is not set";
  for (const char* name : {"SYSTEM_B", "SYSTEM_2"}) {
    MemorySource source;
    for (const char* suffix : {"", ".LOG1", ".LOG2"}) {
      std::ifstream file(absl::StrCat(folder, "/hives/", name, suffix), std::ios::binary);
      if (!file) continue;
      source.AddFile(absl::StrCat(kSystem, suffix),
                     std::string(std::istreambuf_iterator<char>(file), {}));
    }
    const FeatureUpdates facts = Read(source, nullptr);
    EXPECT_EQ(facts.collection().status(), Collection::COLLECTED) << name;
    EXPECT_EQ(facts.failed_installations_size(), 0) << name;
    EXPECT_FALSE(facts.has_setup_diag()) << name;
    for (const UpgradedFrom& upgrade : facts.upgrades()) {
      EXPECT_THAT(upgrade.key(), HasSubstr("Source OS (Updated on ")) << name;
      EXPECT_NE(upgrade.current_build(), "") << name;
    }
  }
}

}  // namespace
}  // namespace patchgate::history
