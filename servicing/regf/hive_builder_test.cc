#include "servicing/regf/hive_builder.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "servicing/base/little_endian.h"
#include "servicing/base/utf16.h"
#include "servicing/regf/format.h"
#include "servicing/regf/types.h"

namespace patchgate::regf {
namespace {

using absl::string_view;
using testing::Each;
using testing::ElementsAre;
using testing::Le;

// Reads the records of a built hive without the reader, and expects of each what the specification
// demands of it.
class Inspector {
 public:
  explicit Inspector(string_view file)
      : file_(file),
        bins_(file.substr(base_block::kSize)),
        v1_1_(LoadLe32(file.data() + base_block::kMinorVersion) == 1) {}

  void InspectAll() {
    InspectBaseBlock();
    InspectBins();
    const uint32_t root = LoadLe32(file_.data() + base_block::kRootCell);
    EXPECT_EQ(LoadLe16(Record(root) + nk::kFlags) & 0x0C, nk::kHiveEntry | nk::kNoDelete);
    InspectKey(root, kNone);
    ASSERT_EQ(security_references_.size(), 1u);
    const uint32_t security = security_references_.begin()->first;
    Reference(security);
    EXPECT_EQ(string_view(Record(security), 2), "sk");
    EXPECT_EQ(LoadLe32(Record(security) + sk::kFlink), security);
    EXPECT_EQ(LoadLe32(Record(security) + sk::kBlink), security);
    EXPECT_EQ(LoadLe32(Record(security) + sk::kReferenceCount),
              security_references_.begin()->second);
    EXPECT_EQ(referenced_, allocated_) << "a cell is lost, shared or points to free space";
  }

  int keys = 0;
  std::set<std::string> lists;  // Signatures met.
  std::vector<int> free_cells;  // For each bin.
  size_t free_bytes = 0;

 private:
  const char* Record(uint32_t cell) const { return bins_.data() + cell + (v1_1_ ? 8 : 4); }

  void Reference(uint32_t cell) {
    EXPECT_TRUE(referenced_.insert(cell).second) << "referenced twice: " << cell;
  }

  void InspectBaseBlock() {
    const char* p = file_.data();
    EXPECT_EQ(string_view(p, 4), "regf");
    EXPECT_EQ(LoadLe32(p + base_block::kMajorVersion), 1u);
    EXPECT_EQ(LoadLe32(p + base_block::kFileType), kPrimaryFile);
    EXPECT_EQ(LoadLe32(p + base_block::kFileFormat), 1u);
    EXPECT_EQ(LoadLe32(p + base_block::kClusteringFactor), 1u);
    EXPECT_EQ(LoadLe32(p + base_block::kHiveBinsSize), bins_.size());
    EXPECT_EQ(LoadLe32(p + base_block::kChecksum), BaseBlockChecksum(file_));
  }

  // Bins follow each other, cells fill each bin without a gap.
  void InspectBins() {
    for (uint32_t at = 0; at < bins_.size();) {
      ASSERT_EQ(bins_.substr(at, 4), "hbin");
      ASSERT_EQ(LoadLe32(bins_.data() + at + bin::kOffset), at);
      const uint32_t end = at + LoadLe32(bins_.data() + at + bin::kBinSize);
      ASSERT_EQ(end % bin::kAlignment, 0u);
      ASSERT_GT(end, at);
      ASSERT_LE(end, bins_.size());
      EXPECT_EQ(LoadLe64(bins_.data() + at + bin::kTimestamp),
                at == 0 ? LoadLe64(file_.data() + base_block::kLastWritten) : 0);
      InspectCells(at, end);
      at = end;
    }
  }

  void InspectCells(uint32_t bin_start, uint32_t bin_end) {
    uint32_t last = kNone;
    free_cells.push_back(0);
    for (uint32_t cell = bin_start + bin::kHeaderSize; cell < bin_end;) {
      const auto stored = static_cast<int32_t>(LoadLe32(bins_.data() + cell));
      const uint32_t size = static_cast<uint32_t>(stored < 0 ? -stored : stored);
      ASSERT_NE(size, 0u);
      ASSERT_EQ(size % (v1_1_ ? 16 : 8), 0u);
      ASSERT_LE(size, bin_end - cell) << "a cell crosses the end of its bin";
      if (v1_1_) {
        EXPECT_EQ(LoadLe32(bins_.data() + cell + 4), last);
      }
      last = cell - bin_start;
      if (stored < 0) {
        allocated_.insert(cell);
      } else {
        ++free_cells.back();
        free_bytes += size;
      }
      cell += size;
    }
  }

  void InspectKey(uint32_t cell, uint32_t parent) {
    ++keys;
    Reference(cell);
    const char* p = Record(cell);
    ASSERT_EQ(string_view(p, 2), "nk");
    EXPECT_EQ(LoadLe32(p + nk::kParent), parent);
    EXPECT_EQ(LoadLe32(p + nk::kVolatileSubkeyCount), 0u);
    EXPECT_EQ(LoadLe32(p + nk::kVolatileSubkeyList), kNone);
    ++security_references_[LoadLe32(p + nk::kSecurity)];
    if (LoadLe16(p + nk::kClassLength) > 0) Reference(LoadLe32(p + nk::kClassName));
    InspectValues(p);

    subkeys_.clear();
    if (LoadLe32(p + nk::kSubkeyCount) > 0) InspectList(LoadLe32(p + nk::kSubkeyList), true);
    const std::vector<uint32_t> subkeys = subkeys_;
    EXPECT_EQ(subkeys.size(), LoadLe32(p + nk::kSubkeyCount));
    uint32_t largest_name = 0, largest_class = 0;
    std::string previous;
    for (const uint32_t subkey : subkeys) {
      const std::string name = KeyName(subkey);
      EXPECT_LE(CompareNames(previous, name), 0) << "not sorted";
      previous = name;
      largest_name = std::max(largest_name, static_cast<uint32_t>(Utf8ToUtf16Le(name).size()));
      largest_class =
          std::max<uint32_t>(largest_class, LoadLe16(Record(subkey) + nk::kClassLength));
      InspectKey(subkey, cell);
    }
    EXPECT_EQ(LoadLe32(p + nk::kLargestSubkeyName), largest_name);
    EXPECT_EQ(LoadLe32(p + nk::kLargestClassName), largest_class);
  }

  void InspectList(uint32_t cell, bool root_allowed) {
    Reference(cell);
    const char* p = Record(cell);
    const std::string signature(p, 2);
    lists.insert(signature);
    const uint32_t count = LoadLe16(p + list::kCount);
    ASSERT_GT(count, 0u);
    const size_t element_size = signature == "li" || signature == "ri" ? 4 : 8;
    for (uint32_t i = 0; i < count; ++i) {
      const char* element = p + list::kElements + i * element_size;
      const uint32_t target = LoadLe32(element);
      if (signature == "ri") {
        ASSERT_TRUE(root_allowed);
        InspectList(target, false);
        continue;
      }
      subkeys_.push_back(target);
      if (signature == "lh") {
        EXPECT_EQ(LoadLe32(element + 4), HashLeafHash(KeyName(target)));
      }
      if (signature == "lf") {
        EXPECT_EQ(string_view(element + 4, 4), Hint(KeyName(target)));
      }
    }
  }

  static std::string Hint(string_view name) {
    std::string hint;
    for (size_t pos = 0; pos < name.size() && hint.size() < 4;) {
      const char32_t c = DecodeUtf8(name, &pos);
      if (c > 0xFF) return std::string(4, '\0');
      hint.push_back(static_cast<char>(c));
    }
    hint.resize(4);
    return hint;
  }

  void InspectValues(const char* key) {
    const uint32_t count = LoadLe32(key + nk::kValueCount);
    uint32_t largest_name = 0, largest_data = 0;
    if (count > 0) Reference(LoadLe32(key + nk::kValueList));
    for (uint32_t i = 0; i < count; ++i) {
      const uint32_t cell = LoadLe32(Record(LoadLe32(key + nk::kValueList)) + 4 * i);
      Reference(cell);
      const char* p = Record(cell);
      ASSERT_EQ(string_view(p, 2), "vk");
      const std::string name =
          Name(p + vk::kName, LoadLe16(p + vk::kNameLength),
               !v1_1_ && (LoadLe16(p + vk::kFlags) & vk::kCompressedName) != 0);
      const uint32_t size = LoadLe32(p + vk::kDataSize);
      largest_name = std::max(largest_name, static_cast<uint32_t>(Utf8ToUtf16Le(name).size()));
      largest_data = std::max(largest_data, size & ~vk::kInlineData);
      if ((size & vk::kInlineData) == 0 && size > 0) InspectData(LoadLe32(p + vk::kData), size);
    }
    EXPECT_EQ(LoadLe32(key + nk::kLargestValueName), largest_name);
    EXPECT_EQ(LoadLe32(key + nk::kLargestValueData), largest_data);
  }

  void InspectData(uint32_t cell, uint32_t size) {
    Reference(cell);
    if (size <= db::kSegmentSize || LoadLe32(file_.data() + base_block::kMinorVersion) < 4) return;
    lists.insert(std::string(Record(cell), 2));
    const uint32_t segments = LoadLe16(Record(cell) + db::kSegmentCount);
    EXPECT_EQ(segments, (size + db::kSegmentSize - 1) / db::kSegmentSize);
    const uint32_t segment_list = LoadLe32(Record(cell) + db::kSegmentList);
    Reference(segment_list);
    for (uint32_t i = 0; i < segments; ++i) Reference(LoadLe32(Record(segment_list) + 4 * i));
  }

  std::string KeyName(uint32_t cell) const {
    const char* p = Record(cell);
    return Name(p + nk::kName, LoadLe16(p + nk::kNameLength),
                (LoadLe16(p + nk::kFlags) & nk::kCompressedName) != 0);
  }
  static std::string Name(const char* p, size_t size, bool compressed) {
    return compressed ? Latin1ToUtf8({p, size}) : Utf16LeToUtf8({p, size});
  }

  string_view file_, bins_;
  bool v1_1_;
  std::set<uint32_t> allocated_, referenced_;
  std::map<uint32_t, uint32_t> security_references_;
  std::vector<uint32_t> subkeys_;
};

struct StructureCase {
  const char* name;
  uint32_t minor_version;
  HiveBuilder::Leaf leaf;
  size_t max_leaf_elements;
  std::set<std::string> records;
};

void PrintTo(const StructureCase& c, std::ostream* os) { *os << c.name; }

class HiveBuilderStructureTest : public testing::TestWithParam<StructureCase> {};

TEST_P(HiveBuilderStructureTest, IsSound) {
  HiveBuilder::Options options;
  options.minor_version = GetParam().minor_version;
  options.leaf = GetParam().leaf;
  options.max_leaf_elements = GetParam().max_leaf_elements;
  options.last_written = 133'000'000'000'000'000;
  HiveBuilder builder(options);
  int keys = 3;
  builder.root()->AddKey("\u0416\u0418")->set_class_name("class")->SetDword("\u03a9", 1);
  builder.root()->AddKey("caf\u00e9")->SetBinary("", std::string(50'000, 'x'));
  for (int i = 0; i < 1500; ++i, keys += 2) {
    HiveBuilder::Key* key = builder.root()->AddKey(absl::StrCat("Wide", i, "\\Child"));
    for (int v = 0; v < i % 5; ++v) {
      key->SetBinary(absl::StrCat("Value", v), std::string(i % 300, 'd'));
    }
  }
  const std::string bytes = builder.Build();
  Inspector inspector(bytes);
  inspector.InspectAll();
  EXPECT_EQ(inspector.keys, keys);
  EXPECT_EQ(inspector.lists, GetParam().records);
  EXPECT_THAT(inspector.free_cells, Each(Le(1)));
  EXPECT_LT(inspector.free_bytes, bytes.size() / 10);
  EXPECT_TRUE(builder.Build() == bytes) << "not deterministic";
}

constexpr auto kByVersion = HiveBuilder::Leaf::kByVersion;

INSTANTIATE_TEST_SUITE_P(
    All, HiveBuilderStructureTest,
    testing::Values(
        StructureCase{"V1_1", 1, kByVersion, 5000, {"li"}},
        StructureCase{"V1_1IndexRoot", 1, kByVersion, 100, {"li", "ri"}},
        StructureCase{"V1_2", 2, kByVersion, 5000, {"li"}},
        StructureCase{"V1_3", 3, kByVersion, 507, {"lf", "ri"}},
        StructureCase{"V1_4", 4, kByVersion, 507, {"db", "lf", "ri"}},
        StructureCase{"V1_5", 5, kByVersion, 507, {"db", "lh", "ri"}},
        StructureCase{"V1_6", 6, kByVersion, 5000, {"db", "lh"}},
        StructureCase{"IndexLeaves", 5, HiveBuilder::Leaf::kIndexLeaf, 507, {"db", "li", "ri"}},
        StructureCase{"FastLeaves", 5, HiveBuilder::Leaf::kFastLeaf, 507, {"db", "lf", "ri"}}),
    [](const auto& info) { return info.param.name; });

TEST(HiveBuilderTest, KeysAreReusedWithoutRegardToCase) {
  HiveBuilder builder;
  HiveBuilder::Key* key = builder.root()->AddKey(R"(Software\Classes)");
  EXPECT_EQ(builder.root()->AddKey("SOFTWARE")->AddKey("classes"), key);
  EXPECT_NE(builder.root()->AddDuplicateKey("Software"), key);
  EXPECT_EQ(builder.root()->FindKey(R"(software\CLASSES)"), key);
  EXPECT_EQ(builder.root()->FindKey("absent"), nullptr);
  EXPECT_EQ(builder.root()->AddDuplicateKey(R"(a\b)")->name(), R"(a\b)");
}

TEST(HiveBuilderTest, RemovesAndReplaces) {
  HiveBuilder builder;
  HiveBuilder::Key* key = builder.root()->AddKey("Key");
  const std::string empty = builder.Build();
  key->AddKey(R"(Sub\Sub)");
  key->SetDword("Value", 1)->SetString("VALUE", "replaced")->SetTombstoneValue("Other");
  EXPECT_NE(builder.Build(), empty);
  EXPECT_NE(key->value_cell("value"), kNone);
  EXPECT_NE(key->data_cell("value"), kNone) << "the string did not replace the number";
  EXPECT_TRUE(key->RemoveValue("vAlue"));
  EXPECT_FALSE(key->RemoveValue("Value"));
  EXPECT_TRUE(key->RemoveValue("other"));
  EXPECT_TRUE(key->RemoveKey("sub"));
  EXPECT_FALSE(key->RemoveKey("Sub"));
  EXPECT_EQ(builder.Build(), empty);
}

TEST(HiveBuilderTest, SaysWhereItsRecordsLie) {
  HiveBuilder builder;
  HiveBuilder::Key* key = builder.root()->AddKey("Key")->set_class_name("c");
  key->SetString("Name", "text")->SetDword("Inline", 1)->AddKey("Sub");
  const std::string bytes = builder.Build();
  const auto at = [&](uint32_t cell, size_t size) {
    return bytes.substr(builder.RecordOffset(cell), size);
  };
  EXPECT_EQ(at(key->cell(), 2), "nk");
  EXPECT_EQ(at(builder.CellOf("KEY") + nk::kName, 3), "Key");
  EXPECT_EQ(at(key->subkey_list_cell(), 2), "lh");
  EXPECT_EQ(at(key->value_cell("Name"), 2), "vk");
  EXPECT_EQ(at(key->data_cell("Name"), 8), Utf8ToUtf16Le("text"));
  EXPECT_EQ(at(key->class_name_cell(), 2), Utf8ToUtf16Le("c"));
  EXPECT_EQ(at(builder.security_cell(), 2), "sk");
  EXPECT_EQ(LoadLe32(at(key->value_list_cell(), 4).data()), key->value_cell("Name"));
  EXPECT_EQ(key->data_cell("Inline"), kNone);
  EXPECT_EQ(key->value_cell("absent"), kNone);
  EXPECT_EQ(builder.CellOf("absent"), kNone);
  EXPECT_EQ(key->FindKey("Sub")->subkey_list_cell(), kNone);
}

// A lookup that hits must touch few pages, so a key and what it says lie together.
TEST(HiveBuilderTest, KeysLieNearTheirValues) {
  HiveBuilder builder;
  for (int i = 0; i < 10'000; ++i) {
    builder.root()
        ->AddKey(absl::StrCat("Key", i))
        ->SetString("Name", "some text")
        ->SetDword("D", 1);
  }
  builder.Build();
  int far = 0;
  for (int i = 0; i < 10'000; ++i) {
    const HiveBuilder::Key* key = builder.root()->FindKey(absl::StrCat("Key", i));
    const uint32_t page = key->cell() / 4096;
    if (key->data_cell("Name") / 4096 > page + 1 || key->value_list_cell() / 4096 > page + 1) ++far;
  }
  EXPECT_EQ(far, 0);
}

}  // namespace
}  // namespace patchgate::regf
