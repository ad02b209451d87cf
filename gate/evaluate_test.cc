#include "gate/evaluate.h"

#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "manifests/policy.h"
#include "servicing/collector.h"
#include "testdata/fake_volume.h"
#include "testdata/scenarios.h"

namespace patchgate::gate {
namespace {

using testdata::FakeVolume;

const FileTime kNow = testdata::Time("2026-01-10T00:00:00Z");

class EvaluateTest : public testing::Test {
 protected:
  Verdict Judge(const evidence::MemorySource& volume, const std::string& policy_text = "",
                FileTime now = kNow) {
    const auto policy = ParsePolicy(policy_text, *catalog_);
    EXPECT_TRUE(policy.ok()) << policy.status();
    return Evaluate(Collect(volume, kNow), *catalog_, *policy, now);
  }
  static const Finding* Find(const Verdict& verdict, absl::string_view id) {
    for (const Finding& finding : verdict.findings()) {
      if (finding.check() == id) return &finding;
    }
    return nullptr;
  }
  absl::StatusOr<Catalog> catalog_ = LoadBuiltInCatalog();
};

TEST_F(EvaluateTest, EveryScenarioHasItsOutcome) {
  for (const testdata::Scenario& scenario : testdata::Scenarios()) {
    const Verdict verdict = Judge(scenario.build());
    EXPECT_EQ(Verdict::Outcome_Name(verdict.outcome()), scenario.outcome) << scenario.name;
  }
}

TEST_F(EvaluateTest, EmptySnapshotIsNeverHealthy) {
  const Verdict verdict = Evaluate(Snapshot(), *catalog_, DefaultPolicy(), kNow);
  EXPECT_EQ(verdict.outcome(), Verdict::INDETERMINATE);
  EXPECT_EQ(verdict.summary().pass(), 0u);
}

// Whatever part of a healthy volume is taken away, the answer never becomes or stays GO.
TEST_F(EvaluateTest, MissingRequiredEvidenceIsNeverGo) {
  for (const char* path : {testdata::kSystemHive, testdata::kSoftwareHive,
                           testdata::kComponentsHive, "Windows/WinSxS", "Windows/servicing"}) {
    evidence::MemorySource removed = FakeVolume().Build();
    removed.Remove(path);
    EXPECT_EQ(Judge(removed).outcome() == Verdict::GO, false) << path << " removed";
    evidence::MemorySource denied = FakeVolume().Build();
    denied.AddError(path, absl::PermissionDeniedError("denied"));
    EXPECT_EQ(Judge(denied).outcome(), Verdict::INDETERMINATE) << path << " denied";
  }
}

// Truncations of each hive, in steps of 512 bytes: never GO, unless nothing was lost.
TEST_F(EvaluateTest, TruncatedHivesAreNeverGo) {
  const evidence::MemorySource healthy = FakeVolume().Build();
  for (const char* path :
       {testdata::kSystemHive, testdata::kSoftwareHive, testdata::kComponentsHive}) {
    const std::string bytes((*healthy.Open(path))->bytes());
    for (size_t length = 0; length < bytes.size(); length += 512) {
      evidence::MemorySource volume = healthy;
      volume.AddFile(path, bytes.substr(0, length));
      ASSERT_NE(Judge(volume).outcome(), Verdict::GO) << path << " cut at " << length;
    }
  }
}

// A sound hive in the wrong place has none of the marks that would block.
TEST_F(EvaluateTest, AnotherHiveUnderTheNameIsNeverGo) {
  const char* const paths[] = {testdata::kSystemHive, testdata::kSoftwareHive,
                               testdata::kComponentsHive};
  const evidence::MemorySource healthy = FakeVolume().Build();
  for (const char* path : paths) {
    for (const char* other : paths) {
      if (path == other) continue;
      evidence::MemorySource volume = healthy;
      volume.AddFile(path, std::string((*healthy.Open(other))->bytes()));
      EXPECT_EQ(Judge(volume).outcome(), Verdict::INDETERMINATE) << other << " as " << path;
    }
    evidence::MemorySource volume = healthy;
    volume.AddFile(path, regf::HiveBuilder().Build());
    EXPECT_EQ(Judge(volume).outcome(), Verdict::INDETERMINATE) << "an empty hive as " << path;
  }
}

TEST_F(EvaluateTest, BlockOutweighsMissingEvidence) {
  FakeVolume volume;
  volume.AddSession(testdata::Time("2025-12-10T09:00:19Z"), 0);
  evidence::MemorySource source = volume.Build();
  source.Remove(testdata::kComponentsHive);
  EXPECT_EQ(Judge(source).outcome(), Verdict::NO_GO);
}

TEST_F(EvaluateTest, CheckDecidesIfAnyEvidenceThatItNeedsIsRequired) {
  evidence::MemorySource source = FakeVolume().Build();
  source.Remove(testdata::kComponentsHive);
  // pending.transaction needs SYSTEM beside COMPONENTS.
  const Verdict strict =
      Judge(source, "required_evidence: 'hive.system' required_evidence: 'folder.servicing'");
  EXPECT_EQ(Find(strict, "pending.transaction")->result(), Finding::INDETERMINATE);
  EXPECT_EQ(strict.outcome(), Verdict::INDETERMINATE);
  EXPECT_EQ(strict.summary().evidence_read(), 12u);
  EXPECT_EQ(strict.summary().evidence_total(), 14u);
  // Nothing that needs COMPONENTS needs the servicing folder.
  const Verdict lax = Judge(source, "required_evidence: 'folder.servicing'");
  EXPECT_EQ(Find(lax, "pending.transaction")->result(), Finding::INDETERMINATE);
  EXPECT_EQ(lax.outcome(), Verdict::GO);
}

// A host whose store was verified in full, to which `change` is done.
Snapshot VerifiedStore(void (*change)(StoreVerification* store)) {
  Snapshot snapshot = Collect(FakeVolume().Build(), kNow);
  StoreVerification* store = snapshot.mutable_store_verification();
  store->Clear();
  store->mutable_collection()->set_status(Collection::COLLECTED);
  store->mutable_collection()->set_source("COMPONENTS");
  store->set_level(STORE_LEVEL_PAYLOAD);
  store->set_scope(STORE_SCOPE_ALL);
  store->set_lcu_build("26100.7462");
  change(store);
  return snapshot;
}

void AddUnverified(StoreVerification* store) {
  store->add_unverified()->set_path("Windows/WinSxS/amd64_x/x.dll");
  store->mutable_unverified(0)->set_reason("Permission denied");
  store->set_unverified_total(1);
}

void AddDamage(StoreVerification* store) {
  store->add_damage()->set_kind(PAYLOAD_HASH_MISMATCH);
  store->mutable_damage(0)->set_path("Windows/WinSxS/amd64_y/y.dll");
}

// Without a verification of the store, or with one whose index has holes, nobody says GO. A file
// that matters to nothing else and could not be read only warns, unless a policy requires the whole
// verification. Damage never turns such a refusal into GO.
TEST_F(EvaluateTest, VerificationOfTheStore) {
  const struct {
    const char* name;
    void (*change)(StoreVerification* store);
    const char* status;
    Verdict::Outcome wanted, required;
  } cases[] = {
      {"sound", [](StoreVerification*) {}, "collected", Verdict::GO, Verdict::GO},
      {"nobody looked", [](StoreVerification* store) { store->Clear(); }, "not collected",
       Verdict::INDETERMINATE, Verdict::INDETERMINATE},
      {"no level", [](StoreVerification* store) { store->clear_level(); }, "not collected",
       Verdict::INDETERMINATE, Verdict::INDETERMINATE},
      {"unreadable",
       [](StoreVerification* store) {
         store->mutable_collection()->set_status(Collection::UNREADABLE);
       },
       "unreadable", Verdict::INDETERMINATE, Verdict::INDETERMINATE},
      {"ended early", [](StoreVerification* store) { store->set_cancelled(true); }, "in part",
       Verdict::INDETERMINATE, Verdict::INDETERMINATE},
      {"a gap",
       [](StoreVerification* store) {
         store->mutable_collection()->add_gaps()->set_where("Windows/WinSxS/Catalogs");
       },
       "in part", Verdict::INDETERMINATE, Verdict::INDETERMINATE},
      {"a file", AddUnverified, "in part", Verdict::GO, Verdict::INDETERMINATE},
      {"a damaged file", AddDamage, "collected", Verdict::GO, Verdict::GO},
      {"a damaged file, and another that cannot be read",
       [](StoreVerification* store) {
         AddDamage(store);
         AddUnverified(store);
       },
       "in part", Verdict::GO, Verdict::INDETERMINATE},
      {"a damaged file of the boot path, and another that cannot be read",
       [](StoreVerification* store) {
         AddDamage(store);
         AddUnverified(store);
         store->mutable_damage(0)->mutable_roles()->set_boot(true);
       },
       "in part", Verdict::NO_GO, Verdict::NO_GO},
  };
  const auto strict = ParsePolicy("required_evidence: 'store.verification'", *catalog_);
  ASSERT_TRUE(strict.ok()) << strict.status();
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    const Snapshot snapshot = VerifiedStore(c.change);
    const Verdict verdict = Evaluate(snapshot, *catalog_, DefaultPolicy(), kNow);
    EXPECT_EQ(verdict.outcome(), c.wanted);
    for (const EvidenceItem& item : verdict.evidence()) {
      if (item.id() != "store.verification") continue;
      EXPECT_EQ(item.status(), c.status);
    }
    EXPECT_EQ(verdict.summary().evidence_total(), 14u);
    EXPECT_EQ(Evaluate(snapshot, *catalog_, *strict, kNow).outcome(), c.required);
  }
}

constexpr char kWaiver[] =
    "waivers { check: 'cbs.sessions-pending' evidence: 'Complete is 0' reason: 'lab image' "
    "owner: 'ops' expires: '2026-02-01T00:00:00Z' }";

TEST_F(EvaluateTest, WaivedFindingIsShownAndDoesNotDecide) {
  FakeVolume volume;
  volume.AddSession(testdata::Time("2025-12-11T09:00:19Z"), 0);
  EXPECT_EQ(Judge(volume.Build()).outcome(), Verdict::NO_GO);
  const Verdict verdict = Judge(volume.Build(), kWaiver);
  EXPECT_EQ(verdict.outcome(), Verdict::GO);
  EXPECT_EQ(Find(verdict, "cbs.sessions-pending")->result(), Finding::BLOCK);
  EXPECT_EQ(Find(verdict, "cbs.sessions-pending")->waiver().owner(), "ops");
  EXPECT_EQ(verdict.summary().waived(), 1u);
  EXPECT_EQ(verdict.summary().block(), 0u);
}

TEST_F(EvaluateTest, WaiverEndsAndCoversOnlyWhatItNames) {
  FakeVolume volume;
  volume.AddSession(testdata::Time("2025-12-11T09:00:19Z"), 0);
  EXPECT_EQ(Judge(volume.Build(), kWaiver, testdata::Time("2026-02-01T00:00:00Z")).outcome(),
            Verdict::NO_GO);
  volume.AddSession(testdata::Time("2025-12-12T09:00:19Z"), 3);
  EXPECT_EQ(Judge(volume.Build(), kWaiver).outcome(), Verdict::NO_GO) << "a second session";
}

Snapshot Live(Snapshot snapshot) {
  snapshot.set_live(true);
  LiveHost* host = snapshot.mutable_live_host();
  host->mutable_collection()->set_status(Collection::COLLECTED);
  host->set_boot_filetime(testdata::Time("2025-12-15T06:20:00Z"));
  host->set_elevated(true);
  return snapshot;
}

Snapshot Busy(Snapshot snapshot, LiveActivity::Kind kind = LiveActivity::SERVICING) {
  snapshot = Live(std::move(snapshot));
  LiveActivity* activity = snapshot.mutable_live_host()->add_activities();
  activity->set_kind(kind);
  activity->set_where("process TiWorker.exe");
  activity->set_what("is running");
  return snapshot;
}

TEST_F(EvaluateTest, ABusyHostIsJudgedLater) {
  constexpr char kLater[] = "; servicing is at work now: judge again when it has ended";
  static constexpr char kForeignPoqexec[] =
      "C:\\Windows\\System32\\poqexec.exe /display_progress \\??\\C:\\Temp\\pending.xml";
  const struct {
    const char* name;
    void (*change)(FakeVolume* volume);
    const char* check;          // That judges the change.
    Verdict::Outcome live;      // Of the idle host.
    Finding::Result servicing;  // Of the check, while servicing works.
    Finding::Result installer;  // While only Windows Installer works.
    Verdict::Outcome busy, installing;
  } kCases[] = {
      {"healthy", [](FakeVolume*) {}, "cbs.sessions-pending", Verdict::GO, Finding::PASS,
       Finding::PASS, Verdict::INDETERMINATE, Verdict::INDETERMINATE},
      {"a session",
       [](FakeVolume* volume) { volume->AddSession(testdata::Time("2025-12-16T09:00:19Z"), 0); },
       "cbs.sessions-pending", Verdict::NO_GO, Finding::INDETERMINATE, Finding::BLOCK,
       Verdict::INDETERMINATE, Verdict::NO_GO},
      {"an exclusive session",
       [](FakeVolume* volume) {
         volume->cbs()->AddKey("SessionsPending")->SetDword("Exclusive", 1);
       },
       "cbs.exclusive-session", Verdict::NO_GO, Finding::INDETERMINATE, Finding::BLOCK,
       Verdict::INDETERMINATE, Verdict::NO_GO},
      {"packages pending",
       [](FakeVolume* volume) { volume->cbs()->AddKey("PackagesPending\\Package_1"); },
       "cbs.packages-pending", Verdict::NO_GO, Finding::INDETERMINATE, Finding::BLOCK,
       Verdict::INDETERMINATE, Verdict::NO_GO},
      {"a package in flight",
       [](FakeVolume* volume) {
         volume->AddPackage("Package_for_RollupFix~31bf3856ad364e35~amd64~~26100.7623.1.10", 48,
                            testdata::Time("2025-12-16T09:00:19Z"));
       },
       "cbs.package-state", Verdict::NO_GO, Finding::INDETERMINATE, Finding::BLOCK,
       Verdict::INDETERMINATE, Verdict::NO_GO},
      {"a restart in progress",
       [](FakeVolume* volume) { volume->cbs()->AddKey("RebootInProgress"); },
       "cbs.reboot-in-progress", Verdict::NO_GO, Finding::INDETERMINATE, Finding::BLOCK,
       Verdict::INDETERMINATE, Verdict::NO_GO},
      {"a torn transaction",
       [](FakeVolume* volume) { volume->SetPendingXmlIdentifier(FakeVolume::kIdentifier); },
       "pending.transaction", Verdict::NO_GO, Finding::INDETERMINATE, Finding::BLOCK,
       Verdict::INDETERMINATE, Verdict::NO_GO},
      {"a store that is being written",
       [](FakeVolume* volume) { volume->components()->SetDword("StoreDirty", 1); },
       "pending.components-flags", Verdict::NO_GO, Finding::INDETERMINATE, Finding::BLOCK,
       Verdict::INDETERMINATE, Verdict::NO_GO},
      // A restart is due whatever runs.
      {"a restart mark", [](FakeVolume* volume) { volume->cbs()->AddKey("RebootPending"); },
       "cbs.reboot-pending", Verdict::NO_GO, Finding::BLOCK, Finding::BLOCK, Verdict::NO_GO,
       Verdict::NO_GO},
      // Not of servicing's making.
      {"poqexec for a foreign file",
       [](FakeVolume* volume) {
         volume->side_by_side()->SetMultiString("PoqexecCmdline", {kForeignPoqexec});
       },
       "pending.transaction", Verdict::NO_GO, Finding::BLOCK, Finding::BLOCK, Verdict::NO_GO,
       Verdict::NO_GO},
      {"servicing disabled",
       [](FakeVolume* volume) { volume->service("TrustedInstaller")->SetDword("Start", 4); },
       "cbs.trustedinstaller-start", Verdict::NO_GO, Finding::BLOCK, Finding::BLOCK, Verdict::NO_GO,
       Verdict::NO_GO},
      {"postponed actions",
       [](FakeVolume* volume) { volume->cbs()->SetDword("PostponeOnlineActions", 2); },
       "cbs.postponed-online-actions", Verdict::NO_GO, Finding::BLOCK, Finding::BLOCK,
       Verdict::NO_GO, Verdict::NO_GO},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    FakeVolume volume;
    c.change(&volume);
    const Snapshot snapshot = Collect(volume.Build(), kNow);
    const Verdict live = Evaluate(Live(snapshot), *catalog_, DefaultPolicy(), kNow);
    const Verdict busy = Evaluate(Busy(snapshot), *catalog_, DefaultPolicy(), kNow);
    const Verdict installing =
        Evaluate(Busy(snapshot, LiveActivity::INSTALLER), *catalog_, DefaultPolicy(), kNow);
    EXPECT_EQ(live.outcome(), c.live);
    EXPECT_FALSE(live.busy());
    EXPECT_EQ(busy.outcome(), c.busy);
    EXPECT_TRUE(busy.busy());
    EXPECT_EQ(installing.outcome(), c.installing);
    EXPECT_TRUE(installing.busy());
    EXPECT_EQ(Find(installing, c.check)->result(), c.installer);
    const Finding& finding = *Find(busy, c.check);
    EXPECT_EQ(finding.result(), c.servicing);
    EXPECT_EQ(absl::EndsWith(finding.summary(), kLater), c.servicing == Finding::INDETERMINATE);
    if (c.servicing == Finding::INDETERMINATE) {
      EXPECT_TRUE(absl::StartsWith(finding.resolution(), "Wait until servicing has ended"));
    }
    EXPECT_EQ(Find(busy, "host.busy")->result(), Finding::INDETERMINATE);
    EXPECT_EQ(Find(live, "host.busy")->result(), Finding::PASS);
  }
}

// Whatever is wrong, and whatever a policy accepts or does without.
TEST_F(EvaluateTest, ABusyHostIsNeverGo) {
  const auto lax = ParsePolicy(
      "required_evidence: 'folder.servicing' "
      "waivers { check: 'host.busy' evidence: 'TiWorker.exe' reason: 'r' owner: 'o' "
      "expires: '2027-01-01T00:00:00Z' }",
      *catalog_);
  ASSERT_TRUE(lax.ok()) << lax.status();
  for (const testdata::Scenario& scenario : testdata::Scenarios()) {
    const Snapshot snapshot = Collect(scenario.build(), kNow);
    for (const LiveActivity::Kind kind :
         {LiveActivity::SERVICING, LiveActivity::INSTALLER, LiveActivity::KIND_UNSPECIFIED}) {
      const Verdict verdict = Evaluate(Busy(snapshot, kind), *catalog_, *lax, kNow);
      EXPECT_NE(verdict.outcome(), Verdict::GO) << scenario.name;
      EXPECT_FALSE(Find(verdict, "host.busy")->has_waiver());
    }
  }
}

// A host that cannot be asked who is at work is not known to be idle.
TEST_F(EvaluateTest, ALiveHostThatCannotBeAsked) {
  Snapshot snapshot = Live(Collect(FakeVolume().Build(), kNow));
  EXPECT_EQ(Evaluate(snapshot, *catalog_, DefaultPolicy(), kNow).outcome(), Verdict::GO);
  Gap* gap = snapshot.mutable_live_host()->mutable_collection()->add_gaps();
  gap->set_where("service TrustedInstaller");
  gap->set_what("access denied");
  const Verdict verdict = Evaluate(snapshot, *catalog_, DefaultPolicy(), kNow);
  EXPECT_EQ(verdict.outcome(), Verdict::INDETERMINATE);
  EXPECT_FALSE(verdict.busy());
  snapshot.clear_live_host();
  EXPECT_EQ(Evaluate(snapshot, *catalog_, DefaultPolicy(), kNow).outcome(), Verdict::INDETERMINATE);
}

TEST_F(EvaluateTest, ALiveHostWithoutRightsIsToldSo) {
  Snapshot snapshot = Live(Collect(FakeVolume().Build(), kNow));
  snapshot.mutable_live_host()->set_elevated(false);
  const Verdict verdict = Evaluate(snapshot, *catalog_, DefaultPolicy(), kNow);
  EXPECT_EQ(Find(verdict, "host.rights")->result(), Finding::WARN);
  EXPECT_EQ(verdict.outcome(), Verdict::GO);
}

TEST_F(EvaluateTest, LoadedHivesAreCollected) {
  Snapshot snapshot = Live(Collect(FakeVolume().Build(), kNow));
  for (HiveFacts& hive : *snapshot.mutable_hives()) hive.set_state(HiveFacts::LOADED);
  const Verdict verdict = Evaluate(snapshot, *catalog_, DefaultPolicy(), kNow);
  EXPECT_EQ(verdict.outcome(), Verdict::GO);
  for (const EvidenceItem& item : verdict.evidence()) {
    if (!absl::StartsWith(item.id(), "hive.")) continue;
    EXPECT_EQ(item.status(), "collected") << item.id();
  }
}

// The driver database is wanted: without it an update may fail, and nobody knows that it will.
TEST_F(EvaluateTest, TheDriverDatabaseIsWanted) {
  evidence::MemorySource source = FakeVolume().Build();
  source.Remove(testdata::kDriversHive);
  const Verdict wanted = Judge(source);
  EXPECT_EQ(wanted.outcome(), Verdict::GO);
  EXPECT_EQ(Find(wanted, "registry.drivers-hive")->result(), Finding::WARN);
  EXPECT_EQ(Judge(source, "required_evidence: 'hive.drivers'").outcome(), Verdict::INDETERMINATE);
}

TEST_F(EvaluateTest, IntegrityCannotBeWaived) {
  const Snapshot snapshot = Collect(testdata::FindScenario("dirty-without-logs").build(), kNow);
  std::string policy;
  for (const CheckRecord& record : catalog_->records()) {
    for (const char* evidence : {"hive SOFTWARE", "SOFTWARE", "possibly stale"}) {
      absl::StrAppend(&policy, "waivers { check: '", record.id(), "' evidence: '", evidence,
                      "' reason: 'r' owner: 'o' expires: '2027-01-01T00:00:00Z' }\n");
    }
  }
  const auto parsed = ParsePolicy(policy, *catalog_);
  ASSERT_TRUE(parsed.ok()) << parsed.status();
  const Verdict verdict = Evaluate(snapshot, *catalog_, *parsed, kNow);
  EXPECT_EQ(verdict.outcome(), Verdict::INDETERMINATE);
  EXPECT_FALSE(Find(verdict, "registry.hive-dirty")->has_waiver());
  EXPECT_GT(verdict.summary().waived(), 0u);
}

TEST_F(EvaluateTest, SameInputSameBytes) {
  for (const testdata::Scenario& scenario : testdata::Scenarios()) {
    const Snapshot snapshot = Collect(scenario.build(), kNow);
    const std::string first =
        Evaluate(snapshot, *catalog_, DefaultPolicy(), kNow).SerializeAsString();
    EXPECT_EQ(first, Evaluate(snapshot, *catalog_, DefaultPolicy(), kNow).SerializeAsString());
  }
}

TEST_F(EvaluateTest, FindingsComeWorstFirst) {
  const Verdict verdict = Judge(testdata::FindScenario("failed-rollback").build());
  for (int i = 1; i < verdict.findings_size(); ++i) {
    EXPECT_GE(verdict.findings(i - 1).result(), verdict.findings(i).result());
  }
  EXPECT_EQ(verdict.findings(0).result(), Finding::BLOCK);
  EXPECT_NE(verdict.findings(0).resolution(), "");
}

}  // namespace
}  // namespace patchgate::gate
