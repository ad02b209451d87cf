// hivex, an independent reader, must find in a built hive what patchgate's reader finds in it.
// hivex reads v1.2 to v1.6 and offers no class names.

#include <hivex.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "gtest/gtest.h"
#include "servicing/regf/damage.h"
#include "servicing/regf/hive.h"
#include "servicing/regf/hive_builder.h"
#include "servicing/regf/hive_dump.h"
#include "servicing/regf/large_hive.h"
#include "servicing/regf/types.h"

namespace patchgate::regf {
namespace {

template <typename T>
using Malloced = std::unique_ptr<T, decltype(&std::free)>;

template <typename T>
Malloced<T> Own(T* p) {
  return Malloced<T>(p, &std::free);
}

// Compares one hive as both readers see it, key by key.
class Comparison {
 public:
  Comparison(hive_h* hivex, const Hive& hive) : hivex_(hivex) {
    CompareKeys(hivex_root(hivex), hive.Root());
  }

  uint64_t keys = 0, values = 0;

 private:
  void CompareKeys(hive_node_h node, const Key& key) {
    ++keys;
    ASSERT_STREQ(Own(hivex_node_name(hivex_, node)).get(), key.name().c_str());
    ASSERT_EQ(hivex_node_timestamp(hivex_, node), static_cast<int64_t>(key.last_written()));
    CompareValues(node, key);

    std::vector<Key> subkeys;
    ASSERT_TRUE(key.VisitSubkeys(
        [&](const Key& subkey) {
          subkeys.push_back(subkey);
          return true;
        },
        nullptr));
    const auto children = Own(hivex_node_children(hivex_, node));
    ASSERT_NE(children, nullptr);
    size_t i = 0;
    for (; children.get()[i] != 0; ++i) {
      ASSERT_LT(i, subkeys.size()) << key.name();
      ASSERT_NO_FATAL_FAILURE(CompareKeys(children.get()[i], subkeys[i])) << key.name();
    }
    ASSERT_EQ(i, subkeys.size()) << key.name();
  }

  void CompareValues(hive_node_h node, const Key& key) {
    const auto theirs = Own(hivex_node_values(hivex_, node));
    ASSERT_NE(theirs, nullptr);
    size_t i = 0;
    ASSERT_TRUE(key.VisitValues(
        [&](const Value& value) {
          if (theirs.get()[i] != 0) CompareValue(theirs.get()[i], value);
          ++i;
          return !testing::Test::HasFatalFailure();
        },
        nullptr));
    ASSERT_EQ(i, hivex_node_nr_values(hivex_, node)) << key.name();
    values += i;
  }

  void CompareValue(hive_value_h theirs, const Value& value) {
    const size_t name_size = hivex_value_key_len(hivex_, theirs);
    ASSERT_EQ(absl::string_view(Own(hivex_value_key(hivex_, theirs)).get(), name_size),
              value.name());
    hive_type type;
    size_t size = 0;
    const auto bytes = Own(hivex_value_value(hivex_, theirs, &type, &size));
    ASSERT_NE(bytes, nullptr) << value.name();
    // Any number may stand there; as an enumerator of hivex it could not be read.
    uint32_t type_number;
    std::memcpy(&type_number, &type, sizeof(type_number));
    ASSERT_EQ(type_number, value.type()) << value.name();
    const absl::StatusOr<std::string> data = value.Data();
    ASSERT_TRUE(data.ok()) << data.status();
    ASSERT_TRUE(absl::string_view(bytes.get(), size) == *data) << value.name();
  }

  hive_h* hivex_;
};

struct Agreed {
  uint64_t keys = 0, values = 0;
};

// Builds the hive and has both readers read all of it.
Agreed BuildAndCompare(HiveBuilder* builder) {
  const std::string bytes = builder->Build();
  const std::string path = testing::TempDir() + "/hivex_test.hive";
  std::ofstream(path, std::ios::binary).write(bytes.data(), bytes.size());
  const std::unique_ptr<hive_h, int (*)(hive_h*)> hivex(hivex_open(path.c_str(), 0), hivex_close);
  std::remove(path.c_str());
  const auto hive = Hive::Open(FilesOf(bytes));
  EXPECT_NE(hivex, nullptr) << "hivex refuses the hive";
  EXPECT_TRUE(hive.ok()) << hive.status();
  if (hivex == nullptr || !hive.ok()) return {};

  const Comparison comparison(hivex.get(), **hive);
  DamageLog damage;
  const WalkTotals totals = (*hive)->Walk([](const Key&, absl::string_view) {}, &damage);
  (*hive)->CheckBins(&damage);
  EXPECT_TRUE(damage.empty()) << damage.kept().front().what;
  EXPECT_EQ(totals.keys, comparison.keys);
  EXPECT_EQ(totals.values, comparison.values);
  return {comparison.keys, comparison.values};
}

struct HivexCase {
  const char* name;
  uint32_t minor_version;
  HiveBuilder::Leaf leaf;
  size_t max_leaf_elements;
};

void PrintTo(const HivexCase& c, std::ostream* os) { *os << c.name; }

class HivexTest : public testing::TestWithParam<HivexCase> {};

TEST_P(HivexTest, AgreesOnEveryKindOfRecord) {
  HiveBuilder::Options options;
  options.minor_version = GetParam().minor_version;
  options.leaf = GetParam().leaf;
  options.max_leaf_elements = GetParam().max_leaf_elements;
  options.last_written = 133'000'000'000'000'000;
  HiveBuilder builder(options);
  HiveBuilder::Key* key = builder.root()->AddKey("Kinds")->set_class_name("class");
  key->set_last_written(133'600'000'000'000'000)->SetString("", "default");
  key->SetValue("None", kRegNone, "")->SetBinary("One", "1")->SetBinary("Four", "four");
  key->SetDword("Dword", 7)->SetQword("Qword", 8)->SetMultiString("Multi", {"a", "b"});
  key->SetExpandString("Expand", "%a%")->SetValue("Odd", 0x1234, "odd type");
  key->SetBinary("Segment", std::string(16344, 's'));
  key->SetBinary("Segment+1", std::string(16345, 't'));
  key->SetBinary("Segments", std::string(100'000, 'u'));
  key->SetDword("caf\u00e9", 1)->SetDword("\u03a9\u20ac", 2)->SetDword("\U0001F600", 3);
  builder.root()->AddKey("Link")->set_symbolic_link(R"(\Registry\Machine)");
  builder.root()->AddKey("\u00c9t\u00e9\\\u0416\\\U0001F600\u4e2d");
  builder.root()->AddDuplicateKey("Kinds")->SetDword("Second", 2);
  for (int i = 0; i < 100; ++i) builder.root()->AddKey(absl::StrCat("Key", i))->SetDword("i", i);
  const Agreed agreed = BuildAndCompare(&builder);
  EXPECT_EQ(agreed.keys, 1 + 2 + 3 + 1 + 100u);
  EXPECT_EQ(agreed.values, 15 + 1 + 1 + 100u);
}

constexpr auto kByVersion = HiveBuilder::Leaf::kByVersion;

INSTANTIATE_TEST_SUITE_P(
    All, HivexTest,
    testing::Values(HivexCase{"V1_2", 2, kByVersion, 507}, HivexCase{"V1_3", 3, kByVersion, 507},
                    HivexCase{"V1_4", 4, kByVersion, 507}, HivexCase{"V1_5", 5, kByVersion, 507},
                    HivexCase{"V1_6", 6, kByVersion, 507},
                    HivexCase{"IndexRootOfIndexLeaves", 5, HiveBuilder::Leaf::kIndexLeaf, 9},
                    HivexCase{"IndexRootOfFastLeaves", 5, HiveBuilder::Leaf::kFastLeaf, 9},
                    HivexCase{"IndexRootOfHashLeaves", 5, HiveBuilder::Leaf::kHashLeaf, 9}),
    [](const auto& info) { return info.param.name; });

TEST(HivexTest, AgreesOnAWideKey) {
  HiveBuilder builder;
  HiveBuilder::Key* wide = builder.root()->AddKey("Wide");
  for (int i = 0; i < 5000; ++i) {
    wide->AddKey(absl::StrCat("Subkey", i));
    wide->SetDword(absl::StrCat("Value", i), i);
  }
  const Agreed agreed = BuildAndCompare(&builder);
  EXPECT_EQ(agreed.keys, 5002u);
  EXPECT_EQ(agreed.values, 5000u);
}

TEST(HivexTest, AgreesOnADeepKey) {
  HiveBuilder builder;
  HiveBuilder::Key* key = builder.root();
  for (int i = 0; i < 500; ++i) key = key->AddKey(absl::StrCat("Level", i))->SetDword("i", i);
  const Agreed agreed = BuildAndCompare(&builder);
  EXPECT_EQ(agreed.keys, 501u);
  EXPECT_EQ(agreed.values, 500u);
}

TEST(HivexTest, AgreesOnALargeHive) {
  HiveBuilder builder;
  AddComponents(250'000, 650'000, &builder);
  const Agreed agreed = BuildAndCompare(&builder);
  EXPECT_EQ(agreed.keys, 250'000u);
  EXPECT_EQ(agreed.values, 650'000u);
}

}  // namespace
}  // namespace patchgate::regf
