#include "gate/checks/check_testing.h"

#include <memory>
#include <utility>

#include "servicing/base/little_endian.h"
#include "servicing/collector.h"
#include "servicing/history/timeline.h"
#include "servicing/regf/format.h"
#include "servicing/regf/log_builder.h"

namespace patchgate::gate::checks {
namespace {

using evidence::MemorySource;

std::string ReadFile(const MemorySource& volume, absl::string_view path) {
  absl::StatusOr<std::unique_ptr<evidence::File>> file = volume.Open(path);
  EXPECT_TRUE(file.ok()) << file.status();
  return file.ok() ? std::string((*file)->bytes()) : "";
}

// What the hive builder writes for v1.5: cells count from the end of the base block, and the record
// follows the cell's size.
void BreakRecord(absl::string_view path, uint32_t cell, size_t offset, MemorySource* volume) {
  ASSERT_NE(cell, regf::kNone) << "the key has no such list";
  std::string hive = ReadFile(*volume, path);
  const size_t field = regf::base_block::kSize + cell + sizeof(uint32_t) + offset;
  ASSERT_LE(field + sizeof(uint32_t), hive.size());
  StoreLe32(&hive[field], 0x7FFFFFF0);
  volume->AddFile(path, std::move(hive));
}

bool IsHive(absl::string_view path) { return absl::StrContains(path, "/config/"); }

}  // namespace

FileTime TestNow() { return testdata::Time("2025-12-16T18:00:00Z"); }

Snapshot CollectFrom(const MemorySource& volume) { return Collect(volume, TestNow()); }

Finding RunCheck(absl::string_view id, const Snapshot& snapshot) {
  for (const Check& check : AllChecks()) {
    if (check.id == id) {
      return check.run({snapshot, history::BuildTimeline(snapshot), TestNow()});
    }
  }
  ADD_FAILURE() << "no check " << id;
  return Finding();
}

Finding RunCheck(absl::string_view id, const MemorySource& volume) {
  return RunCheck(id, CollectFrom(volume));
}

Finding RunCheckLive(absl::string_view id, const MemorySource& volume) {
  return RunCheck(id, Live(CollectFrom(volume)));
}

Snapshot Live(Snapshot snapshot) {
  snapshot.set_live(true);
  LiveHost* host = snapshot.mutable_live_host();
  host->mutable_collection()->set_status(Collection::COLLECTED);
  host->mutable_collection()->set_source("the running Windows");
  host->set_boot_filetime(testdata::Time("2025-12-15T06:20:00Z"));
  host->set_elevated(true);
  return snapshot;
}

Snapshot Busy(Snapshot snapshot, LiveActivity::Kind kind) {
  snapshot = Live(std::move(snapshot));
  LiveActivity* activity = snapshot.mutable_live_host()->add_activities();
  activity->set_kind(kind);
  activity->set_where(kind == LiveActivity::INSTALLER ? "mutex Global\\_MSIExecute"
                                                      : "process TiWorker.exe");
  activity->set_what(kind == LiveActivity::INSTALLER ? "is held" : "is running");
  return snapshot;
}

void RunCases(absl::string_view id, const std::vector<CheckCase>& cases) {
  for (const CheckCase& c : cases) {
    SCOPED_TRACE(c.name);
    FakeVolume volume;
    const Finding finding = RunCheck(id, c.volume(volume));
    EXPECT_THAT(finding, ResultIs(c.result));
    EXPECT_THAT(finding, SummaryHas(c.summary));
    for (const auto& [where, what] : c.evidence) EXPECT_THAT(finding, HasEvidence(where, what));
  }
}

MemorySource Unchanged(FakeVolume& volume) { return volume.Build(); }

void ExpectNeeds(absl::string_view id, const std::vector<std::string>& paths) {
  const MemorySource healthy = FakeVolume().Build();
  for (const std::string& path : paths) {
    SCOPED_TRACE(path);
    const auto expect_indeterminate = [&](const char* what, const MemorySource& volume) {
      const Finding finding = RunCheck(id, volume);
      EXPECT_THAT(finding, ResultIs(Finding::INDETERMINATE)) << what;
      EXPECT_FALSE(finding.evidence().empty()) << what;
    };
    MemorySource volume = healthy;
    volume.Remove(path);
    expect_indeterminate("missing", volume);

    volume = healthy;
    volume.AddError(path, absl::PermissionDeniedError("access denied"));
    expect_indeterminate("unreadable", volume);

    if (!IsHive(path)) continue;
    volume = healthy;
    volume.AddFile(path, ReadFile(healthy, path).substr(0, regf::base_block::kSize));
    expect_indeterminate("truncated", volume);

    volume = healthy;
    volume.AddFile(path, regf::Dirty(ReadFile(healthy, path), 42, 41));
    expect_indeterminate("dirty without logs", volume);
  }
}

void BreakValues(absl::string_view path, const regf::HiveBuilder::Key& key, MemorySource* volume) {
  BreakRecord(path, key.value_list_cell(), 0, volume);
}

void BreakSubkeys(absl::string_view path, const regf::HiveBuilder::Key& key, MemorySource* volume) {
  BreakRecord(path, key.subkey_list_cell(), regf::list::kElements, volume);
}

}  // namespace patchgate::gate::checks
