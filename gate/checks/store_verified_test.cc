#include <functional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gate/checks/check_testing.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace patchgate::gate::checks {
namespace {

constexpr char kId[] = "store.verified";

// As `check --profile full` leaves it on a clean host.
Snapshot Full() {
  Snapshot snapshot;
  StoreVerification* store = snapshot.mutable_store_verification();
  store->mutable_collection()->set_status(Collection::COLLECTED);
  store->mutable_collection()->set_source("COMPONENTS");
  store->set_level(STORE_LEVEL_PAYLOAD);
  store->set_scope(STORE_SCOPE_ALL);
  store->set_index_of_all(true);
  store->set_lcu_build("26100.7462");
  StoreCounts* counts = store->mutable_counts();
  counts->set_components(28069);
  counts->set_components_in_scope(28069);
  counts->set_files_hashed(161234);
  counts->set_bytes_read(11'260'000'000);
  return snapshot;
}

void AddUnverified(absl::string_view path, bool boot, StoreVerification* store) {
  StoreUnverified* item = store->add_unverified();
  item->set_path(std::string(path));
  item->set_reason("changed while it was read");
  item->mutable_roles()->set_boot(boot);
  store->set_unverified_total(store->unverified_total() + 1);
  store->set_unverified_graver(store->unverified_graver() + boot);
}

struct Case {
  std::string name;
  std::function<void(StoreVerification* store)> change;
  Finding::Result result;
  std::string summary;                                             // A part of it.
  std::vector<std::pair<std::string, std::string>> evidence = {};  // Parts of place and fact.
};

TEST(StoreVerified, Cases) {
  const std::vector<Case> cases = {
      {"all of it", [](StoreVerification*) {}, Finding::PASS,
       "index of 28,069 components; payload of 28,069 components: 161,234 files hashed, 11.3 GB "
       "read; nothing differs"},
      {"the quick profile",
       [](StoreVerification* store) {
         store->set_scope(STORE_SCOPE_BOOT);
         store->mutable_counts()->set_components_in_scope(131);
         store->mutable_counts()->set_files_hashed(412);
         store->mutable_counts()->set_bytes_read(180'400'000);
       },
       Finding::PASS,
       "index of 28,069 components; payload of 131 components of the boot path and the servicing "
       "stack: 412 files hashed, 180 MB read; nothing differs"},
      {"no index of all",
       [](StoreVerification* store) {
         store->set_scope(STORE_SCOPE_LCU);
         store->set_level(STORE_LEVEL_MANIFESTS);
         store->set_index_of_all(false);
         store->mutable_counts()->set_components_in_scope(1);
         store->mutable_counts()->set_files_hashed(1);
         store->mutable_counts()->set_bytes_read(999);
       },
       Finding::PASS,
       "index of 1 component of the boot path, the servicing stack and the current cumulative "
       "update; manifests of 1 component of the boot path, the servicing stack and the current "
       "cumulative update: 1 file hashed, 1 kB read; nothing differs"},
      {"the index", [](StoreVerification* store) { store->set_level(STORE_LEVEL_INDEX); },
       Finding::PASS, "index of 28,069 components; nothing differs"},
      {"damage",
       [](StoreVerification* store) {
         StoreDamageCount* count = store->add_damage_counts();
         count->set_kind(PAYLOAD_MISSING);
         count->set_total(1200);
       },
       Finding::PASS, "1,200 things differ, see the other findings of the store"},
      {"more damage than can be",
       [](StoreVerification* store) {
         for (const StoreDamageKind kind : {PAYLOAD_MISSING, PAYLOAD_HASH_MISMATCH}) {
           StoreDamageCount* count = store->add_damage_counts();
           count->set_kind(kind);
           count->set_total(uint64_t{1} << 63);
         }
       },
       Finding::PASS, "18,446,744,073,709,551,615 things differ"},
      {"damage that nobody counted",
       [](StoreVerification* store) { store->add_damage()->set_kind(PAYLOAD_MISSING); },
       Finding::PASS, "1 thing differs"},
      {"damage of an unknown kind",
       [](StoreVerification* store) {
         store->add_damage_counts()->set_kind(static_cast<StoreDamageKind>(77));
       },
       Finding::INDETERMINATE,
       "of a kind that this patchgate does not know",
       {{"COMPONENTS", "kind 77"}}},
      {"damage without a kind",
       [](StoreVerification* store) { store->add_damage(); },
       Finding::INDETERMINATE,
       "of a kind that this patchgate does not know",
       {{"COMPONENTS", "kind 0"}}},
      {"no current update",
       [](StoreVerification* store) { store->clear_lcu_build(); },
       Finding::INFO,
       "nothing differs; the current cumulative update is not known",
       {{"COMPONENTS", "nothing could be told to belong to it"}}},
      {"no current update, and it was asked for",
       [](StoreVerification* store) {
         store->set_scope(STORE_SCOPE_LCU);
         store->clear_lcu_build();
       },
       Finding::INDETERMINATE, "the current cumulative update is not known"},
      {"a file",
       [](StoreVerification* store) { AddUnverified("Windows/System32/x.dll", false, store); },
       Finding::WARN,
       "1 file or component could not be verified",
       {{"System32/x.dll", "not verified: changed while it was read"}}},
      {"a file of the boot path",
       [](StoreVerification* store) { AddUnverified("Windows/System32/x.sys", true, store); },
       Finding::INDETERMINATE,
       "1 file or component could not be verified, of the servicing stack, the boot path or",
       {{"System32/x.sys", "while it was read, of the boot path"}}},
      {"two files, one of the boot path",
       [](StoreVerification* store) {
         AddUnverified("Windows/System32/x.sys", true, store);
         AddUnverified("Windows/System32/x.dll", false, store);
       },
       Finding::INDETERMINATE,
       "2 files or components could not be verified, 1 of them of the servicing stack"},
      {"very many",
       [](StoreVerification* store) {
         for (int i = 0; i < 30; ++i) AddUnverified(absl::StrCat(i, "/x.dll"), false, store);
         store->set_unverified_total(5000);
       },
       Finding::WARN,
       "5,000 files or components could not be verified",
       {{"9/x.dll", "not verified"}, {"COMPONENTS", "and 4,990 more"}}},
      {"only counted",
       [](StoreVerification* store) { store->set_unverified_graver(2); },
       Finding::INDETERMINATE,
       "2 files or components could not be verified, of the servicing stack",
       {{"COMPONENTS", "2"}}},
      {"only listed",
       [](StoreVerification* store) {
         AddUnverified("Windows/x.sys", true, store);
         store->clear_unverified_total();
         store->clear_unverified_graver();
       },
       Finding::INDETERMINATE, "1 file or component could not be verified, of the servicing"},
      {"ended early", [](StoreVerification* store) { store->set_cancelled(true); },
       Finding::INDETERMINATE, "the verification was ended early"},
      {"nobody looked",
       [](StoreVerification* store) { store->Clear(); },
       Finding::INDETERMINATE,
       "could not be measured",
       {{"Windows/WinSxS", "not collected"}}},
      {"no level", [](StoreVerification* store) { store->clear_level(); }, Finding::INDETERMINATE,
       "could not be measured"},
      {"no scope", [](StoreVerification* store) { store->clear_scope(); }, Finding::INDETERMINATE,
       "could not be measured"},
      {"unreadable",
       [](StoreVerification* store) {
         store->mutable_collection()->set_status(Collection::UNREADABLE);
         store->mutable_collection()->set_reason("base block: no signature");
       },
       Finding::INDETERMINATE, "base block: no signature"},
      {"absent",
       [](StoreVerification* store) {
         store->mutable_collection()->set_status(Collection::ABSENT);
         store->mutable_collection()->set_reason("not found");
       },
       Finding::INDETERMINATE, "COMPONENTS is missing, every Windows has it"},
      {"a gap",
       [](StoreVerification* store) {
         Gap* gap = store->mutable_collection()->add_gaps();
         gap->set_where("Windows/WinSxS/Manifests");
         gap->set_what("Permission denied");
       },
       Finding::INDETERMINATE,
       "could not be measured in full: Windows/WinSxS/Manifests: Permission denied",
       {{"Windows/WinSxS/Manifests", "Permission denied"}}},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    Snapshot snapshot = Full();
    c.change(snapshot.mutable_store_verification());
    const Finding finding = RunCheck(kId, snapshot);
    EXPECT_THAT(finding, ResultIs(c.result));
    EXPECT_THAT(finding, SummaryHas(c.summary));
    for (const auto& [where, what] : c.evidence) EXPECT_THAT(finding, HasEvidence(where, what));
    EXPECT_TRUE(c.result < Finding::INFO || finding.evidence_size() > 0);
    EXPECT_LE(finding.evidence_size(), 12);
    for (const EvidenceLine& line : finding.evidence()) EXPECT_FALSE(line.where().empty());
  }
}

}  // namespace
}  // namespace patchgate::gate::checks
