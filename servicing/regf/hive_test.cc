#include "servicing/regf/hive.h"

#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "servicing/base/little_endian.h"
#include "servicing/base/utf16.h"
#include "servicing/regf/damage.h"
#include "servicing/regf/format.h"
#include "servicing/regf/hive_builder.h"
#include "servicing/regf/hive_dump.h"
#include "servicing/regf/log_builder.h"
#include "servicing/regf/recovery.h"
#include "servicing/regf/types.h"

namespace patchgate::regf {
namespace {

using absl::StatusCode;
using absl::string_view;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::unique_ptr<Hive> OpenOrDie(const HiveFiles& files, Hive::Options options = Hive::Options()) {
  absl::StatusOr<std::unique_ptr<Hive>> hive = Hive::Open(files, options);
  EXPECT_TRUE(hive.ok()) << hive.status();
  return hive.ok() ? *std::move(hive) : nullptr;
}

std::unique_ptr<Hive> OpenOrDie(const std::string& bytes) { return OpenOrDie(FilesOf(bytes)); }

std::string DataOf(const absl::StatusOr<Value>& value) {
  if (!value.ok()) return std::string(value.status().message());
  const absl::StatusOr<std::string> data = value->Data();
  return data.ok() ? *data : std::string(data.status().message());
}

std::vector<std::string> SubkeyNames(const Key& key) {
  std::vector<std::string> names;
  key.VisitSubkeys(
      [&](const Key& subkey) {
        names.push_back(subkey.name());
        return true;
      },
      nullptr);
  return names;
}

// ---------------------------------------------------------------- What a sound hive says

struct VersionCase {
  const char* name;
  uint32_t minor_version;
  HiveBuilder::Leaf leaf;
  size_t max_leaf_elements;
  const char* list_signature;  // Of the root's subkey list.
};

void PrintTo(const VersionCase& c, std::ostream* os) { *os << c.name; }

class HiveVersionTest : public testing::TestWithParam<VersionCase> {
 protected:
  HiveVersionTest() : builder_(Options()) {}

  static HiveBuilder::Options Options() {
    HiveBuilder::Options options;
    options.minor_version = GetParam().minor_version;
    options.leaf = GetParam().leaf;
    options.max_leaf_elements = GetParam().max_leaf_elements;
    return options;
  }

  HiveBuilder builder_;
};

TEST_P(HiveVersionTest, ReadsEveryKindOfKeyAndValue) {
  HiveBuilder::Key* key = builder_.root()->AddKey("Kinds");
  key->set_last_written(133'500'000'000'000'000)->set_class_name("Klass \u00e9\u20ac");
  key->SetString("", "default");
  key->SetValue("Nothing", kRegNone, "");
  key->SetBinary("One", "\x01")->SetBinary("Three", "abc")->SetDword("Dword", 0x01020304);
  key->SetBinary("Five", "fives")->SetQword("Qword", 0x0102030405060708);
  key->SetMultiString("Multi", {"a", "bc"})->SetExpandString("Expand", "%x%");
  key->SetValue("Odd", 0xFFFF0012, "data of an unknown type");
  key->SetBinary("Segment", std::string(16344, 's'));
  key->SetBinary("Segment+1", std::string(16345, 't'));
  key->SetBinary("Segments", std::string(3 * 16344, 'u'));
  key->SetBinary("\u03a9mega", "greek")->SetBinary("caf\u00e9", "latin");
  builder_.root()->AddKey("\u0416");
  builder_.root()->AddKey("\u00c9t\u00e9");
  builder_.root()->AddKey("Link")->set_symbolic_link(R"(\Registry\Machine\X)");
  for (int i = 0; i < 20; ++i) builder_.root()->AddKey(absl::StrCat("Subkey", i, "\\Child"));

  const std::string bytes = builder_.Build();
  EXPECT_EQ(bytes.substr(builder_.RecordOffset(builder_.root()->subkey_list_cell()), 2),
            GetParam().list_signature);
  const std::unique_ptr<Hive> hive = OpenOrDie(bytes);
  ASSERT_NE(hive, nullptr);
  EXPECT_EQ(hive->minor_version(), GetParam().minor_version);
  EXPECT_THAT(hive->damage().kept(), IsEmpty());

  const absl::StatusOr<Key> kinds = hive->Find("KINDS");
  ASSERT_TRUE(kinds.ok()) << kinds.status();
  EXPECT_EQ(kinds->name(), "Kinds");
  EXPECT_EQ(kinds->last_written(), 133'500'000'000'000'000u);
  EXPECT_EQ(kinds->ClassName().value(), "Klass \u00e9\u20ac");
  EXPECT_EQ(kinds->SecurityDescriptor().value().size(), 76u);
  EXPECT_EQ(DataOf(kinds->FindValue("")), Utf8ToUtf16Le(string_view("default\0", 8)));
  EXPECT_EQ(DataOf(kinds->FindValue("nothing")), "");
  EXPECT_EQ(DataOf(kinds->FindValue("one")), "\x01");
  EXPECT_EQ(DataOf(kinds->FindValue("three")), "abc");
  EXPECT_EQ(DataOf(kinds->FindValue("DWORD")), "\x04\x03\x02\x01");
  EXPECT_EQ(DataOf(kinds->FindValue("five")), "fives");
  EXPECT_EQ(DataOf(kinds->FindValue("qword")), "\x08\x07\x06\x05\x04\x03\x02\x01");
  EXPECT_EQ(DataOf(kinds->FindValue("multi")), Utf8ToUtf16Le(string_view("a\0bc\0\0", 6)));
  EXPECT_EQ(DataOf(kinds->FindValue("expand")), Utf8ToUtf16Le(string_view("%x%\0", 4)));
  EXPECT_EQ(DataOf(kinds->FindValue("segment")), std::string(16344, 's'));
  EXPECT_EQ(DataOf(kinds->FindValue("segment+1")), std::string(16345, 't'));
  EXPECT_EQ(DataOf(kinds->FindValue("segments")), std::string(3 * 16344, 'u'));
  EXPECT_EQ(DataOf(kinds->FindValue("\u03c9MEGA")), "greek");
  EXPECT_EQ(DataOf(kinds->FindValue("CAF\u00c9")), "latin");
  EXPECT_EQ(kinds->FindValue("Absent").status().code(), StatusCode::kNotFound);

  const absl::StatusOr<Value> odd = kinds->FindValue("odd");
  ASSERT_TRUE(odd.ok()) << odd.status();
  EXPECT_EQ(odd->name(), "Odd");
  EXPECT_EQ(odd->type(), 0xFFFF0012);
  EXPECT_EQ(odd->size(), 23u);
  EXPECT_FALSE(odd->is_tombstone());

  std::vector<std::string> expected_names = {"Kinds", "Link"};
  for (const int i : {0, 1, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 2, 3, 4, 5, 6, 7, 8, 9}) {
    expected_names.push_back(absl::StrCat("Subkey", i));
  }
  expected_names.push_back("\u00c9t\u00e9");
  expected_names.push_back("\u0416");
  EXPECT_EQ(SubkeyNames(hive->Root()), expected_names);
  for (const std::string& name : expected_names) {
    const absl::StatusOr<Key> found = hive->Find(UpcaseUtf8(name));
    ASSERT_TRUE(found.ok()) << found.status();
    EXPECT_EQ(found->name(), name);
    EXPECT_EQ(found->is_symbolic_link(), name == "Link");
  }
  EXPECT_EQ(DataOf(hive->Find("Link")->FindValue("SymbolicLinkValue")),
            Utf8ToUtf16Le(R"(\Registry\Machine\X)"));
  EXPECT_TRUE(hive->Find(R"(subkey10\CHILD)").ok());
  for (const char* absent :
       {"Aaa", "Subkey", "Subkey00", "\u044f", R"(Link\Child)", "Kinds\\x\\y"}) {
    EXPECT_EQ(hive->Find(absent).status().code(), StatusCode::kNotFound) << absent;
  }

  const HiveDump dump = Dump(*hive);
  EXPECT_EQ(dump.totals.keys, 1 + 24 + 20u);
  EXPECT_EQ(dump.totals.values, 15 + 1u);
  EXPECT_EQ(dump.unreadable, 0u);
  EXPECT_THAT(dump.damage.kept(), IsEmpty());
}

constexpr auto kByVersion = HiveBuilder::Leaf::kByVersion;

INSTANTIATE_TEST_SUITE_P(
    All, HiveVersionTest,
    testing::Values(VersionCase{"V1_1", 1, kByVersion, 507, "li"},
                    VersionCase{"V1_2", 2, kByVersion, 507, "li"},
                    VersionCase{"V1_3", 3, kByVersion, 507, "lf"},
                    VersionCase{"V1_4", 4, kByVersion, 507, "lf"},
                    VersionCase{"V1_5", 5, kByVersion, 507, "lh"},
                    VersionCase{"V1_6", 6, kByVersion, 507, "lh"},
                    VersionCase{"V1_1IndexRoot", 1, kByVersion, 7, "ri"},
                    VersionCase{"IndexRootOfIndexLeaves", 5, HiveBuilder::Leaf::kIndexLeaf, 7,
                                "ri"},
                    VersionCase{"IndexRootOfFastLeaves", 5, HiveBuilder::Leaf::kFastLeaf, 7, "ri"},
                    VersionCase{"IndexRootOfHashLeaves", 5, HiveBuilder::Leaf::kHashLeaf, 7, "ri"},
                    VersionCase{"LeavesOfOne", 5, kByVersion, 1, "ri"}),
    [](const auto& info) { return info.param.name; });

TEST(HiveTest, ReadsTheBaseBlock) {
  HiveBuilder::Options options;
  options.root_name = "CsiTool-CreateHive-{00000000-0000-0000-0000-000000000000}";
  options.file_name = R"(\SystemRoot\System32\Config\COMPONENTS)";  // 38 characters, 31 fit.
  options.last_written = 132'000'000'000'000'000;
  HiveBuilder builder(options);
  const std::string bytes = builder.Build();
  const std::unique_ptr<Hive> hive = OpenOrDie(bytes);
  ASSERT_NE(hive, nullptr);
  EXPECT_EQ(hive->name(), "HIVE");
  EXPECT_EQ(hive->stored_file_name(), R"(Root\System32\Config\COMPONENTS)");
  EXPECT_EQ(hive->last_written(), 132'000'000'000'000'000u);
  EXPECT_EQ(hive->hive_bins_size(), bytes.size() - base_block::kSize);
  EXPECT_EQ(hive->Root().name(), options.root_name);
  EXPECT_TRUE(hive->Root().is_root());
  EXPECT_EQ(hive->Find("")->cell(), hive->Root().cell());
  EXPECT_EQ(hive->Root().ClassName().value(), "");
  EXPECT_STREQ(HiveStateName(hive->recovery().state), "clean");
}

TEST(HiveTest, TombstonesExistOnlyInLayeredHives) {
  for (const uint32_t minor_version : {5u, 6u}) {
    HiveBuilder::Options options;
    options.minor_version = minor_version;
    HiveBuilder builder(options);
    builder.root()->AddKey("Dead")->set_tombstone();
    builder.root()->AddKey("Live")->SetTombstoneValue("Gone")->SetDword("Here", 1);
    const std::string bytes = builder.Build();
    const std::unique_ptr<Hive> hive = OpenOrDie(bytes);
    ASSERT_NE(hive, nullptr);
    EXPECT_EQ(hive->Find("Dead")->is_tombstone(), minor_version == 6);
    EXPECT_FALSE(hive->Find("Live")->is_tombstone());
    const absl::StatusOr<Value> gone = hive->Find("Live")->FindValue("Gone");
    ASSERT_TRUE(gone.ok()) << gone.status();
    EXPECT_EQ(gone->is_tombstone(), minor_version == 6);
    EXPECT_EQ(gone->size(), 0u);
    EXPECT_EQ(gone->Data().value(), "");
    EXPECT_FALSE(hive->Find("Live")->FindValue("Here")->is_tombstone());
  }
}

TEST(HiveTest, PredefinedHandleHasNoValues) {
  HiveBuilder builder;
  HiveBuilder::Key* key = builder.root()->AddKey("Handle");
  std::string bytes = builder.Build();
  char* record = &bytes[builder.RecordOffset(key->cell())];
  StoreLe16(record + nk::kFlags, nk::kPredefinedHandle | nk::kCompressedName);
  StoreLe32(record + nk::kValueCount, 0x80000004);
  const std::unique_ptr<Hive> hive = OpenOrDie(bytes);
  ASSERT_NE(hive, nullptr);
  EXPECT_EQ(hive->Find("Handle")->value_count(), 0u);
  EXPECT_THAT(Dump(*hive).damage.kept(), IsEmpty());
}

TEST(HiveTest, PredefinedHandleHidesItsValues) {
  HiveBuilder builder;
  HiveBuilder::Key* key = builder.root()->AddKey("Handle")->SetDword("x", 1);
  std::string bytes = builder.Build();
  char* record = &bytes[builder.RecordOffset(key->cell())];
  StoreLe16(record + nk::kFlags, nk::kPredefinedHandle | nk::kCompressedName);
  const std::unique_ptr<Hive> hive = OpenOrDie(bytes);
  ASSERT_NE(hive, nullptr);
  EXPECT_EQ(hive->Find("Handle")->FindValue("x").status().code(), StatusCode::kDataLoss);
}

TEST(HiveTest, DuplicateNamesAreAllVisitedAndNoneIsFound) {
  for (const HiveBuilder::Leaf leaf : {HiveBuilder::Leaf::kIndexLeaf, HiveBuilder::Leaf::kFastLeaf,
                                       HiveBuilder::Leaf::kHashLeaf}) {
    HiveBuilder::Options options;
    options.leaf = leaf;
    HiveBuilder builder(options);
    builder.root()->AddKey("Other");
    builder.root()->AddDuplicateKey("Same")->SetDword("Number", 1);
    builder.root()->AddDuplicateKey("SAME")->SetDword("Number", 2);
    builder.root()->AddKey("Zero");
    const std::string bytes = builder.Build();
    const std::unique_ptr<Hive> hive = OpenOrDie(bytes);
    ASSERT_NE(hive, nullptr);
    EXPECT_THAT(SubkeyNames(hive->Root()), ElementsAre("Other", "Same", "SAME", "Zero"));
    EXPECT_EQ(hive->Find("same").status().code(), StatusCode::kDataLoss);
    EXPECT_TRUE(hive->Find("zero").ok());
    EXPECT_EQ(Dump(*hive).totals.keys, 5u);
  }
}

TEST(HiveTest, DuplicateValuesAreNotFound) {
  HiveBuilder builder;
  HiveBuilder::Key* key = builder.root()->AddKey("Key")->SetDword("v1", 1)->SetDword("v2", 2);
  std::string bytes = builder.Build();
  bytes[builder.RecordOffset(key->value_cell("v2")) + vk::kName + 1] = '1';
  const std::unique_ptr<Hive> hive = OpenOrDie(bytes);
  ASSERT_NE(hive, nullptr);
  EXPECT_EQ(hive->Find("Key")->FindValue("v1").status().code(), StatusCode::kDataLoss);
}

// A name changed behind the back of its list would make a key look absent.
TEST(HiveTest, NameThatItsListDoesNotHintAtIsDamage) {
  for (const HiveBuilder::Leaf leaf :
       {HiveBuilder::Leaf::kFastLeaf, HiveBuilder::Leaf::kHashLeaf}) {
    HiveBuilder::Options options;
    options.leaf = leaf;
    HiveBuilder builder(options);
    HiveBuilder::Key* key = builder.root()->AddKey("PackagesPending");
    std::string bytes = builder.Build();
    bytes[builder.RecordOffset(key->cell()) + nk::kName + 2] = 'x';
    const std::unique_ptr<Hive> hive = OpenOrDie(bytes);
    ASSERT_NE(hive, nullptr);
    EXPECT_EQ(hive->Find("PackagesPending").status().code(), StatusCode::kDataLoss);
    EXPECT_EQ(hive->Find("Anything").status().code(), StatusCode::kDataLoss);
    EXPECT_FALSE(Dump(*hive).damage.kept().empty());
  }
}

// Many values that share one large datum must not become many copies of it.
TEST(HostileHiveTest, SharedDataIsReadForFewValues) {
  HiveBuilder builder;
  HiveBuilder::Key* key = builder.root()->AddKey("Key");
  constexpr int kValues = 1000;
  constexpr uint32_t kSize = 100'000;
  key->SetBinary("large", std::string(kSize, 'x'));
  for (int i = 0; i < kValues; ++i) key->SetBinary(absl::StrCat("v", i), "12345678");
  std::string bytes = builder.Build();
  for (int i = 0; i < kValues; ++i) {
    char* record = &bytes[builder.RecordOffset(key->value_cell(absl::StrCat("v", i)))];
    StoreLe32(record + vk::kDataSize, kSize);
    StoreLe32(record + vk::kData, key->data_cell("large"));
  }
  const std::unique_ptr<Hive> hive = OpenOrDie(bytes);
  ASSERT_NE(hive, nullptr);
  uint64_t read = 0;
  hive->Find("Key")->VisitValues(
      [&](const Value& value) {
        read += value.Data().value_or("").size();
        return true;
      },
      nullptr);
  EXPECT_GE(read, kSize);
  EXPECT_LE(read, bytes.size() + kSize);
}

TEST(HiveTest, VisitsStopWhenAsked) {
  HiveBuilder::Options options;
  options.max_leaf_elements = 2;
  HiveBuilder builder(options);
  for (const char* name : {"a", "b", "c", "d"}) builder.root()->AddKey(name)->SetDword("x", 1);
  builder.root()->SetDword("one", 1)->SetDword("two", 2);
  const std::string bytes = builder.Build();
  const std::unique_ptr<Hive> hive = OpenOrDie(bytes);
  ASSERT_NE(hive, nullptr);
  int keys = 0, values = 0;
  EXPECT_TRUE(hive->Root().VisitSubkeys([&](const Key&) { return ++keys < 3; }, nullptr));
  EXPECT_TRUE(hive->Root().VisitValues([&](const Value&) { return ++values < 1; }, nullptr));
  EXPECT_EQ(keys, 3);
  EXPECT_EQ(values, 1);
}

TEST(HiveTest, WalkGivesParentsFirstAndPaths) {
  HiveBuilder builder;
  builder.root()->AddKey(R"(b\x)");
  builder.root()->AddKey(R"(a\y\z)");
  const std::string bytes = builder.Build();
  const std::unique_ptr<Hive> hive = OpenOrDie(bytes);
  ASSERT_NE(hive, nullptr);
  std::vector<std::string> paths;
  hive->Walk([&](const Key&, string_view path) { paths.emplace_back(path); }, nullptr);
  EXPECT_THAT(paths, ElementsAre("", "a", R"(a\y)", R"(a\y\z)", "b", R"(b\x)"));
}

TEST(HiveTest, ReadsThroughItsLogs) {
  HiveBuilder builder;
  builder.root()->AddKey("Before");
  const std::string before = builder.Build();
  builder.root()->AddKey("After")->SetBinary("Data", std::string(20'000, 'd'));
  const std::string after = builder.Build();
  const std::string primary = Dirty(before, 2, 1);
  const std::vector<std::string> logs = {NewLog(after, 2, DiffStates({before, after}, 2))};
  const HiveFiles files = FilesOf(primary, logs);

  const std::unique_ptr<Hive> replayed = OpenOrDie(files);
  ASSERT_NE(replayed, nullptr);
  EXPECT_EQ(Dump(*replayed).lines, Dump(*OpenOrDie(after)).lines);
  EXPECT_EQ(DataOf(replayed->Find("After")->FindValue("data")), std::string(20'000, 'd'));
  EXPECT_STREQ(HiveStateName(replayed->recovery().state), "replayed");

  Hive::Options as_stored;
  as_stored.replay = false;
  const std::unique_ptr<Hive> stored = OpenOrDie(files, as_stored);
  ASSERT_NE(stored, nullptr);
  EXPECT_EQ(Dump(*stored).lines, Dump(*OpenOrDie(before)).lines);
  EXPECT_EQ(stored->Find("After").status().code(), StatusCode::kNotFound);
  EXPECT_STREQ(HiveStateName(stored->recovery().state), "possibly-stale");
}

// What hash and sort order promise must not decide whether a key exists.
TEST(HiveTest, NeitherWrongHashesNorWrongOrderHideAKey) {
  for (const size_t max_leaf_elements : {size_t{507}, size_t{3}}) {
    for (const auto leaf : {HiveBuilder::Leaf::kIndexLeaf, HiveBuilder::Leaf::kFastLeaf,
                            HiveBuilder::Leaf::kHashLeaf}) {
      HiveBuilder::Options options;
      options.leaf = leaf;
      options.max_leaf_elements = max_leaf_elements;
      HiveBuilder builder(options);
      // Stored in the order of these names, which renaming the records then turns around.
      for (const char* name : {"a", "b", "c", "d", "e", "f", "g", "h", "i"}) {
        builder.root()->AddKey(name);
      }
      std::string bytes = builder.Build();
      for (const char* name : {"a", "b", "c", "d", "e", "f", "g", "h", "i"}) {
        const size_t at = builder.RecordOffset(builder.CellOf(name)) + nk::kName;
        bytes[at] = static_cast<char>('a' + 'i' - *name);
      }
      const std::unique_ptr<Hive> hive = OpenOrDie(bytes);
      ASSERT_NE(hive, nullptr);
      for (const char* name : {"A", "B", "C", "D", "E", "F", "G", "H", "I"}) {
        EXPECT_TRUE(hive->Find(name).ok()) << hive->Find(name).status();
      }
      // The hints of fast and hash leaves give the renaming away: a name that is not there may have
      // been one of these. An index leaf has none.
      EXPECT_EQ(hive->Find("j").status().code(), leaf == HiveBuilder::Leaf::kIndexLeaf
                                                     ? StatusCode::kNotFound
                                                     : StatusCode::kDataLoss);
    }
  }
}

TEST(HiveTest, HonestLookupsNeverRunOut) {
  HiveBuilder builder;
  for (int i = 0; i < 1000; ++i) builder.root()->AddKey(absl::StrCat("Key", i));
  const std::string bytes = builder.Build();
  const std::unique_ptr<Hive> hive = OpenOrDie(bytes);
  ASSERT_NE(hive, nullptr);
  for (int i = 0; i < 5'000; ++i) {
    ASSERT_EQ(hive->Find("Absent").status().code(), StatusCode::kNotFound) << "lookup " << i;
  }
}

TEST(HiveTest, MayBeReadFromSeveralThreads) {
  HiveBuilder builder;
  for (int i = 0; i < 100; ++i) builder.root()->AddKey(absl::StrCat("Key", i))->SetDword("i", i);
  const std::string bytes = builder.Build();
  const std::unique_ptr<Hive> hive = OpenOrDie(bytes);
  ASSERT_NE(hive, nullptr);
  const std::vector<std::string> expected = Dump(*hive).lines;
  std::vector<std::thread> threads;
  std::vector<int> good(4);
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      good[t] = Dump(*hive).lines == expected && hive->Find("key77").ok() && !hive->Find("x").ok();
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(good, ElementsAre(1, 1, 1, 1));
}

// ---------------------------------------------------------------- What a damaged hive says

// ROOT                     11 keys and 8 values below and with the root
//   Data                   "", Inline, Small, Big (3 segments)
//   Middle\Child\Leaf      Leaf: Deep
//   Named                  class name, Plain, Other
//   Wide\1 .. 5            index root of three leaves; \3: Third
class DamageFixture {
 public:
  DamageFixture() : builder_(Options()) {
    HiveBuilder::Key* root = builder_.root();
    data = root->AddKey("Data");
    data->SetString("", "x")->SetDword("Inline", 7)->SetString("Small", "small");
    data->SetBinary("Big", std::string(40'000, 'B'));
    middle = root->AddKey("Middle");
    child = middle->AddKey("Child");
    leaf = child->AddKey("Leaf")->SetDword("Deep", 1);
    named = root->AddKey("Named")->set_class_name("class")->SetDword("Plain", 1);
    named->SetBinary("Other", "other");
    wide = root->AddKey("Wide");
    for (int i = 1; i <= 5; ++i) wide->AddKey(absl::StrCat(i));
    wide->AddKey("3")->SetDword("Third", 3);
    bytes = builder_.Build();
  }

  static constexpr uint64_t kKeys = 12, kValues = 8;

  static HiveBuilder::Options Options() {
    HiveBuilder::Options options;
    options.max_leaf_elements = 4;
    return options;
  }

  char* Record(uint32_t cell) { return &bytes[builder_.RecordOffset(cell)]; }
  void SetCellSize(uint32_t cell, uint32_t size) { StoreLe32(Record(cell) - 4, size); }
  uint32_t CellOf(string_view path) { return builder_.CellOf(path); }
  // Leaf `i` of the index root of Wide.
  uint32_t WideLeaf(int i) {
    return LoadLe32(Record(wide->subkey_list_cell()) + list::kElements + 4 * i);
  }
  uint32_t SegmentList() { return LoadLe32(Record(data->data_cell("Big")) + db::kSegmentList); }

  HiveBuilder::Key *data, *middle, *child, *leaf, *named, *wide;
  std::string bytes;

 private:
  HiveBuilder builder_;
};

using Break = std::function<uint32_t(DamageFixture*)>;  // Returns the cell of the report.

struct DamageCase {
  const char* name;
  Break break_it;
  const char* what;      // Part of the report.
  const char* key_path;  // Of the report.
  uint64_t keys, values;
  const char* lost;   // Path that now gives kDataLoss; "" if none is lost.
  const char* found;  // Path that is found all the same.
};

void PrintTo(const DamageCase& c, std::ostream* os) { *os << c.name; }

class DamageTest : public testing::TestWithParam<DamageCase> {};

TEST_P(DamageTest, CostsItsSubtree) {
  const DamageCase& c = GetParam();
  DamageFixture fixture;
  const uint32_t cell = c.break_it(&fixture);
  const std::unique_ptr<Hive> hive = OpenOrDie(fixture.bytes);
  ASSERT_NE(hive, nullptr);

  const HiveDump dump = Dump(*hive);
  ASSERT_THAT(dump.damage.kept(), testing::Not(IsEmpty()));
  const Damage& first = dump.damage.kept().front();
  EXPECT_THAT(first.what, HasSubstr(c.what));
  EXPECT_EQ(first.file_offset, uint64_t{cell} + base_block::kSize) << first.what;
  EXPECT_EQ(first.key_path, c.key_path) << first.what;
  EXPECT_EQ(dump.totals.keys, c.keys);
  EXPECT_EQ(dump.totals.values, c.values);

  if (*c.lost != '\0') {
    const absl::Status lost = hive->Find(c.lost).status();
    EXPECT_EQ(lost.code(), StatusCode::kDataLoss) << lost;
    EXPECT_THAT(std::string(lost.message()), HasSubstr("hive HIVE"));
  }
  const absl::Status found = hive->Find(c.found).status();
  EXPECT_TRUE(found.ok()) << found;
}

uint32_t Overwrite(DamageFixture* f, uint32_t cell, size_t field, uint32_t value) {
  StoreLe32(f->Record(cell) + field, value);
  return cell;
}

uint32_t Overwrite16(DamageFixture* f, uint32_t cell, size_t field, uint16_t value) {
  StoreLe16(f->Record(cell) + field, value);
  return cell;
}

constexpr uint64_t kKeys = DamageFixture::kKeys, kValues = DamageFixture::kValues;

INSTANTIATE_TEST_SUITE_P(
    KeyNodes, DamageTest,
    testing::Values(
        DamageCase{"Signature",
                   [](DamageFixture* f) { return Overwrite16(f, f->middle->cell(), 0, 0x6B78); },
                   "key node: signature 0x6b78 is not nk", "", kKeys - 3, kValues - 1,
                   R"(Middle\Child)", "Named"},
        DamageCase{"FreeCell",
                   [](DamageFixture* f) {
                     f->SetCellSize(f->middle->cell(), 0x60);
                     return f->middle->cell();
                   },
                   "the cell is free", "", kKeys - 3, kValues - 1, "Middle", "Named"},
        DamageCase{"CellTooSmallForANode",
                   [](DamageFixture* f) {
                     f->SetCellSize(f->child->cell(), static_cast<uint32_t>(-0x40));
                     return f->child->cell();
                   },
                   "cell size 0x40 does not fit", "Middle", kKeys - 2, kValues - 1,
                   R"(Middle\Child)", "Middle"},
        DamageCase{"CellBeyondTheHive",
                   [](DamageFixture* f) {
                     f->SetCellSize(f->child->cell(), 0x80000000);
                     return f->child->cell();
                   },
                   "cell size 0x80000000 does not fit", "Middle", kKeys - 2, kValues - 1,
                   R"(Middle\Child)", "Middle"},
        DamageCase{"NameLength",
                   [](DamageFixture* f) {
                     return Overwrite16(f, f->leaf->cell(), nk::kNameLength, 0xFFFF);
                   },
                   "key node: name length 65535 exceeds its cell", R"(Middle\Child)", kKeys - 1,
                   kValues - 1, R"(Middle\Child\Leaf)", R"(Middle\Child)"},
        DamageCase{
            "SubkeyCountAboveItsList",
            [](DamageFixture* f) { return Overwrite(f, f->middle->cell(), nk::kSubkeyCount, 2); },
            "states 2 subkeys, its list has 1", "Middle", kKeys, kValues, R"(Middle\Absent)",
            R"(Middle\Child)"},
        DamageCase{
            "SubkeyCountBelowItsList",
            [](DamageFixture* f) { return Overwrite(f, f->wide->cell(), nk::kSubkeyCount, 4); },
            "states 4 subkeys, its list has 5", "Wide", kKeys, kValues, "", R"(Wide\5)"}),
    [](const auto& info) { return info.param.name; });

INSTANTIATE_TEST_SUITE_P(
    SubkeyLists, DamageTest,
    testing::Values(DamageCase{"OffsetOutside",
                               [](DamageFixture* f) {
                                 Overwrite(f, f->middle->cell(), nk::kSubkeyList, 0x00FFFFF8);
                                 return 0x00FFFFF8u;
                               },
                               "subkey list: offset 0xfffff8 is outside", "Middle", kKeys - 2,
                               kValues - 1, R"(Middle\Child)", "Middle"},
                    DamageCase{"OffsetNone",
                               [](DamageFixture* f) {
                                 Overwrite(f, f->middle->cell(), nk::kSubkeyList, kNone);
                                 return kNone;
                               },
                               "subkey list: offset 0xffffffff is outside", "Middle", kKeys - 2,
                               kValues - 1, R"(Middle\Child)", "Middle"},
                    DamageCase{"OffsetUnaligned",
                               [](DamageFixture* f) {
                                 const uint32_t cell = f->middle->subkey_list_cell() + 4;
                                 Overwrite(f, f->middle->cell(), nk::kSubkeyList, cell);
                                 return cell;
                               },
                               "subkey list: offset", "Middle", kKeys - 2, kValues - 1,
                               R"(Middle\Child)", "Middle"},
                    DamageCase{"OffsetOfABinHeader",
                               [](DamageFixture* f) {
                                 Overwrite(f, f->middle->cell(), nk::kSubkeyList, 0);
                                 return 0u;
                               },
                               "subkey list: offset 0x0 is outside", "Middle", kKeys - 2,
                               kValues - 1, R"(Middle\Child)", "Middle"},
                    DamageCase{"Signature",
                               [](DamageFixture* f) {
                                 return Overwrite16(f, f->middle->subkey_list_cell(), 0, 0x7878);
                               },
                               "signature 0x7878 is none of li, lf, lh, ri", "Middle", kKeys - 2,
                               kValues - 1, R"(Middle\Child)", "Middle"},
                    DamageCase{"CountAboveItsCell",
                               [](DamageFixture* f) {
                                 return Overwrite16(f, f->middle->subkey_list_cell(), list::kCount,
                                                    0xFFFF);
                               },
                               "subkey list: count 65535 exceeds its cell", "Middle", kKeys,
                               kValues, R"(Middle\Absent)", R"(Middle\Child)"},
                    DamageCase{"CountZero",
                               [](DamageFixture* f) {
                                 Overwrite16(f, f->middle->subkey_list_cell(), list::kCount, 0);
                                 return f->middle->cell();
                               },
                               "states 1 subkeys, its list has 0", "Middle", kKeys - 2, kValues - 1,
                               R"(Middle\Child)", "Middle"},
                    DamageCase{"ElementOutside",
                               [](DamageFixture* f) {
                                 Overwrite(f, f->middle->subkey_list_cell(), list::kElements,
                                           0x00FFFFF8);
                                 return 0x00FFFFF8u;
                               },
                               "key node: offset 0xfffff8 is outside", "Middle", kKeys - 2,
                               kValues - 1, R"(Middle\Child)", "Middle"},
                    DamageCase{"IndexRootElementOutside",
                               [](DamageFixture* f) {
                                 Overwrite(f, f->wide->subkey_list_cell(), list::kElements,
                                           0x00FFFFF8);
                                 return 0x00FFFFF8u;
                               },
                               "subkey list: offset 0xfffff8 is outside", "Wide", kKeys - 4,
                               kValues - 1, R"(Wide\3)", R"(Wide\5)"},
                    DamageCase{"IndexRootInAnIndexRoot",
                               [](DamageFixture* f) {
                                 const uint32_t leaf = f->WideLeaf(1);
                                 return Overwrite16(f, leaf, 0, LoadLe16("ri"));
                               },
                               "index root inside an index root", "Wide", kKeys - 1, kValues,
                               R"(Wide\5)", R"(Wide\4)"},
                    DamageCase{"IndexRootOfItself",
                               [](DamageFixture* f) {
                                 const uint32_t root = f->wide->subkey_list_cell();
                                 return Overwrite(f, root, list::kElements, root);
                               },
                               "referenced more than once", "Wide", kKeys - 4, kValues - 1,
                               R"(Wide\3)", R"(Wide\5)"}),
    [](const auto& info) { return info.param.name; });

INSTANTIATE_TEST_SUITE_P(
    SharedStructures, DamageTest,
    testing::Values(
        DamageCase{"KeyIsItsOwnSubkey",
                   [](DamageFixture* f) {
                     Overwrite(f, f->child->subkey_list_cell(), list::kElements, f->child->cell());
                     return f->child->cell();
                   },
                   "key node: referenced more than once", R"(Middle\Child)", kKeys - 1, kValues - 1,
                   "", R"(Middle\Child)"},
        DamageCase{"RootIsASubkey",
                   [](DamageFixture* f) {
                     Overwrite(f, f->child->subkey_list_cell(), list::kElements, f->CellOf(""));
                     return f->CellOf("");
                   },
                   "key node: referenced more than once", R"(Middle\Child)", kKeys - 1, kValues - 1,
                   "", R"(Middle\Child)"},
        DamageCase{"ListOfAnAncestor",
                   [](DamageFixture* f) {
                     Overwrite(f, f->leaf->cell(), nk::kSubkeyCount, 1);
                     const uint32_t list = f->middle->subkey_list_cell();
                     Overwrite(f, f->leaf->cell(), nk::kSubkeyList, list);
                     return list;
                   },
                   "subkey list: referenced more than once", R"(Middle\Child\Leaf)", kKeys, kValues,
                   "", R"(Middle\Child\Leaf)"},
        DamageCase{"ListOfTwoKeys",
                   [](DamageFixture* f) {
                     Overwrite(f, f->named->cell(), nk::kSubkeyCount, 1);
                     const uint32_t list = f->middle->subkey_list_cell();
                     Overwrite(f, f->named->cell(), nk::kSubkeyList, list);
                     return list;
                   },
                   "subkey list: referenced more than once", "Named", kKeys, kValues, "",
                   R"(Middle\Child\Leaf)"},
        DamageCase{"ValueListOfTwoKeys",
                   [](DamageFixture* f) {
                     const uint32_t list = f->leaf->value_list_cell();
                     Overwrite(f, f->CellOf(R"(Wide\5)"), nk::kValueCount, 1);
                     Overwrite(f, f->CellOf(R"(Wide\5)"), nk::kValueList, list);
                     return list;
                   },
                   "value list: referenced more than once", R"(Wide\5)", kKeys, kValues, "",
                   R"(Wide\5)"},
        DamageCase{"ValueTwiceInAList",
                   [](DamageFixture* f) {
                     const uint32_t plain = f->named->value_cell("Plain");
                     Overwrite(f, f->named->value_list_cell(), 4, plain);
                     return plain;
                   },
                   "value: referenced more than once", "Named", kKeys, kValues - 1, "", "Named"}),
    [](const auto& info) { return info.param.name; });

// As DamageCase, for the values of one key.
struct ValueDamageCase {
  const char* name;
  Break break_it;
  const char* what;
  uint64_t values;
  const char* key;
  const char* lost;   // Value that now gives kDataLoss.
  const char* found;  // Value that is found all the same; "-" for none.
};

void PrintTo(const ValueDamageCase& c, std::ostream* os) { *os << c.name; }

class ValueDamageTest : public testing::TestWithParam<ValueDamageCase> {};

TEST_P(ValueDamageTest, CostsTheValue) {
  const ValueDamageCase& c = GetParam();
  DamageFixture fixture;
  const uint32_t cell = c.break_it(&fixture);
  const std::unique_ptr<Hive> hive = OpenOrDie(fixture.bytes);
  ASSERT_NE(hive, nullptr);
  const HiveDump dump = Dump(*hive);
  ASSERT_THAT(dump.damage.kept(), testing::Not(IsEmpty()));
  const Damage& first = dump.damage.kept().front();
  EXPECT_THAT(first.what, HasSubstr(c.what));
  EXPECT_EQ(first.file_offset, uint64_t{cell} + base_block::kSize);
  EXPECT_EQ(first.key_path, c.key);
  EXPECT_EQ(dump.totals.keys, kKeys);
  EXPECT_EQ(dump.totals.values, c.values);

  const absl::StatusOr<Key> key = hive->Find(c.key);
  ASSERT_TRUE(key.ok()) << key.status();
  EXPECT_EQ(key->FindValue(c.lost).status().code(), StatusCode::kDataLoss);
  if (*c.found == '-') return;
  EXPECT_TRUE(key->FindValue(c.found).ok());
}

INSTANTIATE_TEST_SUITE_P(
    All, ValueDamageTest,
    testing::Values(
        ValueDamageCase{"ListOutside",
                        [](DamageFixture* f) {
                          Overwrite(f, f->named->cell(), nk::kValueList, 0x00FFFFF8);
                          return 0x00FFFFF8u;
                        },
                        "value list: offset 0xfffff8 is outside", kValues - 2, "Named", "Plain",
                        "-"},
        ValueDamageCase{"ListFree",
                        [](DamageFixture* f) {
                          f->SetCellSize(f->named->value_list_cell(), 16);
                          return f->named->value_list_cell();
                        },
                        "value list: the cell is free", kValues - 2, "Named", "Plain", "-"},
        ValueDamageCase{"CountAboveTheList",
                        [](DamageFixture* f) {
                          Overwrite(f, f->named->cell(), nk::kValueCount, 0xFFFFFFFF);
                          return f->named->value_list_cell();
                        },
                        "value list: count 4294967295 exceeds its cell", kValues, "Named", "Absent",
                        "Other"},
        ValueDamageCase{"ElementOutside",
                        [](DamageFixture* f) {
                          Overwrite(f, f->named->value_list_cell(), 0, 0x00FFFFF8);
                          return 0x00FFFFF8u;
                        },
                        "value: offset 0xfffff8 is outside", kValues - 1, "Named", "Plain",
                        "Other"},
        ValueDamageCase{"Signature",
                        [](DamageFixture* f) {
                          return Overwrite16(f, f->named->value_cell("Plain"), 0, 0x6B78);
                        },
                        "value: signature 0x6b78 is not vk", kValues - 1, "Named", "Plain",
                        "Other"},
        ValueDamageCase{
            "NameLength",
            [](DamageFixture* f) {
              return Overwrite16(f, f->named->value_cell("Plain"), vk::kNameLength, 0x7FFF);
            },
            "value: name length 32767 exceeds its cell", kValues - 1, "Named", "Plain", "Other"},
        ValueDamageCase{"FreeCell",
                        [](DamageFixture* f) {
                          f->SetCellSize(f->named->value_cell("Plain"), 0x20);
                          return f->named->value_cell("Plain");
                        },
                        "value: the cell is free", kValues - 1, "Named", "Plain", "Other"}),
    [](const auto& info) { return info.param.name; });

// Damage below a value record: the value is listed, its data is not to be had.
struct DataDamageCase {
  const char* name;
  const char* value;  // Of the key Data.
  Break break_it;
  const char* message;
};

void PrintTo(const DataDamageCase& c, std::ostream* os) { *os << c.name; }

class DataDamageTest : public testing::TestWithParam<DataDamageCase> {};

TEST_P(DataDamageTest, CostsTheData) {
  const DataDamageCase& c = GetParam();
  DamageFixture fixture;
  const uint32_t cell = c.break_it(&fixture);
  const std::unique_ptr<Hive> hive = OpenOrDie(fixture.bytes);
  ASSERT_NE(hive, nullptr);
  const absl::StatusOr<Value> value = hive->Find("Data")->FindValue(c.value);
  ASSERT_TRUE(value.ok()) << value.status();
  const absl::Status status = value->Data().status();
  EXPECT_EQ(status.code(), StatusCode::kDataLoss);
  EXPECT_THAT(std::string(status.message()), HasSubstr(c.message));
  EXPECT_THAT(std::string(status.message()),
              HasSubstr(absl::StrCat("at 0x", absl::Hex(uint64_t{cell} + base_block::kSize), ":")));
  const HiveDump dump = Dump(*hive);
  EXPECT_EQ(dump.totals.values, kValues);
  EXPECT_EQ(dump.unreadable, 1u);
}

INSTANTIATE_TEST_SUITE_P(
    All, DataDamageTest,
    testing::Values(
        DataDamageCase{"InlineSize", "Inline",
                       [](DamageFixture* f) {
                         return Overwrite(f, f->data->value_cell("Inline"), vk::kDataSize,
                                          vk::kInlineData | 5);
                       },
                       "inline data of 5 bytes"},
        DataDamageCase{"OffsetOutside", "Small",
                       [](DamageFixture* f) {
                         Overwrite(f, f->data->value_cell("Small"), vk::kData, 0x00FFFFF8);
                         return 0x00FFFFF8u;
                       },
                       "value data: offset 0xfffff8 is outside"},
        DataDamageCase{"FreeCell", "Small",
                       [](DamageFixture* f) {
                         f->SetCellSize(f->data->data_cell("Small"), 16);
                         return f->data->data_cell("Small");
                       },
                       "value data: the cell is free"},
        DataDamageCase{"SizeAboveItsCell", "Small",
                       [](DamageFixture* f) {
                         Overwrite(f, f->data->value_cell("Small"), vk::kDataSize, 13);
                         return f->data->data_cell("Small");
                       },
                       "size 13 exceeds its cell of 12"},
        DataDamageCase{"SizeAboveTheHive", "Small",
                       [](DamageFixture* f) {
                         return Overwrite(f, f->data->value_cell("Small"), vk::kDataSize,
                                          0x7FFFFFFF);
                       },
                       "data size 2147483647 exceeds the hive"},
        DataDamageCase{
            "BigDataSignature", "Big",
            [](DamageFixture* f) { return Overwrite16(f, f->data->data_cell("Big"), 0, 0x7878); },
            "size 40000 exceeds its cell"},
        DataDamageCase{"TooFewSegments", "Big",
                       [](DamageFixture* f) {
                         return Overwrite16(f, f->data->data_cell("Big"), db::kSegmentCount, 2);
                       },
                       "big data: 2 segments cannot hold 40000 bytes"},
        DataDamageCase{"SegmentCountAboveItsList", "Big",
                       [](DamageFixture* f) {
                         Overwrite16(f, f->data->data_cell("Big"), db::kSegmentCount, 0xFFFF);
                         return f->SegmentList();
                       },
                       "big data segment list: cell size"},
        DataDamageCase{"SegmentListOutside", "Big",
                       [](DamageFixture* f) {
                         Overwrite(f, f->data->data_cell("Big"), db::kSegmentList, kNone);
                         return kNone;
                       },
                       "big data segment list: offset 0xffffffff is outside"},
        DataDamageCase{"SegmentOutside", "Big",
                       [](DamageFixture* f) {
                         Overwrite(f, f->SegmentList(), 4, 0x00FFFFF8);
                         return 0x00FFFFF8u;
                       },
                       "big data segment: offset 0xfffff8 is outside"},
        DataDamageCase{"SegmentTooSmall", "Big",
                       [](DamageFixture* f) {
                         const uint32_t segment = LoadLe32(f->Record(f->SegmentList()) + 4);
                         f->SetCellSize(segment, static_cast<uint32_t>(-0x1000));
                         return segment;
                       },
                       "big data segment: cell size 0x1000 does not fit"}),
    [](const auto& info) { return info.param.name; });

TEST(KeyDamageTest, ClassNameAndSecurityAreReportedOnTheirOwn) {
  DamageFixture fixture;
  Overwrite(&fixture, fixture.named->cell(), nk::kClassName, 0x00FFFFF8);
  Overwrite(&fixture, fixture.named->cell(), nk::kSecurity, fixture.data->cell());
  const std::unique_ptr<Hive> hive = OpenOrDie(fixture.bytes);
  ASSERT_NE(hive, nullptr);
  const absl::StatusOr<Key> named = hive->Find("Named");
  ASSERT_TRUE(named.ok()) << named.status();
  EXPECT_EQ(named->ClassName().status().code(), StatusCode::kDataLoss);
  EXPECT_EQ(named->SecurityDescriptor().status().code(), StatusCode::kDataLoss);
  EXPECT_THAT(std::string(named->SecurityDescriptor().status().message()),
              HasSubstr("signature 0x6b6e is not sk"));
  EXPECT_TRUE(hive->Find("Data")->SecurityDescriptor().ok());
  EXPECT_EQ(Dump(*hive).totals.values, kValues);
}

TEST(KeyDamageTest, LookupInACycleEnds) {
  DamageFixture fixture;
  Overwrite(&fixture, fixture.child->subkey_list_cell(), list::kElements, fixture.child->cell());
  const std::unique_ptr<Hive> hive = OpenOrDie(fixture.bytes);
  ASSERT_NE(hive, nullptr);
  std::string path = R"(Middle\Child)";
  for (int i = 0; i < 1000; ++i) path += R"(\Child)";
  EXPECT_EQ(hive->Find(path)->name(), "Child");
  // The list has a hint of the name that it held before.
  EXPECT_EQ(hive->Find(path + R"(\Leaf)").status().code(), StatusCode::kDataLoss);
}

// ---------------------------------------------------------------- What a damaged file says

struct OpenErrorCase {
  const char* name;
  std::function<void(DamageFixture*)> break_it;
  const char* message;
};

void PrintTo(const OpenErrorCase& c, std::ostream* os) { *os << c.name; }

class OpenErrorTest : public testing::TestWithParam<OpenErrorCase> {};

TEST_P(OpenErrorTest, Refuses) {
  DamageFixture fixture;
  GetParam().break_it(&fixture);
  const absl::Status status = Hive::Open(FilesOf(fixture.bytes)).status();
  EXPECT_EQ(status.code(), StatusCode::kDataLoss) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr(GetParam().message));
  EXPECT_THAT(std::string(status.message()), HasSubstr("hive HIVE"));
}

INSTANTIATE_TEST_SUITE_P(
    All, OpenErrorTest,
    testing::Values(OpenErrorCase{"BaseBlockOnly", [](DamageFixture* f) { f->bytes.resize(4096); },
                                  "ends at 0x1000, before its first bin"},
                    OpenErrorCase{"RootCellOutside",
                                  [](DamageFixture* f) {
                                    f->bytes = WithBaseBlockField(f->bytes, base_block::kRootCell,
                                                                  0x00FFFFF8);
                                  },
                                  "key node: offset 0xfffff8 is outside"},
                    OpenErrorCase{"RootIsNoKey",
                                  [](DamageFixture* f) {
                                    f->bytes = WithBaseBlockField(f->bytes, base_block::kRootCell,
                                                                  f->middle->subkey_list_cell());
                                  },
                                  "key node: "},
                    OpenErrorCase{"RootFree",
                                  [](DamageFixture* f) { f->SetCellSize(f->CellOf(""), 0x60); },
                                  "the cell is free"}),
    [](const auto& info) { return info.param.name; });

struct FileDamageCase {
  const char* name;
  std::function<void(DamageFixture*)> break_it;
  const char* what;  // Reported on open.
};

void PrintTo(const FileDamageCase& c, std::ostream* os) { *os << c.name; }

class FileDamageTest : public testing::TestWithParam<FileDamageCase> {};

TEST_P(FileDamageTest, IsReportedAndEverythingRead) {
  DamageFixture fixture;
  GetParam().break_it(&fixture);
  const std::unique_ptr<Hive> hive = OpenOrDie(fixture.bytes);
  ASSERT_NE(hive, nullptr);
  ASSERT_THAT(hive->damage().kept(), testing::SizeIs(1));
  EXPECT_THAT(hive->damage().kept()[0].what, HasSubstr(GetParam().what));
  const HiveDump dump = Dump(*hive);
  EXPECT_EQ(dump.totals.keys, kKeys);
  EXPECT_EQ(dump.totals.values, kValues);
  EXPECT_EQ(dump.unreadable, 0u);
}

INSTANTIATE_TEST_SUITE_P(
    All, FileDamageTest,
    testing::Values(FileDamageCase{"Checksum",
                                   [](DamageFixture* f) { f->bytes = BreakChecksum(f->bytes); },
                                   "base block: checksum 0x"},
                    FileDamageCase{"ChecksumAndHiveBinsSize",
                                   [](DamageFixture* f) {
                                     StoreLe32(&f->bytes[base_block::kHiveBinsSize], 0x1000);
                                   },
                                   "base block: checksum 0x"},
                    FileDamageCase{"HiveBinsSizeAboveTheFile",
                                   [](DamageFixture* f) {
                                     f->bytes = WithBaseBlockField(
                                         f->bytes, base_block::kHiveBinsSize, 0xFFFFF000);
                                   },
                                   "the base block states 0x100000000 (truncated)"},
                    FileDamageCase{"UnknownVersion",
                                   [](DamageFixture* f) {
                                     f->bytes =
                                         WithBaseBlockField(f->bytes, base_block::kMinorVersion, 7);
                                   },
                                   "version 1.7 is unknown"}),
    [](const auto& info) { return info.param.name; });

TEST(FileDamageTest, PaddingBehindTheBinsIsNoDamage) {
  DamageFixture fixture;
  fixture.bytes += std::string(10'000, '\xCC');
  const std::unique_ptr<Hive> hive = OpenOrDie(fixture.bytes);
  ASSERT_NE(hive, nullptr);
  EXPECT_THAT(hive->damage().kept(), IsEmpty());
  const HiveDump dump = Dump(*hive);
  EXPECT_THAT(dump.damage.kept(), IsEmpty());
  EXPECT_EQ(dump.totals.keys, kKeys);
}

TEST(FileDamageTest, ATruncatedFileGivesWhatIsLeft) {
  const DamageFixture fixture;
  const std::vector<std::string> all = Dump(*OpenOrDie(fixture.bytes)).lines;
  uint64_t most_keys = 0;
  for (size_t size = 0; size < fixture.bytes.size(); size += 100) {
    const absl::StatusOr<std::unique_ptr<Hive>> hive =
        Hive::Open(FilesOf(string_view(fixture.bytes).substr(0, size)));
    if (!hive.ok()) {
      EXPECT_EQ(hive.status().code(), StatusCode::kDataLoss) << "cut at " << size;
      EXPECT_EQ(most_keys, 0u) << "a longer piece of the file must not be worse";
      continue;
    }
    EXPECT_EQ((*hive)->damage().total(), 1u) << "cut at " << size;
    EXPECT_THAT((*hive)->damage().kept()[0].what, HasSubstr("(truncated)"));
    const HiveDump dump = Dump(**hive);
    EXPECT_GE(dump.totals.keys, most_keys) << "cut at " << size;
    most_keys = dump.totals.keys;
    if (dump.totals.keys < kKeys || dump.totals.values < kValues) {
      EXPECT_FALSE(dump.damage.empty()) << "cut at " << size;
    }
  }
  EXPECT_EQ(most_keys, kKeys) << "the last bins hold data, not keys";
}

struct BinCase {
  const char* name;
  size_t field;
  uint32_t value;
  const char* what;
};

class BinDamageTest : public testing::TestWithParam<BinCase> {};

TEST_P(BinDamageTest, IsReportedAndCostsNothing) {
  DamageFixture fixture;
  StoreLe32(&fixture.bytes[base_block::kSize + GetParam().field], GetParam().value);
  const std::unique_ptr<Hive> hive = OpenOrDie(fixture.bytes);
  ASSERT_NE(hive, nullptr);
  DamageLog damage;
  hive->CheckBins(&damage);
  ASSERT_THAT(damage.kept(), testing::SizeIs(1));
  EXPECT_EQ(damage.kept()[0].file_offset, base_block::kSize);
  EXPECT_THAT(damage.kept()[0].what, HasSubstr(GetParam().what));
  EXPECT_EQ(Dump(*hive).totals.keys, kKeys);
}

INSTANTIATE_TEST_SUITE_P(
    All, BinDamageTest,
    testing::Values(BinCase{"Signature", 0, 0x78787878, "signature 0x78787878 is not hbin"},
                    BinCase{"Offset", bin::kOffset, 0x2000, "states offset 0x2000, stands at 0x0"},
                    BinCase{"SizeZero", bin::kBinSize, 0, "size 0x0 does not fit"},
                    BinCase{"SizeUneven", bin::kBinSize, 0x1008, "size 0x1008 does not fit"},
                    BinCase{"SizeHuge", bin::kBinSize, 0xFFFFF000, "size 0xfffff000 does not fit"}),
    [](const auto& info) { return info.param.name; });

// ---------------------------------------------------------------- What a hostile hive costs

// Lays cells by hand over one bin, to make what no builder of sound hives can.
class RawBin {
 public:
  explicit RawBin(size_t size) {
    HiveBuilder builder;
    builder.root()->AddKey("Victim");
    bytes_ = builder.Build();
    victim_ = builder.CellOf("Victim");
    start_ = static_cast<uint32_t>(bytes_.size() - base_block::kSize);
    bytes_.resize(bytes_.size() + size);
    char* header = At(start_);
    std::copy_n(bin::kSignature, 4, header);
    StoreLe32(header + bin::kOffset, start_);
    StoreLe32(header + bin::kBinSize, static_cast<uint32_t>(size));
    bytes_ = WithBaseBlockField(bytes_, base_block::kHiveBinsSize,
                                static_cast<uint32_t>(bytes_.size() - base_block::kSize));
  }
  // First cell; what follows is free for use.
  uint32_t start() const { return start_ + bin::kHeaderSize; }
  char* At(uint32_t offset) { return &bytes_[base_block::kSize + offset]; }
  void SetVictimsList(uint32_t cell, uint32_t count) {
    StoreLe32(At(victim_) + 4 + nk::kSubkeyList, cell);
    StoreLe32(At(victim_) + 4 + nk::kSubkeyCount, count);
  }
  const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
  uint32_t victim_, start_;
};

// An index root of 30,000 leaves that overlap, each 8 bytes behind the one before and each with
// 65,535 elements: two thousand million elements in half a megabyte.
// A caller that looks into every key of such a hive would otherwise read keys x values elements.
TEST(HostileHiveTest, OneListSharedByManyKeysIsReadForFewOfThem) {
  constexpr int kKeys = 3000, kValues = 2000;
  HiveBuilder builder;
  HiveBuilder::Key* rich = builder.root()->AddKey("Rich");
  for (int i = 0; i < kValues; ++i) rich->SetDword(absl::StrCat("v", i), i);
  std::vector<HiveBuilder::Key*> others;
  for (int i = 0; i < kKeys; ++i) {
    others.push_back(builder.root()->AddKey(absl::StrCat("Many\\k", i))->SetDword("own", 1));
  }
  std::string bytes = builder.Build();
  for (const HiveBuilder::Key* key : others) {
    char* record = &bytes[builder.RecordOffset(key->cell())];
    StoreLe32(record + nk::kValueCount, kValues);
    StoreLe32(record + nk::kValueList, rich->value_list_cell());
  }
  const std::unique_ptr<Hive> hive = OpenOrDie(bytes);
  ASSERT_NE(hive, nullptr);
  int found = 0, lost = 0;
  for (int i = 0; i < kKeys; ++i) {
    const absl::StatusOr<Key> key = hive->Find(absl::StrCat("Many\\k", i));
    ASSERT_TRUE(key.ok()) << key.status();
    const StatusCode code = key->FindValue("absent").status().code();
    found += code == StatusCode::kNotFound;
    lost += code == StatusCode::kDataLoss;
  }
  EXPECT_GT(found, 0) << "the first are read";
  EXPECT_EQ(found + lost, kKeys);
  EXPECT_LE(uint64_t{1} * found * kValues, bytes.size() / 4 + kValues);
  // A key that was read once may be read again and again.
  const absl::StatusOr<Key> first = hive->Find("Many\\k0");
  ASSERT_TRUE(first.ok());
  for (int i = 0; i < 1000; ++i) EXPECT_TRUE(first->FindValue("v7").ok());
}

TEST(HostileHiveTest, OverlappingListsCostNoMoreThanTheFileHolds) {
  constexpr uint32_t kLeaves = 30'000, kBinSize = 1 << 20;
  RawBin raw(kBinSize);
  const uint32_t root = raw.start();
  const uint32_t leaves = root + 4 + 4 + 4 * kLeaves;
  StoreLe32(raw.At(root), 0 - (4 + 4 + 4 * kLeaves));
  std::copy_n("ri", 2, raw.At(root) + 4);
  StoreLe16(raw.At(root) + 4 + list::kCount, kLeaves);
  for (uint32_t i = 0; i < kLeaves; ++i) {
    const uint32_t leaf = leaves + 8 * i;
    StoreLe32(raw.At(root) + 4 + list::kElements + 4 * i, leaf);
    StoreLe32(raw.At(leaf), 0 - (kBinSize / 2));
    std::copy_n("li", 2, raw.At(leaf) + 4);
    StoreLe16(raw.At(leaf) + 4 + list::kCount, 0xFFFF);
  }
  raw.SetVictimsList(root, 0xFFFFFFFF);
  const std::unique_ptr<Hive> hive = OpenOrDie(raw.bytes());
  ASSERT_NE(hive, nullptr);
  DamageLog damage;
  const WalkTotals totals = hive->Walk([](const Key&, string_view) {}, &damage);
  EXPECT_EQ(totals.keys, 2u);
  EXPECT_FALSE(damage.empty());
  EXPECT_EQ(hive->Find(R"(Victim\x)").status().code(), StatusCode::kDataLoss);
}

TEST(HostileHiveTest, DeepHivesEndAtWindowsLimit) {
  HiveBuilder builder;
  HiveBuilder::Key* key = builder.root();
  for (int i = 0; i < 600; ++i) key = key->AddKey("d");
  const std::string bytes = builder.Build();
  const std::unique_ptr<Hive> hive = OpenOrDie(bytes);
  ASSERT_NE(hive, nullptr);
  const HiveDump dump = Dump(*hive);
  EXPECT_EQ(dump.totals.keys, 513u);
  ASSERT_THAT(dump.damage.kept(), testing::SizeIs(1));
  EXPECT_THAT(dump.damage.kept()[0].what, HasSubstr("deeper than 512 levels"));
}

}  // namespace
}  // namespace patchgate::regf
