// The checks of damage in the component store, all over verifications that are made by hand.
#include "gate/checks/store_damage.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gate/checks/check_testing.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace patchgate::gate::checks {
namespace {

using testing::HasSubstr;
using testing::Not;

struct KindCase {
  StoreDamageKind kind;
  const char* check;
  Finding::Result plain, graver;
  const char* one;  // Of the summary.
  const char* twelve;
};

constexpr auto kWarn = Finding::WARN;
constexpr auto kBlock = Finding::BLOCK;
constexpr auto kInfo = Finding::INFO;

const KindCase kKinds[] = {
    {MANIFEST_MISSING, "store.manifest-missing", kWarn, kBlock, "1 component has no manifest",
     "12 components have no manifest"},
    {MANIFEST_UNINDEXED, "store.manifest-unindexed", kInfo, kWarn,
     "1 manifest belongs to no component", "12 manifests belong to no component"},
    {COMPONENT_IDENTITY_INVALID, "store.component-metadata", kWarn, kBlock,
     "1 component has no valid identity", "12 components have no valid identity"},
    {COMPONENT_KEY_MISMATCH, "store.component-metadata", kWarn, kBlock,
     "1 component key is not the one", "12 component keys are not those"},
    {COMPONENT_HASH_INVALID, "store.component-metadata", kWarn, kBlock,
     "1 component has no valid manifest hash", "12 components have no valid manifest hash"},
    {COMPONENT_UNOWNED, "store.component-metadata", kWarn, kBlock,
     "1 component belongs to no deployment", "12 components belong to no deployment"},
    {DEPLOYMENT_MISSING, "store.component-metadata", kWarn, kBlock,
     "1 deployment is named and is not there", "12 deployments are named and are not there"},
    {DEPLOYMENT_IDENTITY_INVALID, "store.component-metadata", kWarn, kBlock,
     "1 deployment has no valid identity", "12 deployments have no valid identity"},
    {DEPLOYMENT_KEY_MISMATCH, "store.component-metadata", kWarn, kBlock,
     "1 deployment key is not the one", "12 deployment keys are not those"},
    {CATALOG_KEY_MISSING, "store.catalog-missing", kBlock, kBlock,
     "1 deployment names a catalog that is not there",
     "12 deployments name catalogs that are not there"},
    {CATALOG_MISSING, "store.catalog-missing", kBlock, kBlock, "1 catalog has no file",
     "12 catalogs have no file"},
    {CATALOG_UNINDEXED, "store.catalog-missing", kInfo, kInfo, "1 catalog file has no key",
     "12 catalog files have no key"},
    {PACKAGE_MANIFEST_MISSING, "store.package-files", kBlock, kBlock, "1 package has no .mum",
     "12 packages have no .mum"},
    {PACKAGE_CATALOG_MISSING, "store.package-files", kBlock, kBlock, "1 package has no .cat",
     "12 packages have no .cat"},
    {PACKAGE_UNINDEXED, "store.package-files", kInfo, kInfo, "1 .mum belongs to no package",
     "12 .mum files belong to no package"},
    {MANIFEST_UNDECODABLE, "store.manifest-damaged", kWarn, kBlock, "1 manifest cannot be decoded",
     "12 manifests cannot be decoded"},
    {MANIFEST_HASH_MISMATCH, "store.manifest-damaged", kWarn, kBlock,
     "1 manifest is not the one that COMPONENTS names",
     "12 manifests are not the ones that COMPONENTS names"},
    {MANIFEST_IDENTITY_MISMATCH, "store.manifest-damaged", kWarn, kBlock,
     "1 manifest describes another component", "12 manifests describe other components"},
    {CATALOG_HASH_MISMATCH, "store.catalog-damaged", kWarn, kBlock, "1 catalog is not the one",
     "12 catalogs are not the ones"},
    {PAYLOAD_MISSING, "store.payload-missing", kWarn, kBlock, "1 payload file is missing",
     "12 payload files are missing"},
    {PAYLOAD_HASH_MISMATCH, "store.payload-damaged", kWarn, kBlock, "1 payload file is not what",
     "12 payload files are not what"},
    {PROJECTION_MISSING, "store.projection", kWarn, kWarn, "1 file of the system is missing",
     "12 files of the system are missing"},
    {PROJECTION_MISMATCH, "store.projection", kWarn, kWarn,
     "1 file of the system is none of the component store",
     "12 files of the system are none of the component store"},
};

// What a check takes: the level that shows what it judges, and what else it is made of.
struct CheckReads {
  const char* check;
  StoreLevel level;
  bool catalogs, manifests, payload_names, payload, projections;  // Left open without them.
};

const CheckReads kChecks[] = {
    {"store.catalog-damaged", STORE_LEVEL_MANIFESTS, true, false, false, false, false},
    {"store.catalog-missing", STORE_LEVEL_INDEX, false, false, false, false, false},
    {"store.component-metadata", STORE_LEVEL_INDEX, false, false, false, false, false},
    {"store.manifest-damaged", STORE_LEVEL_MANIFESTS, false, true, false, false, false},
    {"store.manifest-missing", STORE_LEVEL_INDEX, false, false, false, false, false},
    {"store.manifest-unindexed", STORE_LEVEL_INDEX, false, false, false, false, false},
    {"store.package-files", STORE_LEVEL_INDEX, false, false, false, false, false},
    {"store.payload-damaged", STORE_LEVEL_PAYLOAD, false, true, true, true, false},
    {"store.payload-missing", STORE_LEVEL_MANIFESTS, false, true, true, false, false},
    {"store.projection", STORE_LEVEL_PAYLOAD, false, true, true, true, true},
};

constexpr char kKey[] = "amd64_microsoft-windows-ntfs_31bf3856ad364e35_10.0.26100.7462_none_0123";
constexpr char kFolder[] = "Windows/WinSxS/amd64_microsoft-windows-ntfs_31bf3856ad364e35_10.0.1";

StoreRoles Boot() {
  StoreRoles roles;
  roles.set_boot(true);
  return roles;
}

Snapshot Clean(StoreLevel level = STORE_LEVEL_PAYLOAD, StoreScope scope = STORE_SCOPE_ALL) {
  Snapshot snapshot;
  StoreVerification* store = snapshot.mutable_store_verification();
  store->mutable_collection()->set_status(Collection::COLLECTED);
  store->mutable_collection()->set_source("COMPONENTS");
  store->set_level(level);
  store->set_scope(scope);
  store->set_index_of_all(true);
  store->set_lcu_build("26100.7462");
  return snapshot;
}

// Adds `listed` of `total` damages, the first `graver` of them of the boot path.
void Add(StoreDamageKind kind, int listed, uint64_t total, uint64_t graver, Snapshot* snapshot) {
  StoreVerification* store = snapshot->mutable_store_verification();
  for (int i = 0; i < listed; ++i) {
    StoreDamage* damage = store->add_damage();
    damage->set_kind(kind);
    damage->set_component(kKey);
    damage->set_path(absl::StrCat("Windows/WinSxS/", kKey, "/", i, ".sys"));
    damage->set_expected(absl::StrCat("expected-", i));
    damage->set_found(absl::StrCat("found-", i));
    if (static_cast<uint64_t>(i) < graver) *damage->mutable_roles() = Boot();
  }
  StoreDamageCount* count = store->add_damage_counts();
  count->set_kind(kind);
  count->set_total(total);
  count->set_graver(graver);
}

Snapshot With(StoreDamageKind kind, int listed, uint64_t total, uint64_t graver) {
  Snapshot snapshot = Clean();
  Add(kind, listed, total, graver, &snapshot);
  return snapshot;
}

StoreUnverified* AddUnverified(absl::string_view path, Snapshot* snapshot) {
  StoreVerification* store = snapshot->mutable_store_verification();
  StoreUnverified* item = store->add_unverified();
  item->set_component(kKey);
  item->set_path(std::string(path));
  item->set_reason("Permission denied");
  store->set_unverified_total(store->unverified_total() + 1);
  return item;
}

void AddGap(absl::string_view where, Snapshot* snapshot) {
  Gap* gap = snapshot->mutable_store_verification()->mutable_collection()->add_gaps();
  gap->set_where(std::string(where));
  gap->set_what("Permission denied");
}

void ExpectEvidenceIsWellFormed(const Finding& finding) {
  for (const EvidenceLine& line : finding.evidence()) {
    EXPECT_FALSE(line.where().empty()) << line.what();
    EXPECT_FALSE(line.what().empty()) << line.where();
  }
  EXPECT_FALSE(finding.summary().empty());
  EXPECT_TRUE(finding.result() < Finding::INFO || finding.evidence_size() > 0);
  EXPECT_LE(finding.evidence_size(), 20);
}

TEST(StoreDamage, EveryKindIsJudgedByOneCheck) {
  std::set<int> kinds;
  for (const KindCase& c : kKinds) {
    SCOPED_TRACE(StoreDamageKind_Name(c.kind));
    EXPECT_TRUE(kinds.insert(c.kind).second);
    int judged = 0;
    const Snapshot snapshot = With(c.kind, 1, 1, 1);
    for (const CheckReads& check : kChecks) {
      const Finding::Result result = RunCheck(check.check, snapshot).result();
      judged += result == kInfo || result == kWarn || result == kBlock;
    }
    EXPECT_EQ(judged, 1);
  }
  for (int i = 0; i < StoreDamageKind_descriptor()->value_count(); ++i) {
    const int number = StoreDamageKind_descriptor()->value(i)->number();
    EXPECT_EQ(kinds.count(number), number == 0 ? 0u : 1u) << StoreDamageKind_Name(number);
  }
}

TEST(StoreDamage, Kinds) {
  for (const KindCase& c : kKinds) {
    SCOPED_TRACE(StoreDamageKind_Name(c.kind));
    const Finding one = RunCheck(c.check, With(c.kind, 1, 1, 0));
    EXPECT_THAT(one, ResultIs(c.plain));
    EXPECT_THAT(one, SummaryHas(c.one));
    EXPECT_THAT(one, Not(SummaryHas("boot path")));
    ASSERT_EQ(one.evidence_size(), 1);
    EXPECT_THAT(one, HasEvidence(absl::StrCat(kKey, "/0.sys"), "expected expected-0"));
    EXPECT_THAT(one, HasEvidence(kKey, "found found-0"));

    const Finding graver = RunCheck(c.check, With(c.kind, 1, 1, 1));
    EXPECT_THAT(graver, ResultIs(c.graver));
    EXPECT_THAT(graver, SummaryHas(c.one));
    EXPECT_THAT(graver, SummaryHas(", of the boot path"));
    EXPECT_THAT(graver, HasEvidence(kKey, ", of the boot path"));

    const Finding twelve = RunCheck(c.check, With(c.kind, 12, 12, 2));
    EXPECT_THAT(twelve, ResultIs(c.graver));
    EXPECT_THAT(twelve, SummaryHas(c.twelve));
    EXPECT_THAT(twelve, SummaryHas(", 2 of them of the boot path"));
    ExpectEvidenceIsWellFormed(twelve);
  }
}

TEST(StoreDamage, NothingDamaged) {
  for (const CheckReads& c : kChecks) {
    const Finding finding = RunCheck(c.check, Clean());
    EXPECT_THAT(finding, ResultIs(Finding::PASS)) << c.check;
    EXPECT_THAT(finding, Not(SummaryHas("looked at"))) << c.check;
    EXPECT_EQ(finding.evidence_size(), 0) << c.check;
  }
}

// Whatever is wrong with the verification as a whole.
TEST(StoreDamage, NeedsItsEvidence) {
  const std::pair<const char*, void (*)(StoreVerification*)> cases[] = {
      {"nobody looked", [](StoreVerification* store) { store->Clear(); }},
      {"no level", [](StoreVerification* store) { store->set_level(STORE_LEVEL_UNSPECIFIED); }},
      {"no scope", [](StoreVerification* store) { store->set_scope(STORE_SCOPE_UNSPECIFIED); }},
      {"a level from the future",
       [](StoreVerification* store) { store->set_level(static_cast<StoreLevel>(7)); }},
      {"a scope from the future",
       [](StoreVerification* store) { store->set_scope(static_cast<StoreScope>(7)); }},
      {"unreadable",
       [](StoreVerification* store) {
         store->mutable_collection()->set_status(Collection::UNREADABLE);
         store->mutable_collection()->set_reason("access denied");
       }},
      {"unreadable, and nobody looked",
       [](StoreVerification* store) {
         store->Clear();
         store->mutable_collection()->set_status(Collection::UNREADABLE);
         store->mutable_collection()->set_reason("access denied");
       }},
      {"absent",
       [](StoreVerification* store) {
         store->mutable_collection()->set_status(Collection::ABSENT);
         store->mutable_collection()->set_reason("not found");
       }},
      {"cancelled", [](StoreVerification* store) { store->set_cancelled(true); }},
      {"a gap in the hive",
       [](StoreVerification* store) {
         Gap* gap = store->mutable_collection()->add_gaps();
         gap->set_where("COMPONENTS\\DerivedData\\Components");
         gap->set_what("subkey list at 0x1f40: no signature");
       }},
  };
  for (const auto& [name, change] : cases) {
    for (const CheckReads& c : kChecks) {
      SCOPED_TRACE(absl::StrCat(name, ", ", c.check));
      Snapshot snapshot = Clean();
      change(snapshot.mutable_store_verification());
      const Finding finding = RunCheck(c.check, snapshot);
      EXPECT_THAT(finding, ResultIs(Finding::INDETERMINATE));
      EXPECT_THAT(finding, SummaryHas("could not be measured"));
      ExpectEvidenceIsWellFormed(finding);
    }
    // Damage decides all the same; what is only told does not.
    for (const KindCase& c : kKinds) {
      SCOPED_TRACE(absl::StrCat(name, ", ", StoreDamageKind_Name(c.kind)));
      Snapshot snapshot = Clean();
      change(snapshot.mutable_store_verification());
      Add(c.kind, 1, 1, 0, &snapshot);
      const Finding finding = RunCheck(c.check, snapshot);
      EXPECT_THAT(finding,
                  ResultIs(std::max(c.plain, kWarn) == c.plain ? c.plain : Finding::INDETERMINATE));
      EXPECT_THAT(finding, HasEvidence("0.sys", "expected-0"));
      if (c.plain >= kWarn) {
        EXPECT_THAT(finding, SummaryHas("; not all of it could be looked at"));
      }
    }
  }
}

TEST(StoreDamage, LevelsAndScopes) {
  constexpr StoreLevel kLevels[] = {STORE_LEVEL_INDEX, STORE_LEVEL_MANIFESTS, STORE_LEVEL_PAYLOAD};
  const std::pair<StoreScope, const char*> scopes[] = {
      {STORE_SCOPE_BOOT, "looked at: the boot path and the servicing stack"},
      {STORE_SCOPE_LCU,
       "looked at: the boot path, the servicing stack and the current cumulative update"},
      {STORE_SCOPE_ALL, ""}};
  for (const StoreLevel level : kLevels) {
    for (const auto& [scope, text] : scopes) {
      for (const bool index_of_all : {false, true}) {
        for (const CheckReads& c : kChecks) {
          SCOPED_TRACE(absl::StrCat(c.check, " at ", level, " of ", scope, ", ", index_of_all));
          Snapshot snapshot = Clean(level, scope);
          snapshot.mutable_store_verification()->set_index_of_all(index_of_all);
          const Finding finding = RunCheck(c.check, snapshot);
          if (level < c.level) {
            EXPECT_THAT(finding, ResultIs(Finding::NOT_APPLICABLE));
            EXPECT_THAT(finding, SummaryHas(level == STORE_LEVEL_INDEX
                                                ? "not looked at: only the index was verified"
                                                : "only the index and the manifests were"));
            EXPECT_THAT(finding, SummaryHas("use --profile full"));
            continue;
          }
          EXPECT_THAT(finding, ResultIs(Finding::PASS));
          const bool indexed =
              c.level == STORE_LEVEL_INDEX || absl::string_view(c.check) == "store.catalog-damaged";
          const bool all = scope == STORE_SCOPE_ALL || (indexed && index_of_all);
          if (all) {
            EXPECT_THAT(finding, Not(SummaryHas("looked at")));
          } else {
            EXPECT_THAT(finding, SummaryHas(text));
          }
        }
      }
    }
  }
}

TEST(StoreDamage, DamageSaysTheScopeToo) {
  Snapshot snapshot = Clean(STORE_LEVEL_PAYLOAD, STORE_SCOPE_BOOT);
  Add(PAYLOAD_MISSING, 1, 1, 1, &snapshot);
  EXPECT_THAT(RunCheck("store.payload-missing", snapshot),
              SummaryHas("; looked at: the boot path and the servicing stack"));
}

// A level that cannot show a kind and yet has it: it is there.
TEST(StoreDamage, DamageDecidesAtAnyLevel) {
  Snapshot snapshot = Clean(STORE_LEVEL_INDEX);
  Add(PAYLOAD_HASH_MISMATCH, 1, 1, 1, &snapshot);
  EXPECT_THAT(RunCheck("store.payload-damaged", snapshot), ResultIs(kBlock));
}

TEST(StoreDamage, WhatIsLeftOpenByWhatCouldNotBeVerified) {
  const struct {
    const char* name;
    std::string path;
    bool (*open)(const CheckReads& check);
  } cases[] = {
      {"a catalog", "Windows/WinSxS/Catalogs/0123.cat",
       [](const CheckReads& c) { return c.catalogs; }},
      {"a manifest", "Windows/WinSxS/Manifests/x.manifest",
       [](const CheckReads& c) { return c.manifests; }},
      {"a manifest, otherwise spelled", "windows\\winsxs\\manifests\\x.manifest",
       [](const CheckReads& c) { return c.manifests; }},
      {"a component's folder", kFolder, [](const CheckReads& c) { return c.payload_names; }},
      {"a payload file", absl::StrCat(kFolder, "/ntfs.sys"),
       [](const CheckReads& c) { return c.payload_names; }},
      {"a catalog that is payload", absl::StrCat(kFolder, "/driver.cat"),
       [](const CheckReads& c) { return c.payload_names; }},
      {"a projection", "Windows/System32/drivers/ntfs.sys",
       [](const CheckReads& c) { return c.projections; }},
      {"a projection elsewhere", "Program Files/x.dll",
       [](const CheckReads& c) { return c.projections; }},
      {"a key", "COMPONENTS\\DerivedData\\Components\\x", [](const CheckReads&) { return true; }},
      {"without a path", "", [](const CheckReads&) { return true; }},
  };
  for (const auto& c : cases) {
    for (const CheckReads& check : kChecks) {
      SCOPED_TRACE(absl::StrCat(c.name, ", ", check.check));
      Snapshot snapshot = Clean();
      AddUnverified(c.path, &snapshot);
      const Finding finding = RunCheck(check.check, snapshot);
      if (!c.open(check)) {
        EXPECT_THAT(finding, ResultIs(Finding::PASS));
        continue;
      }
      EXPECT_THAT(finding, ResultIs(Finding::INDETERMINATE));
      EXPECT_THAT(finding, SummaryHas("1 file or component could not be verified: "));
      EXPECT_THAT(finding, HasEvidence(c.path.empty() ? kKey : c.path.c_str(),
                                       "not verified: Permission denied"));
    }
  }
}

TEST(StoreDamage, WhatIsOnlyCountedLeavesOpenAllButTheIndex) {
  Snapshot snapshot = Clean();
  AddUnverified("Windows/WinSxS/Catalogs/0123.cat", &snapshot);
  snapshot.mutable_store_verification()->set_unverified_total(28069);
  for (const CheckReads& c : kChecks) {
    const Finding finding = RunCheck(c.check, snapshot);
    if (c.level == STORE_LEVEL_INDEX) {
      EXPECT_THAT(finding, ResultIs(Finding::PASS)) << c.check;
      continue;
    }
    EXPECT_THAT(finding, ResultIs(Finding::INDETERMINATE)) << c.check;
    EXPECT_THAT(finding, SummaryHas("28,069 files or components could not be verified")) << c.check;
    EXPECT_THAT(finding, HasEvidence("COMPONENTS", "and 28,068 more")) << c.check;
  }
}

TEST(StoreDamage, WhatIsLeftOpenByGaps) {
  const struct {
    const char* where;
    bool index, catalogs;
  } cases[] = {
      {"Windows/WinSxS", false, false},
      {"Windows/WinSxS/amd64_microsoft-windows-servicingstack_x/wcp.dll", false, false},
      {"Windows/WinSxS/Manifests", true, true},
      {"Windows/WinSxS/Catalogs", true, true},
      {"Windows/servicing/Packages", true, true},
      {"COMPONENTS\\CanonicalData\\Deployments", true, true},
  };
  for (const auto& c : cases) {
    for (const CheckReads& check : kChecks) {
      SCOPED_TRACE(absl::StrCat(c.where, ", ", check.check));
      Snapshot snapshot = Clean();
      AddGap(c.where, &snapshot);
      const bool open = check.level == STORE_LEVEL_INDEX ? c.index
                        : check.catalogs                 ? c.catalogs
                                                         : true;
      const Finding finding = RunCheck(check.check, snapshot);
      EXPECT_THAT(finding, ResultIs(open ? Finding::INDETERMINATE : Finding::PASS));
      if (open) {
        EXPECT_THAT(finding, HasEvidence(c.where, "Permission denied"));
      }
    }
  }
}

// The files of a component whose manifest is lost were not looked at.
TEST(StoreDamage, PayloadWithoutItsManifestIsNotKnown) {
  for (const StoreDamageKind kind : {MANIFEST_MISSING, MANIFEST_UNDECODABLE, MANIFEST_HASH_MISMATCH,
                                     MANIFEST_IDENTITY_MISMATCH}) {
    for (const char* check :
         {"store.payload-missing", "store.payload-damaged", "store.projection"}) {
      SCOPED_TRACE(absl::StrCat(StoreDamageKind_Name(kind), ", ", check));
      const Finding finding = RunCheck(check, With(kind, 2, 2, 0));
      EXPECT_THAT(finding, ResultIs(Finding::INDETERMINATE));
      EXPECT_THAT(finding,
                  SummaryHas("2 manifests are missing or damaged, and the files of their"));
    }
    EXPECT_THAT(RunCheck("store.catalog-damaged", With(kind, 2, 2, 0)), ResultIs(Finding::PASS));
  }
  // The index is looked at beyond the scope, the payload is not.
  Snapshot snapshot = Clean(STORE_LEVEL_PAYLOAD, STORE_SCOPE_BOOT);
  Add(MANIFEST_MISSING, 2, 2, 0, &snapshot);
  EXPECT_THAT(RunCheck("store.payload-missing", snapshot), ResultIs(Finding::PASS));
  Add(MANIFEST_MISSING, 3, 3, 1, &snapshot);
  EXPECT_THAT(RunCheck("store.payload-missing", snapshot), ResultIs(Finding::INDETERMINATE));
}

TEST(StoreDamage, TheListIsBoundedAndTheGravestComeFirst) {
  Snapshot snapshot = Clean();
  Add(CATALOG_UNINDEXED, 15, 15, 0, &snapshot);
  Add(CATALOG_MISSING, 3, 4000, 0, &snapshot);
  Add(CATALOG_KEY_MISSING, 5, 5, 0, &snapshot);
  const Finding finding = RunCheck("store.catalog-missing", snapshot);
  EXPECT_THAT(finding, ResultIs(kBlock));
  EXPECT_EQ(finding.summary(),
            "5 deployments name catalogs that are not there; 4,000 catalogs have no file; 15 "
            "catalog files have no key");
  ASSERT_EQ(finding.evidence_size(), 12);
  for (int i = 0; i < 5; ++i) {
    EXPECT_THAT(finding.evidence(i).what(), HasSubstr("names a catalog")) << i;
  }
  EXPECT_THAT(finding.evidence(8).what(), HasSubstr("catalog file has no key"));
  EXPECT_EQ(finding.evidence(10).what(), "and 3,997 more: catalog has no file");
  EXPECT_EQ(finding.evidence(11).what(), "and 13 more: catalog file has no key");

  // Within a kind too: the last of them is the one of the boot path.
  snapshot = Clean();
  Add(PAYLOAD_MISSING, 30, 30, 0, &snapshot);
  StoreDamage* last = snapshot.mutable_store_verification()->mutable_damage(29);
  *last->mutable_roles() = Boot();
  const Finding payload = RunCheck("store.payload-missing", snapshot);
  EXPECT_THAT(payload, ResultIs(kBlock));
  EXPECT_THAT(payload.evidence(0).where(), HasSubstr("/29.sys"));
  EXPECT_EQ(payload.evidence_size(), 11);
}

TEST(StoreDamage, AKindThatIsNotShownIsCounted) {
  Snapshot snapshot = Clean();
  Add(COMPONENT_UNOWNED, 10, 10, 10, &snapshot);
  Add(COMPONENT_KEY_MISMATCH, 2, 7, 0, &snapshot);
  const Finding finding = RunCheck("store.component-metadata", snapshot);
  EXPECT_THAT(finding,
              SummaryHas("10 components belong to no deployment, all of the boot path; 7 "));
  ASSERT_EQ(finding.evidence_size(), 11);
  EXPECT_EQ(finding.evidence(10).what(), "7 component keys are not those of their identities");
}

// Counts and list come from elsewhere: neither may hide what the other has.
TEST(StoreDamage, CountsAndListContradictEachOther) {
  Snapshot only_counted = Clean();
  Add(PAYLOAD_MISSING, 0, 3, 1, &only_counted);
  Finding finding = RunCheck("store.payload-missing", only_counted);
  EXPECT_THAT(finding, ResultIs(kBlock));
  EXPECT_THAT(
      finding,
      SummaryHas("3 payload files are missing, 1 of them of the servicing stack or the boot "
                 "path or the current cumulative update"));
  EXPECT_THAT(finding, HasEvidence("COMPONENTS", "3 payload files are missing"));

  Snapshot only_listed = With(PAYLOAD_MISSING, 2, 2, 1);
  only_listed.mutable_store_verification()->clear_damage_counts();
  finding = RunCheck("store.payload-missing", only_listed);
  EXPECT_THAT(finding, ResultIs(kBlock));
  EXPECT_THAT(finding, SummaryHas("2 payload files are missing, 1 of them of the boot path"));

  finding = RunCheck("store.payload-missing", With(PAYLOAD_MISSING, 0, 0, 4));
  EXPECT_THAT(finding, ResultIs(kBlock));
  EXPECT_THAT(finding, SummaryHas("4 payload files are missing"));

  EXPECT_THAT(RunCheck("store.payload-missing", With(PAYLOAD_MISSING, 0, 0, 0)),
              ResultIs(Finding::PASS));
}

TEST(StoreDamage, EvidenceWithoutPlaces) {
  Snapshot snapshot = Clean();
  snapshot.mutable_store_verification()->mutable_collection()->clear_source();
  snapshot.mutable_store_verification()->add_damage()->set_kind(PAYLOAD_MISSING);
  StoreDamage* damage = snapshot.mutable_store_verification()->add_damage();
  damage->set_kind(PAYLOAD_MISSING);
  damage->set_component(kKey);
  const Finding finding = RunCheck("store.payload-missing", snapshot);
  EXPECT_THAT(finding, ResultIs(kWarn));
  EXPECT_THAT(finding, HasEvidence("Windows/WinSxS", "payload file is missing"));
  EXPECT_THAT(finding, HasEvidence(kKey, "payload file is missing"));
  ExpectEvidenceIsWellFormed(finding);
}

TEST(StoreDamage, EvidenceNamesTheComponentOnce) {
  Snapshot snapshot = Clean();
  StoreDamage* damage = snapshot.mutable_store_verification()->add_damage();
  damage->set_kind(PROJECTION_MISMATCH);
  damage->set_component(kKey);
  damage->set_path("Windows/System32/drivers/ntfs.sys");
  EXPECT_THAT(RunCheck("store.projection", snapshot),
              HasEvidence("System32/drivers/ntfs.sys", absl::StrCat("component ", kKey)));
  damage->set_path(absl::StrCat("Windows/WinSxS/", absl::AsciiStrToUpper(kKey), "/ntfs.sys"));
  EXPECT_THAT(RunCheck("store.projection", snapshot), Not(HasEvidence("ntfs.sys", ", component ")));
}

TEST(StoreDamage, RolesAreNamedGravestFirst) {
  Snapshot snapshot = With(PAYLOAD_MISSING, 2, 2, 0);
  StoreVerification* store = snapshot.mutable_store_verification();
  store->mutable_damage(0)->mutable_roles()->set_lcu(true);
  store->mutable_damage(1)->mutable_roles()->set_servicing_stack(true);
  EXPECT_THAT(RunCheck("store.payload-missing", snapshot),
              SummaryHas("missing, all of the servicing stack or the current cumulative update"));
  for (const auto set :
       {&StoreRoles::set_lcu, &StoreRoles::set_boot, &StoreRoles::set_servicing_stack}) {
    StoreRoles roles;
    (roles.*set)(true);
    *store->mutable_damage(0)->mutable_roles() = roles;
    store->mutable_damage(1)->clear_roles();
    EXPECT_THAT(RunCheck("store.payload-missing", snapshot), ResultIs(kBlock));
  }
}

TEST(StoreDamage, WithoutTheCurrentUpdateNobodyKnowsWhatIsGraver) {
  Snapshot snapshot = With(PAYLOAD_MISSING, 1, 1, 0);
  snapshot.mutable_store_verification()->clear_lcu_build();
  constexpr char kUnknown[] = "what belongs to the current cumulative update is not known";
  EXPECT_THAT(RunCheck("store.payload-missing", snapshot), SummaryHas(kUnknown));
  Add(CATALOG_MISSING, 1, 1, 0, &snapshot);
  EXPECT_THAT(RunCheck("store.catalog-missing", snapshot), Not(SummaryHas(kUnknown)));

  // And nobody knows what a verification of it has looked at.
  snapshot = Clean(STORE_LEVEL_PAYLOAD, STORE_SCOPE_LCU);
  snapshot.mutable_store_verification()->clear_lcu_build();
  EXPECT_THAT(RunCheck("store.payload-missing", snapshot), ResultIs(Finding::INDETERMINATE));
  EXPECT_THAT(RunCheck("store.manifest-missing", snapshot), ResultIs(Finding::PASS));
}

}  // namespace
}  // namespace patchgate::gate::checks
