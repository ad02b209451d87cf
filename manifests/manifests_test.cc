#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "manifests/catalog.h"
#include "manifests/nearest.h"
#include "manifests/policy.h"

namespace patchgate {
namespace {

using testing::HasSubstr;

TEST(Nearest, FindsSlipsOfTheFinger) {
  const std::vector<std::string> names = {"--root", "--snapshot", "--policy"};
  EXPECT_EQ(NearestName("--rot", names), "--root");
  EXPECT_EQ(NearestName("--polcy", names), "--policy");
  EXPECT_EQ(NearestName("xyz", names), "");
  EXPECT_EQ(NearestName("", names), "");
  EXPECT_EQ(NearestName(std::string(100'000, 'a'), names), "");
  EXPECT_EQ(DidYouMean("--snapshop", names), ", did you mean --snapshot?");
  EXPECT_EQ(DidYouMean("xyz", names), "");
}

TEST(Catalog, LoadsAndFinds) {
  const auto catalog = LoadBuiltInCatalog();
  ASSERT_TRUE(catalog.ok()) << catalog.status();
  ASSERT_NE(catalog->Find("cbs.sessions-pending"), nullptr);
  EXPECT_EQ(catalog->Find("cbs.sessions-pendin"), nullptr);
  EXPECT_EQ(catalog->Find(""), nullptr);
}

TEST(Catalog, ErrorsNameThePlace) {
  const absl::Status status = ParseCheckRecord("id: \"a\"\nmening: \"x\"").status();
  EXPECT_THAT(std::string(status.message()), HasSubstr("line 2"));
  EXPECT_THAT(std::string(status.message()), HasSubstr("did you mean meaning?"));
  CheckRecord record;
  record.set_id("twice");
  EXPECT_TRUE(absl::IsInvalidArgument(Catalog::FromRecords({record, record}).status()));
}

class PolicyTest : public testing::Test {
 protected:
  std::string Error(const std::string& text) {
    const auto policy = ParsePolicy(text, *catalog_);
    return policy.ok() ? "" : std::string(policy.status().message());
  }
  absl::StatusOr<Catalog> catalog_ = LoadBuiltInCatalog();
};

TEST_F(PolicyTest, DefaultsAndOverrides) {
  EXPECT_EQ(ParsePolicy("", *catalog_)->required_evidence_size(), 5);
  EXPECT_EQ(ParsePolicy("required_evidence: 'hive.system'", *catalog_)->required_evidence_size(),
            1);
}

TEST_F(PolicyTest, ErrorsOfferTheNearestName) {
  EXPECT_THAT(Error("required_evidense: 'x'"), HasSubstr("did you mean required_evidence?"));
  EXPECT_THAT(Error("required_evidence: 'hive.sytem'"), HasSubstr("did you mean hive.system?"));
  EXPECT_THAT(Error("waivers { check: 'cbs.session-pending' }"),
              HasSubstr("did you mean cbs.sessions-pending?"));
}

TEST_F(PolicyTest, WaiversAreComplete) {
  const std::string fields[] = {"check: 'cbs.sessions-pending' ", "evidence: '31222195_17' ",
                                "reason: 'r' ", "owner: 'o' ", "expires: '2026-12-31T00:00:00Z' "};
  std::string whole;
  for (const std::string& field : fields) whole += field;
  EXPECT_EQ(Error(absl::StrCat("waivers { ", whole, "}")), "");
  for (const std::string& left_out : fields) {
    std::string text;
    for (const std::string& field : fields) text += field == left_out ? "" : field;
    EXPECT_THAT(Error(absl::StrCat("waivers { ", text, "}")),
                HasSubstr(left_out.substr(0, left_out.find(':'))));
  }
  EXPECT_THAT(Error("waivers { check: 'cbs.sessions-pending' evidence: '\\\\' }"),
              HasSubstr("shorter than 8 characters"));
  EXPECT_THAT(Error(absl::StrCat("waivers { ", whole.substr(0, whole.find("expires")),
                                 "expires: '2026-12-31T00:00:00+01:00' }")),
              HasSubstr("no UTC time"));
}

}  // namespace
}  // namespace patchgate
