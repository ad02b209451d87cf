// Every byte of a small hive and of its logs is changed, and every length cut, to see that nothing
// crashes or hangs (sanitizers watch), and that structure is never lost without a word.

#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "servicing/base/little_endian.h"
#include "servicing/regf/format.h"
#include "servicing/regf/hive.h"
#include "servicing/regf/hive_builder.h"
#include "servicing/regf/hive_dump.h"
#include "servicing/regf/log_builder.h"
#include "servicing/regf/recovery.h"

namespace patchgate::regf {
namespace {

using absl::string_view;
using testing::Contains;

constexpr unsigned char kMasks[] = {0x01, 0xFF};

std::vector<std::string> LinesOf(string_view bytes) {
  const auto hive = Hive::Open(FilesOf(bytes));
  return hive.ok() ? Dump(**hive).lines : std::vector<std::string>();
}

// Every call that a caller may make, on names that exist and on one that does not.
void LookUpEverything(const Hive& hive) {
  for (const char* path : {"Values", "Named", R"(Deep\Deeper\Deepest)", R"(Wide\3)", "Absent"}) {
    const absl::StatusOr<Key> key = hive.Find(path);
    if (!key.ok()) continue;
    for (const char* name : {"", "Inline", "Small", "Big", "Absent"}) {
      const absl::StatusOr<Value> value = key->FindValue(name);
      if (value.ok()) (void)value->Data();
    }
  }
}

// A hive that has every kind of record, and which of its bytes are content: names, flags, times,
// sizes and data, whose change nothing in the format can reveal.
struct SmallHive {
  SmallHive() : builder(Options()) {
    HiveBuilder::Key* root = builder.root();
    HiveBuilder::Key* values = root->AddKey("Values");
    values->SetString("", "x")->SetDword("Inline", 7)->SetString("Small", "small");
    values->SetBinary("Big", std::string(16'345, 'B'))->SetTombstoneValue("Gone");
    HiveBuilder::Key* named = root->AddKey("Named")->set_class_name("class");
    named->SetDword("\u03a9", 1);
    HiveBuilder::Key* deepest = root->AddKey(R"(Deep\Deeper\Deepest)")->SetDword("Inline", 1);
    root->AddKey("\u0416")->set_tombstone();
    HiveBuilder::Key* link = root->AddKey("Link")->set_symbolic_link("target");
    for (const char* name : {"1", "2", "3", "4", "5"}) root->AddKey("Wide")->AddKey(name);
    bytes = builder.Build();

    is_content.resize(bytes.size());
    for (const char* path :
         {"", "Values", "Named", "Deep", R"(Deep\Deeper)", R"(Deep\Deeper\Deepest)", "\u0416",
          "Link", "Wide", R"(Wide\1)", R"(Wide\2)", R"(Wide\3)", R"(Wide\4)", R"(Wide\5)"}) {
      MarkKey(*root->FindKey(path));
    }
    for (const char* name : {"", "Inline", "Small", "Big", "Gone"}) MarkValue(*values, name);
    MarkValue(*named, "\u03a9");
    MarkValue(*deepest, "Inline");
    MarkValue(*link, "SymbolicLinkValue");
    Mark(builder.RecordOffset(named->class_name_cell()), 10);
    Mark(builder.RecordOffset(builder.security_cell()) + sk::kDescriptorSize, 4);
    MarkSegments(values->data_cell("Big"));
    original = LinesOf(bytes);
  }

  static HiveBuilder::Options Options() {
    HiveBuilder::Options options;
    options.minor_version = 6;
    options.max_leaf_elements = 4;
    return options;
  }

  static constexpr uint64_t kKeys = 14, kValues = 8;

  HiveBuilder builder;
  std::string bytes;
  std::vector<bool> is_content;
  std::vector<std::pair<size_t, size_t>> ballast;  // Begin and end of long data.
  std::vector<std::string> original;

 private:
  void Mark(size_t at, size_t size) { std::fill_n(is_content.begin() + at, size, true); }
  void MarkKey(const HiveBuilder::Key& key) {
    const size_t at = builder.RecordOffset(key.cell());
    Mark(at + nk::kFlags, 2);
    Mark(at + nk::kLastWritten, 8);
    Mark(at + nk::kLayerBits, 1);
    Mark(at + nk::kValueCount, 4);
    Mark(at + nk::kClassName, 4);
    Mark(at + nk::kNameLength, 4);  // And the length of the class name.
    Mark(at + nk::kName, LoadLe16(&bytes[at + nk::kNameLength]));
  }
  void MarkValue(const HiveBuilder::Key& key, string_view name) {
    const size_t at = builder.RecordOffset(key.value_cell(name));
    Mark(at + vk::kNameLength,
         vk::kName - vk::kNameLength + LoadLe16(&bytes[at + vk::kNameLength]));
    const uint32_t size = LoadLe32(&bytes[at + vk::kDataSize]);
    if (size > 4 && size < db::kSegmentSize) Mark(builder.RecordOffset(key.data_cell(name)), size);
  }
  void MarkSegments(uint32_t big_data_cell) {
    const char* record = &bytes[builder.RecordOffset(big_data_cell)];
    const char* list = &bytes[builder.RecordOffset(LoadLe32(record + db::kSegmentList))];
    for (int i = 0; i < LoadLe16(record + db::kSegmentCount); ++i) {
      const size_t at = builder.RecordOffset(LoadLe32(list + 4 * i));
      Mark(at, db::kSegmentSize);
      ballast.emplace_back(at + 8, at + db::kSegmentSize);
    }
  }
};

TEST(MutationTest, EveryByteOfAHive) {
  const SmallHive small;
  ASSERT_EQ(small.original.size(), SmallHive::kKeys + SmallHive::kValues);
  size_t tried = 0, opened = 0, revealed = 0;
  std::string bytes = small.bytes;
  for (size_t at = 0; at < bytes.size(); ++at) {
    for (const auto& [begin, end] : small.ballast) {
      if (at == begin) at = end;  // 16 KiB of one and the same data would show nothing new.
    }
    for (const unsigned char mask : kMasks) {
      ++tried;
      bytes[at] = static_cast<char>(bytes[at] ^ mask);
      const auto hive = Hive::Open(FilesOf(bytes));
      if (hive.ok()) {
        ++opened;
        const HiveDump dump = Dump(**hive);
        LookUpEverything(**hive);
        EXPECT_LE(dump.totals.keys, SmallHive::kKeys) << "byte " << at;
        EXPECT_LE(dump.totals.values, SmallHive::kValues) << "byte " << at;
        const bool silent =
            dump.damage.empty() && (*hive)->damage().empty() && dump.unreadable == 0;
        if (!silent) ++revealed;
        if (silent && !small.is_content[at]) {
          ASSERT_TRUE(dump.lines == small.original)
              << "byte " << at << " ^ " << int{mask} << " changed the content without a word";
        }
      }
      bytes[at] = static_cast<char>(bytes[at] ^ mask);
    }
  }
  EXPECT_EQ(bytes, small.bytes);
  EXPECT_GT(tried, 15'000u);
  EXPECT_GT(opened, tried / 2);
  EXPECT_GT(revealed, 1'500u);
}

TEST(MutationTest, EveryLengthOfAHive) {
  const SmallHive small;
  size_t opened = 0;
  uint64_t most_keys = 0;
  // Exact copies, so that a read beyond the end is one beyond the allocation.
  for (size_t size = 0; size < small.bytes.size(); ++size) {
    if (size > 12'288 && size % 64 != 0) continue;
    const std::string bytes = small.bytes.substr(0, size);
    const auto hive = Hive::Open(FilesOf(bytes));
    if (!hive.ok()) continue;
    ++opened;
    EXPECT_FALSE((*hive)->damage().empty()) << "cut at " << size;
    const HiveDump dump = Dump(**hive);
    LookUpEverything(**hive);
    EXPECT_GE(dump.totals.keys, most_keys) << "cut at " << size;
    most_keys = dump.totals.keys;
  }
  EXPECT_GT(opened, 4'000u);
  EXPECT_EQ(most_keys, SmallHive::kKeys);
}

// A dirty hive of one bin and its later states; what each reads as.
struct LoggedHive {
  LoggedHive() {
    HiveBuilder::Options options;
    options.primary_sequence = options.secondary_sequence = 7;
    HiveBuilder builder(options);
    builder.root()->AddKey("Key")->SetDword("Step", 0);
    states.push_back(builder.Build());
    builder.root()->AddKey("Added")->SetDword("Step", 1);
    states.push_back(builder.Build());
    builder.root()->AddKey("AddedToo")->SetBinary("Step", std::string(3'900, '2'));
    states.push_back(builder.Build());
    primary = Dirty(states[0], 8, 7);
    for (const std::string& state : states) lines.push_back(LinesOf(state));
  }
  std::vector<std::string> states;
  std::string primary;
  std::vector<std::vector<std::string>> lines;
};

// Calls `check` for every changed byte (`at`) and for every length (`at` is npos) of `log`.
void ForEachMutation(const std::string& log,
                     const std::function<void(size_t at, const std::string& log)>& check) {
  std::string bytes = log;
  for (size_t at = 0; at < log.size(); ++at) {
    for (const unsigned char mask : kMasks) {
      bytes[at] = static_cast<char>(bytes[at] ^ mask);
      check(at, bytes);
      bytes[at] = log[at];
    }
  }
  for (size_t size = 0; size < log.size(); ++size) check(std::string::npos, log.substr(0, size));
}

// Hashes cover every byte: a damaged log gives some whole earlier state, never a mixture.
TEST(MutationTest, EveryByteAndLengthOfANewLog) {
  const LoggedHive logged;
  const std::string log = NewLog(logged.states[1], 8, DiffStates(logged.states, 8));
  size_t outcomes[3] = {};
  ForEachMutation(log, [&](size_t at, const std::string& bytes) {
    const std::vector<std::string> logs = {bytes};
    const auto hive = Hive::Open(FilesOf(logged.primary, logs));
    ASSERT_TRUE(hive.ok()) << hive.status();
    const uint32_t applied = (*hive)->recovery().entries_applied;
    ASSERT_LT(applied, 2u) << "byte " << at << " is covered by no hash";
    ASSERT_EQ(Dump(**hive).lines, logged.lines[applied]) << "byte " << at;
    ++outcomes[applied];
  });
  EXPECT_GT(outcomes[0], 8'000u);
  EXPECT_GT(outcomes[1], 8'000u);
}

TEST(MutationTest, EveryByteAndLengthOfANewLogThatReplacesTheBaseBlock) {
  const LoggedHive logged;
  const std::string primary = BreakChecksum(logged.primary);
  const std::string log = NewLog(logged.states[1], 8, DiffStates(logged.states, 8));
  size_t recovered = 0;
  ForEachMutation(log, [&](size_t at, const std::string& bytes) {
    const std::vector<std::string> logs = {bytes};
    const auto hive = Hive::Open(FilesOf(primary, logs));
    ASSERT_TRUE(hive.ok()) << hive.status();
    const RecoveryReport& report = (*hive)->recovery();
    ASSERT_EQ(report.base_block_recovered, report.entries_applied > 0);
    ASSERT_EQ(Dump(**hive).lines, logged.lines[report.entries_applied]) << "byte " << at;
    recovered += report.base_block_recovered;
  });
  EXPECT_GT(recovered, 8'000u);
}

// An old log protects its base block alone. Its other bytes may say anything; they may not crash.
TEST(MutationTest, EveryByteAndLengthOfAnOldLog) {
  const LoggedHive logged;
  OldLogOptions options;
  options.primary_sequence = options.secondary_sequence = 8;
  const std::string log = OldLog(logged.states[0], logged.states[2], options);
  size_t applied = 0;
  ForEachMutation(log, [&](size_t at, const std::string& bytes) {
    const std::vector<std::string> logs = {bytes};
    const auto hive = Hive::Open(FilesOf(logged.primary, logs));
    if (!hive.ok()) {
      ASSERT_GE(at, log::kStart) << hive.status();
      return;
    }
    const HiveDump dump = Dump(**hive);
    LookUpEverything(**hive);
    ASSERT_LE(dump.totals.keys, 4u);
    applied += (*hive)->recovery().entries_applied;
    if (at < log::kStart || at == std::string::npos) {
      ASSERT_STREQ(HiveStateName((*hive)->recovery().state), "possibly-stale") << "byte " << at;
      ASSERT_EQ(dump.lines, logged.lines[0]) << "byte " << at;
    }
  });
  EXPECT_GT(applied, 8'000u);
}

}  // namespace
}  // namespace patchgate::regf
