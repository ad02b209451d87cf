#include "gate/store_verdict.h"

#include <functional>
#include <string>

#include "gtest/gtest.h"

namespace patchgate::gate {
namespace {

StoreVerification Whole() {
  StoreVerification v;
  v.mutable_collection()->set_status(Collection::COLLECTED);
  v.set_level(STORE_LEVEL_PAYLOAD);
  v.set_scope(STORE_SCOPE_ALL);
  return v;
}

TEST(StoreVerdict, Outcomes) {
  const struct {
    const char* name;
    std::function<void(StoreVerification*)> change;
    StoreVerdict::Outcome outcome;
    const char* open;  // The first open question; empty for none.
  } cases[] = {
      {"whole", [](auto*) {}, StoreVerdict::CLEAN, ""},
      {"damage", [](auto* v) { v->add_damage_counts()->set_total(2); }, StoreVerdict::DAMAGED, ""},
      {"damage without counts", [](auto* v) { v->add_damage(); }, StoreVerdict::DAMAGED, ""},
      {"leftovers",
       [](auto* v) {
         v->add_damage_counts()->set_kind(MANIFEST_UNINDEXED);
         v->mutable_damage_counts(0)->set_total(2);
         v->add_damage()->set_kind(CATALOG_UNINDEXED);
       },
       StoreVerdict::CLEAN, ""},
      {"a kind that was not met",
       [](auto* v) { v->add_damage_counts()->set_kind(PAYLOAD_MISSING); }, StoreVerdict::CLEAN, ""},
      {"damage and cancelled",
       [](auto* v) {
         v->set_cancelled(true);
         v->add_damage_counts()->set_total(1);
       },
       StoreVerdict::DAMAGED, "cancelled before everything was looked at"},
      {"cancelled", [](auto* v) { v->set_cancelled(true); }, StoreVerdict::UNVERIFIED,
       "cancelled before everything was looked at"},
      {"unverified", [](auto* v) { v->set_unverified_total(1); }, StoreVerdict::UNVERIFIED, ""},
      {"unverified without a count", [](auto* v) { v->add_unverified(); }, StoreVerdict::UNVERIFIED,
       ""},
      {"unreadable",
       [](auto* v) {
         v->mutable_collection()->set_status(Collection::UNREADABLE);
         v->mutable_collection()->set_source("COMPONENTS");
         v->mutable_collection()->set_reason("the file is empty");
       },
       StoreVerdict::UNVERIFIED, "COMPONENTS: the file is empty"},
      {"absent", [](auto* v) { v->mutable_collection()->set_status(Collection::ABSENT); },
       StoreVerdict::UNVERIFIED, "COMPONENTS: could not be read"},
      {"gap",
       [](auto* v) {
         Gap* gap = v->mutable_collection()->add_gaps();
         gap->set_where("Windows/WinSxS/Catalogs");
         gap->set_what("Permission denied");
       },
       StoreVerdict::UNVERIFIED, "Windows/WinSxS/Catalogs: Permission denied"},
      {"no level", [](auto* v) { v->clear_level(); }, StoreVerdict::UNVERIFIED, "nobody looked"},
      {"no scope", [](auto* v) { v->clear_scope(); }, StoreVerdict::UNVERIFIED, "nobody looked"},
      {"unknown update", [](auto* v) { v->set_scope(STORE_SCOPE_LCU); }, StoreVerdict::UNVERIFIED,
       "the current cumulative update is not known, and so neither what it brought"},
      {"known update",
       [](auto* v) {
         v->set_scope(STORE_SCOPE_LCU);
         v->set_lcu_build("26100.7462");
       },
       StoreVerdict::CLEAN, ""},
  };
  for (const auto& c : cases) {
    StoreVerification verification = Whole();
    c.change(&verification);
    const StoreVerdict verdict = JudgeStore(verification, "memory");
    EXPECT_EQ(verdict.outcome(), c.outcome) << c.name;
    EXPECT_EQ(verdict.open_size() == 0 ? "" : verdict.open(0), c.open) << c.name;
  }
  EXPECT_EQ(JudgeStore(StoreVerification(), "memory").outcome(), StoreVerdict::UNVERIFIED);
}

TEST(StoreVerdict, SumsAndKeepsTheFacts) {
  StoreVerification verification = Whole();
  for (const uint64_t total : {3, 4}) {
    StoreDamageCount* count = verification.add_damage_counts();
    count->set_total(total);
    count->set_graver(1);
  }
  verification.add_damage()->set_path("a\xff.dll");
  const StoreVerdict verdict = JudgeStore(verification, "directory /mnt");
  EXPECT_EQ(verdict.damage_total(), 7u);
  EXPECT_EQ(verdict.damage_graver(), 2u);
  EXPECT_EQ(verdict.source(), "directory /mnt");
  EXPECT_EQ(verdict.verification().damage(0).path(), "a\xEF\xBF\xBD.dll");
  EXPECT_EQ(verdict.verification().level(), STORE_LEVEL_PAYLOAD);
}

}  // namespace
}  // namespace patchgate::gate
