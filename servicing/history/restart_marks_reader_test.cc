#include "servicing/history/restart_marks_reader.h"

#include <functional>
#include <string>

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
using testing::IsEmpty;

constexpr char kSoftware[] = "Windows/System32/config/SOFTWARE";
constexpr char kWindows[] = "Microsoft\\Windows\\CurrentVersion\\";
constexpr char kUpdateAgent[] = "WindowsUpdate\\Auto Update";

RestartMarks Read(HiveBuilder* hive) {
  MemorySource source;
  if (hive != nullptr) source.AddFile(kSoftware, hive->Build());
  const registry::OfflineRegistry registry(source);
  return ReadRestartMarks(registry);
}

// A host that waits for nothing.
HiveBuilder Settled() {
  HiveBuilder hive;
  HiveBuilder::Key* windows = hive.root()->AddKey(kWindows);
  windows->AddKey(kUpdateAgent);
  windows->AddKey("RunOnce");
  windows->AddKey("Installer");
  windows->AddKey("WindowsUpdate\\Services\\Pending");
  windows->AddKey("Setup\\State")->SetString("ImageState", "IMAGE_STATE_COMPLETE");
  hive.root()->AddKey("Microsoft\\Updates")->SetDword("UpdateExeVolatile", 0);
  hive.root()->AddKey("Microsoft\\ServerManager");
  return hive;
}

TEST(RestartMarks, SettledHost) {
  HiveBuilder hive = Settled();
  const RestartMarks facts = Read(&hive);
  for (const Collection* section : {&facts.update_agent(), &facts.installers(), &facts.image()}) {
    EXPECT_EQ(section->status(), Collection::COLLECTED);
    EXPECT_THAT(section->gaps(), IsEmpty());
  }
  EXPECT_FALSE(facts.has_reboot_required_written_filetime());
  EXPECT_FALSE(facts.has_post_reboot_reporting_written_filetime());
  EXPECT_EQ(facts.update_exe_volatile(), 0u);
  EXPECT_TRUE(facts.has_update_exe_volatile());
  EXPECT_FALSE(facts.dvd_reboot_signal());
  EXPECT_FALSE(facts.has_server_manager_written_filetime());
  EXPECT_FALSE(facts.has_msi_in_progress_written_filetime());
  EXPECT_EQ(facts.pending_services(), 0u);
  EXPECT_EQ(facts.image_state(), "IMAGE_STATE_COMPLETE");
}

TEST(RestartMarks, EveryMark) {
  HiveBuilder hive = Settled();
  HiveBuilder::Key* windows = hive.root()->AddKey(kWindows);
  windows->AddKey(absl::StrCat(kUpdateAgent, "\\RebootRequired"))
      ->SetDword("", 0)
      ->SetDword("0a0b0c0d-0000-0000-0000-000000000001", 1)
      ->set_last_written(1);
  windows->AddKey(absl::StrCat(kUpdateAgent, "\\PostRebootReporting"))->set_last_written(2);
  windows->AddKey("RunOnce")->SetString("DVDRebootSignal", "");
  windows->AddKey("Installer\\InProgress")->set_last_written(3);
  windows->AddKey("WindowsUpdate\\Services\\Pending\\a");
  windows->AddKey("WindowsUpdate\\Services\\Pending\\b");
  windows->AddKey("Setup\\State")->SetString("ImageState", "IMAGE_STATE_UNDEPLOYABLE");
  hive.root()->AddKey("Microsoft\\Updates")->SetDword("UpdateExeVolatile", 2);
  hive.root()->AddKey("Microsoft\\ServerManager\\CurrentRebootAttempts")->set_last_written(4);
  const RestartMarks facts = Read(&hive);
  EXPECT_EQ(facts.reboot_required_written_filetime(), 1u);
  EXPECT_THAT(facts.reboot_required_updates(), ElementsAre("0a0b0c0d-0000-0000-0000-000000000001"));
  EXPECT_EQ(facts.post_reboot_reporting_written_filetime(), 2u);
  EXPECT_TRUE(facts.dvd_reboot_signal());
  EXPECT_EQ(facts.msi_in_progress_written_filetime(), 3u);
  EXPECT_EQ(facts.server_manager_written_filetime(), 4u);
  EXPECT_EQ(facts.pending_services(), 2u);
  EXPECT_EQ(facts.update_exe_volatile(), 2u);
  EXPECT_EQ(facts.image_state(), "IMAGE_STATE_UNDEPLOYABLE");
}

TEST(RestartMarks, AMarkIsThereWhateverItIs) {
  // An empty key that was never written, and a value instead of a key.
  HiveBuilder hive = Settled();
  HiveBuilder::Key* agent = hive.root()->AddKey(absl::StrCat(kWindows, kUpdateAgent));
  agent->AddKey("RebootRequired");
  agent->SetDword("PostRebootReporting", 0)->set_last_written(7);
  const RestartMarks facts = Read(&hive);
  EXPECT_TRUE(facts.has_reboot_required_written_filetime());
  EXPECT_EQ(facts.reboot_required_written_filetime(), 0u);
  EXPECT_EQ(facts.post_reboot_reporting_written_filetime(), 7u);
}

TEST(RestartMarks, WrongTypesAreGaps) {
  HiveBuilder hive = Settled();
  hive.root()->AddKey("Microsoft\\Updates")->SetString("UpdateExeVolatile", "0");
  hive.root()->AddKey(absl::StrCat(kWindows, "Setup\\State"))->SetDword("ImageState", 1);
  const RestartMarks facts = Read(&hive);
  EXPECT_EQ(facts.installers().gaps_size(), 1);
  EXPECT_FALSE(facts.has_update_exe_volatile());
  EXPECT_EQ(facts.image().gaps_size(), 1);
  EXPECT_EQ(facts.image_state(), "");
}

TEST(RestartMarks, MissingKeysAndHives) {
  HiveBuilder empty;
  EXPECT_EQ(Read(&empty).update_agent().status(), Collection::ABSENT);
  EXPECT_EQ(Read(&empty).installers().status(), Collection::ABSENT);
  EXPECT_EQ(Read(&empty).image().status(), Collection::ABSENT);
  EXPECT_EQ(Read(nullptr).update_agent().status(), Collection::UNREADABLE);
  EXPECT_EQ(Read(nullptr).installers().status(), Collection::UNREADABLE);
  EXPECT_EQ(Read(nullptr).image().status(), Collection::UNREADABLE);
}

TEST(RestartMarks, HostileKeysStaySmall) {
  HiveBuilder hive = Settled();
  HiveBuilder::Key* required =
      hive.root()->AddKey(absl::StrCat(kWindows, kUpdateAgent, "\\RebootRequired"));
  for (int i = 0; i < 5'000; ++i) required->SetDword(absl::StrCat(i, std::string(100, 'x')), 1);
  hive.root()
      ->AddKey(absl::StrCat(kWindows, "Setup\\State"))
      ->SetString("ImageState", std::string(100'000, 'x'));
  EXPECT_EQ(Read(&hive).reboot_required_updates_size(), 100);
  EXPECT_LT(Read(&hive).ByteSizeLong(), 20'000u);
}

}  // namespace
}  // namespace patchgate::history
