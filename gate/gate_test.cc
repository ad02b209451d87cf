#include "gate/gate.h"

#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gate/evaluate.h"
#include "gate/report/report.h"
#include "gate/volume_folder.h"
#include "gtest/gtest.h"
#include "manifests/catalog.h"
#include "manifests/policy.h"
#include "servicing/collect_host.h"
#include "testdata/fake_volume.h"
#include "testdata/scenarios.h"

namespace patchgate::gate {
namespace {

using absl::StatusCode;

const FileTime kNow = testdata::Time("2025-12-16T18:00:00Z");

Options AtNow() {
  Options options;
  options.now = kNow;
  return options;
}

TEST(GateTest, EveryScenarioIsJudgedAsByTheCommandLine) {
  const absl::StatusOr<Catalog> catalog = LoadBuiltInCatalog();
  for (const testdata::Scenario& scenario : testdata::Scenarios()) {
    SCOPED_TRACE(scenario.name);
    const VolumeFolder folder(scenario.name, scenario.build());
    const absl::StatusOr<Verdict> verdict = EvaluateDirectory(folder.root(), AtNow());
    ASSERT_TRUE(verdict.ok()) << verdict.status();
    EXPECT_EQ(OutcomeName(verdict->outcome()), scenario.outcome);

    // From mapped files, which the command line reads.
    const absl::StatusOr<Snapshot> snapshot = CollectDirectory(folder.root(), "", kNow);
    ASSERT_TRUE(snapshot.ok()) << snapshot.status();
    EXPECT_EQ(JsonReport(*verdict),
              JsonReport(Evaluate(*snapshot, *catalog, DefaultPolicy(), kNow, /*pinned=*/true)));

    const absl::StatusOr<Verdict> later = EvaluateSnapshot(SerializeSnapshot(*snapshot), AtNow());
    ASSERT_TRUE(later.ok()) << later.status();
    EXPECT_EQ(JsonReport(*verdict), JsonReport(*later));
  }
}

TEST(GateTest, TheSystemPartitionIsReadFromItsOwnFolder) {
  const VolumeFolder folder("with_esp", testdata::FakeVolume().Build());
  const VolumeFolder esp("esp");
  std::filesystem::rename(std::filesystem::u8path(folder.Path("EFI")),
                          std::filesystem::u8path(esp.Path("EFI")));
  Options options = AtNow();
  options.policy = "required_evidence: \"boot.bcd\"";
  const absl::StatusOr<Verdict> without = EvaluateDirectory(folder.root(), options);
  ASSERT_TRUE(without.ok()) << without.status();
  EXPECT_EQ(without->outcome(), Verdict::INDETERMINATE);
  options.esp = esp.root();
  const absl::StatusOr<Verdict> with = EvaluateDirectory(folder.root(), options);
  ASSERT_TRUE(with.ok()) << with.status();
  EXPECT_EQ(with->outcome(), Verdict::GO) << OneLineReport(*with);
}

TEST(GateTest, TheTimeIsWrittenDownWhenTheCallerChoseIt) {
  const VolumeFolder folder("judged_at", testdata::FakeVolume().Build());
  const absl::StatusOr<Verdict> chosen = EvaluateDirectory(folder.root(), AtNow());
  ASSERT_TRUE(chosen.ok()) << chosen.status();
  EXPECT_EQ(chosen->judged_at(), "2025-12-16T18:00:00Z");
  const absl::StatusOr<Verdict> present = EvaluateDirectory(folder.root());
  ASSERT_TRUE(present.ok()) << present.status();
  EXPECT_EQ(present->judged_at(), "");
}

TEST(GateTest, WhatCannotBeJudgedIsAnErrorWithItsReason) {
  const VolumeFolder healthy("errors", testdata::FakeVolume().Build());
  const VolumeFolder empty("empty");
  std::ofstream(std::filesystem::u8path(empty.Path("file"))) << "x";
  struct Case {
    const char* name;
    std::string root;
    void (*change)(Options* options);
    StatusCode code;
    const char* says;
  };
  const auto none = [](Options*) {};
  const Case cases[] = {
      {"no root", "", none, StatusCode::kInvalidArgument, "root is empty"},
      {"NUL in root", healthy.root() + std::string("\0x", 2), none, StatusCode::kInvalidArgument,
       "root holds a NUL"},
      {"missing", empty.Path("missing"), none, StatusCode::kNotFound, "missing"},
      {"file", empty.Path("file"), none, StatusCode::kFailedPrecondition, "not a directory"},
      {"no Windows", empty.root(), none, StatusCode::kFailedPrecondition,
       "holds no Windows volume"},
      {"policy", healthy.root(), [](Options* o) { o->policy = "required_evidenc: \"x\""; },
       StatusCode::kInvalidArgument, "policy"},
      {"unknown evidence", healthy.root(),
       [](Options* o) { o->policy = "required_evidence: \"hive.sistem\""; },
       StatusCode::kInvalidArgument, "hive.system"},
      {"negative jobs", healthy.root(), [](Options* o) { o->jobs = -1; },
       StatusCode::kInvalidArgument, "jobs"},
      {"too many jobs", healthy.root(), [](Options* o) { o->jobs = kMaxJobs + 1; },
       StatusCode::kInvalidArgument, "jobs"},
      {"no esp", healthy.root(), [](Options* o) { o->esp = "/no/such/folder"; },
       StatusCode::kNotFound, "/no/such/folder"},
      {"NUL in esp", healthy.root(), [](Options* o) { o->esp = std::string("/\0x", 3); },
       StatusCode::kInvalidArgument, "esp holds a NUL"},
      {"esp is a folder of its own", healthy.root(),
       [](Options* o) { o->esp = testing::TempDir(); }, StatusCode::kFailedPrecondition,
       "system partition"},
  };
  for (const Case& c : cases) {
    Options options;
    c.change(&options);
    const absl::StatusOr<Verdict> verdict = EvaluateDirectory(c.root, options);
    EXPECT_EQ(verdict.status().code(), c.code) << c.name << ": " << verdict.status();
    EXPECT_TRUE(absl::StrContains(verdict.status().message(), c.says))
        << c.name << ": " << verdict.status();
  }
}

TEST(GateTest, SnapshotsThatAreNoneAreRefused) {
  Snapshot newer;
  newer.set_format_version(kSnapshotFormatVersion + 1);
  const std::string whole = SerializeSnapshot(Collect(testdata::FakeVolume().Build(), kNow));
  EXPECT_TRUE(EvaluateSnapshot(whole).ok());
  EXPECT_EQ(EvaluateSnapshot("").status().code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(EvaluateSnapshot("garbage").status().code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(EvaluateSnapshot(whole.substr(0, whole.size() - 1)).status().code(),
            StatusCode::kInvalidArgument);
  EXPECT_EQ(EvaluateSnapshot(SerializeSnapshot(newer)).status().code(), StatusCode::kUnimplemented);
}

TEST(GateTest, APolicyCanBeCheckedBeforeItIsUsed) {
  EXPECT_TRUE(CheckPolicy("").ok());
  EXPECT_TRUE(CheckPolicy("required_evidence: \"boot.bcd\"").ok());
  EXPECT_EQ(CheckPolicy("required").code(), StatusCode::kInvalidArgument);
}

TEST(GateTest, ACallThatIsToEndGivesNoVerdict) {
  const VolumeFolder folder("stopped", testdata::FakeVolume().Build());
  const std::string snapshot = SerializeSnapshot(Collect(testdata::FakeVolume().Build(), kNow));
  Stop cancelled;
  cancelled.Cancel();
  Stop late;
  late.SetTimeLimit(std::chrono::milliseconds(1));
  std::this_thread::sleep_for(std::chrono::milliseconds(5));
  const std::pair<const Stop*, StatusCode> cases[] = {{&cancelled, StatusCode::kCancelled},
                                                      {&late, StatusCode::kDeadlineExceeded}};
  for (const auto& [stop, code] : cases) {
    Options options;
    options.stop = stop;
    EXPECT_EQ(EvaluateDirectory(folder.root(), options).status().code(), code);
    EXPECT_EQ(EvaluateSnapshot(snapshot, options).status().code(), code);
    EXPECT_EQ(EvaluateLiveHost(options).status().code(), code);
  }
}

TEST(GateTest, ACallCanBeEndedFromItsProgress) {
  const VolumeFolder folder("progress", testdata::FakeVolume().Build());
  Stop stop;
  int calls = 0;
  Options options;
  options.stop = &stop;
  options.progress = [&](const store::Progress&) {
    ++calls;
    stop.Cancel();
  };
  EXPECT_EQ(EvaluateDirectory(folder.root(), options).status().code(), StatusCode::kCancelled);
  EXPECT_GT(calls, 0);
}

#ifdef _WIN32

TEST(GateTest, TheLiveHostIsJudgedOrRefused) {
  const absl::StatusOr<Verdict> verdict = EvaluateLiveHost();
  // Wine is no Windows that could be updated.
  if (verdict.ok()) {
    EXPECT_NE(verdict->outcome(), Verdict::GO) << OneLineReport(*verdict);
  }
}

#else

TEST(GateTest, TheLiveHostIsWindowsOnly) {
  EXPECT_EQ(EvaluateLiveHost().status().code(), StatusCode::kUnimplemented);
}

// Cut short while the call works on it, a mapped hive would end this process with SIGBUS.
TEST(GateTest, FilesThatAreCutShortMeanwhileAreNoFault) {
  const VolumeFolder folder("cut", testdata::FakeVolume().Build());
  int calls = 0;
  Options options;
  options.progress = [&](const store::Progress&) {
    ++calls;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder.root())) {
      if (entry.is_regular_file()) std::filesystem::resize_file(entry.path(), 0);
    }
  };
  const absl::StatusOr<Verdict> verdict = EvaluateDirectory(folder.root(), options);
  ASSERT_TRUE(verdict.ok()) << verdict.status();
  EXPECT_NE(verdict->outcome(), Verdict::GO);
  EXPECT_GT(calls, 0);
}

#endif

}  // namespace
}  // namespace patchgate::gate
