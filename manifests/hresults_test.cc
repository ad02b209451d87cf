#include "manifests/hresults.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_format.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace patchgate {
namespace {

using testing::HasSubstr;
using testing::UnorderedElementsAreArray;

// DOMAIN §6.1: what follows 0x800F, and those of them that nobody named.
constexpr uint16_t kCbs[] = {
    0x0800, 0x0801, 0x0802, 0x0803, 0x0804, 0x0805, 0x0806, 0x0807, 0x0808, 0x0809, 0x080A, 0x080B,
    0x080C, 0x080D, 0x080E, 0x080F, 0x0810, 0x0811, 0x0812, 0x0813, 0x0814, 0x0815, 0x0816, 0x0817,
    0x0818, 0x0819, 0x081A, 0x081B, 0x081C, 0x081D, 0x081E, 0x081F, 0x0820, 0x0821, 0x0822, 0x0823,
    0x0824, 0x0825, 0x0826, 0x0827, 0x0828, 0x0829, 0x082A, 0x082B, 0x082C, 0x082D, 0x082E, 0x082F,
    0x0830, 0x0831, 0x0832, 0x0833, 0x0834, 0x0835, 0x0836, 0x0837, 0x0838, 0x0839, 0x0840, 0x0841,
    0x0842, 0x0843, 0x0845, 0x0846, 0x084F, 0x0900, 0x0902, 0x0904, 0x0905, 0x0906, 0x0907, 0x0908,
    0x0909, 0x090B, 0x0911, 0x0912, 0x0914, 0x0915, 0x0916, 0x0920, 0x0921, 0x0922, 0x0923, 0x0924,
    0x0925, 0x0926, 0x0927, 0x0928, 0x0930, 0x0950, 0x0954, 0x0975, 0x0980, 0x0981, 0x0982, 0x0983,
    0x0984, 0x0985, 0x0986, 0x0987, 0x0988, 0x0989, 0x0990, 0x0991, 0x0992, 0x0993, 0x0994, 0x0995};
constexpr uint32_t kNameless[] = {
    0x000F0804, 0x800F080E, 0x800F080F, 0x800F0810, 0x800F0811, 0x800F0812, 0x800F082B, 0x800F0834,
    0x800F0836, 0x800F0845, 0x800F0950, 0x800F0954, 0x800F0975, 0x800F0983, 0x80070302, 0x80240069};

// DOMAIN §6.1 to 6.3, column by column.
constexpr uint32_t kInPlaceUpgrade[] = {
    0x800F0805, 0x800F080D, 0x800F081F, 0x800F0830, 0x800F0831, 0x800F0900, 0x800F0904,
    0x800F0905, 0x800F0911, 0x800F0920, 0x800F0922, 0x800F0982, 0x800F0984, 0x800F0985,
    0x800F0986, 0x800F0987, 0x800F0988, 0x800F0989, 0x800F0991, 0x80073712, 0x800736B3,
    0x80073701, 0x8007371B, 0x800705B9, 0x8007000D, 0x80071AB1, 0x80242016};
constexpr uint32_t kRetry[] = {0x000F0801, 0x800F0816, 0x800F0820, 0x800F0828, 0x800F0829,
                               0x800F0835, 0x800F0902, 0x800F0906, 0x800F0908, 0x80070020,
                               0x80070070, 0x800704C7, 0x80240016, 0x80246007};
constexpr uint32_t kSuccess[] = {0x00000000, 0x000F0801, 0x000F0802, 0x000F0803, 0x000F0804,
                                 0x80070BC2, 0x800F081E, 0x800F0833, 0x80240017};
constexpr uint32_t kStoreCorruption[] = {0x800F0831, 0x800F0832, 0x800736B3, 0x800736CC,
                                         0x80073701, 0x80073712, 0x8007371B};
constexpr uint32_t kUnverified[] = {0x80071A2D, 0x80071A90, 0x80071A91};

std::vector<std::string> Codes(bool (*wanted)(const HresultRecord& record)) {
  std::vector<std::string> codes;
  for (const HresultRecord& record : Hresults().records()) {
    if (wanted(record)) codes.push_back(absl::StrFormat("0x%08x", record.code()));
  }
  return codes;
}

template <size_t N>
std::vector<std::string> Texts(const uint32_t (&codes)[N]) {
  std::vector<std::string> texts;
  for (const uint32_t code : codes) texts.push_back(absl::StrFormat("0x%08x", code));
  return texts;
}

TEST(Hresults, Load) {
  const auto table = LoadBuiltInHresults();
  ASSERT_TRUE(table.ok()) << table.status();
  EXPECT_EQ(table->records_size(), Hresults().records_size());
}

TEST(Hresults, EveryCodeOfServicingIsThere) {
  std::vector<std::string> expected;
  for (const uint16_t low : kCbs) expected.push_back(absl::StrFormat("0x800f%04x", low));
  EXPECT_EQ(Codes([](const HresultRecord& record) { return record.code() >> 16 == 0x800F; }),
            expected);
}

TEST(Hresults, OtherCodesAreThere) {
  for (const uint32_t code :
       {0x80070002u, 0x80070003u, 0x80070005u, 0x80070020u, 0x80070057u, 0x80070070u, 0x80070246u,
        0x80070302u, 0x80070308u, 0x80070490u, 0x80070643u, 0x80070BC9u, 0x800719E4u, 0x8007370Au,
        0x8007370Bu, 0x8007370Du, 0x80073713u, 0x80073714u, 0x80092003u, 0x800B0100u, 0x800B0101u,
        0x80240022u, 0x8024002Eu, 0x80240069u, 0x80242014u, 0x80244007u, 0x80248007u, 0xC0000034u,
        0xC000021Au, 0xC0000265u, 0xC0000428u, 0xC01A001Du}) {
    EXPECT_NE(FindHresult(code), nullptr) << absl::StrFormat("0x%08x", code);
  }
}

TEST(Hresults, FlagsAreThoseOfTheirSources) {
  EXPECT_THAT(Codes([](const HresultRecord& record) { return record.in_place_upgrade(); }),
              UnorderedElementsAreArray(Texts(kInPlaceUpgrade)));
  EXPECT_THAT(Codes([](const HresultRecord& record) { return record.retry(); }),
              UnorderedElementsAreArray(Texts(kRetry)));
  EXPECT_THAT(Codes([](const HresultRecord& record) { return record.success(); }),
              UnorderedElementsAreArray(Texts(kSuccess)));
  EXPECT_THAT(Codes([](const HresultRecord& record) { return record.store_corruption(); }),
              UnorderedElementsAreArray(Texts(kStoreCorruption)));
  EXPECT_THAT(Codes([](const HresultRecord& record) { return record.trust() == HresultRecord::K; }),
              UnorderedElementsAreArray(Texts(kUnverified)));
  EXPECT_THAT(Codes([](const HresultRecord& record) { return record.name().empty(); }),
              UnorderedElementsAreArray(Texts(kNameless)));
}

TEST(Hresults, RecordsAreWellFormed) {
  std::set<std::string> names;
  for (const HresultRecord& record : Hresults().records()) {
    SCOPED_TRACE(absl::StrFormat("0x%08x", record.code()));
    std::vector<std::string> own(record.other_names().begin(), record.other_names().end());
    if (!record.name().empty()) own.push_back(record.name());
    for (const std::string& name : own) {
      EXPECT_TRUE(std::all_of(name.begin(), name.end(), [](char c) {
        return absl::ascii_isupper(c) || absl::ascii_isdigit(c) || c == '_';
      })) << name;
      EXPECT_TRUE(absl::StrContains(name, "_") && name.front() != '_' && name.back() != '_')
          << name;
      EXPECT_TRUE(names.insert(name).second) << name << " is the name of two codes";
    }
    // Without a name there must be something else to say.
    EXPECT_FALSE(record.name().empty() && record.meaning().empty());
    EXPECT_TRUE(record.meaning().empty() || absl::EndsWith(record.meaning(), "."));
    EXPECT_TRUE(std::all_of(record.meaning().begin(), record.meaning().end(),
                            [](char c) { return c >= 0x20 && c < 0x7F; }));
    EXPECT_NE(record.trust(), HresultRecord::TRUST_UNSPECIFIED);
    EXPECT_FALSE(record.references().empty());
    EXPECT_FALSE(record.retry() && record.in_place_upgrade());
    EXPECT_FALSE(record.success() && (record.in_place_upgrade() || record.store_corruption()));
  }
}

// What the facility of a code says about its name.
TEST(Hresults, NamesFitTheirCodes) {
  const std::map<uint32_t, std::vector<std::string>> prefixes = {
      {0x0000, {"S_OK", "UNMOUNTABLE_BOOT_VOLUME", "INACCESSIBLE_BOOT_DEVICE"}},
      {0x000F, {"CBS_S_"}},
      {0x800F, {"CBS_E_", "CBS_S_STACK_RESTART_REQUIRED"}},
      {0x8007, {"ERROR_", "E_INVALIDARG"}},
      {0x8009, {"CRYPT_E_"}},
      {0x800B, {"TRUST_E_", "CERT_E_"}},
      {0x8024, {"WU_E_"}},
      {0xC000, {"STATUS_"}},
      {0xC01A, {"STATUS_"}}};
  for (const HresultRecord& record : Hresults().records()) {
    SCOPED_TRACE(absl::StrFormat("0x%08x", record.code()));
    const auto expected = prefixes.find(record.code() >> 16);
    ASSERT_NE(expected, prefixes.end());
    EXPECT_TRUE(record.name().empty() ||
                std::any_of(expected->second.begin(), expected->second.end(),
                            [&](const std::string& prefix) {
                              return absl::StartsWith(record.name(), prefix);
                            }))
        << record.name();
    EXPECT_EQ(record.kind() == HresultRecord::KIND_NTSTATUS, record.code() >> 28 == 0xC);
  }
}

TEST(Hresults, Finds) {
  ASSERT_NE(FindHresult(0x800F0922), nullptr);
  EXPECT_EQ(FindHresult(0x800F0922)->name(), "CBS_E_INSTALLERS_FAILED");
  EXPECT_EQ(FindHresult(0x8000FFFF), nullptr);
  EXPECT_EQ(FindHresult(0xFFFFFFFF), nullptr);
  EXPECT_EQ(FindHresultByName("cbs_e_Installers_Failed"), FindHresult(0x800F0922));
  EXPECT_EQ(FindHresultByName("CBS_E_MISSING_PREREQUISITE_BASELINES"), FindHresult(0x800F0838));
  EXPECT_EQ(FindHresultByName("CBS_E_INSTALLERS"), nullptr);
  EXPECT_EQ(FindHresultByName(""), nullptr);
}

// 0xED and 0x7B are numbers of Win32 errors too.
TEST(Hresults, BugChecksAreNoErrorCodes) {
  EXPECT_EQ(FindHresult(0xED), nullptr);
  EXPECT_EQ(HresultText(0x7B), "0x0000007b");
  ASSERT_NE(FindBugCheck(0xED), nullptr);
  EXPECT_EQ(FindBugCheck(0xED)->name(), "UNMOUNTABLE_BOOT_VOLUME");
  EXPECT_EQ(FindBugCheck(0x7B), FindHresultByName("INACCESSIBLE_BOOT_DEVICE"));
  EXPECT_EQ(FindBugCheck(0x800F0922), nullptr);
  EXPECT_EQ(FindBugCheck(0xEE), nullptr);
}

TEST(Hresults, Text) {
  EXPECT_EQ(HresultText(0x800F0922), "0x800f0922 (CBS_E_INSTALLERS_FAILED)");
  EXPECT_EQ(HresultText(0), "0x00000000 (S_OK)");
  EXPECT_EQ(HresultText(0x800F0845), "0x800f0845");
  EXPECT_EQ(HresultText(0x8000FFFF), "0x8000ffff");
}

TEST(Hresults, ErrorsNameThePlace) {
  const auto error = [](const char* text) {
    return std::string(ParseHresults(text).status().message());
  };
  EXPECT_TRUE(ParseHresults("records { code: 1 } records { code: 2 }").ok());
  EXPECT_THAT(error("records {\n mening: \"x\" }"), HasSubstr("line 2"));
  EXPECT_THAT(error("records { mening: \"x\" }"), HasSubstr("did you mean meaning?"));
  EXPECT_THAT(error("records { code: 2 } records { code: 2 }"),
              HasSubstr("0x00000002 does not belong after 0x00000002"));
  EXPECT_THAT(error("records { code: 2 } records { code: 1 }"),
              HasSubstr("0x00000001 does not belong after 0x00000002"));
}

}  // namespace
}  // namespace patchgate
