#include "gate/report/store_report.h"

#include <limits>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gate/report/text_writer.h"
#include "gate/store_verdict.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace patchgate::gate {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr char kKey[] =
    "amd64_microsoft-windows-o..euapcommonproxystub_31bf3856ad364e35_10.0.26100.7309_none_"
    "38de5e2364a9fd20";

std::vector<StoreDamageKind> AllKinds() {
  std::vector<StoreDamageKind> kinds;
  const auto* descriptor = StoreDamageKind_descriptor();
  for (int i = 0; i < descriptor->value_count(); ++i) {
    const auto kind = static_cast<StoreDamageKind>(descriptor->value(i)->number());
    if (kind != STORE_DAMAGE_UNSPECIFIED) kinds.push_back(kind);
  }
  return kinds;
}

StoreVerification Whole() {
  StoreVerification v;
  v.mutable_collection()->set_status(Collection::COLLECTED);
  v.set_level(STORE_LEVEL_PAYLOAD);
  v.set_scope(STORE_SCOPE_ALL);
  v.set_lcu_build("26100.7462");
  v.set_base_manifest(
      "Windows/WinSxS/amd64_microsoft-windows-servicingstack_31bf3856ad364e35_10.0.26100.7295_none_"
      "0123456789abcdef/wcp.dll");
  v.set_base_manifest_sha256(std::string(64, 'a'));
  v.mutable_counts()->set_components(28069);
  v.mutable_counts()->set_components_in_scope(28069);
  v.mutable_counts()->set_bytes_read(12'345'678'901);
  return v;
}

void AddDamage(StoreDamageKind kind, int count, StoreVerification* v) {
  StoreDamageCount* total = v->add_damage_counts();
  total->set_kind(kind);
  total->set_total(static_cast<uint64_t>(count));
  for (int i = 0; i < count; ++i) {
    StoreDamage* damage = v->add_damage();
    damage->set_kind(kind);
    damage->set_component(kKey);
    damage->set_path(absl::StrCat("Windows/WinSxS/", kKey, "/file", i, ".dll"));
    damage->set_expected(std::string(64, 'b'));
    damage->set_found(std::string(64, 'c'));
  }
}

std::string TextOf(const StoreVerification& v) { return StoreTextReport(JudgeStore(v, "memory")); }

// Undoes the line breaks of the report.
std::string Flat(std::string text) {
  for (size_t at; (at = text.find("\n ")) != std::string::npos;) {
    text.replace(at, text.find_first_not_of(' ', at + 1) - at, " ");
  }
  return text;
}

TEST(StoreReport, EveryKindHasAHeadingAndAName) {
  std::set<std::string> headings, names;
  for (const StoreDamageKind kind : AllKinds()) {
    EXPECT_NE(DamageKindHeading(kind), "") << kind;
    EXPECT_TRUE(headings.insert(std::string(DamageKindHeading(kind))).second) << kind;
    EXPECT_TRUE(names.insert(DamageKindName(kind)).second) << kind;
  }
  EXPECT_EQ(DamageKindName(PAYLOAD_HASH_MISMATCH), "payload-hash-mismatch");
  EXPECT_EQ(DamageKindHeading(STORE_DAMAGE_UNSPECIFIED), "");
  EXPECT_EQ(DamageKindHeading(static_cast<StoreDamageKind>(999)), "");
  EXPECT_EQ(StoreLevelName(STORE_LEVEL_MANIFESTS), "manifests");
  EXPECT_EQ(StoreScopeName(STORE_SCOPE_LCU), "lcu");
}

TEST(StoreReport, Clean) {
  const std::string text = TextOf(Whole());
  EXPECT_TRUE(absl::StartsWith(text, "CLEAN  component store\nno damage found.\n")) << text;
  EXPECT_THAT(text, HasSubstr("28,069 components"));
  EXPECT_THAT(text, HasSubstr("12.3 GB"));
  EXPECT_THAT(text, HasSubstr("26100.7462"));
  EXPECT_THAT(text, Not(HasSubstr("\nDAMAGE\n")));
  EXPECT_THAT(text, Not(HasSubstr("COULD NOT BE VERIFIED")));
}

TEST(StoreReport, DamageByKind) {
  StoreVerification v = Whole();
  AddDamage(MANIFEST_MISSING, 1, &v);
  AddDamage(PAYLOAD_HASH_MISMATCH, 1, &v);
  v.mutable_damage(1)->mutable_roles()->set_boot(true);
  v.mutable_damage(1)->mutable_roles()->set_lcu(true);
  v.mutable_damage_counts(1)->set_graver(1);
  AddDamage(PROJECTION_MISSING, 1, &v);
  v.mutable_damage(2)->set_path("Windows/System32/x.dll");
  const std::string text = Flat(TextOf(v));
  EXPECT_TRUE(absl::StartsWith(text, "DAMAGED ")) << text;
  EXPECT_THAT(text, HasSubstr("3 things are damaged, 1 of them of the servicing stack"));
  EXPECT_THAT(text, HasSubstr("Components whose manifest is missing: 1 [manifest-missing]"));
  EXPECT_THAT(text, HasSubstr("file0.dll (boot path, current cumulative update) expected: " +
                              std::string(64, 'b') + " found: " + std::string(64, 'c')));
  // The component is named where the path does not.
  const std::string key(kKey, 60);  // Longer ones are broken.
  EXPECT_THAT(text, HasSubstr(absl::StrCat("Windows/System32/x.dll of ", key)));
  EXPECT_THAT(text, Not(HasSubstr(absl::StrCat("file0.dll of ", key))));
}

TEST(StoreReport, LongListsAreCut) {
  StoreVerification v = Whole();
  AddDamage(PAYLOAD_MISSING, 100, &v);
  v.mutable_damage_counts(0)->set_total(28000);
  const std::string damaged = TextOf(v);
  EXPECT_THAT(damaged, HasSubstr(": 28,000 [payload-missing]"));
  EXPECT_THAT(damaged, HasSubstr("and 27,975 more; see the JSON report"));
  EXPECT_THAT(damaged, HasSubstr("file24.dll"));
  EXPECT_THAT(damaged, Not(HasSubstr("file25.dll")));

  StoreVerification open = Whole();
  for (int i = 0; i < 100; ++i) {
    StoreUnverified* item = open.add_unverified();
    item->set_path(absl::StrCat("manifest", i));
    item->set_reason("no base manifest");
  }
  open.set_unverified_total(28000);
  const std::string text = TextOf(open);
  EXPECT_TRUE(absl::StartsWith(text, "UNVERIFIED ")) << text;
  EXPECT_THAT(text, HasSubstr("28,000 files could not be verified"));
  EXPECT_THAT(text, HasSubstr("and 92 more; see the JSON report"));
  EXPECT_THAT(text, HasSubstr("and 27,900 others"));
  EXPECT_THAT(text, Not(HasSubstr("manifest8")));
}

TEST(StoreReport, FitsItsColumnsAndEndsWithTheOneLine) {
  StoreVerification v = Whole();
  for (const StoreDamageKind kind : AllKinds()) AddDamage(kind, 2, &v);
  StoreUnverified* item = v.add_unverified();
  item->set_path(std::string(300, 'x'));
  item->set_reason(std::string(300, 'y'));
  v.set_cancelled(true);
  for (const StoreLevel level :
       {STORE_LEVEL_UNSPECIFIED, STORE_LEVEL_INDEX, STORE_LEVEL_MANIFESTS, STORE_LEVEL_PAYLOAD}) {
    for (const StoreScope scope :
         {STORE_SCOPE_UNSPECIFIED, STORE_SCOPE_BOOT, STORE_SCOPE_LCU, STORE_SCOPE_ALL}) {
      v.set_level(level);
      v.set_scope(scope);
      const StoreVerdict verdict = JudgeStore(v, std::string(300, 's'));
      const std::string text = StoreTextReport(verdict);
      const std::string last = StoreOneLineReport(verdict);
      ASSERT_TRUE(absl::EndsWith(text, last));
      for (const absl::string_view line :
           absl::StrSplit(text.substr(0, text.size() - last.size()), '\n')) {
        EXPECT_LE(Width(line), kTextColumns) << line;
        EXPECT_FALSE(absl::EndsWith(line, " ")) << line;
      }
    }
  }
}

TEST(StoreReport, EvidenceCannotDriveTheTerminal) {
  StoreVerification v = Whole();
  AddDamage(PAYLOAD_MISSING, 1, &v);
  v.set_lcu_build("\x1b[2J");
  v.set_base_manifest("\x1b[2J");
  v.mutable_damage(0)->set_path("\x1b]0;owned\x07");
  v.mutable_damage(0)->set_component("\r\n");
  v.mutable_damage(0)->set_expected("\x1b");
  v.mutable_damage(0)->set_found("\x1b");
  StoreUnverified* item = v.add_unverified();
  item->set_path("\x1b");
  item->set_reason("\x1b\n");
  Gap* gap = v.mutable_collection()->add_gaps();
  gap->set_where("\x1b");
  gap->set_what("\n");
  const std::string text = StoreTextReport(JudgeStore(v, "\x1b\x07"));
  for (const char c : {'\x1b', '\x07', '\r'}) EXPECT_EQ(text.find(c), std::string::npos);
  EXPECT_THAT(text, HasSubstr("\\u{1b}]0;owned\\u{7}"));
}

TEST(StoreReport, OneLineIsShortAsciiAndStartsWithTheOutcome) {
  StoreVerification v = Whole();
  v.set_lcu_build("26100.1\n\xC3\xA4 " + std::string(5000, 'x'));
  v.set_cancelled(true);
  constexpr uint64_t kMost = std::numeric_limits<uint64_t>::max();
  v.set_unverified_total(kMost);
  v.mutable_counts()->set_components(kMost);
  for (const StoreDamageKind kind : AllKinds()) {
    StoreDamageCount* count = v.add_damage_counts();
    count->set_kind(kind);
    count->set_total(kMost);
  }
  const std::string line = StoreOneLineReport(JudgeStore(v, "memory"));
  EXPECT_LE(line.size(), kOneLineMaxBytes);
  EXPECT_TRUE(absl::StartsWith(line, "DAMAGED level=payload scope=all cancelled damage=")) << line;
  EXPECT_THAT(line, HasSubstr(" kinds=manifest-missing:18446744073709551615,"));
  EXPECT_THAT(line, HasSubstr("projection-mismatch:")) << "every kind fits";
  EXPECT_EQ(line.find('\n'), line.size() - 1);
  for (const char c : line.substr(0, line.size() - 1)) {
    EXPECT_TRUE(absl::ascii_isprint(static_cast<unsigned char>(c)));
  }
  EXPECT_TRUE(absl::StartsWith(StoreOneLineReport(StoreVerdict()), "UNVERIFIED level=none"));
}

TEST(StoreReport, ColourOnlyAddsColour) {
  StoreVerification v = Whole();
  AddDamage(PAYLOAD_MISSING, 2, &v);
  TextOptions options;
  options.color = true;
  std::string colored = StoreTextReport(JudgeStore(v, "memory"), options);
  EXPECT_NE(colored, TextOf(v));
  for (size_t at; (at = colored.find('\x1b')) != std::string::npos;) {
    colored.erase(at, colored.find('m', at) + 1 - at);
  }
  EXPECT_EQ(colored, TextOf(v));
}

}  // namespace
}  // namespace patchgate::gate
