// Real hives, read as stored and after replay. They are not ours to publish: the folder is named by
// the environment variable PATCHGATE_TEST_DATA; without it the tests say that they were skipped.

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "servicing/regf/damage.h"
#include "servicing/regf/hive.h"
#include "servicing/regf/hive_dump.h"
#include "servicing/regf/recovery.h"
#include "servicing/regf/types.h"

namespace patchgate::regf {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

// The bytes of a hive file; empty if there is no such file.
std::string Read(absl::string_view name) {
  const char* folder = std::getenv("PATCHGATE_TEST_DATA");
  if (folder == nullptr) return "";
  std::ifstream file(absl::StrCat(folder, "/hives/", name), std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

struct RealHive {
  explicit RealHive(absl::string_view name) : primary(Read(name)) {
    for (const char* suffix : {".LOG1", ".LOG2"}) logs.push_back(Read(absl::StrCat(name, suffix)));
  }
  std::unique_ptr<Hive> Open(bool replay) const {
    Hive::Options options;
    options.replay = replay;
    auto hive = Hive::Open(FilesOf(primary, logs), options);
    EXPECT_TRUE(hive.ok()) << hive.status();
    return hive.ok() ? *std::move(hive) : nullptr;
  }
  std::string primary;
  std::vector<std::string> logs;
};

struct RealHiveCase {
  const char* file;
  uint64_t keys, values;  // As stored.
  bool dirty = false;
  const char* damage = "";  // Part of the first report; "" for a sound hive.
  uint64_t replayed_keys = 0, replayed_values = 0;
  uint32_t entries = 0, pages = 0;
};

void PrintTo(const RealHiveCase& c, std::ostream* os) { *os << c.file; }

class RealHivesTest : public testing::TestWithParam<RealHiveCase> {};

TEST_P(RealHivesTest, GiveTheKnownNumbers) {
  const RealHiveCase& c = GetParam();
  const RealHive real(c.file);
  if (real.primary.empty()) GTEST_SKIP() << "no real hives: PATCHGATE_TEST_DATA is not set";

  const std::unique_ptr<Hive> stored = real.Open(false);
  ASSERT_NE(stored, nullptr);
  const HiveDump dump = Dump(*stored);
  EXPECT_EQ(dump.totals.keys, c.keys);
  EXPECT_EQ(dump.totals.values, c.values);
  EXPECT_EQ(stored->recovery().dirty, c.dirty);
  std::vector<std::string> reports;
  for (const DamageLog* log : {&stored->damage(), &dump.damage}) {
    for (const Damage& damage : log->kept()) reports.push_back(damage.what);
  }
  if (*c.damage == '\0') {
    EXPECT_THAT(reports, IsEmpty());
    EXPECT_EQ(dump.unreadable, 0u);
  } else {
    ASSERT_THAT(reports, Not(IsEmpty()));
    EXPECT_THAT(reports[0], HasSubstr(c.damage));
  }

  const std::unique_ptr<Hive> replayed = real.Open(true);
  ASSERT_NE(replayed, nullptr);
  const HiveDump after = Dump(*replayed);
  const bool replays = c.entries > 0;
  EXPECT_STREQ(HiveStateName(replayed->recovery().state), replays   ? "replayed"
                                                          : c.dirty ? "possibly-stale"
                                                                    : "clean");
  EXPECT_EQ(after.totals.keys, replays ? c.replayed_keys : c.keys);
  EXPECT_EQ(after.totals.values, replays ? c.replayed_values : c.values);
  EXPECT_EQ(replayed->recovery().entries_applied, c.entries);
  EXPECT_EQ(replayed->recovery().pages_applied, c.pages);
  EXPECT_EQ(after.damage.total(), dump.damage.total());
}

INSTANTIATE_TEST_SUITE_P(
    All, RealHivesTest,
    testing::Values(RealHiveCase{"SYSTEM_B", 33'123, 74'957, true, "", 35'595, 78'901, 24, 315},
                    RealHiveCase{"NTUSER.DAT", 2'590, 4'119, true, "", 3'105, 4'695, 23, 132},
                    RealHiveCase{"SYSTEM_2", 20'015, 49'779, true}, RealHiveCase{"BCD", 132, 103},
                    RealHiveCase{"BCD_setup_media", 66, 46},
                    RealHiveCase{"SAMBadHBinHeader", 68, 73, false, "bin: "},
                    RealHiveCase{"SAN_bad_checksum", 68, 73, true, "base block: checksum"},
                    RealHiveCase{"SAM_hasBigEndianDWord", 92, 103},
                    RealHiveCase{"SAM_DUPENAME", 112, 128},
                    RealHiveCase{"SECURITY", 242, 242, true},
                    RealHiveCase{"100_sub_keys.hiv", 101, 100},
                    RealHiveCase{"corrupt_sub_key_list.hiv", 100, 99, false, "key node: "}),
    [](const auto& info) {
      std::string name = info.param.file;
      for (char& c : name) {
        if (c == '.') c = '_';
      }
      return name;
    });

size_t PendingRenameBytes(const Hive& hive) {
  const absl::StatusOr<Key> key = hive.Find(R"(ControlSet001\Control\Session Manager)");
  if (!key.ok()) return 0;
  const absl::StatusOr<Value> value = key->FindValue("PendingFileRenameOperations");
  if (!value.ok()) return 0;
  EXPECT_EQ(value->type(), kRegMultiSz);
  const absl::StatusOr<std::string> data = value->Data();
  return data.ok() ? data->size() : 0;
}

TEST(RealHivesTest, PendingRenamesAppearByReplay) {
  const RealHive real("SYSTEM_B");
  if (real.primary.empty()) GTEST_SKIP() << "no real hives: PATCHGATE_TEST_DATA is not set";
  EXPECT_EQ(PendingRenameBytes(*real.Open(false)), 670u);
  EXPECT_EQ(PendingRenameBytes(*real.Open(true)), 1254u);
}

TEST(RealHivesTest, BootStoresHaveTheirObjects) {
  const RealHive bcd("BCD"), setup_media("BCD_setup_media");
  if (bcd.primary.empty()) GTEST_SKIP() << "no real hives: PATCHGATE_TEST_DATA is not set";
  EXPECT_EQ(bcd.Open(true)->Find("Objects")->subkey_count(), 17u);
  EXPECT_EQ(setup_media.Open(true)->Find("Objects")->subkey_count(), 9u);
}

TEST(RealHivesTest, BigEndianNumbersKeepTheirType) {
  const RealHive real("SAM_hasBigEndianDWord");
  if (real.primary.empty()) GTEST_SKIP() << "no real hives: PATCHGATE_TEST_DATA is not set";
  EXPECT_THAT(Dump(*real.Open(true)).lines, testing::Contains(HasSubstr("REG_DWORD_BIG_ENDIAN ")));
}

// Windows XP, damaged in use: other readers stop with an error.
TEST(RealHivesTest, ADamagedSystemHiveGivesWhatIsLeft) {
  const RealHive real("corrupted_system_hive");
  if (real.primary.empty()) GTEST_SKIP() << "no real hives: PATCHGATE_TEST_DATA is not set";
  const std::unique_ptr<Hive> hive = real.Open(true);
  ASSERT_NE(hive, nullptr);
  const HiveDump dump = Dump(*hive);
  EXPECT_GE(dump.totals.keys, 1'687u);
  EXPECT_FALSE(dump.damage.empty());
}

// What the walk finds, a lookup finds too.
TEST(RealHivesTest, EveryKeyIsFoundByItsPath) {
  const RealHive real("SYSTEM_B");
  if (real.primary.empty()) GTEST_SKIP() << "no real hives: PATCHGATE_TEST_DATA is not set";
  const std::unique_ptr<Hive> hive = real.Open(true);
  ASSERT_NE(hive, nullptr);
  uint64_t found = 0;
  const WalkTotals totals = hive->Walk(
      [&](const Key& key, absl::string_view path) {
        const absl::StatusOr<Key> by_path = hive->Find(path);
        found += by_path.ok() && by_path->cell() == key.cell();
      },
      nullptr);
  EXPECT_EQ(found, totals.keys);
}

}  // namespace
}  // namespace patchgate::regf
