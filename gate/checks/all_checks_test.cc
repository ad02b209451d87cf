#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "gate/checks/check_testing.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "manifests/catalog.h"
#include "manifests/policy.h"
#include "testdata/fake_volume.h"
#include "testdata/scenarios.h"

namespace patchgate::gate::checks {
namespace {

const Catalog& Records() {
  static const auto& catalog = *new absl::StatusOr<Catalog>(LoadBuiltInCatalog());
  EXPECT_TRUE(catalog.ok()) << catalog.status();
  return *catalog;
}

// Two or more words of lower-case letters, digits and hyphens, with dots between them.
bool IsWellFormed(absl::string_view id) {
  const auto is_word = [](absl::string_view word) {
    return !word.empty() && word.front() != '-' && word.back() != '-' &&
           std::all_of(word.begin(), word.end(), [](char c) {
             return absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '-';
           });
  };
  const size_t dot = id.find('.');
  return dot != absl::string_view::npos && is_word(id.substr(0, dot)) &&
         is_word(id.substr(dot + 1));
}

bool IsAscii(absl::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7F; });
}

// Where the evidence lies on a volume.
const char* PathOf(absl::string_view evidence) {
  const std::pair<const char*, const char*> kPaths[] = {
      {"hive.system", kSystemHive},
      {"hive.software", kSoftwareHive},
      {"hive.components", kComponentsHive},
      {"folder.winsxs", "Windows/WinSxS"},
      {"folder.servicing", "Windows/servicing"},
      {"log.cbs", "Windows/Logs/CBS"},
      {"log.setup-events", "Windows/System32/winevt/Logs/Setup.evtx"},
      {"log.system-events", "Windows/System32/winevt/Logs/System.evtx"},
      {"log.sessions", "Windows/servicing/Sessions/Sessions.xml"},
      {"log.reporting", "Windows/SoftwareDistribution/ReportingEvents.log"},
      {"boot.bcd", testdata::kBcdHive},
      {"boot.drivers", "Windows/System32/drivers"},
      {"hive.drivers", testdata::kDriversHive},
  };
  for (const auto& [id, path] : kPaths) {
    if (evidence == id) return path;
  }
  ADD_FAILURE() << "no path of " << evidence;
  return "";
}

// A healthy host without this evidence.
Snapshot Without(absl::string_view evidence) {
  evidence::MemorySource volume = FakeVolume().Build();
  if (evidence != "store.verification") {
    volume.Remove(PathOf(evidence));
    // Where there is no boot store at hand, only boot.bcd-store has something to say.
    if (evidence == "boot.bcd") {
      volume.AddError(PathOf(evidence), absl::PermissionDeniedError("in use"));
    }
    return CollectFrom(volume);
  }
  Snapshot snapshot = CollectFrom(volume);
  snapshot.clear_store_verification();
  return snapshot;
}

// Checks of the running host: what they judge is no evidence of a volume.
bool IsOfTheRunningHost(absl::string_view id) { return id == "host.busy" || id == "host.rights"; }

bool Needs(const CheckRecord& record, absl::string_view evidence) {
  return std::count(record.needs().begin(), record.needs().end(), evidence) != 0;
}

TEST(AllChecks, IdsAreSortedUniqueAndWellFormed) {
  std::string before;
  for (const Check& check : AllChecks()) {
    EXPECT_LT(before, check.id);
    EXPECT_TRUE(IsWellFormed(check.id)) << check.id;
    before = check.id;
  }
}

TEST(AllChecks, EveryCheckHasOneRecordAndEveryRecordACheck) {
  std::vector<std::string> checks, records;
  for (const Check& check : AllChecks()) checks.push_back(check.id);
  for (const CheckRecord& record : Records().records()) records.push_back(record.id());
  EXPECT_EQ(checks, records);
}

TEST(AllChecks, RecordsAreComplete) {
  const std::set<std::string> evidence(EvidenceIds().begin(), EvidenceIds().end());
  std::set<std::string> names;
  for (const CheckRecord& record : Records().records()) {
    SCOPED_TRACE(record.id());
    for (const std::string* text : {&record.name(), &record.meaning(), &record.impact(),
                                    &record.measured(), &record.resolution(), &record.since()}) {
      EXPECT_FALSE(text->empty());
      EXPECT_TRUE(IsAscii(*text)) << *text;
    }
    EXPECT_TRUE(names.insert(record.name()).second) << "name of two records";
    EXPECT_NE(record.actor(), CheckRecord::ACTOR_UNSPECIFIED);
    EXPECT_FALSE(record.references().empty());
    EXPECT_EQ(record.needs().empty(), IsOfTheRunningHost(record.id()));
    for (const std::string& need : record.needs()) EXPECT_EQ(evidence.count(need), 1u) << need;
    EXPECT_EQ(record.integrity(), absl::StartsWith(record.id(), "registry.") ||
                                      absl::StartsWith(record.id(), "evidence.") ||
                                      record.id() == "host.busy");
    for (const std::string& old : record.deprecated_ids()) {
      EXPECT_EQ(Records().Find(old), nullptr) << old << " is in use";
    }
  }
}

TEST(AllChecks, NothingPassesOnAnEmptySnapshot) {
  for (const Check& check : AllChecks()) {
    Snapshot empty;
    if (IsOfTheRunningHost(check.id)) {
      EXPECT_THAT(RunCheck(check.id, empty), ResultIs(Finding::NOT_APPLICABLE)) << check.id;
      empty.set_live(true);
    }
    EXPECT_THAT(RunCheck(check.id, empty), ResultIs(Finding::INDETERMINATE)) << check.id;
  }
}

// Without what its record says that it needs, a check cannot come to a conclusion.
TEST(AllChecks, NeedsAreTrue) {
  for (const CheckRecord& record : Records().records()) {
    for (const std::string& need : record.needs()) {
      // pending.xml can be told from its other traces, and decides only where one was found.
      if (need == "folder.winsxs" && record.id() != "pending.xml-variants" &&
          record.id() != "pending.transaction" && record.id() != "store.required-folders") {
        continue;
      }
      // Without the driver database updates may fail; nobody knows that they do.
      if (record.id() == "registry.drivers-hive") continue;
      // Not every Windows keeps a journal; only one that cannot be read leaves the answer open.
      if (record.id() == "cbs.session-journal") continue;
      SCOPED_TRACE(absl::StrCat(record.id(), " without ", need));
      EXPECT_THAT(RunCheck(record.id(), Without(need)), ResultIs(Finding::INDETERMINATE));
    }
  }
}

TEST(AllChecks, OnlyNeedsMatter) {
  for (const absl::string_view need : EvidenceIds()) {
    const Snapshot snapshot = Without(need);
    for (const CheckRecord& record : Records().records()) {
      if (Needs(record, need)) continue;
      // Hives and folders are what the verification is made of; which drivers there are, a hive
      // says.
      if (Needs(record, "store.verification") && !absl::StartsWith(need, "log.")) continue;
      if (Needs(record, "boot.drivers") && need == "hive.system") continue;
      SCOPED_TRACE(absl::StrCat(record.id(), " without ", need));
      EXPECT_LT(RunCheck(record.id(), snapshot).result(), Finding::INDETERMINATE);
    }
  }
}

TEST(AllChecks, AHealthyHostHasNothingWorseThanNotes) {
  FakeVolume volume;
  for (const Check& check : AllChecks()) {
    for (const Finding& finding :
         {RunCheck(check.id, volume.Build()), RunCheckLive(check.id, volume.Build())}) {
      EXPECT_LE(finding.result(), Finding::INFO) << check.id << ": " << finding.summary();
      EXPECT_NE(finding.result(), Finding::RESULT_UNSPECIFIED) << check.id;
    }
  }
}

TEST(AllChecks, EverySummaryIsOneAsciiLine) {
  for (const testdata::Scenario& scenario : testdata::Scenarios()) {
    const Snapshot snapshot = CollectFrom(scenario.build());
    for (const Check& check : AllChecks()) {
      const Finding finding = RunCheck(check.id, snapshot);
      EXPECT_FALSE(finding.summary().empty()) << scenario.name << ": " << check.id;
      EXPECT_TRUE(IsAscii(finding.summary())) << finding.summary();
      if (finding.result() >= Finding::INFO) {
        EXPECT_FALSE(finding.evidence().empty()) << scenario.name << ": " << check.id;
      }
      for (const EvidenceLine& line : finding.evidence()) {
        EXPECT_FALSE(line.where().empty()) << finding.summary();
        EXPECT_TRUE(IsAscii(line.where())) << line.where();
        EXPECT_TRUE(IsAscii(line.what())) << line.what();
      }
    }
  }
}

}  // namespace
}  // namespace patchgate::gate::checks
