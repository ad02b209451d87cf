#include "absl/strings/str_cat.h"
#include "gate/checks/check_testing.h"
#include "gate/checks/last_boot.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "testdata/fake_volume.h"

namespace patchgate::gate::checks {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr char kId[] = "host.update-restart-required";
constexpr char kAutoUpdate[] = "Microsoft\\Windows\\CurrentVersion\\WindowsUpdate\\Auto Update";

// When the host of a healthy fake volume last booted, and a time after it.
constexpr char kBoot[] = "2025-12-15T06:20:00Z", kSinceBoot[] = "2025-12-15T12:00:00Z";

regf::HiveBuilder::Key* Mark(FakeVolume& volume) {
  return volume.software()
      ->AddKey(absl::StrCat(kAutoUpdate, "\\RebootRequired"))
      ->set_last_written(testdata::Time(kSinceBoot));
}

evidence::MemorySource Marked(FakeVolume& volume) {
  Mark(volume)->SetDword("{1d9a1c3b-0f0a-4e0e-9d3c-2f6f6f1b7a55}", 1);
  return volume.Build();
}

TEST(UpdateRestartRequired, Cases) {
  RunCases(kId,
           {{"healthy", Unchanged, Finding::PASS, "does not ask for a restart"},
            {"present",
             Marked,
             Finding::BLOCK,
             "asks for a restart",
             {{"Auto Update\\RebootRequired", "for 1 update: {1d9a1c3b"},
              {"Auto Update\\RebootRequired", "newer than the last boot (2025-12-15T06:20:00Z"}}},
            {"present without updates",
             [](FakeVolume& volume) {
               Mark(volume);
               return volume.Build();
             },
             Finding::BLOCK,
             "asks for a restart",
             {{"RebootRequired", "present; newer"}}},
            {"many updates",
             [](FakeVolume& volume) {
               for (int i = 0; i < 9; ++i) Mark(volume)->SetDword(absl::StrCat("u", i), 1);
               return volume.Build();
             },
             Finding::BLOCK,
             "asks for a restart",
             {{"RebootRequired", "for 9 updates: u0, u1, u2, u3, u4, ...;"}}},
            {"no mark among others",
             [](FakeVolume& volume) {
               volume.software()->AddKey(absl::StrCat(kAutoUpdate, "\\PostRebootReporting"));
               return volume.Build();
             },
             Finding::PASS, "does not ask for a restart"},
            {"broken list of subkeys",
             [](FakeVolume& volume) {
               volume.software()->AddKey(absl::StrCat(kAutoUpdate, "\\PostRebootReporting"));
               evidence::MemorySource built = volume.Build();
               BreakSubkeys(kSoftwareHive, *volume.software()->FindKey(kAutoUpdate), &built);
               return built;
             },
             Finding::INDETERMINATE, "could not be measured in full"}});
}

TEST(UpdateRestartRequired, IsJudgedByTheLastBoot) {
  const struct {
    const char* name;
    const char* written;
    Finding::Result result;
    const char* what;
  } cases[] = {
      {"booted since", "2025-12-14T20:00:00Z", Finding::WARN, "older than the last boot"},
      {"booted just after it", "2025-12-15T06:16:59Z", Finding::WARN, "older than the last boot"},
      {"booted within the doubt", "2025-12-15T06:17:00Z", Finding::BLOCK, "is not known"},
      {"booted at that moment", kBoot, Finding::BLOCK, "is not known"},
      {"booted before", kSinceBoot, Finding::BLOCK, "newer than the last boot"},
      {"written in the future", "2025-12-16T18:00:01Z", Finding::BLOCK, "is not known"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    FakeVolume volume;
    Mark(volume)->set_last_written(testdata::Time(c.written));
    const Finding finding = RunCheck(kId, volume.Build());
    EXPECT_THAT(finding, ResultIs(c.result));
    EXPECT_THAT(finding, HasEvidence("Auto Update\\RebootRequired", c.what));
    EXPECT_THAT(finding, SummaryHas(c.result == Finding::WARN ? "is stale" : "asks for a restart"));
  }
}

// Without logs nothing says that the host was restarted since, however old the mark is.
TEST(UpdateRestartRequired, WithoutABootTheMarkCounts) {
  FakeVolume volume;
  Mark(volume)->set_last_written(testdata::Time("2025-06-01T00:00:00Z"));
  Snapshot snapshot = CollectFrom(volume.Build());
  snapshot.clear_event_logs();
  snapshot.clear_cbs_log();
  EXPECT_THAT(RunCheck(kId, snapshot), ResultIs(Finding::BLOCK));
  EXPECT_THAT(RunCheck(kId, snapshot), HasEvidence("RebootRequired", "is not known"));
}

// A boot from a session that was saved finishes nothing.
TEST(UpdateRestartRequired, FastStartUpIsNoRestart) {
  FakeVolume volume;
  Snapshot snapshot = CollectFrom(Marked(volume));
  for (const BootEvent::Kind kind : {BootEvent::STARTED, BootEvent::BOOT_TYPE}) {
    BootEvent* event = snapshot.mutable_event_logs()->add_boots();
    event->set_kind(kind);
    event->set_filetime(testdata::Time("2025-12-15T15:00:00Z"));
    if (kind == BootEvent::BOOT_TYPE) event->set_boot_type(1);
  }
  EXPECT_THAT(RunCheck(kId, snapshot), ResultIs(Finding::BLOCK));
  snapshot.mutable_event_logs()->mutable_boots()->rbegin()->set_boot_type(0);
  EXPECT_THAT(RunCheck(kId, snapshot), ResultIs(Finding::WARN));
}

TEST(UpdateRestartRequired, UnreadableElsewhereDoesNotMatter) {
  FakeVolume volume;
  Snapshot snapshot = CollectFrom(volume.Build());
  Collection* section = snapshot.mutable_restart_marks()->mutable_update_agent();
  Gap* gap = section->add_gaps();
  gap->set_where(absl::StrCat(section->source(), "\\PostRebootReporting\\x"));
  gap->set_what("REG_SZ, expected REG_DWORD");
  EXPECT_THAT(RunCheck(kId, snapshot), ResultIs(Finding::PASS));
  gap->set_where(absl::StrCat(section->source(), "\\RebootRequired"));
  EXPECT_THAT(RunCheck(kId, snapshot), ResultIs(Finding::INDETERMINATE));
}

TEST(UpdateRestartRequired, IsDated) {
  FakeVolume volume;
  EXPECT_THAT(RunCheck(kId, Marked(volume)), HasEvidenceWritten("RebootRequired", kSinceBoot));
}

TEST(UpdateRestartRequired, NeedsItsEvidence) { ExpectNeeds(kId, {kSoftwareHive}); }

TEST(LastBoot, Ages) {
  const FileTime noon = testdata::Time("2025-12-14T12:00:00Z");
  constexpr FileTime kHour = 3600 * kFileTimeTicksPerSecond;
  const struct {
    const char* name;
    FileTime written, boot;
    bool local;
    Age age;
  } cases[] = {
      {"undated mark", 0, noon, false, Age::kUnknown},
      {"unknown boot", noon, 0, false, Age::kUnknown},
      {"before", noon, noon + kHour, false, Age::kBeforeBoot},
      {"since", noon, noon - kHour, false, Age::kSinceBoot},
      {"local boot, too close", noon, noon + 14 * kHour, true, Age::kUnknown},
      {"local boot, clear", noon, noon + 15 * kHour, true, Age::kBeforeBoot},
      {"local boot, long before", noon, noon - 15 * kHour, true, Age::kSinceBoot},
      {"mark of the future", TestNow() + 1, noon, false, Age::kUnknown},
      {"mark of the far future", ~FileTime{0}, noon, true, Age::kUnknown},
      {"boot of the far future", noon, ~FileTime{0}, false, Age::kUnknown},
      {"boot at the beginning of time", noon, 1, false, Age::kSinceBoot},
      {"mark at the beginning of time", 1, noon, false, Age::kBeforeBoot},
  };
  for (const auto& c : cases) {
    Timeline timeline;
    timeline.mutable_last_boot()->set_filetime(c.boot);
    timeline.mutable_last_boot()->set_local(c.local);
    timeline.mutable_last_boot()->set_source("CBS.log");
    const Snapshot snapshot;
    const CheckInput input{snapshot, timeline, TestNow()};
    EXPECT_EQ(AgeOf(c.written, input), c.age) << c.name;
    if (c.local) {
      EXPECT_THAT(LastBootText(input), HasSubstr(" local time, CBS.log)"));
    } else {
      EXPECT_THAT(LastBootText(input), Not(HasSubstr("local")));
    }
  }
}

}  // namespace
}  // namespace patchgate::gate::checks
