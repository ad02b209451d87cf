#include "servicing/registry/section_reader.h"

#include <map>
#include <memory>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace patchgate::registry {
namespace {

using testing::HasSubstr;

const absl::Status& Denied() {
  static const auto* const status =
      new absl::Status(absl::PermissionDeniedError("HKLM\\SOFTWARE\\x: access denied"));
  return *status;
}

// A key whose values and subkeys are all refused, but for the value "Open".
class GuardedKey : public Key {
 public:
  std::string name() const override { return "Guarded"; }
  FileTime last_written() const override { return 5; }
  absl::StatusOr<std::unique_ptr<Key>> Open(absl::string_view) const override { return Denied(); }
  absl::StatusOr<Value> Get(absl::string_view name) const override {
    if (name == "Open") return Value{"Open", 4, std::string("\1\0\0\0", 4)};
    return Denied();
  }
  absl::Status VisitSubkeys(absl::FunctionRef<bool(const Key&)>) const override { return Denied(); }
  absl::Status VisitValues(absl::FunctionRef<bool(const Value&)>) const override {
    return Denied();
  }
};

class FakeRegistry : public Registry {
 public:
  explicit FakeRegistry(absl::Status error) : error_(std::move(error)) {}

  absl::StatusOr<std::unique_ptr<Key>> Open(HiveId, absl::string_view) const override {
    if (!error_.ok()) return error_;
    return std::unique_ptr<Key>(new GuardedKey());
  }
  HiveFacts Describe(HiveId hive) const override {
    HiveFacts facts;
    facts.set_name(std::string(HiveName(hive)));
    facts.set_state(HiveFacts::LOADED);
    return facts;
  }

 private:
  absl::Status error_;
};

TEST(SectionReader, WhatCannotBeOpened) {
  const struct {
    const char* name;
    absl::Status error;
    Collection::Status status;
  } cases[] = {
      {"not there", absl::NotFoundError("why"), Collection::ABSENT},
      {"refused", absl::PermissionDeniedError("why"), Collection::UNREADABLE},
      {"hive not readable", absl::UnavailableError("why"), Collection::UNREADABLE},
      {"damaged", absl::DataLossError("why"), Collection::UNREADABLE},
      {"link", absl::FailedPreconditionError("why"), Collection::UNREADABLE},
  };
  for (const auto& c : cases) {
    Collection section;
    const SectionReader reader(FakeRegistry(c.error), HiveId::kSoftware, "x", &section);
    EXPECT_EQ(section.status(), c.status) << c.name;
    EXPECT_EQ(section.reason(), "why") << c.name;
    EXPECT_FALSE(reader.has_key()) << c.name;
    EXPECT_TRUE(section.gaps().empty()) << c.name;
  }
}

TEST(SectionReader, RefusedPartsAreGaps) {
  Collection section;
  const FakeRegistry registry{absl::OkStatus()};
  const SectionReader reader(registry, HiveId::kSoftware, "x", &section);
  EXPECT_EQ(section.status(), Collection::COLLECTED);
  EXPECT_EQ(section.modified_filetime(), 5u);
  EXPECT_EQ(reader.Dword("Open"), 1u);
  EXPECT_TRUE(section.gaps().empty());

  EXPECT_FALSE(reader.Dword("Closed").has_value());
  reader.Subkey("Sub", [](const KeyReader&) { ADD_FAILURE(); });
  reader.Subkeys([](const KeyReader&) { ADD_FAILURE(); });
  reader.Values([](const Value&) { ADD_FAILURE(); });
  ASSERT_EQ(section.gaps_size(), 4);
  EXPECT_EQ(section.gaps(0).where(), "SOFTWARE\\x\\Closed");
  EXPECT_EQ(section.gaps(1).where(), "SOFTWARE\\x\\Sub");
  for (const Gap& gap : section.gaps()) EXPECT_THAT(gap.what(), HasSubstr("access denied"));
}

TEST(Registry, WhatIsLeftToTheDefault) {
  const FakeRegistry registry{absl::OkStatus()};
  EXPECT_TRUE(absl::IsUnimplemented(registry.OpenBcd().status()));
  EXPECT_EQ(registry.Examine(HiveId::kSystem).state(), HiveFacts::LOADED);
  EXPECT_EQ(GuardedKey().id(), 0u);
}

TEST(Registry, NamesOfAllHives) {
  std::string names;
  for (const HiveId hive : kAllHives) names += std::string(HiveName(hive)) + " ";
  EXPECT_EQ(names, "SYSTEM SOFTWARE COMPONENTS DRIVERS ");
}

}  // namespace
}  // namespace patchgate::registry
